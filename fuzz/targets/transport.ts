/** What carries the tunnel: link headers and IP, fragments, TCP streams. */
import { Frame } from '../../src/capture/frame.ts';
import { Defragmenter } from '../../src/dissect/defragment.ts';
import { PacketTree } from '../../src/dissect/packet-tree.ts';
import { Walk } from '../../src/dissect/walk.ts';
import { octetString, once, pick, seeded, shuffled } from '../../src/fuzz/choices.ts';
import { damaged } from '../../src/fuzz/damage.ts';
import { damagedPackets } from '../../src/fuzz/damaged-packets.ts';
import { tunnel } from '../../src/fuzz/tunnel.ts';
import { decodeIcmpError } from '../../src/ip/icmp.ts';
import { linkTypes } from '../../src/link/numbers.ts';
import { AddressBook } from '../../src/octets/address.ts';
import { joined } from '../../src/octets/joined.ts';
import { Limits } from '../../src/octets/limits.ts';
import { Window } from '../../src/octets/window.ts';
import { StreamReassembler } from '../../src/tcp/stream.ts';
import { linkFrames } from '../../test/support/link-frames.ts';
import { flawsOf } from '../../test/support/packet-view.ts';
import { hold, Parameters, same, type Target } from '../target.ts';

const linkNumbers = [...new Set([...Object.values(linkTypes), 147])];
const samples = linkFrames.map(({ hex, linkType }) => ({
  link: linkNumbers.indexOf(linkType),
  octets: Uint8Array.from(hex.replaceAll(' ', '').match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)),
}));

/** Made once: a tunnel is more work than what is done with one of its packets. */
const tunnels = Array.from({ length: 30 }, (_, seed) => tunnel(seeded(seed), 'wild')).flat();

const walk: Target = {
  name: 'walk',
  what: 'a frame of any link type: the walk to IP stays inside, and the tree holds every octet once and agrees',
  batch: 1500,
  longest: 2048,
  generate(choices) {
    const settings = choices.below(4);
    if (once(choices, 3)) {
      const sample = pick(choices, samples);
      return joined([Uint8Array.of(sample.link, settings), damaged(choices, sample.octets)]);
    }
    if (once(choices, 4))
      return joined([Uint8Array.of(choices.below(32), settings), octetString(choices, choices.below(120))]);
    const [packet = pick(choices, tunnels)] = damagedPackets(choices, [pick(choices, tunnels)]);
    return joined([Uint8Array.of(linkNumbers.indexOf(packet.linkType), settings), packet.octets]);
  },
  change: damaged,
  run(input) {
    const parameters = new Parameters(input);
    const linkType = linkNumbers[parameters.octet() % linkNumbers.length] ?? 1;
    const settings = parameters.octet();
    const octets = parameters.rest();
    const frame = new Frame();
    frame.window = new Window(octets.slice());
    frame.end = octets.length;
    frame.linkType = linkType;
    frame.number = 1;
    frame.wireLength = octets.length + ((settings & 1) === 1 ? 100 : 0);
    frame.frameCheckOctets = (settings & 2) === 2 ? 4 : 0;
    const found = new Walk(new AddressBook());
    const isIp = found.walk(frame);
    if (isIp) {
      const { ipStart, payloadStart, payloadEnd, ipEnd } = found;
      const inside = 0 <= ipStart && ipStart <= payloadStart && payloadStart <= payloadEnd && payloadEnd <= frame.end;
      hold('the payload lies within the frame', inside && ipEnd <= frame.end);
      const version = found.version === 6 ? 6 : 4;
      decodeIcmpError(frame.window, payloadStart, payloadEnd, version, new AddressBook());
    }
    const tree = new PacketTree(frame.window, {
      call: () => null,
      segment: () => null,
      multilink: () => null,
      carriers: () => null,
      limits: new Limits(),
    });
    tree.frame(frame, found, isIp);
    same('no flaw in the tree', flawsOf(tree.layers, octets.length), []);
    hold('tree and walk agree on IP', (tree.source !== null) === isIp);
  },
};

/** Octets that stand for their place, so that it shows where each of them was put. */
function pattern(at: number): number {
  return (at * 7 + (at >> 8) * 31) & 0xff;
}

/** What fragments amount to, as far as they do not contradict each other. */
class Sent {
  private readonly datagrams = new Map<number, { units: Set<number>; end: number; odd: boolean; delivered: boolean }>();

  add(identification: number, from: number, to: number, more: number, isOdd: boolean): void {
    const held = this.datagrams.get(identification) ?? { units: new Set(), end: 0, odd: false, delivered: false };
    this.datagrams.set(identification, held);
    const contradicts = held.end > 0 && (to > held.end || (more === 0 && to !== held.end));
    const beyond = more === 0 && [...held.units].some((unit) => unit >= to);
    // A first fragment that is also the last is no fragment.
    held.odd ||= isOdd || contradicts || beyond || from === to || (from === 0 && more === 0);
    if (more === 0) held.end = to;
    for (let unit = from; unit < to; unit += 8) held.units.add(unit);
  }

  delivered(identification: number): void {
    const held = this.datagrams.get(identification);
    if (held !== undefined) held.delivered = true;
  }

  isAllDelivered(): boolean {
    return [...this.datagrams.values()].every(({ units, end, odd, delivered }) => {
      return odd || delivered || end === 0 || units.size * 8 < end;
    });
  }
}

const fragments: Target = {
  name: 'fragments',
  what: 'fragments of a datagram in any order, with lies: what is put together is what was sent, and is bounded',
  batch: 1000,
  longest: 1024,
  generate: (choices) => {
    // One datagram in pieces, some of them twice or over each other.
    const records: Uint8Array[] = [];
    const identification = choices.below(2);
    const last = 2 + choices.below(30);
    for (let from = 0; from < last; ) {
      const size = Math.min(last - from, 1 + choices.below(6));
      const overlap = once(choices, 3) ? choices.below(from + 1) : 0;
      const more = from + size < last ? 1 : 0;
      records.push(Uint8Array.of(identification, from - overlap, size + overlap, more));
      from += size;
    }
    if (once(choices, 2)) records.push(...records.slice(0, 1 + choices.below(3)));
    return joined([Uint8Array.of(choices.below(256)), ...(once(choices, 4) ? records : shuffled(choices, records))]);
  },
  change: damaged,
  run(input) {
    const parameters = new Parameters(input);
    const isIpv6 = parameters.octet() >= 192;
    const limits = new Limits();
    const defragmenter = new Defragmenter(limits);
    const found = new Walk(new AddressBook());
    const sent = new Sent();
    // What waits for too long is given up.
    let timePasses = false;
    for (let number = 1; parameters.left > 0; number += 1) {
      const identification = parameters.octet();
      const from = 8 * parameters.octet();
      const to = from + 8 * parameters.octet();
      const settings = parameters.octet();
      const payload = Uint8Array.from({ length: to - from }, (_, index) => pattern(from + index));
      const header = Uint8Array.from({ length: isIpv6 ? 48 : 20 });
      const view = new DataView(header.buffer);
      const more = settings & 1;
      if (isIpv6) {
        view.setUint8(0, 0x60);
        view.setUint16(4, 8 + payload.length);
        view.setUint8(6, 44);
        view.setUint8(40, 47);
        view.setUint16(42, from | more);
        view.setUint32(44, identification);
      } else {
        view.setUint8(0, 0x45);
        view.setUint16(2, 20 + payload.length);
        view.setUint16(4, identification);
        view.setUint16(6, (more << 13) | (from >> 3));
        view.setUint8(9, 47);
      }
      const octets = joined([header, payload]);
      const frame = new Frame();
      frame.window = new Window(octets);
      frame.end = octets.length - ((settings & 4) === 4 ? Math.min(8, payload.length) : 0);
      frame.wireLength = octets.length;
      frame.linkType = linkTypes.raw;
      frame.number = number;
      frame.seconds = number * (settings & 8);
      timePasses ||= (settings & 8) === 8;
      sent.add(identification, from, to, more, (settings & 4) === 4 || parameters.left < 0);
      if (!found.walk(frame) || !found.fragment || !defragmenter.push(found, frame)) continue;
      sent.delivered(identification);
      const { window, start, end, wireLength } = defragmenter;
      hold('not more than IP can carry', wireLength <= 65_535 && end - start <= wireLength);
      hold('whole unless it was cut', defragmenter.cut || end - start === wireLength);
      for (let at = start; at < end; at += 1) {
        if (window.bytes[at] !== pattern(at - start)) hold('every octet is in its place', false);
      }
    }
    hold('what came whole is put together', timePasses || sent.isAllDelivered());
    hold('what waits is bounded', defragmenter.incomplete().length <= limits.bounds['incomplete-datagrams']);
  },
};

const stream: Target = {
  name: 'tcp-stream',
  what: 'segments in any order, with overlaps and lies: in order, each octet once, in its place, and bounded',
  batch: 2000,
  longest: 1024,
  generate: (choices) => {
    const records: Uint8Array[] = [];
    let at = 0;
    for (let left = 1 + choices.below(20); left > 0; left -= 1) {
      const size = choices.below(60);
      const kind = once(choices, 5) ? 1 + choices.below(5) : 0;
      const place = once(choices, 3) ? choices.below(at + 100) : at;
      records.push(Uint8Array.of(kind, place >> 8, place & 0xff, size));
      if (kind === 0) at = Math.max(at, place + size);
    }
    return joined([octetString(choices, 4), ...records]);
  },
  change: damaged,
  run(input) {
    const parameters = new Parameters(input);
    const initial = parameters.word() * 0x1_0000 + parameters.word();
    let reached = 0;
    let delivered = 0;
    let missing = 0;
    let base: number | null = null;
    const reassembler = new StreamReassembler(
      {
        octets(bytes, start, end) {
          for (let at = start; at < end; at += 1) {
            const place = reached + at - start;
            if (base !== null && bytes[at] !== pattern((base + place) & 0xffff))
              hold('every octet is in its place', false);
          }
          reached += end - start;
          delivered += end - start;
        },
        gap(octets) {
          hold('a gap has octets', octets > 0);
          reached += octets;
          missing += octets;
        },
      },
      new Limits(),
    );
    let frame = 1;
    for (; parameters.left > 0; frame += 1) {
      const kind = parameters.octet() % 8;
      const place = parameters.word();
      const size = parameters.octet();
      const sequence = (initial + place) >>> 0;
      const payload = Uint8Array.from({ length: size }, (_, index) => pattern((place + index) & 0xffff));
      const instant = { seconds: frame, nanoseconds: 0 };
      const started = reassembler.started;
      switch (kind) {
        case 1:
          reassembler.syn(sequence);
          if (!started && reassembler.started) base = place + 1;
          break;
        case 2:
          reassembler.acknowledged(sequence);
          break;
        case 3:
          reassembler.fin(sequence);
          if (!started && reassembler.started) base = place;
          break;
        case 4:
          if (!started) base = place;
          reassembler.segment({ sequence, length: size + 20, bytes: payload, start: 0, end: size, frame, instant });
          break;
        default:
          // Where the stream starts is known behind the call only, and its first octets come within it.
          if (!started && size > 0) base = place;
          reassembler.segment({ sequence, length: size, bytes: payload, start: 0, end: size, frame, instant });
      }
    }
    reassembler.finish(frame);
    same('what was counted is what came', [reassembler.delivered, reassembler.missing], [delivered, missing]);
    hold('positions go on', reassembler.reached === reached);
  },
};

export const transport: readonly Target[] = [walk, fragments, stream];
