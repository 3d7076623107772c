/** What one end of a link sends under PPP Deflate, compressed by Node's zlib. RFC 1979 §2 */
import { deflateRawSync, constants as zlib } from 'node:zlib';
import { joined } from '../../src/octets/joined.ts';

export class DeflateSender {
  private history = new Uint8Array(0);
  private number = 0;

  /** `octets`: behind the protocol field, which counts as one octet where that is enough. */
  send(octets: Uint8Array, protocol = 0x21): { number: number; data: Uint8Array } {
    const packet = joined([Uint8Array.from(protocol < 0x100 ? [protocol] : [protocol >> 8, protocol & 0xff]), octets]);
    const dictionary = this.history.slice(-0x8000);
    const whole = deflateRawSync(packet, { finishFlush: zlib.Z_SYNC_FLUSH, dictionary });
    // Less the empty block that a flush ends with: 00 00 FF FF.
    const data = Uint8Array.from(whole.subarray(0, -4));
    return { number: this.counted(packet), data };
  }

  /** As it is, because it would not be shorter: it is counted and part of the history all the same. */
  pass(octets: Uint8Array, protocol = 0x21): void {
    this.counted(joined([Uint8Array.from(protocol < 0x100 ? [protocol] : [protocol >> 8, protocol & 0xff]), octets]));
  }

  /** CCP's Reset-Ack. RFC 1962 §3 */
  reset(): void {
    this.history = new Uint8Array(0);
    this.number = 0;
  }

  private counted(packet: Uint8Array): number {
    this.history = joined([this.history, packet]).slice(-0x8000);
    const { number } = this;
    this.number = (number + 1) & 0xffff;
    return number;
  }
}
