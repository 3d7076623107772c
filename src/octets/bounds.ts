/**
 * Every bound on what a capture can make the program keep or follow, in one table: from it come the defaults, the check of
 * what somebody chose, the words of the report's `limitsReached`, and docs/limits.md.
 *
 * Not here: what a format bounds by itself (a PPTP message has 16 bits of length), tables of fixed size, and how many lines
 * a report shows of a list before it says "and 7 more".
 */

/** One row of the table. */
export interface Bound {
  readonly unit: string;
  readonly default: number;
  /** What may be chosen: at least, at most. */
  readonly range: readonly [least: number, most: number];
  /** What is bounded, and what becomes of the rest. */
  readonly meaning: string;
  /** Said when it was reached; `#` stands for the number. */
  readonly notice: string;
}

const many: Bound['range'] = [1, 10_000_000];
const some: Bound['range'] = [1, 65_536];

/** All bounds with their defaults and ranges, by name. docs/limits.md is made from it. */
export const boundTable = {
  // Reading files
  'record-octets': {
    unit: 'octets',
    default: 16_777_216,
    range: [65_536, 1_073_741_824],
    meaning: 'Of one record or block of a capture file, whatever its header claims; a larger one is damage',
    notice: 'records that claim more than # octets were taken for damage',
  },
  interfaces: {
    unit: 'interfaces',
    default: 65_536,
    range: many,
    meaning: 'Of one section of a pcapng file; packets of further ones are skipped',
    notice: 'only # interfaces of a section are known; packets of further ones were skipped',
  },
  problems: {
    unit: 'problems',
    default: 100,
    range: some,
    meaning: 'Of one capture file, listed; further ones are counted',
    notice: 'only # problems of a capture are listed',
  },
  comments: {
    unit: 'comments',
    default: 1000,
    range: many,
    meaning: 'Of one capture file, kept; further ones are counted',
    notice: 'only # comments of a capture are kept',
  },
  'comment-length': {
    unit: 'UTF-16 units',
    default: 4096,
    range: many,
    meaning: 'Of one comment; the rest is cut',
    notice: 'comments were cut after # characters',
  },
  'compression-ratio': {
    unit: 'octets for one',
    default: 1000,
    range: [10, 1_000_000],
    meaning:
      'Octets that come out of one octet of a compressed file, on average after the first 16 MiB; reading stops beyond it',
    notice: 'reading stopped: more than # octets came out of one octet of the compressed file',
  },
  // Finding packets
  nesting: {
    unit: 'headers',
    default: 16,
    range: [4, 256],
    meaning: 'Link layers, MPLS labels or IPv6 extension headers on one another; packets with more are passed over',
    notice: 'packets with more than # headers on one another were passed over',
  },
  datagrams: {
    unit: 'datagrams',
    default: 256,
    range: some,
    meaning: 'IP datagrams in fragments that are put together at one time; the oldest is given up',
    notice: 'only # datagrams in fragments were put together at one time; the oldest were given up',
  },
  fragments: {
    unit: 'fragments',
    default: 1024,
    range: [2, 65_536],
    meaning: 'Of one IP datagram; one in more is given up',
    notice: 'datagrams in more than # fragments were given up',
  },
  'incomplete-datagrams': {
    unit: 'datagrams',
    default: 64,
    range: some,
    meaning: 'IP datagrams that stayed incomplete, listed',
    notice: 'only # datagrams that stayed incomplete are listed',
  },
  'ipv6-addresses': {
    unit: 'addresses',
    default: 65_536,
    range: many,
    meaning: 'Different IPv6 addresses that are told apart; all further ones count as one',
    notice: 'IPv6 addresses beyond the first # are not told apart',
  },
  // TCP
  'stream-octets': {
    unit: 'octets',
    default: 262_144,
    range: [16, 67_108_864],
    meaning: 'Of one direction of a control connection that wait behind a hole; then the hole is given up',
    notice: 'holes in control connections were given up because # octets waited behind them',
  },
  'waiting-octets': {
    unit: 'octets',
    default: 134_217_728,
    range: [1024, 1_099_511_627_776],
    meaning:
      'Of all control connections together that wait behind holes, 256 more for each segment; then holes are given up',
    notice: 'holes in control connections were given up because # octets waited in all of them together',
  },
  'stream-segments': {
    unit: 'segments',
    default: 1024,
    range: some,
    meaning: 'Of one direction of a control connection that wait behind a hole; then the hole is given up',
    notice: 'holes in control connections were given up because # segments waited behind them',
  },
  // Tunnels and calls
  tunnels: {
    unit: 'tunnels',
    default: 131_072,
    range: many,
    meaning: 'Followed and kept for the report; later ones are left out',
    notice: 'only # tunnels are followed; later ones are left out',
  },
  'ended-tunnels': {
    unit: 'tunnels',
    default: 131_072,
    range: many,
    meaning: 'Ended, and kept for the report; the oldest go',
    notice: 'only the last # ended tunnels are kept for the report',
  },
  calls: {
    unit: 'calls',
    default: 4096,
    range: some,
    meaning: 'Of one tunnel; later ones are left out',
    notice: 'only # calls of one tunnel are followed',
  },
  'calls-together': {
    unit: 'calls',
    default: 131_072,
    range: many,
    meaning: 'Of all tunnels together; later ones are left out',
    notice: 'only # calls are followed; later ones are left out',
  },
  'ended-calls': {
    unit: 'calls',
    default: 64,
    range: some,
    meaning: 'Of one tunnel that goes on, kept by `live` after their end; the oldest go',
    notice: 'of a tunnel that goes on only the last # ended calls are kept for the report',
  },
  'gre-flows': {
    unit: 'flows',
    default: 65_536,
    range: many,
    meaning: 'GRE flows that no control connection has announced; further ones are left out',
    notice: 'only # GRE flows without a control connection are followed',
  },
  'waiting-packets': {
    unit: 'packets',
    default: 64,
    range: some,
    meaning:
      'PPP packets of a GRE flow that wait until it is known whose they are; then it is decided by what is there',
    notice: 'whose a GRE flow is was decided after # PPP packets, before its control connection was seen',
  },
  syns: {
    unit: 'SYNs',
    default: 4096,
    range: many,
    meaning: 'Of ports that are no control port, remembered in case a control connection follows; the oldest go',
    notice: 'the SYN of a control connection may have been forgotten: only the last # of other ports are remembered',
  },
  'found-connections': {
    unit: 'connections',
    default: 65_536,
    range: many,
    meaning:
      'Control connections of ports that are no control port, where nobody answered, and servers there that did; further ones are left out',
    notice: 'only # control connections of other ports are remembered; further ones were left out',
  },
  'icmp-errors': {
    unit: 'errors',
    default: 256,
    range: some,
    meaning: 'ICMP errors of one tunnel, listed',
    notice: 'only # ICMP errors of one tunnel are listed',
  },
  anomalies: {
    unit: 'anomalies',
    default: 64,
    range: some,
    meaning: 'Of one call or control connection, listed',
    notice: 'only # anomalies of one call or control connection are listed',
  },
  'control-messages': {
    unit: 'messages',
    default: 256,
    range: some,
    meaning: 'Of one control connection, listed; further ones are counted',
    notice: 'only # messages of one control connection are listed',
  },
  'message-frames': {
    unit: 'frames',
    default: 256,
    range: [2, 65_536],
    meaning: 'That carried one control message, listed; those before the last go',
    notice: 'only # frames of one control message are listed',
  },
  echoes: {
    unit: 'requests',
    default: 64,
    range: some,
    meaning: 'Echo requests of one call or control connection that wait for replies at one time; the oldest go',
    notice: 'only # echo requests were waited for at one time; the oldest count as unanswered',
  },
  'ppp-options': {
    unit: 'options',
    default: 256,
    range: some,
    meaning: 'Of one PPP Configure packet; the rest is passed over',
    notice: 'only # options of one PPP packet are read',
  },
  'option-values': {
    unit: 'values',
    default: 8,
    range: some,
    meaning: 'Different values of one option that one side asked for, or was offered, listed',
    notice: 'only # different values of one option are listed',
  },
  proposals: {
    unit: 'proposals',
    default: 16,
    range: some,
    meaning: 'Different proposals of authentication, or of MPPE, on one link, listed',
    notice: 'only # different proposals of authentication or encryption on one link are listed',
  },
  'ppp-events': {
    unit: 'events',
    default: 64,
    range: some,
    meaning: 'Protocol-Rejects, Identifications and CCP Reset-Requests of one link, each listed',
    notice: 'only # Protocol-Rejects, Identifications or CCP Reset-Requests of one link are listed',
  },
  'ppp-protocols': {
    unit: 'protocols',
    default: 64,
    range: some,
    meaning: 'PPP protocols that nothing follows, counted apart for one call',
    notice: 'only # unknown PPP protocols of one call are counted',
  },
  authentications: {
    unit: 'exchanges',
    default: 64,
    range: [2, 65_536],
    meaning: 'Authentication exchanges of one link, kept; of more, the first and the newest',
    notice: 'only # authentication exchanges of one link are kept: the first and the newest',
  },
  'authentication-frames': {
    unit: 'frames',
    default: 64,
    range: [2, 65_536],
    meaning: 'Of one authentication exchange, listed; of more, the first and the newest',
    notice: 'only # frames of one authentication exchange are listed',
  },
  'authentication-attempts': {
    unit: 'attempts',
    default: 16,
    range: [2, 65_536],
    meaning:
      'Challenges with their responses, or passwords, that are kept of one authentication exchange; of more, the first and the newest',
    notice:
      'only # challenges with their responses, or passwords, of one authentication exchange are kept: the first and the newest',
  },
  challenges: {
    unit: 'challenges',
    default: 16_384,
    range: many,
    meaning: 'Remembered, to find those that come again; the oldest go',
    notice: 'only the last # challenges are remembered: an older one that comes again is not noticed',
  },
  'text-length': {
    unit: 'octets',
    default: 1024,
    // A PAP message always fits: where it repeats the password, the password is found in one piece.
    range: [256, 65_536],
    meaning: 'Of one captured text (a name, a message); the rest is cut',
    notice: 'captured texts were cut after # octets',
  },
  events: {
    unit: 'events',
    default: 4096,
    range: [8, 10_000_000],
    meaning: 'Of one call, or of a tunnel apart from its calls, told by `live` and `onEvent`; the end always is',
    notice: 'only # events of one call, or of a tunnel apart from its calls, are told',
  },
  // Beside the tunnels
  'other-vpn': {
    unit: 'pairs',
    default: 4096,
    range: many,
    meaning: 'Pairs of addresses with another VPN protocol, listed',
    notice: 'only # pairs of other VPN protocols are listed',
  },
  'name-lookups': {
    unit: 'names',
    default: 1024,
    range: many,
    meaning: 'Looked up in the domain name system and followed, the first ones',
    notice: 'only # names that were looked up are followed',
  },
  // The report
  diagnoses: {
    unit: 'diagnoses',
    default: 65_536,
    range: many,
    meaning: 'Of one report; further ones are left out',
    notice: 'only # diagnoses are reported',
  },
  findings: {
    unit: 'findings',
    default: 65_536,
    range: many,
    meaning: 'Of one report; further ones are left out, the least severe first',
    notice: 'only # findings are reported, the most severe',
  },
  'finding-frames': {
    unit: 'frames',
    default: 64,
    range: some,
    meaning: 'That show one finding, listed',
    notice: 'only # frames of one finding are listed',
  },
  'migration-users': {
    unit: 'addresses',
    default: 256,
    range: some,
    meaning: 'Clients, and servers, that the report lists as those who use PPTP',
    notice: 'only # clients or servers that use PPTP are listed',
  },
  // The packet view
  'view-datagrams': {
    unit: 'datagrams',
    default: 1024,
    range: some,
    meaning: 'IP datagrams in fragments whose frames `packets` remembers; the oldest go',
    notice: 'the frames of only # datagrams in fragments were remembered',
  },
  'view-flows': {
    unit: 'flows',
    default: 65_536,
    range: many,
    meaning:
      'GRE flows whose sequence numbers `packets` and `decrypt` follow; packets of further ones get no marks, and are not decrypted',
    notice: 'sequence numbers of only # GRE flows were followed',
  },
  'view-connections': {
    unit: 'connections',
    default: 4096,
    range: some,
    meaning: 'Control connections, and multilink bundles, whose order `packets` and `decrypt` follow; the oldest go',
    notice: 'only # control connections or multilink bundles were followed at one time',
  },
  'multilink-fragments': {
    unit: 'fragments',
    default: 256,
    range: some,
    meaning: 'Of one direction of a multilink bundle that wait for others in `packets` and `decrypt`; the oldest go',
    notice: 'only # multilink fragments were waited with; packets of older ones were not put together',
  },
  'nested-packets': {
    unit: 'packets',
    default: 4,
    range: [1, 16],
    meaning: 'IP packets inside PPP inside GRE, one in another, that `packets` takes apart',
    notice: 'only # packets inside one another were taken apart',
  },
  // Diagrams of the HTML report
  'drawn-tunnels': {
    unit: 'tunnels',
    default: 256,
    range: many,
    meaning: 'Of a report whose calls are drawn in HTML; of one with more none is',
    notice: 'no call is drawn: there are more than # tunnels',
  },
  'drawn-calls': {
    unit: 'calls',
    default: 8,
    range: some,
    meaning: 'Of one tunnel that are drawn in HTML, the first ones',
    notice: 'only the first # calls of one tunnel are drawn',
  },
  'drawn-rungs': {
    unit: 'rungs',
    default: 200,
    range: [2, 65_536],
    meaning: 'Of the diagram of one call in HTML; of more, the first and the last',
    notice: 'only # rungs of the diagram of one call are drawn: the first and the last',
  },
  // Decrypting
  'inner-streams': {
    unit: 'directions',
    default: 4096,
    range: many,
    meaning:
      'Of calls that go on at the same time, that `decrypt` decrypts or decompresses; packets of further ones stay as they are',
    notice: 'only # directions were decrypted or decompressed at one time; packets of further ones stayed as they were',
  },
  'key-changes': {
    unit: 'keys',
    default: 1_000_000,
    range: many,
    meaning:
      'Of MPPE, that `decrypt` makes for packets that are missing in one direction of a call; one that is only tried, or opens nothing, counts as eight, and each encrypted packet earns 16 more. Packets behind further ones stay encrypted',
    notice: 'only # keys of missing packets were made; packets behind further ones were not decrypted',
  },
  'key-changes-together': {
    unit: 'keys',
    default: 2_000_000,
    range: many,
    meaning:
      'Of MPPE, that `decrypt` makes for packets that are missing in all calls of a capture; they count as above',
    notice: 'only # keys of missing packets were made in all calls; packets behind further ones were not decrypted',
  },
} as const satisfies Readonly<Record<string, Bound>>;

/** Name of a bound: `gre-flows`. */
export type BoundName = keyof typeof boundTable;

/** All bounds, by their names. */
export type Bounds = Readonly<Record<BoundName, number>>;

export const boundNames = Object.keys(boundTable) as BoundName[];

/** Null where `name` is a bound and `value` may be chosen for it; else what is wrong, as a sentence. */
export function boundFault(name: string, value: number): string | null {
  if (!isBound(name)) return `There is no limit "${name}".`;
  const [least, most] = boundTable[name].range;
  if (Number.isInteger(value) && value >= least && value <= most) return null;
  return `The limit "${name}" is a whole number from ${least} to ${most}.`;
}

function isBound(name: string): name is BoundName {
  return Object.hasOwn(boundTable, name);
}

const defaults = Object.fromEntries(boundNames.map((name) => [name, boundTable[name].default])) as Record<
  BoundName,
  number
>;

/** The defaults, with what was chosen in their place. Throws a RangeError for what may not be chosen. */
export function boundsWith(chosen: Partial<Bounds>): Bounds {
  const bounds = { ...defaults };
  for (const [name, value] of Object.entries(chosen)) {
    const fault = boundFault(name, value);
    if (fault !== null) throw new RangeError(fault);
    bounds[name as BoundName] = value;
  }
  return bounds;
}
