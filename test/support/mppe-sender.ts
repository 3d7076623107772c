/** What one side of a link sends under MPPE. RFC 3078 §7 */
import { initialSessionKey, type KeyBits, nextSessionKey } from '../../src/crypto/mppe-keys.ts';
import { Rc4 } from '../../src/crypto/rc4.ts';

export interface SentPacket {
  /** The 16 bits before the data. */
  word: number;
  octets: Uint8Array<ArrayBuffer>;
}

export class MppeSender {
  private count = -1;
  private key: Uint8Array;
  private stream: Rc4;
  private readonly master: Uint8Array;
  private readonly bits: KeyBits;
  private readonly stateless: boolean;
  private readonly linux: boolean;

  /** `linux`: a flush changes its key, which RFC 3078 §8.2 does not ask for. */
  constructor(master: Uint8Array, bits: KeyBits, stateless: boolean, linux = false) {
    this.master = master;
    this.bits = bits;
    this.stateless = stateless;
    this.linux = linux;
    this.key = initialSessionKey(master, bits);
    this.stream = new Rc4(this.key);
  }

  /** `flags`: bits A, B and C, in their places in the word. A: a Reset-Request came, or what MPPC wants. */
  send(octets: Uint8Array, flags = 0): SentPacket {
    const asked = (flags & 0x8000) !== 0;
    this.count = (this.count + 1) & 0xfff;
    const flag = (this.count & 0xff) === 0xff;
    if (this.stateless || flag || (asked && this.linux)) this.key = nextSessionKey(this.master, this.key, this.bits);
    const flushed = this.stateless || asked;
    if (flushed || flag) this.stream = new Rc4(this.key);
    return { word: 0x1000 | (flushed ? 0x8000 : 0) | flags | this.count, octets: this.stream.apply(octets) };
  }

  /** CCP is negotiated once more. */
  restart(): void {
    this.count = -1;
    this.key = initialSessionKey(this.master, this.bits);
    this.stream = new Rc4(this.key);
  }
}
