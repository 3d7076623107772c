/** RC4, as RFC 3078 and RFC 3079 use it: one running stream of octets that are added to the data. */
export class Rc4 {
  private readonly state = new Uint8Array(256);
  private i = 0;
  private j = 0;

  /** `key`: 1 to 256 octets. */
  constructor(key: Uint8Array) {
    const { state } = this;
    for (let index = 0; index < 256; index += 1) state[index] = index;
    let j = 0;
    for (let index = 0; index < 256; index += 1) {
      const held = state[index] ?? 0;
      j = (j + held + (key[index % key.length] ?? 0)) & 0xff;
      state[index] = state[j] ?? 0;
      state[j] = held;
    }
  }

  /** Encrypts or decrypts the next octets of the stream: a new array. */
  apply(octets: Uint8Array): Uint8Array<ArrayBuffer> {
    const { state } = this;
    const result = new Uint8Array(octets.length);
    let { i, j } = this;
    for (let index = 0; index < octets.length; index += 1) {
      i = (i + 1) & 0xff;
      const held = state[i] ?? 0;
      j = (j + held) & 0xff;
      const other = state[j] ?? 0;
      state[i] = other;
      state[j] = held;
      result[index] = (octets[index] ?? 0) ^ (state[(held + other) & 0xff] ?? 0);
    }
    this.i = i;
    this.j = j;
    return result;
  }

  /** The same place of the same stream, to go on from twice. */
  copy(): Rc4 {
    const copy = new Rc4(Uint8Array.of(0));
    copy.state.set(this.state);
    copy.i = this.i;
    copy.j = this.j;
    return copy;
  }
}
