/** Other VPNs are recognised by how they begin, on any port, and what only looks like them is not. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OtherVpn } from '../src/report/contract.ts';
import { reportOf } from './support/analysis.ts';
import { AuditSession, letters } from './support/audit-sessions.ts';
import { pcapFile } from './support/captures.ts';
import { startControlConnection, tcp, tcpFlags, u16, u32, udp } from './support/packets.ts';
import { SessionWriter } from './support/session.ts';

function segment(destinationPort: number, payload: ArrayLike<number>): Uint8Array {
  return tcp(
    { sourcePort: 50_123, destinationPort, sequence: 1, flags: tcpFlags.ack | tcpFlags.psh },
    Uint8Array.from(payload),
  );
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const noise = (count: number): number[] => Array.from({ length: count }, (_, index) => (index * 89 + 41) & 0xff);

function seen(protocol: number, packet: Uint8Array): OtherVpn['protocol'][] {
  const session = new SessionWriter().ip('client', protocol, packet);
  return reportOf(pcapFile(session.frames)).otherVpn.map((one) => one.protocol);
}

/** IKE header, RFC 7296 §3.1: SPIs, next payload, version, exchange type, flags, message ID, length. */
function ike(version: number, length = 28): number[] {
  return [...noise(8), ...zeros(8), 33, version, 34, 8, ...u32(0), ...u32(length)];
}

/** P_CONTROL_HARD_RESET_CLIENT_V2 of OpenVPN without tls-auth: opcode, session, no acknowledgments, packet 0. */
const openVpnReset = [0x38, ...noise(8), 0, ...u32(0)];

describe('seen', () => {
  test.each<[what: string, protocol: OtherVpn['protocol'], ip: number, packet: Uint8Array]>([
    ['WireGuard initiation, any port', 'wireguard', 17, udp(40_000, 443, [1, 0, 0, 0, ...noise(144)])],
    ['IKEv2 on 500', 'ikev2', 17, udp(500, 500, ike(0x20))],
    ['IKEv1 on 500', 'ikev1', 17, udp(500, 500, ike(0x10))],
    ['IKEv2 on 4500 behind its marker', 'ikev2', 17, udp(4500, 4500, [0, 0, 0, 0, ...ike(0x20)])],
    ['L2TP', 'l2tp', 17, udp(1701, 1701, [0xc8, 0x02, ...u16(20), ...zeros(8), ...noise(8)])],
    ['OpenVPN over UDP, another port', 'openvpn', 17, udp(40_000, 443, openVpnReset)],
    ['OpenVPN with tls-auth', 'openvpn', 17, udp(40_000, 5000, [0x38, ...noise(8), ...noise(28), 0, ...u32(0)])],
    ['OpenVPN over TCP', 'openvpn', 6, segment(443, [...u16(14), ...openVpnReset])],
    [
      'SSTP',
      'sstp',
      6,
      segment(8443, letters('SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n')),
    ],
    ['ESP', 'esp', 50, Uint8Array.from(noise(40))],
    ['AH', 'ah', 51, Uint8Array.from(noise(40))],
  ])('%s', (_what, protocol, ip, packet) => {
    expect(seen(ip, packet)).toEqual([protocol]);
  });
});

describe('not seen', () => {
  test.each<[what: string, ip: number, packet: Uint8Array]>([
    ['WireGuard with a reserved octet set', 17, udp(40_000, 51_820, [1, 0, 1, 0, ...noise(144)])],
    ['WireGuard of the wrong length', 17, udp(40_000, 51_820, [1, 0, 0, 0, ...noise(143)])],
    ['anything on WireGuard’s port', 17, udp(51_820, 51_820, noise(60))],
    ['IKE with a length that disagrees', 17, udp(500, 500, ike(0x20, 29))],
    ['IKE on another port', 17, udp(40_000, 40_001, ike(0x20))],
    ['OpenVPN with a number that is not the first', 17, udp(40_000, 443, [...openVpnReset.slice(0, -1), 1])],
    ['anything on OpenVPN’s port', 17, udp(40_000, 1194, noise(40))],
    ['TCP with another length', 6, segment(443, [...u16(15), ...openVpnReset])],
    ['HTTPS', 6, segment(443, [0x16, 3, 1, ...u16(60), ...noise(60)])],
    ['HTTP', 6, segment(80, letters('POST /SSTP_DUPLEX_POST HTTP/1.1\r\n'))],
  ])('%s', (_what, ip, packet) => {
    expect(seen(ip, packet)).toEqual([]);
  });
});

describe('what to move to', () => {
  const dialled = AuditSession.connected().authenticates().ipcp().data(1);

  test('nothing where nobody uses PPTP', () => {
    const session = new SessionWriter().ip('client', 17, udp(40_000, 443, [1, 0, 0, 0, ...noise(144)]));
    expect(reportOf(pcapFile(session.frames)).migration).toBeNull();
  });

  test('who uses PPTP', () => {
    const { migration } = reportOf(pcapFile(dialled.frames));
    expect(migration?.clients).toEqual([{ address: '192.0.2.10', software: 'client-vendor', calls: 1 }]);
    expect(migration?.servers).toEqual([{ address: '198.51.100.1', software: 'server-vendor', calls: 1 }]);
    for (const { firewall } of migration?.replacements ?? []) expect(firewall.length).toBeGreaterThan(0);
  });

  test('what is there already comes first', () => {
    const frames = [...AuditSession.connected().frames];
    const first = (): string | undefined => reportOf(pcapFile(frames)).migration?.replacements[0]?.protocol;
    expect(first()).not.toBe('OpenVPN');
    frames.push(...new SessionWriter().ip('client', 17, udp(40_000, 443, openVpnReset)).frames);
    expect(first()).toBe('OpenVPN');
  });

  test('Windows clients get what Windows has', () => {
    const identification = [...u32(0x1111_1111), ...letters('MSRASV5.20')];
    const session = AuditSession.connected({ clientPort: 50_001 })
      .opensLcp([])
      .both('client', 0xc021, 12, 3, identification);
    const { migration } = reportOf(pcapFile(session.frames));
    expect(migration?.clients[0]?.software).toBe('Microsoft Windows');
    expect(migration?.replacements.map(({ protocol }) => protocol)).toContain('IKEv2');
  });

  // Who made the samples, and with what, is in captures/README.md: accel-ppp and pptp-linux both call themselves "cananian".
  test.each([
    ['01-mschapv2-mppe128-stateless-server.pcap', 'pptp-linux', 'pptpd (Poptop)'],
    ['40-accel-ppp-mppe128-server.pcap', 'pptp-linux', 'accel-ppp'],
  ])('are named for what they are: %s', (name, client, server) => {
    const { migration } = reportOf(new Uint8Array(readFileSync(new URL(`../captures/${name}`, import.meta.url))));
    expect(migration?.clients.map(({ software }) => software)).toEqual([client]);
    expect(migration?.servers.map(({ software }) => software)).toEqual([server]);
  });

  test('a reason that fits clients of two kinds is given once, with both of them', () => {
    const linux = new SessionWriter({ client: '192.0.2.11' }).handshake();
    linux.message('client', startControlConnection(1, 'host', 'cananian'));
    linux.message('server', startControlConnection(2, 'host', 'linux'));
    const { migration } = reportOf(pcapFile([...dialled.frames, ...linux.call().frames]));
    expect(migration?.clients.map(({ software }) => software)).toEqual(['client-vendor', 'pptp-linux']);
    const reasons = migration?.replacements.find(({ protocol }) => protocol === 'OpenVPN')?.reason.split('; ') ?? [];
    expect(reasons).toContain('other clients and Linux clients: where users log in with names and a second factor');
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  test('a client of the vendor "Linux" is no server', () => {
    const session = new SessionWriter().handshake();
    session.message('client', startControlConnection(1, 'host', 'Linux'));
    session.message('server', startControlConnection(2, 'host', 'Linux'));
    const { migration } = reportOf(pcapFile(session.call().frames));
    expect(migration?.clients[0]?.software).toBe('Linux');
    expect(migration?.servers[0]?.software).toBe('pptpd (Poptop)');
    expect(migration?.replacements[0]).toMatchObject({ protocol: 'WireGuard' });
  });
});
