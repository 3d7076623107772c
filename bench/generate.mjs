// Captures to measure with, the same for the same seed. Written straight from the RFCs, with no code of the program.
//
//   node bench/generate.mjs --help
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Argument } from 'commander';
import { command, number } from './command.mjs';

const server = 0xc6336401;

/** xorshift32: reproducible, quick, and good enough to choose sizes with. */
export function random(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

class Writer {
  constructor(file, pcapng) {
    this.descriptor = openSync(file, 'w');
    this.pcapng = pcapng;
    this.buffer = Buffer.alloc(8 << 20);
    this.at = 0;
    this.written = 0;
    this.frames = 0;
    this.microseconds = 0;
    this.identification = 0;
    this.header();
  }

  header() {
    const { buffer } = this;
    if (this.pcapng) {
      // Section Header Block and Interface Description Block, little-endian.
      for (const word of [0x0a0d0d0a, 28, 0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff, 28]) this.word(word);
      for (const word of [1, 20, 1, 262144, 20]) this.word(word);
    } else {
      for (const word of [0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1]) this.word(word);
    }
    this.written = this.at;
    return buffer;
  }

  word(value) {
    this.buffer.writeUInt32LE(value >>> 0, this.at);
    this.at += 4;
  }

  flush() {
    writeSync(this.descriptor, this.buffer, 0, this.at);
    this.at = 0;
  }

  close() {
    this.flush();
    closeSync(this.descriptor);
  }

  /** A frame of Ethernet and IPv4; `fill` writes the IP payload at an offset of the buffer. */
  packet(protocol, source, destination, size, fill, fragment = 0, identification = -1) {
    if (this.at + size + 100 > this.buffer.length) this.flush();
    const { buffer } = this;
    const before = this.at;
    const length = 34 + size;
    this.microseconds += 10;
    const seconds = 1_700_000_000 + Math.floor(this.microseconds / 1e6);
    const rest = this.microseconds % 1e6;
    const padding = this.pcapng ? (4 - (length % 4)) % 4 : 0;
    if (this.pcapng) {
      const stamp = BigInt(seconds) * 1_000_000n + BigInt(rest);
      for (const word of [
        6,
        32 + length + padding,
        0,
        Number(stamp >> 32n),
        Number(stamp & 0xffffffffn),
        length,
        length,
      ]) {
        this.word(word);
      }
    } else {
      for (const word of [seconds, rest, length, length]) this.word(word);
    }
    const ip = this.at + 14;
    buffer.fill(0, this.at, this.at + length + padding);
    buffer.writeUInt16BE(0x0800, this.at + 12);
    buffer[ip] = 0x45;
    buffer.writeUInt16BE(20 + size, ip + 2);
    this.identification = (this.identification + 1) & 0xffff;
    buffer.writeUInt16BE(identification < 0 ? this.identification : identification, ip + 4);
    buffer.writeUInt16BE(fragment, ip + 6);
    buffer[ip + 8] = 64;
    buffer[ip + 9] = protocol;
    buffer.writeUInt32BE(source, ip + 12);
    buffer.writeUInt32BE(destination, ip + 16);
    fill(buffer, ip + 20);
    this.at += length + padding;
    if (this.pcapng) this.word(32 + length + padding);
    this.written += this.at - before;
    this.frames += 1;
  }
}

/** One client with one call. `writer` takes its packets and numbers them. */
export class Session {
  constructor(writer, number) {
    this.writer = writer;
    this.address = (0x0a000001 + number) >>> 0;
    this.port = 32768 + (number % 28000);
    this.ids = [number & 0xffff, (number * 7 + 3) & 0xffff];
    this.tcpNext = [1000, 2000];
    this.greNext = [0, 0];
    this.coherency = [0, 0];
  }

  ends(from) {
    return from === 0 ? [this.address, server] : [server, this.address];
  }

  segment(from, flags, payload = Buffer.alloc(0)) {
    const [source, destination] = this.ends(from);
    this.writer.packet(6, source, destination, 20 + payload.length, (buffer, at) => {
      buffer.writeUInt16BE(from === 0 ? this.port : 1723, at);
      buffer.writeUInt16BE(from === 0 ? 1723 : this.port, at + 2);
      buffer.writeUInt32BE(this.tcpNext[from], at + 4);
      buffer.writeUInt32BE(this.tcpNext[1 - from], at + 8);
      buffer[at + 12] = 0x50;
      buffer[at + 13] = flags;
      payload.copy(buffer, at + 20);
    });
    this.tcpNext[from] += payload.length + ((flags & 3) === 0 ? 0 : 1);
  }

  message(from, type, length, fields) {
    const octets = Buffer.alloc(length);
    octets.writeUInt16BE(length, 0);
    octets.writeUInt16BE(1, 2);
    octets.writeUInt32BE(0x1a2b3c4d, 4);
    octets.writeUInt16BE(type, 8);
    fields(octets);
    this.segment(from, 0x18, octets);
  }

  start() {
    this.segment(0, 2);
    this.segment(1, 18);
    this.segment(0, 16);
    const parameters = (octets) => {
      octets.writeUInt16BE(0x0100, 12);
      octets.writeUInt32BE(3, 16);
      octets.writeUInt32BE(3, 20);
      octets.write('host', 28);
      octets.write('bench', 92);
    };
    this.message(0, 1, 156, parameters);
    this.message(1, 2, 156, (octets) => {
      parameters(octets);
      octets[14] = 1;
    });
  }

  call() {
    this.message(0, 7, 168, (octets) => {
      octets.writeUInt16BE(this.ids[0], 12);
      octets.writeUInt32BE(3, 24);
      octets.writeUInt32BE(3, 28);
      octets.writeUInt16BE(64, 32);
    });
    this.message(1, 8, 32, (octets) => {
      octets.writeUInt16BE(this.ids[1], 12);
      octets.writeUInt16BE(this.ids[0], 14);
      octets[16] = 1;
      octets.writeUInt16BE(64, 24);
    });
  }

  end() {
    this.segment(0, 17);
    this.segment(1, 17);
    this.segment(0, 16);
  }

  /** GRE with sequence and acknowledgment numbers; `fragmented` sends it in two halves. */
  gre(from, size, fill, fragmented = false) {
    const [source, destination] = this.ends(from);
    const header = (buffer, at) => {
      buffer.writeUInt16BE(0x3081, at);
      buffer.writeUInt16BE(0x880b, at + 2);
      buffer.writeUInt16BE(size, at + 4);
      buffer.writeUInt16BE(this.ids[1 - from], at + 6);
      buffer.writeUInt32BE(this.greNext[from]++, at + 8);
      buffer.writeUInt32BE(Math.max(0, this.greNext[1 - from] - 1), at + 12);
      fill(buffer, at + 16);
    };
    if (!fragmented) {
      this.writer.packet(47, source, destination, 16 + size, header);
      return;
    }
    const whole = Buffer.alloc(16 + size);
    header(whole, 0);
    const half = ((16 + size) >> 4) << 3;
    const identification = this.writer.identification & 0xffff;
    this.writer.packet(
      47,
      source,
      destination,
      half,
      (buffer, at) => whole.copy(buffer, at, 0, half),
      0x2000,
      identification,
    );
    const rest = 16 + size - half;
    this.writer.packet(
      47,
      source,
      destination,
      rest,
      (buffer, at) => whole.copy(buffer, at, half),
      half >> 3,
      identification,
    );
  }

  /** MPPE, stateless: protocol field of one octet, count, ciphertext. */
  data(from, size, choose, fragmented = false) {
    const count = this.coherency[from]++ & 0x0fff;
    this.gre(
      from,
      3 + size,
      (buffer, at) => {
        buffer[at] = 0xfd;
        buffer.writeUInt16BE(0x9000 | count, at + 1);
        buffer.fill(choose(256), at + 3, at + 3 + size);
      },
      fragmented,
    );
  }

  control(from, protocol, code, identifier, body) {
    this.gre(from, 8 + body.length, (buffer, at) => {
      buffer.writeUInt32BE(0xff030000 + protocol, at);
      buffer[at + 4] = code;
      buffer[at + 5] = identifier;
      buffer.writeUInt16BE(4 + body.length, at + 6);
      Buffer.from(body).copy(buffer, at + 8);
    });
  }

  negotiate() {
    // The data has a protocol field of one octet, and neither address nor control field.
    const compressed = [7, 2, 8, 2];
    const client = [1, 4, 5, 120, 5, 6, 1, 1, 1, 1, ...compressed];
    const demanding = [1, 4, 5, 120, 3, 5, 0xc2, 0x23, 0x81, 5, 6, 2, 2, 2, 2, ...compressed];
    const mppe = [18, 6, 1, 0, 0, 0x40];
    this.control(0, 0xc021, 1, 1, client);
    this.control(1, 0xc021, 1, 1, demanding);
    this.control(0, 0xc021, 2, 1, demanding);
    this.control(1, 0xc021, 2, 1, client);
    this.control(1, 0xc223, 1, 7, [16, ...Array.from({ length: 16 }, (_, index) => index * 7), 0x73]);
    this.control(0, 0xc223, 2, 7, [
      49,
      ...Array.from({ length: 49 }, (_, index) => ((index > 15 && index < 24) || index === 48 ? 0 : index)),
      0x75,
    ]);
    this.control(1, 0xc223, 3, 7, [...Buffer.from(`S=${'A'.repeat(40)}`)]);
    for (const code of [1, 2]) for (const from of [0, 1]) this.control(from, 0x80fd, code, 1, mppe);
    for (const code of [1, 2]) {
      for (const from of [0, 1])
        this.control(from, 0x8021, code, 1, [3, 6, 10, 0, 0, (from === 0) === (code === 1) ? 5 : 1]);
    }
  }
}

function other(writer, choose, number) {
  const size = [60, 600, 1400][choose(3)];
  const pair = number % 97;
  writer.packet(choose(4) === 0 ? 17 : 6, 0xc0a80001 + pair, 0xc0a80101 + pair, 20 + size, (buffer, at) => {
    buffer.writeUInt16BE(443, at);
    buffer.writeUInt16BE(50000 + pair, at + 2);
    buffer.writeUInt32BE((number * 1400) >>> 0, at + 4);
    buffer[at + 12] = 0x50;
    buffer[at + 13] = 16;
  });
}

/** Calls one after the other, as many as are wanted or fit, and then data of one or another. */
function callsOf(wanted, writer, total, choose) {
  const sessions = [];
  while (sessions.length < wanted && writer.written < total * 0.9) {
    const session = new Session(writer, sessions.length);
    session.start();
    session.call();
    session.negotiate();
    sessions.push(session);
  }
  while (writer.written < total) sessions[choose(sessions.length)].data(choose(2), [100, 1400][choose(2)], choose);
}

const kinds = {
  /** Four fifths other traffic, and 512 calls. */
  mixed(writer, total, choose) {
    const sessions = Array.from({ length: 512 }, (_, number) => new Session(writer, number));
    for (const session of sessions) {
      session.start();
      session.call();
      session.negotiate();
    }
    for (let number = 0; writer.written < total; number += 1) {
      if (number % 5 !== 0) other(writer, choose, number);
      else sessions[choose(512)].data(choose(2), [100, 1400][choose(2)], choose);
    }
  },
  /** One call, data only. */
  gre(writer, total, choose) {
    const session = new Session(writer, 0);
    session.start();
    session.call();
    session.negotiate();
    while (writer.written < total) session.data(choose(2), [60, 1216][choose(2)], choose);
  },
  /** The same, each packet in two IP fragments. */
  fragments(writer, total, choose) {
    const session = new Session(writer, 0);
    session.start();
    session.call();
    session.negotiate();
    while (writer.written < total) session.data(choose(2), 1400, choose, true);
  },
  /** Calls that are all open, as many as fit, and data of one or another of them. */
  calls(writer, total, choose) {
    callsOf(100_000, writer, total, choose);
  },
  'few-calls'(writer, total, choose) {
    callsOf(512, writer, total, choose);
  },
  /** Many small control connections. */
  control(writer, total) {
    for (let number = 0; writer.written < total; number += 1) {
      const session = new Session(writer, number);
      session.start();
      session.end();
    }
  },
};

/** Behind the name of a kind: in that format. */
const asPcapng = '-pcapng';

export const kindNames = Object.keys(kinds).flatMap((kind) => [kind, kind + asPcapng]);

/** Writes a capture of one of `kindNames`; answers its frames and octets. */
export function generate(kind, total, file, seed = 1) {
  const pcapng = kind.endsWith(asPcapng);
  const fill = kinds[pcapng ? kind.slice(0, -asPcapng.length) : kind];
  const writer = new Writer(file, pcapng);
  fill(writer, total, random(seed));
  writer.close();
  return { frames: writer.frames, octets: writer.written };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { processedArgs } = command('node bench/generate.mjs', 'Writes a capture.')
    .addArgument(new Argument('<kind>').choices(kindNames))
    .argument('<octets>', 'of the file, about', number)
    .argument('<file>')
    .parse();
  const [kind, octets, file] = processedArgs;
  const made = generate(kind, octets, file);
  console.log(`${file}: ${made.frames} frames, ${made.octets} octets`);
}
