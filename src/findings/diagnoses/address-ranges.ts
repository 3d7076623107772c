/** Ranges of addresses that say where a NAT stands. */

/** RFC 1918, shared (RFC 6598) and link-local addresses, and IPv6's unique local ones: a NAT stands before the internet. */
export function isPrivate(address: string): boolean {
  if (address.includes(':')) return /^f[cd]/i.test(address) || /^fe[89ab]/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    isOfCarrier(address)
  );
}

/** Shared address space, of providers' NATs. RFC 6598 */
export function isOfCarrier(address: string): boolean {
  const [a = 0, b = 0] = address.split('.').map(Number);
  return a === 100 && b >= 64 && b < 128;
}
