/** The report's parts behind the tunnels: what concerns them all. */
import type { Finding } from '../../findings/finding.ts';
import type { PptpUser } from '../../findings/migration.ts';
import { counted, frameList } from '../../octets/words.ts';
import { type Alike, alike } from '../alike.ts';
import type { ReportSource } from '../contract.ts';
import { joined, notice, plain } from './blocks.ts';
import type { Page } from './page.ts';
import { type Mark, reference, span } from './span.ts';

interface Part {
  readonly title: string;
  /** Lines that explain themselves have no heading but in a document. */
  readonly headed: 'always' | 'in documents';
  /** Whether there is something to say. */
  readonly present: (report: ReportSource) => boolean;
  readonly tell: (page: Page, report: ReportSource, verbose: boolean) => void;
}

/** In their order. */
const parts: readonly Part[] = [
  {
    title: 'Security findings',
    headed: 'in documents',
    present: ({ findings }) => findings.length > 0,
    tell: findingsPart,
  },
  { title: 'Secrets', headed: 'always', present: ({ secretsShown }) => secretsShown === true, tell: secretsPart },
  { title: 'Other VPN traffic', headed: 'always', present: ({ otherVpn }) => otherVpn.length > 0, tell: otherVpnPart },
  { title: 'Instead of PPTP', headed: 'always', present: ({ migration }) => migration !== null, tell: migrationPart },
  {
    title: 'Limits reached',
    headed: 'always',
    present: ({ limitsReached }) => limitsReached.length > 0,
    tell: limitsPart,
  },
];

/** Where a document has them: a reader need not pass all tunnels to know. */
export function partsAhead(page: Page, report: ReportSource): void {
  const titles = parts.filter(({ present }) => present(report)).map(({ title }) => title);
  if (titles.length === 0) return;
  const links = titles.flatMap((title, place) => [
    span(place === 0 ? '' : ', ', 'faint'),
    reference(idOf(title), 'faint', title),
  ]);
  page.paragraph([span('Behind the tunnels: ', 'faint'), ...links]);
}

export function tellParts(page: Page, report: ReportSource, verbose: boolean): void {
  for (const { title, headed, present, tell } of parts) {
    if (!present(report)) continue;
    page.blank();
    if (headed === 'always' || page.kind === 'document') page.heading('part', [span(title)], idOf(title));
    tell(page, report, verbose);
  }
}

function idOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}

/** Of `! critical` and a space. */
const severityColumns = 11;
const severities: readonly Finding['severity'][] = ['critical', 'high', 'medium', 'low', 'info'];
const lowWeight: readonly Finding['severity'][] = ['low', 'info'];

/** One line for each rule, with the calls that it concerns. */
function findingsPart(page: Page, { findings }: ReportSource, verbose: boolean): void {
  const groups = alike(findings, concernedAtMost, ({ rule, severity, basis }) => `${rule} ${severity} ${basis}`);
  const shown = groups
    .filter(({ first }) => verbose || !lowWeight.includes(first.severity))
    .sort((a, b) => severities.indexOf(a.first.severity) - severities.indexOf(b.first.severity));
  for (const group of shown) {
    const finding = group.first;
    const colour: Mark = finding.severity === 'critical' || finding.severity === 'high' ? 'failed' : 'partial';
    const facts = [`${finding.title} (${finding.basis})`, ...concerned(group)];
    const label = `! ${finding.severity}`;
    page.heading('finding', [
      span(label, colour),
      span(' '.repeat(severityColumns - label.length)),
      span(joined(facts)),
    ]);
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

function secretsPart(page: Page, { tunnels }: ReportSource): void {
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

function otherVpnPart(page: Page, { otherVpn }: ReportSource): void {
  for (const { protocol, client, server, frames, firstFrame } of otherVpn) {
    plain(page, `${protocol}   ${client} → ${server}, ${counted(frames, 'frame')} from frame ${firstFrame} on`, 2);
  }
}

function migrationPart(page: Page, { migration }: ReportSource): void {
  if (migration === null) return;
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

function limitsPart(page: Page, { limitsReached }: ReportSource): void {
  for (const { limit, times, message } of limitsReached) {
    notice(page, 'partial', `${message} (${limit}, ${counted(times, 'time')})`);
  }
}
