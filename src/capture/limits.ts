/**
 * The bounds of memory while a capture is read. Octets are gathered over chunks only as they arrive, so a
 * claimed length costs nothing by itself; these say how far a claim is followed at all.
 */

/**
 * The largest snap length that is taken for granted: libpcap's MAXIMUM_SNAPLEN and Wireshark's
 * WTAP_MAX_PACKET_SIZE_STANDARD, which no ordinary link exceeds.
 */
export const standardSnapLength = 262_144;
