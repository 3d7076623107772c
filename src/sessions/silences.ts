/** What does not come about, by the clock: answers that are overdue, echoes in vain, tunnels that fall silent and are given up. */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { CallState } from './call-state.ts';
import { sideOf } from './ends.ts';
import { recentCalls, type Told, type TunnelMarks } from './told.ts';
import type { TunnelState } from './tunnel-state.ts';
import { graceSeconds } from './tunnels.ts';

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

export class Silences {
  private readonly told: Told;
  /** Where the next tick goes on. */
  private round: IterableIterator<[TunnelState, TunnelMarks]>;
  private visited: [TunnelState, TunnelMarks][] = [];

  constructor(told: Told) {
    this.told = told;
    this.round = told.tunnels.entries();
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
      const about = this.told.about(tunnel, null, { frame: null, instant: now });
      this.told.say({ ...about, kind: 'tunnel-silent', seconds: Math.round(quiet) });
      this.told.judge(tunnel, null);
    }
    return givenUp;
  }

  /** Of those that the tick looked at: calls that are over, of tunnels that go on with others and have more of them than `kept`; the oldest. */
  callsDone(now: Instant, kept: number): CallState[] {
    const done: CallState[] = [];
    for (const [tunnel] of this.visited) {
      // This very tick may have given it up.
      if (!this.told.tunnels.has(tunnel)) continue;
      const excess = tunnel.calls.length - kept;
      if (excess > 0) done.push(...tunnel.calls.filter((call) => isOver(call, now)).slice(0, excess));
    }
    return done;
  }

  /** All tunnels, where there are very many the next of them: ticks may come as often as packets. */
  private nextVisited(): [TunnelState, TunnelMarks][] {
    const { tunnels } = this.told;
    const visited: [TunnelState, TunnelMarks][] = [];
    for (let left = Math.min(tunnels.size, visitedAtMost); left > 0; left -= 1) {
      let next = this.round.next();
      if (next.done) {
        this.round = tunnels.entries();
        next = this.round.next();
      }
      if (!next.done) visited.push(next.value);
    }
    return visited;
  }

  /** Answers that should be there by now: they are judged once for each rung. */
  private overdue(tunnel: TunnelState, marks: TunnelMarks, now: Instant): void {
    const { told } = this;
    const { control } = tunnel;
    if (marks.closed || control === null) return;
    const late = (since: Instant | null): boolean =>
      since !== null && secondsBetween(since, now) >= answerPatienceSeconds;
    const { handshake, messages } = control;
    if (!handshake.connected && handshake.synSegments > 0 && marks.judgedSilence === 'none' && late(tunnel.first)) {
      marks.judgedSilence = 'tcp';
      told.judge(tunnel, null);
    }
    const unstarted = handshake.connected && messages.startReplyFrame === 0 && messages.startRequestFrame !== 0;
    if (unstarted && marks.judgedSilence !== 'control' && late(messages.startRequestInstant)) {
      marks.judgedSilence = 'control';
      told.judge(tunnel, null);
    }
    for (const call of recentCalls(tunnel)) {
      const said = told.call(call);
      if (said.judgedSilence || call.said.endedInstant !== null || call.kind === 'unsignalled') continue;
      const heard = call.flows.every((flow) => flow !== null && flow.packets > 0);
      if (heard || !late(call.said.replyInstant ?? call.said.requestInstant)) continue;
      said.judgedSilence = true;
      told.judge(tunnel, call);
    }
  }

  private echoes(tunnel: TunnelState, marks: TunnelMarks, now: Instant): void {
    const { told } = this;
    const side = sideOf(tunnel.clientEnd);
    const moment = { frame: null, instant: now };
    const control = tunnel.control?.messages.echo.inVain() ?? null;
    if (control === null) marks.echoes = false;
    else if (!marks.echoes && !marks.closed && tooLong(control, now)) {
      marks.echoes = true;
      const { end, requests } = control;
      const about = told.about(tunnel, null, moment);
      told.say({ ...about, kind: 'echo-unanswered', protocol: 'pptp', from: side(end), requests });
      told.judge(tunnel, null);
    }
    for (const call of recentCalls(tunnel)) {
      const said = told.call(call);
      const lcp = call.link.echoInVain();
      if (lcp === null) said.lcpEchoes = false;
      else if (!said.lcpEchoes && call.said.endedInstant === null && tooLong(lcp, now)) {
        said.lcpEchoes = true;
        const { end, requests } = lcp;
        const about = told.about(tunnel, said.id, moment);
        told.say({ ...about, kind: 'echo-unanswered', protocol: 'lcp', from: side(end), requests });
        told.judge(tunnel, call);
      }
    }
  }
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
