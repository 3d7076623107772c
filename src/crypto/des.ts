/** DES (FIPS 46-3), one block, as MS-CHAP uses it: 56 bits of key, no chaining. In plain TypeScript: no browser has it. */

/** Places of bits are counted from 1 and from the left, as FIPS 46-3 counts them. */
const initialPermutation = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24,
  16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31,
  23, 15, 7,
];
const expansion = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21, 22,
  23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];
const permutation = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];
const permutedChoice1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
  47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const permutedChoice2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
  40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
/** Left shifts of the key's halves before each round. */
const shifts = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/** S1 to S8: four rows of sixteen hexadecimal digits each. */
const selections = [
  'e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d',
  'f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9',
  'a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c',
  '7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e',
  '2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453',
  'c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d',
  '4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c',
  'd2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b',
].map((rows) => rows.split(' ').map((row) => Array.from(row, (digit) => Number.parseInt(digit, 16))));

type Bits = readonly number[];

/** The 8 octets of the cipher block. `key`: 7 octets, `block`: 8. */
export function desEncrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  let half = picked(withParity(bitsOf(key)), permutedChoice1);
  const keys = shifts.map((shift) => {
    const left = half.slice(0, 28);
    const right = half.slice(28);
    half = [...left.slice(shift), ...left.slice(0, shift), ...right.slice(shift), ...right.slice(0, shift)];
    return picked(half, permutedChoice2);
  });
  const permuted = picked(bitsOf(block), initialPermutation);
  let left = permuted.slice(0, 32);
  let right = permuted.slice(32);
  for (const roundKey of keys) [left, right] = [right, xor(left, cipher(right, roundKey))];
  const result: number[] = [];
  // The inverse of the initial permutation.
  for (const [index, bit] of [...right, ...left].entries()) result[(initialPermutation[index] ?? 0) - 1] = bit;
  return octetsOf(result);
}

/** f of FIPS 46-3. */
function cipher(right: Bits, key: Bits): number[] {
  const mixed = xor(picked(right, expansion), key);
  const selected = selections.flatMap((rows, index) => {
    const [first = 0, a = 0, b = 0, c = 0, d = 0, last = 0] = mixed.slice(index * 6, index * 6 + 6);
    const value = rows[first * 2 + last]?.[a * 8 + b * 4 + c * 2 + d] ?? 0;
    return [value >> 3, (value >> 2) & 1, (value >> 1) & 1, value & 1];
  });
  return picked(selected, permutation);
}

/** 56 bits of key as 64: behind each seven a bit that nobody reads. */
function withParity(bits: Bits): Bits {
  return Array.from({ length: 64 }, (_, index) => (index % 8 === 7 ? 0 : (bits[index - (index >> 3)] ?? 0)));
}

function picked(bits: Bits, places: readonly number[]): number[] {
  return places.map((place) => bits[place - 1] ?? 0);
}

function xor(one: Bits, other: Bits): number[] {
  return one.map((bit, index) => bit ^ (other[index] ?? 0));
}

function bitsOf(octets: Uint8Array): Bits {
  return Array.from(octets).flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((place) => (octet >> place) & 1));
}

function octetsOf(bits: Bits): Uint8Array {
  return Uint8Array.from({ length: bits.length / 8 }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((octet, bit) => octet * 2 + bit, 0),
  );
}
