/** `pptpscope packets` and `pptpscope ladder` as commands: what is selected, printed and written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import type { PacketField, PacketLine } from '../src/report/packet-contract.ts';
import type { Layer } from '../src/wire/tree.ts';
import { pcapFile } from './support/captures.ts';
import { recordedIo, type Terminal } from './support/io.ts';
import { flawsOf } from './support/packet-view.ts';
import { octets, pppControl } from './support/packets.ts';
import { SessionWriter } from './support/session.ts';

/** A field of a JSON line with what is absent because it is empty. */
function complete(field: PacketField): object {
  return { bits: [], ...field, children: (field.children ?? []).map(complete) };
}

const captures = fileURLToPath(new URL('../captures/', import.meta.url));
const names = readdirSync(captures).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
const session = join(captures, '01-mschapv2-mppe128-stateless-client.pcap');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-packets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function pptpscope(
  words: string[],
  stdout: Terminal = {},
): Promise<{ status: number; out: string; err: string; lines: string[] }> {
  const io = recordedIo({ stdout, environment: stdout.isTTY ? { TERM: 'xterm' } : {} });
  const status = await run(words, io, analyzeFiles);
  const out = io.out();
  return { status, out, err: io.err(), lines: out.split('\n').slice(0, -1) };
}

async function frames(...words: string[]): Promise<number[]> {
  const { lines } = await pptpscope(['packets', '--format', 'json', ...words]);
  return lines.map((line) => (JSON.parse(line) as PacketLine).frame);
}

function written(name: string, file: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, file);
  return path;
}

it('a password that the server repeats is covered, whichever packets are asked for', async () => {
  const letters = (text: string): Uint8Array => octets(Array.from(text, (letter) => letter.charCodeAt(0)));
  const request = octets(5, letters('alice'), 11, letters('Tr0ub4dor&3'));
  const made = new SessionWriter().handshake().control().call().lcp();
  made.gre('client', pppControl(0xc023, 1, 1, request));
  made.gre('server', pppControl(0xc023, 3, 1, octets(14, letters('no Tr0ub4dor&3'))));
  const path = written('repeated.pcap', pcapFile(made.frames));
  for (const words of [['packets', '--frames', '13'], ['packets', '--frames', '13', '--format', 'json'], ['ladder']]) {
    const options = words[0] === 'packets' ? ['--details', '--hex'] : [];
    const { out } = await pptpscope([...words, ...options, path]);
    expect(out).toContain('no ***');
    expect(out).not.toMatch(/Tr0ub|dor&3|5472306f|5472 306f|54 72 30/);
  }
  const { out } = await pptpscope(['packets', '--frames', '13', '--details', '--show-secrets', path]);
  expect(out).toContain('Tr0ub4dor&3');
});

describe('selection', () => {
  // Frame numbers by tshark 4.0.17 in this capture: `-Y lcp`, `-Y chap`, `-Y 'ip.src == 203.0.113.10'`, ...
  it.each<[what: string, words: string[], expected: number[]]>([
    ['frames', ['--frames', '10-12,57,60-'], [10, 11, 12, 57]],
    ['a protocol', ['--protocol', 'lcp'], [11, 12, 13, 14, 49, 50, 51, 52]],
    ['several protocols', ['--protocol', 'chap,ccp'], [15, 17, 18, 19, 20, 21, 22]],
    ['a protocol and a side', ['--protocol', 'lcp', '--from', 'server'], [12, 14, 51, 52]],
    ['a text, in either case', ['--grep', 'TERMINATE-request'], [49, 50]],
    ['a call, of a message too', ['--call', 'T1.1', '--protocol', 'pptp'], [8, 9, 54]],
    ['a tunnel', ['--tunnel', 't1', '--protocol', 'pptp'], [4, 6, 8, 9, 54]],
    ['no more than so many', ['--protocol', 'lcp', '--count', '3'], [11, 12, 13]],
    ['seconds from the start', ['--between', '1.12', '+1.1263'], [21, 22, 23, 24]],
    ['times of the day', ['--between', '23:04:23.9440', '23:04:23.952'], [21, 22, 23, 24]],
    ['calendar times', ['--between', '2026-11-20T23:04:27.1Z', '2026-11-20 23:04:27.16'], [49, 50]],
    ['the end of a day', ['--between', '23:04:27.18', '24:00'], [52, 53, 54, 55, 56, 57]],
    ['a zone', ['--between', '2026-11-21T00:04:27.1+01:00', '2026-11-21T00:04:27.16+01:00'], [49, 50]],
  ])('%s', async (_what, words, expected) => {
    // The file may stand behind the two times.
    expect(await frames(...words, session)).toEqual(expected);
  });

  it('what happened to packets: those behind lost ones, and those that came late', async () => {
    const file = join(captures, '22-netem-loss-reorder-mppe128-stateless-server.pcap');
    // The client's sequence numbers by tshark 4.0.17 (`-e gre.sequence_number`): where one jumps up, and where one is lower than before.
    const behindLost = [34, 36, 81, 101, 105, 114, 115, 152, 178, 192, 197, 201];
    const late = [153, 179, 180, 185, 198, 202, 203];
    expect(await frames('--grep', 'Lost before', file)).toEqual(behindLost);
    expect(await frames('--grep', 'out of order', '--protocol', 'gre', file)).toEqual(late);
  });

  it.each([
    '22-netem-loss-reorder-mppe128-stateless-server.pcap',
    '26d-multilink-two-links-server.pcap',
    '20-two-clients-nat-with-helper-inside.pcap',
  ])('packets that are passed by quickly are those that are not selected: %s', async (name) => {
    const file = join(captures, name);
    const { lines } = await pptpscope(['packets', '--format', 'json', file]);
    const all = lines.map((line) => JSON.parse(line) as PacketLine);
    const chosen = (wanted: (packet: PacketLine) => boolean) => all.filter(wanted).map(({ frame }) => frame);
    expect(await frames('--protocol', 'lcp,ipcp,pptp', file)).toEqual(
      chosen(({ protocols }) => ['lcp', 'ipcp', 'pptp'].some((word) => protocols.includes(word))),
    );
    expect(await frames('--protocol', 'mppe', file)).toEqual(chosen(({ protocols }) => protocols.includes('mppe')));
    expect(await frames('--from', 'server', file)).toEqual(chosen(({ from }) => from === 'server'));
    expect(await frames('--call', 'T1.1', file)).toEqual(chosen(({ call }) => call === 'T1.1'));
    // Marks of what is shown count what is not.
    const { lines: some } = await pptpscope(['packets', '--format', 'json', '--frames', '60-', file]);
    expect(some.map((line) => JSON.parse(line) as PacketLine)).toEqual(all.filter(({ frame }) => frame >= 60));
  });

  it('a count is one for all captures', async () => {
    const other = join(captures, '07-pap-clear-client.pcap');
    const { lines } = await pptpscope(['packets', '--format', 'json', '--count', '60', session, other]);
    expect(lines).toHaveLength(60);
    expect(lines.map((line) => (JSON.parse(line) as PacketLine).tunnel).slice(55)).toEqual([
      'T1',
      'T1',
      'T2',
      'T2',
      'T2',
    ]);
  });

  it('packets outside of tunnels only with --all', async () => {
    const file = join(captures, '25b-tcp-control-tiny-segments-server.pcap');
    expect((await frames(file))[0]).toBe(3);
    expect((await frames('--all', file)).slice(0, 3)).toEqual([1, 2, 3]);
  });

  it.each([
    ['a call that is not there', ['--call', 'T9.1', session], /no T9\.1 in the captures: there are T1 T1\.1/],
    ['a protocol that is none', ['--protocol', 'smtp', session], /smtp is none of: ethernet/],
    ['frames that are none', ['--frames', '5-3', session], /ranges run upwards/],
    ['one time before the file', ['--between', '23:04:22', session], /takes two times: .* is no time/],
    ['a time that is none', ['--between', 'now', '5', session], /now is no time/],
    ['an hour that is none', ['--between', '1:00', '25:00', session], /25:00 is no time/],
    ['a minute that is none', ['--between', '22:60', '23:00', session], /22:60 is no time/],
    ['a second that is none', ['--between', '22:00:60', '23:00', session], /22:00:60 is no time/],
    ['a time after the end of the day', ['--between', '23:00', '24:00:01', session], /24:00:01 is no time/],
    ['a day that is none', ['--between', '2026-02-29', '2026-03-01', session], /2026-02-29 is no time/],
    ['seconds that run back', ['--between', '5', '+4.9', session], /\+4\.9 is before 5/],
    ['times of the day that run back', ['--between', '23:50', '0:10', session], /0:10 is before 23:50/],
    [
      'calendar times that run back',
      ['--between', '2026-11-21T00:30+01:00', '2026-11-20T23:29Z', session],
      /2026-11-20T23:29Z is before 2026-11-21T00:30\+01:00/,
    ],
    ['one time', ['--between', '5'], /--between takes two times|missing required argument/],
    ['no file', [], /missing required argument/],
    ['--annotate without -w', ['--annotate', session], /--annotate needs -w/],
    ['a file that is not there', [join('/nowhere', 'x.pcap')], /no such file/],
  ])('%s: 2, and why', async (_what, words, says) => {
    const { status, err } = await pptpscope(['packets', ...words]);
    expect(status).toBe(2);
    expect(err).toMatch(says);
  });
});

describe('text', () => {
  it('is one line for each packet where nobody looks at a terminal', async () => {
    const { lines } = await pptpscope(['packets', session]);
    expect(lines[0]).toBe('2026-11-20 UTC');
    expect(lines).toHaveLength(58);
    expect(lines[11]).toBe(
      '   11 23:04:23.849286 T1.1 10.10.1.2 → 203.0.113.10 LCP Configure-Request id=1 <mru 1400> <asyncmap 0x00000000> <magic 0x50bbba20> <pcomp> <accomp>',
    );
    expect(lines[12]).toMatch(/^ {3}12 23:04:23\.915674 T1\.1 10\.10\.1\.2 ← 203\.0\.113\.10 LCP Configure-Request/);
  });

  it.each<[words: string[], first: string, second: string]>([
    [['--time', 'relative'], '+1.022734', '+1.089122'],
    [['--time', 'delta'], '+0.000000', '+0.066388'],
  ])('times %s', async (words, first, second) => {
    const { lines } = await pptpscope(['packets', ...words, '--frames', '11,12', session]);
    expect(lines.map((line) => line.trim().split(' ')[1])).toEqual([first, second]);
  });

  it.each([60, 80, 132])('keeps within a terminal of %i columns, details and octets too', async (columns) => {
    const { lines } = await pptpscope(['packets', '--details', '--hex', '--no-color', session], {
      isTTY: true,
      columns,
    });
    expect(lines.length).toBeGreaterThan(500);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  it('details show each field with its octets and the meaning, and the RFC on request', async () => {
    const { out } = await pptpscope(['packets', '--frames', '9', '--details', '--rfc', session]);
    expect(out).toContain('  Outgoing-Call-Reply  66-97  RFC 2637 §2.8\n');
    expect(out).toMatch(/ {4}80-81 {5}peer call ID +30720 {2}0x7800\n/);
    expect(out).toMatch(/ {4}82 {8}result code +1 Connected\n/);
    // Reserved, and 0.
    expect(out).not.toMatch(/reserved/);
  });

  it('a reserved field that is not zero is shown', async () => {
    const message = octets([0, 16, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 12, 0xab, 0xcd, 0, 0, 0, 0]);
    const file = written(
      'reserved.pcap',
      pcapFile(new SessionWriter().handshake().control().message('client', message).frames),
    );
    const { out } = await pptpscope(['packets', '--frames', '6', '--details', file]);
    expect(out).toMatch(/reserved0 +43981 {2}0xabcd {2}must be 0/);
  });

  it('the octets are those of the frame, the innermost layer in colour', async () => {
    const { out } = await pptpscope(['packets', '--frames', '11', '--hex', session], { isTTY: true, columns: 100 });
    const marked = (octet: string): string => `\u001b[33m${octet}\u001b[39m`;
    // LCP begins at octet 50; C0 21 before it is PPP's protocol field.
    expect(out).toContain(`c0 21 ${marked('01')} ${marked('01')} ${marked('00')} ${marked('18')}`);
  });

  it('holds nothing that a terminal would obey, whatever was captured', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (name) => {
        const body = octets([16], new Uint8Array(16), name);
        const writer = new SessionWriter()
          .handshake()
          .control()
          .call()
          .gre('server', pppControl(0xc223, 1, 1, body));
        const file = written('hostile.pcap', pcapFile(writer.frames));
        for (const words of [['--details', '--hex'], ['--format', 'json', '--details'], []]) {
          const { out } = await pptpscope(['packets', ...words, file]);
          expect(out).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('secrets', () => {
  const secret = 'Sw0rdfish!';
  // Its logs give the password of this capture.
  const file = join(captures, '07-pap-clear-client.pcap');
  const digits = Buffer.from(secret).toString('hex');

  it.each([[[]], [['--details', '--hex']], [['--format', 'json', '--details', '--hex']]])(
    'are covered: %j',
    async (words) => {
      const { out } = await pptpscope(['packets', ...words, file]);
      expect(out).not.toContain(secret);
      expect(out).not.toContain(digits);
      expect(out.replaceAll(' ', '')).not.toContain(digits);
      expect(out).toContain('password=<hidden>');
    },
  );

  it('are shown when asked for', async () => {
    const { out } = await pptpscope(['packets', '--details', '--hex', '--show-secrets', file]);
    expect(out).toContain(`"${secret}"`);
  });
});

describe('JSON lines', () => {
  const schema: object = JSON.parse(readFileSync(new URL('../packets.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

  it.each(names.filter((name) => !name.startsWith('30-')))('%s is what the schema says', async (name) => {
    const { lines } = await pptpscope([
      'packets',
      '--all',
      '--format',
      'json',
      '--details',
      '--hex',
      join(captures, name),
    ]);
    expect(lines.length).toBeGreaterThan(0);
    const faults = lines.flatMap((line) =>
      validate(JSON.parse(line))
        ? []
        : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`),
    );
    expect(faults).toEqual([]);
  });

  it('hold every octet of the frame once', async () => {
    const { lines } = await pptpscope(['packets', '--format', 'json', '--details', '--hex', '--show-secrets', session]);
    for (const line of lines) {
      const packet = JSON.parse(line) as PacketLine;
      expect(packet.hex).toHaveLength(packet.capturedBytes * 2);
      const layers = (packet.layers ?? []).map((layer) => ({ ...layer, fields: layer.fields.map(complete) }));
      expect(flawsOf(layers as readonly unknown[] as readonly Layer[], packet.capturedBytes)).toEqual([]);
    }
  });
});

describe('ladder', () => {
  it('draws a call: who, what, when; data in counts', async () => {
    const { status, lines } = await pptpscope(['ladder', '--call', 'T1.1', session]);
    expect(status).toBe(0);
    expect(lines[0]?.trim()).toMatch(/^client +server$/);
    expect(lines[1]?.trim()).toMatch(/^10\.10\.1\.2:41560 +203\.0\.113\.10:1723$/);
    expect(lines).toContainEqual(expect.stringMatching(/^\+0\.000000 +│── TCP SYN ─+▶│ 1$/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^\+1\.098530 +│◀─+ CHAP Challenge id=191 <16 octets> name="pptpd" ──│ 15$/),
    );
    // tshark 4.0.17: comp_data, 9 frames of the client and 8 of the server.
    expect(lines).toContainEqual(expect.stringMatching(/MPPE 9→ 8←/));
    expect(lines.filter((line) => /MPPE/.test(line) && /│══/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it('needs no name where there is one call, and says which there are where there are several', async () => {
    expect((await pptpscope(['ladder', session])).out).toBe(
      (await pptpscope(['ladder', '--call', 't1.1', session])).out,
    );
    const several = await pptpscope(['ladder', join(captures, '20-two-clients-nat-with-helper-inside.pcap')]);
    expect(several.status).toBe(2);
    expect(several.err).toContain('name a call with --call: there are T1.1 T2.1');
  });

  it.each(names)('of the first call in %s keeps to the page', async (name) => {
    const file = join(captures, name);
    const { tunnels } = await analyzeFiles([file]);
    const [tunnel] = tunnels;
    const id = tunnel?.calls[0]?.id ?? tunnel?.id ?? 'T1';
    const { status, out, lines } = await pptpscope(['ladder', '--call', id, file]);
    // The inside of a tunnel has none in it.
    expect(status).toBe(tunnel === undefined ? 2 : 0);
    if (tunnel === undefined) return;
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(out).not.toMatch(/(?!\n)\p{Cc}/u);
    // Every arrow reaches from side to side.
    const rows = lines.filter((line) => line.includes('│'));
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map((line) => line.lastIndexOf('│') - line.indexOf('│'))).size).toBe(1);
  });

  it('a tunnel without calls, an ICMP error in it, and a silence', async () => {
    const { lines } = await pptpscope(['ladder', join(captures, '18-icmp-admin-prohibited-1723-client.pcap')]);
    expect(lines.filter((line) => line.includes('ICMP 3/13'))).toHaveLength(2);
    expect(lines).toContainEqual(expect.stringMatching(/┊ 1\.0 s of silence/));
    expect(lines).toContainEqual(expect.stringMatching(/TCP SYN \[retransmission\]/));
  });
});
