/** MPPC's bit stream, by hand. RFC 2118 §4 */
import { octetsOfCharacters } from '../../src/octets/characters.ts';

/** An octet, or what a copy tuple says. */
export type Token = number | { offset: number; length: number };

function binary(value: number, digits: number): string {
  return digits === 0 ? '' : value.toString(2).padStart(digits, '0');
}

/** RFC 2118 §4.1, §4.2.1, §4.2.2 */
export function code(token: Token): string {
  if (typeof token === 'number') return token < 0x80 ? binary(token, 8) : `10${binary(token & 0x7f, 7)}`;
  const { offset, length } = token;
  const offsetCode =
    offset < 64
      ? `1111${binary(offset, 6)}`
      : offset < 320
        ? `1110${binary(offset - 64, 8)}`
        : `110${binary(offset - 320, 13)}`;
  const digits = length === 3 ? 0 : Math.floor(Math.log2(length));
  const prefix = length === 3 ? '0' : `${'1'.repeat(digits - 1)}0`;
  return offsetCode + prefix + binary(length - (length === 3 ? 3 : 2 ** digits), digits);
}

export function octetsOfBits(bits: string): Uint8Array<ArrayBuffer> {
  const octets = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  return Uint8Array.from(octets, (digits) => Number.parseInt(digits, 2));
}

export function packed(tokens: readonly Token[]): Uint8Array<ArrayBuffer> {
  return octetsOfBits(tokens.map(code).join(''));
}

export const literals = (text: string): Token[] => [...octetsOfCharacters(text)];
