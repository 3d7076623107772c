/** How badly calls that came up carry data. */
import { ipProtocol } from '../../dissect/dissector.ts';
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import { sizeStep } from '../../sessions/gre-flow.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { GreDirection } from '../../sessions/model/gre.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import { around, type Draft } from './draft.ts';
import { headersSpoiled } from './headers-spoiled.ts';
import { isAboutSize, namedErrors } from './icmp.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import { lostWhere } from './views.ts';

/** Shares of missing and late packets from which they are worth a diagnosis, and the fewest that count. */
const lossShare = 0.02;
const reorderedShare = 0.03;
const fewestPackets = 5;
/** More loss than this explains the end of a call as well. */
const heavyLossShare = 0.2;

/** Data that is carried badly; the first that fits, for most of the later ones follow from it. */
export function carriedBadly(callCase: CallCase): Draft[] {
  const rules = [
    fragmentationNeeded,
    statefulAfterAll,
    keysDiffer,
    outOfStep,
    statefulLoss,
    fragmentsLost,
    countedAnew,
    interrupted,
    blackHole,
    loss,
    reordering,
    starvation,
  ];
  const spoiled = headersSpoiled(callCase);
  if (spoiled.length > 0) return spoiled;
  for (const rule of rules) {
    const draft = rule(callCase);
    if (draft !== null) return [draft];
  }
  return [];
}

/** ICMP errors that path MTU discovery does without. RFC 1191 */
const fewestErrors = 3;

function fragmentationNeeded({ tunnel, call, over }: CallCase): Draft | null {
  const errors = tunnel.icmpErrors.filter(
    (error) => error.quotes === 'gre' && isAboutSize(error) && (error.call === null || error.call === call.id),
  );
  const [first] = errors;
  const last = errors.at(-1);
  if (first === undefined || last === undefined) return null;
  const sender = first.aboutPacketFrom;
  const direction = sender === 'client' ? call.gre.clientToServer : call.gre.serverToClient;
  const after = (direction.lastFrame ?? 0) > last.frame;
  const both = call.gre.clientToServer.userBytes > 0 && call.gre.serverToClient.userBytes > 0;
  // One or two errors and then traffic both ways: path MTU discovery at work. RFC 1191
  if (errors.length < fewestErrors && after && both) return null;
  return {
    cause: 'fragmentation-needed',
    confidence: 'certain',
    summary: `${first.from} says that the ${sender}'s tunnel packets are too large${first.mtu ? ` (its MTU is ${first.mtu})` : ''}${after ? ', and they do not become smaller' : over ? ', and the call ends on it' : ', and nothing more is sent'}.`,
    evidence: namedErrors(errors),
    ...(first.mtu
      ? {
          advice: `Lower the MTU of the VPN interface to ${Math.max(first.mtu - 60, 0)} or less, or let the outer packets be fragmented.`,
        }
      : {}),
  };
}

/** Of the packets that came encrypted the share that decrypts to garbage where keys differ: all do, but not all show it. */
const garbageShare = 0.25;
/** So many rejects are certainly no chance any more. */
const certainRejects = 3;
/** Reset-Requests in stateless MPPE, which needs none. */
const fewestNeedlessResets = 5;

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

/** Of the encrypted packets of both ends the share that lacks bit A where one end does not set it: half, where both send alike. */
const unflushedShare = 0.25;

/** Stateless MPPE is agreed, one end encrypts in another way, and the other cannot read it. RFC 3078 §3 */
function statefulAfterAll(callCase: CallCase): Draft | null {
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

function keysDiffer(callCase: CallCase): Draft | null {
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

/** The first of them, and the last that is listed. */
function resetEvidence({ call }: CallCase): Draft['evidence'] {
  const { resetFrames } = call.encryption.evidence;
  return [
    { frame: resetFrames[0] ?? null, text: 'the first CCP Reset-Request' },
    { frame: resetFrames.at(-1) ?? null, text: 'the last' },
  ];
}

/** Reset-Requests in stateful MPPE. */
const fewestResets = 3;

function statefulLoss(callCase: CallCase): Draft | null {
  const { call } = callCase;
  const { encryption } = call;
  const lost = call.gre.clientToServer.lost + call.gre.serverToClient.lost;
  if (encryption.method !== 'mppe' || encryption.stateless !== false) return null;
  if (encryption.resetRequests < fewestResets || (lost === 0 && encryption.coherencyGaps === 0)) return null;
  return {
    cause: 'mppe-stateful-loss',
    confidence: 'likely',
    summary: `MPPE is stateful and the path loses packets: ${counted(lost, 'packet')} lost, ${encryption.resetRequests} CCP Reset-Requests; between a loss and the reset nothing can be read.`,
    evidence: [{ frame: encryption.openedFrame, text: 'stateful MPPE agreed' }, ...resetEvidence(callCase)],
  };
}

/** The coherency count has 12 bits. RFC 3078 §3 */
const coherencyCounts = 0x1000;

/** So many packets are lost in a row that the receiver cannot tell any more how often the key has changed, and it ends CCP. */
function outOfStep(callCase: CallCase): Draft | null {
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

/** One end counts its packets anew, and the other, which goes on acknowledging the numbers before, drops them. RFC 2637 §4.4 */
function countedAnew(callCase: CallCase): Draft | null {
  for (const side of sides) {
    const { restartFrame, lastSequence, lastFrame } = callCase.gre(side);
    const other = callCase.gre(otherSide(side));
    if (restartFrame === null || lastSequence === null || other.lastAcknowledgment === null) continue;
    const behind = (other.lastAcknowledgment - lastSequence) | 0;
    if (behind <= 0 || lastSequence < fewestPackets || (other.lastFrame ?? 0) < restartFrame) continue;
    return {
      cause: 'sequence-restarted',
      confidence: 'likely',
      summary: `In the middle of the call the ${side} begins to count its GRE packets anew, and the ${otherSide(side)} takes none of them any more: it goes on acknowledging number ${other.lastAcknowledgment}, and up to ${lastSequence} they have come again.`,
      evidence: [
        { frame: restartFrame, text: `the ${side} begins anew` },
        { frame: other.lastFrame, text: `the ${otherSide(side)} still acknowledges ${other.lastAcknowledgment}` },
        { frame: lastFrame, text: `the ${side}'s last packet, number ${lastSequence}` },
      ],
    };
  }
  return null;
}

/**
 * A row of one end's packets is missing, and meanwhile small ones of the other are not acknowledged: no size and no direction is
 * dropped, the way is cut, and comes back.
 */
function interrupted(callCase: CallCase): Draft | null {
  for (const side of sides) {
    const other = otherSide(side);
    const gap = callCase.gapOnPath(side);
    const { longestGapFrames, unnumberedInGap } = callCase.path(side);
    const unheard = callCase.path(other).smallUnacknowledged;
    const oneRow = gap >= fewestPackets && gap * 2 >= callCase.lostOnPath(side) && unnumberedInGap === 0;
    if (!oneRow || unheard < fewestPackets || callCase.strayNumber(side) || !loses(callCase, side)) continue;
    return {
      cause: 'packet-loss',
      confidence: 'likely',
      summary: `For a while nothing gets through, either way: ${gap} of the ${side}'s packets in one row are missing, ${unheard} of the ${other}'s are not acknowledged though they are small, and then both go on.`,
      evidence: [
        ...around(longestGapFrames, 'the gap'),
        { frame: callCase.gre(side).lastFrame, text: `the ${side}'s last packet` },
      ],
      advice:
        'Find what cut the way at that moment and gave it back: a link that went down, a radio link, a route that changed, a box that restarted.',
      refutedBy: 'packets of either end pass another point of the way in that time',
    };
  }
  return null;
}

/** Octets that the largest packet must have where it is sent in vain, and must not have where larger ones are only missing. */
const largeFrom = 500;
const smallBelow = 1000;
/** Large packets that are not acknowledged, for a black hole, and for a certain one; small ones that are. */
const fewestSwallowed = 2;
const certainSwallowed = 3;
const fewestAcknowledged = 3;

/** Small packets pass, large ones never do; at the sender's side by what is acknowledged, at the receiver's by what is missing. */
function blackHole(callCase: CallCase): Draft | null {
  for (const side of sides) {
    const path = callCase.path(side);
    const direction = callCase.gre(side);
    const small = path.acknowledged;
    const swallowed =
      path.largeUnacknowledged >= fewestSwallowed &&
      path.largestPacket >= largeFrom &&
      path.largestPacket > path.largestAcknowledged + sizeStep &&
      small >= fewestAcknowledged &&
      path.smallUnacknowledged * 3 <= small;
    const missing =
      lostShare(callCase, side) >= heavyLossShare &&
      callCase.gapOnPath(side) >= fewestPackets &&
      path.largestPacket < smallBelow;
    if (!swallowed) continue;
    return {
      cause: 'mtu-black-hole',
      confidence: missing || path.largeUnacknowledged >= certainSwallowed ? 'certain' : 'likely',
      summary: `Packets of the ${side} up to ${path.largestAcknowledged} octets arrive, larger ones (up to ${path.largestPacket}) never do: ${path.largeUnacknowledged} of them waited in vain for their acknowledgment.`,
      evidence: [
        { frame: direction.firstDataFrame, text: `the ${side}'s first user data` },
        { frame: direction.lastFrame, text: `the ${side}'s last packet; small ones were acknowledged to the end` },
      ],
    };
  }
  // Of one direction alone nothing shows that small packets came through meanwhile, or that the way was open.
  if (callCase.oneSidedTunnel !== null) return null;
  for (const side of sides) {
    const path = callCase.path(side);
    const direction = callCase.gre(side);
    const lost = callCase.lostOnPath(side);
    const gap = callCase.gapOnPath(side);
    const many = lostShare(callCase, side) >= heavyLossShare && lost >= fewestPackets;
    // One long hole among small packets that all came, and no loss the other way.
    if (callCase.strayNumber(side)) continue;
    const hole = gap >= fewestPackets && gap * 2 >= lost;
    if (!many || !hole || path.largestPacket >= smallBelow || direction.packets < fewestPackets) continue;
    if (loses(callCase, otherSide(side))) continue;
    // Nothing at all in that time: the way may have been cut as well. Acknowledgments have no number and are small.
    const open = path.unnumberedInGap >= 2;
    return {
      cause: 'mtu-black-hole',
      confidence: open ? 'likely' : 'possible',
      summary: `Of the ${side}'s packets none larger than ${path.largestPacket} octets arrives; ${lost} are missing, ${gap} of them in one row, while small ones ${open ? `came through all the time, ${path.unnumberedInGap} of them meanwhile` : 'before and after came through'}.`,
      evidence: [
        ...around(path.longestGapFrames, 'the gap'),
        { frame: direction.lastFrame, text: `the ${side}'s last packet` },
      ],
    };
  }
  return null;
}

/** Frames behind a tunnel's last in which a fragment of it may stand. */
const framesBehind = 1000;

function fragmentsLost(callCase: CallCase): Draft | null {
  const { tunnel, capture } = callCase;
  const ends = [tunnel.client.address, tunnel.server.address];
  const pieces = capture.incompleteDatagrams.filter(
    ({ from, to, protocol, frame }) =>
      protocol === ipProtocol.gre &&
      ends.includes(from) &&
      ends.includes(to) &&
      frame >= tunnel.firstFrame &&
      frame <= tunnel.lastFrame + framesBehind,
  );
  const [first] = pieces;
  if (first === undefined || pieces.length < 2) return null;
  const by = first.from === tunnel.client.address ? 'client' : 'server';
  // Where others come with all their fragments, nothing drops fragments: it is loss like any other.
  if (callCase.path(by).reassembled > 0) return null;
  if (pieces.every(({ firstSeen }) => !firstSeen)) {
    return {
      cause: 'mtu-black-hole',
      confidence: 'likely',
      summary: `Of ${counted(pieces.length, 'tunnel packet')} that the ${by} sent in fragments the first fragment never comes, which is as large as its sender may send, and a small rest does: what is lost is lost for its size.`,
      evidence: pieces
        .slice(0, 4)
        .map(({ frame }) => ({ frame, text: 'the rest of a packet whose first fragment never comes' })),
    };
  }
  return {
    cause: 'fragments-lost',
    confidence: 'likely',
    summary: `${counted(pieces.length, 'tunnel packet')} of the ${by} came in fragments of which some are missing: a firewall on the way drops fragments.`,
    evidence: pieces.slice(0, 4).map(({ frame }) => ({ frame, text: 'a fragment whose others never come' })),
  };
}

/** Of the packets of a side, as far as the capture did not lose them. */
function lostShare(callCase: CallCase, side: Side): number {
  return shareOf(callCase.lostOnPath(side), callCase.gre(side));
}

function shareOf(missing: number, { dataPackets }: GreDirection): number {
  return missing === 0 ? 0 : missing / (missing + dataPackets);
}

function loses(callCase: CallCase, side: Side): boolean {
  return isMuch(callCase.lostOnPath(side), callCase.gre(side));
}

/** So many packets that are missing in a direction are worth a diagnosis, whoever lost them. */
export function isMuch(missing: number, direction: GreDirection): boolean {
  return missing >= fewestPackets && shareOf(missing, direction) >= lossShare;
}

/** Directions in which numbers are missing that were lost on the way to the capture. */
function lossyDirections(callCase: CallCase): Side[] {
  const { call } = callCase;
  if (call.multilink !== null) return [];
  return sides.filter((side) => !callCase.strayNumber(side) && loses(callCase, side));
}

function loss(callCase: CallCase): Draft | null {
  const [side] = lossyDirections(callCase).sort((a, b) => lostShare(callCase, b) - lostShare(callCase, a));
  if (side === undefined || callCase.capturesLoss) return null;
  const direction = callCase.gre(side);
  const lost = callCase.lostOnPath(side);
  const percent = Math.round(lostShare(callCase, side) * 1000) / 10;
  const late = direction.reordered > 0 ? `, ${direction.reordered} come late` : '';
  const own = callCase.at(side);
  const where = lostWhere(callCase, side);
  return {
    cause: 'packet-loss',
    confidence: callCase.tunnel.vantage === 'unknown' || own ? 'likely' : 'certain',
    summary: `${percent} % of the ${side}'s tunnel packets are lost before the point of capture (${lost} of ${lost + direction.dataPackets}${late})${own ? `, which is beside the ${side}, and the ${otherSide(side)} acknowledges none of them by its number: they do not leave the ${side}'s own host, or are lost on its first link` : ''}.${where === null ? '' : ` ${where}`}`,
    evidence: [
      { frame: direction.firstFrame, text: `sequence number ${direction.firstSequence}` },
      {
        frame: direction.lastFrame,
        text: `sequence number ${direction.lastSequence}; ${lost} between are missing`,
      },
      ...around(callCase.path(side).longestGapFrames, 'the longest gap'),
      ...callCase.lossesBeside,
    ],
    ...(own
      ? {
          advice: `On the ${side} look at what its interface and its queues drop (Linux: \`ip -s link\`, \`tc -s qdisc\`), and at the switch or radio link next to it.`,
          refutedBy: `the capture itself lost the packets, and the ${otherSide(side)} got them`,
        }
      : {}),
    ...(where === null ? {} : { nextCapture: '' }),
  };
}

/** So much of a call that did not come up is lost that whatever ended it may come of that. */
export function heavyLoss(callCase: CallCase): Draft[] {
  const draft = isHeavy(callCase) ? loss(callCase) : null;
  return draft === null ? [] : [{ ...draft, stage: callCase.reached }];
}

export function isHeavy(callCase: CallCase): boolean {
  return sides.some((side) => lostShare(callCase, side) >= heavyLossShare);
}

function reordering(callCase: CallCase): Draft | null {
  const { call, capture } = callCase;
  if (call.multilink !== null || capture.framesBackInTime > 0 || capture.lastFrameTime === null) return null;
  for (const side of sides) {
    const direction = side === 'client' ? call.gre.clientToServer : call.gre.serverToClient;
    const share = direction.dataPackets === 0 ? 0 : direction.reordered / direction.dataPackets;
    if (callCase.strayNumber(side)) continue;
    if (callCase.at(side) || direction.reordered < fewestPackets || share < reorderedShare) continue;
    return {
      cause: 'reordering',
      confidence: 'certain',
      summary: `${Math.round(share * 1000) / 10} % of the ${side}'s tunnel packets are overtaken on the way (${direction.reordered} of ${direction.dataPackets})${call.encryption.method === 'mppe' ? '; receivers of MPPE drop them' : ''}.`,
      evidence: [
        { frame: direction.firstFrame, text: `the ${side}'s first packet` },
        { frame: direction.lastFrame, text: `the last; ${direction.reordered} between came late` },
      ],
    };
  }
  return null;
}

/** Share of the time that a sender waits for the window. */
const stalledShare = 0.2;
/** Packets beyond the window to a pause: who sends more of them waits for something else. A lost acknowledgment makes some. */
const beyondShare = 0.5;

function starvation(callCase: CallCase): Draft | null {
  const { call } = callCase;
  for (const side of sides) {
    const path = callCase.path(side);
    const window = call.receiveWindow[otherSide(side)];
    const seconds = secondsBetweenTimes(callCase.gre(side).firstTime, callCase.gre(side).lastTime);
    if (window === null || path.windowStalls < fewestPackets || seconds === null) continue;
    if (path.windowStallSeconds < seconds * stalledShare || path.beyondWindow > path.windowStalls * beyondShare)
      continue;
    return {
      cause: 'window-starvation',
      confidence: 'likely',
      summary: `The ${side} waits for the ${otherSide(side)}: ${path.windowStalls} times its window of ${window} was full and it went on the moment an acknowledgment came, ${inSeconds(path.windowStallSeconds)} of ${inSeconds(seconds)}.`,
      evidence: [
        { frame: call.replyFrame ?? call.requestFrame, text: `the ${otherSide(side)} announces a window of ${window}` },
        ...around(path.longestStallFrames, 'the longest pause'),
        { frame: callCase.gre(side).lastFrame, text: `the ${side}'s last packet` },
      ],
    };
  }
  return null;
}
