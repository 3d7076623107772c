import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pcapFrames } from '../../test/support/frames.ts';
import type { Instant } from '../octets/instant.ts';
import { Limits } from '../octets/limits.ts';
import { TcpView, tcpFlags } from './header.ts';
import { StreamReassembler } from './stream.ts';

type Event = { text: string; frame: number; seconds: number } | { missing: number; frame: number };

/** A reassembler whose stream is text, and what it delivered. */
class Recorder {
  readonly events: Event[] = [];
  readonly stream: StreamReassembler;
  private frame = 0;

  constructor(limits = new Limits()) {
    this.stream = new StreamReassembler(
      {
        octets: (bytes, start, end, frame, instant: Instant) => {
          this.events.push({ text: latin1(bytes.subarray(start, end)), frame, seconds: instant.seconds });
        },
        gap: (missing, frame) => {
          this.events.push({ missing, frame });
        },
      },
      limits,
    );
  }

  /** A segment in a window of its own, which is overwritten afterwards as readers do. */
  segment(sequence: number, text: string, seconds = 0, wireLength = text.length): this {
    this.frame += 1;
    const window = Uint8Array.from(`<<${text}>>`, (letter) => letter.charCodeAt(0));
    this.stream.segment({
      sequence: sequence >>> 0,
      length: wireLength,
      bytes: window,
      start: 2,
      end: 2 + text.length,
      frame: this.frame,
      instant: { seconds, nanoseconds: 0 },
    });
    window.fill(0x21);
    return this;
  }

  acknowledged(acknowledgment: number): this {
    this.stream.acknowledged(acknowledgment >>> 0);
    return this;
  }

  get text(): string {
    return this.events.map((event) => ('text' in event ? event.text : `[${event.missing}]`)).join('');
  }
}

function latin1(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}

function opened(sequence = 999, limits = new Limits()): Recorder {
  const recorder = new Recorder(limits);
  recorder.stream.syn(sequence);
  return recorder;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz';

describe('a stream in order', () => {
  it('is delivered at once, with the frame and time of each segment', () => {
    const recorder = opened().segment(1000, 'abc', 5).segment(1003, 'def', 6);
    expect(recorder.events).toEqual([
      { text: 'abc', frame: 1, seconds: 5 },
      { text: 'def', frame: 2, seconds: 6 },
    ]);
    expect(recorder.stream).toMatchObject({
      delivered: 6,
      missing: 0,
      retransmissions: 0,
      outOfOrder: 0,
      started: true,
    });
  });

  it('goes on where the sequence number wraps', () => {
    expect(opened(0xffff_fffd).segment(0xffff_fffe, 'abcd').segment(2, 'ef').text).toBe('abcdef');
    expect(opened(0xffff_ffff).segment(0, 'ab').text).toBe('ab');
    expect(opened(0xffff_fffd).segment(2, 'ef').segment(0xffff_fffe, 'abcd').text).toBe('abcdef');
  });
});

describe('segments sent again', () => {
  it('are counted and not delivered again', () => {
    const recorder = opened().segment(1000, 'abc').segment(1000, 'abc').segment(1003, 'def');
    expect(recorder.text).toBe('abcdef');
    expect(recorder.stream.retransmissions).toBe(1);
  });

  it('may have other boundaries: only what is new is delivered', () => {
    const recorder = opened().segment(1000, 'abc').segment(1001, 'bcdef').segment(1000, 'abcdefgh');
    expect(recorder.text).toBe('abcdefgh');
    expect(recorder.stream.retransmissions).toBe(2);
  });

  it('do not change what came first', () => {
    expect(opened().segment(1000, 'abc').segment(1001, 'XYZ').text).toBe('abcZ');
    expect(opened().segment(1003, 'def').segment(1001, 'BCDEFG').segment(1000, 'a').text).toBe('aBCdefG');
  });

  it('are also SYN and FIN, once for each segment', () => {
    const recorder = opened();
    recorder.stream.syn(999);
    expect(recorder.stream.retransmissions).toBe(1);
    recorder.segment(1000, 'abc').stream.fin(1003);
    expect(recorder.stream.retransmissions).toBe(1);
    recorder.stream.fin(1003);
    expect(recorder.stream.retransmissions).toBe(2);
    recorder.segment(1000, 'abc').stream.fin(1003);
    expect(recorder.stream.retransmissions).toBe(3);
    const afterRepeated = opened().segment(1000, 'abc').segment(1000, 'abc');
    afterRepeated.stream.fin(1003);
    afterRepeated.stream.fin(1003);
    expect(afterRepeated.stream.retransmissions).toBe(2);
  });

  it('are those that fill a hole after a retransmission time; sooner they were overtaken', () => {
    const late = opened().segment(1000, 'a', 1).segment(1002, 'c', 1).segment(1001, 'b', 2);
    expect([late.text, late.stream.retransmissions, late.stream.outOfOrder]).toEqual(['abc', 1, 0]);
    const soon = opened().segment(1000, 'a', 1).segment(1002, 'c', 1).segment(1001, 'b', 1);
    expect([soon.text, soon.stream.retransmissions, soon.stream.outOfOrder]).toEqual(['abc', 0, 1]);
  });
});

describe('keep-alives, RFC 9293 §3.8.4', () => {
  it('are no retransmissions, with one octet of anything or none', () => {
    const recorder = opened().segment(1000, 'abc').acknowledged(1003);
    recorder.segment(1002, '\0').segment(1002, '').segment(1002, '\0').segment(1003, 'd');
    expect(recorder.text).toBe('abcd');
    expect(recorder.stream.retransmissions).toBe(0);
  });

  it('are not segments of one octet that nobody acknowledged', () => {
    const recorder = opened().segment(1000, 'ab').acknowledged(1001).segment(1001, 'b');
    expect(recorder.stream.retransmissions).toBe(1);
    const unheard = opened().segment(1000, 'a').segment(1001, 'b').segment(1001, 'b');
    expect(unheard.stream.retransmissions).toBe(1);
  });

  it('do not start a stream', () => {
    const recorder = new Recorder().acknowledged(1003).segment(1002, '\0').segment(1003, 'def');
    expect(recorder.text).toBe('def');
  });
});

describe('holes', () => {
  it('are waited for', () => {
    const recorder = opened().segment(1000, 'a').segment(1003, 'd').segment(1002, 'c');
    expect(recorder.text).toBe('a');
    expect(recorder.segment(1001, 'b').text).toBe('abcd');
    expect(recorder.events.map(({ frame }) => frame)).toEqual([1, 4, 3, 2]);
  });

  it('are given up when the other side has their octets and more came since', () => {
    const recorder = opened().segment(1000, 'a').acknowledged(1003);
    expect(recorder.text).toBe('a');
    expect(recorder.segment(1003, 'd').text).toBe('a[2]d');
    expect(recorder.stream.missing).toBe(2);
  });

  it('are given up when the other side acknowledges what is behind them twice, not once', () => {
    const recorder = opened().segment(1000, 'a').segment(1003, 'd').acknowledged(1004);
    expect(recorder.text).toBe('a');
    expect(recorder.acknowledged(1004).text).toBe('a[2]d');
  });

  it('are not given up for acknowledgments of what came before them', () => {
    const recorder = opened().segment(1000, 'a').segment(1003, 'd');
    for (let i = 0; i < 5; i += 1) recorder.acknowledged(1001);
    expect(recorder.segment(1001, 'bc').text).toBe('abcd');
  });

  it('are none where an acknowledgment stands before its data in the file', () => {
    const recorder = opened()
      .acknowledged(1003)
      .segment(1000, 'abc')
      .acknowledged(1006)
      .acknowledged(1006)
      .segment(1003, 'def');
    expect(recorder.text).toBe('abcdef');
    recorder.stream.fin(1006);
    recorder.stream.finish(9);
    expect(recorder.stream.missing).toBe(0);
  });

  it('are each judged by acknowledgments of their own', () => {
    const recorder = opened().segment(1001, 'b').acknowledged(1002).segment(1000, 'a');
    recorder.segment(1003, 'd').acknowledged(1004);
    expect(recorder.text).toBe('ab');
    expect(recorder.segment(1002, 'c').text).toBe('abcd');
  });

  it('are not given up for an acknowledgment from far away', () => {
    expect(opened().segment(1000, 'a').acknowledged(0x6000_0000).segment(1003, 'd').segment(1001, 'bc').text).toBe(
      'abcd',
    );
  });

  it('are not given up because a part of them came', () => {
    const recorder = opened().segment(1006, 'gh').acknowledged(1008).segment(1000, 'abc').segment(1003, 'def');
    expect(recorder.text).toBe('abcdefgh');
  });

  it('are given up after 30 s where the other side is not heard', () => {
    const recorder = opened().segment(1000, 'a', 0).segment(1003, 'd', 10).segment(1004, 'e', 40);
    expect(recorder.text).toBe('a');
    expect(recorder.segment(1005, 'f', 41).text).toBe('a[2]def');
  });

  it('are given up at the end, one by one', () => {
    const recorder = opened().segment(1000, 'a').segment(1002, 'c').segment(1005, 'f');
    recorder.stream.finish(7);
    expect(recorder.text).toBe('a[1]c[2]f');
    expect(recorder.stream.missing).toBe(3);
  });

  it('may lie before the FIN, or before what was acknowledged', () => {
    const finished = opened().segment(1000, 'a');
    finished.stream.fin(1004);
    finished.stream.finish(7);
    expect(finished.events.at(-1)).toEqual({ missing: 3, frame: 7 });
    const heard = opened().segment(1000, 'a').acknowledged(1004);
    heard.stream.finish(7);
    expect(heard.events.at(-1)).toEqual({ missing: 3, frame: 7 });
    // One more than the octets is the acknowledgment of a FIN.
    const closed = opened().segment(1000, 'a').acknowledged(1002);
    closed.stream.finish(7);
    expect(closed.text).toBe('a');
  });
});

describe('what the capture lost', () => {
  it('is shown by where a segment without octets stands', () => {
    const recorder = opened().segment(1000, 'a');
    recorder.stream.sent(1004);
    recorder.stream.finish(7);
    expect(recorder.events.at(-1)).toEqual({ missing: 3, frame: 7 });
    // Nobody acknowledged them: they may be lost on the way as well.
    expect(recorder.stream.missed).toBe(0);
    const closed = opened().segment(1000, 'a');
    closed.stream.sent(1002);
    closed.stream.finish(7);
    expect(closed.text).toBe('a');
  });

  it('is what was acknowledged and is in no frame, a FIN too', () => {
    const heard = opened().segment(1000, 'a').acknowledged(1004);
    heard.stream.finish(7);
    expect(heard.stream).toMatchObject({ missed: 3, acknowledgedOctets: 4 });
    const closed = opened().segment(1000, 'a').acknowledged(1002);
    closed.stream.finish(7);
    expect(closed.stream).toMatchObject({ missed: 1, acknowledgedOctets: 1 });
    const ended = opened().segment(1000, 'a').acknowledged(1002);
    ended.stream.fin(1001);
    ended.stream.finish(7);
    expect(ended.stream.missed).toBe(0);
  });

  it('is not what it cut', () => {
    const recorder = opened().segment(1000, 'ab', 0, 5).acknowledged(1005);
    recorder.stream.finish(7);
    expect(recorder.stream).toMatchObject({ missing: 3, missed: 0 });
  });
});

describe('segments cut by the capture', () => {
  it('leave a gap that no later copy fills', () => {
    const recorder = opened().segment(1000, 'ab', 0, 5).segment(1000, 'abcde').segment(1005, 'f');
    expect(recorder.text).toBe('ab[3]f');
    expect(recorder.stream).toMatchObject({ missing: 3, delivered: 3 });
  });

  it('may wait behind a hole as well', () => {
    expect(opened().segment(1003, 'de', 0, 4).segment(1007, 'h').segment(1000, 'abc').text).toBe('abcde[2]h');
  });
});

describe('a stream without SYN', () => {
  it('starts at its first segment', () => {
    const recorder = new Recorder();
    expect(recorder.stream.started).toBe(false);
    expect(recorder.segment(5000, 'abc').segment(5003, 'def').text).toBe('abcdef');
    expect(recorder.stream.started).toBe(true);
  });

  it('takes an old segment from before its start for a retransmission, an unknown one for an overtaken one', () => {
    const old = new Recorder().segment(5000, 'abc').acknowledged(5003).segment(4990, 'xyz').segment(5003, 'd');
    expect([old.text, old.stream.retransmissions, old.stream.outOfOrder]).toEqual(['abcd', 1, 0]);
    const unknown = new Recorder().segment(5000, 'abc').segment(4997, 'xyz').segment(5003, 'd');
    expect([unknown.text, unknown.stream.retransmissions, unknown.stream.outOfOrder]).toEqual(['abcd', 0, 1]);
  });

  it('takes the new part of a segment that began before its start', () => {
    expect(new Recorder().segment(5000, 'abc').segment(4998, 'xyabcd').text).toBe('abcd');
  });

  it('may see its SYN late', () => {
    const recorder = new Recorder().segment(1000, 'abc');
    recorder.stream.syn(999);
    expect(recorder.segment(1003, 'd').text).toBe('abcd');
    expect(recorder.stream.retransmissions).toBe(0);
  });
});

describe('limits', () => {
  const few = (): Limits => new Limits({ 'stream-octets': 100, 'stream-segments': 3 });

  it('gives up the first hole when the buffer is full of segments', () => {
    const limits = few();
    const recorder = opened(999, limits).segment(1002, 'c').segment(1004, 'e').segment(1006, 'g').segment(1008, 'i');
    expect(recorder.text).toBe('[2]c');
    expect(limits.list()).toMatchObject([{ limit: 'stream-segments', times: 1 }]);
  });

  it('has room again for what was delivered', () => {
    const limits = few();
    const recorder = opened(999, limits);
    for (let at = 1000; at < 3000; at += 60) {
      const half = 'x'.repeat(30);
      recorder.segment(at + 30, half).segment(at, half);
    }
    expect(recorder.stream).toMatchObject({ missing: 0, delivered: 2040 });
    const full = opened(999, limits).segment(1001, 'b').segment(1003, 'd').segment(1005, 'f').segment(1000, 'a');
    expect(full.text).toBe('ab');
    expect(limits.list()).toEqual([]);
  });

  it('gives up the first hole when the buffer is full of octets', () => {
    const limits = few();
    const recorder = opened(999, limits).segment(1010, 'x'.repeat(60)).segment(1080, 'y'.repeat(41));
    expect(recorder.text).toBe(`[10]${'x'.repeat(60)}`);
    expect(limits.list()).toMatchObject([{ limit: 'stream-octets', times: 1 }]);
  });

  it('is not led astray by sequence numbers from far away', () => {
    const recorder = opened(999, few()).segment(1000, 'a').segment(0x7000_0000, 'no').segment(0x9000_0000, 'no');
    recorder.acknowledged(0x6000_0000).segment(10, 'no').segment(1001, 'b').stream.finish(9);
    expect(recorder.text).toBe('ab');
    expect(recorder.stream).toMatchObject({ missing: 0, retransmissions: 0, outOfOrder: 0 });
  });

  it('believes in a long loss when the next segment, or an acknowledgment, confirms it', () => {
    const next = opened(999, few()).segment(1000, 'a').segment(3000, 'xy').segment(3002, 'z');
    expect(next.text).toBe('a[1999]xyz');
    const acknowledged = opened(999, few()).segment(1000, 'a').segment(3000, 'xy').acknowledged(3002);
    expect(acknowledged.text).toBe('a[1999]xy');
    // A keep-alive for what was acknowledged.
    expect(acknowledged.segment(3001, '\0').stream.retransmissions).toBe(0);
    const heard = opened(999, few()).segment(1000, 'a').acknowledged(1001).segment(3000, 'xy').acknowledged(3002);
    expect(heard.segment(3001, '\0').stream.retransmissions).toBe(0);
  });
});

describe('laws', () => {
  const streams = fc.record({
    start: fc.oneof(fc.constant(0xffff_ffff), fc.constant(0xffff_fff0), fc.nat(0xffff_ffff)),
    text: fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 120 }).map((letters) => letters.join('')),
  });

  function pieces(text: string, cuts: number[]): [number, string][] {
    const bounds = [...new Set([0, ...cuts.map((cut) => cut % text.length), text.length])].sort((a, b) => a - b);
    return bounds.slice(1).map((to, index) => [bounds[index] ?? 0, text.slice(bounds[index], to)]);
  }

  it('any segmentation, duplication and reordering gives the same octets', () => {
    const sent = streams.chain(({ start, text }) => {
      const cuts = fc.array(fc.nat(), { maxLength: 12 });
      return fc
        .tuple(cuts, cuts)
        .chain(([first, second]) => {
          const all = [...pieces(text, first), ...pieces(text, second)];
          return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
        })
        .map((segments) => ({ start, text, segments }));
    });
    fc.assert(
      fc.property(sent, ({ start, text, segments }) => {
        const recorder = opened(start);
        for (const [at, piece] of segments) recorder.segment(start + 1 + at, piece);
        recorder.stream.fin((start + 1 + text.length) >>> 0);
        recorder.stream.finish(99);
        expect(recorder.text).toBe(text);
        expect(recorder.stream.delivered).toBe(text.length);
        expect(recorder.stream.missing).toBe(0);
      }),
    );
  });

  it('truthful acknowledgments, each at most one frame too early in the file, make no gap', () => {
    const sent = fc.record({
      stream: streams,
      cuts: fc.array(fc.nat(), { maxLength: 12 }),
      swaps: fc.array(fc.boolean(), { maxLength: 30 }),
    });
    fc.assert(
      fc.property(sent, ({ stream: { start, text }, cuts, swaps }) => {
        const recorder = opened(start);
        const steps = pieces(text, cuts).flatMap(([at, piece]) => [
          () => recorder.segment(start + 1 + at, piece),
          () => recorder.acknowledged(start + 1 + at + piece.length),
        ]);
        swaps.forEach((swap, index) => {
          const [one, other] = [steps[2 * index], steps[2 * index + 1]];
          if (swap && one && other) steps.splice(2 * index, 2, other, one);
        });
        for (const step of steps) step();
        recorder.stream.finish(99);
        expect(recorder.text).toBe(text);
      }),
    );
  });

  it('what is lost is a gap of its length: nothing else is missing, nothing is invented', () => {
    const sent = fc.record({
      stream: streams,
      cuts: fc.array(fc.nat(), { maxLength: 12 }),
      lost: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
    });
    fc.assert(
      fc.property(sent, ({ stream: { start, text }, cuts, lost }) => {
        const recorder = opened(start);
        let expected = '';
        for (const [index, [at, piece]] of pieces(text, cuts).entries()) {
          if (lost[index] === true) expected += '.'.repeat(piece.length);
          else {
            recorder.segment(start + 1 + at, piece);
            expected += piece;
          }
          recorder.acknowledged(start + 1 + at + piece.length);
        }
        recorder.stream.fin((start + 1 + text.length) >>> 0);
        recorder.stream.finish(99);
        expect(recorder.text.replaceAll(/\[(\d+)\]/g, (_, missing) => '.'.repeat(Number(missing)))).toBe(expected);
      }),
    );
  });

  it('anything at all neither throws nor delivers more than was sent', () => {
    const call = fc.record({
      kind: fc.constantFrom('segment', 'segment', 'segment', 'acknowledged', 'syn', 'fin'),
      sequence: fc.oneof(fc.nat(300), fc.nat(0xffff_ffff)),
      text: fc.string({ maxLength: 20 }),
      more: fc.nat(5),
      seconds: fc.integer({ min: -100, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const recorder = new Recorder(new Limits({ 'stream-octets': 64, 'stream-segments': 4 }));
        let sent = 0;
        for (const { kind, sequence, text, more, seconds } of calls) {
          if (kind === 'segment') {
            recorder.segment(sequence, text, seconds, text.length + more);
            sent += text.length;
          } else recorder.stream[kind as 'acknowledged' | 'syn' | 'fin'](sequence);
        }
        recorder.stream.finish(99);
        expect(recorder.stream.delivered).toBeLessThanOrEqual(sent);
        const reported = recorder.events.map((event) => ('missing' in event ? event.missing : 0));
        expect(reported.every((missing) => missing >= 0)).toBe(true);
        expect(reported.reduce((sum, missing) => sum + missing, 0)).toBe(recorder.stream.missing);
      }),
      { numRuns: 500 },
    );
  });
});

describe('real captures', () => {
  /** Both directions of the only control connection of a capture of untagged Ethernet. */
  function replay(file: string): { client: Recorder; server: Recorder } {
    const client = new Recorder();
    const server = new Recorder();
    const tcp = new TcpView();
    for (const frame of pcapFrames(`captures/${file}`)) {
      const { bytes, view } = frame.window;
      const ip = frame.start + 14;
      if (view.getUint16(ip - 2) !== 0x0800 || view.getUint8(ip + 9) !== 6) continue;
      const end = ip + view.getUint16(ip + 2);
      expect(tcp.at(view, ip + (view.getUint8(ip) & 0x0f) * 4, end, end)).toBe(0);
      if (tcp.sourcePort !== 1723 && tcp.destinationPort !== 1723) continue;
      const [from, to] = tcp.destinationPort === 1723 ? [client, server] : [server, client];
      if ((tcp.flags & tcpFlags.syn) !== 0) from.stream.syn(tcp.sequenceNumber);
      const length = end - tcp.headerEnd;
      if (length > 0) {
        const { sequenceNumber: sequence, headerEnd: start } = tcp;
        from.stream.segment({ sequence, length, bytes, start, end, frame: frame.number, instant: frame });
      }
      if ((tcp.flags & tcpFlags.fin) !== 0) from.stream.fin((tcp.sequenceNumber + length) >>> 0);
      if ((tcp.flags & tcpFlags.ack) !== 0) to.stream.acknowledged(tcp.acknowledgmentNumber);
    }
    client.stream.finish(0);
    server.stream.finish(0);
    return { client, server };
  }

  function digest(text: string): string {
    return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16);
  }

  // tshark -q -z follow,tcp,raw,0: octets and SHA-256 of each direction.
  it.each([
    ['25b-tcp-control-tiny-segments-server.pcap', 340, 'd30d8597c7bb246d', 188, 'adf2028cfcfcc5bb'],
    ['50-variant-time-shuffled.pcap', 340, 'c12e23994b5f241f', 188, 'c106512c4f06abce'],
    ['50-variant-ethernet-padding.pcap', 340, 'c12e23994b5f241f', 188, 'c106512c4f06abce'],
  ])('%s gives the octets that tshark follows', (file, clientOctets, clientDigest, serverOctets, serverDigest) => {
    const { client, server } = replay(file);
    expect([client.text.length, digest(client.text)]).toEqual([clientOctets, clientDigest]);
    expect([server.text.length, digest(server.text)]).toEqual([serverOctets, serverDigest]);
    for (const { stream } of [client, server]) expect(stream.missing).toBe(0);
  });

  it('50-variant-capture-drops.pcap misses what its sequence numbers say', () => {
    // tshark -e tcp.seq -e tcp.len: client 1-324, FIN at 341; server 157-188, FIN at 189.
    const { client, server } = replay('50-variant-capture-drops.pcap');
    expect([client.stream.delivered, client.stream.missing]).toEqual([324, 16]);
    expect([server.stream.delivered, server.stream.missing]).toEqual([32, 156]);
    expect(server.events[0]).toEqual({ missing: 156, frame: 8 });
  });
});
