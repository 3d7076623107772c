/**
 * The findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), which code-scanning services and security dashboards read.
 * Its texts may hold links and place-holders, so captured text is made printable and its brackets are escaped (§3.11.6).
 */
import type { Finding } from '../findings/finding.ts';
import { rules } from '../findings/rules/table.ts';
import { printable } from '../octets/printable.ts';
import type { ReportSource } from './contract.ts';
import { escaped } from './json.ts';
import { captureOfFrame } from './sequences.ts';

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** SARIF has three levels. §3.27.10 */
const levels: { readonly [Severity in Finding['severity']]: 'error' | 'warning' | 'note' } = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** What code-scanning services sort by, from 0 to 10. */
const securitySeverities: { readonly [Severity in Finding['severity']]: string } = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};

/** One SARIF log that ends with a newline, in pieces. */
export function* sarifReport(report: ReportSource): Generator<string> {
  const run = {
    tool: {
      driver: {
        name: report.tool.name,
        version: report.tool.version,
        semanticVersion: report.tool.version,
        rules: rules.map((rule) => ({
          id: rule.id,
          name: pascalCase(rule.id),
          shortDescription: { text: message(rule.title) },
          fullDescription: { text: message(`${rule.what} ${rule.why}`) },
          help: {
            text: message(`${rule.what} ${rule.why} ${rule.advice} See: ${rule.references.join('; ')}.`),
            markdown: helpMarkdown(rule),
          },
          defaultConfiguration: { level: levels[rule.severity] },
          properties: {
            tags: ['security', 'pptp', 'vpn'],
            precision: 'high',
            'security-severity': securitySeverities[rule.severity],
            references: [...rule.references],
          },
        })),
      },
    },
    artifacts: report.captures.map(({ path }) => ({ location: location(path), roles: ['analysisTarget'] })),
    invocations: [{ executionSuccessful: report.captures.every(({ kind }) => kind !== null) }],
    columnKind: 'utf16CodeUnits',
    ...(report.secretsShown === true ? { properties: { secretsShown: true } } : {}),
  };
  const head = escaped(JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }));
  // The log is written around the results, of which there may be more than one string holds.
  yield `${head.slice(0, -'}]}'.length)},"results":[`;
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  const tunnels = new Map<string, Peers>();
  for (const { id, capture, client, server } of report.tunnels) {
    tunnels.set(id, { capture, client: client.address, server: server.address });
  }
  let separator = '\n';
  for (const finding of report.findings) {
    yield `${separator}${escaped(JSON.stringify(result(finding, indices, tunnels, report)))}`;
    separator = ',\n';
  }
  yield '\n]}]}\n';
}

/** What results say of a tunnel. */
interface Peers {
  readonly capture: number;
  readonly client: string;
  readonly server: string;
}

function result(
  finding: Finding,
  indices: ReadonlyMap<string, number>,
  tunnels: ReadonlyMap<string, Peers>,
  report: ReportSource,
): object {
  const tunnel = tunnels.get(finding.tunnel);
  const place = finding.call ?? finding.tunnel;
  // A frame of a sequence is in one of its files.
  const index = tunnel === undefined ? -1 : captureOfFrame(report, tunnel.capture, finding.frames[0] ?? 0);
  const path = report.captures[index]?.path;
  const frames = `${finding.frames.length === 1 ? 'frame' : 'frames'} ${finding.frames.join(', ')}`;
  const ruleIndex = indices.get(finding.rule);
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: levels[finding.severity],
    message: { text: message(`${finding.detail} Seen in ${place}, ${frames}. ${finding.advice}`) },
    locations: [
      {
        ...(path === undefined ? {} : { physicalLocation: { artifactLocation: { ...location(path), index } } }),
        logicalLocations: [{ name: place, fullyQualifiedName: place, kind: finding.call === null ? 'tunnel' : 'call' }],
        message: { text: message(frames) },
      },
    ],
    partialFingerprints: {
      'ruleAndPeers/v1': printable(`${finding.rule} ${tunnel?.client ?? ''} ${tunnel?.server ?? ''} ${place}`),
    },
    properties: {
      severity: finding.severity,
      basis: finding.basis,
      tunnel: finding.tunnel,
      ...(finding.call === null ? {} : { call: finding.call }),
      frames: finding.frames,
      'security-severity': securitySeverities[finding.severity],
    },
  };
}

/** A path as the URI reference that SARIF wants (§3.4.3, RFC 3986); standard input has a name of its own. */
function location(path: string): { uri: string } {
  if (path === '-') return { uri: 'stdin' };
  const slashes = /^[A-Za-z]:\\/.test(path) ? `/${path.replaceAll('\\', '/')}` : path;
  const segments = slashes.split('/').map((segment) => encodeURIComponent(wellFormed(segment)));
  const encoded = segments.join('/');
  return { uri: encoded.startsWith('/') ? `file://${encoded}` : encoded };
}

/** Half a surrogate pair cannot be encoded. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

/** Plain text as SARIF's messages have it: printable, without place-holders (§3.11.5) and links (§3.11.6) of its own. */
function message(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY)
    .replace(/[[\]]/g, (bracket) => `\\${bracket}`)
    .replace(/[{}]/g, (brace) => brace + brace);
}

function helpMarkdown({ what, why, advice, references }: (typeof rules)[number]): string {
  return `${what} ${why}\n\n**What to do:** ${advice}\n\n${references.map((one) => `- ${one}`).join('\n')}\n`;
}

function pascalCase(id: string): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
