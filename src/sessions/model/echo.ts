/** Requests and replies that ask whether the other side is there, of the control connection and of LCP. */
import type { Side } from './side.ts';

/** Requests and replies that ask whether the other side is there. */
export interface Echo {
  /** Of both sides. */
  requests: number;
  /** Replies that answer one of them. */
  replies: number;
  /** Requests without a reply in the capture. */
  unanswered: number;
  /** Request to reply, as seen at the capture point. */
  medianRttMilliseconds: number | null;
  /** Requests of one side since its last reply, up to the end of the capture or of the call. */
  unansweredAtEnd: number;
  /** Who sent them; null where there are none. */
  unansweredAtEndFrom: Side | null;
  /** The last of them. */
  lastUnansweredFrame: number | null;
  /** What each side asked. */
  bySide: { client: EchoRequests; server: EchoRequests };
}

/** Echo-Requests of one side. */
export interface EchoRequests {
  /** All of them. */
  requests: number;
  /** Those without a reply in the capture. */
  unanswered: number;
  /** Those since its last reply, up to the end of the capture or of the call. */
  unansweredAtEnd: number;
  /** The last of these. */
  lastUnansweredFrame: number | null;
}
