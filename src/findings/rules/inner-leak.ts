/** Names that the tunnel should have been asked for. */
import { counted } from '../../octets/words.ts';
import type { CallRule } from './rule.ts';

export const innerLeak: CallRule = {
  id: 'inner-leak',
  title: 'Names asked outside the tunnel',
  severity: 'info',
  what: 'While the tunnel was open and had given the client name servers, its address asked for names outside the tunnel.',
  why: 'Whoever is on the way reads which names are asked for, those of the private network among them, and may answer first. Behind a NAT it may be others that ask.',
  advice:
    'Where names of the private network are asked for outside, let the client ask the name servers of the VPN alone while it is connected, and route them into the tunnel.',
  references: ['RFC 1877 §1', 'RFC 1035 §4.1'],
  evidence:
    "DNS questions to UDP port 53 from the client's outer address, from the opening of IPCP with DNS options to the end of the call.",
  scope: 'call',
  find({ network, evidence: { outsideQuestions } }) {
    if (outsideQuestions === null) return null;
    const { questions, firstFrame, lastFrame, servers } = outsideQuestions;
    const given = [...new Set(network.dns)];
    return {
      basis: 'used',
      frames: [...new Set([firstFrame, lastFrame])],
      detail: `${counted(questions, 'question')} for names went to ${servers.join(', ')} outside the tunnel, which has ${given.join(', ')} for them.`,
    };
  },
};
