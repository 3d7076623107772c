/**
 * The verdict and what proves it as comments on the packets that show it, so that whoever opens them in Wireshark has the
 * explanation in place.
 */
import type { Report, TunnelReport } from './contract.ts';
import { callVerdict, tunnelVerdict } from './text/verdict.ts';

/** Comments of the packets of one capture, by frame. Captured text in them is as it was captured. */
export function annotations(report: Report, capture: number): ReadonlyMap<number, readonly string[]> {
  const comments = new Map<number, string[]>();
  const say = (frame: number | null, text: string): void => {
    if (frame === null) return;
    const held = comments.get(frame);
    if (held === undefined) comments.set(frame, [text]);
    else if (!held.includes(text)) held.push(text);
  };
  for (const tunnel of report.tunnels) {
    if (tunnel.capture !== capture) continue;
    verdicts(tunnel, say);
    for (const diagnosis of report.diagnoses) {
      if (diagnosis.tunnel !== tunnel.id) continue;
      const about = diagnosis.call ?? diagnosis.tunnel;
      const [first] = diagnosis.evidence;
      say(
        first?.frame ?? tunnel.firstFrame,
        `${about} diagnosis ${diagnosis.cause} (${diagnosis.confidence}): ${diagnosis.summary}`,
      );
      for (const { frame, text } of diagnosis.evidence) say(frame, `${about} ${diagnosis.cause}: ${text}`);
    }
    for (const finding of report.findings) {
      if (finding.tunnel !== tunnel.id) continue;
      const text = `${finding.call ?? finding.tunnel} finding ${finding.rule}, ${finding.severity}: ${finding.title}`;
      for (const frame of finding.frames) say(frame, text);
    }
  }
  return comments;
}

function verdicts(tunnel: TunnelReport, say: (frame: number | null, text: string) => void): void {
  if (tunnel.calls.length === 0) {
    say(tunnel.firstFrame, `${tunnel.id} ${tunnelVerdict(tunnel).text}`);
    stages(tunnel.id, tunnel.stages ?? [], say);
  }
  for (const call of tunnel.calls) {
    say(tunnel.firstFrame, `${call.id} ${callVerdict(call, tunnel).text}`);
    stages(call.id, call.stages, say);
  }
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
