/**
 * The header of MPPC and MPPE packets, 16 bits after PPP protocol 0x00FD. RFC 3078 §3 (the bits A B C D and the
 * coherency count), RFC 2118 §3
 */
import { bits, restOctets } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';

/** RFC 3078 §3.1 */
export const mppePacket = layout('MPPE', 'RFC 3078 §3.1')
  .bits(bits(2, { flushed: 1, packetAtFront: 1, compressed: 1, encrypted: 1, coherencyCount: 12 }))
  .fields({ encryptedData: restOctets() });

/** Whether MPPE encrypts what has that PPP protocol number, at most two octets: nothing else is touched by it. RFC 3078 §3 */
export function isToBeEncrypted(protocol: number): boolean {
  return protocol >= 0x0021 && protocol <= 0x00fa;
}

/** Bit D of the word: the data is encrypted. */
export function isEncrypted(word: number): boolean {
  return (word & 0x1000) !== 0;
}

/** Bit A of the word: the tables or the key were initialised before this packet. */
export function isFlushed(word: number): boolean {
  return (word & 0x8000) !== 0;
}

/** Bit B of the word: the compressed packet begins at the front of the history. RFC 2118 §3.1 */
export function isPacketAtFront(word: number): boolean {
  return (word & 0x4000) !== 0;
}

/** Bit C of the word: the data is compressed with MPPC. */
export function isCompressed(word: number): boolean {
  return (word & 0x2000) !== 0;
}

/** The low 12 bits of the word. */
export function coherencyCount(word: number): number {
  return word & 0x0fff;
}
