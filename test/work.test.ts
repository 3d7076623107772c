/**
 * Twice the input is twice the work, whatever the input: counted in steps, not in seconds. Each case is what somebody would
 * send who wants the square.
 */

import { describe, expect, test, vi } from 'vitest';
import { Analysis } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { Defragmenter } from '../src/dissect/defragment.ts';
import { Walk } from '../src/dissect/walk.ts';
import { Diagnoser } from '../src/findings/diagnoses/diagnose.ts';
import { AddressBook } from '../src/octets/address.ts';
import { joined } from '../src/octets/joined.ts';
import { Limits } from '../src/octets/limits.ts';
import { MessageFramer } from '../src/pptp/framer.ts';
import type { Report } from '../src/report/contract.ts';
import { redact } from '../src/report/redact.ts';
import { CallState } from '../src/sessions/call-state.ts';
import { FlowTable } from '../src/sessions/flow-table.ts';
import { GreFlow } from '../src/sessions/gre-flow.ts';
import { TunnelState } from '../src/sessions/tunnel-state.ts';
import { StreamReassembler } from '../src/tcp/stream.ts';
import { PcapngBlocks, pcapFile, pcapHeader } from './support/captures.ts';
import { frameOf } from './support/frames.ts';
import {
  callClearRequest,
  callDisconnectNotify,
  enhancedGre,
  ethernet,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  stopControlConnectionRequest,
  tcp,
  tcpFlags,
  u16,
  u32,
} from './support/packets.ts';
import { call, capture, report, tunnel } from './support/reports.ts';
import { SessionWriter } from './support/session.ts';

/** A quarter more than twice: logarithms and the growth of tables are no square, which would be four times. */
const twice = 2.5;

function expectLinear(steps: (size: number) => number, size = 2000): void {
  const once = steps(size);
  // A counter that stands still proves nothing.
  expect(once).toBeGreaterThan(size / 4);
  expect(steps(2 * size) / once).toBeLessThan(twice);
}

const instant = { seconds: 0, nanoseconds: 0 };
const many = new Limits({
  'stream-octets': 1_000_000,
  'stream-segments': 65_536,
  fragments: 65_536,
  datagrams: 65_536,
});
const silent = { message: () => {}, anomaly: () => {}, notPptp: () => {} };

/** Reads of numbers from octets while `act` runs. */
function reads(act: () => void): number {
  const spies = (['getUint8', 'getUint16', 'getUint32'] as const).map((name) => vi.spyOn(DataView.prototype, name));
  try {
    act();
    return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('TCP', () => {
  const octet = Uint8Array.of(1);
  const one = { length: 1, bytes: octet, start: 0, end: 1, instant };

  test.each<[string, (index: number, size: number) => number]>([
    ['from the last to the first', (index, size) => (size - index) * 2],
    ['from both ends', (index, size) => (index % 2 === 0 ? index : 2 * size - index) * 2],
    ['each twice', (index) => 2 + (index >> 1) * 2],
  ])('segments behind holes, %s', (_what, place) => {
    expectLinear((size) => {
      const stream = new StreamReassembler({ octets: () => {}, gap: () => {} }, many);
      stream.syn(999);
      for (let index = 0; index < size; index += 1) {
        stream.segment({ ...one, sequence: 1000 + place(index, size), frame: index });
      }
      stream.finish(size);
      return stream.steps;
    });
  });

  test('segments over all that waits', () => {
    expectLinear((size) => {
      const stream = new StreamReassembler({ octets: () => {}, gap: () => {} }, many);
      stream.syn(999);
      for (let index = 0; index < size; index += 1)
        stream.segment({ ...one, sequence: 1002 + index * 2, frame: index });
      const bytes = new Uint8Array(2 * size);
      stream.segment({ sequence: 1001, length: 2 * size, bytes, start: 0, end: 2 * size, frame: size, instant });
      return stream.steps;
    });
  });
});

describe('the cutting into messages', () => {
  const header = (length: number, type: number): Uint8Array =>
    octets(u16(length), u16(1), u32(0x1a2b3c4d), u16(type), u16(0));

  function steps(stream: Uint8Array, piece: number): number {
    const framer = new MessageFramer(silent);
    for (let at = 0; at < stream.length; at += piece) {
      framer.octets(stream, at, Math.min(stream.length, at + piece), at, instant);
    }
    framer.finish();
    return framer.steps;
  }

  test.each<[string, (size: number) => Uint8Array]>([
    ['nothing that is a message', (size) => new Uint8Array(size * 12).fill(7)],
    ['cookies everywhere', (size) => joined(Array.from({ length: size }, () => octets(u32(0x1a2b3c4d))))],
    [
      'headers of messages that are longer than all that comes',
      (size) => {
        return joined(Array.from({ length: size }, () => header(0xffff, 99)));
      },
    ],
    ['messages of impossible length', (size) => joined(Array.from({ length: size }, () => header(400, 1)))],
    ['messages', (size) => joined(Array.from({ length: size }, () => octets(header(16, 5), u32(1))))],
  ])('%s', (_what, made) => {
    for (const piece of [1, 7, 1400]) expectLinear((size) => steps(made(size), piece), 30_000);
  });
});

describe('IP', () => {
  const walk = new Walk(new AddressBook());

  interface Fragment {
    identification: number;
    offset: number;
    more: boolean;
    source?: string;
  }

  function fragments(places: readonly Fragment[]): number {
    const defragmenter = new Defragmenter(many);
    for (const [number, { identification, offset, more, source = '192.0.2.1' }] of places.entries()) {
      const fields = { source, destination: '192.0.2.2', protocol: 47, identification };
      const packet = ipv4({ ...fields, fragmentOffset: offset, moreFragments: more }, new Uint8Array(8));
      const frame = frameOf(ethernet(packet), { number });
      if (walk.walk(frame)) defragmenter.push(walk, frame);
    }
    return defragmenter.steps;
  }

  test('fragments from the last to the first', () => {
    expectLinear((size) => {
      return fragments(
        Array.from({ length: size }, (_, index) => ({
          identification: 1,
          offset: (size - index) * 16,
          more: index > 0,
        })),
      );
    }, 1000);
  });

  test('fragments of as many datagrams', () => {
    expectLinear((size) => {
      const one = Array.from({ length: size }, (_, identification) => ({ identification, offset: 8, more: true }));
      return fragments([...one, ...one.map((place) => ({ ...place, offset: 24 }))]);
    }, 1000);
  });

  test('datagrams that were chosen for one slot', () => {
    expectLinear((size) => {
      // The source takes the trace of the identification out of a hash without secrets.
      const one = Array.from({ length: size }, (_, index) => {
        return { identification: index, offset: 8, more: true, source: `192.0.${index >> 8}.${index & 0xff}` };
      });
      return fragments([...one, ...one.map((place) => ({ ...place, offset: 24 }))]);
    }, 1000);
  });

  test('IPv6 addresses that were chosen for one slot', () => {
    const view = new DataView(new ArrayBuffer(16));
    expectLinear((size) => {
      const book = new AddressBook();
      for (let index = 0; index < size; index += 1) {
        // Whatever the second word is, the first takes its trace out of a hash without secrets.
        view.setUint32(4, index);
        view.setUint32(0, Math.imul(index, 0x85eb_ca6b));
        book.ipv6(view, 0);
      }
      return book.steps;
    }, 8000);
  });
});

test('GRE flows that were chosen for one slot', () => {
  /** `0x85ebca6b` times this is 1, modulo 2^32. */
  const inverse = 0xa5cb_9243;
  expect(Math.imul(0x85eb_ca6b, inverse)).toBe(1);
  expectLinear((size) => {
    let looked = 0;
    const table = new FlowTable();
    for (let index = 0; index < size; index += 1) {
      const destination = Math.imul(Math.imul(index, 0x9e37_79b1), inverse) >>> 0;
      const flow = new GreFlow(index, destination, 1);
      Object.defineProperty(flow, 'callId', {
        get: () => {
          looked += 1;
          return 1;
        },
      });
      table.set(flow);
      table.find(index, destination, 1);
    }
    return looked;
  }, 8000);
});

describe('captures', () => {
  const read = (file: Uint8Array): void => {
    const reader = new CaptureReader({ frame: () => {} });
    for (let at = 0; at < file.length; at += 5000) reader.push(file.subarray(at, at + 5000));
    reader.finish();
  };
  const blocks = new PcapngBlocks();
  const begin = joined([blocks.sectionHeader(), blocks.interfaceDescription(1, 262_144)]);
  const pcap = pcapHeader();
  const little = (value: number): number[] => [...u32(value)].reverse();
  const repeated = (head: Uint8Array, unit: Uint8Array) => (size: number) =>
    joined([head, ...Array.from({ length: size }, () => unit)]);

  test.each<[string, (size: number) => Uint8Array]>([
    ['pcap: no record anywhere', repeated(pcap, octets(0xff, 0xff, 0xff, 0xff, 7, 7, 7, 7))],
    [
      'pcap: records everywhere that claim the largest length',
      repeated(pcap, octets(little(1), little(2), little(262_144), little(262_144))),
    ],
    [
      'pcap: records that leap in time',
      (size) => {
        return pcapFile(
          Array.from({ length: size }, (_, at) => ({
            seconds: at % 2 === 0 ? 1 : 2e9,
            fraction: 0,
            octets: octets(1),
          })),
        );
      },
    ],
    ['pcapng: no block anywhere', repeated(begin, octets(0xff, 0xff, 0xff, 0xff, 7, 7, 7, 7))],
    [
      'pcapng: blocks everywhere that claim a megabyte',
      repeated(begin, octets(little(6), little(0x10_0000), little(7))),
    ],
    ['pcapng: blocks without end', repeated(begin, octets(little(6), little(60), little(0)))],
    [
      'pcapng: comments',
      (size) => {
        const comments = Array.from({ length: size }, () => [1, [65, 66]] as const);
        return joined([begin, blocks.enhancedPacket(1, new Uint8Array(4), { options: comments })]);
      },
    ],
    [
      'pcapng: empty options',
      repeated(
        begin,
        blocks.enhancedPacket(1, new Uint8Array(0), {
          options: [
            [2989, []],
            [2989, []],
          ],
        }),
      ),
    ],
    ['pcapng: sections', repeated(begin, begin)],
  ])('%s', (_what, made) => {
    expectLinear((size) => reads(() => read(made(size))));
  });
});

describe('sessions', () => {
  /** Frames of one pair of addresses, a millisecond apart. */
  function analyzed(packets: readonly Uint8Array[], live: boolean): void {
    const analysis = new Analysis(live ? { onEvent: () => {} } : {});
    const capture = analysis.capture('test', null);
    capture.push(
      pcapFile(
        packets.map((octetsOf, index) => ({
          seconds: 1_700_000_000 + Math.floor(index / 1000),
          fraction: (index % 1000) * 1000,
          octets: octetsOf,
        })),
      ),
    );
    capture.finish();
  }

  const ends = { source: '192.0.2.1', destination: '192.0.2.2' };
  const syn = (port: number): Uint8Array => {
    const segment = tcp({ sourcePort: 1024 + port, destinationPort: 1723, sequence: port * 7919, flags: tcpFlags.syn });
    return ethernet(ipv4({ ...ends, protocol: 6, identification: port & 0xffff }, segment));
  };
  const gre = (callId: number): Uint8Array => {
    const lcp = pppControl(0xc021, 1, 1, octets());
    return ethernet(ipv4({ ...ends, protocol: 47, identification: callId }, enhancedGre({ callId, sequence: 0 }, lcp)));
  };
  const counted = (size: number, one: (index: number) => Uint8Array): Uint8Array[] =>
    Array.from({ length: size }, (_, index) => one(index));

  test.each<[string, boolean, (size: number) => Uint8Array[]]>([
    ['SYNs, then GRE of as many Call IDs', false, (size) => [...counted(size, syn), ...counted(size, gre)]],
    ['GRE of as many Call IDs, then SYNs', false, (size) => [...counted(size, gre), ...counted(size, syn)]],
    ['GRE of as many Call IDs, live', true, (size) => counted(size, gre)],
  ])('%s', (_what, live, made) => {
    expectLinear((size) => {
      const looked = vi.spyOn(TunnelState.prototype, 'endOf');
      try {
        analyzed(made(size), live);
        return looked.mock.calls.length;
      } finally {
        looked.mockRestore();
      }
    }, 1000);
  });
});

test('a second for each packet, live', () => {
  expectLinear((size) => {
    const frames = Array.from({ length: 2 * size }, (_, index) => {
      const fields = { source: `10.1.${index >> 8}.${index & 0xff}`, destination: '192.0.2.2', protocol: 6 };
      const segment = { sourcePort: 2000, destinationPort: 1723, sequence: 1, flags: tcpFlags.syn };
      return {
        // First all at once, then the clock goes on, back and forth, with each packet.
        seconds: 1_700_000_000 + (index < size ? 0 : 1 + (index % 2)),
        fraction: index % 1000,
        octets: ethernet(ipv4(fields, tcp(segment))),
      };
    });
    let looked = 0;
    // A spy would keep what each of a million calls was about.
    const own = Object.getOwnPropertyDescriptor(TunnelState.prototype, 'lastHeard') ?? {};
    const counting = {
      ...own,
      get(this: TunnelState): unknown {
        looked += 1;
        return own.get?.call(this);
      },
    };
    Object.defineProperty(TunnelState.prototype, 'lastHeard', counting);
    try {
      const capture = new Analysis({ onEvent: () => {} }).capture('test', null);
      capture.push(pcapFile(frames));
    } finally {
      Object.defineProperty(TunnelState.prototype, 'lastHeard', own);
    }
    return looked;
  }, 1100);
});

describe('signalling', () => {
  const message = {
    request: (id: number) => outgoingCallRequest(id & 0xffff),
    reply: (id: number) => outgoingCallReply(id & 0xffff, id & 0xffff),
    stranger: (id: number) => outgoingCallReply(id & 0xffff, (id + 30_000) & 0xffff),
    clear: (id: number) => callClearRequest(id & 0xffff),
    gone: (id: number) => callDisconnectNotify(id & 0xffff),
    stop: () => stopControlConnectionRequest(1),
  };
  type Kind = keyof typeof message;

  test.each<[string, readonly (readonly ['client' | 'server', Kind])[], (index: number) => number]>([
    ['calls without reply', [['client', 'request']], (index) => index],
    [
      'calls with replies',
      [
        ['client', 'request'],
        ['server', 'reply'],
      ],
      (index) => index,
    ],
    [
      'calls of one Call ID',
      [
        ['client', 'request'],
        ['server', 'reply'],
        ['client', 'clear'],
      ],
      () => 5,
    ],
    [
      'replies to nothing',
      [
        ['client', 'request'],
        ['server', 'stranger'],
      ],
      (index) => index,
    ],
    [
      'calls that are cleared',
      [
        ['client', 'request'],
        ['server', 'reply'],
        ['client', 'clear'],
        ['server', 'gone'],
      ],
      (index) => index,
    ],
    [
      'stops',
      [
        ['client', 'request'],
        ['client', 'stop'],
        ['server', 'gone'],
      ],
      (index) => index,
    ],
  ])('%s', (_what, kinds, idOf) => {
    expectLinear((size) => {
      const writer = new SessionWriter().handshake().control();
      for (let index = 0; index < size; index += 1) {
        for (const [from, kind] of kinds) writer.message(from, message[kind](idOf(index)));
      }
      let looked = 0;
      const spies = (['find', 'findLast', 'filter', 'some'] as const).map((name) => {
        const original = Array.prototype[name] as (this: unknown[], ...words: unknown[]) => unknown;
        return vi.spyOn(Array.prototype, name).mockImplementation(function (this: unknown[], ...words: unknown[]) {
          if (this[0] instanceof CallState) looked += this.length;
          return original.apply(this, words) as never;
        });
      });
      const analysis = new Analysis({ limits: { calls: 65_536 } });
      const capture = analysis.capture('test', null);
      capture.push(pcapFile(writer.frames));
      for (const spy of spies) spy.mockRestore();
      return looked;
    }, 1000);
  });
});

test('calls of one tunnel that may all have met a timer', () => {
  expectLinear((size) => {
    const calls = Array.from({ length: size }, (_, index) => {
      const { lcp, evidence } = call();
      const idleBeforeEnd = { seconds: 300 + index * 10, lastDataFrame: 5, endTime: '2026-01-01T00:05:00.000Z' };
      return call({
        id: `T1.${index + 1}`,
        lcp: { ...lcp, terminatedBy: 'server', terminateFrame: 9 },
        evidence: { ...evidence, idleBeforeEnd },
      });
    });
    const made = tunnel({ calls });
    const diagnoser = new Diagnoser(capture(), 0);
    diagnoser.see(made);
    const spy = vi.spyOn(Date, 'parse');
    try {
      diagnoser.diagnosesOf(made);
      return spy.mock.calls.length;
    } finally {
      spy.mockRestore();
    }
  }, 200);
});

test.each<[string, (index: number) => string]>([
  ['one length', (index) => `so and so ${1000 + index}`],
  ['as many lengths', (index) => `so and so ${'o'.repeat(index)}`],
])('pseudonyms of as many names of several words, of %s', (_what, user) => {
  expectLinear((size) => {
    const calls = Array.from({ length: size }, (_, index) => {
      const one = call();
      one.authentication = one.authentication.map((exchange) => ({ ...exchange, user: user(index) }));
      return one;
    });
    const made: Report = report({ tunnels: [tunnel({ calls })] });
    const spies = [vi.spyOn(Map.prototype, 'has'), vi.spyOn(Map.prototype, 'get')];
    try {
      redact(made);
      return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }, 50);
});
