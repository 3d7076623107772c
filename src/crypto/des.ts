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

/** What the tables above come to. Made when the first block is encrypted: few runs need it. */
interface Tables {
  /** Of each box what P makes of its output, by its six bits of input. */
  readonly permuted: readonly Int32Array[];
  /** Of each of the sixteen round keys, the places of its 48 bits among the 56 of the key, counted from 0. */
  readonly keyPlaces: readonly Uint8Array[];
}

let tables: Tables | null = null;

/** Six bits for each box of each round, of the key that is in use. */
const roundKeys = new Uint8Array(16 * 8);

/** The 8 octets of the cipher block. `key`: 7 octets, `block`: 8. */
export function desEncrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  tables ??= { permuted: permutedSelections(), keyPlaces: placesOfKeys() };
  const { permuted, keyPlaces } = tables;
  for (const [round, places] of keyPlaces.entries()) setRoundKey(round * 8, key, places);
  let left = 0;
  let right = 0;
  for (let index = 0; index < 32; index += 1) {
    left = (left << 1) | bitAt(block, (initialPermutation[index] ?? 0) - 1);
    right = (right << 1) | bitAt(block, (initialPermutation[index + 32] ?? 0) - 1);
  }
  for (let round = 0; round < 16; round += 1) {
    const next = left ^ cipher(permuted, right, round * 8);
    left = right;
    right = next;
  }
  const result = new Uint8Array(8);
  // The inverse of the initial permutation.
  for (let index = 0; index < 64; index += 1) {
    const bit = ((index < 32 ? right : left) >>> (31 - (index & 31))) & 1;
    const place = (initialPermutation[index] ?? 0) - 1;
    result[place >> 3] = (result[place >> 3] ?? 0) | (bit << (7 - (place & 7)));
  }
  return result;
}

function setRoundKey(from: number, key: Uint8Array, places: Uint8Array): void {
  for (let box = 0; box < 8; box += 1) {
    let bits = 0;
    for (let index = box * 6; index < box * 6 + 6; index += 1) bits = (bits << 1) | bitAt(key, places[index] ?? 0);
    roundKeys[from + box] = bits;
  }
}

/** f of FIPS 46-3. The expansion gives each box its four bits and their neighbours, round the ends. */
function cipher(permuted: readonly Int32Array[], right: number, key: number): number {
  let result = 0;
  for (let box = 0; box < 8; box += 1) {
    const shift = (box * 4 + 5) & 31;
    const input = ((right << shift) | (right >>> (32 - shift))) & 0x3f;
    result |= permuted[box]?.[input ^ (roundKeys[key + box] ?? 0)] ?? 0;
  }
  return result;
}

function permutedSelections(): Int32Array[] {
  return selections.map((rows, box) =>
    Int32Array.from({ length: 64 }, (_, input) => {
      const row = rows.split(' ')[((input >> 4) & 2) | (input & 1)];
      const selected = Number.parseInt(row?.[(input >> 1) & 15] ?? '0', 16);
      const bits = permutation.map((place) =>
        (place - 1) >> 2 === box ? (selected >> (3 - ((place - 1) & 3))) & 1 : 0,
      );
      return bits.reduce((value, bit) => (value << 1) | bit, 0);
    }),
  );
}

function placesOfKeys(): Uint8Array[] {
  let shifted = 0;
  return shifts.map((shift) => {
    shifted += shift;
    return Uint8Array.from(permutedChoice2, (place) => {
      const half = place > 28 ? 28 : 0;
      const chosen = permutedChoice1[half + ((place - 1 - half + shifted) % 28)] ?? 0;
      // FIPS 46-3 counts a bit of parity behind each seven.
      return chosen - 1 - ((chosen - 1) >> 3);
    });
  });
}

/** `place`: counted from 0 and from the left. */
function bitAt(octets: Uint8Array, place: number): number {
  return ((octets[place >> 3] ?? 0) >> (7 - (place & 7))) & 1;
}
