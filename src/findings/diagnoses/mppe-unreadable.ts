/** Encrypted packets that their receiver cannot read: other keys, another mode, or more of them lost than it can count. RFC 3078 */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { CallCase } from './call-case.ts';
import { around, type Draft } from './draft.ts';

/** So many rejects are certainly no chance any more. */
const certainRejects = 3;

/** Reset-Requests in stateless MPPE, which needs none. */
const fewestNeedlessResets = 5;

/** Of the encrypted packets of both ends the share that lacks bit A where one end does not set it: half, where both send alike. */
const unflushedShare = 0.25;

/** Stateless MPPE is agreed, one end encrypts in another way, and the other cannot read it. RFC 3078 §3 */
export function statefulAfterAll(callCase: CallCase): Draft | null {
  const { encryption } = callCase.call;
  const { unflushedPackets } = encryption.evidence;
  const side = sides.find((one) => unflushedPackets[one] > 0);
  if (side === undefined || unflushedPackets[side] < encryption.encryptedPackets * unflushedShare) return null;
  const rejects = garbage(callCase).filter(({ by }) => by !== side);
  if (rejects.length === 0 && encryption.resetRequests < fewestNeedlessResets) return null;
  return {
    cause: 'mppe-stateful-mismatch',
    // Reset-Requests may be of either end.
    confidence: rejects.length > 0 ? 'certain' : 'likely',
    summary: `Stateless MPPE is agreed, but bit A, which every packet has to have, is missing in ${counted(unflushedPackets[side], 'packet')} of the ${side}: the ${side} does not change its key with every packet, and the ${otherSide(side)} cannot read what it sends.`,
    evidence: [{ frame: encryption.openedFrame, text: 'stateless MPPE agreed' }, ...rejectEvidence(rejects)],
    advice: `The ${side}'s MPPE does not keep to what it agreed on: update its software, or let both ends use stateful mode.`,
    refutedBy: `the ${otherSide(side)} answers what the ${side} sends`,
  };
}

export function keysDiffer(callCase: CallCase): Draft | null {
  const { encryption } = callCase.call;
  const rejects = garbage(callCase);
  const storm =
    encryption.encryptedPackets > 0 &&
    encryption.stateless === true &&
    encryption.resetRequests >= fewestNeedlessResets;
  const [first] = rejects;
  if (first === undefined && !storm) return null;
  return {
    cause: 'mppe-keys-differ',
    confidence: rejects.length >= certainRejects ? 'certain' : 'likely',
    summary:
      first === undefined
        ? `The ends encrypt with different keys: ${encryption.resetRequests} CCP Reset-Requests though MPPE is stateless.`
        : `The ends encrypt with different keys: ${rejects.every(({ by }) => by === first.by) ? `the ${first.by} rejects` : 'both reject'} ${counted(rejects.length, 'protocol number')} that nobody has assigned, which is what wrongly decrypted packets look like.`,
    evidence: [
      { frame: encryption.openedFrame, text: 'MPPE agreed' },
      ...rejectEvidence(rejects),
      ...(first === undefined ? resetEvidence(callCase) : []),
    ],
  };
}

/** Of the packets that came encrypted the share that decrypts to garbage where keys differ: all do, but not all show it. */
const garbageShare = 0.25;

/**
 * Protocol-Rejects of numbers that nobody has assigned: what wrongly decrypted packets look like. One that is damaged now and
 * then does not show wrong keys, nor does one number again and again: that is another protocol.
 */
function garbage({ call: { encryption, lcp } }: CallCase): Call['lcp']['protocolRejects'] {
  const begins = encryption.evidence.firstEncryptedFrame;
  const rejected = lcp.protocolRejects.filter(
    ({ frame, name, protocol }) => begins !== null && frame > begins && (name === null || (protocol & 1) === 0),
  );
  const different = new Set(rejected.map(({ protocol }) => protocol)).size;
  const all = rejected.length + (rejected.length > 0 ? lcp.protocolRejectsNotListed : 0);
  const many = all >= encryption.encryptedPackets * garbageShare;
  return many && different >= 2 && different * 2 > rejected.length ? rejected : [];
}

function rejectEvidence(rejects: Call['lcp']['protocolRejects']): Draft['evidence'] {
  return rejects.slice(0, 4).map(({ frame, by, protocol }) => ({
    frame,
    text: `the ${by} rejects protocol 0x${protocol.toString(16).padStart(4, '0')}`,
  }));
}

/** Reset-Requests in stateful MPPE. */
const fewestResets = 3;

export function statefulLoss(callCase: CallCase): Draft | null {
  const { encryption } = callCase.call;
  const lost = callCase.up.lost + callCase.down.lost;
  if (encryption.method !== 'mppe' || encryption.stateless !== false) return null;
  if (encryption.resetRequests < fewestResets || (lost === 0 && encryption.coherencyGaps === 0)) return null;
  return {
    cause: 'mppe-stateful-loss',
    confidence: 'likely',
    summary: `MPPE is stateful and the path loses packets: ${counted(lost, 'packet')} lost, ${encryption.resetRequests} CCP Reset-Requests; between a loss and the reset nothing can be read.`,
    evidence: [{ frame: encryption.openedFrame, text: 'stateful MPPE agreed' }, ...resetEvidence(callCase)],
  };
}

/** The first of them, and the last that is listed. */
function resetEvidence({ call }: CallCase): Draft['evidence'] {
  const { resetFrames } = call.encryption.evidence;
  return [
    { frame: resetFrames[0] ?? null, text: 'the first CCP Reset-Request' },
    { frame: resetFrames.at(-1) ?? null, text: 'the last' },
  ];
}

/** The coherency count has 12 bits. RFC 3078 §3 */
const coherencyCounts = 0x1000;

/** So many packets are lost in a row that the receiver cannot tell any more how often the key has changed, and it ends CCP. */
export function outOfStep(callCase: CallCase): Draft | null {
  const { encryption, evidence } = callCase.call;
  const ended = evidence.ccpTerminated;
  if (encryption.method !== 'mppe' || ended === null) return null;
  const side = otherSide(ended.by);
  const longestGap = callCase.gapOnPath(side);
  if (longestGap < coherencyCounts || callCase.strayNumber(side)) return null;
  return {
    cause: 'packet-loss',
    confidence: 'likely',
    summary: `${longestGap} packets of the ${side} are lost in a row. MPPE counts packets with 12 bits: behind so many the ${ended.by} cannot find the key any more, and it ends CCP${ended.text ? ` ("${ended.text}")` : ''}.`,
    evidence: [
      { frame: encryption.openedFrame, text: 'MPPE agreed' },
      ...around(callCase.path(side).longestGapFrames, 'the gap'),
      { frame: ended.frame, text: `the ${ended.by} ends CCP` },
    ],
    advice: `Find out what kept the ${side}'s packets away for that time; the client has to dial again after it.`,
  };
}
