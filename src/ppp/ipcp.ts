/** IP Control Protocol. RFC 1332 §3, RFC 1877 §1. An address is its 32-bit number. */
import { optional, restOctets, u16, u32 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { type OptionOf, option } from '../wire/options.ts';
import type { NegotiationBody } from './control-packet.ts';
import { pppProtocol, pppProtocolNames } from './protocols.ts';

const ipv4 = u32({ format: 'ipv4-address' });
const address = (name: string, source: string) => layout(name, source).fields({ address: ipv4 });

/** RFC 1332 §4 */
const slotIdCompression = optional(1, {
  legal: [0, 1],
  names: { 0: 'the slot identifier is not compressed', 1: 'the slot identifier may be compressed' },
});

/** IPCP configuration options. */
export const ipcpOptions = [
  option(
    1,
    'ipAddresses',
    layout('IP-Addresses', 'RFC 1332 Appendix A').fields({ sourceAddress: ipv4, destinationAddress: ipv4 }),
  ),
  option(
    2,
    'ipCompressionProtocol',
    layout('IP-Compression-Protocol', 'RFC 1332 §3.2')
      .fields({ protocol: u16({ names: pppProtocolNames, format: 'hexadecimal' }) })
      .when((before) => before.protocol === pppProtocol.vanJacobsonCompressed, 'maxSlotId', optional(1))
      .when((before) => before.protocol === pppProtocol.vanJacobsonCompressed, 'compSlotId', slotIdCompression)
      .fields({ parameters: restOctets() }),
  ),
  option(3, 'ipAddress', address('IP-Address', 'RFC 1332 §3.3')),
  option(4, 'mobileIpv4', address('Mobile-IPv4', 'RFC 2290 §2.2')),
  option(129, 'primaryDns', address('Primary DNS Server Address', 'RFC 1877 §1.1')),
  option(130, 'primaryNbns', address('Primary NBNS Server Address', 'RFC 1877 §1.2')),
  option(131, 'secondaryDns', address('Secondary DNS Server Address', 'RFC 1877 §1.3')),
  option(132, 'secondaryNbns', address('Secondary NBNS Server Address', 'RFC 1877 §1.4')),
] as const;

export type IpcpOption = OptionOf<typeof ipcpOptions>;
export type IpcpBody = NegotiationBody<IpcpOption>;
