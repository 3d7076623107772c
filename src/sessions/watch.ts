/**
 * Makes events of tunnels while they are followed. Nothing is noted where it happens: after each packet that may change
 * something (control messages, PPP negotiation, the first packet and the first user data of a GRE flow) the state is
 * compared with what was said of it before. User data costs nothing more than one comparison for each packet.
 */
import type { AddressBook } from '../octets/address.ts';
import { formatInstant, type Instant, secondsBetween } from '../octets/instant.ts';
import { controlMessageType, isSuccess } from '../pptp/names.ts';
import { buildCall } from './build-call.ts';
import type { CallState } from './call-state.ts';
import { ChallengeBook } from './challenge.ts';
import type { ControlConnection } from './control-connection.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { NegotiationUndone, TunnelEvent, TunnelEventBase } from './events.ts';
import type { Call } from './model/call.ts';
import type { Endpoint, Side } from './model/side.ts';
import { fieldText } from './ppp-link.ts';
import type { TunnelState } from './tunnel-state.ts';
import { graceSeconds } from './tunnels.ts';

export interface WatchListener {
  event(event: TunnelEvent): void;
  /** Something came about by which these calls are judged: a step, a failure, or a silence that went on long enough. */
  judge(tunnel: TunnelState, calls: readonly CallState[]): void;
  /** These calls have come further: what was said of them may not hold any more. */
  passed(tunnel: TunnelState, calls: readonly CallState[]): void;
  /** The ids of a call of which nothing more will be said. */
  callForgotten(tunnel: string, call: string): void;
}

/** Configure-Requests of one side, with no GRE of the other, after which its silence is said. */
const requestsInVain = 3;
/** Echo-Requests in a row without reply, or seconds since the first of them, after which that is said. */
const echoesInVain = 3;
const echoPatienceSeconds = 30;
/** Seconds that an answer may take: TCP's, Start-Control-Connection-Reply, a call reply, the first GRE. */
const answerPatienceSeconds = 5;
/** Both ends' echoes come once a minute (RFC 2637 §2.5): nothing for longer is a silence. */
const silenceSeconds = 75;
/** A tunnel that never came up, and one that did, are given up after so many seconds without a packet. */
const unconnectedSeconds = 120;
const givenUpSeconds = 3600;

/** Tunnels that one tick looks at: of 65,536 that may be followed, more than are given up in a second of the longest flood. */
const visitedAtMost = 1024;

/** What was said of a call. */
interface CallMarks {
  readonly id: string;
  requested: boolean;
  replied: boolean;
  readonly greSeen: [boolean, boolean];
  readonly dataSeen: [boolean, boolean];
  greUnanswered: boolean;
  /** What was said to be open, and is so in the model: what is not any more is taken back. */
  readonly open: Record<NegotiationUndone['stage'], boolean>;
  /** Exchanges asked for, and verdicts: `failure` may be followed by another. */
  asked: number;
  verdicts: number;
  terminated: boolean;
  disconnected: boolean;
  lcpEchoes: boolean;
  judgedSilence: boolean;
}

/** What was said of a tunnel. */
interface Marks {
  readonly id: string;
  connected: boolean;
  refused: boolean;
  started: boolean;
  closed: boolean;
  icmpErrors: number;
  echoes: boolean;
  silent: boolean;
  /** The rung whose missing answer was judged. */
  judgedSilence: 'none' | 'tcp' | 'control';
  readonly calls: Map<CallState, CallMarks>;
  /** Calls that were met, those that are forgotten too. */
  callsMet: number;
}

interface Moment {
  readonly frame: number | null;
  readonly instant: Instant | null;
}

/** A call of which something is to be said, and what all events of it say in common. */
interface ToldCall {
  readonly call: CallState;
  readonly marks: CallMarks;
  readonly say: TunnelEventBase;
}

export class Watch {
  private readonly listener: WatchListener;
  private readonly addresses: AddressBook;
  private readonly digits: () => number;
  private readonly tunnels = new Map<TunnelState, Marks>();
  /** Where the next tick goes on. */
  private round = this.tunnels.entries();
  private visited: [TunnelState, Marks][] = [];
  private met = 0;

  /** `digits`: of the capture's times, as known by then. */
  constructor(listener: WatchListener, addresses: AddressBook, digits: () => number) {
    this.listener = listener;
    this.addresses = addresses;
    this.digits = digits;
  }

  /** Open tunnels, in the order in which they were met. */
  open(): TunnelState[] {
    return [...this.tunnels.keys()];
  }

  /** The id that the events of a tunnel carry. */
  idOf(tunnel: TunnelState): string {
    return this.marks(tunnel, { frame: tunnel.firstFrame, instant: tunnel.first }).id;
  }

  /** The id that the events of a call carry. */
  callIdOf(call: CallState): string {
    return this.callMarks(call).id;
  }

  /** A call that is over is not followed any more. */
  callForgotten(call: CallState): void {
    const marks = this.tunnels.get(call.tunnel);
    const held = marks?.calls.get(call);
    if (marks === undefined || held === undefined) return;
    marks.calls.delete(call);
    this.listener.callForgotten(marks.id, held.id);
  }

  /** A TCP segment of a tunnel, or an ICMP error about it, was taken in. */
  tunnelChanged(tunnel: TunnelState, frame: number, instant: Instant | null): void {
    const moment = { frame, instant };
    const marks = this.marks(tunnel, moment);
    marks.silent = false;
    if (tunnel.control !== null) this.control(tunnel, tunnel.control, marks, moment);
    for (const error of tunnel.icmpErrors.slice(marks.icmpErrors)) {
      marks.icmpErrors += 1;
      this.listener.event({
        ...this.base(tunnel, error.call === null ? null : this.callMarks(error.call).id, error),
        kind: 'icmp-error',
        from: this.addresses.text(error.from),
        name: error.name,
        quotes: error.quotes,
      });
      this.judge(tunnel, error.call);
    }
    for (const call of tunnel.calls.slice(-recentCalls)) this.signalling(call, moment);
  }

  /** A PPP control packet of a call, or the first packet or user data of a direction, was taken in. */
  callChanged(call: CallState, frame: number, instant: Instant | null): void {
    const { tunnel } = call;
    const moment = { frame, instant };
    const marks = this.callMarks(call);
    this.marks(tunnel, moment).silent = false;
    const model = this.model(call);
    const side = sideOf(tunnel.clientEnd);
    this.flows(call, marks, moment);
    this.link({ call, marks, say: this.base(tunnel, marks.id, moment) }, model);
    const requests = model.lcp.configureRequests;
    for (const end of [0, 1] as const) {
      const other = call.flow(otherEnd(end));
      const from = side(end);
      if (marks.greUnanswered || (other !== null && other.packets > 0)) continue;
      // Who acknowledges has heard the other: only the capture lacks it.
      if (requests[from] < requestsInVain || (call.flow(end)?.acknowledging ?? -1) >= 0) continue;
      marks.greUnanswered = true;
      const base = this.base(tunnel, marks.id, moment);
      this.listener.event({ ...base, kind: 'gre-unanswered', from, requests: requests[from] });
      this.judge(tunnel, call);
    }
  }

  /** Time has passed: what is missing by now. Gives the tunnels that nothing more is expected of. */
  tick(now: Instant): TunnelState[] {
    const givenUp: TunnelState[] = [];
    this.visited = this.nextVisited();
    for (const [tunnel, marks] of this.visited) {
      const heard = tunnel.lastHeard < 0 ? (tunnel.last?.seconds ?? now.seconds) : tunnel.lastHeard;
      const quiet = now.seconds + now.nanoseconds / 1e9 - heard;
      const cameUp = tunnel.calls.some(isUp);
      if (quiet >= (cameUp ? givenUpSeconds : unconnectedSeconds)) {
        givenUp.push(tunnel);
        continue;
      }
      this.overdue(tunnel, marks, now);
      this.echoes(tunnel, marks, now);
      if (quiet < silenceSeconds || marks.silent || marks.closed || !cameUp) continue;
      marks.silent = true;
      const base = this.base(tunnel, null, { frame: null, instant: now });
      this.listener.event({ ...base, kind: 'tunnel-silent', seconds: Math.round(quiet) });
      this.judge(tunnel, null);
    }
    return givenUp;
  }

  /** All tunnels, where there are very many the next of them: ticks may come as often as packets. */
  private nextVisited(): [TunnelState, Marks][] {
    const visited: [TunnelState, Marks][] = [];
    for (let left = Math.min(this.tunnels.size, visitedAtMost); left > 0; left -= 1) {
      let next = this.round.next();
      if (next.done) {
        this.round = this.tunnels.entries();
        next = this.round.next();
      }
      if (!next.done) visited.push(next.value);
    }
    return visited;
  }

  /** Of those that the tick looked at: calls that are over, of tunnels that go on with others and have more of them than `kept`; the oldest. */
  callsDone(now: Instant, kept: number): CallState[] {
    const done: CallState[] = [];
    for (const [tunnel] of this.visited) {
      // This very tick may have given it up.
      if (!this.tunnels.has(tunnel)) continue;
      const excess = tunnel.calls.length - kept;
      if (excess > 0) done.push(...tunnel.calls.filter((call) => isOver(call, now)).slice(0, excess));
    }
    return done;
  }

  /** It is about to be forgotten. */
  ended(tunnel: TunnelState): void {
    const moment = { frame: tunnel.lastFrame, instant: tunnel.last };
    this.marks(tunnel, moment);
    const { first, last } = tunnel;
    this.listener.event({
      ...this.base(tunnel, null, moment),
      kind: 'tunnel-ended',
      durationSeconds: first === null || last === null ? null : Math.round(secondsBetween(first, last) * 1e6) / 1e6,
    });
    this.tunnels.delete(tunnel);
  }

  private control(tunnel: TunnelState, connection: ControlConnection, marks: Marks, moment: Moment): void {
    const say = this.base(tunnel, null, moment);
    if (!marks.connected && connection.connected) {
      marks.connected = true;
      const seconds = connection.handshakeSeconds;
      const handshakeMilliseconds = seconds === null ? null : Math.round(seconds * 1e6) / 1e3;
      this.listener.event({ ...say, kind: 'tcp-connected', handshakeMilliseconds });
      this.passed(tunnel, null);
    }
    if (!marks.refused && connection.refused) {
      marks.refused = true;
      this.listener.event({ ...say, kind: 'tcp-refused' });
      this.judge(tunnel, null);
    }
    const resultCode = connection.startResultCode;
    if (!marks.started && connection.startReplyFrame !== 0 && resultCode !== null) {
      marks.started = true;
      const parameters = connection.startParameters[otherEnd(tunnel.clientEnd)];
      const reply =
        parameters?.controlMessageType === controlMessageType.startControlConnectionReply ? parameters : null;
      const accepted = isSuccess(resultCode);
      this.listener.event({
        ...say,
        kind: 'control-started',
        accepted,
        resultCode,
        vendorName: reply?.vendorName === undefined ? null : fieldText(reply.vendorName),
        hostName: reply?.hostName === undefined ? null : fieldText(reply.hostName),
      });
      if (accepted) this.passed(tunnel, null);
      else this.judge(tunnel, null);
    }
    if (!marks.closed && connection.closedBy !== null && connection.closedWith !== null) {
      marks.closed = true;
      // A refusal was said.
      if (connection.refused) return;
      const by = sideOf(tunnel.clientEnd)(connection.closedBy);
      this.listener.event({ ...say, kind: 'control-closed', by, with: connection.closedWith });
      this.judge(tunnel, null);
    }
  }

  /** What control messages say of a call. */
  private signalling(call: CallState, moment: Moment): void {
    const { tunnel } = call;
    if (call.kind === 'unsignalled') return;
    const marks = this.callMarks(call);
    const side = sideOf(tunnel.clientEnd);
    const say = this.base(tunnel, marks.id, moment);
    if (!marks.requested && call.said.requestedBy !== null) {
      marks.requested = true;
      this.listener.event({ ...say, kind: 'call-requested', by: side(call.said.requestedBy) });
    }
    if (!marks.replied && call.said.replyFrame !== null && call.said.resultCode !== null) {
      marks.replied = true;
      const client = tunnel.clientEnd;
      if (call.connected) {
        const clientCallId = call.callId(client);
        const serverCallId = call.callId(otherEnd(client));
        this.listener.event({ ...say, kind: 'call-connected', clientCallId, serverCallId });
      } else {
        const { resultCode, errorCode, causeCode } = call.said;
        const reply = call.kind === 'incoming' ? 'incoming' : 'outgoing';
        this.listener.event({ ...say, kind: 'call-refused', reply, resultCode, errorCode, causeCode });
      }
      this.judge(tunnel, call);
    }
    const { clearRequest, disconnect } = call.said;
    const by = (clearRequest ?? disconnect)?.by;
    if (marks.disconnected || by === undefined) return;
    marks.disconnected = true;
    this.listener.event({ ...say, kind: 'disconnected', by: side(by), resultCode: disconnect?.resultCode ?? null });
    this.judge(tunnel, call);
  }

  private flows(call: CallState, marks: CallMarks, moment: Moment): void {
    const { tunnel } = call;
    const side = sideOf(tunnel.clientEnd);
    for (const end of [0, 1] as const) {
      const flow = call.flow(end);
      if (flow === null) continue;
      const say = this.base(tunnel, marks.id, moment);
      if (!marks.greSeen[end] && flow.packets > 0) {
        marks.greSeen[end] = true;
        this.listener.event({ ...say, kind: 'gre-seen', from: side(end) });
        this.passed(tunnel, call);
      }
      if (marks.dataSeen[end] || flow.firstDataFrame === 0) continue;
      marks.dataSeen[end] = true;
      this.listener.event({ ...say, kind: 'first-data', from: side(end), encrypted: flow.hasEncrypted });
      this.judge(tunnel, call);
    }
  }

  private link(told: ToldCall, { lcp, authentication, encryption, network }: Call): void {
    const { call, say } = told;
    const { tunnel } = call;
    if (this.opens(told, 'lcp', lcp.openedFrame)) {
      const demanded = (one: Side): string | null => lcp[one]?.authenticationProtocol ?? null;
      this.listener.event({
        ...say,
        kind: 'lcp-opened',
        authentication: { client: demanded('client'), server: demanded('server') },
      });
      this.passed(tunnel, call);
    }
    this.authentication(told, authentication);
    if (this.opens(told, 'encryption', encryption.openedFrame)) {
      const { method, bits, stateless } = encryption;
      this.listener.event({ ...say, kind: 'encryption-agreed', method, bits, stateless });
      this.judge(tunnel, call);
    }
    if (this.opens(told, 'network', network.openedFrame)) {
      const { clientAddress, serverAddress } = network;
      this.listener.event({ ...say, kind: 'network-opened', clientAddress, serverAddress });
      this.passed(tunnel, call);
    }
    this.terminated(told, lcp.terminateText);
  }

  /** Whether a stage is open that was not before. One that was and is no more is taken back. */
  private opens({ call, marks, say }: ToldCall, stage: NegotiationUndone['stage'], frame: number | null): boolean {
    const said = marks.open[stage];
    marks.open[stage] = frame !== null;
    if (said && frame === null) {
      this.listener.event({ ...say, kind: 'negotiation-undone', stage });
      this.judge(call.tunnel, call);
    }
    return !said && frame !== null;
  }

  private authentication({ call, marks, say }: ToldCall, exchanges: Call['authentication']): void {
    for (const { protocol, authenticator } of exchanges.slice(marks.asked)) {
      marks.asked += 1;
      this.listener.event({ ...say, kind: 'authentication-asked', protocol, by: authenticator });
    }
    const decided = exchanges.reduce((sum, { outcome, evidence }) => {
      return sum + evidence.failureFrames.length + (outcome === 'success' ? 1 : 0);
    }, 0);
    const last = exchanges.findLast(({ outcome }) => outcome !== 'unfinished');
    if (decided <= marks.verdicts || last === undefined) return;
    marks.verdicts = decided;
    const { protocol, authenticator, user, errorCode, message, outcome } = last;
    const kind = outcome === 'success' ? 'authentication-succeeded' : 'authentication-failed';
    this.listener.event({ ...say, kind, protocol, by: authenticator, user, errorCode, message });
    this.judge(call.tunnel, call);
  }

  private terminated({ call, marks, say }: ToldCall, text: string | null): void {
    const { tunnel, link } = call;
    if (marks.terminated || link.terminate === null) return;
    marks.terminated = true;
    const by = sideOf(tunnel.clientEnd)(link.terminate.by);
    this.listener.event({ ...say, kind: 'link-terminated', by, text, windowsErrorCode: link.windowsErrorCode });
    this.judge(tunnel, call);
  }

  /** Answers that should be there by now: they are judged once for each rung. */
  private overdue(tunnel: TunnelState, marks: Marks, now: Instant): void {
    const { control } = tunnel;
    if (marks.closed || control === null) return;
    const late = (since: Instant | null): boolean =>
      since !== null && secondsBetween(since, now) >= answerPatienceSeconds;
    if (!control.connected && control.synSegments > 0 && marks.judgedSilence === 'none' && late(tunnel.first)) {
      marks.judgedSilence = 'tcp';
      this.judge(tunnel, null);
    }
    const unstarted = control.connected && control.startReplyFrame === 0 && control.startRequestFrame !== 0;
    if (unstarted && marks.judgedSilence !== 'control' && late(control.startRequestInstant)) {
      marks.judgedSilence = 'control';
      this.judge(tunnel, null);
    }
    for (const call of tunnel.calls.slice(-recentCalls)) {
      const said = this.callMarks(call);
      if (said.judgedSilence || call.said.endedInstant !== null || call.kind === 'unsignalled') continue;
      const heard = call.flows.every((flow) => flow !== null && flow.packets > 0);
      if (heard || !late(call.said.replyInstant ?? call.said.requestInstant)) continue;
      said.judgedSilence = true;
      this.judge(tunnel, call);
    }
  }

  private echoes(tunnel: TunnelState, marks: Marks, now: Instant): void {
    const side = sideOf(tunnel.clientEnd);
    const moment = { frame: null, instant: now };
    const control = tunnel.control?.echo.inVain() ?? null;
    if (control === null) marks.echoes = false;
    else if (!marks.echoes && !marks.closed && tooLong(control, now)) {
      marks.echoes = true;
      const { end, requests } = control;
      const base = this.base(tunnel, null, moment);
      this.listener.event({ ...base, kind: 'echo-unanswered', protocol: 'pptp', from: side(end), requests });
      this.judge(tunnel, null);
    }
    for (const call of tunnel.calls.slice(-recentCalls)) {
      const said = this.callMarks(call);
      const lcp = call.link.echoInVain();
      if (lcp === null) said.lcpEchoes = false;
      else if (!said.lcpEchoes && call.said.endedInstant === null && tooLong(lcp, now)) {
        said.lcpEchoes = true;
        const { end, requests } = lcp;
        const base = this.base(tunnel, said.id, moment);
        this.listener.event({ ...base, kind: 'echo-unanswered', protocol: 'lcp', from: side(end), requests });
        this.judge(tunnel, call);
      }
    }
  }

  private judge(tunnel: TunnelState, call: CallState | null): void {
    this.listener.judge(tunnel, concerned(tunnel, call));
  }

  private passed(tunnel: TunnelState, call: CallState | null): void {
    this.listener.passed(tunnel, concerned(tunnel, call));
  }

  private marks(tunnel: TunnelState, moment: Moment): Marks {
    const held = this.tunnels.get(tunnel);
    if (held !== undefined) return held;
    this.met += 1;
    const marks: Marks = {
      id: `T${this.met}`,
      connected: false,
      refused: false,
      started: false,
      closed: false,
      icmpErrors: 0,
      echoes: false,
      silent: false,
      judgedSilence: 'none',
      calls: new Map(),
      callsMet: 0,
    };
    this.tunnels.set(tunnel, marks);
    const { control } = tunnel;
    this.listener.event({
      ...this.base(tunnel, null, moment),
      kind: 'tunnel-opened',
      with: control === null ? 'gre' : control.synSegments > 0 ? 'syn' : 'mid-stream',
    });
    return marks;
  }

  private callMarks(call: CallState): CallMarks {
    const marks = this.marks(call.tunnel, { frame: call.firstFrame, instant: call.tunnel.last });
    const held = marks.calls.get(call);
    if (held !== undefined) return held;
    marks.callsMet += 1;
    const made: CallMarks = {
      id: `${marks.id}.${marks.callsMet}`,
      requested: false,
      replied: false,
      greSeen: [false, false],
      dataSeen: [false, false],
      greUnanswered: false,
      open: { lcp: false, encryption: false, network: false },
      asked: 0,
      verdicts: 0,
      terminated: false,
      disconnected: false,
      lcpEchoes: false,
      judgedSilence: false,
    };
    marks.calls.set(call, made);
    return made;
  }

  private base(tunnel: TunnelState, call: string | null, { frame, instant }: Moment): TunnelEventBase {
    const held = this.tunnels.get(tunnel);
    const client = tunnel.clientEnd;
    const endpoint = (end: End): Endpoint => {
      return { address: this.addresses.text(tunnel.address(end)), port: tunnel.port(end) };
    };
    return {
      tunnel: held?.id ?? '',
      call,
      frame,
      time: instant === null ? null : formatInstant(instant, this.digits()),
      client: endpoint(client),
      server: endpoint(otherEnd(client)),
    };
  }

  /** The call as it stands. Challenges are told apart by a book of their own: the report's is filled at the end. */
  private model(call: CallState): Call {
    const digits = this.digits();
    return buildCall(
      call,
      {
        addresses: this.addresses,
        digits,
        capture: 0,
        challenges: new ChallengeBook(call.tunnel.limits),
        keepSecrets: false,
        credentials: [],
      },
      (instant) => (instant === null ? null : formatInstant(instant, digits)),
    );
  }
}

/** Control messages are about a connection's newest calls; older ones are not looked through for each. */
const recentCalls = 64;

/** The call alone, where it is about one: a connection has many. Its end is judged together. */
function concerned(tunnel: TunnelState, call: CallState | null): readonly CallState[] {
  const alone = call !== null && (tunnel.control === null || tunnel.control.closedBy === null);
  return alone ? [call] : tunnel.calls.slice(-recentCalls);
}

/** Its reply says so; without signalling, GRE of both ends does. */
function isUp({ connected, kind, flows }: CallState): boolean {
  return connected || (kind === 'unsignalled' && flows.every((flow) => flow !== null && flow.packets > 0));
}

/** Nothing more is expected of the call, though its tunnel goes on. */
function isOver(call: CallState, now: Instant): boolean {
  const quiet = call.quietSince(now.seconds + now.nanoseconds / 1e9);
  if (call.said.endedInstant !== null)
    return Math.min(quiet, secondsBetween(call.said.endedInstant, now)) >= graceSeconds;
  const said = call.said.replyInstant ?? call.said.requestInstant;
  const patience = isUp(call) ? givenUpSeconds : unconnectedSeconds;
  return quiet >= patience && (said === null || secondsBetween(said, now) >= patience);
}

function tooLong({ requests, since }: { requests: number; since: Instant }, now: Instant): boolean {
  // The newest request may still be answered in time.
  return requests > echoesInVain || secondsBetween(since, now) >= echoPatienceSeconds;
}
