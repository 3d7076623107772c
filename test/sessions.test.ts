/** How connections, calls and GRE find each other: each case made packet by packet. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { joined } from '../src/octets/joined.ts';
import type { CallReport, Report, TunnelReport } from '../src/report/contract.ts';
import { reportOf } from './support/analysis.ts';
import { pcapFile } from './support/captures.ts';
import {
  callClearRequest,
  callDisconnectNotify,
  echoRequest,
  enhancedGre,
  ethernet,
  icmpError,
  icmpUnreachable,
  incomingCallConnected,
  incomingCallReply,
  incomingCallRequest,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  setLinkInfo,
  startControlConnection,
  stopControlConnectionReply,
  stopControlConnectionRequest,
  tcp,
  tcpFlags,
  u16,
  u32,
} from './support/packets.ts';
import { recordsOf } from './support/records.ts';
import { Scene } from './support/scene.ts';
import { type SessionFrame, SessionWriter, wholeSession } from './support/session.ts';

const analysed = (frames: readonly SessionFrame[]): Report => reportOf(pcapFile(frames));

function onlyTunnel(frames: readonly SessionFrame[]): TunnelReport {
  const { tunnels } = analysed(frames);
  expect(tunnels).toHaveLength(1);
  const [tunnel] = tunnels;
  if (tunnel === undefined) throw new Error('no tunnel');
  return tunnel;
}

function onlyCall(frames: readonly SessionFrame[]): CallReport {
  const { calls } = onlyTunnel(frames);
  expect(calls).toHaveLength(1);
  const [call] = calls;
  if (call === undefined) throw new Error('no call');
  return call;
}

const statusOf = (call: CallReport | TunnelReport): Record<string, string> =>
  Object.fromEntries((call.stages ?? []).map(({ stage, status }) => [stage, status]));

it('says of PPP whose inner lengths do not fit where that is', () => {
  const session = new SessionWriter().handshake().control().call();
  // RFC 1661 §6.1: a Maximum-Receive-Unit has two octets. RFC 1334 §2.2.1: a password of nine is longer than the packet.
  session.gre('client', pppControl(0xc021, 1, 1, octets([1, 3, 5])));
  session.gre('client', pppControl(0xc023, 1, 1, octets([1, 0x61, 9, 0x70, 0x77])));
  session.gre('client', pppControl(0xc021, 1, 2, octets([1, 4], u16(1400))));
  expect(onlyCall(session.frames).anomalies).toMatchObject([
    { frame: 8, code: 'malformed-ppp', message: 'Maximum-Receive-Unit: mru: truncated' },
    { frame: 9, code: 'malformed-ppp', message: 'Authenticate-Request: password: truncated' },
  ]);
});

// RFC 1661 §5.2-5.4: the identifier must be that of the last Configure-Request; invalid packets are silently discarded.
describe('an answer that nobody asked for', () => {
  const lcp = 0xc021;
  const magic = (number: number): Uint8Array => octets([5, 6], u32(number));
  const begun = (): SessionWriter => {
    const session = new SessionWriter().handshake().control().call();
    session.gre('client', pppControl(lcp, 1, 1, magic(0x11111111)));
    session.gre('server', pppControl(lcp, 1, 1, magic(0x22222222)));
    return session.gre('client', pppControl(lcp, 2, 1, magic(0x22222222)));
  };
  const unasked = ({ anomalies }: CallReport) => anomalies.filter(({ code }) => code === 'unasked-answer');

  it.each([
    [2, 'Configure-Ack'],
    [3, 'Configure-Nak'],
    [4, 'Configure-Reject'],
  ])('code %i counts for nothing, and is said', (code, name) => {
    const session = begun().gre('server', pppControl(lcp, code, 9, magic(0x11111111)));
    const call = onlyCall(session.frames);
    expect(call.lcp).toMatchObject({ outcome: 'unfinished', openedFrame: null, client: null });
    expect(call.lcp.rejected.client).toEqual([]);
    expect(call.evidence.lcp?.client).toMatchObject({ sent: 1, naks: 0, rejects: 0, acknowledgedFrame: null });
    expect(unasked(call)).toEqual([
      { frame: 11, code: 'unasked-answer', message: `LCP ${name} with identifier 9 answers no request` },
    ]);
  });

  it('of CCP it agrees on no encryption', () => {
    const session = begun().gre('server', pppControl(lcp, 2, 1, magic(0x11111111)));
    const option = octets([18, 6], u32(0x0100_0040));
    session.gre('client', pppControl(0x80fd, 1, 4, option)).gre('server', pppControl(0x80fd, 2, 3, option));
    const call = onlyCall(session.frames);
    expect(call.encryption.mppeNegotiation.client).toMatchObject({ requested: [0x0100_0040], acknowledged: null });
    expect(unasked(call)).toHaveLength(1);
  });

  const other = ({ anomalies }: CallReport) => anomalies.filter(({ code }) => code === 'other-options-acknowledged');

  it('counts for nothing, and is said, where it acknowledges other options', () => {
    const call = onlyCall(begun().gre('server', pppControl(lcp, 2, 1, octets())).frames);
    expect(call.lcp).toMatchObject({ outcome: 'unfinished', openedFrame: null, client: null });
    const message =
      'LCP Configure-Ack with identifier 1 does not hold the options of the request, and so acknowledges nothing';
    expect(other(call)).toEqual([{ frame: 11, code: 'other-options-acknowledged', message }]);
  });

  it.each<[string, (session: SessionWriter) => SessionWriter]>([
    [
      'two requests had its identifier',
      (session) =>
        session.gre('client', pppControl(lcp, 1, 1, octets())).gre('server', pppControl(lcp, 2, 1, magic(0x11111111))),
    ],
    [
      'it is for an older request',
      (session) =>
        session.gre('client', pppControl(lcp, 1, 2, octets())).gre('server', pppControl(lcp, 2, 1, magic(0x11111111))),
    ],
  ])('may be one where %s', (_, answered) => {
    const call = onlyCall(answered(begun()).frames);
    expect(call.lcp.outcome).toBe('opened');
    expect(other(call)).toEqual([]);
  });

  it('may be one where the capture cut the request', () => {
    const { frames } = begun().gre('server', pppControl(lcp, 2, 1, magic(0x11111111)));
    const cut = frames.map((frame, index) => {
      // Ethernet, IP, GRE and 8 octets of PPP: of the option half is left.
      return index === 7
        ? { ...frame, wireLength: frame.octets.length, octets: frame.octets.slice(0, 14 + 20 + 12 + 11) }
        : frame;
    });
    expect(other(onlyCall(cut))).toEqual([]);
  });

  it('is one where the request may be what the capture lacks', () => {
    const session = begun().gre('client', pppControl(lcp, 1, 2, magic(0x11111111)));
    session.gre('server', pppControl(lcp, 2, 2, magic(0x11111111)));
    // The second request was lost on the way to the capture: the server acknowledges a packet that is not there.
    const frames = session.frames.filter((_, index) => index !== 10);
    const call = onlyCall(frames);
    expect(call.lcp).toMatchObject({ outcome: 'opened', client: { magicNumber: 0x11111111 } });
    expect(unasked(call)).toEqual([]);
  });

  it.each([
    [[200, 7, 90], 7],
    // Of many only the newest are remembered.
    [Array.from({ length: 20 }, (_, index) => (index * 37) & 0xff), 0],
  ])('is one whatever numbers requests have: %j, %i', (identifiers, answered) => {
    const session = begun();
    for (const identifier of identifiers) session.gre('client', pppControl(lcp, 1, identifier, magic(0x11111111)));
    session.gre('server', pppControl(lcp, 2, answered, magic(0x11111111)));
    const call = onlyCall(session.frames);
    expect(call.lcp.outcome).toBe('opened');
    expect(unasked(call)).toEqual([]);
  });

  it('is one where it answers an earlier request', () => {
    const session = begun().gre('client', pppControl(lcp, 1, 2, magic(0x11111111)));
    session.gre('server', pppControl(lcp, 2, 1, magic(0x11111111)));
    const call = onlyCall(session.frames);
    expect(call.lcp.outcome).toBe('opened');
    expect(unasked(call)).toEqual([]);
  });
});

// RFC 1661 §4.1: a Configure-Request in the state Opened negotiates once more.
describe('IPCP that is asked for again', () => {
  const ipcp = 0x8021;
  const address = (last: number): Uint8Array => octets([3, 6, 10, 0, 0, last]);
  const times = [2, 3, 4, 5];

  it('by both ends, and is acknowledged each time, is open', () => {
    const session = new SessionWriter().handshake().control().call().lcp();
    for (const identifier of [1, ...times]) {
      session.gre('client', pppControl(ipcp, 1, identifier, address(2)));
      session.gre('server', pppControl(ipcp, 2, identifier, address(2)));
      session.gre('server', pppControl(ipcp, 1, identifier, address(1)));
      session.gre('client', pppControl(ipcp, 2, identifier, address(1)));
    }
    expect(onlyCall(session.frames).network).toMatchObject({ ipcp: 'opened', clientAddress: '10.0.0.2' });
  });

  it('by one end, though it is acknowledged each time, is not: the acknowledgments do not arrive', () => {
    const session = new SessionWriter().handshake().control().call().lcp();
    session.gre('client', pppControl(ipcp, 1, 1, address(2))).gre('server', pppControl(ipcp, 2, 1, address(2)));
    for (const identifier of [1, ...times]) {
      session.gre('server', pppControl(ipcp, 1, identifier, address(1)));
      session.gre('client', pppControl(ipcp, 2, identifier, address(1)));
    }
    const call = onlyCall(session.frames);
    expect(call.network.ipcp).toBe('unfinished');
    expect(call.evidence.ipcp?.server.askedAgain).toBe(4);
  });
});

describe('LCP options that the capture cut off', () => {
  /** Octets up to the options of a Configure packet: Ethernet, IPv4, GRE with both numbers, PPP, code to length. */
  const beforeOptions = 14 + 20 + 16 + 4 + 4;
  const lcp = 0xc021;
  const magic = (number: number): Uint8Array => octets([5, 6], u32(number));
  const acknowledged = (kept: number): Report => {
    const session = new SessionWriter().handshake().control().call();
    session.gre('client', pppControl(lcp, 1, 1, octets(magic(0x11111111), [7, 2])));
    session.gre('server', pppControl(lcp, 1, 1, octets(magic(0x22222222), [1, 4], u16(1400))));
    session.gre('client', pppControl(lcp, 2, 1, octets(magic(0x22222222), [1, 4], u16(1400))));
    session.gre('server', pppControl(lcp, 2, 1, octets(magic(0x11111111), [7, 2]))).ipcp();
    const records = session.frames.map((frame) => {
      const { length } = frame.octets;
      return { ...frame, octets: frame.octets.slice(0, beforeOptions + kept), wireLength: length };
    });
    return reportOf(pcapFile(records));
  };
  const detail = (report: Report, name: string) =>
    report.tunnels[0]?.calls[0]?.stages.find(({ stage }) => stage === name)?.detail;
  const rules = ({ findings }: Report) => findings.map(({ rule }) => rule);

  it('are not known, and nothing else is said of them', () => {
    // The magic numbers are whole, and what stands behind them is not.
    const report = acknowledged(6);
    const unknown = {
      mru: null,
      protocolFieldCompression: null,
      callback: null,
      shortSequenceNumbers: null,
      cut: true,
    };
    expect(report.tunnels[0]?.calls[0]?.lcp).toMatchObject({
      outcome: 'opened',
      client: { ...unknown, magicNumber: 0x11111111 },
      server: { ...unknown, magicNumber: 0x22222222 },
    });
    expect(detail(report, 'lcp')).toBe('MRU ?/?');
    expect(detail(report, 'authentication')).toBe('none was seen');
    expect(rules(report)).not.toContain('no-authentication');
  });

  it('are known where all are there', () => {
    const report = acknowledged(100);
    expect(report.tunnels[0]?.calls[0]?.lcp).toMatchObject({
      client: { mru: 1500, protocolFieldCompression: true, callback: false, cut: false },
      server: { mru: 1400, protocolFieldCompression: false, callback: false, cut: false },
    });
    expect(detail(report, 'lcp')).toBe('MRU 1500/1400; no authentication demanded');
    expect(detail(report, 'authentication')).toBe('none was negotiated');
    expect(rules(report)).toContain('no-authentication');
  });
});

// RFC 1661 §6.4, and §5.8 and §5.9, RFC 1570 §1.1: whoever sends these puts a magic number of its own there.
describe('a magic number that comes back', () => {
  const sent = (code: number, number: number): CallReport => {
    const session = new SessionWriter().handshake().control().call().lcp();
    return onlyCall(session.gre('server', pppControl(0xc021, code, 7, octets(u32(number)))).frames);
  };

  it.each([
    [9, 'Echo-Request'],
    [10, 'Echo-Reply'],
    [11, 'Discard-Request'],
    [12, 'Identification'],
  ])('in code %i', (code, name) => {
    const { anomalies } = sent(code, 0x11111111);
    expect(anomalies).toMatchObject([{ frame: 12, code: 'own-magic-number' }]);
    expect(anomalies[0]?.message).toMatch(`${name} that comes from the server bears the client's magic number`);
  });

  it.each([
    ["the sender's own", 0x22222222],
    ['none', 0],
    ['a third', 0x33333333],
  ])('%s is another thing', (_, number) => {
    expect(sent(9, number).anomalies).toEqual([]);
  });
});

// RFC 1661 §6.5 and §6.6: a sender may shorten what the other end asked for in its options and was acknowledged.
describe("fields of PPP's header that are left out", () => {
  const [protocolField, addressField] = [octets(7, 2), octets(8, 2)];
  const ip = ipv4({ source: '10.0.0.1', destination: '10.0.0.50', protocol: 17 }, new Uint8Array(30));
  const shortened = [octets([0x21], ip), octets([0xff, 3, 0x21], ip), octets(u16(0x0021), ip)];
  const nothing = octets();
  const dialled = (): SessionWriter => new SessionWriter().handshake().control().call();
  /** What the client asks for, and what it gets. */
  const link = (session: SessionWriter, asked: Uint8Array, answer = 2): SessionWriter => {
    session.gre('client', pppControl(0xc021, 1, 1, asked)).gre('server', pppControl(0xc021, answer, 1, asked));
    if (answer !== 2)
      session.gre('client', pppControl(0xc021, 1, 2, nothing)).gre('server', pppControl(0xc021, 2, 2, nothing));
    return session.gre('server', pppControl(0xc021, 1, 1, nothing)).gre('client', pppControl(0xc021, 2, 1, nothing));
  };
  const told = (session: SessionWriter): { frame: number | null; code: string }[] => {
    for (const packet of shortened) session.gre('server', packet);
    return onlyCall(session.frames).anomalies.map(({ frame, code }) => ({ frame, code }));
  };
  const protocolCompressed = (frame: number) => ({ frame, code: 'protocol-field-compressed' });
  const addressOmitted = (frame: number) => ({ frame, code: 'address-and-control-omitted' });

  it.each([
    ['nothing is agreed', nothing, 2, [protocolCompressed(12), addressOmitted(12)]],
    ['the protocol field may have one octet', protocolField, 2, [addressOmitted(12)]],
    ['address and control may be missing', addressField, 2, [protocolCompressed(12)]],
    ['both may', octets(protocolField, addressField), 2, []],
    ['both were refused', octets(protocolField, addressField), 4, [protocolCompressed(14), addressOmitted(14)]],
  ])('%s', (_, asked, answer, anomalies) => {
    expect(told(link(dialled(), asked, answer))).toEqual(anomalies);
  });

  it('with how many packets of whom', () => {
    const session = link(dialled(), nothing);
    for (const packet of shortened) session.gre('server', packet);
    expect(onlyCall(session.frames).anomalies.map(({ message }) => message)).toEqual([
      "PPP's protocol field has one octet in 2 packets of the server, which LCP does not allow it",
      "PPP's address and control fields (FF 03) are missing in 2 packets of the server, which LCP does not allow it",
    ]);
  });

  it.each<[string, (session: SessionWriter) => SessionWriter]>([
    ['holds nothing of LCP', (session) => session],
    ['lacks one acknowledgment', (session) => session.gre('client', pppControl(0xc021, 1, 1, nothing))],
    [
      'holds them before LCP opens',
      (session) => link(session.gre('server', shortened[0] ?? octets()), octets(7, 2, 8, 2)),
    ],
  ])('tell nothing where the capture %s', (_, before) => {
    expect(told(before(dialled()))).toEqual([]);
  });

  it('are told of LCP itself, which may not leave them out, but for what an open link carries', () => {
    const session = dialled();
    for (const code of [1, 9, 12]) session.gre('client', octets(u16(0xc021), [code, 1, 0, 8, 1, 4, 5, 120]));
    expect(onlyCall(session.frames).anomalies).toMatchObject([
      { frame: 8, code: 'address-and-control-omitted', message: expect.stringMatching(/ 1 packet of the client/) },
    ]);
  });
});

describe('authentication of which a length is wrong', () => {
  const letters = (text: string): Uint8Array => octets(Array.from(text, (letter) => letter.charCodeAt(0)));
  const value = (size: number): Uint8Array => new Uint8Array(size).fill(0xa7);
  const [pap, chap, eap] = [0xc023, 0xc223, 0xc227];
  const said = (protocol: number, code: number, body: Uint8Array): CallReport => {
    const session = new SessionWriter().handshake().control().call();
    // It agrees on MS-CHAPv2, and on nothing else.
    if (protocol === chap) session.lcp();
    return onlyCall(session.gre('client', pppControl(protocol, code, 5, body)).frames);
  };

  it.each([
    // RFC 1334 §2.2.1: the password has six octets, and says three.
    [
      'PAP',
      pap,
      1,
      octets(5, letters('alice'), 3, letters('secret')),
      'Authenticate-Request: excess: length-too-large',
    ],
    // RFC 2759 §7: 582 octets; RFC 2433 §9, §10: 68 and 1,118.
    ['Change-Password', chap, 7, value(580), 'Change-Password: flags: truncated'],
    ['Change-Password, too long', chap, 7, value(583), 'Change-Password: excess: length-too-large'],
    ['version 1 of it', chap, 5, value(60), 'Change Password (version 1): encryptedNtNewPasswordHash: truncated'],
    ['version 2 of it', chap, 6, value(1119), 'Change Password (version 2): excess: length-too-large'],
    // RFC 3748 §5.4, §5.7; draft-kamath-pppext-eap-mschapv2 §2; RFC 5216 §3.1
    ['EAP-MD5', eap, 2, octets(4, 17, value(16)), 'MD5-Challenge: value: truncated'],
    ['an Expanded Type', eap, 2, octets(254, 0, 0), 'EAP Expanded Type: vendorId: truncated'],
    ['an Expanded Nak', eap, 2, octets(254, 0, 0, 0, 0, 0, 0, 3, 254, 0), 'Expanded Nak: vendorId: truncated'],
    [
      'EAP-MSCHAPv2',
      eap,
      2,
      octets(26, 2, 5, 0, 9, 49, value(4)),
      'EAP MS-CHAP-V2 Challenge and Response: value: truncated',
    ],
    ['its header', eap, 2, octets(26, 2, 5), 'EAP MS-CHAP-V2: msLength: truncated'],
    ['its Change-Password', eap, 2, octets(26, 7, 5, 2, 0x4a, value(580)), 'Change-Password: flags: truncated'],
    ['EAP-TLS', eap, 2, octets(13, 0x80, 0, 0), 'EAP-TLS: messageLength: truncated'],
    ['EAP without a type', eap, 2, octets(), 'EAP Request and Response: type: truncated'],
  ])('%s is malformed', (_, protocol, code, body, message) => {
    const frame = protocol === chap ? 12 : 8;
    expect(said(protocol, code, body).anomalies).toMatchObject([{ frame, code: 'malformed-ppp', message }]);
  });

  it.each([
    ['PAP', pap, 1, octets(5, letters('alice'), 6, letters('secret'))],
    ['Change-Password', chap, 7, value(582)],
    ['EAP-MSCHAPv2', eap, 2, octets(26, 2, 5, 0, 59, 49, value(49), letters('alice'))],
    ["EAP-MSCHAPv2's Success, of the opcode alone", eap, 2, octets(26, 3)],
  ])('%s as it should be is not', (_, protocol, code, body) => {
    expect(said(protocol, code, body).anomalies).toEqual([]);
  });

  it.each([
    ['PAP', pap, 1, octets(5, letters('alice'), 3, letters('secret'))],
    // RFC 2759 §4: 49 octets; these say 40, and nine of them seem to belong to the name.
    ['CHAP', chap, 2, octets(40, value(49), letters('alice'))],
    ['EAP-MSCHAPv2', eap, 2, octets(26, 2, 5, 0, 59, 40, value(49), letters('alice'))],
  ])('what %s seems to name is no user', (_, protocol, code, body) => {
    expect(said(protocol, code, body).authentication).toMatchObject([{ user: null, authenticatorName: null }]);
  });
});

it.each([
  ['Ende f\u00c3\u00bcr heute', 'Ende für heute'],
  ['Ende f\u00fcr heute', 'Ende für heute'],
  ['reason\0', 'reason'],
  ['\x07bell', '\x07bell'],
  // A cookie and a number, as Windows has them, but of another kind.
  ['\x16*\x1f:\0<\u00cdu\0\0\x02\u00b3', null],
  ['', null],
])('the words of an end: %j', (octetsOfText, words) => {
  const data = octets(Array.from(octetsOfText, (letter) => letter.charCodeAt(0)));
  const session = new SessionWriter().handshake().control().call().lcp();
  session.gre('server', pppControl(0xc021, 12, 9, octets([1, 2, 3, 4], data)));
  session.gre('server', pppControl(0xc021, 5, 9, data));
  const { lcp } = onlyCall(session.frames);
  expect(lcp.terminateText).toBe(words);
  expect(lcp.identification.server).toEqual(words === null ? [] : [words]);
});

describe('a whole session', () => {
  it('climbs the ladder', () => {
    const tunnel = onlyTunnel(wholeSession());
    expect(tunnel).toMatchObject({
      id: 'T1',
      client: { address: '192.0.2.10', port: 50_000 },
      server: { address: '198.51.100.1', port: 1723 },
      roles: 'certain',
      control: {
        tcp: {
          outcome: 'connected',
          handshakeMilliseconds: 1,
          retransmissions: 0,
          closedBy: 'client',
          closedWith: 'fin',
        },
        start: {
          outcome: 'accepted',
          resultCode: 1,
          client: { hostName: 'client-host', vendorName: 'client-vendor', protocolVersion: '1.0' },
          server: { hostName: 'server-host', vendorName: 'server-vendor' },
        },
        anomalies: [],
      },
    });
    expect(tunnel.calls[0]).toMatchObject({
      id: 'T1.1',
      kind: 'outgoing',
      outcome: 'established',
      clientCallId: 0,
      serverCallId: 77,
      receiveWindow: { client: 64, server: 64 },
      disconnect: { by: 'server', resultCode: 4 },
      lcp: {
        outcome: 'opened',
        client: { mru: 1400, magicNumber: 0x11111111 },
        server: { authenticationProtocol: 'ms-chap-v2' },
      },
      authentication: [
        {
          protocol: 'ms-chap-v2',
          authenticator: 'server',
          user: 'alice',
          authenticatorName: 'srv',
          outcome: 'success',
          message: 'welcome',
          handshakeComplete: true,
          attempts: 1,
        },
      ],
      encryption: { ccp: 'not-seen', method: 'none', agreed: 'none', clearDataPackets: 6, encryptedPackets: 0 },
      network: { ipcp: 'opened', clientAddress: '10.0.0.50', serverAddress: '10.0.0.1' },
      anomalies: [],
    });
    const call = tunnel.calls[0];
    expect(call === undefined ? {} : statusOf(call)).toEqual({
      tcp: 'passed',
      control: 'passed',
      call: 'passed',
      gre: 'passed',
      lcp: 'passed',
      authentication: 'passed',
      encryption: 'skipped',
      network: 'passed',
      data: 'passed',
    });
    expect(call?.stages.every((stage) => stage.frame === null || stage.time !== null)).toBe(true);
  });
});

describe('TCP', () => {
  it('silent', () => {
    const writer = new SessionWriter();
    for (let attempt = 0; attempt < 4; attempt += 1)
      writer.segment('client', tcpFlags.syn, undefined, 1000).wait(2 ** attempt);
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.control?.tcp).toMatchObject({ outcome: 'no-answer', synSegments: 4, retransmissions: 3 });
    expect(tunnel.calls).toEqual([]);
    expect(tunnel.stages?.map(({ status }) => status)).toEqual([
      'failed',
      ...Array.from({ length: 8 }, () => 'not-seen'),
    ]);
  });

  it('refused', () => {
    const writer = new SessionWriter().segment('client', tcpFlags.syn).segment('server', tcpFlags.rst | tcpFlags.ack);
    expect(onlyTunnel(writer.frames).control?.tcp).toMatchObject({
      outcome: 'refused',
      closedBy: 'server',
      closedWith: 'rst',
    });
  });

  it('answered to who did not ask is not connected', () => {
    const session = new SessionWriter().segment('server', tcpFlags.syn | tcpFlags.ack).segment('client', tcpFlags.rst);
    const tunnel = onlyTunnel(session.frames);
    expect(tunnel.control?.tcp).toMatchObject({
      outcome: 'refused',
      closedBy: 'client',
      openedFrame: 1,
      closedFrame: 2,
    });
    expect(statusOf(tunnel)['tcp']).toBe('failed');
    // The SYN may lie before the capture.
    const going = new SessionWriter().segment('server', tcpFlags.syn | tcpFlags.ack).segment('client', tcpFlags.ack);
    expect(onlyTunnel(going.segment('client', tcpFlags.rst).frames).control?.tcp.outcome).toBe('connected');
  });

  it('of which the client does not take the answer is no connection; a scan that resets it had one', () => {
    const session = new SessionWriter().segment('client', tcpFlags.syn).segment('server', tcpFlags.syn | tcpFlags.ack);
    expect(statusOf(onlyTunnel(session.wait(9).segment('server', tcpFlags.syn | tcpFlags.ack).frames))['tcp']).toBe(
      'failed',
    );
    const scan = new SessionWriter().segment('client', tcpFlags.syn).segment('server', tcpFlags.syn | tcpFlags.ack);
    expect(statusOf(onlyTunnel(scan.segment('client', tcpFlags.rst).frames))['tcp']).toBe('passed');
  });

  it('of the same ports that the server still holds is reset, and the next SYN connects', () => {
    const session = new SessionWriter();
    session.segment('client', tcpFlags.syn, undefined, 1000);
    // RFC 9293 §3.5.1, figure 9.
    const before = { sourcePort: 1723, destinationPort: 50_000, sequence: 0x1234_5678, acknowledgment: 0x0abc_def0 };
    session.ip('server', 6, tcp({ ...before, flags: tcpFlags.ack }));
    session.segment('client', tcpFlags.rst, undefined, 0x0abc_def0).wait(1);
    const { control, calls } = onlyTunnel(session.handshake().control().call().lcp().frames);
    expect(control?.tcp).toMatchObject({ outcome: 'connected', closedBy: null, synSegments: 2 });
    expect(control?.start.outcome).toBe('accepted');
    expect(control?.anomalies).toMatchObject([{ frame: 2, code: 'half-open' }]);
    expect(calls).toHaveLength(1);
  });

  it('answered twice, with different numbers, is said', () => {
    const session = new SessionWriter()
      .handshake()
      .segment('server', tcpFlags.syn | tcpFlags.ack, undefined, 0x9999_0000);
    const { control } = onlyTunnel(session.control().call().frames);
    expect(control?.anomalies).toMatchObject([{ frame: 4, code: 'second-answer' }]);
  });

  it('unreachable, and who said so', () => {
    const writer = new SessionWriter().segment('client', tcpFlags.syn);
    const quoted = writer.frames[0]?.octets.slice(14) ?? octets();
    const answer = ipv4(
      { source: '203.0.113.99', destination: writer.client, protocol: 1 },
      icmpUnreachable(13, quoted),
    );
    const frames = [...writer.frames, { seconds: 1_700_000_000, fraction: 5000, octets: ethernet(answer) }];
    const tunnel = onlyTunnel(frames);
    expect(tunnel.control?.tcp.outcome).toBe('unreachable');
    expect(tunnel.icmpErrors).toMatchObject([
      { frame: 2, from: '203.0.113.99', type: 3, code: 13, quotes: 'tcp', aboutPacketFrom: 'client' },
    ]);
  });

  it('is not unreachable by a redirect, nor by what quotes a later fragment', () => {
    const outcomeAfter = (type: number, code: number, fragmentOffset: number): unknown => {
      const writer = new SessionWriter().segment('client', tcpFlags.syn);
      const quoted = writer.frames[0]?.octets.slice(14) ?? octets();
      quoted[7] = fragmentOffset;
      writer.ip('server', 1, icmpError(type, code, quoted));
      return onlyTunnel(writer.frames).control?.tcp.outcome;
    };
    expect([outcomeAfter(3, 13, 0), outcomeAfter(5, 1, 0), outcomeAfter(3, 13, 1)]).toEqual([
      'unreachable',
      'no-answer',
      'no-answer',
    ]);
  });

  it('has no time for a handshake in which the clock was put back', () => {
    const writer = new SessionWriter().segment('client', tcpFlags.syn).wait(-3600);
    writer.segment('server', tcpFlags.syn | tcpFlags.ack).segment('client', tcpFlags.ack);
    const { tcp: seen } = onlyTunnel(writer.control().frames).control ?? {};
    expect(seen).toMatchObject({ outcome: 'connected', handshakeMilliseconds: null });
  });

  it('counts what is sent again behind both FINs', () => {
    const writer = new SessionWriter().handshake().control();
    const [client, server] = [1000 + 1 + 156, 900_000 + 1 + 156];
    writer.segment('client', tcpFlags.fin | tcpFlags.ack).segment('server', tcpFlags.fin | tcpFlags.ack);
    expect(onlyTunnel(writer.frames).control?.tcp.retransmissions).toBe(0);
    writer.wait(1).segment('server', tcpFlags.fin | tcpFlags.ack, undefined, server);
    writer.segment('client', tcpFlags.fin | tcpFlags.ack, undefined, client);
    expect(onlyTunnel(writer.frames).control?.tcp.retransmissions).toBe(2);
  });

  it('refused first, and connected from the same port later: two tunnels', () => {
    const first = new SessionWriter().segment('client', tcpFlags.syn).segment('server', tcpFlags.rst | tcpFlags.ack);
    const second = wholeSession({ clientSequence: 70_000, start: 1_700_000_002 });
    const { tunnels } = analysed([...first.frames, ...second]);
    expect(tunnels.map((tunnel) => tunnel.control?.tcp.outcome)).toEqual(['refused', 'connected']);
    expect(tunnels[1]?.calls[0]?.outcome).toBe('established');
  });

  it('on another port is found by its first message, and said to be unusual', () => {
    const tunnel = onlyTunnel(wholeSession({ serverPort: 11_723 }));
    expect(tunnel.server.port).toBe(11_723);
    expect(tunnel.control?.tcp.outcome).toBe('connected');
    expect(tunnel.control?.anomalies.map(({ code }) => code)).toEqual(['unusual-port']);
    expect(tunnel).toMatchObject({ firstFrame: 1, firstTime: '2023-11-14T22:13:20.000000Z' });
    expect(tunnel.calls[0]?.stages[0]).toMatchObject({ stage: 'tcp', status: 'passed' });
    expect(tunnel.calls[0]?.stages[0]?.detail).toContain('on an unusual port');
    expect(tunnel.calls[0]?.outcome).toBe('established');
  });

  it('behind a proxy is found by its first message: what the proxy was told before is not missing', () => {
    const writer = new SessionWriter({ serverPort: 8080 }).handshake();
    const letters = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    // RFC 9110 §9.3.6
    writer.message('client', letters('CONNECT vpn.example:1723 HTTP/1.1\r\nHost: vpn.example:1723\r\n\r\n'));
    writer.message('server', letters('HTTP/1.1 200 OK\r\n\r\n'));
    const { control, calls } = onlyTunnel(writer.control().call().lcp().chap().ipcp().data(2).end().frames);
    expect(control?.tcp).toMatchObject({ outcome: 'connected', missingBytes: 0, missedByCapture: 0, outOfOrder: 0 });
    expect(control?.start.outcome).toBe('accepted');
    expect(calls[0]?.outcome).toBe('established');
  });

  it('of another protocol on another port is no tunnel', () => {
    const writer = new SessionWriter({ serverPort: 443 }).handshake();
    writer.message('client', octets([0x16, 3, 1, 0, 4, 1, 0, 0, 0]));
    expect(analysed(writer.frames).tunnels).toEqual([]);
  });

  describe('when a start request was seen on its port', () => {
    const hello = octets(
      [0x16, 3, 1, 0, 16],
      Array.from({ length: 16 }, () => 1),
    );
    const secureWeb = (server: string, clientPort = 51_000): SessionFrame[] => {
      const writer = new SessionWriter({ server, clientPort, serverPort: 443, start: 1_700_000_010 }).handshake();
      return writer.message('client', hello).message('server', hello).segment('client', tcpFlags.fin).frames;
    };
    const asked = new SessionWriter({ serverPort: 443 });
    asked.message('client', startControlConnection(1));
    const ports = (frames: readonly SessionFrame[]): unknown[] =>
      analysed(frames).tunnels.map(({ client, server }) => [client.port, server.address, server.port]);

    it('of another host: no tunnel', () => {
      const others = Array.from({ length: 30 }, (_, host) => secureWeb(`198.51.100.${100 + host}`));
      expect(ports([...asked.frames, ...others.flat()])).toEqual([[50_000, '198.51.100.1', 443]]);
    });

    it('of the same host, which did not answer it: no tunnel', () => {
      expect(ports([...asked.frames, ...secureWeb('198.51.100.1')])).toEqual([[50_000, '198.51.100.1', 443]]);
    });

    it('of the same host, for the connection that asked: all of it is seen', () => {
      const refused = new SessionWriter({ serverPort: 443 }).handshake();
      refused.message('client', startControlConnection(1)).message('server', hello);
      const tunnel = onlyTunnel(refused.segment('server', tcpFlags.rst).frames);
      expect(tunnel.control?.tcp).toMatchObject({ outcome: 'connected', closedBy: 'server', closedWith: 'rst' });
      expect(tunnel.control?.anomalies.map(({ code }) => code)).toContain('not-pptp');
    });

    it('of the same host, which answered it: its other connections are control connections', () => {
      const again = { serverPort: 443, clientPort: 50_001, start: 1_700_000_010 };
      const refused = new SessionWriter(again)
        .segment('client', tcpFlags.syn)
        .segment('server', tcpFlags.rst | tcpFlags.ack);
      const running = new SessionWriter({ serverPort: 443, clientPort: 50_002, start: 1_700_000_020 });
      running.message('client', echoRequest(1));
      const frames = [...wholeSession({ serverPort: 443 }), ...refused.frames, ...running.frames];
      const { tunnels } = analysed([...frames, ...secureWeb('198.51.100.2')]);
      expect(tunnels.map(({ client, control }) => [client.port, control?.tcp.outcome])).toEqual([
        [50_000, 'connected'],
        [50_001, 'refused'],
        [50_002, 'mid-stream'],
      ]);
    });
  });

  it('with something else on 1723 is listed, and named', () => {
    const writer = new SessionWriter().handshake();
    writer.message(
      'client',
      octets(Array.from('GET / HTTP/1.1\r\nHost: vpn\r\n\r\n', (letter) => letter.charCodeAt(0))),
    );
    const tunnel = onlyTunnel(writer.segment('client', tcpFlags.fin | tcpFlags.ack).frames);
    expect(tunnel.control?.start.outcome).toBe('not-seen');
    expect(tunnel.control?.anomalies.find(({ code }) => code === 'not-pptp')?.message).toContain('HTTP');
  });

  it('reset in the middle of a call', () => {
    const writer = new SessionWriter().handshake().control().call().lcp().chap().ipcp().data(2);
    writer.segment('server', tcpFlags.rst);
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.control?.tcp).toMatchObject({ closedBy: 'server', closedWith: 'rst' });
    expect(tunnel.calls[0]?.outcome).toBe('established');
  });
});

describe('control connection', () => {
  it('refused', () => {
    const writer = new SessionWriter().handshake();
    writer.message('client', startControlConnection(1));
    writer.message('server', startControlConnection(2, 'h', 'v', 4));
    expect(onlyTunnel(writer.frames).control?.start).toMatchObject({ outcome: 'refused', resultCode: 4 });
  });

  it('without a reply', () => {
    const writer = new SessionWriter().handshake().message('client', startControlConnection(1));
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.control?.start).toMatchObject({ outcome: 'no-reply', resultCode: null, server: null });
  });

  it('stopped by the server ends the calls', () => {
    const writer = new SessionWriter().handshake().control().call();
    writer.message('server', stopControlConnectionRequest(3));
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.control?.stop).toEqual({ by: 'server', reasonCode: 3, resultCode: null });
    expect(tunnel.calls[0]?.outcome).toBe('failed');
  });
});

it('lists control messages in the order of their frames, also where one side waited for a hole', () => {
  const writer = new SessionWriter().handshake().control().message('client', echoRequest(1));
  writer.message('client', outgoingCallRequest(5)).message('server', outgoingCallReply(77, 5));
  // The Echo-Request is lost to the capture, and that it had arrived is shown by the reply to what waits behind it.
  const frames = writer.frames.filter((_frame, index) => index !== 5);
  const { messages = [] } = onlyTunnel(frames).control ?? {};
  expect(messages.map(({ frame, type }) => [frame, type])).toEqual([
    [4, 1],
    [5, 2],
    [6, 7],
    [7, 8],
  ]);
});

describe('the end of a control connection', () => {
  const stopOf = (writer: SessionWriter): unknown => onlyTunnel(writer.frames).control?.stop;

  it('is the request, whatever reply came unasked before it', () => {
    const writer = new SessionWriter().handshake().control().message('server', stopControlConnectionReply(2));
    expect(stopOf(writer)).toMatchObject({ by: 'client', reasonCode: null, resultCode: 2 });
    writer.message('client', stopControlConnectionRequest(3)).message('server', stopControlConnectionReply(1));
    expect(stopOf(writer)).toMatchObject({ by: 'client', reasonCode: 3, resultCode: 1 });
    writer.message('server', stopControlConnectionRequest(1));
    expect(stopOf(writer)).toMatchObject({ by: 'client', reasonCode: 3, resultCode: 1 });
  });

  it('of the side that replied unasked has no result', () => {
    const writer = new SessionWriter().handshake().control().message('server', stopControlConnectionReply(1));
    writer.message('server', stopControlConnectionRequest(2));
    expect(stopOf(writer)).toMatchObject({ by: 'server', reasonCode: 2, resultCode: null });
  });
});

describe('messages in a state that does not allow them', () => {
  const codesOf = (writer: SessionWriter): string[] =>
    onlyTunnel(writer.frames).control?.anomalies.map(({ code }) => code) ?? [];

  it('a call before the start', () => {
    const writer = new SessionWriter().handshake().message('client', outgoingCallRequest(1));
    expect(codesOf(writer)).toEqual(['before-start']);
  });

  it('a second start', () => {
    const writer = new SessionWriter().handshake().control().message('client', startControlConnection(1));
    expect(codesOf(writer)).toEqual(['start-repeated']);
  });

  it('an echo after the stop', () => {
    const writer = new SessionWriter().handshake().control();
    writer.message('client', stopControlConnectionRequest(1)).message('client', echoRequest(7));
    expect(codesOf(writer)).toEqual(['after-stop']);
  });

  it('a Set-Link-Info of the PAC', () => {
    const writer = new SessionWriter().handshake().control().call().message('server', setLinkInfo(0));
    expect(codesOf(writer)).toEqual(['unexpected-sender']);
  });

  it('a whole session has none', () => {
    expect(onlyTunnel(wholeSession()).control?.anomalies).toEqual([]);
  });
});

describe('calls', () => {
  it('refused', () => {
    const writer = new SessionWriter().handshake().control();
    writer.message('client', outgoingCallRequest(9));
    writer.message('server', outgoingCallReply(0, 9, 7));
    const call = onlyCall(writer.frames);
    expect(call).toMatchObject({ outcome: 'refused', resultCode: 7, clientCallId: 9, serverCallId: null });
    expect(statusOf(call)['call']).toBe('failed');
  });

  it('accepted with result 0, as some ADSL modems say success: the Call ID counts', () => {
    const writer = new SessionWriter({ clientCallId: 5, serverCallId: 900 }).handshake().control();
    writer.message('client', outgoingCallRequest(5));
    writer.message('server', outgoingCallReply(900, 5, 0));
    const call = onlyCall(writer.lcp().chap().ipcp().data(1).frames);
    expect(call).toMatchObject({ outcome: 'established', resultCode: 0, clientCallId: 5, serverCallId: 900 });
    expect(statusOf(call)['call']).toBe('passed');
  });

  it('incoming: the side that is offered the call is the client', () => {
    const writer = new SessionWriter({ clientCallId: 21, serverCallId: 22 }).handshake().control();
    writer.message('server', incomingCallRequest(22));
    writer.message('client', incomingCallReply(21, 22));
    writer.message('server', incomingCallConnected(21));
    const call = onlyCall(writer.lcp().chap().ipcp().data(1).frames);
    expect(call).toMatchObject({
      kind: 'incoming',
      outcome: 'established',
      clientCallId: 21,
      serverCallId: 22,
      connectSpeed: 64_000,
      receiveWindow: { client: 32, server: 16 },
    });
    expect(call.gre.clientToServer.packets).toBe(7);
  });

  it('dialled by the side that TCP was opened to: that side is the client', () => {
    const writer = new SessionWriter().handshake();
    writer.message('server', startControlConnection(1, 'caller', 'v'));
    writer.message('client', startControlConnection(2, 'called', 'v'));
    writer.message('server', outgoingCallRequest(4));
    writer.message('client', outgoingCallReply(5, 4));
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.client.address).toBe('198.51.100.1');
    expect(tunnel.control?.start.client?.hostName).toBe('caller');
    expect(tunnel.calls[0]).toMatchObject({ clientCallId: 4, serverCallId: 5 });
  });

  it('several on one control connection keep their packets apart', () => {
    const writer = new SessionWriter().handshake().control();
    for (const number of [1, 2, 3]) {
      writer.message('client', outgoingCallRequest(number));
      writer.message('server', outgoingCallReply(100 + number, number));
    }
    for (const number of [1, 2, 3]) {
      for (let sequence = 0; sequence < number; sequence += 1) {
        writer.ip('client', 47, enhancedGre({ callId: 100 + number, sequence }, octets([0xff, 3], u16(0x21), [0x45])));
      }
    }
    writer.message('server', callDisconnectNotify(102, 3));
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.calls.map((call) => call.gre.clientToServer.packets)).toEqual([1, 2, 3]);
    expect(tunnel.calls.map((call) => call.disconnect?.resultCode ?? null)).toEqual([null, 3, null]);
  });

  it('found by a Call-Disconnect-Notify with swapped octets', () => {
    const writer = new SessionWriter().handshake().control();
    for (const number of [0x0102, 0x0304]) {
      writer.message('client', outgoingCallRequest(number));
      writer.message('server', outgoingCallReply(number + 7, number));
    }
    const tunnel = onlyTunnel(writer.message('server', callDisconnectNotify(0x0403)).frames);
    expect(tunnel.calls.map((call) => call.disconnect !== null)).toEqual([false, true]);
    // Again, it is about the same call.
    const again = onlyTunnel(writer.message('server', callDisconnectNotify(0x0403)).frames);
    expect(again.calls.map((call) => call.disconnect !== null)).toEqual([false, true]);
    expect(again.control?.anomalies).toEqual([]);
  });
});

describe('GRE', () => {
  const lcpRequest = pppControl(0xc021, 1, 1, octets([1, 4], u16(1400)));

  it('without a control connection is a tunnel of its own, both directions one call', () => {
    const frames = wholeSession({ clientCallId: 5, serverCallId: 6 }).filter((frame) => frame.octets[23] === 47);
    const tunnel = onlyTunnel(frames);
    expect(tunnel.control).toBeNull();
    expect(tunnel.client.port).toBeNull();
    expect(tunnel.calls).toHaveLength(1);
    expect(tunnel.calls[0]).toMatchObject({ kind: 'unsignalled', outcome: 'established', lcp: { outcome: 'opened' } });
    expect(tunnel.calls[0]?.authentication[0]?.outcome).toBe('success');
  });

  it('of a tunnel whose setup lies before the capture belongs to its control connection', () => {
    const frames = wholeSession({ clientCallId: 5, serverCallId: 6 });
    const first = frames.findIndex((frame) => frame.octets[23] === 47);
    const tunnel = onlyTunnel(frames.slice(first + 4));
    expect(tunnel.control?.tcp.outcome).toBe('mid-stream');
    expect(tunnel.calls).toHaveLength(1);
    expect(tunnel.calls[0]).toMatchObject({ kind: 'unsignalled', clientCallId: 5 });
    expect(tunnel.calls[0]?.gre.clientToServer.packets).toBeGreaterThan(0);
    expect(tunnel.calls[0]?.gre.serverToClient.packets).toBeGreaterThan(0);
  });

  it('that was acknowledged and is in no frame the capture lost; what is lost on the way nobody acknowledges', () => {
    const sent = (numbers: readonly number[], acknowledged: readonly number[]) => {
      const writer = new SessionWriter({ clientCallId: 5, serverCallId: 6 }).handshake().control().call();
      for (const number of new Set([...numbers, ...acknowledged])) {
        if (numbers.includes(number)) writer.ip('server', 47, enhancedGre({ callId: 5, sequence: number }, lcpRequest));
        if (acknowledged.includes(number)) writer.ip('client', 47, enhancedGre({ callId: 6, acknowledgment: number }));
      }
      return onlyCall(writer.frames).gre.serverToClient;
    };
    expect(sent([0, 1, 4], [0, 1, 4])).toMatchObject({ lost: 2, missedByCapture: 0 });
    expect(sent([0, 1, 4], [0, 1, 3, 4])).toMatchObject({ lost: 2, missedByCapture: 1 });
    expect(sent([0, 40, 80], [0, 40, 41, 42, 80])).toMatchObject({ missedByCapture: 2 });
    expect(sent([0, 1], [0, 1, 5])).toMatchObject({ lost: 0, missedByCapture: 1 });
    // From before the capture.
    expect(sent([7, 8], [6, 7, 8])).toMatchObject({ lost: 0, missedByCapture: 0 });
  });

  // RFC 1661 §3.5: what is not agreed on in LCP is not asked for.
  it('with authentication that LCP did not agree on is told, where the capture holds LCP', () => {
    const { writer } = new Scene({ vantage: 'server' }).dial().lcp(null).authenticate().ipcp().talk(2);
    const notAgreed = (frames: readonly SessionFrame[]): unknown[] =>
      onlyCall(frames).anomalies.filter(({ code }) => code === 'authentication-not-agreed');
    const { frames } = writer;
    // Handshake, control connection and call are 7 frames, LCP is 4.
    expect(notAgreed(frames)).toMatchObject([{ frame: 12 }]);
    expect(notAgreed(frames.filter((_, index) => index < 7 || index >= 11))).toEqual([]);
    expect(notAgreed(frames.slice(11))).toEqual([]);
    // Its last acknowledgment is missing: it may have agreed on something else after that.
    expect(notAgreed(frames.filter((_, index) => index !== 10))).toEqual([]);
    expect(notAgreed(new Scene({ vantage: 'server' }).dial().lcp().authenticate().frames)).toEqual([]);
  });

  it('whose acknowledgments stand before it in the capture is not lost', () => {
    const writer = new SessionWriter({ clientCallId: 5, serverCallId: 6 }).handshake().control().call();
    for (const number of [0, 1, 2, 3]) {
      writer.ip('server', 47, enhancedGre({ callId: 5, sequence: number }, lcpRequest));
      writer.ip('client', 47, enhancedGre({ callId: 6, acknowledgment: number }));
    }
    const { frames } = writer;
    const gre = frames.splice(-8);
    const swapped = gre.map((_, index) => gre[index % 2 === 0 ? index + 1 : index - 1] ?? gre[0]);
    expect(onlyCall([...frames, ...swapped.flatMap((frame) => frame ?? [])]).gre.serverToClient).toMatchObject({
      lost: 0,
      missedByCapture: 0,
    });
  });

  it('with Set-Link-Info alone is known by its Call ID', () => {
    const writer = new SessionWriter({ serverCallId: 900 }).segment('client', tcpFlags.ack);
    writer.message('client', setLinkInfo(900)).gre('client', lcpRequest);
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.calls[0]).toMatchObject({ kind: 'unsignalled', serverCallId: 900 });
    expect(tunnel.calls[0]?.gre.clientToServer.packets).toBe(1);
  });

  it('with a Call ID that a NAT rewrote belongs to the call, and the change is said', () => {
    const writer = new SessionWriter({ clientCallId: 5, serverCallId: 6 }).handshake().control().call();
    writer.gre('client', lcpRequest);
    writer.ip('server', 47, enhancedGre({ callId: 4444, sequence: 0 }, lcpRequest));
    const call = onlyCall(writer.frames);
    expect(call.callIdInGre).toEqual({ clientToServer: 6, serverToClient: 4444 });
    expect(call.anomalies.map(({ code }) => code)).toEqual(['call-id-rewritten']);
    expect(call.gre.serverToClient.packets).toBe(1);
  });

  it('from another address than the control connection belongs to the call', () => {
    const writer = new SessionWriter({ clientCallId: 5, serverCallId: 6 }).handshake().control().call();
    writer.gre('client', lcpRequest);
    const stranger = ipv4(
      { source: '198.51.100.77', destination: writer.client, protocol: 47 },
      enhancedGre({ callId: 5, sequence: 0 }, lcpRequest),
    );
    const frames = [...writer.frames, { seconds: 1_700_000_001, fraction: 0, octets: ethernet(stranger) }];
    const call = onlyCall(frames);
    expect(call.greFromOtherAddress).toEqual({ client: null, server: '198.51.100.77' });
    expect(call.gre.serverToClient.packets).toBe(1);
    expect(call.lcp.configureRequests).toEqual({ client: 1, server: 1 });
  });

  it('of a stranger with an unknown Call ID does not disturb the call', () => {
    const frames = wholeSession({ clientCallId: 5, serverCallId: 6 });
    const stray = ipv4(
      { source: '198.51.100.1', destination: '192.0.2.10', protocol: 47 },
      enhancedGre({ callId: 999, sequence: 5 }, lcpRequest),
    );
    frames.splice(20, 0, { seconds: 1_700_000_000, fraction: 25_000, octets: ethernet(stray) });
    const { tunnels } = analysed(frames);
    const call = tunnels.flatMap((tunnel) => tunnel.calls).find((one) => one.kind === 'outgoing');
    expect(call?.gre.serverToClient.packets).toBe(10);
    expect(call?.anomalies).toEqual([]);
  });

  it('counts data, acknowledgments, loss, repetition and order for each direction', () => {
    const writer = new SessionWriter({ serverCallId: 6 }).handshake().control().call();
    const payload = octets([0xff, 3], u16(0x21), [0x45]);
    for (const sequence of [0, 1, 3, 2, 2, 6]) writer.ip('client', 47, enhancedGre({ callId: 6, sequence }, payload));
    writer.ip('client', 47, enhancedGre({ callId: 6, acknowledgment: 9 }));
    writer.ip('client', 47, enhancedGre({ callId: 6, sequence: 7 }));
    const { gre } = onlyCall(writer.frames);
    expect(gre.clientToServer).toMatchObject({
      packets: 8,
      dataPackets: 6,
      ackOnly: 1,
      firstSequence: 0,
      lastSequence: 7,
      lost: 2,
      duplicates: 1,
      reordered: 1,
      lastAcknowledgment: 9,
    });
  });

  it('on both sides of a router is known by its time to live, and repetition by the network is not that', () => {
    const frames = wholeSession();
    const copies = (routers: number): SessionFrame[] =>
      frames.flatMap((frame) => {
        const copy = frame.octets.slice();
        copy[22] = (copy[22] ?? 0) - routers;
        return [frame, { ...frame, octets: copy }];
      });
    const once = onlyCall(frames);
    const both = onlyCall(copies(1));
    const { clientToServer, serverToClient } = both.gre;
    expect(clientToServer.routedDuplicates).toBe(once.gre.clientToServer.dataPackets);
    expect(clientToServer.duplicates).toBe(clientToServer.routedDuplicates);
    expect(serverToClient.duplicates).toBe(serverToClient.routedDuplicates);
    expect(onlyCall(copies(0)).gre.clientToServer.routedAcknowledgments).toBe(0);
    expect(clientToServer.routedAcknowledgments).toBe(once.gre.clientToServer.ackOnly);
    expect(serverToClient.routedAcknowledgments).toBe(once.gre.serverToClient.ackOnly);
    // What a packet carries is carried once.
    expect(clientToServer.userBytes).toBe(once.gre.clientToServer.userBytes);
    expect(both.encryption).toMatchObject({ clearDataPackets: once.encryption.clearDataPackets });
    expect(both.stages.find(({ stage }) => stage === 'gre')?.detail).toMatch(/, captured on both sides of a router$/);
    const { tcp } = onlyTunnel(copies(1)).control ?? {};
    const segments = frames.filter(({ octets: frame }) => frame[23] === 6).length;
    expect(tcp).toMatchObject({
      retransmissions: 0,
      outOfOrder: 0,
      strangeTimesToLive: [],
      routedDuplicates: segments,
    });
    expect(onlyTunnel(copies(1)).lostBeside).toEqual({ client: null, server: null });
    // Later than a capture doubles packets.
    const again = frames.flatMap((frame) => [frame, { ...frame, seconds: frame.seconds + 1 }]);
    const { duplicates, routedDuplicates } = onlyCall(again).gre.clientToServer;
    expect([duplicates > 0, routedDuplicates]).toEqual([true, 0]);
    // Sent again by TCP, by another way: RFC 6298 §2.4 has it wait a second.
    const request = frames.findIndex(({ octets: { length } }) => length === 14 + 20 + 20 + 156);
    const sent = frames[request];
    if (sent === undefined) throw new Error('no Start-Control-Connection-Request');
    const other = sent.octets.slice();
    other[22] = (other[22] ?? 0) - 1;
    const repeated = frames.toSpliced(request + 1, 0, { ...sent, seconds: sent.seconds + 1, octets: other });
    expect(onlyTunnel(repeated).control?.tcp).toMatchObject({ retransmissions: 1, routedDuplicates: 0 });
  });

  it('of version 0 and EoIP is named and counted aside', () => {
    const writer = new SessionWriter().ip('client', 47, octets(u16(0), u16(0x0800), [0x45]));
    writer.ip('client', 47, octets(u16(0x2001), u16(0x6400), u16(4), u16(1), [1, 2, 3, 4]));
    const report = analysed(writer.frames);
    expect(report.tunnels).toEqual([]);
    expect(report.otherVpn).toMatchObject([{ protocol: 'gre', frames: 2, firstFrame: 1 }]);
  });

  it('quoted in an ICMP error is no GRE traffic, but told with its call', () => {
    const writer = new SessionWriter({ serverCallId: 6 }).handshake().control().call().gre('client', lcpRequest);
    const quoted = writer.frames.at(-1)?.octets.slice(14) ?? octets();
    writer.ip('server', 1, icmpUnreachable(2, quoted));
    const tunnel = onlyTunnel(writer.frames);
    expect(tunnel.calls[0]?.gre.clientToServer.packets).toBe(1);
    expect(tunnel.icmpErrors).toMatchObject([
      { quotes: 'gre', type: 3, code: 2, call: 'T1.1', aboutPacketFrom: 'client' },
    ]);
  });

  it("quoted in an ICMP error is that of the call only where it is PPTP's", () => {
    const quotes = (header: Uint8Array, fragmentOffset = 0): string[] => {
      const writer = new SessionWriter({ serverCallId: 6 }).handshake().control().call().gre('client', lcpRequest);
      const fields = { source: writer.client, destination: writer.server, protocol: 47, fragmentOffset };
      writer.ip('server', 1, icmpUnreachable(2, ipv4(fields, header)));
      return onlyTunnel(writer.frames).icmpErrors.map(({ quotes: what }) => what);
    };
    const enhanced = octets(u16(0x3001), u16(0x880b), u16(20), u16(6));
    expect(quotes(enhanced)).toEqual(['gre']);
    expect(quotes(octets(u16(0), u16(0x0800), u16(0x4500), u16(6)))).toEqual([]);
    expect(quotes(octets(u16(0x2001), u16(0x6400), u16(20), u16(6)))).toEqual([]);
    expect(quotes(enhanced, 8)).toEqual([]);
  });

  it('between the ends of a tunnel, with a Call ID that nobody announced, has the same client', () => {
    const writer = new SessionWriter({ serverCallId: 6 }).handshake().control().call().lcp();
    for (let sequence = 0; sequence < 3; sequence += 1) {
      writer.ip('server', 47, enhancedGre({ callId: 0x7777, sequence }, octets([0xff, 3], u16(0x21), [0x45])));
    }
    const { tunnels } = analysed(writer.frames);
    expect(tunnels.map(({ client, roles }) => [client.address, roles])).toEqual([
      [writer.client, 'certain'],
      [writer.client, 'likely'],
    ]);
  });

  it('in IP fragments is put together, and dated by its first fragment', () => {
    const writer = new SessionWriter({ serverCallId: 6 }).handshake().control().call();
    const gre = enhancedGre(
      { callId: 6, sequence: 0 },
      octets(
        [0xff, 3],
        u16(0x21),
        Array.from({ length: 100 }, () => 0x45),
      ),
    );
    const fields = { source: writer.client, destination: writer.server, protocol: 47, identification: 99 };
    const parts = [
      ipv4({ ...fields, moreFragments: true }, gre.slice(0, 64)),
      ipv4({ ...fields, fragmentOffset: 64 }, gre.slice(64)),
    ];
    const frames = [
      ...writer.frames,
      ...parts.map((part, index) => ({ seconds: 1_700_000_003, fraction: index * 1000, octets: ethernet(part) })),
    ];
    const { gre: counted } = onlyCall(frames);
    expect(counted.clientToServer).toMatchObject({ packets: 1, dataPackets: 1, firstFrame: 8, lastFrame: 8 });
    expect(counted.clientToServer.firstTime).toBe('2023-11-14T22:13:23.000000Z');
  });
});

it('a call came up whose LCP lacks all acknowledgments in the capture, but whose data is there', () => {
  // Behind both Configure-Requests all is lost up to the data.
  const { outcome, lcp } = onlyCall(wholeSession().filter((_frame, index) => index < 9 || index >= 20));
  expect([outcome, lcp.outcome, lcp.openedFrame, lcp.configureRequests]).toEqual([
    'established',
    'opened',
    null,
    { client: 1, server: 1 },
  ]);
});

it('user data of another client behind the NAT that has the Call ID is told, and counts nowhere', () => {
  const one = new Scene({ clientCallId: 7, serverCallId: 9 }).dial();
  for (let count = 0; count < 5; count += 1) one.encrypted('server', count, 60);
  one.arrives.server = false;
  const call = onlyCall(one.lcpInVain(4, 3).hangUp().frames);
  expect(call.outcome).toBe('failed');
  // Coherency count and 60 octets.
  expect(call.anomalies).toMatchObject([
    { frame: 8, code: 'data-of-another-link', message: expect.stringMatching(/^310 octets of user data /) },
  ]);
  expect(call.gre.serverToClient).toMatchObject({ userBytes: 0, firstDataFrame: null, firstDataTime: null });
  expect(call.encryption).toMatchObject({ method: 'none', encryptedPackets: 0, clearDataPackets: 0 });
});

it('what the capture cut off CCP is not said to be no encryption', () => {
  const writer = new SessionWriter().handshake().control().call().lcp();
  const from = writer.frames.length;
  for (const code of [1, 2]) {
    for (const side of ['client', 'server'] as const) {
      writer.gre(side, pppControl(0x80fd, code, 1, octets([18, 6], u32(0x0100_0040))));
    }
  }
  const to = writer.frames.length;
  const frames = writer.ipcp().frames.map((frame, place) => {
    const cut = place >= from && place < to;
    return cut ? { ...frame, wireLength: frame.octets.length, octets: frame.octets.slice(0, -5) } : frame;
  });
  const { tunnels, findings } = analysed(frames);
  const call = tunnels[0]?.calls[0];
  expect(call?.encryption).toMatchObject({ ccp: 'opened', method: 'none', agreed: 'none', bits: null, cut: true });
  expect(call?.network.ipcp).toBe('opened');
  expect(call?.stages[6]).toMatchObject({ stage: 'encryption', status: 'partial' });
  expect(findings.map(({ rule }) => rule)).not.toContain('no-encryption');
});

describe('encryption without CCP in the capture', () => {
  /** RFC 3078 §3.1: bits A (0x8000), B (0x4000), C (0x2000), D (0x1000: encrypted), and 12 bits that count. */
  const words = (all: readonly number[], side: 'client' | 'server' = 'client', writer = new SessionWriter()) => {
    for (const word of all) writer.gre(side, octets([0xfd], u16(word), [block, 2, 3, 4]));
    return writer;
  };
  /** RFC 1951 §3.2.3: the lowest bit is 0, for it is not the last one, and the next two are 1, for fixed codes. */
  const block = 0xca;
  const counting = (counts: readonly number[]): SessionWriter => words(counts.map((count) => 0x9000 | count));
  const inOrder = Array.from({ length: 12 }, (_, count) => count);

  it('is MPPE where the packets count up, be two of each three in the wrong order', () => {
    const swapped = inOrder.map((place) => place - (place % 3 === 0 ? 0 : place % 3 === 1 ? -1 : 1));
    for (const order of [inOrder, swapped]) {
      const { frames } = counting(inOrder);
      const { encryption } = onlyCall(order.flatMap((place) => frames[place] ?? []));
      expect(encryption).toMatchObject({ method: 'mppe', agreed: 'inferred', stateless: true, encryptedPackets: 12 });
    }
  });

  it('is unknown where they do not', () => {
    const { encryption } = onlyCall(counting([7, 3, 9, 1, 8, 2]).frames);
    expect(encryption).toMatchObject({ method: 'none', agreed: 'none', encryptedPackets: 0 });
  });

  it('is stateless where all have bit A, and stateful where some have (RFC 3078 §8.1, §8.2)', () => {
    const stateful = inOrder.map((count) => 0x10f8 + count + (count === 7 ? 0x8000 : 0));
    const { encryption, stages } = onlyCall(words(stateful).frames);
    expect(encryption).toMatchObject({ method: 'mppe', agreed: 'inferred', bits: null, stateless: false, mppc: false });
    expect(stages[6]?.detail).toBe('MPPE, strength not seen, stateful, seen in the traffic alone; 12 packets');
  });

  it('goes on where the count does: from 4,095 to 0, and over what the path lost', () => {
    expect(onlyCall(counting([0xffd, 0xffe, 0xfff, 0, 1]).frames).encryption).toMatchObject({
      agreed: 'inferred',
      encryptedPackets: 5,
      coherencyGaps: 0,
    });
    const { frames } = counting(inOrder);
    const { encryption, gre } = onlyCall(frames.filter((_, index) => index !== 4 && index !== 5 && index !== 8));
    expect(gre.clientToServer.lost).toBe(3);
    expect(encryption).toMatchObject({ agreed: 'inferred', encryptedPackets: 9, coherencyGaps: 2 });
  });

  it('has compression in it where bit B or C is set (RFC 2118 §3.1)', () => {
    expect(onlyCall(words([0x9000, 0xb001, 0x9002]).frames).encryption).toMatchObject({
      agreed: 'inferred',
      mppc: true,
    });
  });

  it('is counted in both directions, and beside user data in clear is partial', () => {
    const both = words([0x9100, 0x9101], 'server', counting([5, 6, 7]));
    expect(onlyCall(both.frames).encryption).toMatchObject({ agreed: 'inferred', encryptedPackets: 5 });
    const { encryption, stages } = onlyCall(both.gre('client', octets([0x21], new Uint8Array(20).fill(0x45))).frames);
    expect(encryption).toMatchObject({ agreed: 'inferred', encryptedPackets: 5, clearDataPackets: 1 });
    expect(stages[6]).toMatchObject({ status: 'partial' });
  });

  it('is none of MPPE where a direction lacks the encrypted bit', () => {
    const one = words([0x0003, 0x0004, 0x0005], 'server', counting(inOrder));
    const { encryption, stages } = onlyCall(one.frames);
    expect(encryption).toMatchObject({ method: 'none', agreed: 'none', evidence: { compressedPackets: 15 } });
    expect(stages[6]).toMatchObject({
      status: 'skipped',
      detail: 'negotiation not in the capture; 15 compressed packets that show no MPPE',
    });
  });

  it('is not seen in sequence numbers of Deflate, whatever their bits (RFC 1979 §2.2)', () => {
    // 16 bits that count up by one.
    for (const first of [0x0000, 0x1000, 0x1ff8, 0x2ffe]) {
      const { encryption } = onlyCall(words(inOrder.map((count) => first + count)).frames);
      expect(encryption).toMatchObject({ method: 'none', agreed: 'none', encryptedPackets: 0, stateless: null });
    }
  });

  it.each([0x01, 0x03, 0x06])(
    'is seen in them without bit A where octet %d begins no block (RFC 1951 §3.2.3)',
    (octet) => {
      const writer = words(inOrder.map((count) => 0x1000 + count));
      const { encryption } = onlyCall(writer.gre('client', octets([0xfd], u16(0x100c), [octet, 2, 3, 4])).frames);
      expect(encryption).toMatchObject({ agreed: 'inferred', stateless: false, encryptedPackets: 13 });
    },
  );
});

describe('user data', () => {
  const mppe = octets([0xff, 3], u16(0x00fd), u16(0x9000), [1, 2, 3, 4]);
  const packetOf = (protocol: number): Uint8Array => octets([0xff, 3], u16(protocol), [0x45, 0, 0, 8, 1, 2, 3, 4]);
  const counted = (ppp: Uint8Array) => {
    const writer = new SessionWriter({ serverCallId: 6 }).handshake().control().call().lcp();
    const { encryption, gre, anomalies, otherProtocols } = onlyCall(
      writer.gre('client', mppe).gre('client', ppp).frames,
    );
    const { clearDataPackets, evidence } = encryption;
    const clearAfterEncrypted = evidence.clearAfterEncrypted;
    return {
      clearDataPackets,
      clearAfterEncrypted,
      userBytes: gre.clientToServer.userBytes - 6,
      anomalies,
      otherProtocols,
    };
  };
  const nothing = { anomalies: [], otherProtocols: [] };

  it('in clear between encrypted packets is said to be where MPPE would have encrypted it (RFC 3078 §3)', () => {
    expect(counted(packetOf(0x0021))).toEqual({
      clearDataPackets: 1,
      clearAfterEncrypted: 1,
      userBytes: 8,
      ...nothing,
    });
    expect(counted(packetOf(0x0201))).toEqual({
      clearDataPackets: 1,
      clearAfterEncrypted: 0,
      userBytes: 8,
      ...nothing,
    });
  });

  it.each([0x0000, 0x0202, 0x4002])(
    'is not what bears a number that no protocol can have (RFC 1661 §2): 0x%s',
    (protocol) => {
      expect(counted(packetOf(protocol))).toEqual({
        clearDataPackets: 0,
        clearAfterEncrypted: 0,
        userBytes: 0,
        anomalies: [],
        otherProtocols: [{ protocol, name: null, packets: 1 }],
      });
    },
  );

  it('is neither padding (RFC 1570 §2.4) nor clear where ECP encrypts it (RFC 1968 §2.1)', () => {
    expect(counted(packetOf(0x0001))).toEqual({
      clearDataPackets: 0,
      clearAfterEncrypted: 0,
      userBytes: 0,
      ...nothing,
    });
    expect(counted(packetOf(0x0053))).toEqual({
      clearDataPackets: 0,
      clearAfterEncrypted: 0,
      userBytes: 8,
      ...nothing,
    });
    expect(counted(packetOf(0x0055))).toEqual({
      clearDataPackets: 0,
      clearAfterEncrypted: 0,
      userBytes: 8,
      ...nothing,
    });
  });

  it('of a protocol without a control protocol is no control packet (RFC 1661 §2)', () => {
    expect(counted(packetOf(0x4021))).toEqual({
      clearDataPackets: 0,
      clearAfterEncrypted: 0,
      userBytes: 8,
      ...nothing,
    });
  });

  it('in multilink fragments is known by the one that begins a packet (RFC 1990 §3)', () => {
    const fragment = (bits: number, inner: Uint8Array): Uint8Array =>
      octets([0xff, 3], u16(0x003d), bits, [0, 0, 1], inner);
    const begins = octets(u16(0x0021), [0x45, 0, 0, 8]);
    expect(counted(fragment(0x80, begins)).clearDataPackets).toBe(1);
    expect(counted(fragment(0xc0, begins)).clearDataPackets).toBe(1);
    expect(counted(fragment(0x40, begins))).toMatchObject({ clearDataPackets: 0, userBytes: 10 });
    expect(counted(fragment(0x80, octets(u16(0x00fd), u16(0x9001), [1]))).clearDataPackets).toBe(0);
    expect(counted(fragment(0x80, octets(u16(0xc021), [1, 1, 0, 4])))).toMatchObject({
      clearDataPackets: 0,
      ...nothing,
    });
  });

  it('is counted as it was sent where the capture cut it', () => {
    const frames = wholeSession();
    const sent = onlyCall(frames).gre;
    const cut = reportOf(
      pcapFile(
        frames.map((frame) => ({ ...frame, octets: frame.octets.slice(0, 60), wireLength: frame.octets.length })),
      ),
    ).tunnels[0]?.calls[0]?.gre;
    expect(sent.clientToServer.userBytes).toBeGreaterThan(0);
    expect([cut?.clientToServer.userBytes, cut?.serverToClient.userBytes]).toEqual([
      sent.clientToServer.userBytes,
      sent.serverToClient.userBytes,
    ]);
  });
});

describe('a flood', () => {
  it('of SYNs costs no more than a tunnel each, and finished tunnels are let go', () => {
    const frames: SessionFrame[] = [];
    for (let number = 0; number < 3000; number += 1) {
      const segment = tcp({ sourcePort: 1024 + number, destinationPort: 1723, sequence: number, flags: tcpFlags.syn });
      frames.push({
        seconds: 1_700_000_000 + number,
        fraction: 0,
        octets: ethernet(ipv4({ source: '192.0.2.1', destination: '198.51.100.1', protocol: 6 }, segment)),
      });
    }
    const { tunnels } = analysed(frames);
    expect(tunnels).toHaveLength(3000);
    expect(tunnels.every((tunnel) => tunnel.control?.tcp.outcome === 'no-answer')).toBe(true);
  });

  it('of sessions one after the other keeps each apart', () => {
    const frames = Array.from({ length: 50 }, (_, number) =>
      wholeSession({ clientPort: 50_000 + number, start: 1_700_000_000 + number * 100 }),
    ).flat();
    const { tunnels } = analysed(frames);
    expect(tunnels).toHaveLength(50);
    expect(tunnels.map((tunnel) => tunnel.id)).toEqual(Array.from({ length: 50 }, (_, number) => `T${number + 1}`));
    for (const tunnel of tunnels) {
      expect(tunnel.calls).toHaveLength(1);
      expect(tunnel.calls[0]?.gre.clientToServer.packets).toBe(9);
      expect(tunnel.calls[0]?.disconnect?.by).toBe('server');
    }
  });
});

it('a call reply that the capture cut before the Call ID that it answers has answered the only request', () => {
  const { frames } = new SessionWriter().handshake().control().call();
  const reply = frames.at(-1);
  // 14 of 32 octets: the header and the server's own Call ID. RFC 2637 §2.8
  if (reply !== undefined)
    Object.assign(reply, { wireLength: reply.octets.length, octets: reply.octets.slice(0, -18) });
  const call = onlyCall(frames);
  expect(call).toMatchObject({
    outcome: 'unfinished',
    serverCallId: 77,
    replyFrame: 7,
    resultCode: null,
    anomalies: [],
  });
  expect(call.stages[2]).toMatchObject({ stage: 'call', status: 'partial', frame: 7 });
});

describe('ends', () => {
  it.each([
    ['answers', true, 'client', 7],
    ['does not know of it', false, 'server', 6],
  ] as const)('a FIN that stands before the other one, and %s', (_what, answers, closedBy, closedFrame) => {
    const writer = new SessionWriter().handshake().control();
    const [client, server] = [1001 + 156, 900_001 + 156];
    if (answers) writer.segment('client', tcpFlags.fin | tcpFlags.ack).segment('server', tcpFlags.fin | tcpFlags.ack);
    else {
      writer.segment('client', tcpFlags.fin | tcpFlags.ack, undefined, client);
      writer.segment('server', tcpFlags.fin | tcpFlags.ack, undefined, server);
    }
    const answer = writer.frames.pop();
    if (answer !== undefined) writer.frames.splice(-1, 0, answer);
    const tcp = onlyTunnel(writer.frames).control?.tcp;
    expect(tcp).toMatchObject({ closedBy, closedWith: 'fin', closedFrame });
  });

  it('a Call-Clear-Request ends the call that its PNS names', () => {
    const writer = new SessionWriter().handshake().control().call();
    writer.message('client', callClearRequest(0));
    const call = onlyCall(writer.frames);
    expect(call).toMatchObject({ clearRequestFrame: 8, clearRequestBy: 'client' });
    expect(call.outcome).toBe('failed');
  });

  it("a Call-Clear-Request of the server, which has none to send, is the server's", () => {
    const writer = new SessionWriter().handshake().control().call();
    writer.message('server', callClearRequest(77));
    const call = onlyCall(writer.frames);
    expect(call).toMatchObject({ clearRequestFrame: 8, clearRequestBy: 'server' });
  });
});

describe('bounds', () => {
  it('a call with packets of every PPP protocol lists 64 of them', () => {
    const writer = new SessionWriter().handshake().control().call();
    for (let protocol = 0x4000; protocol < 0x8000; protocol += 0x100) {
      for (const low of [1, 3, 5]) writer.gre('client', octets([0xff, 3], u16(protocol + low), [1, 2, 3, 4]));
    }
    const call = onlyCall(writer.frames);
    expect(call.gre.clientToServer.packets).toBe(192);
    expect(call.otherProtocols.length).toBeLessThanOrEqual(64);
  });

  it('a connection with thousands of echoes lists 256 messages and counts the rest', () => {
    const writer = new SessionWriter().handshake().control();
    for (let identifier = 0; identifier < 1000; identifier += 1) writer.message('client', echoRequest(identifier));
    const control = onlyTunnel(writer.frames).control;
    expect(control?.messages).toHaveLength(256);
    expect(control?.messagesNotListed).toBe(1002 - 256);
    expect(control?.echo.requests).toBe(1000);
  });
});

describe('numbers that begin anew under the Call IDs of a call that has ended', () => {
  const ids = { clientCallId: 7, serverCallId: 9 };

  /** A wrong password, and a session of the same ends some seconds later; the capture lacks these of its frames. */
  function redialled(later: (one: Scene) => Scene, lost: (frame: SessionFrame) => boolean): TunnelReport[] {
    const refused = new Scene({ ...ids, start: 1_700_000_000, clientPort: 40_000 }).dial().lcp();
    refused.challenge().response().failure('E=691 R=0 V=3 M=Access denied').terminate('server').hangUp();
    const again = later(new Scene({ ...ids, start: 1_700_000_005, clientPort: 40_001 }));
    return analysed([...refused.records(), ...again.records().filter((frame) => !lost(frame))]).tunnels;
  }

  it.each([
    // Behind Ethernet, IP and TCP; the reply to the call cannot be read before the octets are given up.
    ['the Start-Control-Connection-Reply', ({ octets: { length } }: SessionFrame) => length === 54 + 156, 2],
    ['its control connection', ({ octets: frame }: SessionFrame) => frame[23] === 6, 2],
  ])('are those of another call, though the capture lacks %s', (_what, lost, tunnelCount) => {
    const tunnels = redialled((one) => {
      // Magic numbers are others each time. RFC 1661 §6.4
      one.dial().agree(0xc021, 'client', octets([5, 6], u32(0x33333333)));
      one.agree(0xc021, 'server', octets([3, 5, 0xc2, 0x23, 0x81, 5, 6], u32(0x44444444)));
      return one.authenticate().ipcp().talk(20).terminate('client').hangUp();
    }, lost);
    expect(tunnels).toHaveLength(tunnelCount);
    const [first, second] = tunnels.map(({ calls }) => calls[0]);
    expect(first).toMatchObject({ outcome: 'failed', anomalies: [], gre: { clientToServer: { userBytes: 0 } } });
    expect(first?.authentication).toMatchObject([{ outcome: 'failure', errorCode: 691 }]);
    expect(second).toMatchObject({ outcome: 'established', anomalies: [] });
    expect(second?.authentication).toMatchObject([{ outcome: 'success' }]);
    expect(second?.gre).toMatchObject({ clientToServer: { lost: 0 }, serverToClient: { lost: 0 } });
  });

  it('are of the same call, where it has only come twice', () => {
    const one = new Scene(ids).up().talk(3).terminate('client');
    const early = one.frames.filter(({ octets: frame }) => frame[23] === 47).slice(0, 3);
    const late = early.map((frame, index) => ({ ...frame, seconds: frame.seconds + 30 + index }));
    const call = onlyCall([...one.hangUp().records(), ...late]);
    expect(call.gre.clientToServer.duplicates + call.gre.serverToClient.duplicates).toBe(3);
  });
});

it('a call that takes the Call IDs of one before it has its own packets, though the capture begins within that one', () => {
  const file = new URL('../captures/67b-second-call-over-the-first-client.pcap', import.meta.url);
  const { header, records } = recordsOf(new Uint8Array(readFileSync(file)));
  // Frames 27 to 42 are CCP, IPCP and user data of the first call; the second one's are counted by tshark.
  for (let first = 26; first < 42; first += 1) {
    const { tunnels, diagnoses } = reportOf(joined([header, ...records.slice(first)]));
    const [before, after] = tunnels.flatMap(({ calls }) => calls);
    expect(before?.kind).toBe('unsignalled');
    expect(after?.gre).toMatchObject({
      clientToServer: { packets: 23, firstSequence: 0, lost: 0, duplicates: 0, reordered: 0 },
      serverToClient: { packets: 19, firstSequence: 0, lost: 0, duplicates: 0, reordered: 0 },
    });
    expect(diagnoses.filter(({ cause }) => cause !== 'capture-incomplete')).toEqual([]);
  }
});
