/**
 * The verdict and what proves it as comments on the packets that show it, so that whoever opens them in Wireshark has the
 * explanation in place.
 */
import type { Diagnosis } from '../findings/diagnosis.ts';
import { ByTunnel } from './by-tunnel.ts';
import type { Report, TunnelReport } from './contract.ts';
import { safe } from './text/span.ts';
import { callVerdict, tunnelVerdict } from './text/verdict.ts';

/** Comments of the packets of one capture, or of one sequence. Programs print them: no captured text in them steers a terminal. */
export interface Annotations {
  /** By id of the tunnel: for its first packet, whichever that is. */
  readonly verdicts: ReadonlyMap<string, readonly string[]>;
  readonly frames: ReadonlyMap<number, readonly string[]>;
}

/** `capture`: index of the capture, or of the first one of the sequence. */
export function annotations(report: Report, capture: number): Annotations {
  const verdicts = new Map<string, readonly string[]>();
  const comments = new Map<number, Set<string>>();
  const say = (frame: number | null, text: string): void => {
    if (frame === null) return;
    const held = comments.get(frame);
    if (held === undefined) comments.set(frame, new Set([safe(text)]));
    else held.add(safe(text));
  };
  const diagnoses = new ByTunnel(report.diagnoses);
  const findings = new ByTunnel(report.findings);
  for (const tunnel of report.tunnels) {
    if (tunnel.capture !== capture) continue;
    const own = diagnoses.of(tunnel.id);
    verdicts.set(tunnel.id, verdictsOf(tunnel, own));
    proofs(tunnel, say);
    for (const diagnosis of own) {
      const about = diagnosis.call ?? tunnel.id;
      const [first] = diagnosis.evidence;
      say(
        first?.frame ?? tunnel.firstFrame,
        `${about} diagnosis ${diagnosis.cause} (${diagnosis.confidence}): ${diagnosis.summary}`,
      );
      for (const { frame, text } of diagnosis.evidence) say(frame, `${about} ${diagnosis.cause}: ${text}`);
    }
    for (const finding of findings.of(tunnel.id)) {
      const text = `${finding.call ?? finding.tunnel} finding ${finding.rule}, ${finding.severity}: ${finding.title}`;
      for (const frame of finding.frames) say(frame, text);
    }
  }
  return { verdicts, frames: new Map(Array.from(comments, ([frame, texts]) => [frame, [...texts]])) };
}

function verdictsOf(tunnel: TunnelReport, own: readonly Diagnosis[]): string[] {
  if (tunnel.calls.length === 0) return [safe(`${tunnel.id} ${tunnelVerdict(tunnel).text}`)];
  return tunnel.calls.map((call) => {
    const ofCall = own.filter((diagnosis) => diagnosis.call === call.id);
    return safe(`${call.id} ${callVerdict(call, tunnel, ofCall).text}`);
  });
}

function proofs(tunnel: TunnelReport, say: (frame: number | null, text: string) => void): void {
  if (tunnel.calls.length === 0) stages(tunnel.id, tunnel.stages ?? [], say);
  for (const call of tunnel.calls) stages(call.id, call.stages, say);
  for (const { frame, code, message } of tunnel.control?.anomalies ?? [])
    say(frame, `${tunnel.id} ${code}: ${message}`);
  for (const call of tunnel.calls) {
    for (const { frame, code, message } of call.anomalies) say(frame, `${call.id} ${code}: ${message}`);
  }
}

function stages(
  id: string,
  list: NonNullable<TunnelReport['stages']>,
  say: (frame: number | null, text: string) => void,
): void {
  for (const { stage, status, frame, detail } of list) say(frame, `${id} ${stage} ${status}: ${detail}`);
}
