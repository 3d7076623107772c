/** What a rule learns of other tunnels than the one that it looks at. */
import type { TunnelReport } from './report-parts.ts';

/** What is known of a tunnel when another one is looked at: there may be too many to know all. */
export interface Neighbour {
  readonly id: string;
  /** Its address. */
  readonly client: string;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  /** A call of it came up. */
  readonly established: boolean;
  /** A call of it was asked for over the control connection. */
  readonly signalled: boolean;
  /** In a call of it the server's GRE came and the client's LCP was not answered. */
  readonly unanswered: boolean;
  /** The first of them. */
  readonly endings: readonly Ending[];
  /** GRE to the server without a control connection: its Call ID, and its first number. */
  readonly unsignalled: readonly { readonly callId: number; readonly sequence: number }[];
  /** GRE of its client for calls that were asked for: the server's Call ID, and the last number. */
  readonly signalledGre: readonly { readonly callId: number; readonly sequence: number; readonly lastFrame: number }[];
  /** Call IDs that its client announced, with the times of those calls. */
  readonly callIds: readonly (Interval & { readonly callId: number })[];
}

/** When a call was there. */
export interface Interval {
  readonly from: string | null;
  readonly to: string | null;
  /** Its client sends GRE in that time; else it is what the control connection and the server show. */
  readonly heard: boolean;
}

/** How a call that had come up ended, as far as it tells of a timer. */
export interface Ending {
  /** Id of the call. */
  readonly call: string;
  /** Seconds from the last user data to the end; null where they are few or not known. */
  readonly idle: number | null;
  /** Seconds of a silence after which one side was not heard any more; null where there was none. */
  readonly silence: number | null;
  /** Seconds that it was up; null where they are few or not known. */
  readonly length: number | null;
  /** When, in milliseconds since the epoch: a number, since each is compared with many others. null where not known. */
  readonly at: number | null;
  readonly lastDataFrame: number | null;
  /** Of the tunnel. */
  readonly lastFrame: number;
  /** Not by the client, whose user may have hung up. */
  readonly byOthers: boolean;
}

/** Another tunnel of the report that is the same connection, captured elsewhere. */
export interface View {
  readonly tunnel: TunnelReport;
  /** Of the capture that it is in. */
  readonly path: string;
}
