/** Interfaces without link-layer addresses: PPP and bare IP, as the inside of a tunnel is. */
import { linkTypes } from './numbers.ts';

/** ARPHRD_PPP, the hardware type that Linux cooked captures give for a PPP interface. */
const hardwarePpp = 512;

/** Whether the frame from `start` up to `end` was captured on one. */
export function isPointToPoint(linkType: number, view: DataView, start: number, end: number): boolean {
  switch (linkType) {
    case linkTypes.ppp:
    case linkTypes.pppHdlc:
    case linkTypes.raw:
    case linkTypes.rawBsd:
    case linkTypes.rawOpenBsd:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      return true;
    case linkTypes.linuxSll:
      return end - start >= 4 && view.getUint16(start + 2) === hardwarePpp;
    case linkTypes.linuxSll2:
      return end - start >= 10 && view.getUint16(start + 8) === hardwarePpp;
    default:
      return false;
  }
}
