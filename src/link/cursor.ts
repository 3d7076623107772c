/**
 * The place in a frame that the link layers have come to. Each layer is a function that reads its header
 * at the cursor, moves it behind, and says what follows; which layer that is, the chain in `dissect` decides.
 * One cursor is refilled for all frames: no layer allocates.
 */

/** Why there is nothing to follow. 0 is none. */
export const linkFault = {
  /** The capture kept fewer octets than the link header needs. */
  headerCut: 1,
  /** The frame itself is shorter than its link header. */
  headerShort: 2,
  /** A sound header that leads to something other than IP. */
  notIp: 3,
  /** 802.11 data under link encryption. */
  encrypted: 4,
  /** A part of an 802.11 MSDU. */
  fragment: 5,
  /** Several MSDUs in one 802.11 frame: not taken apart. */
  aggregate: 6,
  /** The receiver noted a wrong frame check sequence: the octets are not what was sent. */
  badFrameCheck: 7,
  /** A value that its format does not have. */
  malformed: 8,
  /** More headers of one kind on one another than are followed. */
  nesting: 10,
} as const;

/** Spaces of the numbers that say what follows: the number of a space is added to its base. */
export const next = {
  /** IP of the version that the first four bits tell. */
  ip: 0,
  etherType: 0x1_0000,
  pppProtocol: 0x2_0000,
  linkType: 0x3_0000,
} as const;

export class LinkCursor {
  /** The octet that the next layer starts with. */
  at = 0;
  /** One past the last captured octet of the layer. */
  end = 0;
  /** One past the last octet that the layer had on the wire; at or behind `end`. */
  wireEnd = 0;
  /** What follows: a base of `next` plus a number of that space. */
  next = 0;
  /** A value of `linkFault`; 0 while all is well. */
  fault = 0;
  /** The frame check sequence is already left out. */
  frameCheckDropped = false;
  /** 802.11 only: the header is padded to a multiple of four octets. */
  headerPadded = false;
  /** Headers that may stand on one another. */
  readonly nesting: number;

  constructor(nesting: number) {
    this.nesting = nesting;
  }

  reset(start: number, end: number, wireEnd: number): void {
    this.at = start;
    this.end = end;
    this.wireEnd = wireEnd;
    this.next = next.ip;
    this.fault = 0;
    this.frameCheckDropped = false;
    this.headerPadded = false;
  }

  /** True when the next `octets` are there; else notes why not. */
  has(octets: number): boolean {
    if (this.at + octets <= this.end) return true;
    this.fault = this.at + octets <= this.wireEnd ? linkFault.headerCut : linkFault.headerShort;
    return false;
  }

  /** Takes the layer's own word that only `octets` more belong to it; more than there are is left unbelieved. */
  bound(octets: number): void {
    const limit = this.at + octets;
    if (limit < this.wireEnd) this.wireEnd = limit;
    if (limit < this.end) this.end = limit;
  }

  /** Leaves out a frame check sequence of so many octets at the end of the frame. */
  dropFrameCheck(octets: number): void {
    if (this.frameCheckDropped) return;
    this.frameCheckDropped = true;
    this.wireEnd = Math.max(this.at, this.wireEnd - octets);
    if (this.end > this.wireEnd) this.end = this.wireEnd;
  }
}
