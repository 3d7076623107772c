/**
 * What must not leave: the reports of all captures, in every format, searched octet for octet for the passwords that made the
 * traffic, and for the challenges and responses that tshark reads out of it. And what must, when it is asked for.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyzeFiles } from '../src/node/index.ts';
import type { Report } from '../src/report/contract.ts';
import { csvReport } from '../src/report/csv.ts';
import { handshakesOf } from '../src/report/handshakes.ts';
import { htmlReport } from '../src/report/html.ts';
import { jsonReport } from '../src/report/json.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { PacketText, packetJson } from '../src/report/packets.ts';
import { redact } from '../src/report/redact.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { otherSide } from '../src/sessions/ends.ts';
import { reportOf } from './support/analysis.ts';
import { type PacketRecord, pcapFile } from './support/captures.ts';
import { captureOfFrame, joinCaptures } from './support/joined-captures.ts';
import { packetsOf } from './support/packet-view.ts';
import { enhancedGre, icmpUnreachable, ipv4, octets, pppControl, u16, u32 } from './support/packets.ts';
import { SessionWriter } from './support/session.ts';
import { hasTool, outputOf } from './support/tools.ts';

const tshark = hasTool('tshark') && hasTool('mergecap') && hasTool('capinfos');

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
  html: (report) => htmlReport(report, { time: 'utc' }),
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
function material(file: string): Uint8Array[] {
  if (materials.size === 0) readMaterial();
  return materials.get(file) ?? [];
}

function readMaterial(): void {
  const target = mkdtempSync(join(tmpdir(), 'pptpscope-secrets-'));
  const path = join(target, 'all.pcapng');
  const joined = joinCaptures(
    files.map((file) => `${folder}${file}`),
    path,
  );
  const names = ['frame.number', 'chap.value', 'chap.message', 'eap.ms_chap_v2.peer_challenge', 'eap.md5.value'];
  const words = ['-r', path, '-Y', 'chap or eap', '-T', 'fields', ...names.flatMap((name) => ['-e', name])];
  const rows = outputOf('tshark', words).toString().split('\n').slice(0, -1);
  rmSync(target, { recursive: true });
  for (const file of files) materials.set(file, []);
  for (const row of rows) {
    const [frame, ...values] = row.split('\t');
    materials.get(captureOfFrame(joined, Number(frame)).name)?.push(...materialOf(values));
  }
}

function materialOf([value = '', message = '', peer = '', md5 = '']: readonly string[]): Uint8Array[] {
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
}

describe('masked', () => {
  const forms = passwords.map((password) => [password, passwordForms(password)] as const);
  const reports = new Map<string, Map<string, string>>();
  beforeAll(async () => {
    for (const file of files) reports.set(file, shown(await analyzeFiles([`${folder}${file}`])));
  }, 180_000);

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
      expect(
        forms.filter(([, all]) => all.some((form) => bare.includes(form))).map(([password]) => password),
        format,
      ).toEqual([]);
    }
  });

  test.skipIf(!tshark).each(files)('%s: no challenge and no response in any format', (file) => {
    const secrets = material(file);
    for (const [format, text] of reports.get(file) ?? []) {
      const lower = text.toLowerCase();
      const leaks = secrets.flatMap((octets) => encodings(octets).filter((form) => lower.includes(form)));
      expect(leaks, format).toEqual([]);
    }
  });

  test.skipIf(!tshark)('tshark finds material in most captures', () => {
    const withMaterial = files.filter((file) => material(file).length > 0);
    expect(withMaterial.length).toBeGreaterThan(files.length / 2);
  });
});

describe('packets of which a length is wrong', () => {
  const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
  /** No two neighbours are text, and none is zero. */
  const value = (size: number): number[] => Array.from({ length: size }, (_, index) => 0x90 + ((index * 37) % 0x70));
  const password = letters('Tr0ub4d&or3');
  const msChapV2 = octets(value(16), u32(0), u32(0), value(24), 0);

  /** An end's packet, the places of length fields in its body, and what must not be seen. */
  interface Secret {
    readonly from: 'client' | 'server';
    readonly ppp: Uint8Array;
    readonly lengths: readonly number[];
    readonly octets: readonly number[];
  }
  const secret = (
    from: Secret['from'],
    protocol: number,
    code: number,
    body: Uint8Array,
    lengths: readonly number[],
    hidden: readonly number[],
  ): Secret => ({ from, ppp: pppControl(protocol, code, 5, body), lengths, octets: hidden });
  const secrets: Readonly<Record<string, Secret>> = {
    // RFC 1334 §2.2.1
    PAP: secret('client', 0xc023, 1, octets(5, letters('alice'), 11, password), [0, 6], password),
    // RFC 1994 §4.1, RFC 2759 §4
    'CHAP Challenge': secret('server', 0xc223, 1, octets(16, value(16), letters('srv')), [0], value(16)),
    'CHAP Response': secret('client', 0xc223, 2, octets(49, msChapV2, letters('alice')), [0], value(24)),
    // RFC 2759 §7
    'Change-Password': secret('client', 0xc223, 7, octets(value(582)), [], value(582)),
    'a CHAP code that nobody knows': secret('client', 0xc223, 9, octets(49, msChapV2), [0], value(24)),
    // RFC 3748 §5.4, §5.6
    'EAP-MD5': secret('client', 0xc227, 2, octets(4, 16, value(16), letters('alice')), [1], value(16)),
    'EAP Generic Token Card': secret('client', 0xc227, 2, octets(6, password), [], password),
    'an EAP type that nobody knows': secret('client', 0xc227, 2, octets(99, value(20)), [], value(20)),
    'EAP-MSCHAPv2': secret(
      'client',
      0xc227,
      2,
      octets(26, 2, 5, u16(59), 49, msChapV2, letters('alice')),
      [3, 4, 5],
      value(24),
    ),
    SPAP: secret('client', 0xc027, 1, octets(5, letters('alice'), 11, password), [0], password),
    // IANA, PPP Numbers: 0xc281
    'a proprietary protocol': secret('client', 0xc281, 1, octets(password), [], password),
    // RFC 1661 §5.6, §5.7: the rejected packet goes back.
    'PAP that Code-Reject sends back': rejected(7, 4, 0xc023, 1, octets(5, letters('alice'), 11, password), password),
    'CHAP that Code-Reject sends back': rejected(7, 4, 0xc223, 2, octets(49, msChapV2, letters('alice')), value(24)),
    'Change-Password that Code-Reject sends back': rejected(7, 4, 0xc223, 5, octets(value(68)), value(68)),
    'PAP that Protocol-Reject sends back': rejected(
      8,
      2,
      0xc023,
      1,
      octets(5, letters('alice'), 11, password),
      password,
    ),
    'CHAP that Protocol-Reject sends back': rejected(
      8,
      2,
      0xc223,
      2,
      octets(49, msChapV2, letters('alice')),
      value(24),
    ),
    'PAP that Protocol-Reject sends back with its address field': rejected(
      8,
      0,
      0xc023,
      1,
      octets(5, letters('alice'), 11, password),
      password,
    ),
    'PAP that Protocol-Reject sends back as a multilink fragment': secret(
      'server',
      0xc021,
      8,
      octets(u16(0x003d), 0xc0, 0, 0, 1, pppControl(0xc023, 1, 5, octets(0, 11, password)).slice(2)),
      [2, 3, 4, 5],
      password,
    ),
  };

  /** What the server sends back of a packet of the client's, from an octet of PPP's header on. */
  function rejected(
    by: 7 | 8,
    from: number,
    protocol: number,
    code: number,
    body: Uint8Array,
    hidden: readonly number[],
  ): Secret {
    const packet = pppControl(protocol, code, 5, body).slice(from);
    const inside = packet.length - body.length;
    return secret('server', 0xc021, by, packet, [inside - 2, inside - 1, inside], hidden);
  }

  /** Everything that is printed of the packets, without its spaces. */
  function printed(frames: readonly PacketRecord[], showSecrets: boolean): string {
    const capture = { path: 'a', digits: 6, first: null };
    const shown = { details: true, hex: true, showSecrets };
    const text = new PacketText(capture, {
      ...shown,
      width: 0,
      palette: plainPalette,
      time: 'utc',
      utcOffset: () => 0,
      sources: false,
      selected: null,
    });
    const packets = packetsOf(pcapFile(frames));
    return packets
      .map((packet) => `${text.packet(packet)}${packetJson(packet, capture, shown)}`)
      .join('')
      .replaceAll(/\s/g, '');
  }

  /** Four octets of the secret next to each other, as digits or characters. */
  function leaks(hidden: readonly number[], text: string): string[] {
    const windows = hidden.slice(3).map((_, at) => Buffer.from(hidden.slice(at, at + 4)));
    const forms = new Set(windows.flatMap((four) => [four.toString('hex'), four.toString('latin1')]));
    return [...forms].filter((form) => text.includes(form));
  }

  const dialled = (): SessionWriter => new SessionWriter().handshake().control().call().lcp();
  const [ipStart, greStart, pppStart, bodyStart] = [14, 34, 50, 58];

  test.each(Object.entries(secrets))('%s', (_, { from, ppp, lengths, octets: hidden }) => {
    // Header length and total length of IP, payload length of GRE, length of the control packet, those inside.
    const places = [ipStart, ipStart + 3, greStart + 4, greStart + 5, pppStart + 6, pppStart + 7];
    const all = [...places, ...lengths.map((at) => bodyStart + at)];
    const wrong = fc.array(fc.tuple(fc.constantFrom(...all), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
    const frames = dialled().gre(otherSide(from), new Uint8Array(0)).gre(from, ppp).frames;
    expect(leaks(hidden, printed(frames, true))).not.toEqual([]);
    fc.assert(
      fc.property(wrong, fc.boolean(), (changes, quoted) => {
        const session = dialled().gre(otherSide(from), new Uint8Array(0)).gre(from, ppp);
        const last = session.frames.at(-1)?.octets ?? new Uint8Array(0);
        // The version of IP stays.
        for (const [at, octet] of changes) last[at] = at === ipStart ? 0x40 | (octet & 0x0f) : octet;
        if (quoted) session.ip(otherSide(from), 1, whole(icmpUnreachable(1, last), last));
        expect(leaks(hidden, printed(session.frames, false))).toEqual([]);
        const reports = shown(reportOf(pcapFile(session.frames)));
        for (const [format, text] of reports) expect(leaks(hidden, text.replaceAll(/\s/g, '')), format).toEqual([]);
      }),
      {
        numRuns: 30,
        // Found by chance: all of it is quoted, PPP's length says one octet more, and the name's takes four of the password.
        examples: [
          [
            [
              [pppStart + 7, 23],
              [bodyStart, 9],
            ],
            true,
          ],
        ],
      },
    );
  });

  /** An ICMP error that quotes all of the packet in a frame. RFC 1812 §4.3.2.3 */
  function whole(error: Uint8Array, frame: Uint8Array): Uint8Array {
    return octets(error.slice(0, 8), frame.slice(ipStart));
  }

  test.each(Object.entries(secrets))(
    '%s in fragments of IP, and of PPP Multilink',
    (_, { from, ppp, octets: hidden }) => {
      const session = dialled();
      const gre = enhancedGre({ callId: session.serverCallId, sequence: 2, acknowledgment: 1 }, ppp);
      const [source, destination] =
        from === 'client' ? [session.client, session.server] : [session.server, session.client];
      const addresses = { source, destination, protocol: 47, identification: 77 };
      const cut = 32;
      const fragments = [
        ipv4({ ...addresses, moreFragments: true }, gre.slice(0, cut)),
        ipv4({ ...addresses, fragmentOffset: cut }, gre.slice(cut)),
      ];
      const ethernetHeader = session.frames[0]?.octets.slice(0, ipStart) ?? new Uint8Array(0);
      const records = fragments.map((one, index) => ({
        seconds: 1_700_000_001,
        fraction: index,
        octets: octets(ethernetHeader, one),
      }));
      expect(leaks(hidden, printed([...session.frames, ...records], false))).toEqual([]);
      // Each fragment alone.
      for (const record of records) expect(leaks(hidden, printed([...session.frames, record], false))).toEqual([]);

      // RFC 1990 §3: what is cut begins with the protocol field.
      const [first, second] = [ppp.slice(2, 16), ppp.slice(16)];
      const bundle = [octets(0x80, 0, 0, 1, first), octets(0x40, 0, 0, 2, second), octets(0xc0, 0, 0, 3, ppp.slice(2))];
      const multilink = dialled();
      for (const fragment of bundle) multilink.gre(from, octets(0xff, 0x03, 0x00, 0x3d, fragment));
      expect(leaks(hidden, printed(multilink.frames, false))).toEqual([]);
    },
  );
});

describe('words that repeat a password', () => {
  const letters = (text: string): Uint8Array => octets(Array.from(text, (letter) => letter.charCodeAt(0)));
  const prefixed = (text: string): Uint8Array => octets(text.length, letters(text));
  const [first, second] = ['Tr0ub4d&or3', 'Sw0rdf1sh?'];
  const request = (password: string, identifier: number): Uint8Array =>
    pppControl(0xc023, 1, identifier, octets(prefixed('alice'), prefixed(password)));
  const says = `no, ${first} is not it, nor is ${second}`;
  // RFC 1334 §2.2.2, RFC 1994 §4.2, RFC 1661 §5.5, RFC 1570 §1.1, RFC 3748 §5.2
  const words: readonly [string, Uint8Array][] = [
    ['Authenticate-Nak', pppControl(0xc023, 3, 2, prefixed(says))],
    ['Authenticate-Nak without a length', pppControl(0xc023, 3, 2, letters(says))],
    ['CHAP Failure', pppControl(0xc223, 4, 3, letters(`E=691 R=0 M=${says}`))],
    ['Terminate-Request', pppControl(0xc021, 5, 4, letters(says))],
    ['Terminate-Request of IPCP', pppControl(0x8021, 5, 4, letters(says))],
    ['Identification', pppControl(0xc021, 12, 4, octets(u32(0x22222222), letters(says)))],
    ['EAP Notification', pppControl(0xc227, 1, 4, octets(2, letters(says)))],
  ];

  test.each(words)('%s, before its cause in the file or behind it', (name, words) => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ] as const) {
      const packets = [
        ['client', request(first, 1)],
        ['client', request(second, 2)],
        ['server', words],
      ] as const;
      const session = new SessionWriter().handshake().control().call().lcp();
      for (const at of order) session.gre(packets[at][0], packets[at][1]);
      const file = pcapFile(session.frames);
      const capture = { path: 'a', digits: 6, first: null };
      const shownAs = { details: true, hex: true, showSecrets: false };
      const view = packetsOf(file).map((packet) => packetJson(packet, capture, shownAs));
      const all = [...view, ...shown(reportOf(file)).values()];
      for (const password of [first, second]) {
        const forms = passwordForms(password);
        const leaking = all.filter((text) => forms.some((form) => text.toLowerCase().includes(form)));
        expect(leaking, name).toEqual([]);
      }
      expect(view.join('')).toContain('no, *** is not it, nor is ***');
    }
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
    const file = '01-mschapv2-mppe128-stateless-client.pcap';
    const report = await analyzeFiles([`${folder}${file}`], { keepSecrets: true });
    const secrets = report.tunnels[0]?.calls[0]?.authentication[0]?.secrets;
    const [challenge, response] = material(file);
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
