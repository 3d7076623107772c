/** Events while a capture is read: their order, their causes, silences by the clock, and the bounds of a run for days. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { AnalysisOptions } from '../src/analysis-options.ts';
import { Analysis } from '../src/analyze.ts';
import type { Report } from '../src/report/contract.ts';
import type { AnalysisEvent, EventLine } from '../src/report/event-contract.ts';
import { eventText } from '../src/report/event-text.ts';
import { openTunnelsTable } from '../src/report/open-tunnels.ts';
import { plainPalette } from '../src/report/text.ts';
import { ToldDiagnoses } from '../src/report/told-diagnoses.ts';
import { reportOf } from './support/analysis.ts';
import { pcapFile } from './support/captures.ts';
import {
  echoRequest,
  incomingCallReply,
  incomingCallRequest,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  tcpFlags,
} from './support/packets.ts';
import { ccpProtocol, ipAddress, ipcpProtocol, lcpProtocol, mppe, Scene } from './support/scene.ts';
import { SessionWriter, wholeSession } from './support/session.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const capture = (name: string): Uint8Array => readFileSync(`${root}captures/${name}`);

/** Reads a capture, lets `seconds` pass by the clock, and ends. */
function watched(
  file: Uint8Array,
  seconds = 0,
  options: AnalysisOptions = {},
): { events: AnalysisEvent[]; report: Report } {
  const events: AnalysisEvent[] = [];
  const analysis = new Analysis({ ...options, onEvent: (event) => events.push(event) });
  const following = analysis.capture('test', null);
  following.push(file);
  for (let passed = 1; passed <= seconds; passed += 1) following.elapse(passed);
  following.finish();
  return { events, report: analysis.report() };
}

function kinds(events: readonly AnalysisEvent[]): string[] {
  return events.map((event) => (event.kind === 'diagnosis' ? event.diagnosis.cause : event.kind));
}

const whole = pcapFile(wholeSession());

describe('a whole session', () => {
  const { events } = watched(whole);
  const steps = events.filter(({ kind }) => kind !== 'finding');

  test('every step of the ladder, once and in order, with the frame that shows it', () => {
    expect(steps.map(({ kind, frame }) => [kind, frame])).toEqual([
      ['tunnel-opened', 1],
      ['tcp-connected', 2],
      ['control-started', 5],
      ['call-requested', 6],
      ['call-connected', 7],
      ['gre-seen', 8],
      ['gre-seen', 9],
      ['lcp-opened', 11],
      ['authentication-asked', 12],
      ['authentication-succeeded', 14],
      ['network-opened', 20],
      ['first-data', 21],
      ['first-data', 22],
      ['disconnected', 27],
      ['control-closed', 29],
    ]);
  });

  test('what they say is what the packets hold', () => {
    const of = (kind: string) => steps.find((event) => event.kind === kind);
    expect(of('control-started')).toMatchObject({ accepted: true, vendorName: 'server-vendor' });
    expect(of('call-connected')).toMatchObject({ call: 'T1.1', clientCallId: 0, serverCallId: 77 });
    expect(of('lcp-opened')).toMatchObject({ authentication: { client: null, server: 'ms-chap-v2' } });
    expect(of('authentication-succeeded')).toMatchObject({ user: 'alice', by: 'server', message: 'welcome' });
    expect(of('network-opened')).toMatchObject({ clientAddress: '10.0.0.50', serverAddress: '10.0.0.1' });
    expect(of('first-data')).toMatchObject({ from: 'client', encrypted: false });
    expect(of('tunnel-opened')).toMatchObject({ client: { address: '192.0.2.10', port: 50_000 } });
  });

  test('a minute after its end it is done with', () => {
    expect(kinds(watched(whole, 30).events)).not.toContain('tunnel-ended');
    expect(kinds(watched(whole, 62).events).at(-1)).toBe('tunnel-ended');
  });
});

test.each([
  '01-mschapv2-mppe128-stateless-client.pcap',
  '20-two-clients-nat-with-helper-inside.pcap',
  '22-netem-loss-reorder-mppe128-stateless-server.pcap',
  '29-max-connections-reached-server.pcap',
  '31-two-calls-one-control-connection-server.pcap',
])('listening changes nothing in the report: %s', (name) => {
  const file = capture(name);
  expect(watched(file).report).toEqual(reportOf(file));
});

test('GRE without its control connection is met after some seconds, and not only in the end', () => {
  const { events } = watched(capture('24b-gre-only-mid-session-client.pcap'));
  expect(events[0]).toMatchObject({ kind: 'tunnel-opened', with: 'gre' });
});

describe('causes, as soon as they show', () => {
  test.each([
    ['13-gre-dropped-both-ways-client.pcap', 'gre-blocked', 'gre-unanswered', 'disconnected'],
    ['09-mschapv2-wrong-password-client.pcap', 'wrong-credentials', 'authentication-failed', 'link-terminated'],
    ['18-icmp-admin-prohibited-1723-client.pcap', 'tcp-rejected-by-icmp', 'icmp-error', null],
    ['16-tcp1723-closed-rst-client.pcap', 'tcp-refused', 'tcp-refused', null],
  ])('%s: %s', (name, cause, after, before) => {
    const { events } = watched(capture(name));
    const seen = kinds(events);
    const diagnoses = events.filter((event) => event.kind === 'diagnosis');
    expect(diagnoses.map(({ diagnosis }) => diagnosis.cause)).toContain(cause);
    const at = events.findIndex((event) => event.kind === 'diagnosis' && event.diagnosis.cause === cause);
    expect(events.findIndex(({ kind }) => kind === after)).toBeLessThan(at);
    if (before !== null) expect(at).toBeLessThan(seen.indexOf(before));
    // Each once.
    const told = diagnoses.map(({ diagnosis, call }) => `${diagnosis.cause} ${call}`);
    expect(new Set(told).size).toBe(told.length);
  });

  test('a healthy session has none', () => {
    const { events } = watched(capture('01-mschapv2-mppe128-stateless-client.pcap'));
    expect(events.filter(({ kind }) => kind === 'diagnosis')).toEqual([]);
  });
});

describe('a cause that does not hold any more is taken back', () => {
  const causes = (events: readonly AnalysisEvent[]): string[][] =>
    events.flatMap((event) => {
      if (event.kind === 'diagnosis') return [['told', event.diagnosis.cause]];
      return event.kind === 'diagnosis-withdrawn' ? [['taken back', event.cause, ...event.instead]] : [];
    });

  /** The client asks in vain for a while, and then the server's GRE comes through. */
  const late = (): Scene => {
    const one = new Scene({ vantage: 'client' }).dial();
    one.arrives.server = false;
    one.lcpInVain(5, 3);
    one.arrives.server = true;
    return one.lcp().authenticate().ipcp().talk(3);
  };

  test('with the step that refutes it', () => {
    const { events, report } = watched(late().file());
    expect(report.diagnoses.map(({ cause }) => cause)).not.toContain('gre-blocked');
    expect(causes(events)).toEqual([
      ['told', 'gre-blocked'],
      ['taken back', 'gre-blocked'],
    ]);
    const [back] = events.filter((event) => event.kind === 'diagnosis-withdrawn');
    expect(back).toMatchObject({ tunnel: 'T1', call: 'T1.1', client: { address: '192.0.2.10' } });
    const seen = kinds(events);
    expect(seen.indexOf('diagnosis-withdrawn')).toBeLessThan(seen.indexOf('authentication-succeeded'));
  });

  test('a server that answers TCP after all', () => {
    const writer = new SessionWriter().segment('client', tcpFlags.syn, undefined, 1000);
    for (let times = 0; times < 3; times += 1) writer.wait(3).segment('client', tcpFlags.syn, undefined, 1000);
    const events: AnalysisEvent[] = [];
    const analysis = new Analysis({ onEvent: (event) => events.push(event) });
    const following = analysis.capture('test', null);
    following.push(pcapFile(writer.frames));
    following.elapse(6);
    const answer = pcapFile(writer.wait(1).handshake().control().call().frames.slice(4));
    following.push(answer.slice(24));
    expect(causes(events).slice(0, 2)).toEqual([
      ['told', 'tcp-no-answer'],
      ['taken back', 'tcp-no-answer'],
    ]);
  });

  test('and once more by the report, which sees the other tunnels too', () => {
    const told = new ToldDiagnoses(10);
    const { events } = watched(capture('13-gre-dropped-both-ways-client.pcap'));
    for (const event of events) told.note(event);
    const { report } = watched(capture('13-gre-dropped-both-ways-client.pcap'));
    expect([...told.withdrawn(report, 'now')]).toEqual([]);
    for (const event of events) told.note(event);
    const [first, ...rest] = report.diagnoses;
    if (first === undefined) throw new Error('no diagnosis');
    const other = { ...report, diagnoses: [{ ...first, cause: 'nat-without-helper' }, ...rest] };
    expect([...told.withdrawn(other, 'now')]).toMatchObject([
      { kind: 'diagnosis-withdrawn', tunnel: 'T1', call: 'T1.1', cause: first.cause, time: 'now', frame: null },
    ]);
    // Of a tunnel that the report does not hold any more nothing is said.
    for (const event of events) told.note(event);
    expect([...told.withdrawn({ ...report, tunnels: [], diagnoses: [] }, 'now')]).toEqual([]);
  });

  test('of tunnels that are done with as many are remembered as the report holds', () => {
    const told = new ToldDiagnoses(1);
    const { events, report } = watched(capture('16-tcp1723-closed-rst-client.pcap'), 200);
    const ofTunnel = (event: AnalysisEvent, tunnel: string): AnalysisEvent => ({ ...event, tunnel });
    for (const tunnel of ['T1', 'T2']) for (const event of events) told.note(ofTunnel(event, tunnel));
    const [one] = report.tunnels;
    if (one === undefined) throw new Error('no tunnel');
    const both = { ...report, diagnoses: [], tunnels: [one, { ...one, id: 'T2' }] };
    expect([...told.withdrawn(both, 'now')].map(({ tunnel }) => tunnel)).toEqual(['T2']);
  });

  test.each(readdirSync(`${root}captures`).filter((name) => /\.pcap(?:ng)?$/.test(name) && !/^(?:30|38)-/.test(name)))(
    'what was told and not taken back is what the report has: %s',
    (name) => {
      const { events, report } = watched(capture(name));
      const told = new ToldDiagnoses(1000);
      for (const event of events) told.note(event);
      for (const event of told.withdrawn(report, 'now')) events.push(event);
      const standing = new Set<string>();
      for (const event of events) {
        if (event.kind === 'diagnosis') standing.add(`${event.call} ${event.diagnosis.cause}`);
        if (event.kind === 'diagnosis-withdrawn') standing.delete(`${event.call} ${event.cause}`);
      }
      const reported = report.diagnoses.map(({ call, cause }) => `${call} ${cause}`);
      expect(reported).toEqual(expect.arrayContaining([...standing]));
    },
  );
});

// RFC 1661 §4.1: an acknowledgment that passed here opens the link only for whom it reaches.
describe('what is acknowledged and asked for again', () => {
  const asks = (one: Scene, protocol: number, options: Uint8Array): Scene =>
    one.ppp('client', protocol, 1, 1, options).ppp('server', protocol, 2, 1, options).wait(3);
  const again = (one: Scene, protocol: number, options: Uint8Array): Scene => {
    for (let times = 0; times < 4; times += 1) asks(one, protocol, options);
    return one;
  };
  const dialled = (): Scene => new Scene({ vantage: 'server' }).dial();

  test.each([
    ['LCP', 'lcp', 'lcp-opened', (one: Scene) => again(one.lcp(null), lcpProtocol, one.lcpOptions('client'))],
    [
      'CCP',
      'encryption',
      'encryption-agreed',
      (one: Scene) => again(one.lcp(null).ccp(), ccpProtocol, mppe(0x0100_0040)),
    ],
    [
      'IPCP',
      'network',
      'network-opened',
      (one: Scene) => again(one.lcp(null).ipcp(), ipcpProtocol, ipAddress('10.0.0.50')),
    ],
  ] as const)('%s is taken back, as the report says that it did not open', (_, stage, kind, build) => {
    const { events, report } = watched(build(dialled()).file());
    const said = events.filter((event) => event.kind === kind || event.kind === 'negotiation-undone');
    expect(said).toMatchObject([{ kind }, { kind: 'negotiation-undone', stage }]);
    const [tunnel] = report.tunnels;
    const stageOf = tunnel?.calls[0]?.stages?.find((one) => one.stage === stage);
    expect(stageOf?.status).not.toBe('passed');
  });

  test('and said again where it comes about after all', () => {
    const one = dialled().lcp(null);
    const { events, report } = watched(again(one, lcpProtocol, one.lcpOptions('client')).authenticate().file());
    const said = kinds(events).filter((kind) => kind === 'lcp-opened' || kind === 'negotiation-undone');
    expect(said).toEqual(['lcp-opened', 'negotiation-undone', 'lcp-opened']);
    expect(report.tunnels[0]?.calls[0]?.lcp.outcome).toBe('opened');
  });
});

describe('silence, by the clock alone', () => {
  const silences = (file: Uint8Array, seconds: number): string[] => kinds(watched(file, seconds).events);

  test('a SYN that nobody answers: judged after five seconds, given up after two minutes', () => {
    const file = pcapFile(new SessionWriter().segment('client', 0x02).frames);
    expect(silences(file, 4)).toEqual(['tunnel-opened']);
    expect(silences(file, 6)).toEqual(['tunnel-opened', 'tcp-no-answer']);
    expect(silences(file, 121)).toEqual(['tunnel-opened', 'tcp-no-answer', 'tunnel-ended']);
  });

  test('Configure-Requests that nobody answers: said with the third', () => {
    const session = new SessionWriter().handshake().control().call();
    const request = pppControl(0xc021, 1, 1, octets([5, 6, 1, 2, 3, 4]));
    for (let turn = 0; turn < 3; turn += 1) session.gre('client', request).wait(3);
    const { events } = watched(pcapFile(session.frames));
    const [said] = events.filter((event) => event.kind === 'gre-unanswered');
    expect(said).toMatchObject({ from: 'client', requests: 3, frame: 10 });
    expect(kinds(events)).toContain('gre-blocked');
  });

  test('an Echo-Request without reply: said after half a minute', () => {
    const session = new SessionWriter().handshake().control().call().lcp().chap().ipcp().data(2).wait(60);
    const file = pcapFile(session.message('client', echoRequest(1)).frames);
    expect(silences(file, 29)).not.toContain('echo-unanswered');
    const [said] = watched(file, 31).events.filter((event) => event.kind === 'echo-unanswered');
    expect(said).toMatchObject({ protocol: 'pptp', from: 'client', requests: 1, frame: null });
  });

  test('a tunnel that is up and says nothing more', () => {
    const file = pcapFile(new SessionWriter().handshake().control().call().lcp().chap().ipcp().data(2).frames);
    expect(silences(file, 74)).not.toContain('tunnel-silent');
    const { events } = watched(file, 80);
    expect(events.filter(({ kind }) => kind === 'tunnel-silent')).toHaveLength(1);
    expect(kinds(watched(file, 3601).events).at(-1)).toBe('tunnel-ended');
  });
});

test.each([
  // Judged by the clock, before the frame that shows how late it is is looked at.
  '23c-client-vanishes-lcp-echo-timeout-server.pcap',
  '17-tcp1723-dropped-syn-retries-client.pcap',
  '14-gre-dropped-server-to-client-server.pcap',
  '28-idle-with-echoes-server.pcap',
])('what is said of %s has the time at which it was judged: none is before the one above it', (name) => {
  const { events, report } = watched(capture(name));
  expect(report.captures.map(({ framesBackInTime }) => framesBackInTime)).toEqual([0]);
  const times = events.map(({ time }) => time ?? '');
  expect(times).toEqual(times.toSorted());
  expect(kinds(events)).not.toEqual([]);
});

test('of ended tunnels the newest are kept, under the numbers of their events', () => {
  const start = 1_700_000_000;
  const frames = [0, 1, 2, 3].flatMap((turn) => {
    return wholeSession({ start: start + turn * 100, clientPort: 50_000 + turn });
  });
  const { report } = watched(pcapFile(frames), 0, { limits: { 'ended-tunnels': 2 } });
  expect(report.tunnels.map(({ id, client }) => [id, client.port])).toEqual([
    ['T2', 50_001],
    ['T3', 50_002],
    // Still followed, and none of the ended ones.
    ['T4', 50_003],
  ]);
  expect(report.limitsReached).toMatchObject([{ limit: 'ended-tunnels', times: 1 }]);
});

describe('for programs and people', () => {
  const names = [
    '01-mschapv2-mppe128-stateless-client.pcap',
    '13-gre-dropped-both-ways-client.pcap',
    '18b-icmp-protocol-unreachable-gre-client.pcap',
    '23c-client-vanishes-lcp-echo-timeout-server.pcap',
    '24b-gre-only-mid-session-client.pcap',
    '29-max-connections-reached-server.pcap',
    '31-two-calls-one-control-connection-server.pcap',
  ];
  const events: EventLine[] = names.flatMap((name) => watched(capture(name), 200).events);

  test('every event is as the schema says, and one with another key is not', () => {
    const schema = JSON.parse(readFileSync(`${root}events.schema.json`, 'utf8'));
    const validate = new Ajv2020({ strict: false }).compile({ ...schema, $schema: undefined });
    for (const event of events) expect([validate(event), event.kind]).toEqual([true, event.kind]);
    expect(validate({ ...events[0], surprise: 1 })).toBe(false);
  });

  test('every event is one line without control characters', () => {
    for (const event of events) {
      const text = eventText(event, { palette: plainPalette, time: 'utc', utcOffset: () => 0 });
      expect(text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} T\d+(?:\.\d+)? \S+ -> \S+ {2}\S.*$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    }
  });

  test.each([
    ['outgoing', 'No Carrier', 'RFC 2637 §2.8'],
    ['incoming', 'Do Not Accept', 'RFC 2637 §2.10'],
  ])('result 3 of an %s call is %s (%s)', (kind, meaning) => {
    const writer = new SessionWriter().handshake().control();
    if (kind === 'outgoing') {
      writer.message('client', outgoingCallRequest(5)).message('server', outgoingCallReply(0, 5, 3));
    } else {
      writer.message('server', incomingCallRequest(5)).message('client', incomingCallReply(0, 5, 3));
    }
    const said = watched(pcapFile(writer.frames)).events.find((event) => event.kind === 'call-refused');
    if (said === undefined) throw new Error('no call was refused');
    const text = eventText(said, { palette: plainPalette, time: 'utc', utcOffset: () => 0 });
    expect(text).toContain(`call refused: result 3 (${meaning})`);
  });

  test('what a user name holds does not reach the terminal', () => {
    const hostile = pcapFile(new SessionWriter().handshake().control().call().lcp().chap('\x1b[2Jeve\n').frames);
    const said = watched(hostile).events.find(({ kind }) => kind === 'authentication-succeeded');
    if (said === undefined) throw new Error('nobody was authenticated');
    const text = eventText(said, { palette: plainPalette, time: 'utc', utcOffset: () => 0 });
    expect(text).toContain('\\x1b[2Jeve\\x0a');
  });

  test('the table keeps to the width and to its rows', () => {
    const { report } = watched(capture('30-big-mixed-many-sessions-server.pcap'));
    const lines = openTunnelsTable(
      { tunnels: report.tunnels.slice(-5), count: 700 },
      { octets: new Map(), seconds: 1 },
      { width: 60, rowsAtMost: 5, palette: plainPalette },
    );
    expect(lines).toHaveLength(7);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(60);
    expect(lines.at(-1)).toBe('the newest of 700 open tunnels');
  });

  test('a rate is in whole octets', () => {
    const { report } = watched(capture('01-mschapv2-mppe128-stateless-client.pcap'));
    const octets = report.tunnels[0]?.calls[0]?.gre;
    const before = (octets?.clientToServer.bytes ?? 0) + (octets?.serverToClient.bytes ?? 0) - 100;
    const lines = openTunnelsTable(
      { tunnels: report.tunnels, count: 1 },
      { octets: new Map([['T1.1', before]]), seconds: 3 },
      { width: 200, rowsAtMost: 5, palette: plainPalette },
    );
    expect(lines[1]).toMatch(/ 33 B\/s /);
  });
});
