/** The enhanced GRE header of PPTP's tunnels. RFC 2637 §4.1 */
import { bits, type Names, restOctets, u16, u32 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { eoipProtocolType, pppProtocolType } from './view.ts';

/** EtherTypes met in GRE. */
export const greProtocolTypeNames: Names = {
  0x0800: 'IPv4',
  0x6558: 'Transparent Ethernet bridging',
  [eoipProtocolType]: 'MikroTik Ethernet over IP',
  [pppProtocolType]: 'PPP',
  0x86dd: 'IPv6',
  0x88be: 'ERSPAN',
};

/** Version 1 with the Key Present bit. `callId` is the receiver's. */
export const enhancedGre = layout('Enhanced GRE', 'RFC 2637 §4.1')
  .bits(
    bits(2, {
      checksumPresent: [1, 0],
      routingPresent: [1, 0],
      keyPresent: [1, 1],
      sequencePresent: 1,
      strictSourceRoutePresent: [1, 0],
      recursionControl: [3, 0],
      acknowledgmentPresent: 1,
      flags: [4, 0],
      version: [3, 1],
    }),
  )
  .fields({
    protocolType: u16({ legal: [pppProtocolType], names: greProtocolTypeNames, format: 'hexadecimal' }),
    payloadLength: u16(),
    callId: u16(),
  })
  .when((before) => before.sequencePresent === 1, 'sequenceNumber', u32())
  .when((before) => before.acknowledgmentPresent === 1, 'acknowledgmentNumber', u32())
  .fields({ payload: restOctets() });
