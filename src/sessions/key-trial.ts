/**
 * Decrypts what one side sends, with whichever of its keys is the right one: sizes and modes may be otherwise than agreed, and who
 * authenticates anew has new keys. Which it is, is found by trying.
 */
import type { KeyBits } from '../crypto/mppe-keys.ts';
import { likelihoodOf } from '../dissect/plaintext.ts';
import type { Before, MppePacket } from '../mppe/coherency.ts';
import { MppeDecryptor } from '../mppe/decryptor.ts';
import { coherencyCount } from '../mppe/header.ts';
import { addUnopened, type Plaintext, type Unopened } from '../mppe/likelihood.ts';
import type { CallInside } from './call-inside.ts';
import { masterKeys } from './call-keys.ts';
import type { KeyAccount, KeyAccounts, TriedKeys } from './key-accounts.ts';
import type { Side } from './model/side.ts';

const keySizes: readonly KeyBits[] = [128, 40, 56];
/** The first packets of a new count may be missing. */
const latestBeginning = 63;
/** So many packets that begin like one, be they no IP, for each one that does not: of a wrong key one in 600 has four in a row. */
const enoughPossible = 4;
/** Of packets whose key is not yet known; the octets are those of packets as long as a link's. */
const mostHeld = 64;
const mostOctetsHeld = mostHeld * 1600;

interface Candidate<Packet extends MppePacket> {
  readonly keys: TriedKeys;
  readonly decryptor: MppeDecryptor<Packet>;
  /** What it made of packets while it was not yet known to be the one. */
  readonly held: Plaintext<Packet>[];
}

/** Whose packets they are. */
interface Sender extends KeyAccount {
  readonly inside: CallInside;
  readonly from: Side;
  /** What it has sent so far without MPPE. */
  readonly before: Before;
}

export class KeyTrial<Packet extends MppePacket> {
  /** Packets that stay encrypted, once nothing follows. */
  readonly undecrypted: Unopened = { lost: 0, late: 0, unreadable: 0 };
  private readonly sender: Sender;
  private readonly accounts: KeyAccounts;
  /** Keys that may be the ones; one alone once it is known. null before the first packet. */
  private candidates: readonly Candidate<Packet>[] | null = null;

  constructor(sender: Sender, accounts: KeyAccounts) {
    this.sender = sender;
    this.accounts = accounts;
  }

  /** The next encrypted packet: it, and those that waited for it. */
  open(packet: Packet): readonly Plaintext<Packet>[] {
    this.accounts.earn(this.sender);
    this.candidates ??= this.made(this.accounts.of(this.sender));
    const found = this.tried(this.candidates, packet);
    return found.length === 0 && this.sender.inside.confirmed.length > 1 ? this.begunAgain(packet) : found;
  }

  /** Nothing follows with these keys: what waited. */
  finish(): readonly Plaintext<Packet>[] {
    const [first, ...others] = this.candidates ?? [];
    if (first === undefined) return [];
    const { decryptor, held } = first;
    const waited = decryptor.finish();
    addUnopened(this.undecrypted, decryptor.undecrypted);
    if (others.length === 0) return waited;
    this.undecrypted.unreadable += waited.length + held.length;
    return [];
  }

  /** By the first key that gives a packet beyond doubt, or enough likely ones: it is the only one from then on. Until then they wait. */
  private tried(candidates: readonly Candidate<Packet>[], packet: Packet): readonly Plaintext<Packet>[] {
    const [first, ...others] = candidates;
    if (first === undefined) return [];
    if (others.length === 0) return first.decryptor.push(packet);
    let right: Candidate<Packet> | null = null;
    for (const candidate of candidates) {
      const plaintexts = candidate.decryptor.push(packet);
      hold(candidate, plaintexts);
      if (plaintexts.some(({ likelihood }) => likelihood === 'certain')) right ??= candidate;
    }
    const { lost, late, unreadable } = first.decryptor.undecrypted;
    if (first.held.length >= enoughPossible * (1 + lost + late + unreadable)) right ??= first;
    if (right === null) return [];
    const { decryptor, keys, held } = right;
    keys.decided = true;
    this.candidates = [{ decryptor, keys, held: [] }];
    return held;
  }

  /** A packet that the key so far does not open, near the beginning of a count: LCP may have been negotiated once more, with other keys. */
  private begunAgain(packet: Packet): readonly Plaintext<Packet>[] {
    const [old, ...others] = this.candidates ?? [];
    if (old === undefined || others.length > 0 || coherencyCount(packet.word) > latestBeginning) return [];
    const keys = this.accounts.of(this.sender);
    // Each has a first key of its own.
    const many = this.sender.inside.confirmed.length * keySizes.length * 2;
    const candidates = keys.take(many) ? this.made(keys) : [];
    const found = candidates.map((one) => ({ one, plaintexts: one.decryptor.push(packet) }));
    const right = found.find(({ plaintexts }) => plaintexts.some(({ likelihood }) => likelihood === 'certain'));
    if (right === undefined) return [];
    keys.decided = true;
    old.decryptor.takeBack(packet);
    const waited = this.finish();
    this.candidates = [right.one];
    return [...waited, ...right.plaintexts];
  }

  /** For all keys that may be meant, what was agreed first. */
  private made(keys: TriedKeys): Candidate<Packet>[] {
    const { inside, from, before } = this.sender;
    const { bits: agreed, stateless } = inside.call.encryption;
    // Each direction may have agreed on its own, and some do otherwise than they agreed. RFC 1962 §2
    const sizes = agreed === null ? keySizes : [agreed, ...keySizes.filter((size) => size !== agreed)];
    const modes = stateless === false ? [false, true] : [true, false];
    return inside.confirmed.flatMap((confirmed) =>
      sizes.flatMap((bits) =>
        masterKeys(confirmed, from, bits).flatMap((master) =>
          modes.map((mode) => {
            const key = { master, bits, stateless: mode };
            return { decryptor: new MppeDecryptor<Packet>(key, likelihoodOf, keys, before), keys, held: [] };
          }),
        ),
      ),
    );
  }
}

function hold<Packet extends MppePacket>(
  { decryptor, held }: Candidate<Packet>,
  plaintexts: readonly Plaintext<Packet>[],
): void {
  held.push(...plaintexts);
  let octets = held.reduce((sum, one) => sum + one.octets.length, 0);
  while (held.length > mostHeld || octets > mostOctetsHeld) {
    octets -= held.shift()?.octets.length ?? 0;
    decryptor.undecrypted.unreadable += 1;
  }
}
