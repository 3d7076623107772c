/**
 * Fields of PPP's header that a direction leaves out though the receiver has not agreed to do without them (RFC 1661 §6.5, §6.6).
 * Made where it does.
 */
import { headerField } from '../ppp/view.ts';

export class ShortenedHeaders {
  /** Packets whose protocol field has one octet, and the first of them. */
  protocol = 0;
  protocolFrame = 0;
  /** Packets without address and control fields, and the first of them. */
  addressAndControl = 0;
  addressAndControlFrame = 0;

  /** `missing`: bits of `headerField`. */
  count(missing: number, frame: number): void {
    if ((missing & headerField.protocol) !== 0) {
      this.protocol += 1;
      if (this.protocolFrame === 0) this.protocolFrame = frame;
    }
    if ((missing & headerField.addressAndControl) !== 0) {
      this.addressAndControl += 1;
      if (this.addressAndControlFrame === 0) this.addressAndControlFrame = frame;
    }
  }
}
