/**
 * The TCP header as the hot path reads it: numbers over a shared DataView. RFC 9293 §3.1.
 * Options are skipped: nothing about a control connection hangs on them.
 */

/** Bits of the flags octet. RFC 9293 §3.1 */
export const tcpFlags = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

/** What can be wrong with a TCP header. 0 is sound. */
export const tcpFault = {
  /** Fewer octets than the header needs. */
  short: 1,
  /** The data offset is below its least value, 5. */
  dataOffset: 2,
} as const;

const shortestHeader = 20;

/** Valid until the next `at()`; the fields of an unsound header mean nothing. */
export class TcpView {
  sourcePort = 0;
  destinationPort = 0;
  sequenceNumber = 0;
  acknowledgmentNumber = 0;
  /** The octet of control bits: FIN 0x01, SYN 0x02, RST 0x04, PSH 0x08, ACK 0x10, URG 0x20, ECE 0x40, CWR 0x80. */
  flags = 0;
  /** As sent, not scaled. */
  window = 0;
  /** One past the options: where the payload starts. Beyond `end` where the capture cut the options off. */
  headerEnd = 0;

  /**
   * A value of `tcpFault`, 0 when sound. `wireEnd`: where the segment ended on the wire; of a capture with a snap length of 68,
   * once tcpdump's own, options are often missing.
   */
  at(view: DataView, start: number, end: number, wireEnd: number): number {
    if (end - start < shortestHeader) return tcpFault.short;
    const headerLength = (view.getUint8(start + 12) >>> 4) * 4;
    if (headerLength < shortestHeader) return tcpFault.dataOffset;
    if (start + headerLength > wireEnd) return tcpFault.short;
    this.sourcePort = view.getUint16(start);
    this.destinationPort = view.getUint16(start + 2);
    this.sequenceNumber = view.getUint32(start + 4);
    this.acknowledgmentNumber = view.getUint32(start + 8);
    this.flags = view.getUint8(start + 13);
    this.window = view.getUint16(start + 14);
    this.headerEnd = start + headerLength;
    return 0;
  }
}
