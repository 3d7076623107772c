/**
 * The enhanced GRE header as the hot path reads it (RFC 2637 §4.1): plain fields, refilled for each packet. Agrees with
 * the layout in enhanced-gre.ts on all octets; a property test holds them together.
 */

/** EtherType of PPP in GRE. RFC 2637 §4.1 */
export const pppProtocolType = 0x880b;
/** Protocol type of MikroTik's Ethernet over IP, which also says version 1. */
export const eoipProtocolType = 0x6400;

/** What `at` answers. */
export const greFault = {
  none: 0,
  /** Fewer octets than the header needs. */
  truncated: 1,
  /** Version 1 without the Key Present bit, so without payload length and Call ID. RFC 2637 §4.1 */
  keyAbsent: 2,
  /** Version 1 with a checksum or routing, which enhanced GRE forbids and whose place in the header it leaves open. */
  checksumOrRouting: 3,
} as const;

export class GreView {
  /** EtherType of the payload. */
  protocolType = 0;
  version = 0;
  /** As the header says; 0 where the header has none. */
  payloadLength = 0;
  /** The receiver's Call ID. 0 is an ordinary Call ID. */
  callId = 0;
  sequencePresent = false;
  /** 0 where not present. */
  sequenceNumber = 0;
  acknowledgmentPresent = false;
  /** 0 where not present. */
  acknowledgmentNumber = 0;
  payloadStart = 0;
  /** Bounded by the payload length and by the octets there. */
  payloadEnd = 0;
  /** The payload length is not the number of octets after the header. */
  lengthMismatch = false;

  /**
   * Reads the header that begins at `start`; `end` bounds the octets there. Answers 0 or a `greFault`. Of versions
   * other than 1 only the first two words are read. Valid until the next call.
   */
  at(view: DataView, start: number, end: number): number {
    this.protocolType = 0;
    this.version = 0;
    this.payloadLength = 0;
    this.callId = 0;
    this.sequencePresent = false;
    this.sequenceNumber = 0;
    this.acknowledgmentPresent = false;
    this.acknowledgmentNumber = 0;
    this.payloadStart = end;
    this.payloadEnd = end;
    this.lengthMismatch = false;
    if (end - start < 4) return greFault.truncated;
    const flags = view.getUint16(start);
    this.protocolType = view.getUint16(start + 2);
    this.version = flags & 0x0007;
    if (this.version !== 1) {
      this.payloadStart = start + 4;
      return greFault.none;
    }
    if ((flags & 0xc000) !== 0) return greFault.checksumOrRouting;
    if ((flags & 0x2000) === 0) return greFault.keyAbsent;
    const sequencePresent = (flags & 0x1000) !== 0;
    const acknowledgmentPresent = (flags & 0x0080) !== 0;
    let at = start + 8;
    if (end < at) return greFault.truncated;
    this.payloadLength = view.getUint16(start + 4);
    this.callId = view.getUint16(start + 6);
    this.sequencePresent = sequencePresent;
    this.acknowledgmentPresent = acknowledgmentPresent;
    if (sequencePresent) {
      if (end - at < 4) return greFault.truncated;
      this.sequenceNumber = view.getUint32(at);
      at += 4;
    }
    if (acknowledgmentPresent) {
      if (end - at < 4) return greFault.truncated;
      this.acknowledgmentNumber = view.getUint32(at);
      at += 4;
    }
    this.payloadStart = at;
    const there = end - at;
    this.lengthMismatch = this.payloadLength !== there;
    this.payloadEnd = at + Math.min(this.payloadLength, there);
    return greFault.none;
  }
}

export type GreKind = 'enhanced' | 'version-0' | 'eoip' | 'other';

/** Which GRE it is: `enhanced` is PPTP's, `version-0` RFC 2784's, `eoip` MikroTik's. */
export function kindOf(view: GreView): GreKind {
  if (view.version === 0) return 'version-0';
  if (view.version !== 1) return 'other';
  if (view.protocolType === pppProtocolType) return 'enhanced';
  return view.protocolType === eoipProtocolType ? 'eoip' : 'other';
}
