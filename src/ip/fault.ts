/** What can be wrong with an IP header, IPv4 or IPv6. 0 is sound. */
export const ipFault = {
  /** Fewer octets than the header, or its extension headers, need. */
  short: 1,
  /** The version field is another one. */
  version: 2,
  /** IPv4 header length below 20 octets. */
  headerLength: 3,
  /** IPv4 total length below the header's own length. */
  totalLength: 4,
  /** More IPv6 extension headers than anybody sends. */
  extensionHeaders: 5,
} as const;
