/**
 * The bounds of memory while a capture is read. Octets are gathered over chunks only as they arrive, so a
 * claimed length costs nothing by itself; these say how far a claim is followed at all.
 */

/**
 * The largest snap length that is taken for granted: libpcap's MAXIMUM_SNAPLEN and Wireshark's
 * WTAP_MAX_PACKET_SIZE_STANDARD, which no ordinary link exceeds.
 */
export const standardSnapLength = 262_144;

/**
 * The largest record or block that is put together, whatever a header says: Wireshark's bound for a
 * pcapng block, and far above the records of any link that carries IP.
 */
export const gatheredMaximum = 16 * 1024 * 1024;

/** Interfaces that are kept at one time: one section's. Wide enough for the 16-bit numbers of old Packet Blocks. */
export const maximumInterfaces = 65_536;

/** UTF-16 units kept of one comment. */
export const maximumCommentLength = 4096;
