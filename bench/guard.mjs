// Guards the speed of the hot path: the time that the analysis takes for a packet, as a multiple of what a bare loop over the same
// octets takes (record header, Ethernet, IPv4, GRE, a table of calls). Both take turns over small pieces of a capture and the least
// time of each piece counts, so that what else the machine does falls out. Exits with 1 where a multiple is above its limit.
//
//   node bench/guard.mjs
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Analysis } from '../dist/index.js';
import { command } from './command.mjs';
import { generate } from './generate.mjs';

command('node bench/guard.mjs', 'Fails where a packet takes longer than it may, against a bare loop.').parse();

/** Twice what was measured when they were set. */
const limits = { gre: 45, mixed: 45 };

/** A machine that is busy all the time shows now and then one and a half times as much; code that got slower shows it each time. */
const attempts = 3;

const pieceSize = 1 << 18;
const rounds = 14;
/** In these, everything is compiled. */
const warmUp = 3;

/** Reads what the hot path reads of each packet, and does nothing else with it. */
class BareLoop {
  calls = new Int32Array(0x1_0000);
  carried = 0;
  first = true;

  /** Pieces end within records: the rest of one is passed over at the next. */
  push(piece) {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    let at = this.first ? 24 : this.carried;
    this.first = false;
    while (at + 16 <= piece.length) {
      const captured = view.getUint32(at + 8, true);
      const ip = at + 30;
      if (ip + 32 <= piece.length && view.getUint16(at + 28) === 0x0800 && view.getUint8(ip + 9) === 47) {
        const gre = ip + ((view.getUint8(ip) & 0x0f) << 2);
        this.calls[view.getUint16(gre + 6)] += view.getUint16(gre + 4) + (view.getUint32(at, true) & 1);
      }
      at += 16 + captured;
    }
    this.carried = at - piece.length;
  }
}

/** Pieces that end between records, copied into the same place, as a file is read. */
function pieces(octets) {
  const ends = [];
  let last = 0;
  for (let at = 24; at + 16 <= octets.length; at += 16 + octets.readUInt32LE(at + 8)) {
    if (at - last < pieceSize) continue;
    ends.push(at);
    last = at;
  }
  return ends;
}

function multipleOf(kind, folder) {
  const file = join(folder, kind);
  generate(kind, 40e6, file);
  const octets = readFileSync(file);
  const ends = pieces(octets);
  const place = new Uint8Array(pieceSize + 0x1_0000);
  const least = [new Float64Array(ends.length).fill(Infinity), new Float64Array(ends.length).fill(Infinity)];
  for (let round = 0; round < rounds; round += 1) {
    const readers = [new BareLoop(), new Analysis().capture(file, null)];
    let start = 0;
    for (const [number, end] of ends.entries()) {
      for (const [which, reader] of readers.entries()) {
        place.set(octets.subarray(start, end));
        const before = performance.now();
        reader.push(place.subarray(0, end - start));
        const took = performance.now() - before;
        if (round >= warmUp && took < least[which][number]) least[which][number] = took;
      }
      start = end;
    }
  }
  // The calls are set up in the first half.
  const [bare, whole] = least.map((times) => times.subarray(times.length / 2).reduce((sum, time) => sum + time, 0));
  return whole / bare;
}

const folder = mkdtempSync(join(tmpdir(), 'pptpscope-guard-'));
try {
  for (const [kind, limit] of Object.entries(limits)) {
    let multiple = Infinity;
    for (let attempt = 0; attempt < attempts && multiple > limit; attempt += 1) {
      multiple = Math.min(multiple, multipleOf(kind, folder));
    }
    const slow = multiple > limit;
    console.log(`${kind}: ${multiple.toFixed(1)} times a bare loop, at most ${limit}${slow ? ': TOO SLOW' : ''}`);
    if (slow) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
