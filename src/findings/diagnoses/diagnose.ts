/**
 * Why tunnels and calls did not work, or worked badly. Rules run in the order of the ladder on the finished model; the
 * first that speaks is the cause, what comes after it follows from it.
 */
import { counted } from '../../octets/words.ts';
import { sides } from '../../sessions/ends.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { type CauseId, captureOtherEnd, causes, shownByAbsence } from '../knowledge/causes.ts';
import type { StageName } from '../stage.ts';
import { authenticationRefused, authenticationStopped } from './authentication.ts';
import { callFailed } from './call.ts';
import { type CallCase, callCases } from './call-case.ts';
import { callNotCaptured, lostMeanwhile, tunnelNotCaptured } from './capture.ts';
import { carriedBadly } from './carried-badly.ts';
import { controlFailed, noCall } from './control.ts';
import { type Draft, firstOf } from './draft.ts';
import { encryptionFailed } from './encryption.ts';
import { endedBadly, explainsTheEnd } from './ended-badly.ts';
import { greFailed } from './gre.ts';
import { lcpFailed } from './lcp.ts';
import { heavyLoss } from './loss.ts';
import { sharedCallId } from './nat.ts';
import type { View } from './neighbour.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { callbackHangs, networkFailed, sameAddress } from './network.ts';
import type { CaptureReport, TunnelReport } from './report-parts.ts';
import { tcpFailed } from './tcp.ts';
import { TunnelCase } from './tunnel-case.ts';

type TunnelRule = (tunnelCase: TunnelCase) => Draft[];
type CallRule = (callCase: CallCase) => Draft[];

/** Of a tunnel in which nobody asked for a call. */
const tunnelRules: readonly TunnelRule[] = [tcpFailed, controlFailed, noCall, tunnelNotCaptured];

/** Of a call that did not come up; those of `networkFailed` also where IPCP opened for a moment. */
const callRules: readonly CallRule[] = [
  callFailed,
  controlFailed,
  sharedCallId,
  authenticationRefused,
  greFailed,
  lcpFailed,
  authenticationStopped,
  callbackHangs,
  encryptionFailed,
  networkFailed,
  sameAddress,
];

/**
 * The diagnoses of one capture; one that was written to several files is one. It sees every tunnel first and is asked about
 * each after that, in the same order. Ids must have been given.
 */
export class Diagnoser {
  private readonly capture: CaptureReport;
  private readonly index: number;
  private readonly neighbourhood: Neighbourhood;

  /** `index`: of the capture among the report's. */
  constructor(capture: CaptureReport, index: number) {
    this.capture = capture;
    this.index = index;
    this.neighbourhood = new Neighbourhood(capture);
  }

  see(tunnel: TunnelReport): void {
    this.neighbourhood.see(tunnel);
  }

  /** `views` answers what else of the report is the same connection. */
  diagnosesOf(tunnel: TunnelReport, views: () => readonly View[] = () => []): Diagnosis[] {
    const beside = this.neighbourhood.of(tunnel);
    return beside === null ? [] : ofTunnel(new TunnelCase(tunnel, this.capture, beside, views));
  }

  /** Where it has no tunnel. */
  diagnosesOfNone(): Diagnosis[] {
    return this.neighbourhood.isEmpty ? ofEmptyCapture(this.capture, this.index) : [];
  }
}

function ofTunnel(tunnelCase: TunnelCase): Diagnosis[] {
  const { tunnel } = tunnelCase;
  const weighed = (draft: Draft, call: Call | null): Diagnosis => {
    const found = withoutNeedless(tunnelCase, diagnosis(draft, tunnel.capture, tunnel.id, call?.id ?? null));
    return draft.shownByPresence ? found : weigh(found, causes[draft.cause].stage, tunnelCase, call);
  };
  if (tunnel.calls.length === 0) return firstOf(tunnelRules, tunnelCase).map((draft) => weighed(draft, null));
  return callCases(tunnelCase).flatMap((callCase) => ofCall(callCase).map((draft) => weighed(draft, callCase.call)));
}

/** Who has captured both ends is not asked to. */
function withoutNeedless(tunnelCase: TunnelCase, found: Diagnosis): Diagnosis {
  if (!captureOtherEnd.has(found.nextCapture)) return found;
  const places = [tunnelCase, ...tunnelCase.views].map(({ tunnel }) => tunnel.vantage);
  return sides.every((side) => places.includes(side)) ? { ...found, nextCapture: '' } : found;
}

function ofCall(callCase: CallCase): Draft[] {
  const found = causesOf(callCase);
  const mute = found.find((draft) => lostMeanwhile(callCase, draft).length > 0);
  if (mute === undefined) return found;
  // What is left is shown by packets that are there.
  return [...found.filter((draft) => lostMeanwhile(callCase, draft).length === 0), ...lostMeanwhile(callCase, mute)];
}

function causesOf(callCase: CallCase): Draft[] {
  const failed = firstOf(callRules, callCase);
  if (failed.length > 0) return failed;
  if (callCase.call.outcome !== 'established') {
    const ended = endedBadly(callCase);
    return ended.length > 0 ? [...heavyLoss(callCase), ...ended] : callNotCaptured(callCase);
  }
  const carried = carriedBadly(callCase);
  const ended = explainsTheEnd(callCase, carried) ? [] : endedBadly(callCase);
  const found = [...carried, ...ended];
  return found.length > 0 ? found : callNotCaptured(callCase);
}

/** A capture in which no tunnel is: the name was not found, or the wrong interface was captured. */
function ofEmptyCapture(capture: CaptureReport, index: number): Diagnosis[] {
  if (capture.kind === null || capture.frames === 0) return [];
  const failed = capture.failedNameLookups;
  const [first] = failed;
  if (first !== undefined) {
    const likely = failed.find(({ name }) => /vpn|pptp|remote/i.test(name));
    const { name, frame, outcome } = likely ?? first;
    const how = {
      'no-such-name': 'does not exist',
      'server-failure': 'could not be looked up',
      'no-answer': 'got no answer',
    };
    const draft: Draft = {
      cause: 'name-not-resolved',
      confidence: likely === undefined ? 'possible' : 'likely',
      summary: `The DNS name ${name} ${how[outcome]}, and no connection to TCP port 1723 follows.`,
      evidence: [{ frame, text: `DNS look-up of ${name}` }],
    };
    return [diagnosis(draft, index, null, null)];
  }
  if (!capture.pointToPoint) return [];
  const draft: Draft = {
    cause: 'wrong-interface',
    confidence: 'likely',
    summary:
      'The capture is of a PPP or bare-IP interface and holds no PPTP: it shows the inside of a tunnel, not the tunnel.',
    evidence: [{ frame: 1, text: 'plain IP without a link layer of its own' }],
  };
  return [diagnosis(draft, index, null, null)];
}

/**
 * What is told by packets that are not there is less sure where the capture shows that it lost some. A negotiation is decided by
 * single packets: there it is a guess, and numbers of the call's GRE that never appear are enough. `stage`: the cause's own.
 */
function weigh(found: Diagnosis, stage: StageName, { tunnel, capture }: TunnelCase, call: Call | null): Diagnosis {
  if (!shownByAbsence.has(found.cause)) return found;
  const dropped = capture.droppedByCapture ?? 0;
  const octets = tunnel.control?.tcp.missedByCapture ?? 0;
  const negotiated = negotiations.has(stage);
  const directions = call === null ? [] : [call.gre.clientToServer, call.gre.serverToClient];
  const packets = directions.reduce(
    (sum, { lost, missedByCapture }) => sum + (negotiated ? Math.max(lost, missedByCapture) : missedByCapture),
    0,
  );
  const why = [
    dropped > 0 ? `${counted(dropped, 'packet was', 'packets were')} dropped while capturing` : '',
    octets > 0 ? `${counted(octets, 'octet')} of the control connection ${octets === 1 ? 'is' : 'are'} not in it` : '',
    packets > 0 ? `${counted(packets, 'packet')} of the tunnel ${packets === 1 ? 'is' : 'are'} not in it` : '',
  ].filter((reason) => reason !== '');
  if (why.length === 0) return found;
  return {
    ...found,
    confidence: found.confidence === 'certain' && !negotiated ? 'likely' : 'possible',
    refutedBy: `${found.refutedBy}; or the capture missed what it lacks: ${why.join(', ')}`,
  };
}

/** Stages that a packet may decide. */
const negotiations: ReadonlySet<StageName> = new Set(['lcp', 'authentication', 'encryption', 'network']);

function diagnosis(draft: Draft, capture: number, tunnel: string | null, call: string | null): Diagnosis {
  const cause = causes[draft.cause satisfies CauseId];
  const frames = new Set<number>();
  const evidence = draft.evidence.flatMap(({ frame, text }) => {
    if (frame === null || frame === 0 || frames.has(frame)) return [];
    frames.add(frame);
    return [{ frame, text }];
  });
  return {
    cause: draft.cause,
    stage: draft.stage ?? cause.stage,
    capture,
    tunnel,
    call,
    confidence: draft.confidence,
    summary: draft.summary,
    evidence: evidence.sort((a, b) => a.frame - b.frame),
    refutedBy: draft.refutedBy ?? cause.refutedBy,
    advice: draft.advice ?? cause.advice,
    nextCapture: draft.nextCapture ?? cause.nextCapture,
    windowsErrors: [...new Set([...(draft.seenErrors ?? []).filter((code) => code !== 0), ...cause.windowsErrors])],
  };
}
