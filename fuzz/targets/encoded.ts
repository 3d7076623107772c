/** What is compressed and encrypted in the tunnel: MPPC, MPPE, Deflate. */
import { likelihoodOf } from '../../src/dissect/plaintext.ts';
import { octetString, once, pick } from '../../src/fuzz/choices.ts';
import { damaged } from '../../src/fuzz/damage.ts';
import type { MppePacket } from '../../src/mppe/coherency.ts';
import { MppcDecompressor } from '../../src/mppe/decompressor.ts';
import { type KeyBudget, MppeDecryptor } from '../../src/mppe/decryptor.ts';
import { isCompressed } from '../../src/mppe/header.ts';
import { historySize, MppcHistory } from '../../src/mppe/mppc.ts';
import { joined } from '../../src/octets/joined.ts';
import { DeflateHistory, longestInflated } from '../../src/ppp/deflate.ts';
import { DeflateSender } from '../../test/support/deflate-sender.ts';
import { networkPackets, withHistory, withoutHistory } from '../../test/support/mppc.ts';
import { MppeSender } from '../../test/support/mppe-sender.ts';
import { hold, Parameters, same, sameOctets, type Target } from '../target.ts';

const mppc: Target = {
  name: 'mppc',
  what: 'MPPC in any order, with gaps and lies: bounded, each accounted for; cut ones say the beginning of whole ones',
  batch: 3000,
  longest: 4096,
  generate: (choices) => {
    // Those of another program, or octets that begin with nothing in particular.
    const packets = once(choices, 2) ? pick(choices, [withHistory, withoutHistory]) : [];
    const sent = packets.map(({ flags, data }) => ({ settings: flags >> 8, data }));
    const begin = once(choices, 3) ? choices.below(sent.length + 1) : 0;
    for (let more = choices.below(6); more > 0; more -= 1) {
      sent.push({ settings: choices.below(256), data: octetString(choices, choices.below(200)) });
    }
    return joined(sent.slice(begin).flatMap(({ settings, data }) => [Uint8Array.of(settings, data.length), data]));
  },
  change: damaged,
  run(input) {
    const parameters = new Parameters(input);
    const history = new MppcHistory();
    const decompressor = new MppcDecompressor<MppePacket>(likelihoodOf, { sequence: null, others: 0 });
    let count = 0;
    let sent = 0;
    let opened = 0;
    while (parameters.left > 0) {
      const settings = parameters.octet();
      const octets = Uint8Array.from(parameters.octets(parameters.octet()));
      // Bits A, B and C; one in eight is missing, or came before.
      const word = (settings & 0xe0) << 8;
      count += (settings & 0x1e) === 0 ? (settings & 1) * 4 - 2 : 1;
      const whole = history.read(octets, word, 0, count);
      const cut = history.read(octets.slice(0, octets.length >> 1), word, 1, count);
      if (whole !== null) {
        const length = whole.octets.length + (whole.missing ?? 0);
        hold('no more than the history holds', length <= Math.max(historySize, octets.length));
        const beginning = cut?.octets ?? new Uint8Array(0);
        hold('the beginning of a cut one is known', cut !== null && beginning.length <= whole.octets.length);
        sameOctets('the beginning of a cut one', beginning, whole.octets.subarray(0, beginning.length));
        history.take(whole, word, count);
      }
      const packet = { word: word | (count & 0xfff), octets, cut: 0, sequence: null, others: 0 };
      opened += decompressor.push(packet).length;
      sent += 1;
    }
    opened += decompressor.finish().length;
    const { lost, late, unreadable } = decompressor.compressed;
    same('every packet is accounted for', opened + lost + late + unreadable, sent);
  },
};

interface Sent extends MppePacket {
  readonly plain: Uint8Array;
}

/** Keys as many as tests have time for. */
function budget(): KeyBudget {
  let left = 3000;
  return {
    take: (keys) => {
      left -= keys;
      return left >= 0;
    },
    wasted: () => {},
  };
}

const mppe: Target = {
  name: 'mppe',
  what: 'MPPE with losses, repetitions, flushes and lies: each packet accounted for, and none that is sound read wrongly',
  batch: 60,
  longest: 150,
  generate: (choices) => joined([Uint8Array.of(choices.below(256)), octetString(choices, choices.below(150))]),
  change: damaged,
  run(input) {
    const parameters = new Parameters(input);
    const settings = parameters.octet();
    const stateless = (settings & 1) !== 0;
    const bits = ([40, 56, 128] as const)[(settings >> 1) % 3] ?? 128;
    const master = Uint8Array.from({ length: bits === 128 ? 16 : 8 }, (_, at) => at * 7 + settings);
    const sender = new MppeSender(master, bits, stateless, (settings & 0x40) !== 0);
    const decryptor = new MppeDecryptor<Sent>({ master, bits, stateless }, likelihoodOf, budget());
    const source = (settings & 0x80) === 0 ? withHistory : withoutHistory;
    let given = 0;
    let opened = 0;
    let sound = true;
    let late: Sent | null = null;
    const push = (packet: Sent): void => {
      given += 1;
      take(decryptor.push(packet));
    };
    const take = (found: ReturnType<typeof decryptor.push>): void => {
      opened += found.length;
      for (const { packet, octets, likelihood } of found) {
        if (!sound || likelihood !== 'certain') continue;
        sameOctets('what was sent', octets, packet.plain.subarray(0, octets.length));
      }
    };
    for (let sequence = 0; parameters.left > 0; sequence += 1) {
      const fate = parameters.octet();
      const place = sequence % networkPackets.length;
      const plain = networkPackets[place] ?? new Uint8Array(0);
      const { flags, data } = source[place] ?? { flags: 0, data: plain };
      const flush = (fate & 0xe0) === 0xe0 ? 0x8000 : 0;
      // MPPC begins anew where its packets do.
      const { word, octets } = sender.send(Uint8Array.from(data), flags | flush | (place === 0 ? 0x8000 : 0));
      // A flush that MPPC did not ask for takes from its packets what they refer to.
      if (flush !== 0 && isCompressed(flags)) sound = false;
      const packet = { word, octets, cut: 0, sequence, others: 0, plain };
      switch (fate & 0x0f) {
        case 0:
        case 1:
          continue;
        case 2:
          push(packet);
          push(packet);
          continue;
        case 3:
          if (late !== null) push(late);
          late = packet;
          continue;
        case 4:
          push({ ...packet, octets: octets.slice(0, octets.length >> 1), cut: octets.length - (octets.length >> 1) });
          continue;
        case 5:
          sound = false;
          push({ ...packet, octets: Uint8Array.from(octets, (octet, at) => octet ^ (at % 5 === 0 ? fate : 0)) });
          continue;
        case 6:
          sound = false;
          push({ ...packet, word: packet.word ^ (1 << (fate >> 4)) });
          continue;
        default:
          push(packet);
      }
    }
    if (late !== null) push(late);
    take(decryptor.finish());
    const { lost, late: tooLate, unreadable } = decryptor.undecrypted;
    same('every packet is accounted for', opened + lost + tooLate + unreadable, given);
  },
};

const deflate: Target = {
  name: 'deflate',
  what: 'Deflate with losses, resets and lies: bounded, and what is read of a sound packet is its beginning',
  batch: 200,
  longest: 400,
  generate: (choices) => octetString(choices, choices.below(200)),
  change: damaged,
  run(input) {
    const parameters = new Parameters(input);
    const sender = new DeflateSender();
    const history = new DeflateHistory();
    let missing = 0;
    while (parameters.left > 0) {
      const fate = parameters.octet();
      const packet = networkPackets[fate % networkPackets.length] ?? new Uint8Array(0);
      const plain = packet.subarray(1);
      const arrives = (): void => {
        if (missing > 0) history.gap(missing);
        missing = 0;
      };
      if ((fate & 0xe0) === 0xe0) {
        sender.reset();
        if ((fate & 1) === 0) missing += 1;
        else {
          arrives();
          history.reset();
        }
      } else if ((fate & 0xe0) === 0xc0) {
        sender.pass(plain.subarray(1));
        if ((fate & 0x18) === 0) missing += 1;
        else {
          arrives();
          history.pass(0x21, plain.subarray(1), 0);
        }
      } else {
        const { number, data } = sender.send(plain.subarray(1));
        if ((fate & 0xe0) === 0xa0) {
          missing += 1;
          continue;
        }
        arrives();
        if ((fate & 0xe0) === 0x80) {
          const noise = parameters.octets(parameters.octet());
          const found = history.read(number, Uint8Array.from(noise), fate & 1, () => true);
          if (found !== null)
            hold('no more than a packet', found.octets.length + (found.missing ?? 0) <= longestInflated);
          return;
        } else {
          const cut = (fate & 0xe0) === 0x60 ? data.length >> 1 : 0;
          const found = history.read(number, data.slice(0, data.length - cut), cut, ({ octets }) => octets[0] === 0x21);
          hold('what is sound is read', found !== null);
          sameOctets('its beginning', found?.octets ?? plain, plain.subarray(0, found?.octets.length));
        }
      }
    }
  },
};

export const encoded: readonly Target[] = [mppc, mppe, deflate];
