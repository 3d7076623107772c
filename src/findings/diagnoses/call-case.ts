/** One call of a tunnel as the rules look at it: the model, and the questions that several rules ask. */
import { windowsErrorName } from '../../ppp/windows-errors.ts';
import { disconnectResultNames } from '../../pptp/names.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import { noRequests } from '../../sessions/evidence.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { MissedPackets, PathEvidence, Requests } from '../../sessions/model/evidence.ts';
import type { GreDirection } from '../../sessions/model/gre.ts';
import type { Side } from '../../sessions/model/side.ts';
import { adviceOf, codeTables, lookUp } from '../knowledge/codes.ts';
import { adviceOfText, userRequest } from '../knowledge/terminate-texts.ts';
import { onlyGreFrom } from '../one-sided.ts';
import type { StageName } from '../stage.ts';
import type { Draft } from './draft.ts';
import type { Ending, Interval } from './neighbour.ts';
import { answerOverdue, triesInVain } from './patience.ts';
import { resultText } from './result.ts';
import { inSeconds, milliseconds, secondsBetweenTimes } from './time.ts';
import { type Farewell, TunnelCase } from './tunnel-case.ts';

/** Fewer packets that are not acknowledged in GRE may have been under way, or lost. */
const fewestInVain = 3;
/** Acknowledgments that numbers which are missing would have had, for their lack to be no chance; and one in so many of them is next to none. */
const fewestNamed = 5;
const namedShare = 4;
/** Shorter idle times are no timer's. */
const shortestIdle = 30;
/** Shorter calls are ended by no timer. */
const shortestLength = 60;
/** Sequence numbers below it may be a sender's first. */
const fewestNumbers = 4;
/** Result of a Call-Disconnect-Notify that answers a Call-Clear-Request. RFC 2637 §2.13 */
const requested = 4;
const terminateRequest = 'LCP Terminate-Request';

/** All calls of a tunnel, in order. */
export function callCases(tunnelCase: TunnelCase): readonly CallCase[] {
  let endings: readonly Ending[] | null = null;
  const cases = tunnelCase.tunnel.calls.map(
    (call): CallCase =>
      new CallCase(tunnelCase, call, () => {
        endings ??= cases.flatMap(({ ending }) => ending ?? []);
        return endings;
      }),
  );
  return cases;
}

/** A call among those of its tunnel. */
export class CallCase extends TunnelCase {
  readonly call: Call;
  readonly up: GreDirection;
  readonly down: GreDirection;
  private readonly ofTunnel: () => readonly Ending[];

  /** `endings` answers how the calls of the tunnel ended; few rules ask. */
  constructor(base: TunnelCase, call: Call, endings: () => readonly Ending[]) {
    super(
      base.tunnel,
      base.capture,
      () => base.others,
      () => base.views,
    );
    this.call = call;
    this.up = call.gre.clientToServer;
    this.down = call.gre.serverToClient;
    this.ofTunnel = endings;
  }

  /** How the calls of its tunnel ended, this one too. */
  get endings(): readonly Ending[] {
    return this.ofTunnel();
  }

  /** How it ended; null where it had not come up, or its end tells of no timer. */
  get ending(): Ending | null {
    const { call, tunnel, idleSeconds: idle, deadSilence: silence, length, endedByOthers: byOthers } = this;
    if (call.outcome !== 'established') return null;
    if (idle === null && silence === null && length === null) return null;
    const { idleBeforeEnd } = call.evidence;
    const at = milliseconds(idleBeforeEnd?.endTime ?? tunnel.lastTime);
    const lastDataFrame = idleBeforeEnd?.lastDataFrame ?? null;
    const lastFrame = call.lcp.terminateFrame ?? call.disconnect?.frame ?? tunnel.lastFrame;
    return { call: call.id, idle, silence, length, at, lastDataFrame, lastFrame, byOthers };
  }

  /** The capture holds one direction only, of the control connection or of the tunnel. */
  override get oneSided(): Side | null {
    return super.oneSided ?? this.oneSidedTunnel;
  }

  /** Whose GRE alone is in the capture, though it acknowledges the other's. */
  get oneSidedTunnel(): Side | null {
    return onlyGreFrom(this.call);
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

  /** The last GRE packet of either end. */
  get lastInTunnel(): number | null {
    return Math.max(this.up.lastFrame ?? 0, this.down.lastFrame ?? 0) || null;
  }

  path(side: Side): PathEvidence {
    return side === 'client' ? this.call.evidence.path.clientToServer : this.call.evidence.path.serverToClient;
  }

  /** What the capture lost of that side's packets. What an end sends beside it is hardly lost before it, if the other takes it. */
  missed(side: Side): MissedPackets | null {
    const { missed, longestGapFrames } = this.path(side);
    const { lost } = this.gre(side);
    const here = this.at(side) && this.call.multilink === null && !this.strayNumber(side);
    if (longestGapFrames === null || !here || this.neverArrive(side) || lost <= (missed?.packets ?? 0)) return missed;
    return { packets: lost, between: lost, ...longestGapFrames };
  }

  /** The other side names numbers that it takes, and of those that the capture lacks none, or next to none: it did not get them. */
  neverArrive(side: Side): boolean {
    const { lost, dataPackets, missedByCapture } = this.gre(side);
    const expected = dataPackets === 0 ? 0 : (lost * this.path(side).acknowledged) / dataPackets;
    return expected >= fewestNamed && missedByCapture * namedShare < expected;
  }

  /** One packet with a number far ahead makes all that follow look late, and what is between look lost. */
  strayNumber(side: Side): boolean {
    const { lost, dataPackets, reordered } = this.gre(side);
    return reordered > 0 && lost > 100 * dataPackets;
  }

  /** Numbers of that side that never appear, but for those that the capture lost. */
  lostOnPath(side: Side): number {
    return Math.max(0, this.gre(side).lost - (this.missed(side)?.between ?? 0));
  }

  /** Most numbers of that side that were left out at once; 0 where the capture lost them. */
  gapOnPath(side: Side): number {
    const { longestGap } = this.path(side);
    return longestGap > this.lostOnPath(side) ? 0 : longestGap;
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
    const other = otherSide(side);
    if (askedAgain === 0 || this.gre(other).lastSequence === null) return false;
    return this.gre(side).lastAcknowledgment === null || this.unacknowledged(other) >= fewestInVain;
  }

  /** Packets of that side that the other has not acknowledged; 0 where it acknowledged none. */
  unacknowledged(side: Side): number {
    const { lastSequence } = this.gre(side);
    const { lastAcknowledgment } = this.gre(otherSide(side));
    return lastSequence === null || lastAcknowledgment === null ? 0 : (lastSequence - lastAcknowledgment) | 0;
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
    return signalled && this.lateStarter === null && !this.capturesLoss && !this.lacksGre;
  }

  /** The capture lost packets of the tunnel. */
  get lacksGre(): boolean {
    return sides.some((side) => this.missed(side) !== null);
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
