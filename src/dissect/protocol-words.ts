/** The words that layers and packets are called by in selections. */
import { pppLayerWords } from '../ppp/tree.ts';

/** Words that packets are selected by, from the outside in. */
export const protocolWords: readonly string[] = [
  'ethernet',
  'vlan',
  'llc',
  'mpls',
  'pppoe',
  'linux-cooked',
  'loopback',
  'ieee80211',
  'radiotap',
  'ppi',
  'ipv4',
  'ipv6',
  'icmp',
  'udp',
  'tcp',
  'pptp',
  'gre',
  'ppp',
  ...pppLayerWords,
  'multilink',
  'mppe',
  'compressed',
];
