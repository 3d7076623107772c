import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legal } from '../../test/support/arbitrary.ts';
import { octets, padded } from '../../test/support/octets.ts';
import { hex } from '../octets/hex.ts';
import { joined } from '../octets/joined.ts';
import type { Layout } from '../wire/layout.ts';
import { MessageFramer } from './framer.ts';
import { controlMessageLayouts, encodeControlMessage, type KnownControlMessage } from './message.ts';

const echo = octets('0010 0001 1a2b3c4d 0005 0000 89e24410');
const clear = octets('0010 0001 1a2b3c4d 000c 0000 7800 0000');
const setLinkInfo = octets('0018 0001 1a2b3c4d 000f 0000 0001 0000 ffffffff ffffffff');

interface Seen {
  messages: { octets: string; frames: readonly number[]; seconds: number }[];
  anomalies: string[];
  notPptp: string[];
}

/** Frames what `feed` gives, ends the stream, and tells what came out. */
function framed(feed: (framer: MessageFramer) => void): Seen {
  const seen: Seen = { messages: [], anomalies: [], notPptp: [] };
  const framer = new MessageFramer({
    message: ({ bytes }, start, end, frames, instant) =>
      seen.messages.push({ octets: hex(bytes.subarray(start, end)), frames: [...frames], seconds: instant.seconds }),
    anomaly: (code, message, frame) => seen.anomalies.push(`${frame} ${code}: ${message}`),
    notPptp: (skipped, frame) => seen.notPptp.push(`${frame} ${hex(skipped)}`),
  });
  feed(framer);
  framer.finish();
  return seen;
}

/** Feeds one chunk as one frame that came at the second of its number. */
function chunk(framer: MessageFramer, bytes: Uint8Array, frame: number): void {
  // Chunks lie somewhere inside a buffer that is reused afterwards.
  const buffer = new Uint8Array(bytes.length + 7).fill(0x1a);
  buffer.set(bytes, 4);
  framer.octets(buffer, 4, 4 + bytes.length, frame, { seconds: frame, nanoseconds: 0 });
  buffer.fill(0xff);
}

describe('MessageFramer', () => {
  it('gives one message for one segment', () => {
    expect(framed((framer) => chunk(framer, echo, 7))).toEqual({
      messages: [{ octets: hex(echo), frames: [7], seconds: 7 }],
      anomalies: [],
      notPptp: [],
    });
  });

  it('gives several messages of one segment', () => {
    const seen = framed((framer) => chunk(framer, joined([echo, clear, setLinkInfo]), 3));
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(echo), hex(clear), hex(setLinkInfo)]);
    expect(seen.messages.map((one) => one.frames)).toEqual([[3], [3], [3]]);
  });

  it('names every frame that carried a message, and the time of its first octet', () => {
    const seen = framed((framer) => {
      chunk(framer, joined([echo, clear.subarray(0, 1)]), 1);
      chunk(framer, clear.subarray(1, 9), 2);
      chunk(framer, joined([clear.subarray(9), setLinkInfo]), 5);
    });
    expect(seen.messages).toEqual([
      { octets: hex(echo), frames: [1], seconds: 1 },
      { octets: hex(clear), frames: [1, 2, 5], seconds: 1 },
      { octets: hex(setLinkInfo), frames: [5], seconds: 5 },
    ]);
  });

  it('names another protocol by its first octets, once, and finds messages after it', () => {
    const banner = octets(padded('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n', 40));
    const seen = framed((framer) => {
      chunk(framer, banner, 4);
      chunk(framer, joined([echo, banner]), 5);
    });
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(echo)]);
    expect(seen.notPptp).toEqual([`4 ${hex(banner)}`]);
    expect(seen.anomalies).toEqual([
      '4 octets-skipped: 40 octets skipped that are no message',
      '5 octets-skipped: 40 octets skipped that are no message',
    ]);
  });

  it('gives 64 octets of a long foreign stream at most, as soon as they are there', () => {
    const seen: string[] = [];
    const framer = new MessageFramer({
      message: () => {},
      anomaly: () => {},
      notPptp: (skipped) => seen.push(hex(skipped)),
    });
    chunk(framer, new Uint8Array(200).fill(0x41), 1);
    expect(seen).toEqual(['41'.repeat(64)]);
  });

  it('names fewer octets than a header holds, when the stream ends', () => {
    expect(framed((framer) => chunk(framer, octets('474554'), 2)).notPptp).toEqual(['2 474554']);
  });

  it('says that a cookie is wrong in what is otherwise a message', () => {
    const wrong = Uint8Array.from(echo);
    wrong[7] = 0x4e;
    const seen = framed((framer) => chunk(framer, joined([wrong, clear]), 9));
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(clear)]);
    expect(seen.anomalies[0]).toBe('9 bad-magic-cookie: the magic cookie is 0x1a2b3c4e, must be 0x1a2b3c4d');
  });

  it.each([15, 221, 0xffff, 0])('does not believe that a known message has %i octets', (length) => {
    const wrong = Uint8Array.from(echo);
    new DataView(wrong.buffer).setUint16(0, length);
    const seen = framed((framer) => chunk(framer, joined([wrong, clear]), 9));
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(clear)]);
    expect(seen.anomalies).toEqual([
      `9 bad-length: Echo-Request: the length field says ${length} octets`,
      '9 octets-skipped: 16 octets skipped that are no message',
    ]);
  });

  it('keeps messages of unknown types, as long as they say', () => {
    const unknown = joined([octets('4000 0001 1a2b3c4d 0010 0000'), new Uint8Array(0x4000 - 12).fill(9)]);
    const seen = framed((framer) => {
      for (let at = 0; at < unknown.length; at += 1000) chunk(framer, unknown.subarray(at, at + 1000), 1);
      chunk(framer, echo, 2);
    });
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(unknown), hex(echo)]);
    expect(seen.anomalies).toEqual([]);
  });

  it('holds the longest message that there can be', () => {
    const unknown = joined([octets('ffff 0001 1a2b3c4d 0010 0000'), new Uint8Array(0xffff - 12).fill(9)]);
    const seen = framed((framer) => chunk(framer, joined([unknown, echo]), 1));
    expect(seen.messages.map((one) => one.octets.length / 2)).toEqual([0xffff, 16]);
  });

  it('finds the messages inside what claimed to be longer than the stream', () => {
    const seen = framed((framer) => {
      chunk(framer, octets('ffff 0001 1a2b3c4d 0010 0000 aabb'), 1);
      chunk(framer, joined([echo, clear]), 2);
    });
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(echo), hex(clear)]);
    expect(seen.anomalies[0]).toBe(
      '1 message-incomplete: control message 16: 46 of 65535 octets came, then the stream ends',
    );
  });

  it('hands on the beginning of a message that lost octets, and goes on where it would have ended', () => {
    const seen = framed((framer) => {
      chunk(framer, joined([echo, setLinkInfo.subarray(0, 14)]), 1);
      framer.gap(3, 2);
      chunk(framer, setLinkInfo.subarray(17, 19), 3);
      framer.gap(2, 4);
      chunk(framer, joined([setLinkInfo.subarray(21), clear]), 5);
    });
    expect(seen.messages).toEqual([
      { octets: hex(echo), frames: [1], seconds: 1 },
      { octets: hex(setLinkInfo.subarray(0, 14)), frames: [1], seconds: 1 },
      { octets: hex(clear), frames: [5], seconds: 5 },
    ]);
    expect(seen.notPptp).toEqual([]);
    expect(seen.anomalies).toEqual([
      '1 message-incomplete: Set-Link-Info: 14 of 24 octets came, then 3 octets of the stream are missing',
    ]);
  });

  it('searches for the next message where more is lost than the rest of one', () => {
    const seen = framed((framer) => {
      chunk(framer, setLinkInfo.subarray(0, 14), 1);
      framer.gap(20, 2);
      chunk(framer, joined([echo.subarray(10), clear]), 3);
    });
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(setLinkInfo.subarray(0, 14)), hex(clear)]);
    expect(seen.notPptp).toEqual([]);
    expect(seen.anomalies.slice(1)).toEqual([
      '2 octets-skipped: 6 octets skipped after a loss, until the next message',
    ]);
  });

  it('goes on silently after a loss between messages', () => {
    const seen = framed((framer) => {
      chunk(framer, echo, 1);
      framer.gap(16, 2);
      chunk(framer, clear, 3);
    });
    expect(seen.messages.map((one) => one.octets)).toEqual([hex(echo), hex(clear)]);
    expect(seen.anomalies).toEqual([]);
  });

  it('says that the stream ends inside a message', () => {
    const seen = framed((framer) => chunk(framer, echo.subarray(0, 13), 6));
    expect(seen.anomalies).toEqual(['6 message-incomplete: Echo-Request: 13 of 16 octets came, then the stream ends']);
  });

  it('gives the same messages however the stream is cut', () => {
    fc.assert(
      fc.property(stream, fc.infiniteStream(fc.integer({ min: 1, max: 300 })), (bytes, sizes) => {
        const whole = framed((framer) => chunk(framer, bytes, 1));
        const cut = framed((framer) => {
          for (let at = 0; at < bytes.length; ) {
            const size = sizes.next().value ?? 1;
            chunk(framer, bytes.subarray(at, at + size), 1);
            at += size;
          }
        });
        expect(cut.messages.map((one) => one.octets)).toEqual(whole.messages.map((one) => one.octets));
        expect(cut.notPptp).toEqual(whole.notPptp);
        expect(cut.anomalies).toEqual(whole.anomalies);
      }),
    );
  });

  it('gives back the messages that a stream was made of', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), fc.integer({ min: 1, max: 400 }), (messages, size) => {
        const bytes = joined(messages);
        const seen = framed((framer) => {
          for (let at = 0; at < bytes.length; at += size) chunk(framer, bytes.subarray(at, at + size), at);
        });
        expect(seen.messages.map((one) => one.octets)).toEqual(messages.map(hex));
        expect(seen.anomalies).toEqual([]);
      }),
    );
  });
});

const message = fc
  .constantFrom(...Object.values(controlMessageLayouts))
  .chain((format) => legal(format as unknown as Layout<KnownControlMessage>))
  .map((value) => encodeControlMessage(value));

/** Messages, garbage, and pieces of both. */
const stream = fc
  .array(
    fc.oneof(
      message,
      message.map((bytes) => bytes.subarray(0, 13)),
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(octets('1a2b3c4d')),
    ),
    { maxLength: 8 },
  )
  .map((parts) => joined(parts));
