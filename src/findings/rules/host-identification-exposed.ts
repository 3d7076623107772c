/** Names of computers in clear. */
import { sides } from '../../sessions/ends.ts';
import type { TunnelRule } from './rule.ts';

/** What programs write who have no name to say. */
const placeHolders: readonly string[] = ['', 'local', 'localhost', 'anonymous', 'none', 'pptp'];

export const hostIdentificationExposed: TunnelRule = {
  id: 'host-identification-exposed',
  title: 'Names of computers in clear',
  severity: 'low',
  what: 'LCP Identification, or the host name of the control connection, names the computer and its system.',
  why: 'An outsider learns which computers dial in and which generation of system they run.',
  advice: 'Nothing can be done about it in PPTP.',
  references: ['RFC 1570 §2.1', 'RFC 2637 §2.1'],
  evidence:
    'An LCP Identification, or a host name other than the usual place-holders in a Start-Control-Connection message.',
  scope: 'tunnel',
  find(tunnel) {
    const said: string[] = [];
    const frames: (number | null)[] = [];
    const start = tunnel.control?.start;
    for (const side of sides) {
      const hostName = start?.[side]?.hostName ?? '';
      if (!placeHolders.includes(hostName.toLowerCase())) {
        said.push(`the ${side}'s host name "${hostName}"`);
        frames.push((side === 'client' ? start?.requestFrame : start?.replyFrame) ?? null);
      }
      for (const { lcp } of tunnel.calls) {
        for (const text of lcp.identification[side]) said.push(`the ${side} identifies itself as "${text}"`);
        frames.push(lcp.identificationFrames[side]);
      }
    }
    if (said.length === 0) return null;
    return { basis: 'used', frames, detail: `${[...new Set(said)].slice(0, 8).join('; ')}.` };
  },
};
