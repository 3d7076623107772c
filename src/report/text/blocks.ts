/**
 * The report's blocks in the order that a tired person needs them: the capture, each tunnel with its
 * verdict, why, and ladder, and at the end what concerns them all.
 */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Migration, PptpUser } from '../../findings/migration.ts';
import { endpointText } from '../../octets/address.ts';
import type { List } from '../../octets/packed-list.ts';
import { counted, duration, frameList, frameRange } from '../../octets/words.ts';
import { sides } from '../../sessions/ends.ts';
import type { Anomaly } from '../../sessions/model/anomaly.ts';
import type { IcmpError } from '../../sessions/model/icmp-error.ts';
import { type Alike, alike } from '../alike.ts';
import type { CallReport, CaptureReport, LimitReached, OtherVpn, ReportSource, TunnelReport } from '../contract.ts';
import { goingOn } from '../sequences.ts';
import type { Clock } from './clock.ts';
import { anomalyDetails, callDetails, controlDetails } from './details.ts';
import { headline } from './headline.ts';
import { ladder } from './ladder.ts';
import type { Outcomes } from './outcomes.ts';
import type { Page } from './page.ts';
import { type Mark, span } from './span.ts';
import { callVerdict, sameConnection, tunnelVerdict, type Verdict } from './verdict.ts';

const vantages: { readonly [Vantage in CaptureReport['vantage']]: string } = {
  client: "taken on the client's side",
  server: "taken on the server's side",
  between: 'taken between client and server',
  unknown: '',
};

/** What dumpcap says of every interface in every file. */
const dumpcapsOwn = 'Counters provided by dumpcap';

/** `before`: the capture that it goes on from. `same`: whose frames it holds once more, in words. */
export function captureBlock(
  page: Page,
  capture: CaptureReport,
  before: CaptureReport | null,
  same: string,
  clock: Clock,
  verbose: boolean,
): void {
  const path = capture.path === '-' ? 'standard input' : capture.path;
  if (capture.kind === null) {
    page.heading('capture', [span(path), span('   could not be read', 'failed')]);
  } else {
    const facts = [
      counted(capture.frames, 'frame'),
      capture.durationSeconds === null ? '' : duration(capture.durationSeconds),
      capture.firstFrameTime === null ? '' : clock.date(capture.firstFrameTime),
      before === null ? vantages[capture.vantage] : goingOn(capture, before),
    ];
    page.heading('capture', [span(path), span(`   ${joined(facts)}`)]);
  }
  if (verbose && capture.kind !== null) {
    const facts = [
      `${capture.kind}${capture.compression === null ? '' : ` in ${capture.compression}`}`,
      capture.byteOrder === null ? '' : `${capture.byteOrder} endian`,
      capture.linkTypes.length === 0 ? '' : `link type ${capture.linkTypes.join(', ')}`,
      capture.timestampResolution === null ? '' : `${capture.timestampResolution} times`,
      `${capture.capturedBytes} of ${capture.wireBytes} octets kept`,
    ];
    page.paragraph([span(joined(facts))], 2);
  }
  if (same !== '') notice(page, 'partial', same);
  const problems = capture.kind === null ? capture.problems.slice(0, 1) : capture.problems;
  for (const { message, offset, frame } of problems) {
    const place = [offset === null ? '' : `offset ${offset}`, frameList([frame])].filter((part) => part !== '');
    notice(page, 'partial', `${message}${place.length > 0 ? ` (${place.join(', ')})` : ''}`);
  }
  if (!capture.complete && capture.problems.length === 0)
    notice(page, 'partial', 'the capture is cut short or damaged');
  if (capture.truncatedFrames > 0) {
    notice(page, 'partial', `${counted(capture.truncatedFrames, 'frame')} cut by the snap length of the capture`);
  }
  if (capture.duplicateFrames > 0) {
    const are = capture.duplicateFrames === 1 ? 'repeats an earlier one and is' : 'repeat earlier ones and are';
    notice(page, 'faint', `${counted(capture.duplicateFrames, 'frame')} ${are} not counted again`);
  }
  if (capture.framesBackInTime > 0) {
    notice(page, 'faint', `${counted(capture.framesBackInTime, 'frame')} out of order in time`);
  }
  if (capture.droppedByCapture !== null && capture.droppedByCapture > 0) {
    notice(page, 'partial', `the capturing program lost ${counted(capture.droppedByCapture, 'packet')}`);
  }
  for (const { frame, text } of capture.comments) {
    if (text === dumpcapsOwn && !verbose) continue;
    notice(page, 'faint', `comment${frame === null ? '' : ` on frame ${frame}`}: ${text}`);
  }
}

export function tunnelBlock(
  page: Page,
  tunnel: TunnelReport,
  own: readonly Diagnosis[],
  clock: Clock,
  verbose: boolean,
  outcomes: Outcomes,
): void {
  const [only, ...others] = tunnel.calls;
  const single = only !== undefined && others.length === 0;
  page.blank();
  const verdict = single ? callVerdict(only, tunnel, own) : only === undefined ? tunnelVerdict(tunnel) : null;
  if (verdict !== null) outcomes.add(tunnel.id, verdict, own);
  tunnelHead(page, tunnel, verdict);
  const when = [
    tunnel.firstTime === null ? '' : clock.date(tunnel.firstTime),
    tunnel.durationSeconds === null ? '' : duration(tunnel.durationSeconds),
    frameRange(tunnel.firstFrame, tunnel.lastFrame),
    tunnel.roles === 'certain'
      ? ''
      : `client and server told apart by ${tunnel.roles === 'likely' ? 'likelihood' : 'guess'}`,
    tunnel.control === null ? 'GRE without a control connection in the capture' : '',
  ];
  plain(page, joined(when), 2, 'faint');
  const same = sameConnection(tunnel);
  if (same !== '') plain(page, same, 2, 'faint');

  reasons(page, single ? own : own.filter(({ call }) => call === null));
  if (only === undefined) {
    page.blank();
    ladder(page, tunnel.stages ?? [], tunnel, null);
  }
  for (const call of tunnel.calls) {
    if (!single) {
      page.blank();
      const ofCall = own.filter((diagnosis) => diagnosis.call === call.id);
      const ofCallVerdict = callVerdict(call, tunnel, ofCall);
      outcomes.add(call.id, ofCallVerdict, ofCall);
      callHead(page, call, ofCallVerdict);
      reasons(page, ofCall);
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
  page.details('Details', () => {
    controlDetails(page, tunnel, clock);
    for (const call of tunnel.calls) callDetails(page, call, clock);
    anomalyDetails(page, anomalies);
  });
}

const severities: readonly Finding['severity'][] = ['critical', 'high', 'medium', 'low', 'info'];
const lowWeight: readonly Finding['severity'][] = ['low', 'info'];

/** What a reader must know before passing the report on. */
export function secretsBlock(page: Page, { secretsShown, redacted }: ReportSource): void {
  if (redacted) page.paragraph([span('User names, host names, addresses and domains are pseudonyms.', 'faint')]);
  if (!secretsShown) return;
  page.paragraph([span('! This report shows secrets: passwords, challenges and responses.', 'failed')], 0, 2);
}

/** Where they were asked for. */
export function secretsList(page: Page, { secretsShown, tunnels }: ReportSource): void {
  if (!secretsShown) return;
  page.blank();
  page.heading('part', [span('Secrets')]);
  for (const { calls } of tunnels) {
    for (const { id, authentication } of calls) {
      for (const { protocol, user, secrets } of authentication) {
        if (secrets === undefined) continue;
        const who = `${id} ${protocol}${user === null ? '' : ` user "${user}"`}`;
        if (secrets.password !== null) page.paragraph([span(`${who}: password "${secrets.password}"`)], 2, 4);
        for (const { challenge, response } of secrets.attempts) {
          page.paragraph([span(`${who}: challenge ${challenge}, response ${response}`)], 2, 4);
        }
      }
    }
  }
}

/** One line for each rule, with the calls that it concerns. */
export function findingsBlock(page: Page, findings: List<Finding>, verbose: boolean): void {
  if (findings.length === 0) return;
  page.blank();
  if (page.kind === 'document') page.heading('part', [span('Security findings')]);
  const groups = alike(findings, concernedAtMost, ({ rule, severity, basis }) => `${rule} ${severity} ${basis}`);
  const shown = groups
    .filter(({ first }) => verbose || !lowWeight.includes(first.severity))
    .sort((a, b) => severities.indexOf(a.first.severity) - severities.indexOf(b.first.severity));
  for (const group of shown) {
    const finding = group.first;
    const colour: Mark = finding.severity === 'critical' || finding.severity === 'high' ? 'failed' : 'partial';
    const facts = [`${finding.title} (${finding.basis})`, ...concerned(group)];
    page.entry([span(`! ${finding.severity}`, colour)], 10, [span(joined(facts))], '', 0);
    if (verbose) {
      for (const { call, tunnel, detail } of group.some) {
        plain(page, group.count === 1 ? detail : `${call ?? tunnel}: ${detail}`, 4);
      }
      plain(page, `→ ${finding.advice}`, 4);
      plain(page, joined([finding.rule, ...finding.references]), 4, 'faint');
    }
  }
  const hidden = findings.length - shown.reduce((sum, { count }) => sum + count, 0);
  if (hidden > 0) plain(page, `${counted(hidden, 'more finding')} of low weight: --verbose`, 2);
}

/** Calls that one line names. */
const concernedAtMost = 6;

function concerned({ first, some, count }: Alike<Finding>): string[] {
  if (count === 1) return [first.call ?? first.tunnel, frameList(first.frames)];
  const named = some.map(({ call, tunnel, frames }) => `${call ?? tunnel} ${frameList(frames.slice(0, 1))}`);
  const rest = count - named.length;
  return rest > 0 ? [...named, `and ${rest} more`] : named;
}

/** Ends of tunnels that are named; the report in JSON has them all. */
const usersAtMost = 8;

export function migrationBlock(page: Page, migration: Migration | null): void {
  if (migration === null) return;
  page.blank();
  page.heading('part', [span('Instead of PPTP')]);
  const users = (list: readonly PptpUser[]): string => {
    const named = list
      .slice(0, usersAtMost)
      .map(({ address, software }) => `${address}${software === null ? '' : ` (${software})`}`);
    return joined([...named, list.length > named.length ? `and ${list.length - named.length} more` : '']);
  };
  page.paragraph([span(`used by ${users(migration.clients)}, at ${users(migration.servers)}`)], 2, 4);
  for (const { protocol, reason, firewall } of migration.replacements) {
    page.entry([span(protocol)], 10, [span(`${reason}. Let through: ${joined(firewall)}.`)], '', 0);
  }
}

export function otherVpnBlock(page: Page, others: readonly OtherVpn[]): void {
  if (others.length === 0) return;
  page.blank();
  page.heading('part', [span('Other VPN traffic')]);
  for (const { protocol, client, server, frames, firstFrame } of others) {
    plain(page, `${protocol}   ${client} → ${server}, ${counted(frames, 'frame')} from frame ${firstFrame} on`, 2);
  }
}

export function limitsBlock(page: Page, limits: readonly LimitReached[]): void {
  if (limits.length === 0) return;
  page.blank();
  page.heading('part', [span('Limits reached')]);
  for (const { limit, times, message } of limits) {
    notice(page, 'partial', `${message} (${limit}, ${counted(times, 'time')})`);
  }
}

function tunnelHead(page: Page, tunnel: TunnelReport, verdict: Verdict | null): void {
  const who = `${tunnel.id}  ${endpointText(tunnel.client)} → ${endpointText(tunnel.server)}`;
  const told =
    verdict === null
      ? [span(`  ${who}   ${tunnel.calls.length} calls`)]
      : [span(verdict.mark, verdict.colour), span(` ${who}   `), span(verdict.text, verdict.colour)];
  page.heading('tunnel', told, tunnel.id);
}

function callHead(page: Page, call: CallReport, { mark, colour, text }: Verdict): void {
  page.heading('call', [span(mark, colour), span(` ${call.id}   `), span(text, colour)], call.id);
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

function notice(page: Page, mark: Mark, text: string): void {
  page.paragraph([span('! ', mark), span(text)], 2, 4);
}

function plain(page: Page, text: string, indent: number, mark: Mark | null = null): void {
  page.paragraph([span(text, mark)], indent);
}

function joined(facts: readonly string[]): string {
  return facts.filter((fact) => fact !== '').join(', ');
}
