/** What is fuzzed, and the laws that every input is held against. */
import type { Choices } from '../src/fuzz/choices.ts';

export interface Target {
  /** kebab-case; the name of its folder in fuzz/corpus. */
  readonly name: string;
  /** What runs and what must hold, in one line. */
  readonly what: string;
  /** Executions in a row, at most, after which coverage is looked at. */
  readonly batch: number;
  /** Longer inputs are cut. */
  readonly longest: number;
  /** A fresh input. */
  generate(choices: Choices): Uint8Array;
  /** An input like another one. */
  change(choices: Choices, input: Uint8Array, other: Uint8Array): Uint8Array;
  /** Throws where a law is broken. May write into `input`. */
  run(input: Uint8Array): void | Promise<void>;
}

/** A law does not hold. */
export class Breach extends Error {}

export function hold(law: string, holds: boolean): void {
  if (!holds) throw new Breach(law);
}

/** That two values are the same, by what JSON says of them. */
export function same(law: string, one: unknown, two: unknown): void {
  const [first, second] = [JSON.stringify(one), JSON.stringify(two)];
  if (first !== second) throw new Breach(`${law}: ${difference(first, second)}`);
}

export function sameOctets(law: string, one: Uint8Array, two: Uint8Array): void {
  const differs = one.length !== two.length || one.some((octet, at) => octet !== two[at]);
  if (differs) throw new Breach(law);
}

function difference(one = 'undefined', two = 'undefined'): string {
  let at = 0;
  while (at < one.length && one[at] === two[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 40), at + 40);
  return `${around(one)} / ${around(two)}`;
}

/** Takes numbers from the start of an input, for targets that take more than octets; 0 where it has ended. */
export class Parameters {
  private readonly input: Uint8Array;
  private at = 0;

  constructor(input: Uint8Array) {
    this.input = input;
  }

  get left(): number {
    return this.input.length - this.at;
  }

  octet(): number {
    const octet = this.input[this.at] ?? 0;
    this.at += 1;
    return octet;
  }

  word(): number {
    return this.octet() * 256 + this.octet();
  }

  octets(length: number): Uint8Array {
    const taken = this.input.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  rest(): Uint8Array {
    return this.octets(Math.max(0, this.left));
  }
}
