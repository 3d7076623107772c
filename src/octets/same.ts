/** Whether two strings of octets are equal. Takes as long as they agree: not for what somebody may guess at. */
export function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index]);
}
