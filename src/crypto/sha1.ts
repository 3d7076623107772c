/**
 * SHA-1 (FIPS 180-4 §6.1, RFC 3174), in plain TypeScript because the core runs in a browser too. Broken as a signature
 * hash; here it computes what MS-CHAPv2 prescribes (RFC 2759 §8.2).
 */

/** Of one block; for all of them, since a decrypted packet needs several digests. */
const schedule = new Int32Array(80);

/** The 20 octets of the digest. */
export function sha1(message: Uint8Array): Uint8Array {
  // Signed: of unsigned ones V8 makes floating-point numbers, which takes twice as long.
  const state = Int32Array.of(0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0);
  const padded = pad(message);
  const view = new DataView(padded.buffer);
  for (let block = 0; block < padded.length; block += 64) compress(state, view, block);
  const digest = new Uint8Array(20);
  const out = new DataView(digest.buffer);
  for (let index = 0; index < 5; index += 1) out.setInt32(index * 4, at(state, index));
  return digest;
}

/** A 1 bit, zeros, and the length in bits as 64 bits. FIPS 180-4 §5.1.1 */
function pad(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array((((message.length + 8) >>> 6) + 1) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(message.length / 0x2000_0000));
  view.setUint32(padded.length - 4, (message.length << 3) >>> 0);
  return padded;
}

/** FIPS 180-4 §6.1.2 */
function compress(state: Int32Array, view: DataView, block: number): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < 80; t += 1) {
    const word = at(schedule, t - 3) ^ at(schedule, t - 8) ^ at(schedule, t - 14) ^ at(schedule, t - 16);
    schedule[t] = rotateLeft(word, 1);
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  for (let t = 0; t < 80; t += 1) {
    const next = (rotateLeft(a, 5) + mix(t, b, c, d) + e + at(schedule, t)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
}

/** The round's function and constant. FIPS 180-4 §4.1.1, §4.2.1 */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a82_7999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9_eba1;
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1b_bcdc;
  return (b ^ c ^ d) + 0xca62_c1d6;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function at(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
