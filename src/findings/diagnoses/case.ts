/**
 * One tunnel, or one call of it, as the rules look at it: the model, the capture it is of and the tunnels beside it, with
 * the questions that several rules ask. No rule looks at packets.
 */

import { counted } from '../../octets/words.ts';
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import { controlMessageType, disconnectResultNames, stopReasonNames } from '../../pptp/names.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import { noRequests } from '../../sessions/evidence.ts';
import type {
  Call,
  GreDirection,
  PathEvidence,
  Pause,
  Requests,
  Side,
  StrangeTimeToLive,
} from '../../sessions/model.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { CauseId } from '../knowledge/causes.ts';
import { adviceOf, codeTables, lookUp } from '../knowledge/codes.ts';
import { adviceOfText } from '../knowledge/terminate-texts.ts';
import type { StageName } from '../stage.ts';
import { answerOverdue, triesInVain } from './patience.ts';
import type { CaptureReport, TunnelReport } from './report-parts.ts';
import { advised, resultText } from './result.ts';
import { inSeconds, milliseconds, secondsBetweenTimes } from './time.ts';

/** The packets around something that did not come; nothing where they are not known. */
export function around(pause: Pause | null, what: string): Draft['evidence'] {
  if (pause === null) return [];
  return [
    { frame: pause.before, text: `the last packet before ${what}` },
    { frame: pause.after, text: `the first behind ${what}` },
  ];
}

/** What a rule says; the rest of a diagnosis is the cause's own text. */
export interface Draft {
  cause: CauseId;
  confidence: Diagnosis['confidence'];
  /** One or two plain sentences. */
  summary: string;
  /** Frames may be null where the model does not know them: those are left out. */
  evidence: readonly { frame: number | null; text: string }[];
  /** Where it is not the cause's own. */
  stage?: StageName;
  advice?: string;
  refutedBy?: string;
  nextCapture?: string;
  /** Numbers that were seen in the packets: they go before the cause's own. */
  seenErrors?: readonly number[];
  /** Packets that are there show it, though others of its cause are shown by those that are not. */
  shownByPresence?: true;
}

/** As pppd says it when it is told to hang up, and of a link with MPPE whatever it ends for. */
export const userRequest = /^$|user request|^MPPE disabled$/i;

/** When a call was there. */
export interface Interval {
  readonly from: string | null;
  readonly to: string | null;
  /** Its client sends GRE in that time; else it is what the control connection and the server show. */
  readonly heard: boolean;
}

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
  /** Call IDs that its client announced, with the times of those calls. */
  readonly callIds: readonly (Interval & { readonly callId: number })[];
}

/** Another tunnel of the report that is the same connection, captured elsewhere. */
export interface View {
  readonly tunnel: TunnelReport;
  /** Of the capture that it is in. */
  readonly path: string;
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

/** Fewer packets that are not acknowledged in GRE may have been under way, or lost. */
const fewestInVain = 3;

/** Shorter idle times are no timer's. */
const shortestIdle = 30;

/** Shorter calls are ended by no timer. */
const shortestLength = 60;

/** Sequence numbers below it may be a sender's first. */
const fewestNumbers = 4;

/** Of a neighbour, as many as show a timer. */
const endingsAtMost = 16;

const nobody = (): Neighbour[] => [];
const nowhere = (): View[] => [];

function endingsOf({ tunnel, capture }: TunnelCase): Ending[] {
  return tunnel.calls.flatMap((call) => {
    if (call.outcome !== 'established') return [];
    const {
      idleSeconds: idle,
      deadSilence: silence,
      length,
      endedByOthers: byOthers,
    } = new CallCase(new TunnelCase(tunnel, capture, nobody, nowhere), call);
    if (idle === null && silence === null && length === null) return [];
    const { idleBeforeEnd } = call.evidence;
    const at = milliseconds(idleBeforeEnd?.endTime ?? tunnel.lastTime);
    const lastDataFrame = idleBeforeEnd?.lastDataFrame ?? null;
    const lastFrame = call.lcp.terminateFrame ?? call.disconnect?.frame ?? tunnel.lastFrame;
    return [{ call: call.id, idle, silence, length, at, lastDataFrame, lastFrame, byOthers }];
  });
}

export function neighbourOf(tunnel: TunnelReport, capture: CaptureReport): Neighbour {
  const { id, client, firstFrame, lastFrame, firstTime, lastTime, calls } = tunnel;
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
    endings: endingsOf(new TunnelCase(tunnel, capture, nobody, nowhere)).slice(0, endingsAtMost),
    unsignalled: calls.flatMap(({ kind, callIdInGre, gre }) => {
      const callId = callIdInGre.clientToServer;
      const sequence = gre.clientToServer.firstSequence;
      return kind !== 'unsignalled' || callId === null || sequence === null ? [] : [{ callId, sequence }];
    }),
    callIds: calls.flatMap((call) => {
      if (call.kind === 'unsignalled' || call.clientCallId === null) return [];
      const { interval } = new CallCase(new TunnelCase(tunnel, capture, nobody, nowhere), call);
      return interval === null ? [] : [{ ...interval, callId: call.clientCallId }];
    }),
  };
}

/** A tunnel among those of its capture. */
export class TunnelCase {
  readonly tunnel: TunnelReport;
  readonly capture: CaptureReport;
  private readonly beside: () => readonly Neighbour[];
  private readonly elsewhere: () => readonly View[];
  private ownEndings: readonly Ending[] | null = null;

  /**
   * `beside` answers the other tunnels to the same server in the same capture, `elsewhere` those of all captures that are the
   * same connection; few rules ask.
   */
  constructor(
    tunnel: TunnelReport,
    capture: CaptureReport,
    beside: () => readonly Neighbour[],
    elsewhere: () => readonly View[],
  ) {
    this.tunnel = tunnel;
    this.capture = capture;
    this.beside = beside;
    this.elsewhere = elsewhere;
  }

  /** The same connection, captured at other places. */
  get views(): readonly View[] {
    return this.elsewhere();
  }

  /** Other tunnels to the same server in the same capture. */
  get others(): readonly Neighbour[] {
    return this.beside();
  }

  /** The capture was taken near that end, and nothing shows that it was not at the end itself: what the end sends or takes is in it. */
  at(side: Side): boolean {
    return this.tunnel.vantage === side && this.tunnel.lostBeside[side] === null;
  }

  /** A sentence on who sent the FIN or RST, where its time to live tells; empty where it does not. */
  get closerText(): string {
    const strange = this.strangeEnd;
    if (strange === null) return '';
    const { from, timeToLive, usualTimeToLive } = strange;
    const segment = this.tunnel.control?.tcp.closedWith === 'fin' ? 'FIN' : 'RST';
    return ` The ${segment}'s time to live is ${timeToLive}, that of the ${from}'s other segments ${usualTimeToLive}: a box on the way sent it in the ${from}'s name.`;
  }

  /** What to do about the box that sent the FIN or RST; null where its time to live tells of none. */
  get closerAdvice(): string | null {
    const strange = this.strangeEnd;
    if (strange === null) return null;
    const away = routersPassed(strange.timeToLive);
    if (away > routersPassed(strange.usualTimeToLive)) {
      return `Find the box that sent it: no place on the way to the ${strange.from} has its time to live, so it is made up, as boxes do that end PPTP on purpose.`;
    }
    const where =
      away === 0 ? 'in the network of the point of capture' : `${counted(away, 'router')} from the point of capture`;
    return `Find the box that sent it: by its time to live it is ${where}. It has lost the connection (a restart, a failover to another box, a timer), or ends PPTP on purpose.`;
  }

  private get strangeEnd(): StrangeTimeToLive | null {
    const tcp = this.tunnel.control?.tcp;
    return tcp?.strangeTimesToLive.find(({ frame }) => frame === tcp.closedFrame) ?? null;
  }

  /** Octets of the control connection were sent and no frame holds them, not even cut: the capture lost frames, not the path. */
  get capturesLoss(): boolean {
    const tcp = this.tunnel.control?.tcp;
    if (tcp === undefined) return false;
    return tcp.missedByCapture > 0 || (tcp.missingBytes > 0 && this.capture.truncatedFrames === 0);
  }

  /** What shows on which sides of the point of capture packets are lost; empty where nothing does. */
  get lossesBeside(): Draft['evidence'] {
    return sides.flatMap((side) => {
      const lost = this.tunnel.lostBeside[side];
      if (lost === null) return [];
      return [{ frame: lost.frame, text: `sent again: packets are lost between the point of capture and the ${side}` }];
    });
  }

  /** The end of TCP, or what of the tunnel came last: behind it is nothing. */
  get lastSeen(): Draft['evidence'][number] {
    const tcp = this.tunnel.control?.tcp;
    if (!tcp || tcp.closedFrame === null)
      return { frame: this.tunnel.lastFrame, text: 'the last packet of the tunnel' };
    const how = (tcp.closedWith ?? '').toUpperCase();
    return { frame: tcp.closedFrame, text: `TCP closed by the ${tcp.closedBy} with ${how}` };
  }

  /** `10.1.1.2` */
  address(side: Side): string {
    return this.tunnel[side].address;
  }

  /** How its calls ended. */
  get endings(): readonly Ending[] {
    this.ownEndings ??= endingsOf(this);
    return this.ownEndings;
  }

  /** Tunnels to the same server address that were up at some moment of an interval of this one. */
  *busyBeside(from: string | null, to: string | null): Generator<Neighbour> {
    for (const other of this.others) {
      if (!other.established) continue;
      const starts = secondsBetweenTimes(other.firstTime, from ?? this.tunnel.firstTime);
      const ends = secondsBetweenTimes(to ?? this.tunnel.firstTime, other.lastTime);
      const began = secondsBetweenTimes(other.firstTime, to ?? this.tunnel.lastTime);
      const ended = secondsBetweenTimes(from ?? this.tunnel.firstTime, other.lastTime);
      if (starts === null || ends === null || began === null || ended === null) continue;
      if (began >= 0 && ended >= 0) yield other;
    }
  }

  /** The time of the control message in that frame; null where the report lists none. */
  protected timeOf(frame: number | null): string | null {
    return this.tunnel.control?.messages.find((message) => message.frame === frame)?.time ?? null;
  }

  /** The time of the first control message of that type; null where it was not seen. */
  messageTime(type: number): string | null {
    return this.tunnel.control?.messages.find((message) => message.type === type)?.time ?? null;
  }

  /** The frame of the first control message of that type from that side. */
  messageFrame(type: number, from: Side): number | null {
    return (
      this.tunnel.control?.messages.find((message) => message.type === type && message.from === from)?.frame ?? null
    );
  }

  /** The capture holds one direction of the control connection only. */
  get oneSided(): Side | null {
    return this.tunnel.control?.tcp.onlyFrom ?? null;
  }

  /** The first goodbye that is no end of TCP. */
  get farewell(): Farewell | null {
    return this.farewells[0] ?? null;
  }

  /** All of them, in order of their frames. */
  get farewells(): readonly Farewell[] {
    const stop = this.tunnel.control?.stop ?? null;
    return sides.flatMap((by) => {
      const frame = this.messageFrame(controlMessageType.stopControlConnectionRequest, by);
      if (frame === null) return [];
      const code = stop?.by === by ? stop.reasonCode : null;
      const advice = adviceOf(codeTables.stop, code, null);
      // 1 is a request without a reason (RFC 2637 §2.3), and 0 is none that there is.
      const reason = code === null || code <= 1 ? '' : `reason ${code}, ${stopReasonNames[code] ?? 'unknown'}`;
      return [{ by, frame, name: 'Stop-Control-Connection-Request', reason, advice }];
    });
  }
}

/** Who said goodbye, and how. */
interface Farewell {
  readonly by: Side;
  readonly frame: number;
  /** `LCP Terminate-Request` */
  readonly name: string;
  /** What it says of why: `result 3 (Admin Shutdown)`; empty where it says nothing. */
  readonly reason: string;
  /** What to check for that reason; null where nothing is known. */
  readonly advice: string | null;
}

const terminateRequest = 'LCP Terminate-Request';
/** Result of a Call-Disconnect-Notify that answers a Call-Clear-Request. RFC 2637 §2.13 */
const requested = 4;

/**
 * The server says goodbye first: `does` what, and `when`. Its reasons are all that it gives before the client says goodbye
 * as well; what comes later answers that.
 */
export function endedByServer(ended: TunnelCase, does: string, when: string, stage: StageName): Draft {
  const { farewells } = ended;
  const answered = farewells.findIndex(({ by }) => by === 'client');
  const own = farewells.slice(0, answered < 0 ? farewells.length : answered);
  const reasons = own.map(({ reason }) => reason).filter((reason) => reason !== '');
  return {
    cause: 'disconnected-by-server',
    confidence: 'certain',
    stage,
    summary: `The server ${does} with ${ended.farewell?.name}${when}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ', and gives no reason'}.`,
    evidence: own.map(({ frame, name }) => ({ frame, text: `${name} from the server` })),
    ...advised(own.find(({ advice }) => advice !== null)?.advice ?? null),
  };
}

/** One call. */
export class CallCase extends TunnelCase {
  private readonly base: TunnelCase;
  readonly call: Call;
  readonly up: GreDirection;
  readonly down: GreDirection;

  constructor(base: TunnelCase, call: Call) {
    super(
      base.tunnel,
      base.capture,
      () => base.others,
      () => base.views,
    );
    this.base = base;
    this.call = call;
    this.up = call.gre.clientToServer;
    this.down = call.gre.serverToClient;
  }

  override get endings(): readonly Ending[] {
    return this.base.endings;
  }

  /** The capture holds one direction only, of the control connection or of the tunnel. */
  override get oneSided(): Side | null {
    return super.oneSided ?? this.oneSidedTunnel;
  }

  /** Whose GRE alone is in the capture, though it acknowledges the other's. */
  get oneSidedTunnel(): Side | null {
    return (
      sides.find((side) => this.gre(side).lastAcknowledgment !== null && this.gre(otherSide(side)).packets === 0) ??
      null
    );
  }

  /** When the call was asked for, as far as the report lists the message. */
  get requestTime(): string | null {
    return this.timeOf(this.call.requestFrame);
  }

  /** When the request was answered, as far as the report lists the message. */
  get replyTime(): string | null {
    return this.timeOf(this.call.replyFrame);
  }

  /** When it was there; null where there is no GRE of it. */
  get interval(): Interval | null {
    const { up, down } = this;
    if (up.packets > 0) return { from: up.firstTime, to: up.lastTime, heard: true };
    return down.packets > 0 ? { from: this.replyTime, to: this.tunnel.lastTime, heard: false } : null;
  }

  /** Up to when more could have been seen of the call: the capture's end, or the tunnel's where somebody ended it. */
  get lastTime(): string | null {
    return this.over ? this.tunnel.lastTime : this.capture.lastFrameTime;
  }

  /** GRE of one side. */
  gre(side: Side): GreDirection {
    return side === 'client' ? this.up : this.down;
  }

  path(side: Side): PathEvidence {
    return side === 'client' ? this.call.evidence.path.clientToServer : this.call.evidence.path.serverToClient;
  }

  lcp(side: Side): Requests {
    return this.call.evidence.lcp?.[side] ?? noRequests;
  }

  ccp(side: Side): Requests {
    return this.call.evidence.ccp?.[side] ?? noRequests;
  }

  ipcp(side: Side): Requests {
    return this.call.evidence.ipcp?.[side] ?? noRequests;
  }

  /** That side takes GRE packets of the other: it acknowledged one or answered its LCP, and goes on doing so. */
  hears(side: Side): boolean {
    const taken = this.gre(side).lastAcknowledgment !== null || this.lcp(otherSide(side)).lastAnswerFrame !== null;
    return taken && !this.hearsNoMore(side);
  }

  /** That side asks again for what the other acknowledged, and does not acknowledge in GRE what the other sends. */
  hearsNoMore(side: Side): boolean {
    const { askedAgain } = this.lcp(side);
    const { lastSequence } = this.gre(otherSide(side));
    const { lastAcknowledgment } = this.gre(side);
    if (askedAgain === 0 || lastSequence === null) return false;
    return lastAcknowledgment === null || ((lastSequence - lastAcknowledgment) | 0) >= fewestInVain;
  }

  /** Answers that fit no request: their receiver drops them. RFC 1661 §5.2 */
  get unaskedAnswers(): Draft['evidence'] {
    const found = this.call.anomalies.filter(({ code }) => code === 'unasked-answer');
    return found.slice(0, 2).map(({ frame, message }) => ({ frame, text: message }));
  }

  /** A sentence on them, behind others; empty where there are none. */
  get unaskedText(): string {
    const [first] = this.unaskedAnswers;
    return first === undefined ? '' : ' Answers come whose identifier is that of no request; who gets them drops them.';
  }

  /** User data of that direction, in packets' octets. */
  userBytes(side: Side): number {
    return this.gre(side).userBytes;
  }

  /** The link or the call was ended by somebody, or the control connection was. */
  get over(): boolean {
    return this.farewell !== null || (this.tunnel.control?.tcp.closedFrame ?? null) !== null;
  }

  override get farewells(): readonly Farewell[] {
    const { lcp, disconnect, clearRequestBy, clearRequestFrame } = this.call;
    const { resultCode = null, errorCode = null, causeCode = null } = disconnect ?? {};
    const answers = resultCode === requested && disconnect?.by === 'server';
    const windows = lcp.windowsErrorCode;
    const terminateReasons = [
      lcp.terminateText ? `"${lcp.terminateText}"` : '',
      windows ? `Windows error ${windows} (${windowsErrorName(windows) ?? 'unknown'})` : '',
    ];
    const candidates = [
      {
        by: lcp.terminatedBy,
        frame: lcp.terminateFrame,
        name: terminateRequest,
        reason: terminateReasons.filter((reason) => reason !== '').join(', '),
        advice: windows ? lookUp(windows) : adviceOfText(lcp.terminateText),
      },
      { by: clearRequestBy, frame: clearRequestFrame, name: 'Call-Clear-Request', reason: '', advice: null },
      {
        by: answers ? ('client' as const) : (disconnect?.by ?? null),
        frame: disconnect?.frame ?? null,
        name: answers ? 'Call-Clear-Request, by its answer,' : 'Call-Disconnect-Notify',
        reason:
          answers || resultCode === null ? '' : resultText(resultCode, errorCode, causeCode, disconnectResultNames),
        advice: adviceOf(codeTables.disconnect, resultCode, errorCode),
      },
      ...super.farewells,
    ];
    return candidates
      .flatMap(({ by, frame, ...said }) => (by === null || frame === null ? [] : [{ by, frame, ...said }]))
      .sort((a, b) => a.frame - b.frame);
  }

  /** TCP was closed or reset before anybody said goodbye. */
  get closedWithoutFarewell(): { by: Side; how: 'fin' | 'rst'; frame: number } | null {
    const tcp = this.tunnel.control?.tcp;
    if (!tcp || tcp.closedBy === null || tcp.closedWith === null || tcp.closedFrame === null) return null;
    const { closedBy: by, closedWith: how, closedFrame } = tcp;
    // Nothing of a stream comes behind its FIN: what stands behind it in the capture was overtaken by it.
    const said = this.farewells.some(
      (one) => one.frame < closedFrame || (how === 'fin' && one.by === by && one.name !== terminateRequest),
    );
    return said ? null : { by, how, frame: closedFrame };
  }

  /** Seconds from the last user data to the end; null where they are too few for a timer, or not known. */
  get idleSeconds(): number | null {
    const seconds = this.call.evidence.idleBeforeEnd?.seconds ?? 0;
    return seconds >= shortestIdle ? seconds : null;
  }

  /** Seconds from the reply to the call to its end; null where they are too few for a timer, or not known. */
  get length(): number | null {
    const seconds = secondsBetweenTimes(this.replyTime, this.call.evidence.idleBeforeEnd?.endTime ?? null) ?? 0;
    return seconds >= shortestLength ? seconds : null;
  }

  /** Seconds of a silence after which one side was not heard any more. */
  get deadSilence(): number | null {
    const { silence } = this.call.evidence;
    const deadly = silence !== null && (silence.packetsAfter.client === 0 || silence.packetsAfter.server === 0);
    return deadly ? silence.seconds : null;
  }

  /** Not by the client, whose user may have hung up. */
  get endedByOthers(): boolean {
    const { farewell, closedWithoutFarewell: closed } = this;
    // What the client says after the server has closed answers that.
    return farewell === null ? closed !== null : farewell.by === 'server' || closed?.by === 'server';
  }

  /**
   * Seconds in which a side could have been heard: from the other's first GRE packet (or from its reply to the call) to
   * the last packet of the call, or of the capture where nobody ended it. null where there are no times.
   */
  get secondsOfSilence(): number | null {
    return secondsBetweenTimes(this.firstGreTime ?? this.replyTime, this.lastTime);
  }

  /** `0.4 s after the tunnel's first packet`: when the silence, or the call, was over; empty where there are no times. */
  get afterSilence(): string {
    const seconds = this.secondsOfSilence;
    const since = this.firstGreTime === null ? 'the call was accepted' : "the tunnel's first packet";
    return seconds === null ? '' : `${inSeconds(seconds)} after ${since}`;
  }

  private get firstGreTime(): string | null {
    const { up, down } = this;
    if (up.firstFrame === null) return down.firstTime;
    if (down.firstFrame === null) return up.firstTime;
    return up.firstFrame < down.firstFrame ? up.firstTime : down.firstTime;
  }

  /** There was enough time, or enough tries, for silence to mean something. */
  get waitedLongEnough(): boolean {
    const seconds = this.secondsOfSilence;
    if (seconds !== null && seconds >= answerOverdue) return true;
    return Math.max(this.lcp('client').sent, this.lcp('server').sent) >= triesInVain;
  }

  /** The last rung of a call that came up, else the last that it had begun to climb. */
  get furthest(): StageName {
    return this.call.outcome === 'established' ? 'data' : this.reached;
  }

  /** The last rung that a call that did not come up had begun to climb. */
  get reached(): StageName {
    const { network, encryption, authentication, lcp } = this.call;
    if (network.firstFrame !== null) return 'network';
    if (encryption.firstFrame !== null) return 'encryption';
    if (authentication.length > 0 || lcp.openedFrame !== null) return 'authentication';
    if (lcp.firstFrame !== null) return 'lcp';
    return this.up.packets + this.down.packets > 0 ? 'gre' : 'call';
  }

  /** The side whose LCP the other turned away. */
  get turnedAway(): Side | null {
    return sides.find((side) => this.lcp(side).turnedAwayFrame !== null) ?? null;
  }

  /** Seconds from the reply to the call to the first goodbye on the control connection; null where there are no times. */
  get secondsToFarewell(): number | null {
    const { farewell } = this;
    const said = this.timeOf(farewell?.frame ?? null);
    return secondsBetweenTimes(this.replyTime, said);
  }

  /** The capture holds the call from the first SYN on, as far as it shows. */
  get wholeSetup(): boolean {
    const signalled = this.tunnel.control?.tcp.outcome === 'connected' && this.call.requestFrame !== null;
    return signalled && this.lateStarter === null && !this.capturesLoss;
  }

  /** The side whose first GRE packets are not in the capture, by their numbers, which begin at 0. RFC 2637 §4.1 */
  get lateStarter(): Side | null {
    return sides.find((side) => (this.gre(side).firstSequence ?? 0) >= fewestNumbers) ?? null;
  }

  /** The client ended the call in order and without an error before it was up, and before an answer was overdue. */
  get cancelled(): boolean {
    const { outcome, lcp } = this.call;
    const seconds = this.secondsOfSilence;
    if (!this.wholeSetup || outcome === 'established' || this.farewell?.by !== 'client' || this.endedByOthers)
      return false;
    if (seconds !== null && seconds >= answerOverdue) return false;
    if (lcp.windowsErrorCode !== null) return lcp.windowsErrorCode === 0;
    return seconds !== null && (lcp.terminateText === null || userRequest.test(lcp.terminateText));
  }

  /** The last authentication exchange that ended well came from an authenticator of that side. */
  authenticated(by: Side): boolean {
    return this.call.authentication.findLast(({ authenticator }) => authenticator === by)?.outcome === 'success';
  }

  /** The link ended, or the call did, with an orderly Terminate-Request. */
  get terminated(): boolean {
    return this.call.lcp.terminatedBy !== null;
  }
}

/** Packets of that side that the other has not acknowledged. */
export function unacknowledged(callCase: CallCase, side: Side): number {
  const { lastSequence } = callCase.gre(side);
  const { lastAcknowledgment } = callCase.gre(otherSide(side));
  return lastSequence === null || lastAcknowledgment === null ? 0 : (lastSequence - lastAcknowledgment) | 0;
}

/** Systems begin with 64 (Unix), 128 (Windows) or 255 (routers). */
export function routersPassed(timeToLive: number): number {
  return ([64, 128].find((initial) => timeToLive <= initial) ?? 255) - timeToLive;
}

/** RFC 1918, shared (RFC 6598) and link-local addresses, and IPv6's unique local ones: a NAT stands before the internet. */
export function isPrivate(address: string): boolean {
  if (address.includes(':')) return /^f[cd]/i.test(address) || /^fe[89ab]/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    isOfCarrier(address)
  );
}

/** Shared address space, of providers' NATs. RFC 6598 */
export function isOfCarrier(address: string): boolean {
  const [a = 0, b = 0] = address.split('.').map(Number);
  return a === 100 && b >= 64 && b < 128;
}

/** What the first rule says that says something. */
export function firstOf<Case>(rules: readonly ((one: Case) => Draft[])[], one: Case): Draft[] {
  for (const rule of rules) {
    const drafts = rule(one);
    if (drafts.length > 0) return drafts;
  }
  return [];
}
