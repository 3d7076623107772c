/** Remains of the sender's memory. */
import type { TunnelRule } from './rule.ts';

export const memoryExposed: TunnelRule = {
  id: 'memory-exposed',
  title: "Remains of the sender's memory",
  severity: 'low',
  what: 'Fields of a Start-Control-Connection message have octets behind the end of their text.',
  why: 'A sender that does not clear its buffers tells strangers what lay in its memory.',
  advice: 'Update the device or program that sends it.',
  references: ['RFC 2637 §2.1, §2.2'],
  evidence: 'Octets other than 0 behind the first NUL of host name or vendor name.',
  scope: 'tunnel',
  find(tunnel) {
    const start = tunnel.control?.start;
    if (start === undefined) return null;
    const client = start.client?.octetsAfterNul ?? 0;
    const server = start.server?.octetsAfterNul ?? 0;
    if (client + server === 0) return null;
    const parts = [client > 0 ? `the client sent ${client}` : '', server > 0 ? `the server sent ${server}` : ''];
    return {
      basis: 'used',
      frames: [client > 0 ? start.requestFrame : null, server > 0 ? start.replyFrame : null],
      detail: `Behind the end of its names ${parts.filter((part) => part !== '').join(', ')} octets of something else.`,
    };
  },
};
