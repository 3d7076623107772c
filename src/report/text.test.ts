import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  call,
  capture,
  control,
  fullReport,
  ladderOf,
  report,
  stage,
  tunnel,
  unreadCapture,
} from '../../test/support/reports.ts';
import type { CallReport, Report, TunnelReport } from './contract.ts';
import { columnsOf } from './text/wrap.ts';
import { type Palette, plainPalette, textReport } from './text.ts';

function text(of: Report, change: Partial<Parameters<typeof textReport>[1]> = {}): string {
  return [...textReport(of, { width: 100, palette: plainPalette, time: 'utc', verbose: false, ...change })].join('');
}

const line = (of: string, containing: string): string | undefined =>
  of.split('\n').find((each) => each.includes(containing));

describe('the first screen of a session that worked', () => {
  const lines = text(report()).split('\n');

  test('starts with the capture', () => {
    expect(lines[0]).toBe("ticket-4711.pcapng   57 frames, 6.0 s, 2026-11-20 23:07:02 UTC, taken on the client's side");
  });

  test('says first who and how it went', () => {
    // Up from the network stage's frame 28 (2.8 s) to the Terminate-Request in frame 50 (5.0 s).
    expect(lines[2]).toBe('✓ T1  10.10.1.2:41560 → 203.0.113.10:1723   VPN came up for 2.2 s, ended by the client');
    expect(lines[3]).toBe('  2026-11-20 23:07:02 UTC, 6.0 s, frames 1-57');
  });

  test('shows the nine rungs with detail and proof', () => {
    expect(lines.slice(5, 14).map((each) => each.split(/\s{2,}/).slice(1))).toEqual([
      ['✓ tcp', '0.5 ms', 'frame 3'],
      ['✓ control', 'client "cananian", server "linux"', 'frames 4, 6-7'],
      ['✓ call', 'Call IDs client 30720, server 0; windows 3/3', 'frames 9-10'],
      ['✓ gre', '24 packets to the server, 19 to the client; none lost', 'frame 12'],
      ['✓ lcp', 'MRU 1400/1400, field compressions on', 'frame 15'],
      ['✓ authentication', 'MS-CHAPv2, user alice, accepted by "pptpd"', 'frames 17-19'],
      ['✓ encryption', 'MPPE 128 bit, stateless, both ways; 17 packets', 'frame 24'],
      ['✓ network', '192.168.77.100 and 192.168.77.1', 'frame 28'],
      ['✓ data', '1.2 kB to the server, 2.0 kB to the client', 'frame 30'],
    ]);
  });

  test('and nothing else', () => {
    expect(lines).toHaveLength(15);
    expect(lines[14]).toBe('');
  });
});

describe('the verdict', () => {
  const head = (of: TunnelReport): string | undefined => line(text(report({ tunnels: [of] }), { width: 140 }), 'T1  ');
  const ofCall = (change: Partial<CallReport>): string | undefined => head(tunnel({ calls: [call(change)] }));
  const ofTunnel = (change: Partial<TunnelReport>): string | undefined =>
    head(tunnel({ calls: [], stages: ladderOf(), ...change }));
  const { tcp, start } = control();

  test.each<[what: string, head: string | undefined, mark: string, says: string]>([
    [
      'up to the end',
      ofCall({
        disconnect: null,
        clearRequestFrame: null,
        clearRequestBy: null,
        lcp: { ...call().lcp, terminatedBy: null, terminateFrame: null },
      }),
      '✓',
      'ended by the client',
    ],
    [
      'ended by the server first',
      ofCall({ lcp: { ...call().lcp, terminatedBy: 'server', terminateFrame: 49 } }),
      '✓',
      'ended by the server',
    ],
    [
      'failed',
      ofCall({ outcome: 'failed', stages: ladderOf(stage('tcp', 'passed', 3, ''), stage('gre', 'failed', 12, '')) }),
      '✗',
      'did not come up: stopped at gre',
    ],
    ['refused', ofCall({ outcome: 'refused' }), '✗', 'the call was refused'],
    ['unfinished', ofCall({ outcome: 'unfinished' }), '…', 'undecided'],
    [
      'TCP refused',
      ofTunnel({ control: control({ tcp: { ...tcp, outcome: 'refused', closedBy: 'server' } }) }),
      '✗',
      'refused the TCP connection',
    ],
    [
      'TCP without answer',
      ofTunnel({ control: control({ tcp: { ...tcp, outcome: 'no-answer' } }) }),
      '✗',
      'nobody answered',
    ],
    [
      'TCP unreachable',
      ofTunnel({ control: control({ tcp: { ...tcp, outcome: 'unreachable' } }) }),
      '✗',
      'ICMP says unreachable',
    ],
    [
      'control refused',
      ofTunnel({ control: control({ start: { ...start, outcome: 'refused' } }) }),
      '✗',
      'refused the control connection',
    ],
    [
      'control without reply',
      ofTunnel({ control: control({ start: { ...start, outcome: 'no-reply' } }) }),
      '✗',
      'no answer to the Start-Control',
    ],
    [
      'no PPTP',
      ofTunnel({ control: control({ start: { ...start, outcome: 'not-seen' } }) }),
      '✗',
      'no PPTP was spoken',
    ],
    [
      'starts in the middle',
      ofTunnel({
        control: control({ tcp: { ...tcp, outcome: 'mid-stream' }, start: { ...start, outcome: 'not-seen' } }),
      }),
      '…',
      'starts in mid-connection',
    ],
    ['control alone', ofTunnel({}), '…', 'no call in the capture'],
    ['no control, no call', ofTunnel({ control: null }), '…', 'no call in the capture'],
  ])('%s', (_what, shown, mark, says) => {
    expect(shown?.startsWith(`${mark} T1`)).toBe(true);
    expect(shown).toContain(says);
  });

  test('of a call whose encryption was refused: it came up only if it carried data', () => {
    const [diagnosis] = fullReport().diagnoses;
    if (diagnosis === undefined) throw new Error('no diagnosis');
    const shown = (userBytes: number): string | undefined => {
      const { clientToServer, serverToClient } = call().gre;
      const gre = {
        clientToServer: { ...clientToServer, userBytes },
        serverToClient: { ...serverToClient, userBytes },
      };
      const diagnoses = [{ ...diagnosis, tunnel: 'T1', call: 'T1.1', cause: 'mppe-refused' }];
      return line(text(report({ tunnels: [tunnel({ calls: [call({ gre })] })], diagnoses }), { width: 140 }), 'T1  ');
    };
    expect(shown(0)).toMatch(/^✗ T1 .*VPN did not come up: one end needs encryption, the other refuses it$/);
    expect(shown(60)).toMatch(/^! T1 .*VPN came up for 2.2 s, .*, but one end needs encryption, the other refuses it$/);
  });

  test('of a call that nobody ends', () => {
    const open = control({ tcp: { ...tcp, closedBy: null, closedWith: null, closedFrame: null } });
    const silent = call({
      disconnect: null,
      clearRequestFrame: null,
      clearRequestBy: null,
      lcp: { ...call().lcp, terminatedBy: null, terminateFrame: null },
    });
    expect(head(tunnel({ control: open, calls: [silent] }))).toContain('its end is not in the capture');
  });
});

describe('around the ladder', () => {
  const full = text(fullReport());

  test("dumpcap's own comment is told with all details alone", () => {
    const comment = '! comment: Counters provided by dumpcap';
    expect(full).not.toContain(comment);
    expect(text(fullReport(), { verbose: true })).toContain(comment);
  });

  test.each([
    '! record 57 claims 90 octets (frame 56)',
    '! 2 frames cut by the snap length of the capture',
    '! 1 frame repeats an earlier one and is not counted again',
    '! 3 frames out of order in time',
    '! the capturing program lost 4 packets',
    '! comment: from the customer',
    '! comment on frame 12: here it hangs',
    '! GRE from the server comes from another address: 203.0.113.99',
    '! reserved field 1 holds 0x0001 (frame 9) and 1 more of this kind: --verbose',
    '! high     PPTP in use (used), T1, frame 4',
    '1 more finding of low weight: --verbose',
    '! 3 messages were counted but not listed (control-messages-listed, 3 times)',
    'esp   10.10.1.2 → 198.51.100.7, 12 frames from frame 3 on',
    'missing.pcap   could not be read',
    "  The server's GRE does not reach the client.   likely",
    '  GRE from the server never reaches this end.',
    '→ Let IP protocol 47 (GRE) through between 10.10.1.2 and 203.0.113.10, both ways.',
    'Windows shows 806, 721, 619.',
    '… T2  10.10.1.2:41560 → 203.0.113.10:1723   control connection up, but no call in the capture',
    '✗ T1.2   VPN did not come up: stopped at lcp',
  ])('%s', (expected) => {
    expect(full).toContain(expected);
  });

  test('equal ICMP errors are one line', () => {
    expect(full.replace(/\s+/g, ' ')).toContain(
      '203.0.113.1 answers 2 times with ICMP 3/2 protocol unreachable, about GRE from the client (frames 41, 43)',
    );
  });

  test('a diagnosis stands with its call, not with the other', () => {
    expect(full.indexOf('never reaches this end')).toBeGreaterThan(full.indexOf('✗ T1.2'));
    expect(full.indexOf('never reaches this end')).toBeLessThan(full.indexOf('… T2'));
  });

  test('a capture without tunnels says so', () => {
    expect(text(report({ tunnels: [] }))).toContain('No PPTP in this capture.');
    expect(text(report({ captures: [unreadCapture('x', 'empty', 'x: empty')], tunnels: [] }))).not.toContain('No PPTP');
  });

  test('of a file that ends in its first record nothing is known', () => {
    const nothing = capture({ frames: 0, complete: false });
    expect(text(report({ captures: [nothing], tunnels: [] }))).toContain('No frame could be read.');
    const empty = capture({ frames: 0 });
    expect(text(report({ captures: [empty], tunnels: [] }))).toContain('No PPTP in this capture.');
  });

  test('each tunnel stands under its own capture', () => {
    const two = text(
      report({
        captures: [capture({ path: 'a.pcap' }), capture({ path: 'b.pcap', sequence: 1 })],
        tunnels: [tunnel({ id: 'T1', capture: 1 })],
      }),
    );
    expect(two.indexOf('b.pcap')).toBeLessThan(two.indexOf(' T1 '));
    expect(two).toContain('No PPTP');
  });

  test('captures of one sequence stand together, above their tunnels', () => {
    const frames = { firstFrame: 58, firstFrameTime: '2026-11-20T23:07:32.000000Z' };
    const other = capture({ path: 'other.pcap', sequence: 1 });
    const shown = text(
      report({ captures: [capture({ path: 'a.pcap' }), other, capture({ path: 'b.pcap', sequence: 0, ...frames })] }),
    ).replaceAll(/\s+/g, ' ');
    const places = ['a.pcap', 'b.pcap', 'goes on 24.0 s after the file before', ' T1 ', 'other.pcap', 'No PPTP'];
    const found = places.map((part) => shown.indexOf(part));
    expect(found).not.toContain(-1);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(shown).toContain('frames numbered from 58 on');
    expect(shown.match(/No PPTP/g)).toHaveLength(1);
  });
});

test('a call that is not up when the capture ends, for a cause that is known, is not said to be in the dark', () => {
  const waiting = tunnel({ calls: [call({ outcome: 'unfinished' })] });
  const [cause] = fullReport().diagnoses;
  const because = (id: string): Report['diagnoses'] =>
    cause === undefined ? [] : [{ ...cause, tunnel: 'T1', call: 'T1.1', cause: id }];
  const told = (id: string): string => text(report({ tunnels: [waiting], diagnoses: because(id) }), { width: 140 });
  expect(told('gre-blocked')).toContain('undecided: not up when the capture ends\n');
  expect(told('capture-incomplete')).toContain('undecided: the capture does not show how it went on\n');
});

describe('tunnels without a call that all say the same', () => {
  const tried = (id: string, address = '203.0.113.10'): TunnelReport =>
    tunnel({ id, calls: [], stages: ladderOf(), control: null, server: { address, port: 1723 } });
  const tunnels = [
    tried('T1'),
    tunnel({ id: 'T2', calls: [call({ id: 'T2.1' })] }),
    ...['T3', 'T4', 'T5', 'T6'].map((id) => tried(id)),
    tried('T7', '203.0.113.11'),
  ];
  const told = (shown: string): string[] => [...shown.matchAll(/^\S? ?(T\d) /gm)].map(([, id]) => id ?? '');

  test('the first three of a server stand for all', () => {
    const shown = text(report({ tunnels }));
    expect(told(shown)).toEqual(['T1', 'T2', 'T3', 'T4', 'T7']);
    expect(shown).toContain('  2 more to 203.0.113.10:1723 like T1: --verbose\n');
    expect(shown).toContain('In all: 1 came up, 6 undecided');
  });

  test('all are told with --verbose', () => {
    const shown = text(report({ tunnels }), { verbose: true });
    expect(told(shown)).toEqual(tunnels.map(({ id }) => id));
    expect(shown).not.toContain('more to');
  });
});

describe('tunnels with calls that all say the same', () => {
  const ids = Array.from({ length: 20 }, (_, index) => `T${index + 1}`);
  const worked = (id: string): TunnelReport => tunnel({ id, calls: [call({ id: `${id}.1` })] });
  const [cause] = fullReport().diagnoses;
  const diagnosis = (id: string): Report['diagnoses'][number] => ({
    ...(cause as Report['diagnoses'][number]),
    tunnel: id,
    call: `${id}.1`,
    evidence: [{ frame: 12, text: 'a request' }],
  });
  const ladders = (shown: string): number => [...shown.matchAll(/^ {2}. tcp\b/gm)].length;

  test('the first sixteen are told whole, the others in a line each', () => {
    const shown = text(report({ tunnels: ids.map(worked) }));
    expect(ladders(shown)).toBe(16);
    const heads = shown.split('\n').filter((each) => each.startsWith('✓ T'));
    expect(heads.map((each) => each.split(' ')[1])).toEqual(ids);
    expect(shown).toContain(
      `\n\n${heads.slice(16).join('\n')}\n\n  4 more to 203.0.113.10:1723 like T1, told in short: --verbose\n`,
    );
  });

  test('with their causes and the frames that prove them', () => {
    const failed = (id: string): TunnelReport =>
      tunnel({
        id,
        calls: [call({ id: `${id}.1`, outcome: 'failed', stages: ladderOf(stage('lcp', 'failed', 9, '')) })],
      });
    const shown = text(report({ tunnels: ids.map(failed), diagnoses: ids.map(diagnosis) }), { width: 140 });
    expect(ladders(shown)).toBe(16);
    const lines = shown.split('\n');
    const place = lines.findIndex((each) => each.startsWith('✗ T20 '));
    expect(lines[place]).toContain('VPN did not come up: stopped at lcp');
    expect(lines[place + 1]).toMatch(/^ {4}[A-Z].*\. \(likely, frame 12\)$/);
    expect(lines[place + 2]).toBe('');
  });

  test('one among them that differs is told whole', () => {
    const code = { code: 'unexpected-padding', message: 'odd octets', frame: 7 } as const;
    const unreachable = fullReport().tunnels.flatMap(
      ({ icmpErrors }) => icmpErrors,
    )[0] as TunnelReport['icmpErrors'][number];
    expect(unreachable).toBeDefined();
    const tunnels = [
      ...ids.map(worked),
      tunnel({ id: 'T21', calls: [call({ id: 'T21.1', stages: ladderOf(stage('data', 'partial', 9, '')) })] }),
      tunnel({ id: 'T22', calls: [call({ id: 'T22.1', anomalies: [code as never] })] }),
      tunnel({ id: 'T23', calls: [call({ id: 'T23.1' })], server: { address: '203.0.113.11', port: 1723 } }),
      tunnel({ id: 'T24', calls: [call({ id: 'T24.1' }), call({ id: 'T24.2' })] }),
      tunnel({ id: 'T25', calls: [call({ id: 'T25.1', encryption: { ...call().encryption, bits: 40 } })] }),
      tunnel({ id: 'T26', calls: [call({ id: 'T26.1', authentication: [] })] }),
      tunnel({ id: 'T27', calls: [call({ id: 'T27.1', greFromOtherAddress: { client: '192.0.2.9', server: null } })] }),
      tunnel({ ...worked('T28'), id: 'T28', sameConnectionAs: ['T1'] }),
      tunnel({ ...worked('T29'), id: 'T29', roles: 'unknown' }),
      tunnel({ ...worked('T30'), id: 'T30', icmpErrors: [unreachable] }),
    ];
    expect(ladders(text(report({ tunnels })))).toBe(16 + 3 + 2 + 6);
    const withCause = report({ tunnels: ids.map(worked), diagnoses: [diagnosis('T20')] });
    expect(ladders(text(withCause))).toBe(17);
  });

  test('each call of several has its line', () => {
    const twice = (id: string): TunnelReport =>
      tunnel({ id, calls: [call({ id: `${id}.1` }), call({ id: `${id}.2` })] });
    const lines = text(report({ tunnels: ids.map(twice) })).split('\n');
    const place = lines.findIndex((each) => each.startsWith('  T20 '));
    expect(lines.slice(place + 1, place + 3).map((each) => each.split('   ')[0])).toEqual(['✓ T20.1', '✓ T20.2']);
  });

  test('all are told whole with --verbose', () => {
    const shown = text(report({ tunnels: ids.map(worked) }), { verbose: true });
    expect(ladders(shown)).toBe(20);
    expect(shown).not.toContain('in short');
  });
});

describe('the outcomes of all', () => {
  const diagnosis = (tunnelId: string, callId: string | null, cause: string): Report['diagnoses'][number] => ({
    ...(fullReport().diagnoses[0] as Report['diagnoses'][number]),
    tunnel: tunnelId,
    call: callId,
    cause,
  });
  const failed = (id: string, stopped: 'lcp' | 'authentication'): TunnelReport =>
    tunnel({
      id,
      calls: [call({ id: `${id}.1`, outcome: 'failed', stages: ladderOf(stage(stopped, 'failed', 9, '')) })],
    });
  const worked = (id: string): TunnelReport => tunnel({ id, calls: [call({ id: `${id}.1` })] });
  const block = (of: Report): string[] => {
    const lines = text(of).split('\n');
    const start = lines.findIndex((each) => each.startsWith('In all'));
    return start < 0 ? [] : lines.slice(start, lines.indexOf('', start));
  };

  test('are told with what they share, the worst first', () => {
    const ids = ['T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T10', 'T11', 'T12'];
    const two = tunnel({ id: 'T1', calls: [call({ id: 'T1.1' }), call({ id: 'T1.2', outcome: 'unfinished' })] });
    // In the order of the report the worst come last, and what is frequent behind what is not.
    const tunnels = [
      two,
      worked('T2'),
      worked('T13'),
      worked('T14'),
      failed('T15', 'lcp'),
      ...ids.map((id) => failed(id, 'authentication')),
    ];
    const diagnoses = [
      ...ids.map((id) => diagnosis(id, `${id}.1`, 'wrong-credentials')),
      diagnosis('T14', 'T14.1', 'no-return-traffic'),
      diagnosis('T1', 'T1.2', 'capture-incomplete'),
    ];
    expect(block(report({ tunnels, diagnoses }))).toEqual([
      'In all: 4 came up, 11 did not, 1 undecided',
      '  ✗ User name or password is not accepted.   T3, T4, T5, T6, T7, T8, T9, T10 and 2 more',
      '  ✗ VPN did not come up: stopped at lcp   T15',
      '  ! User data one way only.   T14',
      '  … The capture does not hold enough.   T1.2',
    ]);
  });

  test('are one line where all came up', () => {
    expect(block(report({ tunnels: ['T1', 'T2', 'T3', 'T4'].map(worked) }))).toEqual(['In all: 4 came up']);
  });

  test('are not told of few', () => {
    expect(block(report({ tunnels: [worked('T1'), failed('T2', 'lcp'), worked('T3')] }))).toEqual([]);
  });
});

describe('details', () => {
  const details = text(fullReport(), { verbose: true });
  const squeezed = details.replace(/\s+/g, ' ');

  test.each([
    'pcapng in gzip, little endian, link type ETHERNET, microsecond times, 6132 of 6132 octets kept',
    '4 2026-11-20 23:07:02.400000 UTC client Start-Control-Connection-Request (1)',
    '6-7 2026-11-20 23:07:02.600000 UTC server Start-Control-Connection-Reply (2)',
    '3 more messages, counted only',
    'vendor "cananian" "linux"',
    'disconnected by the server, result 4 (Request), error 0 (None), cause 0',
    'sequence numbers 1-19 1-19',
    'packets 24 19',
    'magic number 0x1a2b3c4d 0x1a2b3c4d',
    'authentication demanded – ms-chap-v2',
    'client rejects protocol 0x8057 IPV6CP, frame 26',
    'asked by the server and rejected: callback',
    'ms-chap-v2, demanded by the server "pptpd", user "alice", success, "Access granted", 1 attempt',
    'CCP opened, mppe, 128 bit, stateless, negotiated, 17 encrypted packets',
    'IPCP opened, client 192.168.77.100, server 192.168.77.1, DNS 192.168.77.53, IPV6CP rejected',
    'protocol 0x0281: 3 packets',
    'multilink: 4 packets',
    'reserved field 1 holds 0x0001, reserved-not-zero, frame 10',
    'Host names in clear',
  ])('%s', (expected) => {
    expect(squeezed).toContain(expected);
  });
});

describe('colour', () => {
  const tag = (name: string) => (of: string) => `<${name}>${of}</${name}>`;
  const tags: Palette = { passed: tag('passed'), failed: tag('failed'), partial: tag('partial'), faint: tag('faint') };

  test('marks status', () => {
    const tagged = text(fullReport(), { palette: tags });
    expect(tagged).toContain('<passed>✓</passed> tcp');
    expect(tagged).toContain('<failed>✗</failed> lcp');
    expect(tagged).toContain('<faint>·</faint><faint> data</faint>');
  });

  test('without it nothing is lost', () => {
    for (const verbose of [false, true]) {
      const tagged = text(fullReport(), { palette: tags, verbose });
      expect(tagged.replace(/<\/?(passed|failed|partial|faint)>/g, '').replace(/ +$/gm, '')).toBe(
        text(fullReport(), { verbose }),
      );
    }
  });
});

describe('whatever the report holds', () => {
  /** Keys whose values are closed sets. All other strings are text. */
  const closed = ['status', 'stage', 'outcome', 'vantage', 'severity', 'format', 'name'];

  function filled(value: unknown, words: () => string, key = ''): unknown {
    if (typeof value === 'string') return closed.includes(key) ? value : words();
    if (Array.isArray(value)) return value.map((item) => filled(item, words, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        ['id', 'tunnel'].includes(name) ? item : filled(item, words, name),
      ]),
    );
  }

  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 150 }),
    fc.constantFrom(
      '\u001b[31mred',
      'a\r\nb\tc',
      '\u202egnp.exe',
      '\u009b2J',
      '日本語'.repeat(40),
      'x'.repeat(300),
      'CORP\\dave',
      '',
      ' ',
    ),
  );

  test('no control character but the line end, and no line wider than asked for', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 160 }),
        fc.constantFrom('utc', 'local', 'relative'),
        fc.boolean(),
        (words, width, time, verbose) => {
          let next = 0;
          const hostile = filled(fullReport(), () => words[next++ % words.length] ?? '') as Report;
          const written = text(hostile, { width, time, verbose });
          expect(written).not.toMatch(/(?!\n)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
          for (const each of written.split('\n')) expect(columnsOf(each)).toBeLessThanOrEqual(Math.max(40, width));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a domain user is shown as people write it', () => {
    const dave = report({
      tunnels: [
        tunnel({ calls: [call({ stages: ladderOf(stage('authentication', 'passed', 9, 'user CORP\\dave')) })] }),
      ],
    });
    expect(text(dave)).toContain('user CORP\\dave');
  });
});
