/** The PPP header as a layout. RFC 1661 §2, RFC 1662 §3.1 */
import { u8, u16 } from '../wire/field.ts';
import { layout } from '../wire/layout.ts';
import { pppProtocolNames } from './protocols.ts';

/** Which parts are there the view sees; both agree on the octets, and a property test says so. RFC 1661 §6.5, §6.6 */
export function pppHeader(addressAndControl: boolean, protocolCompressed: boolean) {
  const protocol = { names: pppProtocolNames, format: 'hexadecimal' } as const;
  return layout('PPP', 'RFC 1661 §2')
    .when(() => addressAndControl, 'address', u8({ format: 'hexadecimal' }))
    .when(() => addressAndControl, 'control', u8({ format: 'hexadecimal' }))
    .fields({ protocol: protocolCompressed ? u8(protocol) : u16(protocol) });
}
