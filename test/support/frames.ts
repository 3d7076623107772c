/** Frames for tests of the layers that carry the tunnel. */
import { readFileSync } from 'node:fs';
import { Frame } from '../../src/capture/frame.ts';
import { Window } from '../../src/octets/window.ts';

export interface FrameFields {
  number?: number;
  linkType?: number;
  seconds?: number;
  nanoseconds?: number;
  timed?: boolean;
  wireLength?: number;
  frameCheckOctets?: number;
}

/** A frame that holds `bytes` in the middle of a larger window, so that positions are not 0 by chance. */
export function frameOf(bytes: Uint8Array, fields: FrameFields = {}): Frame {
  const frame = new Frame();
  const lead = 7;
  const chunk = new Uint8Array(bytes.length + 2 * lead).fill(0x45);
  chunk.set(bytes, lead);
  frame.window = new Window(chunk);
  frame.start = lead;
  frame.end = lead + bytes.length;
  frame.number = fields.number ?? 1;
  frame.linkType = fields.linkType ?? 1;
  frame.seconds = fields.seconds ?? 1_000_000_000;
  frame.nanoseconds = fields.nanoseconds ?? 0;
  frame.timed = fields.timed ?? true;
  frame.wireLength = fields.wireLength ?? bytes.length;
  frame.frameCheckOctets = fields.frameCheckOctets ?? 0;
  return frame;
}

/** The frames of a classic pcap, little-endian, of micro- or nanoseconds; read here and not by the reader under test. */
export function* pcapFrames(path: string): Generator<Frame> {
  const file = new Uint8Array(readFileSync(path));
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const perFraction = view.getUint32(0, true) === 0xa1b2_3c4d ? 1 : 1000;
  const frame = new Frame();
  frame.window = new Window(file);
  frame.linkType = view.getUint32(20, true) & 0xffff;
  for (let at = 24; at < file.length; at = frame.end) {
    frame.number += 1;
    frame.seconds = view.getUint32(at, true);
    frame.nanoseconds = view.getUint32(at + 4, true) * perFraction;
    frame.start = at + 16;
    frame.end = frame.start + view.getUint32(at + 8, true);
    frame.wireLength = view.getUint32(at + 12, true);
    yield frame;
  }
}
