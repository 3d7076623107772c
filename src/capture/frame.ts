import { Window } from '../octets/window.ts';

/**
 * One captured frame. Readers keep a single Frame and refill it: it is valid only during the call that
 * it is handed to, and nobody keeps it or its window.
 */
export class Frame {
  /**
   * From 1, in the order of the file, as Wireshark counts: some pcapng blocks that are no frames take a number. In a file that
   * goes on from another one, from the number after its last.
   */
  number = 0;
  /** Whole seconds since the epoch. */
  seconds = 0;
  /** 0 up to, not including, 1e9; with a fractional part where the capture is finer. */
  nanoseconds = 0;
  /** False for frames that carry no time (Simple Packet Block); seconds and nanoseconds then repeat the frame before. */
  timed = true;
  window: Window = new Window(new Uint8Array(0));
  /** First captured octet in the window. */
  start = 0;
  /** One past the last captured octet. */
  end = 0;
  /** Octets that the frame had on the wire; more than `end - start` where the capture cut it. */
  wireLength = 0;
  /** LINKTYPE_ number. */
  linkType = 0;
  /** Octets of frame check sequence at the end, where the container says so; else 0. */
  frameCheckOctets = 0;
  /** Index of the interface within the file, counted over all sections; 0 in pcap. */
  interfaceIndex = 0;
}
