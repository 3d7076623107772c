/** What diagnoses need of the report, named here because the report's own types stand above them. */
import type { Call } from '../../sessions/model/call.ts';
import type { Tunnel } from '../../sessions/model/tunnel.ts';

/** A tunnel with its calls. */
export type TunnelReport = Omit<Tunnel, 'calls'> & { readonly calls: readonly Call[] };

/** The capture that tunnels are of. */
export interface CaptureReport {
  readonly kind: string | null;
  readonly frames: number;
  readonly truncatedFrames: number;
  readonly framesBackInTime: number;
  /** Packets that the capturing program says it lost; null where it does not say. */
  readonly droppedByCapture: number | null;
  readonly lastFrameTime: string | null;
  readonly pointToPoint: boolean;
  readonly incompleteDatagrams: readonly {
    readonly from: string;
    readonly to: string;
    readonly protocol: number;
    readonly frame: number;
    readonly firstSeen: boolean;
  }[];
  readonly failedNameLookups: readonly {
    readonly name: string;
    readonly frame: number;
    readonly outcome: 'no-such-name' | 'server-failure' | 'no-answer';
  }[];
}
