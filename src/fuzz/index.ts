/** The face of `pptpscope/fuzz`: input for parsers of PPTP, valid, nearly valid and wild. See docs/fuzzing.md. */
export { type CapturedPacket, packetsOf, pcapngOf, pcapOf } from './capture-file.ts';
export { type Choices, chosen, seeded } from './choices.ts';
export { controlMessage, controlMessageTypes, controlStream } from './control-message.ts';
export { damaged } from './damage.ts';
export { damagedCapture, damagedPackets } from './damaged-packets.ts';
export type { Temperament } from './encoded.ts';
export { grePacket } from './network.ts';
export { anyControlPacket, anyPppFrame } from './ppp-packet.ts';
export { smallest } from './shrink.ts';
export { tunnel, tunnels } from './tunnel.ts';
