/** What must hold for every input: the laws of the pipeline, as properties. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined } from '../src/octets/joined.ts';
import type { Report } from '../src/report/contract.ts';
import { reportOf } from './support/analysis.ts';
import { PcapngBlocks, pcapFile, pcapngFile } from './support/captures.ts';
import {
  callDisconnectNotify,
  echoRequest,
  ethernet,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  startControlConnection,
  tcpFlags,
  u16,
  u32,
} from './support/packets.ts';
import { type SessionFrame, SessionWriter, wholeSession } from './support/session.ts';

const captures = new URL('../captures/', import.meta.url);
/** Captures small enough to be analysed many times. */
const small = readdirSync(captures)
  .filter((name) => /\.pcap(ng)?$/.test(name))
  .map((name) => ({ name, file: new Uint8Array(readFileSync(new URL(name, captures))) }))
  .filter(({ file }) => file.length < 60_000);

/** A report without what depends on the file and not on the packets. */
function facts(report: Report): unknown {
  return { tunnels: report.tunnels, otherVpn: report.otherVpn, limitsReached: report.limitsReached };
}

describe('chunks', () => {
  it.each(small)('$name gives the same report however it is cut', ({ file }) => {
    const whole = reportOf(file);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: file.length }), { maxLength: 12 }), (cuts) => {
        expect(reportOf(file, cuts)).toEqual(whole);
      }),
      { numRuns: 5 },
    );
  });

  it('gives the same report octet by octet', () => {
    const file = pcapFile(wholeSession());
    expect(
      reportOf(
        file,
        Array.from(file, (_, index) => index),
      ),
    ).toEqual(reportOf(file));
  });
});

describe('containers', () => {
  it('pcap and pcapng of both byte orders give the same tunnels', () => {
    const frames = wholeSession();
    const expected = facts(reportOf(pcapFile(frames, { littleEndian: true })));
    expect(facts(reportOf(pcapFile(frames, { littleEndian: false })))).toEqual(expected);
    expect(facts(reportOf(pcapngFile(frames, 1, true)))).toEqual(expected);
    expect(facts(reportOf(pcapngFile(frames, 1, false)))).toEqual(expected);
  });

  it('name each of their link types once: three numbers are raw IP', () => {
    const blocks = new PcapngBlocks();
    const interfaces = [101, 12, 149, 14].map((linkType) => blocks.interfaceDescription(linkType));
    const file = joined([blocks.sectionHeader(), ...interfaces]);
    expect(reportOf(file).captures[0]?.linkTypes).toEqual(['RAW', 'USER2']);
  });
});

describe('carriers', () => {
  /** The same packet in IPv6, behind extension headers: Hop-by-Hop Options, Destination Options. RFC 8200 §4 */
  function inIpv6({ octets: frame, ...rest }: SessionFrame, extended: boolean): SessionFrame {
    const [protocol = 0, source, destination] = [frame[23], frame.slice(26, 30), frame.slice(30, 34)];
    const address = (ipv4Address: Uint8Array) => [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, ...ipv4Address];
    const options = extended ? [60, 0, 1, 4, 0, 0, 0, 0, protocol, 1, 1, 12, ...new Uint8Array(12)] : [];
    const payload = octets(options, frame.slice(34));
    const first = extended ? 0 : protocol;
    const header = octets(u32(0x6000_0000), u16(payload.length), [first, 64], address(source), address(destination));
    return { ...rest, octets: ethernet(octets(header, payload), 0x86dd) };
  }

  it.each([false, true])(
    'of IPv6 bring the same session, and GRE over IPv6 is said to be unusual; extended: %s',
    (extended) => {
      const frames = wholeSession();
      const [expected] = reportOf(pcapFile(frames)).tunnels;
      const [tunnel] = reportOf(pcapFile(frames.map((frame) => inIpv6(frame, extended)))).tunnels;
      expect(tunnel?.client.address).toBe('2001:db8::c000:20a');
      expect(tunnel?.control).toEqual(expected?.control);
      const [{ anomalies = [], evidence: _own, ...call } = {}] = tunnel?.calls ?? [];
      const [{ anomalies: _none, evidence: _theirs, ...expectedCall } = {}] = expected?.calls ?? [];
      expect(call).toEqual(expectedCall);
      expect(anomalies.map(({ code }) => code)).toEqual(['over-ipv6']);
    },
  );
});

/** The octets of a control connection in one direction, with what must be found in them. */
const clientStream = octets(
  startControlConnection(1, 'c', 'v'),
  outgoingCallRequest(5),
  ...Array.from({ length: 5 }, (_, index) => echoRequest(index * 1000)),
);
const clientTypes = [1, 7, 5, 5, 5, 5, 5];
const serverStream = octets(startControlConnection(2, 's', 'w'), outgoingCallReply(9, 5), callDisconnectNotify(9));
const serverTypes = [2, 8, 13];

interface Segment {
  from: 'client' | 'server';
  start: number;
  end: number;
}

/** A control connection whose streams travel in the given segments, after a handshake. */
function connection(segments: readonly Segment[], isns: { client: number; server: number }): SessionFrame[] {
  const writer = new SessionWriter({ clientSequence: isns.client, serverSequence: isns.server });
  writer.handshake();
  for (const { from, start, end } of segments) {
    const stream = from === 'client' ? clientStream : serverStream;
    writer.segment(from, tcpFlags.psh, stream.slice(start, end), isns[from] + 1 + start);
  }
  return writer.frames;
}

const cutsOf = (length: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: length - 1 }), { maxLength: 40 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b), length]);

const segmentsOf = (from: Segment['from'], length: number) =>
  cutsOf(length).map((bounds) =>
    bounds.slice(1).map((end, index): Segment => ({ from, start: bounds[index] ?? 0, end })),
  );

const sequenceNumbers = fc.record({
  client: fc.integer({ min: 0, max: 0xffffffff }),
  server: fc.integer({ min: 0, max: 0xffffffff }),
});

function messageTypes(report: Report, from: 'client' | 'server'): number[] {
  const messages = report.tunnels[0]?.control?.messages ?? [];
  return messages.filter((message) => message.from === from).map((message) => message.type);
}

describe('TCP', () => {
  it('any segmentation gives the same messages', () => {
    fc.assert(
      fc.property(
        segmentsOf('client', clientStream.length),
        segmentsOf('server', serverStream.length),
        sequenceNumbers,
        (client, server, isns) => {
          const report = reportOf(pcapFile(connection([...client, ...server], isns)));
          expect(messageTypes(report, 'client')).toEqual(clientTypes);
          expect(messageTypes(report, 'server')).toEqual(serverTypes);
          expect(report.tunnels[0]?.control?.tcp.missingBytes).toBe(0);
          expect(report.tunnels[0]?.control?.tcp.retransmissions).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('any duplication and reordering of segments gives the same messages, also across the wrap', () => {
    const scrambled = segmentsOf('client', clientStream.length).chain((segments) =>
      fc.tuple(
        fc.shuffledSubarray(segments, { minLength: segments.length }),
        // Repeated with boundaries of their own.
        fc.array(
          fc
            .tuple(fc.integer({ min: 0, max: clientStream.length - 1 }), fc.integer({ min: 1, max: 400 }))
            .map(
              ([start, size]): Segment => ({ from: 'client', start, end: Math.min(clientStream.length, start + size) }),
            ),
          { maxLength: 10 },
        ),
        fc.infiniteStream(fc.nat()),
      ),
    );
    fc.assert(
      fc.property(scrambled, sequenceNumbers, ([segments, repeated, positions], isns) => {
        const sent = [...segments];
        for (const segment of repeated) sent.splice((positions.next().value ?? 0) % (sent.length + 1), 0, segment);
        const report = reportOf(pcapFile(connection(sent, isns)));
        expect(messageTypes(report, 'client')).toEqual(clientTypes);
        expect(report.tunnels[0]?.control?.tcp.missingBytes).toBe(0);
        expect(report.tunnels[0]?.control?.anomalies).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('a lost segment costs the messages whose header it carried, and no other', () => {
    fc.assert(
      fc.property(segmentsOf('client', clientStream.length), sequenceNumbers, fc.nat(), (segments, isns, which) => {
        const lost = segments[which % segments.length];
        if (lost === undefined) return;
        const kept = segments.filter((segment) => segment !== lost);
        const report = reportOf(pcapFile(connection(kept, isns)));
        // A message is told by its header of 12 octets, also where its end is lost.
        const sizes = [156, 168, 16, 16, 16, 16, 16];
        let at = 0;
        const whole = sizes.flatMap((size, index) => {
          const touched = lost.start < at + 12 && at < lost.end;
          at += size;
          return touched ? [] : [clientTypes[index]];
        });
        expect(messageTypes(report, 'client')).toEqual(whole);
        const missing = report.tunnels[0]?.control?.tcp.missingBytes ?? 0;
        // What was lost at the very end leaves no trace: nobody knows that it was sent.
        expect(missing).toBe(lost.end === clientStream.length ? 0 : lost.end - lost.start);
      }),
      { numRuns: 60 },
    );
  });
});

describe('GRE', () => {
  it('seen before the reply that announces it, belongs to the call all the same', () => {
    const frames = wholeSession();
    const expected = reportOf(pcapFile(frames)).tunnels[0]?.calls[0];
    const reply = frames.findIndex((frame) => frame.octets[14 + 9] === 6 && frame.octets.length === 14 + 20 + 20 + 32);
    expect(reply).toBeGreaterThan(0);
    // The reply comes only after the first three GRE packets.
    const reordered = [...frames];
    const [moved] = reordered.splice(reply, 1);
    if (moved !== undefined) reordered.splice(reply + 3, 0, moved);
    const report = reportOf(pcapFile(reordered));
    expect(report.tunnels).toHaveLength(1);
    const call = report.tunnels[0]?.calls[0];
    expect(call?.gre.clientToServer.packets).toBe(expected?.gre.clientToServer.packets);
    expect(call?.gre.serverToClient.packets).toBe(expected?.gre.serverToClient.packets);
    expect(call?.lcp.outcome).toBe('opened');
    expect(call?.authentication[0]?.outcome).toBe('success');
  });

  it('is one call whatever the Call IDs, the same in both directions too', () => {
    const callId = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(callId, callId, (clientCallId, serverCallId) => {
        const report = reportOf(pcapFile(wholeSession({ clientCallId, serverCallId })));
        expect(report.tunnels).toHaveLength(1);
        expect(report.tunnels[0]?.calls).toHaveLength(1);
        const call = report.tunnels[0]?.calls[0];
        expect(call).toMatchObject({ clientCallId, serverCallId, outcome: 'established' });
        expect(call?.callIdInGre).toEqual({ clientToServer: serverCallId, serverToClient: clientCallId });
        expect(call?.gre.clientToServer.packets).toBe(9);
        expect(call?.gre.serverToClient.packets).toBe(10);
      }),
      { numRuns: 40 },
    );
  });

  it('of a session that reuses the Call IDs of an ended one belongs to the later call', () => {
    const first = wholeSession({ clientPort: 50_000, dataPackets: 2 });
    const second = wholeSession({ clientPort: 50_001, dataPackets: 5, start: 1_700_000_010 });
    const calls = reportOf(pcapFile([...first, ...second])).tunnels.map((tunnel) => tunnel.calls[0]);
    expect(calls.map((call) => call?.encryption.clearDataPackets)).toEqual([4, 10]);
    expect(calls.map((call) => call?.gre.clientToServer.lost)).toEqual([0, 0]);
    expect(calls.map((call) => call?.gre.clientToServer.duplicates)).toEqual([0, 0]);
  });
});

describe('duplicate frames', () => {
  it('change the count of duplicates and nothing else', () => {
    const frames = wholeSession();
    const plain = reportOf(pcapFile(frames));
    const mirrored = reportOf(
      pcapFile(frames.flatMap((frame) => [frame, { ...frame, fraction: frame.fraction + 10 }])),
    );
    expect(mirrored.captures[0]?.duplicateFrames).toBe(frames.length);
    const withoutFrames = (report: Report): unknown =>
      JSON.parse(
        JSON.stringify(report.tunnels, (key, value: unknown) => (/frame|time|seconds/i.test(key) ? undefined : value)),
      );
    expect(withoutFrames(mirrored)).toEqual(withoutFrames(plain));
  });
});

describe('any input', () => {
  it('random octets throw nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (file) => {
        expect(reportOf(file).captures).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('random packets of each layer throw nothing', () => {
    const layer = fc.tuple(fc.constantFrom(1, 6, 17, 47, 50, 51, 58, 89), fc.uint8Array({ maxLength: 120 }));
    const frames = fc.array(layer, { maxLength: 20 }).map((packets) =>
      packets.map(([protocol, payload], index) => ({
        seconds: index,
        fraction: 0,
        octets: ethernet(ipv4({ source: '10.0.0.1', destination: '10.0.0.2', protocol }, payload)),
      })),
    );
    fc.assert(
      fc.property(frames, (list) => {
        expect(reportOf(pcapFile(list)).captures[0]?.frames).toBe(list.length);
      }),
      { numRuns: 300 },
    );
  });

  it.each(small)('$name with damaged octets throws nothing', ({ file }) => {
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 30 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = file.slice();
        for (const [at, octet] of changes) damaged[at] = octet;
        expect(reportOf(damaged).captures).toHaveLength(1);
      }),
      { numRuns: 8 },
    );
  });
});
