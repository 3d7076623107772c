/** Every format of the tunnel that a layout declares. */
import { optionTables } from '../../src/fuzz/ppp-packet.ts';
import { enhancedGre } from '../../src/gre/enhanced-gre.ts';
import { mppePacket } from '../../src/mppe/header.ts';
import { changePasswordLayouts, msChapV1Response, msChapV2Response } from '../../src/ppp/chap.ts';
import { controlPacketHeader } from '../../src/ppp/control-packet.ts';
import { expandedDesiredType, expandedType } from '../../src/ppp/eap.ts';
import { multilinkLong, multilinkShort } from '../../src/ppp/multilink.ts';
import { windowsReason } from '../../src/ppp/windows-reason.ts';
import { controlHeader } from '../../src/pptp/header.ts';
import { controlMessageLayouts } from '../../src/pptp/message.ts';
import type { Layout } from '../../src/wire/layout.ts';

const declared = [
  controlHeader,
  ...Object.values(controlMessageLayouts),
  enhancedGre,
  mppePacket,
  controlPacketHeader,
  msChapV1Response,
  msChapV2Response,
  ...Object.values(changePasswordLayouts),
  expandedType,
  expandedDesiredType,
  windowsReason,
  multilinkLong,
  multilinkShort,
  // Several protocols share a table.
  ...new Set(optionTables.flatMap(({ table }) => table.map(({ format }) => format))),
];

export const formats = declared as readonly unknown[] as readonly Layout<Record<string, unknown>>[];
