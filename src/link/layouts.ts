/**
 * The headers of the link layers as layouts, for somebody who looks at a packet. The walk reads the same headers through
 * the functions beside this file; a property test holds them together.
 */
import {
  bits,
  fixedOctets,
  type Names,
  restOctets,
  u8,
  u16,
  u16LittleEndian,
  u32,
  u32LittleEndian,
} from '../wire/field.ts';
import { layout } from '../wire/layout.ts';

/** EtherTypes that people meet. IANA, IEEE 802 Numbers. */
export const etherTypeNames: Names = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x8035: 'RARP',
  0x8100: '802.1Q VLAN',
  0x86dd: 'IPv6',
  0x8808: 'Ethernet flow control',
  0x8809: 'Slow protocols',
  0x8847: 'MPLS unicast',
  0x8848: 'MPLS multicast',
  0x8863: 'PPPoE discovery',
  0x8864: 'PPPoE session',
  0x888e: 'EAP over LAN',
  0x88a8: '802.1ad service VLAN',
  0x88cc: 'LLDP',
  0x9100: 'VLAN, before 802.1ad',
};

const etherType = u16({ names: etherTypeNames, format: 'hexadecimal' });

export const ethernetHeader = layout('Ethernet', 'IEEE 802.3 §3').fields({
  destination: fixedOctets(6, 'mac-address'),
  source: fixedOctets(6, 'mac-address'),
  /** Up to 1500 a length. */
  typeOrLength: etherType,
});

export const vlanHeader = layout('VLAN tag', 'IEEE 802.1Q §9.6')
  .bits(bits(2, { priority: 3, dropEligible: 1, vlan: 12 }))
  .fields({ typeOrLength: etherType });

/** 802.2, and SNAP where both access points are 0xAA. RFC 1042 */
export const logicalLinkControlHeader = layout('LLC', 'IEEE 802.2 §3.2')
  .fields({
    destinationAccessPoint: u8({ format: 'hexadecimal' }),
    sourceAccessPoint: u8({ format: 'hexadecimal' }),
    control: u8({ format: 'hexadecimal' }),
  })
  .when((before) => before.destinationAccessPoint === 0xaa, 'organization', fixedOctets(3))
  .when((before) => before.destinationAccessPoint === 0xaa, 'etherType', etherType);

export const mplsLabel = layout('MPLS label', 'RFC 3032 §2.1').bits(
  bits(4, { label: 20, trafficClass: 3, bottomOfStack: 1, timeToLive: 8 }),
);

export const pseudowireControlWord = layout('Pseudowire control word', 'RFC 4385 §3').bits(
  bits(4, { zero: 4, flags: 4, fragmentation: 2, length: 6, sequenceNumber: 16 }),
);

export const pppoeHeader = layout('PPPoE session', 'RFC 2516 §4')
  .bits(bits(1, { version: [4, 1], type: [4, 1] }))
  .fields({ code: u8(), sessionId: u16({ format: 'hexadecimal' }), length: u16() });

/** Protocols of the PPP that carries captured frames. */
const carrierPppNames: Names = { 0x0021: 'IPv4', 0x0057: 'IPv6', 0x0281: 'MPLS unicast', 0x0283: 'MPLS multicast' };

/** The header of PPP, of which every part may be left out. RFC 1661 §2, §6.5, §6.6 */
export function carrierPppHeader(addressAndControl: boolean, protocolCompressed: boolean) {
  const protocol = { names: carrierPppNames, format: 'hexadecimal' } as const;
  return layout('PPP', 'RFC 1661 §2')
    .when(() => addressAndControl, 'address', u8({ format: 'hexadecimal' }))
    .when(() => addressAndControl, 'control', u8({ format: 'hexadecimal' }))
    .fields({ protocol: protocolCompressed ? u8(protocol) : u16(protocol) });
}

export const ciscoHdlcHeader = layout('Cisco HDLC', 'RFC 1547 §4.3.1').fields({
  address: u8({ format: 'hexadecimal' }),
  control: u8({ format: 'hexadecimal' }),
  protocol: etherType,
});

/** The family is in the byte order of the machine that captured. */
export const nullHeader = layout('BSD loopback', 'LINKTYPE_NULL').fields({ family: fixedOctets(4) });

export const loopHeader = layout('OpenBSD loopback', 'LINKTYPE_LOOP').fields({ family: u32() });

const packetTypeNames: Names = { 0: 'to us', 1: 'broadcast', 2: 'multicast', 3: 'to another host', 4: 'sent by us' };

export const linuxCookedHeader = layout('Linux cooked', 'LINKTYPE_LINUX_SLL').fields({
  packetType: u16({ names: packetTypeNames }),
  hardwareType: u16(),
  addressLength: u16(),
  address: fixedOctets(8),
  protocol: etherType,
});

export const linuxCooked2Header = layout('Linux cooked, version 2', 'LINKTYPE_LINUX_SLL2').fields({
  protocol: etherType,
  reserved: u16(),
  interfaceIndex: u32(),
  hardwareType: u16(),
  packetType: u8({ names: packetTypeNames }),
  addressLength: u8(),
  address: fixedOctets(8),
});

/** A data frame. What stands between the addresses and LLC (QoS, HT control, padding) is its `more`. */
export const ieee80211Header = layout('IEEE 802.11 data', 'IEEE 802.11 §9.3.2')
  .bits(bits(1, { subtype: 4, type: 2, version: 2 }))
  .bits(
    bits(1, {
      order: 1,
      protectedFrame: 1,
      moreData: 1,
      powerManagement: 1,
      retry: 1,
      moreFragments: 1,
      fromDistributionSystem: 1,
      toDistributionSystem: 1,
    }),
  )
  .fields({
    duration: u16LittleEndian(),
    address1: fixedOctets(6, 'mac-address'),
    address2: fixedOctets(6, 'mac-address'),
    address3: fixedOctets(6, 'mac-address'),
    sequenceControl: u16LittleEndian({ format: 'hexadecimal' }),
  })
  .when(
    (before) => before.fromDistributionSystem === 1 && before.toDistributionSystem === 1,
    'address4',
    fixedOctets(6, 'mac-address'),
  )
  .fields({ more: restOctets() });

export const radiotapHeader = layout('radiotap', 'radiotap.org').fields({
  version: u8(),
  pad: u8(),
  length: u16LittleEndian(),
  present: u32LittleEndian({ format: 'hexadecimal' }),
  more: restOctets(),
});

export const perPacketInformationHeader = layout('PPI', 'LINKTYPE_PPI').fields({
  version: u8(),
  flags: u8({ format: 'hexadecimal' }),
  length: u16LittleEndian(),
  linkType: u32LittleEndian(),
  more: restOctets(),
});
