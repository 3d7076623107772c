/** GRE numbers far outside the window. */
import { counted } from '../../octets/words.ts';
import type { CallRule } from './rule.ts';

export const greOutsideWindow: CallRule = {
  id: 'gre-outside-window',
  title: 'GRE numbers far outside the window',
  severity: 'medium',
  what: 'GRE packets of a call bear sequence or acknowledgment numbers far from all others.',
  why: 'A Call ID of 16 bit is all that guards the data of a tunnel: who guesses it injects packets blindly, and then does not know the numbers.',
  advice: 'Look where the packets come from; let only the peers of the tunnel send IP protocol 47.',
  references: ['RFC 2637 §4.2, §4.3, §5'],
  evidence: 'A sequence number, or an acknowledgment, a million or more away from those of the call.',
  scope: 'call',
  find(call) {
    const directions = [call.gre.clientToServer, call.gre.serverToClient];
    const packets = directions.reduce((sum, { outsideWindow }) => sum + outsideWindow, 0);
    const acknowledgments = directions.reduce((sum, { strayAcknowledgments }) => sum + strayAcknowledgments, 0);
    if (packets + acknowledgments === 0) return null;
    const said = [
      packets > 0 ? counted(packets, 'sequence number') : '',
      acknowledgments > 0 ? counted(acknowledgments, 'acknowledgment') : '',
    ].filter((text) => text !== '');
    return {
      basis: 'used',
      frames: directions.flatMap(({ outsideWindowFrame, strayAcknowledgmentFrame }) => [
        outsideWindowFrame,
        strayAcknowledgmentFrame,
      ]),
      detail: `${said.join(' and ')} far from the others of the call.`,
    };
  },
};
