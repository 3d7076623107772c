/** The packet view: what each packet is said to be, where it belongs, and what happened to it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ViewedPacket } from '../src/sessions/viewed-packet.ts';
import type { TreeField } from '../src/wire/tree.ts';
import { AuditSession, demands, goodChallenge, hash, version1, version2 } from './support/audit-sessions.ts';
import { type PacketRecord, pcapFile } from './support/captures.ts';
import { fieldsOf, packetsOf } from './support/packet-view.ts';
import {
  callDisconnectNotify,
  echoRequest,
  ethernet,
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

const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

function packets(frames: readonly PacketRecord[]): ViewedPacket[] {
  return packetsOf(pcapFile(frames));
}

function capture(name: string): ViewedPacket[] {
  return packetsOf(new Uint8Array(readFileSync(new URL(`../captures/${name}`, import.meta.url))));
}

function frame(list: readonly ViewedPacket[], number: number): ViewedPacket {
  const found = list.find((packet) => packet.frame === number);
  if (found === undefined) throw new Error(`no frame ${number}`);
  return found;
}

function field(packet: ViewedPacket | undefined, name: string, layer?: string): TreeField {
  const layers = [...(packet?.layers ?? []), ...(packet?.reassemblies ?? []).flatMap((one) => one.layers)];
  for (const found of fieldsOf(layers)) {
    if (found.name === name && (layer === undefined || found.layer.name === layer)) return found;
  }
  throw new Error(`no field ${name} in frame ${packet?.frame}`);
}

const session = () => new SessionWriter().handshake().control().call();

describe('summaries read like the debug log of pppd', () => {
  const list = packets(wholeSession());
  const ids = list.map(({ owner }) => owner?.call?.id ?? owner?.tunnel.id ?? null);

  // What SessionWriter sends, in the words of the RFCs.
  it.each([
    [1, 'TCP SYN seq=1000 window=65535'],
    [2, 'TCP SYN ACK seq=900000 ack=1001 window=65535'],
    [4, 'Start-Control-Connection-Request host="client-host" vendor="client-vendor" firmware=1'],
    [
      5,
      'Start-Control-Connection-Reply result=1 (Successful channel establishment) host="server-host" vendor="server-vendor" firmware=1',
    ],
    [6, 'Outgoing-Call-Request call-id=0 serial=1 speed=2400-10000000 bearer=3 (any) framing=3 (either) window=64'],
    [7, 'Outgoing-Call-Reply call-id=77 peer-call-id=0 result=1 (Connected) speed=10000000 window=64'],
    [8, 'LCP Configure-Request id=1 <mru 1400> <magic 0x11111111>'],
    [9, 'LCP Configure-Request id=1 <mru 1400> <auth MS-CHAPv2> <magic 0x22222222>'],
    [10, 'LCP Configure-Ack id=1 <mru 1400> <auth MS-CHAPv2> <magic 0x22222222>'],
    [12, 'CHAP Challenge id=7 <16 octets> name="srv"'],
    [13, 'CHAP Response id=7 <49 octets> name="alice"'],
    [14, 'CHAP Success id=7 S=<hidden> M="welcome"'],
    [15, 'IPCP Configure-Request id=1 <addr 0.0.0.0>'],
    [18, 'IPCP Configure-Nak id=1 <addr 10.0.0.50>'],
    [21, 'IPv4 10.0.0.50 → 10.0.0.1 UDP 258 → 772, 1278 octets, seq=6 ack=6'],
    [27, 'Call-Clear-Request call-id=0'],
    [28, 'Call-Disconnect-Notify call-id=77 result=4 (Request)'],
    [29, 'TCP FIN ACK seq=1341 ack=900337 window=65535'],
  ])('frame %i', (number, summary) => {
    expect(frame(list, number).summary).toBe(summary);
  });

  it('every packet belongs to the tunnel, and what is the call’s to the call', () => {
    expect(ids.slice(0, 5)).toEqual(['T1', 'T1', 'T1', 'T1', 'T1']);
    expect(new Set(ids.slice(5, 28))).toEqual(new Set(['T1.1']));
    expect(ids.slice(28)).toEqual(['T1', 'T1', 'T1']);
  });

  it('who sent it', () => {
    expect(list.slice(0, 3).map(({ owner }) => owner?.from)).toEqual(['client', 'server', 'client']);
    expect(frame(list, 9)).toMatchObject({ owner: { from: 'server' }, source: '198.51.100.1' });
  });

  it.each([
    // tshark 4.0.17: comp_data with these first two octets; frame 30 of the capture.
    ['01-mschapv2-mppe128-stateless-client.pcap', 30, 'MPPE count=0 flushed encrypted, 86 octets, seq=9'],
    ['01-mschapv2-mppe128-stateless-client.pcap', 19, 'CCP Configure-Request id=1 <mppe +H -M +S -L -D -C>'],
    ['01-mschapv2-mppe128-stateless-client.pcap', 49, 'LCP Terminate-Request id=2 "MPPE disabled"'],
    [
      '09-mschapv2-wrong-password-client.pcap',
      18,
      'CHAP Failure id=160 E=691 (ERROR_AUTHENTICATION_FAILURE) R=1 M="Access denied"',
    ],
    ['07-pap-clear-client.pcap', 17, 'PAP Authenticate-Ack id=1 "Login ok"'],
    [
      '18-icmp-admin-prohibited-1723-client.pcap',
      2,
      /^ICMP 3\/13 communication administratively prohibited, quotes IPv4 10\.10\.1\.2 → 203\.0\.113\.10 TCP 53292 → 1723 SYN/,
    ],
  ])('%s frame %i', (name, number, summary) => {
    expect(frame(capture(name), number).summary).toMatch(summary);
  });
});

describe('a summary covers what proves or challenges somebody', () => {
  const signature = '407A5589115FD0D6209F510FE9C04566932CDA56';
  const challenge = '00112233445566778899AABBCCDDEEFF';

  it.each([
    [0xc223, 3, `M=hi S=${signature}`, 'CHAP Success id=7 S=<hidden> M="hi"'],
    [0xc223, 4, `C=${challenge} R=1 V=3`, 'CHAP Failure id=7 "C=*** R=1 V=3"'],
    [
      0xc223,
      4,
      `M=again C=${challenge} E=691 R=1`,
      'CHAP Failure id=7 E=691 (ERROR_AUTHENTICATION_FAILURE) R=1 M="again"',
    ],
    [0xc223, 4, `E=6 M=S=${signature}`, 'CHAP Failure id=7 E=6 M="S=***"'],
    [0xc227, 1, '\x05otp-md5 99 ke1234', 'EAP Request id=7 One-Time Password "otp-md5 99 ke1234"'],
    [0xc227, 2, '\x05WORDS', 'EAP Response id=7 One-Time Password <hidden>'],
    [0xc227, 2, '\x06123456', 'EAP Response id=7 Generic Token Card <hidden>'],
  ])('protocol %i, code %i, %j', (protocol, code, text, summary) => {
    const list = packets(session().gre('server', pppControl(protocol, code, 7, octets(letters(text)))).frames);
    expect(list.at(-1)?.summary).toBe(summary);
  });
});

describe('TLS inside EAP', () => {
  // RFC 5216 §3.1; a record of RFC 5246 §6.2.1 with a message of §7.4, or an alert of §7.2.
  it.each([
    ['\x0d\x00\x16\x03\x01\x00\x04\x01\x00\x00\x00', 'EAP Request id=7 EAP-TLS handshake=1 (client_hello)'],
    ['\x0d\x00\x15\x03\x01\x00\x02\x02\x30', 'EAP Request id=7 EAP-TLS alert=48 (unknown_ca)'],
  ])('%j', (text, summary) => {
    const list = packets(session().gre('server', pppControl(0xc227, 1, 7, octets(letters(text)))).frames);
    expect(list.at(-1)?.summary).toBe(summary);
  });
});

describe('where tshark fails', () => {
  it('two messages in one segment are both here', () => {
    const both = octets(echoRequest(5), echoRequest(6));
    const list = packets(session().message('client', both).frames);
    const last = list.at(-1);
    expect(last?.summary).toBe('Echo-Request identifier=5; Echo-Request identifier=6');
    expect(last?.layers.filter(({ name }) => name === 'Echo-Request').map(({ start, end }) => end - start)).toEqual([
      16, 16,
    ]);
  });

  it('a message over three segments: each shows its part, the last one the message and its frames', () => {
    const message = outgoingCallRequest(4711);
    const writer = new SessionWriter().handshake().control();
    for (const [from, to] of [
      [0, 5],
      [5, 100],
      [100, 168],
    ])
      writer.message('client', message.slice(from, to));
    const list = packets(writer.message('server', octets(echoRequest(1))).frames);
    expect(list.slice(5, 8).map(({ summary }) => summary.split(';')[0])).toEqual([
      'part of Outgoing-Call-Request, first 5 octets of 168, frames 6 7 8',
      'part of Outgoing-Call-Request, from octet 5 on, 95 octets of 168, frames 6 7 8',
      'part of Outgoing-Call-Request, from octet 100 on, 68 octets of 168, frames 6 7 8',
    ]);
    const last = frame(list, 8);
    expect(last.reassemblies.map(({ name, frames, octets: whole }) => ({ name, frames, size: whole.length }))).toEqual([
      { name: 'Outgoing-Call-Request', frames: [6, 7, 8], size: 168 },
    ]);
    expect(field(last, 'callId').value).toBe(4711);
    expect(last.owner?.call?.id).toBe('T1.1');
  });

  it('a message that ends in a segment with which another begins', () => {
    const stream = octets(echoRequest(1), echoRequest(2));
    const writer = session().message('client', stream.slice(0, 10)).message('client', stream.slice(10));
    const list = packets(writer.frames);
    expect(list.at(-1)?.summary).toContain('Echo-Request identifier=2');
    expect(list.at(-1)?.reassemblies.map(({ frames }) => frames)).toEqual([[8, 9]]);
  });

  it('all 128 octets of Call Statistics', () => {
    const message = callDisconnectNotify(77);
    message.set(letters('in 1 out 2'), 20);
    message.set(letters('the end'), 141);
    const list = packets(session().message('server', message).frames);
    const statistics = field(list.at(-1), 'callStatistics');
    expect(statistics.end - statistics.start).toBe(128);
    expect(String(statistics.value).endsWith('the end')).toBe(true);
    expect(statistics.meaning).toBe('in 1 out 2');
  });

  it('the MPPE header. RFC 3078 §3.1', () => {
    const list = packets(session().gre('client', octets([0xff, 0x03], u16(0x00fd), u16(0x9abc), 1, 2, 3)).frames);
    const bits = field(list.at(-1), 'bits', 'MPPE').bits.map(({ name, value }) => [name, value]);
    expect(Object.fromEntries(bits)).toEqual({
      flushed: 1,
      packetAtFront: 0,
      compressed: 0,
      encrypted: 1,
      coherencyCount: 0xabc,
    });
  });

  it('the fields of an MS-CHAPv2 Response. RFC 2759 §4', () => {
    const response = frame(packets(wholeSession()), 13);
    // As SessionWriter makes them.
    expect(field(response, 'peerChallenge').value).toBe('0102030405060708090a0b0c0d0e0f10');
    expect(field(response, 'ntResponse').value).toMatch(/^c8c7c6/);
    expect(field(response, 'peerChallenge').secret).toBe(true);
    expect(field(response, 'name').meaning).toBe('alice');
  });

  it('a Response by the algorithm that its own direction agreed on: LCP has one for each. RFC 1661 §6.2', () => {
    const responses = packets(
      new AuditSession()
        .handshake()
        .control()
        .call()
        .opensLcp(demands.msChapV2, demands.msChapV1)
        .challenge()
        .response(version2())
        .success()
        .challenge(goodChallenge.slice(0, 8), 'client')
        .response(version1(hash(24)), 'srv', 'server')
        .success('client', 'ok').frames,
    ).filter(({ summary }) => summary.startsWith('CHAP Response'));
    expect(responses.map((one) => field(one, 'value').meaning)).toEqual(['MS-CHAP-V2 Response', 'MS-CHAP Response']);
    expect(responses.map(({ owner }) => owner?.from)).toEqual(['client', 'server']);
  });

  it('the number that Windows showed. Observed: magic number, 00 3C CD 74, error', () => {
    const terminate = octets(u32(0x162a1f3a), [0x00, 0x3c, 0xcd, 0x74], u32(919));
    const list = packets(session().gre('client', pppControl(0xc021, 5, 9, terminate)).frames);
    expect(list.at(-1)?.summary).toBe('LCP Terminate-Request id=9 Windows error 919 (PEER_REFUSED_AUTH)');
    expect(field(list.at(-1), 'reason')).toMatchObject({ value: 919, meaning: 'PEER_REFUSED_AUTH' });
  });

  it('capabilities of 0 are a word without bits. RFC 2637 §2.1', () => {
    const reply = startControlConnection(2);
    reply.set(u32(0), 16);
    reply.set(u32(1), 20);
    const list = packets(new SessionWriter().handshake().message('server', reply).frames);
    expect(field(list.at(-1), 'framingCapabilities')).toMatchObject({ value: 0, meaning: 'none' });
    expect(field(list.at(-1), 'bearerCapabilities')).toMatchObject({ value: 1, meaning: 'analog' });
  });

  it('octets that are no PPTP are no message', () => {
    const list = packets(
      new SessionWriter().handshake().message('server', octets(letters('SSH-2.0-OpenSSH\r\n'))).frames,
    );
    expect(list.at(-1)?.summary).toBe('17 octets that are no control message');
    expect(field(list.at(-1), 'notPptp').kind).toBe('undecoded');
  });
});

describe('marks', () => {
  it('a segment sent again', () => {
    const writer = session();
    const sequence = 1000 + 1 + 156 + 168;
    writer.segment('client', tcpFlags.ack | tcpFlags.psh, echoRequest(1), sequence).wait(1);
    writer.segment('client', tcpFlags.ack | tcpFlags.psh, echoRequest(1), sequence);
    const [first, again] = packets(writer.frames).slice(-2);
    expect(first?.marks).toEqual([]);
    expect(again?.marks).toEqual(['retransmission']);
    // It is shown all the same.
    expect(again?.summary).toBe('Echo-Request identifier=1');
  });

  it('a SYN sent again', () => {
    const writer = new SessionWriter();
    writer.segment('client', tcpFlags.syn, undefined, 1000).wait(1).handshake();
    expect(packets(writer.frames).map(({ marks }) => marks)).toEqual([[], ['retransmission'], [], []]);
  });

  it('a segment behind a hole, and the one that fills it', () => {
    const writer = session();
    const at = 1000 + 1 + 156 + 168;
    writer.segment('client', tcpFlags.ack, echoRequest(2), at + 16);
    writer.segment('client', tcpFlags.ack, echoRequest(1), at);
    const [ahead, late] = packets(writer.frames).slice(-2);
    expect(late?.marks).toEqual(['out-of-order']);
    expect(ahead?.summary).toContain('Echo-Request identifier=2');
    expect(late?.summary).toContain('Echo-Request identifier=1');
  });

  it('GRE that is lost, late and repeated', () => {
    const frames = session().data(4).frames;
    const [c0, , c1, , c2, , c3] = frames.slice(7);
    const kept = frames.slice(0, 7);
    for (const one of [c0, c3, c1]) if (one !== undefined) kept.push(one);
    // Later than a mirror port repeats frames.
    if (c1 !== undefined) kept.push({ ...c1, seconds: c1.seconds + 1 });
    expect(c2).toBeDefined();
    const view = packets(kept).slice(7);
    expect(view.map(({ marks, lostBefore }) => [marks, lostBefore])).toEqual([
      [[], 0],
      [['lost-before'], 2],
      [['out-of-order'], 0],
      [['duplicate'], 0],
    ]);
  });

  it('a frame captured twice counts for nothing else', () => {
    const frames = wholeSession();
    const mirrored = packets(frames.flatMap((one) => [one, { ...one, fraction: one.fraction + 10 }]));
    const plain = packets(frames);
    expect(mirrored.filter((_, index) => index % 2 === 0).map(({ summary, marks }) => [summary, marks])).toEqual(
      plain.map(({ summary, marks }) => [summary, marks]),
    );
    expect(mirrored.filter((_, index) => index % 2 === 1).every(({ marks }) => marks.includes('duplicate'))).toBe(true);
  });

  it('cut by the capture is not malformed; a length that lies is', () => {
    const frames = session().gre('client', pppControl(0xc021, 1, 1, octets([1, 4, 5, 120], [5, 6], u32(7)))).frames;
    const last = frames.at(-1);
    if (last === undefined) throw new Error('there is a frame');
    const whole = { ...last, wireLength: last.octets.length };
    const cut = packets([...frames.slice(0, -1), { ...whole, octets: last.octets.slice(0, -6) }]).at(-1);
    expect(cut?.marks).toEqual(['cut']);
    expect(cut?.summary).toBe('LCP Configure-Request id=1 <mru 1400>');
    const lying = last.octets.slice();
    // Ethernet, IPv4, GRE with a sequence number, address and control, protocol, code, identifier: then LCP's length.
    lying[14 + 20 + 12 + 4 + 3] = 200;
    expect(packets([...frames.slice(0, -1), { ...whole, octets: lying }]).at(-1)?.marks).toEqual(['malformed']);
  });
});

describe('a Call-Disconnect-Notify', () => {
  it.each([
    // tshark 4.0.17: frame 88 carries Call ID 18841; the server announced another one (accel-ppp swaps octets).
    ['40-accel-ppp-mppe128-server.pcap', 88],
  ])('belongs to the call that it ended, whatever it names: %s', (name, number) => {
    expect(frame(capture(name), number)).toMatchObject({
      summary: expect.stringMatching(/^Call-Disconnect-Notify /),
      owner: { call: { id: 'T1.1', disconnect: { frame: number } } },
    });
  });

  it('for each of two calls in one segment is told by its Call ID', () => {
    const writer = new SessionWriter().handshake().control();
    for (const number of [1, 2]) {
      writer.message('client', outgoingCallRequest(number)).message('server', outgoingCallReply(100 + number, number));
    }
    writer.message('server', octets(callDisconnectNotify(101), callDisconnectNotify(102)));
    expect(packets(writer.frames).at(-1)?.owner?.call?.id).toBe('T1.2');
  });
});

describe('the whole of it', () => {
  it('IP fragments: each is one, the last shows what they carried', () => {
    const list = capture('25d-outer-ip-fragmentation-mtu576-server.pcap');
    // tshark 4.0.17: "Reassembled in #63", two fragments, GRE sequence number 18.
    expect(frame(list, 62).summary).toBe('IPv4 fragment of GRE, octets 0-551, more follow');
    expect(frame(list, 62).owner?.call?.id).toBe('T1.1');
    expect(frame(list, 63).reassemblies[0]?.frames).toEqual([62, 63]);
    expect(field(frame(list, 63), 'sequenceNumber', 'Enhanced GRE').value).toBe(18);
  });

  it('packets that multilink cut, over the links of a bundle', () => {
    const list = capture('26d-multilink-two-links-server.pcap');
    // tshark 4.0.17, frame 52: two message fragments, #51 and #52, 1029 octets, PPP 0x0021.
    const [whole] = frame(list, 52).reassemblies;
    expect(whole?.frames).toEqual([51, 52]);
    expect(whole?.octets.length).toBe(1029);
    expect(frame(list, 52).summary).toMatch(/^IPv4 .* \(put together from frames 51 52\)$/);
    expect([frame(list, 51), frame(list, 52)].map(({ owner }) => owner?.call?.id)).toEqual(['T2.1', 'T1.1']);
  });

  it('fills of Ethernet are padding', () => {
    const padded = capture('50-variant-ethernet-padding.pcap');
    const short = padded.filter(({ octets: all }) => all.length === 60);
    expect(short.length).toBeGreaterThan(5);
    expect(short.every(({ layers }) => layers.at(-1)?.name === 'Link trailer')).toBe(true);
  });

  it('packets of no tunnel are there when asked for', () => {
    const arp = { seconds: 1, fraction: 0, octets: ethernet(octets([0, 1, 8, 0, 6, 4, 0, 1]), 0x0806) };
    const file = pcapFile([arp, ...wholeSession()]);
    expect(packetsOf(file, false)[0]?.frame).toBe(2);
    expect(packetsOf(file, true)[0]).toMatchObject({ frame: 1, summary: 'ARP', owner: null });
  });

  it('calls that follow each other on the same addresses and Call IDs are told apart', () => {
    const first = wholeSession({ clientPort: 50_000 });
    const second = wholeSession({ clientPort: 50_001, start: 1_700_000_100 });
    const calls = packets([...first, ...second]).map(({ owner }) => owner?.tunnel.id);
    expect(calls).toEqual([...first.map(() => 'T1'), ...second.map(() => 'T2')]);
  });
});
