/**
 * Every bound is reached by something here, is said then and at no other time, and can be changed. A bound without a case
 * does not compile, and fails.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { Analysis } from '../src/analyze.ts';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { rereading } from '../src/node/two-passes.ts';
import { type BoundName, type Bounds, boundNames, boundTable } from '../src/octets/bounds.ts';
import { joined } from '../src/octets/joined.ts';
import type { ReachedLimit } from '../src/octets/limits.ts';
import { readWithDiagrams } from '../src/reading/diagrams.ts';
import { type PacketSink, viewPackets } from '../src/reading/packets.ts';
import { readTwice, type SecondPass } from '../src/reading/two-passes.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { confirmations, credentialOfPassword } from '../src/sessions/call-keys.ts';
import { InnerPackets } from '../src/sessions/inner-packets.ts';
import { PcapngBlocks, pcapFile, utf8 } from './support/captures.ts';
import { recordedIo } from './support/io.ts';
import {
  callClearRequest,
  callDisconnectNotify,
  echoRequest,
  enhancedGre,
  ethernet,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  startControlConnection,
  tcpFlags,
  u16,
  u32,
} from './support/packets.ts';
import { SessionWriter, wholeSession } from './support/session.ts';

const folder = mkdtempSync(join(tmpdir(), 'bounds-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Case {
  /** A value that the input goes beyond. The default is not reached by it. */
  readonly limit: number;
  /** A file of captures/, or one that is made. */
  readonly input: string | (() => Uint8Array);
  /** Where it counts. */
  readonly in?: 'report' | 'packets' | 'events' | 'decrypt' | 'diagrams';
}

/** Records of Ethernet frames, a millisecond apart. */
function capture(frames: readonly Uint8Array[]): Uint8Array {
  return pcapFile(frames.map((frame, index) => ({ seconds: 1_700_000_000, fraction: index * 1000, octets: frame })));
}

function fragment(identification: number, offset: number, more: boolean): Uint8Array {
  const fields = { source: '192.0.2.1', destination: '192.0.2.2', protocol: 47, identification };
  return ethernet(ipv4({ ...fields, fragmentOffset: offset, moreFragments: more }, new Uint8Array(8)));
}

function startedSession(): SessionWriter {
  return new SessionWriter().handshake().control().call();
}

/** Segments of the control connection with a hole in front of each. */
function holes(count: number, size: number): Uint8Array {
  const writer = new SessionWriter().handshake().control();
  for (let index = 0; index < count; index += 1) {
    writer.segment('client', tcpFlags.ack, new Uint8Array(size), 1001 + 156 + 10 + index * (size + 10));
  }
  return pcapFile(writer.frames);
}

/** Exchanges of CHAP, each with a challenge of its own, answered and accepted. */
function chapExchanges(count: number, responses = 1): Uint8Array {
  const writer = startedSession().lcp();
  for (let exchange = 0; exchange < count; exchange += 1) {
    const challenge = Array.from({ length: 16 }, (_, index) => (exchange * 16 + index * 7) & 0xff);
    writer.gre('server', pppControl(0xc223, 1, exchange, octets(16, challenge, 0x73)));
    for (let index = 0; index < responses; index += 1) {
      const response = Array.from({ length: 49 }, (_, at) => (at * 3 + index) & 0xff);
      writer.gre('client', pppControl(0xc223, 2, exchange, octets(49, response, 0x61)));
    }
    writer.gre('server', pppControl(0xc223, 3, exchange, octets(0x4d, 0x3d)));
  }
  return pcapFile(writer.frames);
}

function ipv6Syn(index: number): Uint8Array {
  const address = (last: number): number[] => [0x20, 1, 0xd, 0xb8, ...Array<number>(10).fill(0), ...u16(last)];
  const tcp = octets(u16(50_000), u16(1723), u32(index), u32(0), 0x50, tcpFlags.syn, u16(1000), u16(0), u16(0));
  const header = octets([0x60, 0, 0, 0], u16(tcp.length), 6, 64, address(index), address(0xffff));
  return ethernet(octets(header, tcp), 0x86dd);
}

const cases: Readonly<Record<BoundName, Case>> = {
  'record-octets': {
    limit: 65_536,
    input: () => {
      const blocks = new PcapngBlocks();
      const large = new Uint8Array(70_000);
      return joined([blocks.sectionHeader(), blocks.interfaceDescription(1, 262_144), blocks.enhancedPacket(1, large)]);
    },
  },
  interfaces: { limit: 1, input: '20-two-clients-nat-with-helper-both-interfaces.pcapng' },
  problems: {
    limit: 1,
    input: () => {
      const blocks = new PcapngBlocks();
      // Packets of an interface that nobody described.
      const packet = blocks.enhancedPacket(1, new Uint8Array(4));
      return joined([blocks.sectionHeader(), packet, packet]);
    },
  },
  comments: { limit: 1, input: '20-two-clients-nat-with-helper-both-interfaces.pcapng' },
  'comment-length': {
    limit: 4,
    input: () => joined([new PcapngBlocks().sectionHeader([[1, utf8('longer')]])]),
  },
  'compression-ratio': { limit: 10, input: () => gzipSync(noise(40 * 1024 * 1024)) },
  nesting: {
    limit: 4,
    input: () => {
      const tags = Array.from({ length: 6 }, () => [...u16(0x8100), ...u16(1)]).flat();
      const packet = ipv4({ source: '192.0.2.1', destination: '192.0.2.2', protocol: 47 }, enhancedGre({ callId: 1 }));
      return capture([octets([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], tags, u16(0x0800), packet)]);
    },
  },
  datagrams: { limit: 2, input: () => capture([1, 2, 3].map((identification) => fragment(identification, 0, true))) },
  fragments: { limit: 2, input: () => capture([0, 8, 16, 24].map((offset) => fragment(1, offset, offset < 24))) },
  'incomplete-datagrams': {
    limit: 1,
    input: () => {
      const frames = [1, 2, 3].map((identification) => fragment(identification, 0, true));
      return pcapFile(frames.map((frame, index) => ({ seconds: 1000 + index * 60, fraction: 0, octets: frame })));
    },
  },
  'ipv6-addresses': { limit: 2, input: () => capture([ipv6Syn(1), ipv6Syn(2), ipv6Syn(3)]) },
  'stream-octets': { limit: 64, input: () => holes(4, 40) },
  'waiting-octets': { limit: 1024, input: () => holes(4, 40) },
  'stream-segments': { limit: 2, input: () => holes(4, 40) },
  tunnels: { limit: 1, input: '20-two-clients-nat-with-helper-inside.pcap' },
  'ended-tunnels': { limit: 1, input: '20-two-clients-nat-with-helper-inside.pcap' },
  calls: { limit: 1, input: '31-two-calls-one-control-connection-server.pcap' },
  'calls-together': { limit: 1, input: '31-two-calls-one-control-connection-server.pcap' },
  'ended-calls': {
    limit: 1,
    input: () => {
      const writer = new SessionWriter().handshake().control();
      for (const callId of [1, 2, 3]) {
        writer.message('client', outgoingCallRequest(callId)).message('server', outgoingCallReply(callId, callId));
        writer.message('client', callClearRequest(callId)).message('server', callDisconnectNotify(callId));
      }
      for (let echo = 0; echo < 3; echo += 1) writer.wait(40).message('client', echoRequest(echo));
      return pcapFile(writer.frames);
    },
    in: 'events',
  },
  'gre-flows': { limit: 1, input: '24b-gre-only-mid-session-client.pcap' },
  'waiting-packets': { limit: 1, input: '24b-gre-only-mid-session-client.pcap' },
  syns: {
    limit: 1,
    input: () => {
      const unusual = new SessionWriter({ serverPort: 5000 }).segment('client', tcpFlags.syn);
      const others = [1, 2].map((client) => {
        return new SessionWriter({ clientPort: client, serverPort: 80 }).segment('client', tcpFlags.syn).frames;
      });
      return pcapFile([...unusual.frames, ...others.flat(), ...unusual.frames.splice(1), ...unusual.control().frames]);
    },
  },
  'found-connections': {
    limit: 1,
    input: () => {
      const asked = ['198.51.100.1', '198.51.100.2'].map((server) => {
        return new SessionWriter({ server, serverPort: 443 }).message('client', startControlConnection(1)).frames;
      });
      return pcapFile(asked.flat());
    },
  },
  'icmp-errors': { limit: 1, input: '18-icmp-admin-prohibited-1723-client.pcap' },
  anomalies: { limit: 1, input: '25-snaplen-96-server.pcap' },
  'control-messages': { limit: 1, input: '01-mschapv2-mppe128-stateless-client.pcap' },
  'message-frames': { limit: 2, input: '25b-tcp-control-tiny-segments-server.pcap' },
  echoes: { limit: 1, input: '23c-client-vanishes-lcp-echo-timeout-server.pcap' },
  'ppp-options': { limit: 1, input: '01-mschapv2-mppe128-stateless-client.pcap' },
  'option-values': { limit: 1, input: '01-mschapv2-mppe128-stateless-client.pcap' },
  proposals: { limit: 1, input: '11b-auth-fallback-nak-to-mschapv2-server.pcap' },
  'ppp-events': { limit: 1, input: '26h-ccp-deflate-loss-reset-server.pcap' },
  'ppp-protocols': {
    limit: 1,
    input: () => {
      const writer = startedSession();
      for (const protocol of [0xc029, 0xc02b, 0xc081]) writer.gre('client', pppControl(protocol, 1, 1, octets()));
      return pcapFile(writer.frames);
    },
  },
  authentications: { limit: 2, input: () => chapExchanges(4) },
  'authentication-frames': { limit: 2, input: '01-mschapv2-mppe128-stateless-client.pcap' },
  'authentication-attempts': { limit: 2, input: () => chapExchanges(1, 3) },
  challenges: { limit: 1, input: '20-two-clients-nat-with-helper-inside.pcap' },
  'text-length': {
    limit: 256,
    input: () => {
      const words = octets(utf8(`${'x'.repeat(255)}é`));
      return pcapFile(startedSession().gre('server', pppControl(0xc021, 5, 1, words)).frames);
    },
  },
  events: { limit: 8, input: '01-mschapv2-mppe128-stateless-client.pcap', in: 'events' },
  'other-vpn': { limit: 1, input: '30-big-mixed-many-sessions-server.pcap' },
  'name-lookups': { limit: 1, input: '30-big-mixed-many-sessions-server.pcap' },
  diagnoses: { limit: 1, input: '21-two-clients-nat-without-helper-inside.pcap' },
  findings: { limit: 1, input: '01-mschapv2-mppe128-stateless-client.pcap' },
  'finding-frames': { limit: 1, input: '01-mschapv2-mppe128-stateless-client.pcap' },
  'migration-users': { limit: 1, input: '20-two-clients-nat-with-helper-inside.pcap' },
  'view-datagrams': {
    limit: 1,
    input: () => {
      const fragments = capture([1, 2].map((identification) => fragment(identification, 0, true)));
      return joined([pcapFile(wholeSession()), fragments.subarray(24)]);
    },
    in: 'packets',
  },
  'view-flows': { limit: 1, input: '01-mschapv2-mppe128-stateless-client.pcap', in: 'packets' },
  'view-connections': { limit: 1, input: '20-two-clients-nat-with-helper-inside.pcap', in: 'packets' },
  'multilink-fragments': { limit: 1, input: '26d-multilink-two-links-server.pcap', in: 'packets' },
  'nested-packets': { limit: 1, input: '18b-icmp-protocol-unreachable-gre-client.pcap', in: 'packets' },
  'drawn-tunnels': { limit: 1, input: '20-two-clients-nat-with-helper-inside.pcap', in: 'diagrams' },
  'drawn-calls': { limit: 1, input: '31-two-calls-one-control-connection-server.pcap', in: 'diagrams' },
  'drawn-rungs': { limit: 4, input: '01-mschapv2-mppe128-stateless-client.pcap', in: 'diagrams' },
  'inner-streams': { limit: 1, input: '26b-ccp-deflate-server.pcap', in: 'decrypt' },
  'key-changes': { limit: 1, input: '22-netem-loss-reorder-mppe128-stateless-server.pcap', in: 'decrypt' },
  'key-changes-together': { limit: 1, input: '22-netem-loss-reorder-mppe128-stateless-server.pcap', in: 'decrypt' },
};

/** Octets of little variety: gzip makes one of some 25. */
function noise(size: number): Uint8Array {
  const made = new Uint8Array(size);
  for (let at = 0, state = 1; at < size; at += 1) {
    if (at % 200 === 0) state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    made[at] = state >>> 24;
  }
  return made;
}

async function reachedBy(name: BoundName, limits: Partial<Bounds>): Promise<readonly ReachedLimit[]> {
  const { input, in: place = 'report' } = cases[name];
  let path = `captures/${input}`;
  if (typeof input !== 'string') {
    path = join(folder, name);
    writeFileSync(path, input());
  }
  if (place === 'report') return (await analyzeFiles([path], { limits })).limitsReached;
  if (place === 'events') return (await analyzeFiles([path], { limits, onEvent: () => {} })).limitsReached;
  if (place === 'decrypt') {
    const second: SecondPass = {
      report: ({ tunnels }) => tunnels,
      sequence: (tunnels, held) => {
        const confirmed = new Map(confirmations(tunnels, [credentialOfPassword('Sw0rdfish!')]));
        const packets = new InnerPackets(tunnels, confirmed, held, () => {});
        return {
          frame(frame) {
            packets.frame(frame);
            return 'more';
          },
          finish: () => packets.finish(),
        };
      },
      capture: () => {},
      flush: () => Promise.resolve(),
    };
    return rereading([path], (captures, copies) => readTwice(captures, { limits }, second, copies));
  }
  if (place === 'diagrams') {
    const { diagrams } = await rereading([path], (captures, copies) => readWithDiagrams(captures, { limits }, copies));
    return diagrams.limitsReached;
  }
  const sink: PacketSink = {
    report: ({ tunnels }) => tunnels,
    capture: () => {},
    wants: () => 'yes',
    interest: () => true,
    packet: () => true,
    flush: () => Promise.resolve(),
  };
  return rereading([path], (captures, copies) => viewPackets(captures, { all: true, limits }, sink, copies));
}

describe('every bound', () => {
  test('has a case', () => {
    expect(Object.keys(cases).toSorted()).toEqual([...boundNames].sort());
  });

  test.each(boundNames)('%s is said when it is reached, and only then', async (name) => {
    const { limit } = cases[name];
    const message = boundTable[name].notice.replace('#', String(limit));
    const few = await reachedBy(name, { [name]: limit });
    expect(few).toContainEqual({ limit: name, times: expect.any(Number), message });
    expect((await reachedBy(name, {})).map((one) => one.limit)).not.toContain(name);
  });

  test.each(boundNames)('%s has a default that may be chosen, and words', (name) => {
    const { default: value, range, meaning, notice } = boundTable[name];
    expect(value).toBeGreaterThanOrEqual(range[0]);
    expect(value).toBeLessThanOrEqual(range[1]);
    expect(meaning).not.toMatch(/\.$/);
    expect(notice).toContain('#');
  });
});

describe('a choice', () => {
  test.each<[unknown, string]>([
    [{ tunnel: 1 }, 'There is no limit "tunnel".'],
    [{ toString: 1 }, 'There is no limit "toString".'],
    [{ tunnels: 0 }, 'The limit "tunnels" is a whole number from 1 to 10000000.'],
    [{ tunnels: 1.5 }, 'The limit "tunnels" is a whole number from 1 to 10000000.'],
    [{ tunnels: Number.NaN }, 'The limit "tunnels" is a whole number from 1 to 10000000.'],
    [{ tunnels: 2 ** 40 }, 'The limit "tunnels" is a whole number from 1 to 10000000.'],
  ])('%o is refused', (limits, message) => {
    expect(() => new Analysis({ limits: limits as Partial<Bounds> })).toThrow(new RangeError(message));
  });
});

describe('--limit', () => {
  const file = 'captures/20-two-clients-nat-with-helper-inside.pcap';

  async function pptpscope(...words: string[]): Promise<{ status: number; out: string; err: string }> {
    const io = recordedIo();
    const status = await run(words, io, analyzeFiles);
    return { status, out: io.out(), err: io.err() };
  }

  test.each([
    ['analyze', 'out', 'only 1 tunnels are followed'],
    ['analyze --format markdown', 'out', 'only 1 tunnels are followed'],
    ['analyze --format csv', 'err', 'limit reached: only 1 tunnels are followed'],
    ['analyze --format sarif', 'err', 'limit reached: only 1 tunnels are followed'],
    ['handshakes', 'err', 'limit reached: only 1 tunnels are followed'],
    ['packets', 'err', 'limit reached: only 1 tunnels are followed'],
    ['ladder', 'err', 'limit reached: only 1 tunnels are followed'],
    ['decrypt -w -', 'err', 'limit reached: only 1 tunnels are followed'],
  ] as const)('%s takes it, and says what was reached', async (command, place, message) => {
    const done = await pptpscope(...command.split(' '), '--limit', 'tunnels=1', '--limit', 'calls=9', file);
    expect(done[place]).toContain(message);
    expect(done.status).toBe(0);
  });

  test.each([
    ['tunnels', 'A limit is written NAME=NUMBER: tunnels=1000.'],
    ['tunnels=', 'The limit "tunnels" is a whole number from 1 to 10000000.'],
    ['tunnels=0', 'The limit "tunnels" is a whole number from 1 to 10000000.'],
    ['tunnels=1e3', 'The limit "tunnels" is a whole number from 1 to 10000000.'],
    ['foo=5', 'There is no limit "foo". docs/limits.md has the names.'],
    ['tunnel=5', 'There is no limit "tunnel". There are: tunnels ended-tunnels drawn-tunnels.'],
    ['constructor=5', 'There is no limit "constructor".'],
  ])('%s is refused', async (text, message) => {
    const { status, err } = await pptpscope('analyze', '--limit', text, file);
    expect(err).toContain(message);
    expect(status).toBe(2);
  });
});

test('the text report says what was reached', async () => {
  const report = await analyzeFiles(['captures/20-two-clients-nat-with-helper-inside.pcap'], {
    limits: { tunnels: 1 },
  });
  const options = { width: 100, palette: plainPalette, time: 'utc', verbose: false } as const;
  expect([...textReport(report, options)].join('')).toContain('only 1 tunnels are followed; later ones are left out');
});

test('a text is cut between characters', async () => {
  const path = join(folder, 'text-length');
  const { input } = cases['text-length'];
  if (typeof input !== 'string') writeFileSync(path, input());
  const { tunnels } = await analyzeFiles([path], { limits: { 'text-length': 256 } });
  expect(tunnels[0]?.calls[0]?.lcp.terminateText).toBe('x'.repeat(255));
});
