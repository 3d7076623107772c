/**
 * Other VPN protocols in the same capture, recognised by their handshakes and not by port alone:
 * ESP and AH are IP protocols of their own (50 and 51; PPTP's is 47), IKE has its version octet (RFC 7296 §3.1),
 * WireGuard its message types and lengths, L2TP its header (RFC 2661 §3.1), OpenVPN its first packet. Over TCP only the
 * segments that open OpenVPN or SSTP are counted: following the rest would cost every packet of every other connection.
 */
import type { Packet } from '../dissect/packet.ts';
import type { Limits } from '../octets/limits.ts';

export type OtherVpnProtocol = 'wireguard' | 'openvpn' | 'ikev1' | 'ikev2' | 'esp' | 'ah' | 'l2tp' | 'sstp' | 'gre';

export interface OtherVpnState {
  readonly protocol: OtherVpnProtocol;
  /** Who was seen first, which is who asks in a capture that holds the start. */
  readonly client: number;
  readonly server: number;
  frames: number;
  readonly firstFrame: number;
}

export class OtherVpns {
  private readonly found = new Map<string, OtherVpnState>();
  /** Address and port pairs on which a handshake was seen. */
  private readonly recognised = new Map<string, OtherVpnState>();
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  add(protocol: OtherVpnProtocol, packet: Packet): OtherVpnState | null {
    const { source, destination } = packet;
    const key = source < destination ? `${protocol} ${source} ${destination}` : `${protocol} ${destination} ${source}`;
    const held = this.found.get(key);
    if (held !== undefined) {
      held.frames += 1;
      return held;
    }
    if (this.limits.full('other-vpn', this.found.size)) return null;
    const state = { protocol, client: source, server: destination, frames: 1, firstFrame: packet.frame };
    this.found.set(key, state);
    return state;
  }

  /** A UDP datagram; `start` is the first octet of its payload. */
  datagram(packet: Packet, sourcePort: number, destinationPort: number, start: number): void {
    const protocol = handshake(packet.window.view, start, packet.end, sourcePort, destinationPort);
    if (protocol === null && this.recognised.size === 0) return;
    const { source, destination } = packet;
    const key =
      source < destination
        ? `${source}:${sourcePort} ${destination}:${destinationPort}`
        : `${destination}:${destinationPort} ${source}:${sourcePort}`;
    const held = this.recognised.get(key);
    if (held !== undefined) {
      held.frames += 1;
      return;
    }
    if (protocol === null) return;
    const state = this.add(protocol, packet);
    if (state !== null && !this.limits.full('other-vpn', this.recognised.size)) this.recognised.set(key, state);
  }

  list(): OtherVpnState[] {
    return [...this.found.values()].toSorted((a, b) => a.firstFrame - b.firstFrame);
  }
}

/** The protocol whose handshake a UDP payload is, or null. */
function handshake(
  view: DataView,
  start: number,
  end: number,
  sourcePort: number,
  destinationPort: number,
): OtherVpnProtocol | null {
  const octets = end - start;
  if (octets < 12) return null;
  const first = view.getUint8(start);
  // WireGuard: initiation 148 octets, response 92, both with three reserved zeros.
  if ((octets === 148 && first === 1) || (octets === 92 && first === 2)) {
    if ((view.getUint32(start) & 0xffffff) === 0) return 'wireguard';
  }
  if (octets >= 28) {
    // On port 4500 IKE follows four zero octets (RFC 3948 §2.2).
    const marker = view.getUint32(start) === 0 && octets >= 32 ? 4 : 0;
    const version = view.getUint8(start + marker + 17);
    const length = view.getUint32(start + marker + 24);
    const port = sourcePort === 500 || destinationPort === 500 || sourcePort === 4500 || destinationPort === 4500;
    if (length === octets - marker && (port || marker === 4)) {
      if (version === 0x20) return 'ikev2';
      if (version === 0x10) return 'ikev1';
    }
  }
  // L2TP control: T, L and S bits, version 2, and its own length.
  if ((view.getUint16(start) & 0xcb0f) === 0xc802 && view.getUint16(start + 2) === octets) return 'l2tp';
  if (opensOpenVpn(view, start, octets)) return 'openvpn';
  // On its own port OpenVPN's answer is enough: P_CONTROL_HARD_RESET_CLIENT_V2 (7) or _SERVER_V2 (8), key 0, a session ID.
  if ((first === 0x38 || first === 0x40) && (sourcePort === 1194 || destinationPort === 1194)) return 'openvpn';
  return null;
}

/** Octets of OpenVPN's first packet: bare, and under tls-auth with SHA-1, SHA-256 and SHA-512. */
const openVpnLengths: readonly number[] = [14, 42, 54, 86];

/**
 * P_CONTROL_HARD_RESET_CLIENT_V2 (7) or _V3 (10) with key 0. It acknowledges nothing and is the first of its session, so it
 * ends with an empty list of acknowledgments and packet number 0.
 */
function opensOpenVpn(view: DataView, start: number, octets: number): boolean {
  const first = view.getUint8(start);
  if ((first !== 0x38 && first !== 0x50) || !openVpnLengths.includes(octets)) return false;
  return view.getUint32(start + octets - 4) === 0 && view.getUint8(start + octets - 5) === 0;
}
