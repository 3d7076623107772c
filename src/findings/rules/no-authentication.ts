/** No authentication. */
import { dataFrames } from './facts.ts';
import type { CallRule } from './rule.ts';

export const noAuthentication: CallRule = {
  id: 'no-authentication',
  title: 'No authentication',
  severity: 'critical',
  what: 'LCP agreed on no authentication in either direction.',
  why: 'Anybody may connect, and the client cannot know whom it connects to.',
  advice: 'Demand authentication on the server, with a method that authenticates both sides.',
  references: ['RFC 1661 §6.2'],
  evidence:
    'Acknowledged LCP options of both sides without an Authentication-Protocol, no exchange, and a link that went on.',
  scope: 'call',
  find(call) {
    const { lcp, network } = call;
    if (lcp.openedFrame === null || lcp.client === null || lcp.server === null || call.authentication.length > 0)
      return null;
    if (lcp.client.authenticationProtocol !== null || lcp.server.authenticationProtocol !== null) return null;
    if (lcp.client.cut || lcp.server.cut) return null;
    const wentOn = network.openedFrame ?? dataFrames(call).find((frame) => frame !== null) ?? null;
    if (wentOn === null) return null;
    return {
      basis: 'used',
      frames: [lcp.openedFrame, wentOn],
      detail: 'Neither side demanded that the other authenticate itself, and the link went on.',
    };
  },
};
