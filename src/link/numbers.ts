/** Link types of captures, as the LINKTYPE_ registry of tcpdump.org numbers them. */
export const linkTypes = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  /** DLT_RAW as some systems number it. */
  rawBsd: 12,
  rawOpenBsd: 14,
  pppHdlc: 50,
  pppEther: 51,
  raw: 101,
  ieee80211: 105,
  loop: 108,
  linuxSll: 113,
  ieee80211Radiotap: 127,
  ppi: 192,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

/** EtherTypes that lead on to IP. */
export const etherTypes = {
  ipv4: 0x0800,
  /** IEEE 802.1Q */
  vlan: 0x8100,
  ipv6: 0x86dd,
  /** RFC 3032 §5 */
  mplsUnicast: 0x8847,
  /** RFC 5332 §3 */
  mplsMulticast: 0x8848,
  /** RFC 2516 §4 */
  pppoeSession: 0x8864,
  /** IEEE 802.1ad */
  serviceVlan: 0x88a8,
  /** Stacked tags of before 802.1ad. */
  oldServiceVlan: 0x9100,
} as const;

/** Protocol numbers of the PPP that carries the frame, not of the tunnel's own. */
export const pppProtocols = { ipv4: 0x0021, ipv6: 0x0057, mplsUnicast: 0x0281, mplsMulticast: 0x0283 } as const;
