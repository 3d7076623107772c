/**
 * The pieces that PPTP is made of, each by itself and from octets alone: for whoever writes or tests a parser. The same decoders and the
 * same fields as in the packet view, without what only other packets could tell.
 */
import { ipProtocol } from './dissect/dissector.ts';
import type { PacketKnowledge } from './dissect/packet-knowledge.ts';
import { PacketTree } from './dissect/packet-tree.ts';
import { Limits } from './octets/limits.ts';
import { Window } from './octets/window.ts';
import type { PacketLayer } from './report/packet-contract.ts';
import { layerJson } from './report/packet-layers.ts';

/** What octets were found to be. */
export interface LayersOfOctets {
  /** From the outside in. Together they hold every octet exactly once. */
  layers: PacketLayer[];
  /** One line, as readable as pppd's debug log. Captured text in it is as it came: make it harmless before a terminal or a page shows it. */
  summary: string;
  /** A header or a length contradicts its format. Why reading stopped stands in the `fault` of its layer. */
  malformed: boolean;
}

export interface LayersOptions {
  /** Passwords, challenges and responses as they are; without it they are hidden. */
  showSecrets?: boolean;
}

/** A control message from its length field on. RFC 2637 §2. Never throws, whatever the octets are. */
export function layersOfControlMessage(octets: Uint8Array, options: LayersOptions = {}): LayersOfOctets {
  return layersOf(octets, options, (tree) => tree.message());
}

/** What IP carries as its protocol 47: enhanced GRE and the PPP in it. RFC 2637 §4.1. Never throws, whatever the octets are. */
export function layersOfGre(octets: Uint8Array, options: LayersOptions = {}): LayersOfOctets {
  return layersOf(octets, options, (tree) => tree.datagram(ipProtocol.gre, 0, octets.length));
}

/**
 * A PPP packet, with the address and control fields (FF 03) or without them, the protocol field of two octets or of one. RFC 1661 §2,
 * RFC 1662 §3.1. Never throws, whatever the octets are.
 */
export function layersOfPpp(octets: Uint8Array, options: LayersOptions = {}): LayersOfOctets {
  return layersOf(octets, options, (tree) => tree.multilinkPacket(null));
}

function layersOf(
  octets: Uint8Array,
  { showSecrets = false }: LayersOptions,
  read: (tree: PacketTree) => void,
): LayersOfOctets {
  const tree = new PacketTree(new Window(octets), alone());
  read(tree);
  const { layers, summary, malformed } = tree;
  return { layers: layers.map((layer) => layerJson(layer, showSecrets)), summary, malformed };
}

/** No other packet is known. */
function alone(): PacketKnowledge {
  return {
    call: () => null,
    segment: () => null,
    multilink: () => null,
    carriers: () => null,
    limits: new Limits(),
  };
}
