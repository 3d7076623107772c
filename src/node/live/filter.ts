/**
 * What the kernel is asked for (pcap-filter(7)): control connections, GRE, the ICMP errors that quote them, and fragments,
 * which carry no ports; plain, in one or two VLAN tags, and in PPPoE. The rest of the traffic never reaches this program.
 */

/** Of a packet at the offset that the expression around it has set. */
function plain(ports: readonly number[]): string {
  return [
    ...ports.map((port) => `tcp port ${port}`),
    // Every fragment of GRE has its protocol in the header; those of TCP but the first have no ports.
    'ip proto 47',
    'ip6 proto 47',
    '(ip proto 6 and ip[6:2] & 0x1fff != 0)',
    'ip6 proto 44',
    // Destination unreachable, source quench, redirect, time exceeded, parameter problem. RFC 792
    '(icmp and (icmp[0] = 3 or icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12))',
    // Errors have types below 128. RFC 4443 §2.1
    '(icmp6 and ip6[40] < 128)',
  ].join(' or ');
}

/**
 * PPPoE by its octets, since the words `pppoes` and `vlan` shift all that follows them in an expression: IPv4 in a
 * session (RFC 2516 §4, PPP protocol 0x0021), as Ethernet has it, or behind one VLAN tag.
 */
function overPppoe(ports: readonly number[]): string {
  return [0, 4]
    .map((tag) => {
      const ip = 22 + tag;
      const header = `((ether[${ip}] & 0xf) << 2) + ${ip}`;
      const tcp = ports.flatMap((port) => [`ether[${header}:2] = ${port}`, `ether[${header} + 2:2] = ${port}`]);
      const session = `ether[${12 + tag}:2] = 0x8864 and ether[${20 + tag}:2] = 0x0021`;
      const protocol = `ether[${ip + 9}]`;
      const fragment = `ether[${ip + 6}:2] & 0x1fff != 0`;
      return `(${session} and (${protocol} = 47 or ${protocol} = 1 or (${protocol} = 6 and (${fragment} or ${tcp.join(' or ')}))))`;
    })
    .join(' or ');
}

/**
 * Filters from the widest to the plainest: links without Ethernet's header know neither VLAN nor PPPoE, and programs that
 * capture refuse what a link does not know. `own` is the user's expression; a packet has to pass both.
 *
 * With an expression of the user's there is one way only, since none can be moved behind two kinds of header. Linux takes the
 * outermost VLAN tag off before it filters, so there the way leads into PPPoE, elsewhere into the tags.
 */
export function captureFilters(
  ports: readonly number[],
  own: string | null,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const base = own === null ? `(${plain(ports)})` : `((${own}) and (${plain(ports)}))`;
  // The second `vlan` looks behind the first: two tags.
  const tagged = `(vlan and ${base}) or (vlan and ${base})`;
  if (own === null) return [`${base} or ${overPppoe(ports)} or ${tagged}`, `${base} or ${tagged}`, base];
  return [platform === 'linux' ? `${base} or (pppoes and ${base})` : `${base} or ${tagged}`, base];
}
