/** The report's blocks of captures and tunnels: each tunnel with its verdict, why, ladder and details. */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { endpointText } from '../../octets/address.ts';
import { counted, duration, frameList, frameRange } from '../../octets/words.ts';
import { sides } from '../../sessions/ends.ts';
import type { Anomaly } from '../../sessions/model/anomaly.ts';
import type { IcmpError } from '../../sessions/model/icmp-error.ts';
import { alike } from '../alike.ts';
import type { CaptureReport, ReportSource, TunnelReport } from '../contract.ts';
import { goingOn, nameOf } from '../sequences.ts';
import { damagedHeaders, isOutOfStep, lengthOf, timeOrder } from './capture-words.ts';
import type { Clock } from './clock.ts';
import { anomalyDetails, callDetails, controlDetails } from './details.ts';
import { headline } from './headline.ts';
import { ladder } from './ladder.ts';
import type { Page } from './page.ts';
import { type Mark, span } from './span.ts';
import { sameConnection, type Told, type ToldTunnel, type Verdict } from './verdict.ts';

const vantages: { readonly [Vantage in CaptureReport['vantage']]: string } = {
  client: "taken on the client's side",
  server: "taken on the server's side",
  between: 'taken between client and server',
  unknown: '',
};

/** What dumpcap says of every interface in every file. */
const dumpcapsOwn = 'Counters provided by dumpcap';

export interface ToldCapture {
  readonly capture: CaptureReport;
  /** That it goes on from. */
  readonly before: CaptureReport | null;
  /** Whose frames it holds once more, in words; empty where they are its own. */
  readonly same: string;
}

export function captureBlock(page: Page, told: ToldCapture, clock: Clock, verbose: boolean): void {
  const { capture, same } = told;
  captureHead(page, told, clock);
  if (verbose && capture.kind !== null) containerFacts(page, capture);
  if (same !== '') notice(page, 'partial', same);
  problemNotices(page, capture);
  frameNotices(page, capture);
  for (const { frame, text } of capture.comments) {
    if (text === dumpcapsOwn && !verbose) continue;
    notice(page, 'faint', `comment${frame === null ? '' : ` on frame ${frame}`}: ${text}`);
  }
}

function captureHead(page: Page, { capture, before }: ToldCapture, clock: Clock): void {
  const name = nameOf(capture);
  if (capture.kind === null) {
    page.heading('capture', [span(name), span('   could not be read', 'failed')]);
    return;
  }
  const facts = [
    counted(capture.frames, 'frame'),
    lengthOf(capture),
    capture.firstFrameTime === null ? '' : clock.date(capture.firstFrameTime),
    before === null ? vantages[capture.vantage] : goingOn(capture, before),
  ];
  page.heading('capture', [span(name), span(`   ${joined(facts)}`)]);
}

function containerFacts(page: Page, capture: CaptureReport): void {
  const facts = [
    `${capture.kind}${capture.compression === null ? '' : ` in ${capture.compression}`}`,
    capture.byteOrder === null ? '' : `${capture.byteOrder} endian`,
    capture.linkTypes.length === 0 ? '' : `link type ${capture.linkTypes.join(', ')}`,
    capture.timestampResolution === null ? '' : `${capture.timestampResolution} times`,
    `${capture.capturedBytes} of ${capture.wireBytes} octets kept`,
  ];
  page.paragraph([span(joined(facts))], 2);
}

/** What is wrong with the file. */
function problemNotices(page: Page, capture: CaptureReport): void {
  const problems = capture.kind === null ? capture.problems.slice(0, 1) : capture.problems;
  for (const { message, frame } of problems) {
    const place = frameList([frame]);
    notice(page, 'partial', `${message}${place === '' ? '' : ` (${place})`}`);
  }
  if (!capture.complete && capture.problems.length === 0) {
    notice(page, 'partial', 'the capture is cut short or damaged');
  }
}

/** Frames that are not whole, not new, not in order, or not there. */
function frameNotices(page: Page, capture: CaptureReport): void {
  if (capture.truncatedFrames > 0) {
    notice(page, 'partial', `${counted(capture.truncatedFrames, 'frame')} cut by the snap length of the capture`);
  }
  if (capture.duplicateFrames > 0) {
    const are = capture.duplicateFrames === 1 ? 'repeats an earlier one and is' : 'repeat earlier ones and are';
    notice(page, 'faint', `${counted(capture.duplicateFrames, 'frame')} ${are} not counted again`);
  }
  const order = timeOrder(capture);
  if (order !== '') notice(page, 'faint', order);
  const damaged = damagedHeaders(capture);
  if (damaged !== '') notice(page, 'partial', damaged);
  if (capture.droppedByCapture !== null && capture.droppedByCapture > 0) {
    notice(page, 'partial', `the capturing program lost ${counted(capture.droppedByCapture, 'packet')}`);
  }
}

export function tunnelBlock(page: Page, { tunnel, own, verdicts }: ToldTunnel, clock: Clock, verbose: boolean): void {
  const several = tunnel.calls.length > 1;
  page.blank();
  tunnelHead(page, tunnel, several ? null : (verdicts[0]?.verdict ?? null));
  const when = [
    tunnel.firstTime === null ? '' : clock.date(tunnel.firstTime),
    tunnel.durationSeconds === null || isOutOfStep(tunnel.stepBackSeconds) ? '' : duration(tunnel.durationSeconds),
    frameRange(tunnel.firstFrame, tunnel.lastFrame),
    tunnel.roles === 'certain'
      ? ''
      : `client and server told apart by ${tunnel.roles === 'likely' ? 'likelihood' : 'guess'}`,
    tunnel.control === null ? 'GRE without a control connection in the capture' : '',
  ];
  plain(page, joined(when), 2, 'faint');
  const same = sameConnection(tunnel);
  if (same !== '') plain(page, same, 2, 'faint');

  reasons(page, several ? own.filter(({ call }) => call === null) : own);
  if (tunnel.calls.length === 0) {
    page.blank();
    ladder(page, tunnel.stages ?? [], tunnel, null);
  }
  for (const [place, call] of tunnel.calls.entries()) {
    const told = verdicts[place];
    if (several && told !== undefined) {
      page.blank();
      callHead(page, told);
      reasons(page, told.own);
    }
    page.blank();
    ladder(page, call.stages, tunnel, call);
    for (const side of sides) {
      const address = call.greFromOtherAddress[side];
      if (address !== null) notice(page, 'partial', `GRE from the ${side} comes from another address: ${address}`);
    }
  }
  icmpNotices(page, tunnel.icmpErrors);

  const anomalies = [...(tunnel.control?.anomalies ?? []), ...tunnel.calls.flatMap((call) => call.anomalies)];
  if (!verbose || page.kind === 'document') anomalyNotices(page, anomalies);
  if (!verbose) return;
  page.details(`Details of ${tunnel.id}`, () => {
    controlDetails(page, tunnel, clock);
    for (const call of tunnel.calls) callDetails(page, call, clock);
    anomalyDetails(page, anomalies);
  });
}

/** What became of it, and of what causes by which frames. */
export function tunnelInShort(page: Page, { tunnel, own, verdicts }: ToldTunnel): void {
  const several = tunnel.calls.length > 1;
  tunnelHead(page, tunnel, several ? null : (verdicts[0]?.verdict ?? null));
  if (several) for (const told of verdicts) callHead(page, told);
  for (const diagnosis of own) {
    const where = frameList(diagnosis.evidence.map(({ frame }) => frame));
    const proof = `${diagnosis.confidence}${where === '' ? '' : `, ${where}`}`;
    page.paragraph([span(headline(diagnosis)), span(` (${proof})`, 'faint')], 4);
  }
}

/** What a reader must know before passing the report on. */
export function secretsBlock(page: Page, { secretsShown, redacted }: ReportSource): void {
  if (redacted) page.paragraph([span('User names, host names, addresses and domains are pseudonyms.', 'faint')]);
  if (!secretsShown) return;
  page.paragraph([span('! This report shows secrets: passwords, challenges and responses.', 'failed')], 0, 2);
}

function tunnelHead(page: Page, tunnel: TunnelReport, verdict: Verdict | null): void {
  const who = `${tunnel.id}  ${endpointText(tunnel.client)} → ${endpointText(tunnel.server)}`;
  const told =
    verdict === null
      ? [span(`  ${who}   ${tunnel.calls.length} calls`)]
      : [span(verdict.mark, verdict.colour), span(` ${who}   `), span(verdict.text, verdict.colour)];
  page.heading('tunnel', told, tunnel.id);
}

function callHead(page: Page, { id, verdict: { mark, colour, text } }: Told): void {
  page.heading('call', [span(mark, colour), span(` ${id}   `), span(text, colour)], id);
}

export function reasons(page: Page, diagnoses: readonly Diagnosis[]): void {
  for (const diagnosis of diagnoses) {
    page.blank();
    page.heading('cause', [
      span(headline(diagnosis), diagnosis.confidence === 'possible' ? 'partial' : 'failed'),
      span(`   ${diagnosis.confidence}`, 'faint'),
    ]);
    plain(page, diagnosis.summary, 2);
    for (const { frame, text } of diagnosis.evidence) plain(page, `frame ${frame}: ${text}`, 4);
    page.paragraph([span(`→ ${diagnosis.advice}`)], 2, 4);
    if (diagnosis.nextCapture !== '') plain(page, `To see more: ${diagnosis.nextCapture}`, 2);
    const windows = diagnosis.windowsErrors.length > 0 ? ` Windows shows ${diagnosis.windowsErrors.join(', ')}.` : '';
    plain(page, `Refuted if ${diagnosis.refutedBy}.${windows}`, 2, 'faint');
  }
}

function icmpNotices(page: Page, errors: readonly IcmpError[]): void {
  const kind = ({ from, type, code, quotes, aboutPacketFrom, mtu }: IcmpError): string =>
    [from, type, code, quotes, aboutPacketFrom, mtu].join(' ');
  for (const { first, some, count } of alike(errors, errors.length, kind)) {
    const { from, name, quotes, aboutPacketFrom, mtu } = first;
    const times = count > 1 ? ` ${count} times` : '';
    const limit = mtu === null ? '' : `, MTU ${mtu}`;
    const about = `about ${quotes === 'gre' ? 'GRE' : 'TCP'} from the ${aboutPacketFrom}`;
    const where = frameList(some.map(({ frame }) => frame));
    notice(page, 'partial', `${from} answers${times} with ICMP ${name}${limit}, ${about} (${where})`);
  }
}

/** One line a kind; all of them are in the details. */
function anomalyNotices(page: Page, anomalies: readonly Anomaly[]): void {
  const all = page.kind === 'document' ? 'Details' : '--verbose';
  for (const { first, count } of alike(anomalies, 1, ({ code }) => code)) {
    const where = first.frame === null ? '' : ` (frame ${first.frame})`;
    const more = count > 1 ? ` and ${count - 1} more of this kind: ${all}` : '';
    notice(page, 'partial', `${first.message}${where}${more}`);
  }
}

export function notice(page: Page, mark: Mark, text: string): void {
  page.paragraph([span('! ', mark), span(text)], 2, 4);
}

export function plain(page: Page, text: string, indent: number, mark: Mark | null = null): void {
  page.paragraph([span(text, mark)], indent);
}

export function joined(facts: readonly string[]): string {
  return facts.filter((fact) => fact !== '').join(', ');
}
