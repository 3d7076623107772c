/**
 * The PPP header as the hot path reads it: in GRE there are neither flags nor a frame check sequence nor stuffing
 * (RFC 2637 §4.1), only [FF 03] protocol information. Parsed by looking, not by what LCP agreed: some senders drop
 * Address and Control always, and captures lose LCP. RFC 1661 §2, RFC 1662 §3.1
 */

/** What `at` answers. */
export const pppFault = {
  none: 0,
  /** The octets end within the header. */
  truncated: 1,
} as const;

/** Bits of the fields of the header that LCP may let a sender shorten. RFC 1661 §6.5, §6.6 */
export const headerField = { protocol: 1, addressAndControl: 2 } as const;

export class PppView {
  /** 0 where the header is cut. */
  protocol = 0;
  informationStart = 0;
  /** FF 03 is there. RFC 1662 §3.1 */
  addressAndControl = false;
  /** The protocol field has one octet. RFC 1661 §6.5 */
  protocolCompressed = false;

  /** Bits of `headerField` that the header shortens. */
  get shortened(): number {
    return (
      (this.protocolCompressed ? headerField.protocol : 0) |
      (this.addressAndControl ? 0 : headerField.addressAndControl)
    );
  }

  /** Reads the header that begins at `start`; `end` bounds the octets there. Answers 0 or a `pppFault`. */
  at(view: DataView, start: number, end: number): number {
    let at = start;
    this.protocol = 0;
    this.addressAndControl = false;
    this.protocolCompressed = false;
    if (end - at >= 2 && view.getUint16(at) === 0xff03) {
      this.addressAndControl = true;
      at += 2;
    }
    this.informationStart = at;
    if (at >= end) return pppFault.truncated;
    const first = view.getUint8(at);
    // RFC 1661 §2: the last octet of a protocol field is odd, every one before it even.
    if ((first & 1) === 1) {
      this.protocol = first;
      this.protocolCompressed = true;
      this.informationStart = at + 1;
      return pppFault.none;
    }
    if (end - at < 2) return pppFault.truncated;
    this.protocol = view.getUint16(at);
    this.informationStart = at + 2;
    return pppFault.none;
  }
}
