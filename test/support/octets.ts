import { octetsOfHex } from '../../src/octets/hex.ts';
import { Window } from '../../src/octets/window.ts';

/** Octets written as hexadecimal digits, with spaces where they help the eye. */
export function octets(...digits: readonly string[]): Uint8Array {
  const read = octetsOfHex(digits.join('').replaceAll(/\s/g, ''));
  if (read === null) throw new Error(`not hexadecimal: ${digits.join(' ')}`);
  return read;
}

/** A window over octets that stand somewhere inside a larger buffer, as packets do. */
export function windowOf(bytes: Uint8Array, before = 3, after = 5): { window: Window; start: number; end: number } {
  const whole = new Uint8Array(before + bytes.length + after).fill(0xee);
  whole.set(bytes, before);
  return { window: new Window(whole), start: before, end: before + bytes.length };
}

/** `text` as octets, filled up with NULs to `size`, in hexadecimal digits. */
export function padded(text: string, size: number): string {
  const digits = Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return digits.padEnd(2 * size, '0');
}
