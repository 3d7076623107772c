/** DES (FIPS 46-3), one block, as MS-CHAP uses it: 56 bits of key, no chaining. In plain TypeScript: no browser has it. */

/** Places of bits are counted from 1 and from the left, as FIPS 46-3 counts them. */
const initialPermutation = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24,
  16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31,
  23, 15, 7,
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
];

type Bits = readonly number[];

/** Of each box what P makes of its output, by its six bits of input. Made when the first block is encrypted: few runs need it. */
let permuted: readonly Int32Array[] = [];

function permutedSelections(): readonly Int32Array[] {
  return selections.map((rows, box) =>
    Int32Array.from({ length: 64 }, (_, input) => {
      const row = rows.split(' ')[((input >> 4) & 2) | (input & 1)];
      const selected = Number.parseInt(row?.[(input >> 1) & 15] ?? '0', 16);
      const places = bitsOf(Uint8Array.of(selected)).slice(4);
      const bits = Array.from({ length: 32 }, (__, place) => (place >> 2 === box ? (places[place & 3] ?? 0) : 0));
      return numberOf(picked(bits, permutation));
    }),
  );
}

/** The 8 octets of the cipher block. `key`: 7 octets, `block`: 8. */
export function desEncrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  if (permuted.length === 0) permuted = permutedSelections();
  const bits = picked(bitsOf(block), initialPermutation);
  let left = numberOf(bits.slice(0, 32));
  let right = numberOf(bits.slice(32));
  for (const roundKey of keysOf(key)) [left, right] = [right, left ^ cipher(right, roundKey)];
  const last = new Uint8Array(8);
  const view = new DataView(last.buffer);
  view.setInt32(0, right);
  view.setInt32(4, left);
  const result = new Array<number>(64).fill(0);
  // The inverse of the initial permutation.
  for (const [index, bit] of bitsOf(last).entries()) result[(initialPermutation[index] ?? 0) - 1] = bit;
  view.setInt32(0, numberOf(result.slice(0, 32)));
  view.setInt32(4, numberOf(result.slice(32)));
  return last;
}

/** The keys of the sixteen rounds, six bits for each box. */
function keysOf(key: Uint8Array): number[][] {
  let half = picked(withParity(bitsOf(key)), permutedChoice1);
  return shifts.map((shift) => {
    const left = half.slice(0, 28);
    const right = half.slice(28);
    half = [...left.slice(shift), ...left.slice(0, shift), ...right.slice(shift), ...right.slice(0, shift)];
    const bits = picked(half, permutedChoice2);
    return Array.from({ length: 8 }, (_, box) => numberOf(bits.slice(box * 6, box * 6 + 6)));
  });
}

/** f of FIPS 46-3. The expansion gives each box its four bits and their neighbours, round the ends. */
function cipher(right: number, key: readonly number[]): number {
  let result = 0;
  for (const [box, outputs] of permuted.entries()) {
    const shift = (box * 4 + 5) & 31;
    const input = ((right << shift) | (right >>> (32 - shift))) & 0x3f;
    result |= outputs[input ^ (key[box] ?? 0)] ?? 0;
  }
  return result;
}

/** 56 bits of key as 64: behind each seven a bit that nobody reads. */
function withParity(bits: Bits): Bits {
  return Array.from({ length: 64 }, (_, index) => (index % 8 === 7 ? 0 : (bits[index - (index >> 3)] ?? 0)));
}

function picked(bits: Bits, places: readonly number[]): number[] {
  return places.map((place) => bits[place - 1] ?? 0);
}

function bitsOf(octets: Uint8Array): Bits {
  return Array.from(octets).flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((place) => (octet >> place) & 1));
}

/** At most 32 bits, as a signed number. */
function numberOf(bits: Bits): number {
  return bits.reduce((value, bit) => (value << 1) | bit, 0);
}
