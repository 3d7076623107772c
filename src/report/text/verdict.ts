/**
 * The one line that stands before everything else: what became of a tunnel or call, and the mark for it.
 */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { causes, isCause } from '../../findings/knowledge/causes.ts';
import type { Call, Side, Tunnel } from '../../sessions/model.ts';
import type { CallReport, TunnelReport } from '../contract.ts';
import { secondsFrom } from './clock.ts';
import { duration } from './quantities.ts';
import type { Mark } from './span.ts';

export interface Verdict {
  mark: '✓' | '!' | '✗' | '…';
  colour: Mark;
  text: string;
}

export function callVerdict(call: CallReport, tunnel: TunnelReport): Verdict {
  switch (call.outcome) {
    case 'established':
      return { mark: '✓', colour: 'passed', text: `VPN came up${lifetime(call)}, ${ending(call, tunnel)}` };
    case 'failed': {
      const stage = call.stages.find(({ status }) => status === 'failed');
      return { mark: '✗', colour: 'failed', text: `VPN did not come up${stage ? `: stopped at ${stage.stage}` : ''}` };
    }
    case 'refused':
      return { mark: '✗', colour: 'failed', text: 'VPN did not come up: the call was refused' };
    case 'unfinished':
      return { mark: '…', colour: 'partial', text: 'undecided: the capture does not show how it went on' };
  }
}

/** The verdict in the light of what was found: a call that came up and is ill is no success. */
export function diagnosedVerdict(verdict: Verdict, diagnoses: readonly Diagnosis[]): Verdict {
  const [first] = diagnoses;
  if (verdict.mark !== '✓' || first === undefined || !isCause(first.cause)) return verdict;
  if (first.cause === 'capture-incomplete') return verdict;
  const { title, stage } = causes[first.cause];
  if (stage === 'network') return { mark: '✗', colour: 'failed', text: `VPN did not come up: ${title}` };
  return { mark: '!', colour: 'partial', text: `${verdict.text}, but ${title}` };
}

/** Empty where the report has the connection once. */
export function sameConnection({ sameConnectionAs: others }: TunnelReport): string {
  return others === undefined ? '' : `the same connection as ${others.join(', ')}, captured at another place`;
}

/** Of a tunnel that has no call: how far its control connection got. */
export function tunnelVerdict(tunnel: TunnelReport): Verdict {
  const failed = (text: string): Verdict => ({ mark: '✗', colour: 'failed', text });
  const control = tunnel.control;
  if (control === null) return { mark: '…', colour: 'partial', text: 'undecided: no call in the capture' };
  switch (control.tcp.outcome) {
    case 'refused':
      return failed(`no VPN: the server refused the TCP connection`);
    case 'no-answer':
      return failed('no VPN: nobody answered the TCP connection');
    case 'unreachable':
      return failed(`no VPN: ICMP says ${tunnel.icmpErrors[0]?.name ?? 'unreachable'}`);
    case 'connected':
    case 'mid-stream':
      break;
  }
  switch (control.start.outcome) {
    case 'refused':
      return failed('no VPN: the server refused the control connection');
    case 'no-reply':
      return failed('no VPN: no answer to the Start-Control-Connection-Request');
    case 'accepted':
      return { mark: '…', colour: 'partial', text: 'control connection up, but no call in the capture' };
    case 'not-seen':
      return control.tcp.outcome === 'mid-stream'
        ? { mark: '…', colour: 'partial', text: 'undecided: the capture starts in mid-connection and shows no call' }
        : failed('no VPN: connected, but no PPTP was spoken');
  }
}

/** How long a call carried, or could carry, user data. */
function lifetime(call: CallReport): string {
  const network = call.stages.find(({ stage, status }) => stage === 'network' && status === 'passed');
  const data = call.stages.find(({ stage, status }) => stage === 'data' && status === 'passed');
  const from = network?.time ?? data?.time ?? null;
  const { clientToServer, serverToClient } = call.gre;
  const last = [clientToServer.lastTime, serverToClient.lastTime].filter((time) => time !== null).sort();
  const to = last.at(-1) ?? null;
  const seconds = from === null || to === null ? null : secondsFrom(from, to);
  return seconds !== null && seconds > 0 ? ` for ${duration(seconds)}` : '';
}

/** Who ended it: the side whose farewell comes first, of PPP's, the call's and TCP's. */
function ending(call: Call, tunnel: Tunnel): string {
  const farewells: { frame: number | null; by: Side | null }[] = [
    { frame: call.lcp.terminateFrame, by: call.lcp.terminatedBy },
    { frame: call.clearRequestFrame, by: 'client' },
    { frame: call.disconnect?.frame ?? null, by: call.disconnect?.by ?? null },
    { frame: tunnel.control?.tcp.closedFrame ?? null, by: tunnel.control?.tcp.closedBy ?? null },
  ];
  let first: { frame: number; by: Side } | null = null;
  for (const { frame, by } of farewells) {
    if (frame !== null && by !== null && (first === null || frame < first.frame)) first = { frame, by };
  }
  return first === null ? 'its end is not in the capture' : `ended by the ${first.by}`;
}
