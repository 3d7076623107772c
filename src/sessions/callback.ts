/** Callback as both ends negotiate it (CBCP). draft-gidwani-ppp-callback-cp-00 §3 */
import type { Instant } from '../octets/instant.ts';
import { type End, otherEnd } from './ends.ts';

const code = { request: 1, response: 2, ack: 3 } as const;

export class Callback {
  /** Who sends Callback-Requests and -Acks asks, and who sends Responses is asked. */
  readonly by: End;
  requests = 0;
  responses = 0;
  acknowledgments = 0;
  readonly firstFrame: number;
  readonly first: Instant;
  lastFrame = 0;

  /** `end` sent the first packet of that code. */
  constructor(end: End, packetCode: number, frame: number, instant: Instant) {
    this.by = packetCode === code.response ? otherEnd(end) : end;
    this.firstFrame = frame;
    this.first = instant;
  }

  packet(packetCode: number, frame: number): void {
    if (packetCode === code.request) this.requests += 1;
    else if (packetCode === code.response) this.responses += 1;
    else if (packetCode === code.ack) this.acknowledgments += 1;
    this.lastFrame = frame;
  }
}
