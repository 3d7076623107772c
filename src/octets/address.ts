/**
 * IP addresses as numbers, so that comparing and looking up an address costs no string and no object:
 * IPv4 is its 32-bit value as a signed integer, IPv6 is 2^32 plus the place of the address in an AddressBook.
 * Text of IPv6 follows RFC 5952.
 */

import { Limits } from './limits.ts';
import { randomOdd } from './random-odd.ts';

const firstIpv6 = 0x1_0000_0000;
/** Others at every start, so that nobody can choose addresses that fall into one slot. */
const seed1 = randomOdd();
const seed2 = randomOdd();
const seed3 = randomOdd();
const wordsPerAddress = 4;
const firstPlaces = 64;

/** Numbers for the IPv6 addresses of one analysis: 48 octets for each. */
export class AddressBook {
  /** Slots that were looked at so far. */
  steps = 0;
  private readonly limits: Limits;
  private count = 0;
  private words = new Uint32Array(firstPlaces * wordsPerAddress);
  /** Place + 1 of the address in each slot, 0 where the slot is free; at most half full. */
  private slots = new Uint32Array(2 * firstPlaces);

  constructor(limits = new Limits()) {
    this.limits = limits;
  }

  /** The number of the 16 octets at `at`, which must lie within the view. */
  ipv6(view: DataView, at: number): number {
    const a = view.getUint32(at);
    const b = view.getUint32(at + 4);
    const c = view.getUint32(at + 8);
    const d = view.getUint32(at + 12);
    const slot = this.slotOf(a, b, c, d);
    const place = this.slots[slot] ?? 0;
    if (place !== 0) return firstIpv6 + place - 1;
    // Those that have no place share the number behind the last.
    if (this.limits.full('ipv6-addresses', this.count)) return firstIpv6 + this.count;
    return firstIpv6 + this.add(slot, a, b, c, d);
  }

  isIpv6(address: number): boolean {
    return address >= firstIpv6;
  }

  /** False of an IPv6 address beyond the book's capacity. */
  keeps(address: number): boolean {
    return address < firstIpv6 + this.count;
  }

  /** Dotted, or as RFC 5952 writes it; `IPv6 address not kept` for those beyond the book's capacity. */
  text(address: number): string {
    if (!this.isIpv6(address)) return ipv4Text(address);
    if (!this.keeps(address)) return 'IPv6 address not kept';
    const at = (address - firstIpv6) * wordsPerAddress;
    const groups: number[] = [];
    for (let i = 0; i < wordsPerAddress; i += 1) {
      const word = this.words[at + i] ?? 0;
      groups.push(word >>> 16, word & 0xffff);
    }
    return ipv6Text(groups);
  }

  /** The slot that holds the address, or the free one where it belongs. */
  private slotOf(a: number, b: number, c: number, d: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(a, b, c, d) & mask;
    for (;;) {
      this.steps += 1;
      const place = this.slots[slot] ?? 0;
      if (place === 0) return slot;
      const at = (place - 1) * wordsPerAddress;
      const words = this.words;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private add(slot: number, a: number, b: number, c: number, d: number): number {
    const place = this.count;
    const at = place * wordsPerAddress;
    const full = at === this.words.length;
    if (full) this.grow();
    const words = this.words;
    words[at] = a;
    words[at + 1] = b;
    words[at + 2] = c;
    words[at + 3] = d;
    this.count += 1;
    this.slots[full ? this.slotOf(a, b, c, d) : slot] = place + 1;
    return place;
  }

  private grow(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let place = 0; place < this.count; place += 1) {
      const at = place * wordsPerAddress;
      const slot = this.slotOf(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0);
      this.slots[slot] = place + 1;
    }
  }
}

/** Dotted decimal of a 32-bit value. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

/** `192.0.2.1:1723`, `[2001:db8::1]:1723` (RFC 5952 §6); the address alone without a port. */
export function endpointText({ address, port }: { readonly address: string; readonly port: number | null }): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** As RFC 5952 writes the 16 octets at `at`, which must lie within the view. */
export function ipv6TextAt(view: DataView, at: number): string {
  return ipv6Text(Array.from({ length: 8 }, (_, group) => view.getUint16(at + 2 * group)));
}

/** RFC 5952 §4; an IPv4-mapped address ends in dotted decimal (§5). */
function ipv6Text(groups: readonly number[]): string {
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (mapped) return `::ffff:${ipv4Text(((groups[6] ?? 0) * 0x1_0000 + (groups[7] ?? 0)) >>> 0)}`;
  let longest = 0;
  let longestAt = 0;
  let run = 0;
  for (let i = 0; i < groups.length; i += 1) {
    run = groups[i] === 0 ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      longestAt = i - run + 1;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  // RFC 5952 §4.2.2: > The symbol "::" MUST NOT be used to shorten just one 16-bit 0 field.
  if (longest < 2) return hex.join(':');
  return `${hex.slice(0, longestAt).join(':')}::${hex.slice(longestAt + longest).join(':')}`;
}

function hash(a: number, b: number, c: number, d: number): number {
  let mixed = Math.imul(a ^ seed1, seed2);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ b, seed3);
  mixed = Math.imul(mixed ^ (mixed >>> 13) ^ c, seed1);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ d, seed2);
  return mixed ^ (mixed >>> 16);
}
