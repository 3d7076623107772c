/** `pptpscope decrypt` where MPPC compressed the packets: with MPPE and alone. RFC 2118 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureReader } from '../src/capture/reader.ts';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { hex } from '../src/octets/hex.ts';
import type { InsideReport } from '../src/report/inside.ts';
import { type AuditSession, bits } from './support/audit-sessions.ts';
import { pcapFile } from './support/captures.ts';
import { recordedIo } from './support/io.ts';
import { flushedBefore, networkPackets, withHistory, withoutHistory } from './support/mppc.ts';
import {
  authenticatesServer,
  connected,
  encrypted,
  inClear,
  password,
  pppOf,
  session,
} from './support/mppc-session.ts';
import { MppeSender } from './support/mppe-sender.ts';
import { octets, pppControl } from './support/packets.ts';
import type { SessionFrame } from './support/session.ts';
import { hasTool, outputOf } from './support/tools.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-mppc-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Decrypted {
  inside: InsideReport[];
  text: string;
  /** PPP frames. */
  inner: { octets: Uint8Array; wireLength: number }[];
  path: string;
}

let made = 0;

async function decrypt(frames: readonly SessionFrame[], words = ['--password', password]): Promise<Decrypted> {
  const capture = join(folder, `${made}.pcap`);
  const path = join(folder, `${made}.inner.pcapng`);
  made += 1;
  writeFileSync(capture, pcapFile(frames));
  const told = async (format: string): Promise<string> => {
    const io = recordedIo();
    const all = ['decrypt', capture, '--force', '-w', path, '--format', format, ...words];
    expect(await run(all, io, analyzeFiles)).toBe(0);
    return io.out();
  };
  const inner: Decrypted['inner'] = [];
  const text = await told('text');
  const inside = JSON.parse(await told('json')) as InsideReport[];
  const reader = new CaptureReader({
    frame({ window, start, end, wireLength }) {
      inner.push({ octets: window.bytes.slice(start, end), wireLength });
    },
  });
  reader.push(readFileSync(path));
  reader.finish();
  return { inside, text, inner, path };
}

/** The PPP frames of these packets. */
function expected(places: readonly number[]): string[] {
  return places.map((place) => hex(octets(0xff, 0x03, networkPackets[place] ?? [])));
}

const all = [...withHistory.keys()];
const stateless = bits.h | bits.s | bits.c;
const stateful = bits.s | bits.c;
/** Those of `withHistory` that are sent as they are: FreeRDP cannot make them shorter. */
const notCompressed = 17;
const untouched = { withoutKey: 0, lost: 0, late: 0, unreadable: 0, compressed: 0 };

describe('all of it', () => {
  it('stateless: each packet is flushed', async () => {
    const { frames } = session(stateless, encrypted(withoutHistory, 128, true));
    const { inside, inner, text } = await decrypt(frames);
    expect(inside).toMatchObject([
      {
        user: 'User',
        method: 'mppe',
        stateless: true,
        packets: { ...untouched, clear: 0, decrypted: 18, decompressed: 17 },
      },
    ]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(all.slice(0, 18)));
    expect(text).toContain('MPPE 128 bits, stateless: 18 packets decrypted, 17 of these decompressed\n');
  });

  it.each([40, 56, 128] as const)('stateful, %d bits: both sides have a history', async (size) => {
    const both = connected({ 40: bits.l, 56: bits.m, 128: bits.s }[size] | bits.c);
    const client = encrypted(withHistory, size, false);
    const server = encrypted(withHistory, size, false, 'server');
    for (const [index, packet] of client.entries()) {
      both.gre('client', packet);
      both.gre('server', server[index] ?? octets());
    }
    const { inside, inner } = await decrypt(both.frames);
    expect(inside).toMatchObject([
      { bits: size, packets: { ...untouched, clear: 0, decrypted: 48, decompressed: 46 } },
    ]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(all.flatMap((place) => [place, place])));
  });

  it('MPPC alone needs no password', async () => {
    const { inside, inner, text } = await decrypt(session(bits.c, inClear(withHistory)).frames, []);
    expect(inside).toMatchObject([
      { method: 'mppc', bits: null, packets: { ...untouched, clear: 24, decrypted: 0, decompressed: 23 } },
    ]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(all));
    expect(text).toContain('\n  MPPC alone: 24 in clear, 23 of these decompressed\n');
  });

  it.skipIf(!hasTool('tshark'))('every checksum inside is right (skipped without tshark)', async () => {
    const { path } = await decrypt(session(stateful, encrypted(withHistory, 128, false)).frames);
    const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE', '-T', 'fields'];
    const columns = ['-e', 'ip.checksum.status', '-e', 'udp.checksum.status'];
    const rows = outputOf('tshark', ['-r', path, ...options, ...columns])
      .toString()
      .trim()
      .split('\n');
    expect(rows).toEqual(all.map(() => '1\t1'));
  });
});

describe('whose keys they are', () => {
  const onlyCompressed = withHistory.slice(0, notCompressed);

  it.each([
    ['128 bits agreed, 40 used', stateful, 40, false],
    ['stateless agreed, stateful used', stateless, 128, false],
    ['stateful agreed, stateless used', stateful, 128, true],
  ] as const)('%s, and every packet is compressed', async (_, mask, size, without) => {
    const packets = without ? withoutHistory.slice(0, notCompressed) : onlyCompressed;
    const { inside, inner } = await decrypt(session(mask, encrypted(packets, size, without)).frames);
    expect(inside).toMatchObject([{ packets: { ...untouched, decrypted: 17, decompressed: 17 } }]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(all.slice(0, 17)));
  });

  it('keys of another password open nothing', async () => {
    const other = new MppeSender(
      Uint8Array.from({ length: 16 }, (_, at) => at),
      128,
      true,
    );
    const packets = withoutHistory.map(({ flags, data }) => pppOf(other.send(Uint8Array.from(data), flags)));
    const { inside, inner } = await decrypt(session(stateless, packets).frames);
    expect(inside).toMatchObject([{ packets: { decrypted: 0, decompressed: 0, unreadable: 18 } }]);
    expect(inner).toEqual([]);
  });

  it('no password', async () => {
    const { frames } = session(stateless, encrypted(withoutHistory, 128, true));
    const { inside } = await decrypt(frames, ['--password', 'client']);
    expect(inside).toMatchObject([{ confirmedByFrame: null, packets: { withoutKey: 18, decompressed: 0 } }]);
  });
});

describe('losses', () => {
  const missing = flushedBefore - 2;
  /** The receiver asks for a reset; the sender flushes. RFC 2118 §4.3 */
  const lossy = (mask: number, packets: readonly Uint8Array[]): AuditSession => {
    const one = connected(mask);
    for (const [index, packet] of packets.entries()) {
      if (index === flushedBefore) one.gre('server', pppControl(0x80fd, 14, 9, octets()));
      one.gre('client', packet);
      if (index === missing) one.frames.pop();
    }
    return one;
  };

  it.each([
    ['MPPC alone', bits.c, () => inClear(withHistory)],
    ['with stateful MPPE', stateful, () => encrypted(withHistory, 128, false)],
  ])('%s: from a missing packet to the flush', async (_, mask, packets) => {
    const { inside, inner } = await decrypt(lossy(mask, packets()).frames);
    expect(inside).toMatchObject([{ packets: { ...untouched, lost: 1, decompressed: 21 } }]);
    const places = all.filter((place) => place < missing || place >= flushedBefore);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(places));
  });

  it('stateless: a missing packet takes no other with it', async () => {
    const { frames } = lossy(stateless, encrypted(withoutHistory, 128, true));
    const { inside, inner } = await decrypt(frames);
    expect(inside).toMatchObject([{ packets: { ...untouched, decrypted: 17, decompressed: 16 } }]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(all.slice(0, 18).toSpliced(missing, 1)));
  });

  it('stateful MPPE: a packet that was not worth compressing shows where the stream goes on', async () => {
    const plain = { flags: 0, data: networkPackets[4] ?? octets() };
    const packets = encrypted(withHistory.slice(0, 20).with(4, plain), 128, false);
    const one = connected(stateful);
    for (const [index, packet] of packets.entries()) {
      one.gre('client', packet);
      if (index === 3) one.frames.pop();
    }
    const { inside, inner } = await decrypt(one.frames);
    const lost = all.filter((place) => place > 4 && place < flushedBefore);
    expect(inside).toMatchObject([{ packets: { ...untouched, lost: lost.length } }]);
    const places = all.slice(0, 20).filter((place) => place !== 3 && !lost.includes(place));
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(places));
  });

  it('MPPC alone: packets that overtook each other', async () => {
    const one = connected(bits.c);
    for (const [index, packet] of inClear(withHistory).entries()) {
      one.gre('client', packet);
      if (index % 5 === 3) one.overtake();
    }
    const { inside, inner } = await decrypt(one.frames);
    expect(inside).toMatchObject([{ packets: { ...untouched, clear: 24, decompressed: 23 } }]);
    expect(inner.map((frame) => hex(frame.octets)).toSorted()).toEqual(expected(all).toSorted());
  });

  it('a packet that is no MPPC', async () => {
    const packets = withHistory.map((packet, index) =>
      index === missing ? { ...packet, data: octets(0xf0, 0) } : packet,
    );
    const { inside } = await decrypt(session(bits.c, inClear(packets)).frames);
    expect(inside).toMatchObject([{ packets: { ...untouched, clear: 22, lost: 1, unreadable: 1 } }]);
  });
});

describe('a capture that keeps the beginnings of packets', () => {
  const kept = 140;
  const short = (frames: readonly SessionFrame[]) =>
    frames.map((frame) => ({ ...frame, octets: frame.octets.slice(0, kept), wireLength: frame.octets.length }));
  /** Before the data: Ethernet, IP, GRE with an acknowledgment, PPP and the word. */
  const headers = 14 + 20 + 16 + 4 + 2;

  it('stateless: the beginning of each packet, and how long it was', async () => {
    const { frames } = session(stateless, encrypted(withoutHistory, 128, true));
    const { inside, inner } = await decrypt(short(frames));
    expect(inside).toMatchObject([{ packets: { ...untouched, decrypted: 18, decompressed: 17 } }]);
    for (const [index, frame] of inner.entries()) {
      const [whole] = expected([index]);
      expect(frame.wireLength).toBe((whole ?? '').length / 2);
      expect(whole?.startsWith(hex(frame.octets))).toBe(true);
      // No literal is shorter than its octet.
      expect(frame.octets.length).toBeGreaterThan(((kept - headers) * 8) / 9);
    }
  });

  it('one history: the first packet, and those behind a flush', async () => {
    const { inside, inner } = await decrypt(short(session(bits.c, inClear(withHistory)).frames), []);
    // FreeRDP's 17 is flushed and not compressed; 14 and 18 are flushed.
    expect(inside).toMatchObject([
      { packets: { unreadable: 0, late: 0, clear: inner.length, lost: 24 - inner.length } },
    ]);
    const starts = inner.map(({ octets: frame }) => expected(all).findIndex((whole) => whole.startsWith(hex(frame))));
    expect(starts).toEqual(expect.arrayContaining([0, 14, 17, 18]));
    expect(starts).not.toContain(-1);
  });
});

describe('without CCP in the capture', () => {
  const withoutCcp = (packets: readonly Uint8Array[]) =>
    session(bits.c, packets).frames.filter((frame) => !hex(frame.octets).includes('ff0380fd'));

  it('MPPC alone shows that it is MPPC', async () => {
    const { inside, inner } = await decrypt(withoutCcp(inClear(withHistory)), []);
    expect(inside).toMatchObject([{ method: 'none', packets: { ...untouched, clear: 24, decompressed: 23 } }]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(all));
  });

  it('nothing is known of what was before the capture', async () => {
    // Counts that begin with 0 again; the packet refers to what was before, which is not in the capture.
    const packets = withHistory.slice(1).map((packet) => packet);
    const { inside, inner } = await decrypt(withoutCcp(inClear(packets)), []);
    const behind = all.filter((place) => place >= flushedBefore);
    expect(inside).toMatchObject([{ packets: { lost: flushedBefore - 1, unreadable: 0, compressed: 0 } }]);
    expect(inner.map((frame) => hex(frame.octets))).toEqual(expected(behind));
  });

  it('what is no MPPC is compressed with something else', async () => {
    const packets = Array.from({ length: 40 }, (_, count) =>
      pppOf({
        word: (count * 1733) & 0xffff,
        octets: Uint8Array.from({ length: 60 }, (__, at) => (at * at * 7 + count * 31) & 0xff),
      }),
    );
    const { inside, inner } = await decrypt(withoutCcp(packets), []);
    expect(inside).toMatchObject([{ method: 'none', packets: { ...untouched, clear: 0, compressed: 40 } }]);
    expect(inner).toEqual([]);
  });
});

describe('keys that are only tried', () => {
  /** A capture that lacks the first packets of the client. */
  const missing = 1000;
  const late = Array.from({ length: missing + 24 }, (_, at) => networkPackets[at % 24] ?? octets());
  const packets = encrypted(
    late.map((data) => ({ flags: 0, data })),
    128,
    true,
  ).slice(missing);

  async function told(keys: number): Promise<string> {
    const path = join(folder, 'trial.pcap');
    writeFileSync(path, pcapFile(session(0x0100_0040, packets).frames));
    const io = recordedIo();
    const words = ['decrypt', path, '-w', join(folder, 'y'), '--force', '--password', password];
    expect(await run([...words, '--limit', `key-changes=${keys}`], io, analyzeFiles)).toBe(0);
    return io.err();
  }

  it('count as eight each, so that a direction that none opens costs little', async () => {
    // Three lengths, with state and without, for the client's password: six keys. Stateless each changes for every packet.
    expect(await told(8 * missing)).toContain('limit reached');
    const enough = await told(3 * 8 * (missing + 24) + 50_000);
    expect(enough).toContain('24 packets written');
    expect(enough).not.toContain('limit reached');
  });

  it('open nothing of what is senseless: it does not count as decrypted', async () => {
    const both = session(bits.h | bits.s, encrypted(withoutHistory, 128, true));
    // Octets without a sense, whatever key: half of them begin with a protocol field of one octet.
    for (let at = 0; at < 400; at += 1) {
      const cipher = Uint8Array.from({ length: 40 }, (_, index) => (at * 37 + index * 101 + at * index) & 0xff);
      both.gre('client', pppOf({ word: 0x9000 | (18 + at), octets: cipher }));
    }
    const { inside, inner } = await decrypt(both.frames);
    expect(inside[0]?.packets.decrypted).toBeLessThan(18 + 5);
    expect(inner.slice(0, 18).map((frame) => hex(frame.octets))).toEqual(expected(all.slice(0, 18)));
  });

  it('are counted together, however often another negotiation is tried', async () => {
    const opened = encrypted(withoutHistory, 128, true);
    const both = session(bits.h | bits.s, opened);
    authenticatesServer(both);
    // Senseless, and each may be one of the first of a new count: sixty-four keys of each kind.
    for (let at = 0; at < 50; at += 1) {
      both.gre(
        'client',
        pppOf({ word: 0x9000 | 63, octets: Uint8Array.from({ length: 40 }, (_, i) => at * 37 + i * 101) }),
      );
    }
    const path = join(folder, 'again.pcap');
    writeFileSync(path, pcapFile(both.frames));
    const io = recordedIo();
    const words = ['decrypt', path, '-w', join(folder, 'z'), '--force', '--password', password];
    expect(await run([...words, '--limit', 'key-changes=5000'], io, analyzeFiles)).toBe(0);
    expect(io.err()).toContain('limit reached');
  });
});
