/** Magic numbers that frames of compressed files begin with, as 32 bits, little end first. */

/** LZ4 Frame Format 1.6.x */
export const lz4Magic = 0x184d2204;
/** RFC 8878 §3.1.1 */
export const zstdMagic = 0xfd2fb528;
/** Of zstd and LZ4 alike, without the last four bits, which may be any: frames to pass over. RFC 8878 §3.1.2 */
export const skippableMagic = 0x184d2a5;
