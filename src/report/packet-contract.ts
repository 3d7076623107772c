/**
 * The packet view's JSON lines, version 1: one object for each packet. Within a version keys are added, never renamed or
 * dropped. `packets.schema.json` is generated from these types.
 */

/** One packet of a capture. */
export interface PacketLine {
  /** Always the same: says what the line is. */
  format: 'pptpscope-packet';
  /** Of the format. */
  version: 1;
  /** As given on the command line; `-` is standard input. */
  capture: string;
  /** From 1 in the order of the file, as Wireshark counts; numbered on where it goes on from another file. */
  frame: number;
  /** UTC, with all digits that the capture holds; null where it holds no time. */
  time: string | null;
  /** Id of the tunnel that it belongs to, as in the report. */
  tunnel: string | null;
  /** Id of the call that it belongs to; null where it is the tunnel's own, or of no tunnel. */
  call: string | null;
  /** Who sent it; null where that is neither. */
  from: 'client' | 'server' | null;
  /** Sender of the outermost IP packet: `192.0.2.1:50000`, the address alone where there are no ports. */
  source: string | null;
  /** Receiver. */
  destination: string | null;
  /** What it is about: the innermost protocol that says something of its own. */
  protocol: string;
  /** Of all layers, each once. */
  protocols: string[];
  /** One line, as readable as pppd's debug log. */
  summary: string;
  /** What happened to it on its way, as far as the packets before it tell. */
  marks: ('retransmission' | 'out-of-order' | 'duplicate' | 'lost-before' | 'malformed' | 'cut')[];
  /** GRE packets, or octets of a control connection, that are missing before it. */
  lostBefore: number;
  /** Octets that the capture holds of the frame. */
  capturedBytes: number;
  /** Octets that the frame had on the wire. */
  wireBytes: number;
  /** Name in the LINKTYPE_ registry without the prefix; the number as text where there is no name. */
  linkType: string;
  /** Only with `--details`: from the outside in. Together they hold every octet of the frame exactly once. */
  layers?: PacketLayer[];
  /** Only with `--details`: what was put together from several frames and completed by this one. */
  reassemblies?: PacketReassembly[];
  /** Only with `--hex`: the frame's octets; `**` for those of secrets. */
  hex?: string;
}

/** What several frames carried together: a control message, an IP datagram. */
export interface PacketReassembly {
  /** What it is. */
  name: string;
  /** All frames that carried it, in order. */
  frames: number[];
  /** Octets of it. */
  bytes: number;
  /** As the packet's own; their octets count from the start of what was put together. */
  layers: PacketLayer[];
  /** Only with `--hex`: its octets; `**` for those of secrets. */
  hex?: string;
}

/** One protocol's part of a packet. */
export interface PacketLayer {
  /** `Outgoing-Call-Request`. */
  name: string;
  /** The word to select it by. */
  protocol: string;
  /** Where it is described: `RFC 2637 §2.7`. */
  source: string | null;
  /** Its first octet, from 0. */
  start: number;
  /** One past its last octet. */
  end: number;
  /** In order, without a gap from `start` to `end`. */
  fields: PacketField[];
  /** Why it could not be read to its end. */
  fault: PacketFault | null;
}

/** Octets with a meaning. */
export interface PacketField {
  /** In the words of its RFC: `packetReceiveWindowSize`. */
  name: string;
  /** `group`: its octets are those of its children. `padding` and `undecoded` belong to no field of a format. */
  kind: 'field' | 'group' | 'padding' | 'undecoded';
  /** Its first octet, from 0. */
  start: number;
  /** One past its last octet. */
  end: number;
  /** An integer; text with one character for each octet; octets in hexadecimal digits; null for a group and for a secret. */
  value: number | string | null;
  /** A name, an address, names of flags, the text to read; null where the value says it itself. */
  meaning: string | null;
  /** Only where true: must be zero. */
  reserved?: true;
  /** Only where true: a value that the format does not allow. */
  illegal?: true;
  /** Only where true: a password, a challenge or a response that is not shown. */
  hidden?: true;
  /** Only of a word of bits. */
  bits?: PacketBits[];
  /** Only of a group. */
  children?: PacketField[];
}

/** Some bits of a word. */
export interface PacketBits {
  /** In the words of the RFC. */
  name: string;
  /** Bits of the word before it, from the most significant. */
  offset: number;
  /** Bits that it has. */
  width: number;
  /** As an unsigned number. */
  value: number;
  /** Only where true: a value that the format does not allow. */
  illegal?: true;
}

/** Where and why reading a layer stopped. */
export interface PacketFault {
  /** The field at fault. */
  field: string;
  /** From the start of the layer, or of the list in it. */
  offset: number;
  /** What is wrong. */
  reason: 'truncated' | 'length-too-small' | 'length-too-large' | 'bad-magic' | 'bad-version' | 'unexpected-value';
  /** Octets that the field needs. */
  needed: number | null;
  /** Octets that are there. */
  available: number | null;
  /** What set the limit: `capture length` is no fault of the sender. */
  boundedBy: string;
}
