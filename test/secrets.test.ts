/**
 * What must not leave: the reports of all captures, in every format, searched octet for octet for the passwords that made the
 * traffic, and for the challenges and responses that tshark reads out of it. And what must, when it is asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import type { Report } from '../src/report/contract.ts';
import { csvReport } from '../src/report/csv.ts';
import { handshakesOf } from '../src/report/handshakes.ts';
import { jsonReport } from '../src/report/json.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { redact } from '../src/report/redact.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { hasTool, outputOf } from './support/tools.ts';

const tshark = hasTool('tshark');

const folder = fileURLToPath(new URL('../captures/', import.meta.url));
const files = readdirSync(folder).filter((name) => /\.(pcap|pcapng|gz)$/.test(name));

interface ManifestEntry {
  readonly file: string;
  readonly password: string | null;
}

const manifest: readonly ManifestEntry[] = JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8'));
/** Several passwords of one capture stand with ` / ` between. */
const passwords = [...new Set(manifest.flatMap(({ password }) => password?.split(' / ') ?? []))];

/** Every format that shows a report. */
const formats: { readonly [name: string]: (report: Report) => Iterable<string> } = {
  json: jsonReport,
  csv: csvReport,
  sarif: sarifReport,
  markdown: markdownReport,
  text: (report) => textReport(report, { width: 100, palette: plainPalette, time: 'utc', verbose: false }),
  verbose: (report) => textReport(report, { width: 400, palette: plainPalette, time: 'utc', verbose: true }),
  handshakes: (report) => [JSON.stringify(handshakesOf(report))],
};

function shown(report: Report): Map<string, string> {
  return new Map(Object.entries(formats).map(([name, format]) => [name, [...format(report)].join('')]));
}

/** The encodings in which octets could leak. */
function encodings(octets: Uint8Array): string[] {
  const buffer = Buffer.from(octets);
  const pairs = buffer.toString('hex').match(/../g) ?? [];
  return [
    pairs.join(''),
    pairs.join(':'),
    pairs.join(' '),
    pairs.join('-'),
    buffer.toString('base64').replace(/=+$/, ''),
    buffer.toString('base64url'),
    [...octets].join(','),
    [...octets].join(', '),
    buffer.toString('latin1'),
    encodeURIComponent(buffer.toString('latin1')),
    pairs.map((pair) => `\\x${pair}`).join(''),
    JSON.stringify(buffer.toString('latin1')).slice(1, -1),
  ].map((text) => text.toLowerCase());
}

function passwordForms(password: string): string[] {
  const utf16 = Buffer.from(password, 'utf16le');
  return [password.toLowerCase(), ...encodings(Buffer.from(password)), ...encodings(utf16)];
}

const materials = new Map<string, Uint8Array[]>();

/** Challenges, responses and `S=` of a capture, as tshark reads them, by octets. */
function material(path: string): Uint8Array[] {
  const known = materials.get(path) ?? materialByTshark(path);
  materials.set(path, known);
  return known;
}

function materialByTshark(path: string): Uint8Array[] {
  const fields = [
    '-e',
    'chap.value',
    '-e',
    'chap.message',
    '-e',
    'eap.ms_chap_v2.peer_challenge',
    '-e',
    'eap.md5.value',
  ];
  const words = ['-r', path, '-Y', 'chap or eap', '-T', 'fields', ...fields];
  const rows = outputOf('tshark', words).toString().split('\n');
  return rows.flatMap((row) => {
    const [value = '', message = '', peer = '', md5 = ''] = row.split('\t');
    const found = [value, peer, md5]
      .filter((hex) => hex !== '')
      .map((hex) => Buffer.from(hex.replaceAll(':', ''), 'hex'));
    // The parts of a response of 49 octets count by themselves.
    const parts = found.flatMap((octets) =>
      octets.length === 49 ? [octets, octets.subarray(0, 16), octets.subarray(24, 48)] : [octets],
    );
    const signature = /S=([0-9A-F]{40})/.exec(message)?.[1];
    const all = signature === undefined ? parts : [...parts, Buffer.from(signature, 'hex')];
    return all.filter((octets) => octets.length >= 8 && octets.some((octet) => octet !== 0));
  });
}

describe('masked', () => {
  const reports = new Map<string, Map<string, string>>();
  beforeAll(async () => {
    for (const file of files) reports.set(file, shown(await analyzeFiles([`${folder}${file}`])));
  });

  test('there are passwords to look for', () => {
    expect(passwords).toContain('Sw0rdfish!');
    expect(passwords.length).toBeGreaterThanOrEqual(7);
  });

  test.each(files)('%s: no password in any format', (file) => {
    for (const [format, text] of reports.get(file) ?? []) {
      // The names of captures tell what was done, and so do the reports that quote them.
      const bare = text
        .toLowerCase()
        .replaceAll(file.toLowerCase(), '')
        .replaceAll(encodeURIComponent(file).toLowerCase(), '');
      for (const password of passwords) {
        for (const form of passwordForms(password)) expect(bare.includes(form), `${format}: ${password}`).toBe(false);
      }
    }
  });

  test.skipIf(!tshark).each(files)('%s: no challenge and no response in any format', (file) => {
    const secrets = material(`${folder}${file}`);
    for (const [format, text] of reports.get(file) ?? []) {
      const lower = text.toLowerCase();
      for (const octets of secrets) {
        const leak = encodings(octets).find((form) => lower.includes(form));
        expect(leak, format).toBeUndefined();
      }
    }
  });

  test.skipIf(!tshark)('tshark finds material in most captures', () => {
    const withMaterial = files.filter((file) => material(`${folder}${file}`).length > 0);
    expect(withMaterial.length).toBeGreaterThan(files.length / 2);
  });
});

describe('shown on request', () => {
  test('the password of PAP, and it is said at the top', async () => {
    const report = await analyzeFiles([`${folder}07-pap-clear-client.pcap`], { keepSecrets: true });
    const texts = shown(report);
    for (const format of ['json', 'csv', 'text']) expect(texts.get(format)).toContain('Sw0rdfish!');
    expect(texts.get('text')?.split('\n')[0]).toContain('shows secrets');
    expect(Object.keys(JSON.parse(texts.get('json') ?? '')).indexOf('secretsShown')).toBeLessThan(4);
  });

  test.skipIf(!tshark)('the octets that tshark reads, of MS-CHAPv2', async () => {
    const path = `${folder}01-mschapv2-mppe128-stateless-client.pcap`;
    const report = await analyzeFiles([path], { keepSecrets: true });
    const secrets = report.tunnels[0]?.calls[0]?.authentication[0]?.secrets;
    const [challenge, response] = material(path);
    expect(secrets?.attempts).toMatchObject([
      {
        challenge: Buffer.from(challenge ?? []).toString('hex'),
        response: Buffer.from(response ?? []).toString('hex'),
        outcome: 'success',
      },
    ]);
  });

  test('nothing of it without being asked', async () => {
    const report = await analyzeFiles([`${folder}07-pap-clear-client.pcap`]);
    expect(JSON.stringify(report)).not.toContain('secretsShown');
    expect(JSON.stringify(report)).not.toContain('"secrets"');
  });
});

describe('redacted', () => {
  /** User names, host names that are none of ours, and all addresses of the laboratory. */
  const identities = /alice|bob\b|carol|tlsclient|pptpd\b|10\.10\.1\.\d|203\.0\.113\.\d|192\.168\.7\d\.\d/i;

  test.each(files)('%s: no name and no address in any format', async (file) => {
    const report = redact(await analyzeFiles([`${folder}${file}`]));
    for (const [format, text] of shown(report)) {
      // The program that answers is called pptpd too; that word is ours and stands beside its vendor name.
      const bare = text
        .replaceAll('pptpd (Poptop)', '')
        .replaceAll('pptpd \\\\(Poptop\\\\)', '')
        .replaceAll('pptpd (Poptop\\)', '');
      expect(identities.exec(bare)?.[0], format).toBeUndefined();
      expect(bare, format).not.toContain(file);
    }
  });
});
