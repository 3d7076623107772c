import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Limits } from '../octets/limits.ts';
import { ChallengeBook, digest } from './challenge.ts';

const octets = fc.uint8Array({ maxLength: 24 });

describe('the digest', () => {
  test('is the same for the same octets and another for others', () => {
    fc.assert(
      fc.property(octets, octets, (one, other) => {
        expect(digest(Uint8Array.from(one))).toBe(digest(one));
        expect(digest(one) === digest(other)).toBe(one.join() === other.join());
        expect(digest(one)).toHaveLength(4);
      }),
    );
  });

  test('is another one for each of very many challenges that differ in little', () => {
    const seen = new Set<string>();
    const challenge = new Uint8Array(16);
    const view = new DataView(challenge.buffer);
    for (let place = 0; place < 16; place += 4) {
      view.setUint32(place, 0);
      for (let number = 1; number <= 20_000; number += 1) {
        view.setUint32(place, number);
        seen.add(digest(challenge));
      }
    }
    // Zeros of other lengths.
    for (let length = 0; length < 16; length += 1) seen.add(digest(new Uint8Array(length)));
    expect(seen.size).toBe(4 * 20_000 + 16);
  });
});

describe('the book', () => {
  const at = (seconds: number) => ({ seconds, nanoseconds: 0 });
  const challenge = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const response = Uint8Array.of(9, 9, 9);

  test('names the frame that had a challenge before', () => {
    const book = new ChallengeBook(new Limits());
    expect(book.repeats(challenge, response, 10, at(100))).toBeNull();
    expect(book.repeats(challenge, Uint8Array.of(7), 20, at(101))).toBe(10);
    expect(book.repeats(Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1), response, 30, at(101))).toBeNull();
  });

  test('takes an exchange that was captured at two places for one', () => {
    const book = new ChallengeBook(new Limits());
    book.repeats(challenge, response, 10, at(100));
    expect(book.repeats(challenge, response, 11, at(109))).toBeNull();
    expect(book.repeats(challenge, null, 12, at(109))).toBeNull();
    expect(book.repeats(challenge, response, 13, at(111))).toBe(10);
  });

  test('forgets the oldest where there are too many', () => {
    const limits = new Limits({ challenges: 1 });
    const book = new ChallengeBook(limits);
    book.repeats(challenge, response, 10, at(100));
    book.repeats(response, null, 20, at(101));
    expect(book.repeats(challenge, null, 30, at(200))).toBeNull();
    expect(limits.list().map(({ limit }) => limit)).toContain('challenges');
  });
});
