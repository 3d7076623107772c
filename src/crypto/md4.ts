/** MD4 (RFC 1320), in plain TypeScript because the core runs in a browser too. Broken as a hash; here it makes the hash of a password. */

/** RFC 1320 §3.4: words of each round in their order, shifts, and the constant that is added. */
const rounds = [
  { order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], shifts: [3, 7, 11, 19], constant: 0 },
  { order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], shifts: [3, 5, 9, 13], constant: 0x5a82_7999 },
  { order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], shifts: [3, 9, 11, 15], constant: 0x6ed9_eba1 },
];

/** The 16 octets of the digest. */
export function md4(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((message.length + 8) >>> 6) + 1) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, (message.length << 3) >>> 0, true);
  view.setUint32(padded.length - 4, Math.floor(message.length / 0x2000_0000), true);
  let state: [a: number, b: number, c: number, d: number] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d] = state;
    for (const [round, { order, shifts, constant }] of rounds.entries()) {
      for (const [step, word] of order.entries()) {
        const sum = a + mix(round, b, c, d) + view.getUint32(block + word * 4, true) + constant;
        const bits = shifts[step & 3] ?? 0;
        [a, b, c, d] = [d, ((sum << bits) | (sum >>> (32 - bits))) >>> 0, b, c];
      }
    }
    state = [state[0] + a, state[1] + b, state[2] + c, state[3] + d];
  }
  const digest = new Uint8Array(16);
  const out = new DataView(digest.buffer);
  for (const [index, word] of state.entries()) out.setUint32(index * 4, word, true);
  return digest;
}

/** F, G and H. RFC 1320 §3.4 */
function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}
