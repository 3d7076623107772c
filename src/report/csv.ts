/**
 * One line for each call (RFC 4180), for spreadsheets. A cell of captured text that a spreadsheet would take as a formula
 * gets an apostrophe in front; control characters are made visible.
 */

import type { Finding } from '../findings/finding.ts';
import { severities } from '../findings/rules/rule.ts';
import { printable } from '../octets/printable.ts';
import { ByTunnel } from './by-tunnel.ts';
import type { CallReport, CaptureReport, ReportSource, TunnelReport } from './contract.ts';
import { captureOfFrame } from './sequences.ts';

type Value = string | number | boolean | null;

/** What a line is about. */
interface Line {
  readonly capture: CaptureReport | undefined;
  readonly tunnel: TunnelReport;
  readonly call: CallReport;
  readonly findings: readonly Finding[];
  readonly causes: readonly string[];
}

const columns: readonly (readonly [heading: string, value: (line: Line) => Value])[] = [
  ['capture', ({ capture }) => capture?.path ?? null],
  ['tunnel', ({ tunnel }) => tunnel.id],
  ['call', ({ call }) => call.id],
  ['client', ({ tunnel }) => tunnel.client.address],
  ['clientPort', ({ tunnel }) => tunnel.client.port],
  ['server', ({ tunnel }) => tunnel.server.address],
  ['serverPort', ({ tunnel }) => tunnel.server.port],
  ['firstTime', ({ tunnel }) => tunnel.firstTime],
  ['lastTime', ({ tunnel }) => tunnel.lastTime],
  ['firstFrame', ({ tunnel }) => tunnel.firstFrame],
  ['lastFrame', ({ tunnel }) => tunnel.lastFrame],
  ['kind', ({ call }) => call.kind],
  ['outcome', ({ call }) => call.outcome],
  ['stoppedAt', ({ call }) => call.stages.find(({ status }) => status === 'failed')?.stage ?? null],
  ['causes', ({ causes }) => causes.join(' ')],
  ['clientCallId', ({ call }) => call.clientCallId],
  ['serverCallId', ({ call }) => call.serverCallId],
  ['resultCode', ({ call }) => call.resultCode],
  ['user', ({ call }) => call.authentication.find(({ user }) => user !== null)?.user ?? null],
  ['authentication', ({ call }) => [...new Set(call.authentication.map(({ protocol }) => protocol))].join(' ')],
  ['authenticated', ({ call }) => call.authentication.at(-1)?.outcome ?? null],
  [
    'authenticationError',
    ({ call }) => call.authentication.findLast(({ errorCode }) => errorCode !== null)?.errorCode ?? null,
  ],
  ['encryption', ({ call }) => call.encryption.method],
  ['encryptionBits', ({ call }) => call.encryption.bits],
  ['stateless', ({ call }) => call.encryption.stateless],
  ['encryptedPackets', ({ call }) => call.encryption.encryptedPackets],
  ['clearDataPackets', ({ call }) => call.encryption.clearDataPackets],
  ['innerClientAddress', ({ call }) => call.network.clientAddress],
  ['innerServerAddress', ({ call }) => call.network.serverAddress],
  ['userBytesToServer', ({ call }) => call.gre.clientToServer.userBytes],
  ['userBytesToClient', ({ call }) => call.gre.serverToClient.userBytes],
  ['grePacketsToServer', ({ call }) => call.gre.clientToServer.packets],
  ['grePacketsToClient', ({ call }) => call.gre.serverToClient.packets],
  ['lostToServer', ({ call }) => call.gre.clientToServer.lost],
  ['lostToClient', ({ call }) => call.gre.serverToClient.lost],
  [
    'worstFinding',
    ({ findings }) => severities.find((severity) => findings.some((one) => one.severity === severity)) ?? null,
  ],
  ['findings', ({ findings }) => [...new Set(findings.map(({ rule }) => rule))].join(' ')],
];

/** Headings, then the calls; lines end as RFC 4180 has it. */
export function* csvReport(report: ReportSource): Generator<string> {
  const secrets = report.secretsShown === true;
  const headings = columns.map(([heading]) => heading);
  yield record(secrets ? [...headings, 'secrets'] : headings);
  const allFindings = new ByTunnel(report.findings);
  const allDiagnoses = new ByTunnel(report.diagnoses);
  for (const tunnel of report.tunnels) {
    const findings = allFindings.of(tunnel.id);
    const diagnoses = allDiagnoses.of(tunnel.id);
    for (const call of tunnel.calls) {
      const line = {
        capture: report.captures[captureOfFrame(report, tunnel.capture, tunnel.firstFrame)],
        tunnel,
        call,
        findings: ofCallFirst(findings, call),
        causes: ofCallFirst(diagnoses, call).map(({ cause }) => cause),
      };
      const values = columns.map(([, value]) => value(line));
      yield record(secrets ? [...values, secretsOf(call)] : values);
    }
  }
}

/** What is said of the call, and then of its tunnel as a whole. */
function ofCallFirst<Said extends { readonly call: string | null }>(said: readonly Said[], { id }: CallReport): Said[] {
  return [...said.filter(({ call }) => call === id), ...said.filter(({ call }) => call === null)];
}

function secretsOf({ authentication }: CallReport): string {
  return authentication
    .flatMap(({ secrets }) => [
      ...(secrets?.password ? [`password ${secrets.password}`] : []),
      ...(secrets?.attempts ?? []).map(({ challenge, response }) => `challenge ${challenge} response ${response}`),
    ])
    .join('; ');
}

function record(values: readonly Value[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

/** Characters that begin a formula in one spreadsheet or another. */
const formula = /^[=+\-@\t\r\n|%]/;

/** The door: everything that a spreadsheet shows comes through here. */
function cell(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const shown = printable(value, Number.POSITIVE_INFINITY);
  // Spreadsheets look past blanks and quotes, and full-width signs count as their ordinary forms.
  const guarded = formula.test(shown.normalize('NFKC').trimStart()) ? `'${shown}` : shown;
  return /[",;\r\n']/.test(guarded) || guarded !== guarded.trim() ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
