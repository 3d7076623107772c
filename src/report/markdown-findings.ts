/** The findings and the way out of PPTP as Markdown: for the Markdown report, and to be pasted into a ticket. */
import type { Finding } from '../findings/finding.ts';
import type { Migration } from '../findings/migration.ts';
import { severities } from '../findings/rules/rule.ts';
import { printable } from '../octets/printable.ts';
import type { Report } from './contract.ts';
import { frameList } from './text/quantities.ts';

/** Calls that one finding names. */
const placesAtMost = 12;

/** Sections with headings of the second level; nothing where there is nothing to say. Ends with a newline. */
export function findingsMarkdown(report: Pick<Report, 'findings' | 'migration'>): string {
  return [...findings(report.findings), ...migration(report.migration)].map((line) => `${line}\n`).join('');
}

function findings(all: readonly Finding[]): string[] {
  if (all.length === 0) return [];
  const groups = new Map<string, Finding[]>();
  for (const severity of severities) {
    for (const finding of all) {
      if (finding.severity !== severity) continue;
      const key = `${finding.rule} ${severity} ${finding.basis}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [finding]);
      else group.push(finding);
    }
  }
  const lines = ['## Security findings', ''];
  lines.push('| severity | finding | basis | where |', '| --- | --- | --- | --- |');
  for (const [finding, group] of groupsOf(groups)) {
    const places = group
      .slice(0, placesAtMost)
      .map(({ call, tunnel, frames }) => `${call ?? tunnel} (${frameList(frames)})`);
    const more = group.length > placesAtMost ? `, and ${group.length - placesAtMost} more` : '';
    lines.push(
      `| ${finding.severity} | ${markdown(finding.title)} (\`${finding.rule}\`) | ${finding.basis} | ${markdown(places.join(', '))}${more} |`,
    );
  }
  lines.push('');
  for (const [finding] of groupsOf(groups)) {
    lines.push(`- **${markdown(finding.title)}**: ${markdown(finding.detail)} → ${markdown(finding.advice)}`);
  }
  return [...lines, ''];
}

function groupsOf(groups: ReadonlyMap<string, readonly Finding[]>): [Finding, readonly Finding[]][] {
  return [...groups.values()].flatMap((group): [Finding, readonly Finding[]][] => {
    const [first] = group;
    return first === undefined ? [] : [[first, group]];
  });
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
