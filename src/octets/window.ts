/**
 * One chunk of octets, readable both ways. Made once per chunk, never per packet: everything that
 * reads packets works on `(window, start, end)` (measured: subarrays cost three to seven times more).
 */
export class Window {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
