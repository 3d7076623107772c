/** IPv6 Control Protocol. RFC 5072 §3, §4; the compression option in RFC 5172. */
import { fixedOctets, restOctets, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { type OptionOf, option } from '../wire/options.ts';
import type { NegotiationBody } from './control-packet.ts';

/** IPV6CP configuration options. */
export const ipv6cpOptions = [
  option(
    1,
    'interfaceIdentifier',
    layout('Interface-Identifier', 'RFC 5072 §4.1').fields({ identifier: fixedOctets(8) }),
  ),
  option(
    2,
    'ipv6CompressionProtocol',
    layout('IPv6-Compression-Protocol', 'RFC 5172 §2').fields({ protocol: u16(), parameters: restOctets() }),
  ),
] as const;

export type Ipv6cpOption = OptionOf<typeof ipv6cpOptions>;
export type Ipv6cpBody = NegotiationBody<Ipv6cpOption>;
