/**
 * Every rule of the audit fires on a session that has its weakness, and stays silent on one that nearly has it. Sessions are
 * real captures where there are some, else written packet by packet.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../src/findings/finding.ts';
import { severities } from '../src/findings/rules/rule.ts';
import { scan } from '../src/findings/rules/scan.ts';
import { rules } from '../src/findings/rules/table.ts';
import { joined } from '../src/octets/joined.ts';
import type { Report } from '../src/report/contract.ts';
import { credentialOfPassword } from '../src/sessions/call-keys.ts';
import { reportOf } from './support/analysis.ts';
import {
  AuditSession,
  bits,
  demands,
  goodChallenge,
  hash,
  letters,
  otherChallenge,
  together,
  version1,
  version2,
} from './support/audit-sessions.ts';
import { PcapngBlocks, pcapFile } from './support/captures.ts';
import {
  callClearRequest,
  enhancedGre,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  setLinkInfo,
  startControlConnection,
  tcpFlags,
  u16,
  u32,
  udp,
} from './support/packets.ts';
import { ipAddress, ipcpProtocol, Scene } from './support/scene.ts';
import { type SessionFrame, SessionWriter } from './support/session.ts';

type Input = string | readonly SessionFrame[] | { readonly frames: readonly SessionFrame[] };

interface Case {
  readonly rule: string;
  readonly fires: Input;
  readonly basis: Finding['basis'];
  readonly nearMiss: Input;
}

const connected = (): AuditSession => AuditSession.connected();
const strong = bits.h | bits.s;

/** For the address of "a.example". RFC 1035 §4.1 */
const question = octets(
  [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0],
  [1, ...letters('a'), 7, ...letters('example'), 0, 0, 1, 0, 1],
);

/** An encrypted session up to the first packets. */
function encryptedSession(client = strong, server = strong): AuditSession {
  return connected().authenticates().ccp(client, server).ipcp().encrypted(3);
}

/** The frames of one direction only of `server` that reads a message of the control connection. */
function controlSession(...messages: Uint8Array[]): SessionWriter {
  const session = new SessionWriter().handshake().control();
  for (const message of messages) session.message('client', message);
  return session.end();
}

/** Dials that fail with the given users, one after the other. */
function failures(users: readonly string[], error = 691): SessionFrame[] {
  return together(
    ...users.map((user, index) =>
      AuditSession.connected({
        clientPort: 50_000 + index,
        clientCallId: index,
        serverCallId: 100 + index,
        start: 1_700_000_000 + 100 * index,
      })
        .opensLcp(demands.msChapV2)
        .challenge(goodChallenge.map((octet) => octet ^ index))
        .response(version2(otherChallenge.map((octet) => octet ^ index)), user)
        .failure(`E=${error} R=0 V=3`)
        .end(),
    ),
  );
}

/** Control connections that are opened and closed, so many in so many seconds. */
function knocks(count: number, seconds: number, servers = 1, vendor = 'test'): SessionFrame[] {
  return knocksAt(
    Array.from({ length: count }, (_, index) => (index * seconds) / count),
    servers,
    vendor,
  );
}

/** Control connections that are opened and closed, each at its second. */
function knocksAt(seconds: readonly number[], servers = 1, vendor = 'test'): SessionFrame[] {
  return together(
    ...seconds.map((second, index) => {
      const session = new SessionWriter({
        clientPort: 40_000 + index,
        server: `198.51.100.${1 + (index % servers)}`,
        start: 1_700_000_000 + second,
      });
      session.handshake().message('client', startControlConnection(1, 'none', vendor));
      return session.segment('client', tcpFlags.fin | tcpFlags.ack).segment('server', tcpFlags.fin | tcpFlags.ack);
    }),
  );
}

/** A client that says something else on the control port. */
function foreign(count: number): SessionFrame[] {
  return together(
    ...Array.from({ length: count }, (_, index) =>
      new SessionWriter({ clientPort: 40_000 + index, start: 1_700_000_000 + 60 * index })
        .handshake()
        .message('client', Uint8Array.from(letters('GET / HTTP/1.1\r\nHost: vpn\r\n\r\n')))
        .segment('client', tcpFlags.fin | tcpFlags.ack),
    ),
  );
}

/** Start-Control-Connection-Request with something behind the NUL of its host name. */
function startWithRemains(remains: number): Uint8Array {
  const message = startControlConnection(1, 'pc', 'vendor');
  message[28 + 3] = remains;
  return message;
}

/** The time to live of the last frame of the server is another one. */
function withTimeToLive(session: SessionWriter, timeToLive: number): SessionFrame[] {
  const frame = session.frames.findLast(({ octets: bytes }) => bytes[26] === 198);
  if (frame !== undefined) frame.octets[22] = timeToLive;
  return session.frames;
}

function reset(): SessionWriter {
  return new SessionWriter().handshake().control().call().segment('server', tcpFlags.rst);
}

const cases: readonly Case[] = [
  {
    rule: 'pptp-in-use',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: '16-tcp1723-closed-rst-client.pcap',
  },
  {
    rule: 'ms-chap-v2-handshake',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: connected().opensLcp(demands.msChapV2).challenge(),
  },
  {
    rule: 'ms-chap-v1',
    fires: '05-mschapv1-mppe128-server.pcapng',
    basis: 'used',
    nearMiss: '01-mschapv2-mppe128-stateless-client.pcap',
  },
  {
    rule: 'lm-response',
    fires: connected()
      .opensLcp(demands.msChapV1)
      .challenge(goodChallenge.slice(0, 8))
      .response(version1(hash(24))),
    basis: 'used',
    nearMiss: '05-mschapv1-mppe128-server.pcapng',
  },
  {
    rule: 'pap-password',
    fires: '07-pap-clear-client.pcap',
    basis: 'used',
    nearMiss: '06-chap-md5-clear-server-vlan100.pcap',
  },
  {
    rule: 'chap-md5',
    fires: '06-chap-md5-clear-server-vlan100.pcap',
    basis: 'used',
    nearMiss: '07-pap-clear-client.pcap',
  },
  {
    rule: 'eap-without-tls',
    fires: '08-eap-md5-clear-server.pcap',
    basis: 'used',
    nearMiss: '08c-eap-tls-mppe128-server.pcap',
  },
  {
    rule: 'no-authentication',
    fires: connected().opensLcp([]).ipcp().data(2),
    basis: 'used',
    nearMiss: connected().opensLcp([]).both('server', 0xc021, 5, 2, letters('peer refused to authenticate')),
  },
  {
    rule: 'one-sided-authentication',
    fires: '06-chap-md5-clear-server-vlan100.pcap',
    basis: 'used',
    nearMiss: '52-mutual-chap-md5-server.pcap',
  },
  {
    rule: 'no-encryption',
    fires: '04-mschapv2-no-mppe-server-any-sll.pcap',
    basis: 'used',
    nearMiss: '32-ipcp-fails-address-refused-server.pcap',
  },
  {
    rule: 'mppe-40-bit',
    fires: '03-mschapv2-mppe40-stateless-server.pcap',
    basis: 'used',
    nearMiss: encryptedSession(bits.h | bits.s | bits.l, strong),
  },
  {
    rule: 'mppe-56-bit',
    fires: encryptedSession(bits.h | bits.m, bits.h | bits.m),
    basis: 'used',
    nearMiss: encryptedSession(),
  },
  {
    rule: 'mppe-128-bit',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: '03-mschapv2-mppe40-stateless-server.pcap',
  },
  {
    rule: 'mppe-stateful',
    fires: '02-mschapv2-mppe128-stateful-server.pcap',
    basis: 'used',
    nearMiss: '02b-mppe-stateful-allowed-but-stateless-negotiated-server.pcap',
  },
  {
    rule: 'mppe-reset',
    fires: '22b-netem-loss-mppe128-stateful-ccp-resets-server.pcap',
    basis: 'used',
    nearMiss: '26h-ccp-deflate-loss-reset-server.pcap',
  },
  {
    rule: 'mppe-obsolete-bit',
    fires: encryptedSession(strong | bits.d, strong | bits.d),
    basis: 'negotiated',
    nearMiss: encryptedSession(),
  },
  {
    rule: 'mppc-compression',
    fires: encryptedSession(strong | bits.c, strong | bits.c),
    basis: 'used',
    nearMiss: connected()
      .authenticates()
      .ccp(strong | bits.c, strong | bits.c, { nak: strong })
      .encrypted(2),
  },
  {
    rule: 'mppe-downgrade',
    fires: connected()
      .authenticates()
      .ccp(strong | bits.l, strong | bits.l, { nak: bits.h | bits.l })
      .encrypted(2),
    basis: 'used',
    nearMiss: connected()
      .authenticates()
      .ccp(strong | bits.l, strong | bits.l, { nak: strong })
      .encrypted(2),
  },
  {
    rule: 'encryption-refused',
    fires: connected().authenticates().ccp(strong, 0, 'reject').ipcp().data(2),
    basis: 'used',
    nearMiss: '12-mppe-required-by-server-refused-by-client-client.pcap',
  },
  {
    rule: 'mppe-packet-not-encrypted',
    fires: encryptedSession().data(1),
    basis: 'used',
    nearMiss: connected().authenticates().ipcp().data(1).ccp(strong, strong).encrypted(2),
  },
  {
    rule: 'data-before-encryption',
    fires: connected().authenticates().ipcp().data(1).ccp(strong, strong).encrypted(2),
    basis: 'used',
    nearMiss: encryptedSession(),
  },
  {
    rule: 'mppe-replay',
    fires: encryptedSession().ip(
      'client',
      47,
      enhancedGre({ callId: 77, sequence: 0 }, octets([0xff, 3], u16(0xfd), hash(30))),
    ),
    basis: 'used',
    // The very first packet again, as a network that doubles packets does.
    nearMiss: repeatedPacket(),
  },
  {
    rule: 'negotiation-in-clear',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: '04-mschapv2-no-mppe-server-any-sll.pcap',
  },
  {
    rule: 'addresses-exposed',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: '09-mschapv2-wrong-password-client.pcap',
  },
  {
    rule: 'host-identification-exposed',
    fires: connected()
      .opensLcp([])
      .both('client', 0xc021, 12, 3, [...u32(0x1111_1111), ...letters('MSRAS-0-DAVE-PC')]),
    basis: 'used',
    nearMiss: '01-mschapv2-mppe128-stateless-client.pcap',
  },
  {
    rule: 'memory-exposed',
    fires: controlSession(startWithRemains(7)),
    basis: 'used',
    nearMiss: controlSession(startWithRemains(0)),
  },
  {
    rule: 'user-name-exposed',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: connected().opensLcp(demands.msChapV2).challenge().response(version2(), ''),
  },
  {
    rule: 'password-guessing',
    fires: failures(['alice', 'alice', 'alice', 'alice', 'alice']),
    basis: 'used',
    nearMiss: failures(['alice', 'alice', 'bob', 'alice']),
  },
  { rule: 'account-state-exposed', fires: failures(['alice'], 647), basis: 'used', nearMiss: failures(['alice'], 691) },
  {
    rule: 'weak-challenge',
    fires: connected().opensLcp(demands.msChapV2).challenge(goodChallenge.slice(0, 15)).response(version2()),
    basis: 'used',
    nearMiss: connected().opensLcp(demands.msChapV2).challenge().response(version2()),
  },
  {
    rule: 'challenge-reflection',
    fires: connected().opensLcp(demands.msChapV2).challenge().response(version2(goodChallenge)),
    basis: 'used',
    nearMiss: connected().opensLcp(demands.msChapV2).challenge().response(version2(goodChallenge.toReversed())),
  },
  {
    rule: 'nonzero-reserved-response',
    fires: connected()
      .opensLcp(demands.msChapV2)
      .challenge()
      .response(version2(otherChallenge, 0, 1)),
    basis: 'used',
    nearMiss: connected().opensLcp(demands.msChapV2).challenge().response(version2()),
  },
  {
    // The audit is given alice's password.
    rule: 'password-verified',
    fires: '01-mschapv2-mppe128-stateless-client.pcap',
    basis: 'used',
    nearMiss: '03-mschapv2-mppe40-stateless-server.pcap',
  },
  { rule: 'scan', fires: foreign(2), basis: 'used', nearMiss: foreign(1) },
  { rule: 'call-flood', fires: knocks(20, 5), basis: 'used', nearMiss: knocks(20, 60) },
  {
    rule: 'control-injection-signs',
    fires: withTimeToLive(reset(), 63),
    basis: 'used',
    nearMiss: withTimeToLive(reset(), 64),
  },
  {
    rule: 'malformed-control',
    fires: controlSession(withLength(outgoingCallRequest(5), 12)),
    basis: 'used',
    nearMiss: controlSession(outgoingCallRequest(5)),
  },
  {
    rule: 'gre-outside-window',
    fires: encryptedSession().ip(
      'client',
      47,
      enhancedGre({ callId: 77, sequence: 0x4000_0000 }, octets([0xff, 3], u16(0xfd), hash(30))),
    ),
    basis: 'used',
    nearMiss: encryptedSession().ip(
      'client',
      47,
      enhancedGre({ callId: 77, sequence: 900 }, octets([0xff, 3], u16(0xfd), hash(30))),
    ),
  },
  {
    rule: 'inner-leak',
    fires: '66-names-asked-outside-client.pcap',
    basis: 'used',
    // The tunnel gave the client no name server.
    nearMiss: encryptedSession().ip('client', 17, udp(50_000, 53, question)),
  },
  {
    rule: 'password-change-packet',
    fires: connected()
      .opensLcp(demands.msChapV2)
      .challenge()
      .response(version2())
      .failure('E=648 R=1 V=3')
      .both('client', 0xc223, 7, 8, hash(582)),
    basis: 'used',
    nearMiss: connected().opensLcp(demands.msChapV2).challenge().response(version2()).failure('E=648 R=1 V=3'),
  },
];

function repeatedPacket(): SessionWriter {
  const session = connected();
  const from = session.frames.length;
  session.authenticates();
  const first = session.frames[from];
  const payload = first?.octets.slice(34) ?? new Uint8Array(0);
  return session.ccp(strong, strong).encrypted(3).wait(5).ip('client', 47, payload);
}

function withLength(message: Uint8Array, length: number): Uint8Array {
  const changed = message.slice();
  changed.set(u16(length));
  return changed;
}

function analysed(input: Input, password = 'Sw0rdfish!'): Report {
  const options = { credentials: [credentialOfPassword(password)] };
  if (typeof input === 'string') {
    return reportOf(readFileSync(new URL(`../captures/${input}`, import.meta.url)), [], 'test', options);
  }
  return reportOf(pcapFile('frames' in input ? input.frames : input), [], 'test', options);
}

function found(input: Input, rule: string): Finding[] {
  return analysed(input).findings.filter((finding) => finding.rule === rule);
}

test('every rule has its case, and one only', () => {
  expect(cases.map(({ rule }) => rule)).toEqual(rules.map(({ id }) => id));
});

describe('fires, and names its frames', () => {
  test.each(cases)('$rule', ({ rule, fires, basis }) => {
    const findings = found(fires, rule);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]).toMatchObject({ basis, tunnel: 'T1' });
    for (const { frames, detail } of findings) {
      expect(frames.length).toBeGreaterThan(0);
      expect(frames).toEqual([...frames].sort((a, b) => a - b));
      expect(detail).not.toMatch(/undefined|null|NaN|\[object/);
    }
  });
});

describe('stays silent where it nearly fires', () => {
  test.each(cases)('$rule', ({ rule, nearMiss }) => {
    expect(found(nearMiss, rule)).toEqual([]);
  });
});

describe('a password that the audit is given', () => {
  const verified = (input: string, password: string): unknown[] =>
    analysed(input, password)
      .findings.filter(({ rule }) => rule === 'password-verified')
      .map(({ frames, detail }) => [frames, detail]);

  // Frames by tshark: `-Y chap`.
  test.each([
    ['01-mschapv2-mppe128-stateless-client.pcap', 'Sw0rdfish!', [15, 17], 'alice'],
    ['03-mschapv2-mppe40-stateless-server.pcap', 'tr0ub4dor&3', [15, 17], 'bob'],
    ['05-mschapv1-mppe128-server.pcapng', 'Sw0rdfish!', [15, 16], 'alice'],
  ] as const)('%s', (name, password, frames, user) => {
    const said = expect.stringContaining(`The password of user ${user} is one of those that were given.`);
    expect(verified(name, password)).toEqual([[frames, said]]);
    expect(verified(name, `${password}?`)).toEqual([]);
  });

  test('one that the server refused says nothing', () => {
    expect(verified('09-mschapv2-wrong-password-client.pcap', 'swordfish')).toEqual([]);
  });

  test('where none fits, the report is as if none had been given', () => {
    const file = readFileSync(new URL('../captures/01-mschapv2-mppe128-stateless-client.pcap', import.meta.url));
    const credentials = [credentialOfPassword('x')];
    expect(JSON.stringify(reportOf(file, [], 'test', { credentials }))).toBe(JSON.stringify(reportOf(file)));
    expect(reportOf(file).findings.map(({ rule }) => rule)).not.toContain('password-verified');
  });
});

describe('offered, negotiated, used', () => {
  test('encryption that was agreed and not used', () => {
    expect(found(connected().authenticates().ccp(strong, strong), 'mppe-128-bit')).toMatchObject([
      { basis: 'negotiated' },
    ]);
  });

  test('weak encryption asked for in vain is offered, and less severe', () => {
    const weak = connected().authenticates().ccp(bits.l, 0, 'reject');
    expect(found(weak, 'mppe-40-bit')).toMatchObject([{ basis: 'offered', severity: 'medium' }]);
    expect(found(weak, 'mppe-stateful')).toMatchObject([{ basis: 'offered', severity: 'medium' }]);
    const strongInVain = connected()
      .authenticates()
      .ccp(bits.h | bits.s | bits.l, 0, 'reject');
    expect(found(strongInVain, 'mppe-40-bit')).toEqual([]);
    expect(found(strongInVain, 'mppe-stateful')).toEqual([]);
  });

  test.each([
    ['pap-password', demands.pap, 'medium'],
    ['ms-chap-v1', demands.msChapV1, 'medium'],
    ['chap-md5', demands.chapMd5, 'low'],
  ] as const)('%s, demanded and agreed without an exchange', (rule, option, offered) => {
    expect(found(connected().opensLcp(option), rule)).toMatchObject([{ basis: 'negotiated' }]);
    const asked = connected().both('server', 0xc021, 1, 1, [...option, 5, 6, 1, 2, 3, 4]);
    expect(found(asked, rule)).toMatchObject([{ basis: 'offered', severity: offered }]);
  });

  test.each([
    ['nothing', [0, 0, 0, 0]],
    ['stateless mode alone', [1, 0, 0, 0]],
    ['compression alone', [0, 0, 0, 1]],
  ] as const)('MPPE refused that was asked for with %s is no encryption refused', (_what, mask) => {
    const session = connected().authenticates().ipcp();
    for (const [from, code] of [
      ['server', 1],
      ['client', 4],
    ] as const)
      session.both(from, 0x80fd, code, 1, [18, 6, ...mask]);
    expect(found(session.data(2), 'encryption-refused')).toEqual([]);
  });

  test('clear data under encryption that never began', () => {
    const session = connected().authenticates().ccp(strong, strong).ipcp().data(2);
    expect(found(session, 'mppe-packet-not-encrypted')).toHaveLength(1);
  });

  test('MPPE packets without the encrypted bit', () => {
    const [finding] = found(encryptedSession().encrypted(2, 0x8000), 'mppe-packet-not-encrypted');
    expect(finding?.detail).toContain('2 MPPE packets without the encrypted bit');
  });
});

// RFC 3078 §3.1: the count is incremented by 1 for each packet sent, and after 4095 comes 0.
describe('coherency counts', () => {
  type Sent = readonly [sequence: number, count: number];
  const run = (from: number, count: number, packets: number): Sent[] =>
    Array.from({ length: packets }, (_, at) => [from + at, (count + at) & 0xfff] as const);
  /** How many are repeated, the place of the first, and what is said. */
  const repeated = (packets: readonly Sent[]): { times: number; first: number | null; said: string } => {
    const session = connected().authenticates().ccp(strong, strong);
    for (const [sequence, count] of packets) {
      const ppp = octets([0xff, 3], u16(0xfd), u16(0x9000 | count), hash(30 + ((sequence * 7 + count) % 40)));
      session.ip('client', 47, enhancedGre({ callId: 77, sequence: 100 + sequence }, ppp));
    }
    const report = analysed(session);
    const { repeatedCounts = -1, repeatedCountFrame = null } = report.tunnels[0]?.calls[0]?.encryption.evidence ?? {};
    const before = session.frames.length - packets.length;
    const findings = report.findings.filter(({ rule }) => rule === 'mppe-replay');
    expect(findings).toHaveLength(repeatedCounts > 0 ? 1 : 0);
    return {
      times: repeatedCounts,
      first: repeatedCountFrame === null ? null : repeatedCountFrame - before,
      said: findings[0]?.detail ?? '',
    };
  };

  test.each<[string, Sent[], number, number]>([
    ['the same count under the next number', [...run(0, 0, 5), [5, 4], ...run(6, 5, 5)], 1, 6],
    ['an older count under the next number', [...run(0, 0, 9), [9, 3], ...run(10, 9, 5)], 1, 10],
    ['the next count under a number to come', [...run(0, 0, 5), [30, 5], ...run(5, 5, 5)], 1, 7],
    ['a count in between under a number to come', [...run(0, 0, 5), [30, 2], ...run(5, 5, 5)], 1, 6],
    ['a sender that does not count', [0, 1, 2, 3, 4, 5].map((sequence) => [sequence, 7] as const), 5, 2],
    ['two in a row', [...run(0, 0, 9), [9, 3], [10, 3], ...run(11, 9, 5)], 2, 10],
  ])('%s', (_what, packets, times, frame) => {
    const said = `${times === 1 ? '1 packet' : `${times} packets`} with a repeated coherency count and another number.`;
    expect(repeated(packets)).toEqual({ times, first: frame, said: expect.stringContaining(said) });
  });

  test.each<[string, Sent[]]>([
    ['in order', run(0, 0, 20)],
    ['after 4095 comes 0', run(0, 4090, 20)],
    ['packets lost', [...run(0, 0, 5), ...run(40, 45, 5)]],
    ['so many lost that the count came round', [...run(0, 0, 5), ...run(5 + 4096, 5, 5)]],
    ['packets of other protocols in between', [...run(0, 0, 5), ...run(9, 5, 5)]],
    ['one overtaken', [...run(0, 0, 5), [6, 6], [5, 5], ...run(7, 7, 5)]],
    ['one overtaken by many, round the end', [...run(0, 4090, 3), ...run(4, 4094, 12), [3, 4093], ...run(16, 10, 3)]],
    ['a new session, which counts from 0', [...run(0, 0, 9), ...run(12, 0, 9)]],
    ['one of which the first packets are lost', [...run(0, 0, 9), ...run(14, 2, 9)]],
    ['one of which they are overtaken', [...run(0, 0, 9), [14, 2], [13, 1], ...run(15, 3, 9)]],
    ['a packet that comes twice', [...run(0, 0, 5), [4, 4], ...run(5, 5, 5)]],
  ])('%s: nothing', (_what, packets) => {
    expect(repeated(packets)).toEqual({ times: 0, first: null, said: '' });
  });
});

test('two sessions in GRE alone, one after the other, are no replay', () => {
  const packet = (sequence: number, seed: number): Uint8Array =>
    enhancedGre({ callId: 5, sequence }, octets([0xff, 3], u16(0xfd), u16(0x9000 | sequence), hash(30 + seed)));
  const session = new SessionWriter();
  for (const seed of [0, 7])
    for (let sequence = 0; sequence < 20; sequence += 1) session.ip('client', 47, packet(sequence, seed));
  const report = analysed(session);
  const [call] = report.tunnels[0]?.calls ?? [];
  expect(call?.encryption.evidence.changedDuplicates).toBe(0);
  expect(call?.gre.clientToServer).toMatchObject({
    duplicates: 0,
    reordered: 0,
    lost: 0,
    restarts: 1,
    restartFrame: 21,
  });
  expect(call?.anomalies).toMatchObject([{ frame: 21, code: 'sequence-restarted' }]);
  expect(report.findings.filter(({ rule }) => rule === 'mppe-replay')).toEqual([]);
});

describe('challenges', () => {
  test.each([
    ['all equal', Array.from({ length: 16 }, () => 0x41)],
    ['counted up', Array.from({ length: 16 }, (_, index) => 250 + index).map((octet) => octet & 0xff)],
    ['few different octets', Array.from({ length: 16 }, (_, index) => (index * index * 5) % 7)],
  ])('%s: weak', (_what, value) => {
    const session = connected().opensLcp(demands.msChapV2).challenge(value).response(version2());
    expect(found(session, 'weak-challenge')).toHaveLength(1);
  });

  const dial = (second: number, answer: readonly number[]): AuditSession =>
    AuditSession.connected({
      clientPort: 50_000 + second,
      clientCallId: second,
      serverCallId: 300 + second,
      start: 1_700_000_000 + second,
    })
      .opensLcp(demands.msChapV2)
      .challenge()
      .response(version2(answer));

  test('used for two exchanges: weak', () => {
    const [finding] = found(together(dial(0, otherChallenge), dial(60, otherChallenge.toReversed())), 'weak-challenge');
    expect(finding?.frames).toHaveLength(2);
  });

  test('the same exchange captured at two places: not weak', () => {
    expect(found(together(dial(0, otherChallenge), dial(1, otherChallenge)), 'weak-challenge')).toEqual([]);
  });

  test('sent again because the answer was lost: not weak', () => {
    const session = connected().opensLcp(demands.msChapV2).challenge().challenge().response(version2());
    expect(found(session, 'weak-challenge')).toEqual([]);
  });

  test('the same from both sides: reflected', () => {
    const session = connected()
      .opensLcp(demands.chapMd5, demands.chapMd5)
      .challenge()
      .challenge(goodChallenge, 'client')
      .response(hash(16));
    expect(found(session, 'challenge-reflection').length).toBeGreaterThan(0);
  });
});

describe('sources', () => {
  test('many users of one source: spraying', () => {
    expect(found(failures(['alice', 'bob', 'carol']), 'password-guessing')).toHaveLength(1);
    expect(found(failures(['alice', 'bob']), 'password-guessing')).toEqual([]);
  });

  test('many sources at one server without a call', () => {
    const visit = (index: number): SessionWriter =>
      new SessionWriter({ client: `192.0.2.${10 + index}`, start: 1_700_000_000 + 30 * index }).handshake().control();
    const visits = (count: number): SessionWriter[] =>
      Array.from({ length: count }, (_, index) =>
        visit(index)
          .segment('client', tcpFlags.fin | tcpFlags.ack)
          .segment('server', tcpFlags.fin | tcpFlags.ack),
      );
    expect(found(together(...visits(20)), 'scan')).toHaveLength(1);
    expect(found(together(...visits(19)), 'scan')).toEqual([]);
    // One of them is a client: it dials in another connection. So are all, where they dial.
    const dials = new SessionWriter({ client: '192.0.2.15', clientPort: 50_001, start: 1_700_009_000 });
    expect(found(together(...visits(20), dials.handshake().control().call().end()), 'scan')).toEqual([]);
    const clients = Array.from({ length: 20 }, (_, index) => visit(index).call().end());
    expect(found(together(...clients), 'scan')).toEqual([]);
  });

  test('nmap by its name, and many servers', () => {
    expect(found(knocks(1, 1, 1, 'nmap'), 'scan')).toHaveLength(1);
    expect(found(knocks(5, 300, 5), 'scan')).toHaveLength(1);
    expect(found(knocks(4, 300, 4), 'scan')).toEqual([]);
  });

  test('who speaks another protocol is told by what was sent, not by words about it', () => {
    const greeted = (...said: Uint8Array[]): SessionFrame[] =>
      together(
        ...[0, 1].map((index) => {
          const session = new SessionWriter({ clientPort: 40_000 + index, start: 1_700_000_000 + 60 * index });
          session.handshake();
          for (const message of said) session.message('client', message);
          return session.message('server', Uint8Array.from(letters('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n')));
        }),
      );
    expect(found(greeted(), 'scan')).toEqual([]);
    expect(found(greeted(startControlConnection(1)), 'scan')).toEqual([]);
    const ssh = reportOf(pcapFile(greeted(Uint8Array.from(letters('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'))))).tunnels;
    const looked = scan.look();
    for (const { control, ...tunnel } of ssh) {
      if (control === null) continue;
      const anomalies = control.anomalies.map((anomaly) => ({ ...anomaly, message: '' }));
      looked.see({ ...tunnel, control: { ...control, anomalies } });
    }
    expect(looked.hits()).toHaveLength(1);
  });

  test('calls without end in one connection', () => {
    const calls = (count: number): SessionWriter =>
      controlSession(...Array.from({ length: count }, (_, index) => outgoingCallRequest(index + 1)));
    expect(found(calls(20), 'call-flood')).toHaveLength(1);
    expect(found(calls(19), 'call-flood')).toEqual([]);
  });

  test('a clock that is set back makes no flood of connections, and hides none', () => {
    const setBack = (apart: number, by: number): SessionFrame[] => {
      return knocksAt(Array.from({ length: 20 }, (_, index) => index * apart - (index < 10 ? 0 : by)));
    };
    expect(found(setBack(30, 600), 'call-flood')).toEqual([]);
    expect(found(setBack(0.2, 5), 'call-flood')).toHaveLength(1);
  });

  test('a capture without times shows no flood', () => {
    const blocks = new PcapngBlocks();
    const packets = knocks(20, 5).map(({ octets: bytes }) => blocks.simplePacket(bytes));
    const file = joined([blocks.sectionHeader(), blocks.interfaceDescription(1, 262_144), ...packets]);
    const report = reportOf(file);
    expect(report.tunnels).toHaveLength(20);
    expect(report.findings.filter(({ rule }) => rule === 'call-flood')).toEqual([]);
  });

  test('a call before the connection was started', () => {
    const early = new SessionWriter().handshake().message('client', outgoingCallRequest(5)).control().end();
    expect(found(early, 'malformed-control')).toHaveLength(1);
  });

  test('a reply before its request, where the order of the frames is that of the packets', () => {
    const session = new SessionWriter().handshake().control();
    const early = session.message('server', outgoingCallReply(77, 5)).message('client', outgoingCallRequest(5));
    expect(found(early, 'malformed-control')).toMatchObject([{ frames: [6] }]);
    // The frames alone in that order: the reply acknowledges the request.
    const { frames } = new SessionWriter().handshake().control().call();
    const swapped = [...frames.slice(0, -2), ...frames.slice(-2).map((_, index, two) => two[1 - index] ?? _)];
    expect(found(swapped, 'malformed-control')).toEqual([]);
  });

  test('the end of a call that nobody began', () => {
    expect(found(controlSession(callClearRequest(999)), 'control-injection-signs')).toHaveLength(1);
  });

  // Linux's NAT translates the Call ID in Set-Link-Info, others do not: with one call it is plain which is meant.
  test('a Set-Link-Info that names another Call ID than the only call has', () => {
    const session = (callId: number) =>
      new SessionWriter().handshake().control().call().message('server', setLinkInfo(callId));
    expect(found(session(4711), 'control-injection-signs')).toEqual([]);
    expect(found(session(4711), 'malformed-control')).toEqual([]);
    const [tunnel] = reportOf(pcapFile(session(4711).frames)).tunnels;
    expect(tunnel?.calls[0]?.setLinkInfo).toBe(1);
    const { anomalies = [] } = tunnel?.control ?? {};
    expect(anomalies.map(({ frame, code }) => [frame, code])).toContainEqual([8, 'call-id-of-no-call']);
    // Of two calls it may be neither.
    const two = session(4711).message('client', outgoingCallRequest(5)).message('server', outgoingCallReply(78, 5));
    expect(found(two.message('server', setLinkInfo(4712)), 'control-injection-signs')).toHaveLength(1);
  });

  test('a way that changes is no injection', () => {
    const session = new SessionWriter().handshake().control().call().end();
    session.frames.forEach(({ octets: bytes }, index) => {
      bytes[22] = 60 + (index % 3);
    });
    expect(found(session, 'control-injection-signs')).toEqual([]);
  });
});

describe('EAP methods that send what was typed, or what can be computed', () => {
  const eap = (type: number, question: readonly number[], answer: readonly number[]): AuditSession => {
    const session = connected().opensLcp(demands.eap);
    session.both('server', 0xc227, 1, 1, [1]).both('client', 0xc227, 2, 1, [1, ...letters('alice')]);
    return session.both('server', 0xc227, 1, 2, [type, ...question]).both('client', 0xc227, 2, 2, [type, ...answer]);
  };

  test('Generic Token Card', () => {
    expect(found(eap(6, letters('Password: '), letters('hunter2')), 'eap-without-tls')).toMatchObject([
      { severity: 'critical' },
    ]);
  });

  test('MS-CHAPv2 outside TLS', () => {
    const question = [1, 9, ...u16(5 + 16 + 3), 16, ...goodChallenge, ...letters('srv')];
    const answer = [2, 9, ...u16(5 + 49 + 5), 49, ...version2(), ...letters('alice')];
    expect(found(eap(26, question, answer), 'eap-without-tls')).toMatchObject([{ severity: 'critical' }]);
  });

  test('TTLS is TLS', () => {
    expect(found(eap(21, [0x20], [0x00]), 'eap-without-tls')).toEqual([]);
  });

  test('refused for another method: nothing was used', () => {
    expect(found(eap(4, [16, ...goodChallenge], []).both('client', 0xc227, 2, 2, [3, 13]), 'eap-without-tls')).toEqual(
      [],
    );
  });
});

describe('the words of the rules', () => {
  test.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(severities).toContain(rule.severity);
    for (const text of [rule.what, rule.why, rule.advice, rule.evidence]) {
      expect(text).toMatch(/^[A-Z0-9"].*\.$/);
    }
    expect(rule.title).not.toMatch(/\.$/);
    expect(rule.references.length).toBeGreaterThan(0);
  });

  test('ids are unique', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});

test('a rule that is to be ignored is not asked', () => {
  const input = readFileSync(new URL('../captures/07-pap-clear-client.pcap', import.meta.url));
  const all = reportOf(input).findings.map(({ rule }) => rule);
  expect(all).toContain('pap-password');
  const some = reportOf(input, [], 'test', { ignore: ['pap-password'] }).findings.map(({ rule }) => rule);
  expect(some).toEqual(all.filter((rule) => rule !== 'pap-password'));
});

test('what is compressed and not encrypted is counted beside what is in clear', () => {
  const input = readFileSync(new URL('../captures/26b-ccp-deflate-server.pcap', import.meta.url));
  // tshark -Y gre -T fields -e ppp.protocol: twice 0x0021, 17 times 0x00fd.
  expect(reportOf(input).findings.find(({ rule }) => rule === 'no-encryption')?.detail).toMatch(
    /^2 packets .* in clear; 17 more are compressed \(deflate\) and not encrypted\. /,
  );
});

describe('names asked outside the tunnel', () => {
  /** Questions of a side, while the tunnel gives the client a name server (RFC 1877 §1.1) and behind its end. */
  const asks = (side: 'client' | 'server'): SessionFrame[] => {
    const nameServer = octets([129, 6, 10, 0, 0, 53]);
    const one = new Scene().dial().lcp().authenticate().agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
    one.agree(ipcpProtocol, 'client', octets(ipAddress('10.0.0.50'), nameServer));
    // GRE without a control connection is settled by then.
    one.talk(2).wait(10).talk(2);
    one.writer.ip(side, 17, udp(50_000, 53, question)).ip(side, 17, udp(50_001, 53, question));
    one.talk(2).terminate('client').hangUp();
    one.writer.ip(side, 17, udp(50_002, 53, question));
    return one.frames;
  };
  const outside = (frames: readonly SessionFrame[]) => {
    const [tunnel] = analysed(frames).tunnels;
    return tunnel?.calls[0]?.evidence.outsideQuestions;
  };

  test("are the client's, up to the end of the call", () => {
    expect(outside(asks('client'))).toMatchObject({ questions: 2, servers: ['198.51.100.1'] });
  });

  test("are not the server's, be it the first that is seen", () => {
    expect(outside(asks('server'))).toBeNull();
    // Without the control connection, and without the client's first Configure-Request.
    const [, ...greAlone] = asks('server').filter(({ octets: frame }) => frame[23] !== 6);
    expect(outside(greAlone)).toBeNull();
  });
});
