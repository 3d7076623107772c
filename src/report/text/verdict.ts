/**
 * The one line that stands before everything else: what became of a tunnel or call, and the mark for it.
 */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { type CauseId, causes, isCause } from '../../findings/knowledge/causes.ts';
import { onlyGreFrom } from '../../findings/one-sided.ts';
import { carriesData } from '../../findings/rules/facts.ts';
import { duration } from '../../octets/words.ts';
import { controlMessageType } from '../../pptp/names.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { Control } from '../../sessions/model/control.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { Tunnel } from '../../sessions/model/tunnel.ts';
import type { CallReport, TunnelReport } from '../contract.ts';
import { isOutOfStep } from './capture-words.ts';
import { secondsFrom } from './clock.ts';
import type { Mark } from './span.ts';

export interface Verdict {
  mark: '✓' | '!' | '✗' | '…';
  colour: Mark;
  text: string;
}

const undecided: Verdict = {
  mark: '…',
  colour: 'partial',
  text: 'undecided: the capture does not show how it went on',
};

/** Why is told below it, and it may yet come up. */
const notUpYet: Verdict = { ...undecided, text: 'undecided: not up when the capture ends' };

/** Causes that are no more than who ended the call. */
const saidByTheEnd: ReadonlySet<string> = new Set(['disconnected-by-server', 'control-reset'] satisfies CauseId[]);

/** What became of a call, or of a tunnel that has one or none: what stands in its heading, and counts among the outcomes of all. */
export interface Told {
  readonly id: string;
  readonly verdict: Verdict;
  /** Its diagnoses, the decisive one first. */
  readonly own: readonly Diagnosis[];
}

/** Where others that say the same stand for a tunnel, a heading and its causes are enough, or it is only counted. */
export type Telling = 'whole' | 'short' | 'counted';

/** A tunnel as a report tells it. */
export interface ToldTunnel {
  readonly tunnel: TunnelReport;
  /** Its diagnoses, the decisive one first. */
  readonly own: readonly Diagnosis[];
  readonly verdicts: readonly Told[];
  readonly telling: Telling;
}

/** Of each call of several; else one, which is the tunnel's. `own`: the tunnel's diagnoses. */
export function verdictsOf(tunnel: TunnelReport, own: readonly Diagnosis[]): Told[] {
  const { id, calls } = tunnel;
  const [only, ...others] = calls;
  if (only === undefined) return [{ id, verdict: tunnelVerdict(tunnel), own }];
  if (others.length === 0) return [{ id, verdict: callVerdict(only, tunnel, own), own }];
  return calls.map((call) => {
    const ofCall = own.filter((diagnosis) => diagnosis.call === call.id);
    return { id: call.id, verdict: callVerdict(call, tunnel, ofCall), own: ofCall };
  });
}

/** `own`: the call's diagnoses, the decisive one first. */
export function callVerdict(call: CallReport, tunnel: TunnelReport, own: readonly Diagnosis[]): Verdict {
  const failed = (why: string): Verdict => ({ mark: '✗', colour: 'failed', text: `VPN did not come up${why}` });
  const stopped = call.stages.find(({ status }) => status === 'failed');
  switch (call.outcome) {
    case 'established': {
      const text = `VPN came up${lifetime(call, tunnel)}, ${ending(call, tunnel)}`;
      const [first] = own;
      if (first === undefined || !isCause(first.cause) || first.cause === 'capture-incomplete') {
        return { mark: '✓', colour: 'passed', text };
      }
      const { title, stage } = causes[first.cause];
      // IPCP opened for a moment, and IPV6CP not at all; without encryption, where that is demanded, no data follows it.
      const fleeting =
        (stage === 'network' && call.network.ipv6cp !== 'opened') || (stage === 'encryption' && !carriesData(call));
      if (fleeting) return failed(`: ${title}`);
      // That the server ended it, or who reset it, is said already.
      const but = saidByTheEnd.has(first.cause) ? '' : `, but ${title}`;
      return { mark: '!', colour: 'partial', text: `${text}${but}` };
    }
    case 'failed':
      return failed(stopped === undefined ? '' : `: stopped at ${stopped.stage}`);
    case 'refused':
      return failed(': the call was refused');
    case 'unfinished':
      if (stopped !== undefined) return failed(`: stopped at ${stopped.stage}`);
      return own[0] === undefined || own[0].cause === 'capture-incomplete' ? undecided : notUpYet;
  }
}

/** Empty where the report has the connection once. In one capture it is there twice because somebody rewrites its addresses. */
export function sameConnection({ sameConnectionAs: others, sameConnectionInCapture: here }: TunnelReport): string {
  if (others === undefined) return '';
  const elsewhere = others.filter((id) => !here?.includes(id));
  return [
    ...(here === undefined
      ? []
      : [`the same connection as ${here.join(', ')}, with other addresses: before and behind a NAT`]),
    ...(elsewhere.length === 0 ? [] : [`the same connection as ${elsewhere.join(', ')}, captured at another place`]),
  ].join('; ');
}

/** Of a tunnel that has no call: how far its control connection got. */
export function tunnelVerdict(tunnel: TunnelReport): Verdict {
  const failed = (text: string): Verdict => ({ mark: '✗', colour: 'failed', text });
  const control = tunnel.control;
  if (control === null) return { mark: '…', colour: 'partial', text: 'undecided: no call in the capture' };
  const { tcp, start } = control;
  // What lacks may have come: of such a rung the ladder does not say that it failed.
  const open = tunnel.stages?.some(({ status }) => status === 'partial') === true;
  if (open && tcp.outcome !== 'mid-stream' && start.outcome !== 'accepted') return undecided;
  switch (tcp.outcome) {
    case 'refused':
      return failed(
        `no VPN: the ${tcp.closedBy === 'client' ? 'client did not ask for' : 'server refused'} the TCP connection`,
      );
    case 'no-answer':
      return failed('no VPN: nobody answered the TCP connection');
    case 'unreachable':
      return failed(`no VPN: ICMP says ${tunnel.icmpErrors[0]?.name ?? 'unreachable'}`);
    case 'connected':
    case 'mid-stream':
      break;
  }
  switch (start.outcome) {
    case 'refused':
      return failed('no VPN: the server refused the control connection');
    case 'no-reply':
      return failed('no VPN: no answer to the Start-Control-Connection-Request');
    case 'accepted':
      return { mark: '…', colour: 'partial', text: 'control connection up, but no call in the capture' };
    case 'not-seen':
      return tcp.outcome === 'mid-stream'
        ? { mark: '…', colour: 'partial', text: 'undecided: the capture starts in mid-connection and shows no call' }
        : failed(
            tcp.handshakeComplete || tcp.closedBy === 'client'
              ? 'no VPN: connected, but no PPTP was spoken'
              : 'no VPN: the client did not take the answer of TCP',
          );
  }
}

/** How long a call carried, or could carry, user data: from when its link was open to its end, or as far as one knows. */
function lifetime(call: CallReport, { control, stepBackSeconds }: TunnelReport): string {
  if (isOutOfStep(stepBackSeconds)) return ' for a time unknown (times in the capture go back)';
  const network = call.stages.find(({ stage, status }) => stage === 'network' && status === 'passed');
  const data = call.stages.find(({ stage, status }) => stage === 'data' && status === 'passed');
  const from = network?.time ?? data?.time ?? null;
  const { clientToServer, serverToClient } = call.gre;
  const sent = [clientToServer.lastTime, serverToClient.lastTime];
  const to = call.evidence.endTime ?? latest([...sent, heardOnControl(control)]);
  const seconds = from === null || to === null ? null : secondsFrom(from, to);
  return seconds !== null && seconds > 0 ? ` for ${duration(seconds)}` : '';
}

/** Up to then both ends went on with the control connection: a call that nobody ended is open, even where it carries nothing. */
function heardOnControl(control: Control | null): string | null {
  const { client = null, server = null } = control?.tcp.lastTime ?? {};
  return client === null || server === null ? null : ([client, server].sort()[0] ?? null);
}

function latest(times: readonly (string | null)[]): string | null {
  return (
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null
  );
}

/** Result code of a Call-Disconnect-Notify. */
const requested = 4;

/** Who ended it: the side whose farewell comes first, of PPP's, the call's, the control connection's and TCP's. */
function ending(call: Call, tunnel: Tunnel): string {
  const { control } = tunnel;
  const stop = control?.messages.find(({ type }) => type === controlMessageType.stopControlConnectionRequest);
  const farewells: { frame: number | null; by: Side | null }[] = [
    { frame: call.lcp.terminateFrame, by: call.lcp.terminatedBy },
    { frame: call.clearRequestFrame, by: call.clearRequestBy },
    // The server's answer to a request of the client. RFC 2637 §2.13
    {
      frame: call.disconnect?.frame ?? null,
      by: call.disconnect?.resultCode === requested ? 'client' : (call.disconnect?.by ?? null),
    },
    { frame: stop?.frame ?? null, by: stop?.from ?? null },
    { frame: control?.tcp.closedFrame ?? null, by: control?.tcp.closedBy ?? null },
  ];
  let first: { frame: number; by: Side } | null = null;
  // What ends the connection after that does not end this call.
  const behind = call.evidence.replacedFrame ?? Infinity;
  for (const { frame, by } of farewells) {
    const nearest = frame !== null && frame < (first?.frame ?? behind);
    if (nearest && by !== null) first = { frame, by };
  }
  if (first === null) {
    return behind === Infinity ? 'its end is not in the capture' : 'ended without a word: another call has its Call ID';
  }
  // Of a side alone, all but a Terminate-Request may answer what the other one said.
  const answers = control?.tcp.onlyFrom || onlyGreFrom(call) === first.by;
  if (answers && first.frame !== call.lcp.terminateFrame) return 'who ended it is not in the capture';
  return first.frame === control?.tcp.closedFrame ? closing(first.by, control.tcp) : `ended by the ${first.by}`;
}

/** A box on the way can close TCP in the name of an end: by its time to live, or as far as one knows. */
function closing(by: Side, { closedFrame, closedWith, strangeTimesToLive }: Control['tcp']): string {
  const foreign = strangeTimesToLive.some(({ frame }) => frame === closedFrame);
  if (foreign) return `ended by a box on the way, in the ${by}'s name`;
  return closedWith === 'rst' ? `ended by a RST from the ${by}'s address` : `ended by the ${by}`;
}
