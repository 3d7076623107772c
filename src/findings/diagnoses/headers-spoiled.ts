/** GRE whose IP headers a box on the way spoils. */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { triesInVain } from './patience.ts';

/** GRE of one end has wrong checksums in its IP headers, other packets of it have not, and the other end takes none of it. */
export function headersSpoiled(callCase: CallCase): Draft[] {
  for (const side of sides) {
    const { packets, wrongChecksums, wrongChecksumFrames } = callCase.gre(side);
    if (wrongChecksumFrames === null || wrongChecksums < triesInVain) continue;
    const { lastAcknowledgment } = callCase.gre(otherSide(side));
    if (callCase.unacknowledged(side) < triesInVain && lastAcknowledgment !== null) continue;
    return [
      {
        cause: 'ip-header-spoiled',
        confidence: 'certain',
        stage: callCase.furthest,
        summary: `${wrongChecksums} of the ${side}'s ${counted(packets, 'GRE packet')} have a wrong checksum in their IP header, and other packets of it a right one: a box on the way spoils them, and the ${otherSide(side)} drops them without a word.`,
        evidence: [
          { frame: wrongChecksumFrames.first, text: 'the first with a wrong checksum' },
          { frame: wrongChecksumFrames.last, text: 'the last' },
        ],
      },
    ];
  }
  return [];
}
