/** The tunnels of one capture by the server that they go to: what a rule about one of them learns of the others. */
import { callCases } from './call-case.ts';
import type { Neighbour } from './neighbour.ts';
import type { CaptureReport, TunnelReport } from './report-parts.ts';
import { TunnelCase } from './tunnel-case.ts';

/** Other tunnels to the same server, before and after, that a rule looks at; a flood must not cost its square. */
const besideAtMost = 64;

/** Of a neighbour, as many as show a timer. */
const endingsAtMost = 16;

/** The tunnels to one server. */
interface Server {
  readonly tunnels: Neighbour[];
  /** How many of them were asked about. */
  asked: number;
}

/** Sees every tunnel of a capture first, and is asked about each after that, in the same order. */
export class Neighbourhood {
  private readonly capture: CaptureReport;
  /** By address. */
  private readonly servers = new Map<string, Server>();

  constructor(capture: CaptureReport) {
    this.capture = capture;
  }

  get isEmpty(): boolean {
    return this.servers.size === 0;
  }

  see(tunnel: TunnelReport): void {
    const server = this.servers.get(tunnel.server.address) ?? { tunnels: [], asked: 0 };
    this.servers.set(tunnel.server.address, server);
    server.tunnels.push(neighbourOf(tunnel, this.capture));
  }

  /** Those beside the tunnel that is asked about now, when somebody wants them; null where it was not seen. */
  of(tunnel: TunnelReport): (() => Neighbour[]) | null {
    const server = this.servers.get(tunnel.server.address);
    if (server === undefined) return null;
    const at = server.asked;
    server.asked += 1;
    const { tunnels } = server;
    return () => {
      const from = Math.max(0, at - besideAtMost);
      const near = tunnels.slice(from, at + 1 + besideAtMost);
      near.splice(at - from, 1);
      return near;
    };
  }
}

function neighbourOf(tunnel: TunnelReport, capture: CaptureReport): Neighbour {
  const { id, client, firstFrame, lastFrame, firstTime, lastTime, calls } = tunnel;
  const alone = new TunnelCase(
    tunnel,
    capture,
    () => [],
    () => [],
  );
  const cases = callCases(alone);
  return {
    id,
    client: client.address,
    firstFrame,
    lastFrame,
    firstTime,
    lastTime,
    established: calls.some(({ outcome }) => outcome === 'established'),
    signalled: calls.some(({ kind }) => kind !== 'unsignalled'),
    unanswered: calls.some(
      ({ lcp, gre }) =>
        lcp.outcome !== 'opened' && gre.serverToClient.packets > 0 && gre.clientToServer.lastAcknowledgment === null,
    ),
    endings: cases.flatMap(({ ending }) => ending ?? []).slice(0, endingsAtMost),
    unsignalled: calls.flatMap(({ kind, callIdInGre, gre }) => {
      const callId = callIdInGre.clientToServer;
      const sequence = gre.clientToServer.firstSequence;
      return kind !== 'unsignalled' || callId === null || sequence === null ? [] : [{ callId, sequence }];
    }),
    signalledGre: calls.flatMap(({ kind, serverCallId, gre }) => {
      const { lastSequence: sequence, lastFrame } = gre.clientToServer;
      if (kind === 'unsignalled' || serverCallId === null || sequence === null || lastFrame === null) return [];
      return [{ callId: serverCallId, sequence, lastFrame }];
    }),
    callIds: cases.flatMap(({ call, interval }) => {
      if (call.kind === 'unsignalled' || call.clientCallId === null || interval === null) return [];
      return [{ ...interval, callId: call.clientCallId }];
    }),
  };
}
