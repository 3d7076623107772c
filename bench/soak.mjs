// Days of live traffic in packet time, as `live` analyses them: sessions that come up, fail, fall silent and leave, one that
// stays, one control connection with a call after another, GRE without a control connection, fragments, ICMP errors, and
// once an hour a flood of each kind. Says what is held at the end of every hour, and fails where that grows. Build first.
//
//   npm run soak -- --help
import { Analysis } from '../dist/index.js';
import { command, number } from './command.mjs';
import { random, Session } from './generate.mjs';

const {
  hours,
  rate,
  flood: floodPackets,
  keep: keepEnded,
  slack,
  json,
} = command('npm run soak --', 'Fails where what live traffic leaves behind grows.')
  .option('--hours <number>', 'of packet time', number, 24)
  .option('--rate <number>', 'sessions a second', number, 0.5)
  .option('--flood <number>', 'packets of each flood', number, 5000)
  .option('--keep <number>', 'ended tunnels that the report keeps', number, 1000)
  .option('--slack <number>', 'entries that a table may gain beside a quarter', number, 4500)
  .option('--json', 'one object instead of lines', false)
  .parse()
  .opts();
const choose = random(2637);

/** What is sent, as chunks of a pcap with the time of the simulation. */
class Air {
  identification = 0;
  frames = 0;
  seconds = 1_700_000_000;
  #microseconds = 0;
  #at = 0;
  #buffer = Buffer.alloc(4 << 20);
  #push;

  constructor(push) {
    this.#push = push;
    const header = Buffer.alloc(24);
    for (const [place, word] of [0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1].entries()) {
      header.writeUInt32LE(word, 4 * place);
    }
    push(header);
  }

  tick() {
    this.flush();
    this.seconds += 1;
    this.#microseconds = 0;
  }

  flush() {
    if (this.#at > 0) this.#push(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }

  /** A frame of Ethernet and IPv4, as in generate.mjs. */
  packet(protocol, source, destination, size, fill, fragment = 0, identification = -1) {
    this.identification = (this.identification + 1) & 0xffff;
    const ip = this.#record(34 + size, 0x0800);
    const buffer = this.#buffer;
    buffer[ip] = 0x45;
    buffer.writeUInt16BE(20 + size, ip + 2);
    buffer.writeUInt16BE(identification < 0 ? this.identification : identification, ip + 4);
    buffer.writeUInt16BE(fragment, ip + 6);
    buffer[ip + 8] = 64;
    buffer[ip + 9] = protocol;
    buffer.writeUInt32BE(source >>> 0, ip + 12);
    buffer.writeUInt32BE(destination >>> 0, ip + 16);
    fill(buffer, ip + 20);
  }

  packet6(protocol, source, destination, size, fill) {
    const ip = this.#record(54 + size, 0x86dd);
    const buffer = this.#buffer;
    buffer[ip] = 0x60;
    buffer.writeUInt16BE(size, ip + 4);
    buffer[ip + 6] = protocol;
    buffer[ip + 7] = 64;
    for (const [at, address] of [
      [8, source],
      [24, destination],
    ]) {
      buffer.writeUInt32BE(0x20010db8, ip + at);
      buffer.writeUInt32BE(address >>> 0, ip + at + 12);
    }
    fill(buffer, ip + 40);
  }

  #record(length, etherType) {
    if (this.#at + length + 16 > this.#buffer.length) this.flush();
    const buffer = this.#buffer;
    // More than fit into a second share its last microsecond.
    this.#microseconds = Math.min(999_999, this.#microseconds + 7);
    for (const [place, word] of [this.seconds, this.#microseconds, length, length].entries()) {
      buffer.writeUInt32LE(word, this.#at + 4 * place);
    }
    const at = this.#at + 16;
    buffer.fill(0, at, at + length);
    buffer.writeUInt16BE(etherType, at + 12);
    this.#at = at + length;
    this.frames += 1;
    return at + 14;
  }
}

// Behaviours: each yields the seconds until it goes on.

function* healthy(session, lasts) {
  session.start();
  session.call();
  yield 1;
  negotiate(session);
  for (let left = lasts; left > 0; left -= 20) {
    for (let packet = 0; packet < 3; packet += 1) session.data(packet & 1, [60, 400, 1200][choose(3)], choose);
    if (left % 60 === 0) echo(session);
    yield 20;
  }
  hangUp(session);
}

function* wrongPassword(session) {
  session.start();
  session.call();
  yield 1;
  lcp(session);
  challenge(session);
  yield 1;
  session.control(1, 0xc223, 4, 7, [...Buffer.from('E=691 R=0 V=3 M=denied')]);
  session.control(1, 0xc021, 5, 9, []);
  hangUp(session);
}

function* greBlocked(session) {
  session.start();
  session.call();
  for (let request = 1; request <= 10; request += 1) {
    session.control(0, 0xc021, 1, request, [1, 4, 5, 120, 5, 6, 1, 1, 1, 1]);
    if (request === 2) unreachable(session, 47);
    yield 3;
  }
  hangUp(session);
}

function* refused(session) {
  session.segment(0, 2);
  yield 1;
  session.segment(1, 20);
}

function* unanswered(session) {
  for (const wait of [1, 2, 4]) {
    session.tcpNext[0] = 1000;
    session.segment(0, 2);
    yield wait;
  }
}

/** Comes up and is not heard of again. */
function* vanishing(session) {
  yield* dial(session);
  session.data(0, 100, choose);
  session.data(1, 100, choose);
}

/** The other end loses its power: echoes go on unanswered. */
function* alone(session) {
  yield* dial(session);
  for (let request = 0; request < 6; request += 1) {
    session.control(0, 0xc021, 9, request, [1, 1, 1, 1]);
    yield 30;
  }
  session.segment(0, 4);
}

/** GRE whose control connection runs elsewhere: both directions, or one. */
function* greAlone(session, bothWays) {
  for (let packet = 0; packet < 12; packet += 1) {
    session.data(bothWays ? packet & 1 : 0, 100, choose);
    yield 10;
  }
}

/** Half of a message, a hole, and octets behind it that never join. */
function* holed(session) {
  session.start();
  for (let segment = 0; segment < 40; segment += 1) {
    session.tcpNext[0] += 3000;
    session.segment(0, 24, Buffer.alloc(1400, segment));
    if (segment % 10 === 0) yield 5;
  }
}

/** What is no PPTP on PPTP's port. */
function* noise(session) {
  session.segment(0, 2);
  session.segment(1, 18);
  session.segment(0, 16);
  for (let segment = 0; segment < 4; segment += 1) {
    session.segment(0, 24, Buffer.from(Array.from({ length: 100 + choose(400) }, () => choose(256))));
    yield 2;
  }
}

/** The same two ends and ports, again and again. */
function* redialling(session) {
  for (let turn = 0; ; turn += 1) {
    session.tcpNext[0] = (turn * 100_000) >>> 0;
    session.tcpNext[1] = (turn * 300_000) >>> 0;
    session.greNext = [0, 0];
    yield* dial(session);
    hangUp(session);
    yield 45;
  }
}

/** A tunnel for as long as it goes. */
function* staying(session) {
  yield* dial(session);
  for (;;) {
    for (let second = 0; second < 60; second += 1) {
      session.data(0, 300, choose);
      session.data(1, 1200, choose, second % 10 === 0);
      yield 1;
    }
    echo(session);
    session.control(0, 0xc021, 9, 1, [1, 1, 1, 1]);
    session.control(1, 0xc021, 10, 1, [2, 2, 2, 2]);
  }
}

/** One control connection that carries a call after another, as between an access concentrator and its server. */
function* callAfterCall(session) {
  session.start();
  for (let number = 1; ; number += 1) {
    session.ids = [number & 0xffff, (number * 3) & 0xffff];
    session.greNext = [0, 0];
    session.call();
    negotiate(session);
    yield 5;
    session.data(0, 100, choose);
    clear(session);
    if (number % 3 === 0) echo(session);
    yield 15;
  }
}

function* dial(session) {
  session.start();
  session.call();
  yield 1;
  negotiate(session);
}

function hangUp(session) {
  clear(session);
  session.end();
}

function clear(session) {
  session.message(0, 12, 16, (octets) => octets.writeUInt16BE(session.ids[0], 12));
  session.message(1, 13, 148, (octets) => {
    octets.writeUInt16BE(session.ids[1], 12);
    octets[14] = 4;
  });
}

function echo(session) {
  session.message(0, 5, 16, (octets) => octets.writeUInt32BE(7, 12));
  session.message(1, 6, 20, (octets) => {
    octets.writeUInt32BE(7, 12);
    octets[16] = 1;
  });
}

function lcp(session) {
  const client = [1, 4, 5, 120, 5, 6, 1, 1, 1, 1];
  const demanding = [1, 4, 5, 120, 3, 5, 0xc2, 0x23, 0x81, 5, 6, 2, 2, 2, 2];
  session.control(0, 0xc021, 1, 1, client);
  session.control(1, 0xc021, 1, 1, demanding);
  session.control(0, 0xc021, 2, 1, demanding);
  session.control(1, 0xc021, 2, 1, client);
}

/** Never the same twice, as it should be. RFC 2759 §4 */
function challenge(session) {
  const octets = (count) => Array.from({ length: count }, () => choose(256));
  session.control(1, 0xc223, 1, 7, [16, ...octets(16), 0x73]);
  session.control(0, 0xc223, 2, 7, [49, ...octets(16), 0, 0, 0, 0, 0, 0, 0, 0, ...octets(24), 0, 0x75]);
}

function negotiate(session) {
  lcp(session);
  challenge(session);
  session.control(1, 0xc223, 3, 7, [...Buffer.from(`S=${'A'.repeat(40)}`)]);
  for (const code of [1, 2]) for (const from of [0, 1]) session.control(from, 0x80fd, code, 1, [18, 6, 1, 0, 0, 0x40]);
  for (const code of [1, 2]) {
    for (const from of [0, 1]) {
      session.control(from, 0x8021, code, 1, [3, 6, 10, 0, 0, (from === 0) === (code === 1) ? 5 : 1]);
    }
  }
}

/** ICMP destination unreachable that quotes the header of a packet of the client. RFC 792 */
function unreachable({ writer, address, ids }, protocol) {
  const server = 0xc6336401;
  writer.packet(1, server, address, 36, (buffer, at) => {
    buffer[at] = 3;
    buffer[at + 1] = 2;
    buffer[at + 8] = 0x45;
    buffer.writeUInt16BE(100, at + 10);
    buffer[at + 16] = 64;
    buffer[at + 17] = protocol;
    buffer.writeUInt32BE(address, at + 20);
    buffer.writeUInt32BE(server, at + 24);
    buffer.writeUInt32BE(0x3081880b, at + 28);
    buffer.writeUInt16BE(ids[1], at + 34);
  });
}

const anywhere = () => (choose(0x1_0000) * 0x1_0000 + choose(0x1_0000)) >>> 0;

/** Each puts one packet on the air that belongs to nothing. */
const floods = {
  syn: (air) =>
    air.packet(6, anywhere(), 0xc6336401, 20, (buffer, at) => {
      buffer.writeUInt16BE(1024 + choose(60_000), at);
      buffer.writeUInt16BE(1723, at + 2);
      buffer.writeUInt32BE(anywhere(), at + 4);
      buffer[at + 12] = 0x50;
      buffer[at + 13] = 2;
    }),
  gre: (air) => air.packet(47, anywhere(), 0xc6336401, 50, greHeader),
  greOfTwoAddresses: (air) => air.packet(47, 0xc0000201, 0xc6336401, 50, greHeader),
  gre6: (air) => air.packet6(47, anywhere(), choose(1000), 50, greHeader),
  fragments: (air) => air.packet(47, anywhere(), 0xc6336401, 1400, () => {}, 0x2000 | choose(100), choose(0x1_0000)),
  icmp: (air) =>
    unreachable({ writer: air, address: anywhere(), ids: [0, choose(0x1_0000)] }, choose(2) === 0 ? 6 : 47),
  otherTcp: (air) =>
    air.packet(6, anywhere(), anywhere(), 20, (buffer, at) => {
      buffer.writeUInt16BE(choose(0x1_0000), at);
      buffer.writeUInt16BE(443, at + 2);
      buffer[at + 12] = 0x50;
      buffer[at + 13] = 2;
    }),
  esp: (air) => air.packet(50, anywhere(), anywhere(), 60, () => {}),
};

function greHeader(buffer, at) {
  buffer.writeUInt16BE(0x3001, at);
  buffer.writeUInt16BE(0x880b, at + 2);
  buffer.writeUInt16BE(38, at + 4);
  buffer.writeUInt16BE(choose(0x1_0000), at + 6);
  buffer.writeUInt32BE(anywhere(), at + 8);
  buffer[at + 12] = 0xfd;
}

/** Numbers a second on average, as whole numbers. */
function arrivals(perSecond) {
  const whole = Math.floor(perSecond);
  return whole + (choose(10_000) < (perSecond - whole) * 10_000 ? 1 : 0);
}

const kinds = [
  [50, (session) => healthy(session, 20 * (1 + choose(60)))],
  [10, wrongPassword],
  [8, greBlocked],
  [8, refused],
  [8, unanswered],
  [2, vanishing],
  [2, alone],
  [3, (session) => greAlone(session, true)],
  [3, (session) => greAlone(session, false)],
  [3, holed],
  [3, noise],
];
const weights = kinds.reduce((sum, [weight]) => sum + weight, 0);

function behaviour(session) {
  let ticket = choose(weights);
  for (const [weight, make] of kinds) {
    if (ticket < weight) return make(session);
    ticket -= weight;
  }
  throw new Error('unreachable');
}

/**
 * Entries of every Map, Set and array that can be reached, by the names that lead there: what grows has a name.
 * Private fields (#) are not seen; the heap is.
 */
function tables(root) {
  const sizes = new Map();
  const seen = new Set([root]);
  const waiting = [[root, '']];
  const visit = (value, path) => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    waiting.push([value, path]);
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [held, path] = next;
    if (ArrayBuffer.isView(held) || held instanceof ArrayBuffer) continue;
    const own = held.constructor?.name ?? '';
    if (Array.isArray(held) || held instanceof Map || held instanceof Set) {
      const size = Array.isArray(held) ? held.length : held.size;
      sizes.set(path, (sizes.get(path) ?? 0) + size);
      for (const entry of held) {
        if (held instanceof Map) for (const part of entry) visit(part, `${path}[]`);
        else visit(entry, `${path}[]`);
      }
    } else {
      const base = own === 'Object' || own === '' ? path : own;
      for (const key of Object.keys(held)) visit(held[key], `${base}.${key}`);
    }
  }
  return sizes;
}

let session = 0;
const told = new Map();
const analysis = new Analysis({
  limits: { 'ended-tunnels': keepEnded },
  onEvent: ({ kind }) => told.set(kind, (told.get(kind) ?? 0) + 1),
});
const capture = analysis.capture('soak', null);
const air = new Air((chunk) => capture.push(chunk));
const newSession = () => new Session(air, session++ % 0xff_ffff);

/** Behaviours by the second in which they go on. */
const due = new Map();
function goOn(script, second) {
  const { done, value } = script.next();
  if (done) return;
  const later = second + value;
  const list = due.get(later);
  if (list === undefined) due.set(later, [script]);
  else list.push(script);
}

const samples = [];
const started = process.cpuUsage();
function sample(hour) {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  const { user } = process.cpuUsage(started);
  const octets = heapUsed + external;
  const { count: open } = capture.open(0);
  samples.push({ hour, frames: air.frames, octets, open, cpuSeconds: user / 1e6, tables: tables(capture) });
  if (json) return;
  const megabytes = (octets / 1e6).toFixed(1);
  console.log(
    `hour ${hour}: ${air.frames} frames, ${open} open tunnels, ${megabytes} MB, ${(user / 1e6).toFixed(0)} s of CPU`,
  );
}

for (const make of [redialling, staying, callAfterCall]) goOn(make(newSession()), 0);
const floodNames = Object.keys(floods);
for (let second = 0; second < hours * 3600; second += 1) {
  const scripts = due.get(second) ?? [];
  due.delete(second);
  for (const script of scripts) goOn(script, second);
  for (let count = arrivals(rate); count > 0; count -= 1) goOn(behaviour(newSession()), second);
  // In each hour, from its fifth minute on: ten seconds of each flood, a minute apart.
  const minute = Math.floor(second / 60) % 60;
  const flood = floods[floodNames[minute - 5]];
  if (flood !== undefined && second % 60 < 10) {
    for (let count = floodPackets / 10; count > 0; count -= 1) flood(air);
  }
  air.tick();
  // As `live` does once a second.
  capture.elapse(0.5);
  if ((second + 1) % 3600 === 0) sample((second + 1) / 3600);
}

/** The second hour has all that a later one has: tunnels that are given up after an hour of silence, too. */
const from = samples[1] ?? samples[0];
const to = samples.at(-1);
const grown = [...to.tables].filter(([path, size]) => size > 1.25 * (from.tables.get(path) ?? 0) + slack);
const flat = to.octets <= 1.1 * from.octets + 8e6;
const largest = [...to.tables].sort((a, b) => b[1] - a[1]).slice(0, 12);
capture.finish();
const { limitsReached, tunnels } = analysis.report();
if (json) {
  const told_ = Object.fromEntries([...told].sort((a, b) => b[1] - a[1]));
  const lines = samples.map(({ tables: _tables, ...rest }) => rest);
  console.log(
    JSON.stringify({ flat, grown, samples: lines, events: told_, largest, limitsReached, tunnels: tunnels.length }),
  );
} else {
  console.log(`events: ${[...told].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  console.log(`largest tables: ${largest.map(([path, size]) => `${path} ${size}`).join(', ')}`);
  for (const { limit, times } of limitsReached) console.log(`limit ${limit}: ${times} times`);
}
for (const [path, size] of grown) console.error(`soak: ${path} grew from ${from.tables.get(path) ?? 0} to ${size}`);
if (!flat)
  console.error(
    `soak: memory grew from ${from.octets} octets after hour ${from.hour} to ${to.octets} after hour ${to.hour}`,
  );
process.exitCode = flat && grown.length === 0 ? 0 : 1;
