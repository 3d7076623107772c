/** What the streaming reader asks of the reader of one container format. */
import type { Window } from '../octets/window.ts';

export interface ContainerReader {
  /**
   * After `read` stopped short of `end`: how many octets, counted from where it stopped, it has to see to
   * get on; always more than were there. Never a length that was not checked against a bound.
   */
  readonly needed: number;

  /**
   * Reads as much of `start` to `end` as it can and returns where it stopped. `atEnd`: nothing follows;
   * then it returns `end`. What it does depends on the octets alone, never on where a window ends.
   */
  read(window: Window, start: number, end: number, atEnd: boolean): number;
}
