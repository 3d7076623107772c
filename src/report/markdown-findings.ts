/** The findings and the way out of PPTP as Markdown: for the Markdown report, and to be pasted into a ticket. */
import type { Finding } from '../findings/finding.ts';
import type { Migration } from '../findings/migration.ts';
import { severities } from '../findings/rules/rule.ts';
import type { List } from '../octets/packed-list.ts';
import { printable } from '../octets/printable.ts';
import { frameList } from '../octets/words.ts';
import { alike } from './alike.ts';
import type { ReportSource } from './contract.ts';

/** Calls that one finding names. */
const placesAtMost = 12;

/** Sections with headings of the second level; nothing where there is nothing to say. Ends with a newline. */
export function findingsMarkdown(report: Pick<ReportSource, 'findings' | 'migration'>): string {
  return [...findings(report.findings), ...migration(report.migration)].map((line) => `${line}\n`).join('');
}

function findings(all: List<Finding>): string[] {
  if (all.length === 0) return [];
  const groups = alike(all, placesAtMost, ({ rule, severity, basis }) => `${rule} ${severity} ${basis}`).sort(
    (a, b) => severities.indexOf(a.first.severity) - severities.indexOf(b.first.severity),
  );
  const lines = ['## Security findings', ''];
  lines.push('| severity | finding | basis | where |', '| --- | --- | --- | --- |');
  for (const { first, some, count } of groups) {
    const places = some.map(({ call, tunnel, frames }) => `${call ?? tunnel} (${frameList(frames)})`);
    const more = count > placesAtMost ? `, and ${count - placesAtMost} more` : '';
    lines.push(
      `| ${first.severity} | ${markdown(first.title)} (\`${first.rule}\`) | ${first.basis} | ${markdown(places.join(', '))}${more} |`,
    );
  }
  lines.push('');
  for (const { first } of groups) {
    lines.push(`- **${markdown(first.title)}**: ${markdown(first.detail)} → ${markdown(first.advice)}`);
  }
  return [...lines, ''];
}

function migration(found: Migration | null): string[] {
  if (found === null) return [];
  const users = (list: Migration['clients']): string =>
    list
      .slice(0, placesAtMost)
      .map(({ address, software }) => markdown(`${address}${software === null ? '' : ` (${software})`}`))
      .join(', ') + (list.length > placesAtMost ? `, and ${list.length - placesAtMost} more` : '');
  const lines = ['## Instead of PPTP', '', `PPTP is used by ${users(found.clients)}, at ${users(found.servers)}.`, ''];
  for (const { protocol, reason, firewall } of found.replacements) {
    lines.push(`- **${markdown(protocol)}**: ${markdown(reason)}. Let through: ${markdown(firewall.join(', '))}.`);
  }
  return [...lines, ''];
}

/** The door: nothing of a text is left that Markdown or HTML would take as its own. */
export function markdown(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY)
    .replace(/[\\`*_{}[\]#+!|~]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\b(https?|ftp|mailto|www)(?=[:.])/gi, '$1&#8203;');
}
