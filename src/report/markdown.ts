/**
 * The report as Markdown, to be pasted into a ticket: each tunnel's verdict first with its causes, the ladder, the proof,
 * what to do; details last. Holds no secrets, also where the analysis was asked to keep them.
 */
import type { Diagnosis } from '../findings/diagnosis.ts';
import { causes, isCause } from '../findings/knowledge/causes.ts';
import type { Stage } from '../findings/stage.ts';
import { endpointText } from '../octets/address.ts';
import { bytes, counted, frameList } from '../octets/words.ts';
import { windowsErrorName } from '../ppp/windows-errors.ts';
import { ByTunnel } from './by-tunnel.ts';
import type { CaptureReport, ReportSource, TunnelReport } from './contract.ts';
import { findingsMarkdown, markdown } from './markdown-findings.ts';
import { goingOn, nameOf, repeating, sequencesOf, TunnelsInTurn, withoutTunnels } from './sequences.ts';
import { damagedHeaders, lengthOf, timeOrder } from './text/capture-words.ts';
import { callVerdict, sameConnection, tunnelVerdict } from './text/verdict.ts';

/** Tunnels that are told in full; a ticket is read by people. */
const tunnelsAtMost = 100;

const marks: { readonly [Status in Stage['status']]: string } = {
  passed: '✓',
  failed: '✗',
  partial: '!',
  skipped: '–',
  'not-seen': '·',
};

/** The whole report, in pieces; each ends with a newline. */
export function* markdownReport(report: ReportSource): Generator<string> {
  yield '# PPTP report\n\n';
  const diagnoses = new ByTunnel(report.diagnoses);
  const ofNone = diagnoses.of(null);
  const inTurn = new TunnelsInTurn(report);
  for (const [index, captures] of sequencesOf(report)) {
    for (const [place, capture] of captures.entries()) {
      yield* captureSection(capture, captures[place - 1] ?? null, repeating(capture, report));
    }
    if (captures.some(({ repeats }) => repeats !== undefined)) continue;
    const { count, shown } = illFirst(inTurn.of(index), diagnoses);
    const empty = ofNone.filter((diagnosis) => diagnosis.capture === index);
    const nothing = count === 0 ? withoutTunnels(captures) : '';
    if (nothing !== '') yield `${nothing}\n\n`;
    for (const line of [...empty.flatMap(causeLines), ...empty.flatMap(proofLines)]) yield `${line}\n`;
    for (const tunnel of shown) yield* tunnelSection(tunnel, diagnoses.of(tunnel.id));
    if (shown.length < count) {
      yield `${count - shown.length} more tunnels are left out here; the JSON report has them all.\n\n`;
    }
  }
  const findings = findingsMarkdown(report);
  if (findings !== '') yield findings;
  if (report.limitsReached.length > 0) {
    yield '## Limits reached\n\n';
    for (const { message, times } of report.limitsReached) yield `- ${markdown(message)} (${counted(times, 'time')})\n`;
    yield '\n';
  }
  yield `${report.tool.name} ${markdown(report.tool.version)}\n`;
}

/** The tunnels of one capture that are told, and how many there are. What failed comes first; apart from that the order stays. */
function illFirst(
  tunnels: Iterable<TunnelReport>,
  diagnoses: ByTunnel<Diagnosis>,
): { count: number; shown: TunnelReport[] } {
  let count = 0;
  const ill: TunnelReport[] = [];
  const sound: TunnelReport[] = [];
  for (const tunnel of tunnels) {
    count += 1;
    const list = diagnoses.of(tunnel.id).length > 0 ? ill : sound;
    if (list.length < tunnelsAtMost) list.push(tunnel);
  }
  return { count, shown: [...ill, ...sound].slice(0, tunnelsAtMost) };
}

/** `before`: the capture that it goes on from. `same`: whose frames it holds once more, in words. */
function* captureSection(capture: CaptureReport, before: CaptureReport | null, same: string): Generator<string> {
  const vantage = { client: "the client's side", server: "the server's side", between: 'between the two', unknown: '' };
  const facts = [
    counted(capture.frames, 'frame'),
    lengthOf(capture),
    capture.firstFrameTime ?? '',
    before !== null ? goingOn(capture, before) : '',
    before !== null || vantage[capture.vantage] === '' ? '' : `taken on ${vantage[capture.vantage]}`,
  ].filter((fact) => fact !== '');
  const name = nameOf(capture);
  if (capture.kind === null) {
    yield `**${markdown(name)}** could not be read: ${markdown(capture.problems[0]?.message ?? 'no capture')}\n\n`;
    return;
  }
  yield `**${markdown(name)}**: ${markdown(facts.join(', '))}\n`;
  const faults = [
    same,
    ...capture.problems.map(({ message }) => message),
    capture.truncatedFrames > 0 ? `${counted(capture.truncatedFrames, 'frame')} cut by the snap length` : '',
    capture.duplicateFrames > 0 ? `${counted(capture.duplicateFrames, 'frame')} seen twice and counted once` : '',
    timeOrder(capture),
    damagedHeaders(capture),
    capture.droppedByCapture ? `the capturing program lost ${counted(capture.droppedByCapture, 'packet')}` : '',
  ].filter((fault) => fault !== '');
  if (faults.length > 0) yield '\n';
  for (const fault of faults) yield `- ${markdown(fault)}\n`;
  yield '\n';
}

function* tunnelSection(tunnel: TunnelReport, own: readonly Diagnosis[]): Generator<string> {
  const [only, ...others] = tunnel.calls;
  const verdict =
    only === undefined ? tunnelVerdict(tunnel) : others.length === 0 ? callVerdict(only, tunnel, own) : null;
  const who = `${tunnel.id}: ${endpointText(tunnel.client)} → ${endpointText(tunnel.server)}`;
  yield `## ${verdict === null ? '' : `${verdict.mark} `}${markdown(who)}\n\n`;
  if (verdict !== null) yield `**${markdown(verdict.text)}**\n\n`;
  const same = sameConnection(tunnel);
  if (same !== '') yield `${markdown(`${same[0]?.toUpperCase()}${same.slice(1)}`)}.\n\n`;
  const general = only === undefined || others.length === 0 ? own : own.filter(({ call }) => call === null);
  for (const line of general.flatMap(causeLines)) yield `${line}\n`;
  if (only === undefined) yield* ladder(tunnel.stages ?? []);
  if (only === undefined || others.length > 0) for (const line of general.flatMap(proofLines)) yield `${line}\n`;
  for (const call of tunnel.calls) {
    const ofCall = others.length === 0 ? general : own.filter((diagnosis) => diagnosis.call === call.id);
    if (others.length > 0) {
      const { mark, text } = callVerdict(call, tunnel, ofCall);
      yield `### ${mark} ${markdown(call.id)}: ${markdown(text)}\n\n`;
      for (const line of ofCall.flatMap(causeLines)) yield `${line}\n`;
    }
    yield* ladder(call.stages);
    for (const line of ofCall.flatMap(proofLines)) yield `${line}\n`;
    const { clientToServer, serverToClient } = call.gre;
    yield '| direction | GRE packets | lost | late | twice | user data |\n| --- | --- | --- | --- | --- | --- |\n';
    for (const [name, way] of [
      ['client to server', clientToServer],
      ['server to client', serverToClient],
    ] as const) {
      yield `| ${name} | ${way.packets} | ${way.lost} | ${way.reordered} | ${way.duplicates} | ${bytes(way.userBytes)} |\n`;
    }
    yield '\n';
  }
}

/** What it is. */
function causeLines({ cause, confidence, summary }: Diagnosis): string[] {
  const title = isCause(cause) ? causes[cause].title : cause;
  return [`**Cause: ${markdown(title)}** (\`${cause}\`, ${confidence})`, '', markdown(summary), ''];
}

/** What shows it, what to do, and what else there is to know. */
function proofLines(diagnosis: Diagnosis): string[] {
  const { cause, evidence, advice, refutedBy, nextCapture, windowsErrors } = diagnosis;
  const windows = windowsErrors.map((code) => `${code} (${windowsErrorName(code) ?? 'unnamed'})`);
  return [
    ...(evidence.length === 0 ? [] : [`**What shows it** (\`${cause}\`):`, '']),
    ...evidence.map(({ frame, text }) => `- frame ${frame}: ${markdown(text)}`),
    ...(evidence.length > 0 ? [''] : []),
    `**What to do:** ${markdown(advice)}`,
    '',
    ...(nextCapture === '' ? [] : [`**Next capture:** ${markdown(nextCapture)}`, '']),
    ...(windows.length === 0 ? [] : [`**Windows shows:** ${markdown(windows.join(', '))}`, '']),
    `Refuted if ${markdown(refutedBy)}.`,
    '',
  ];
}

function* ladder(stages: readonly Stage[]): Generator<string> {
  yield '| | stage | what happened | frame |\n| --- | --- | --- | --- |\n';
  for (const { stage, status, detail, frame } of stages) {
    yield `| ${marks[status]} | ${stage} | ${markdown(detail)} | ${frameList([frame]).replace('frame ', '')} |\n`;
  }
  yield '\n';
}
