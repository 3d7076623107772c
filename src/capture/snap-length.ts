/**
 * The largest snap length that is taken for granted: libpcap's MAXIMUM_SNAPLEN and Wireshark's
 * WTAP_MAX_PACKET_SIZE_STANDARD, which no ordinary link exceeds.
 */
export const standardSnapLength = 262_144;
