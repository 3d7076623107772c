/**
 * Keys of Maps made of addresses and 16-bit numbers (ports, Call IDs): one character for each octet, in one piece, so that an
 * engine keeps them in as many octets. Digits take twice that, and are kept in pieces.
 */

/** `address`: of an AddressBook, below 2^40. `number`: 16 bits. */
export function addressKey(address: number, number: number): string {
  return String.fromCharCode(
    (address / 0x1_0000_0000) & 0xff,
    (address >>> 24) & 0xff,
    (address >>> 16) & 0xff,
    (address >>> 8) & 0xff,
    address & 0xff,
    (number >>> 8) & 0xff,
    number & 0xff,
  );
}

/** The same for both orders of the two. */
export function pairKey(one: number, other: number): string {
  return one < other ? endsKey(one, 0, other, 0) : endsKey(other, 0, one, 0);
}

/** The same for both orders of the two. */
export function connectionKey(one: number, onePort: number, other: number, otherPort: number): string {
  return one < other || (one === other && onePort < otherPort)
    ? endsKey(one, onePort, other, otherPort)
    : endsKey(other, otherPort, one, onePort);
}

function endsKey(one: number, onePort: number, other: number, otherPort: number): string {
  return String.fromCharCode(
    (one / 0x1_0000_0000) & 0xff,
    (one >>> 24) & 0xff,
    (one >>> 16) & 0xff,
    (one >>> 8) & 0xff,
    one & 0xff,
    (onePort >>> 8) & 0xff,
    onePort & 0xff,
    (other / 0x1_0000_0000) & 0xff,
    (other >>> 24) & 0xff,
    (other >>> 16) & 0xff,
    (other >>> 8) & 0xff,
    other & 0xff,
    (otherPort >>> 8) & 0xff,
    otherPort & 0xff,
  );
}
