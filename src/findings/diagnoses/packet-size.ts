/** Tunnel packets that do not pass for their size: where fragments are dropped, and where ICMP says so or nobody does. RFC 1191 */
import { ipProtocol } from '../../dissect/dissector.ts';
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import { sizeStep } from '../../sessions/gre-flow.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import { around, type Draft } from './draft.ts';
import { isAboutSize, namedErrors } from './icmp.ts';
import { fewestPackets, heavyLossShare, loses, lostShare } from './loss.ts';

/** ICMP errors that path MTU discovery does without. RFC 1191 */
const fewestErrors = 3;

/** At most what a tunnel puts around an inner packet: IP, GRE, PPP and MPPE. */
const outerOctets = 60;

/** What the cause's own advice names. */
const usualMtu = 1400;

export function fragmentationNeeded(callCase: CallCase): Draft | null {
  const { tunnel, call, over, up, down } = callCase;
  const errors = tunnel.icmpErrors.filter(
    (error) => error.quotes === 'gre' && isAboutSize(error) && (error.call === null || error.call === call.id),
  );
  const [first] = errors;
  const last = errors.at(-1);
  if (first === undefined || last === undefined) return null;
  const sender = first.aboutPacketFrom;
  const after = (callCase.gre(sender).lastFrame ?? 0) > last.frame;
  const both = up.userBytes > 0 && down.userBytes > 0;
  // One or two errors and then traffic both ways: path MTU discovery at work. RFC 1191
  if (errors.length < fewestErrors && after && both) return null;
  return {
    cause: 'fragmentation-needed',
    confidence: 'certain',
    summary: `${first.from} says that the ${sender}'s tunnel packets are too large${first.mtu ? ` (its MTU is ${first.mtu})` : ''}${after ? ', and they do not become smaller' : over ? ', and the call ends on it' : ', and nothing more is sent'}.`,
    evidence: namedErrors(errors),
    ...(first.mtu
      ? {
          advice: `Lower the MTU of the VPN interface to ${Math.max(first.mtu - outerOctets, 0)} or less, or let the outer packets be fragmented.`,
        }
      : {}),
  };
}

/** Frames behind a tunnel's last in which a fragment of it may stand. */
const framesBehind = 1000;

export function fragmentsLost(callCase: CallCase): Draft | null {
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

/** Octets that the largest packet must have where it is sent in vain, and must not have where larger ones are only missing. */
const largeFrom = 500;

const smallBelow = 1000;

/** Large packets that are not acknowledged, for a black hole, and for a certain one; small ones that are. */
const fewestSwallowed = 2;

const certainSwallowed = 3;

const fewestAcknowledged = 3;

/** Small packets pass, large ones never do; at the sender's side by what is acknowledged, at the receiver's by what is missing. */
export function blackHole(callCase: CallCase): Draft | null {
  for (const side of sides) {
    const draft = largeUnacknowledged(callCase, side);
    if (draft !== null) return draft;
  }
  // Of one direction alone nothing shows that small packets came through meanwhile, or that the way was open.
  if (callCase.oneSidedTunnel !== null) return null;
  for (const side of sides) {
    const draft = largeMissing(callCase, side);
    if (draft !== null) return draft;
  }
  return null;
}

/** The large packets of a side wait in vain for their acknowledgment. */
function largeUnacknowledged(callCase: CallCase, side: Side): Draft | null {
  const path = callCase.path(side);
  const direction = callCase.gre(side);
  const small = path.acknowledged;
  const swallowed =
    path.largeUnacknowledged >= fewestSwallowed &&
    path.largestPacket >= largeFrom &&
    path.largestPacket > path.largestAcknowledged + sizeStep &&
    small >= fewestAcknowledged &&
    path.smallUnacknowledged * 3 <= small;
  if (!swallowed) return null;
  const missing =
    lostShare(callCase, side) >= heavyLossShare &&
    callCase.gapOnPath(side) >= fewestPackets &&
    path.largestPacket < smallBelow;
  const other = otherSide(side);
  const back = missingLarge(callCase, other);
  const tooLarge = path.largestPacket - outerOctets;
  return {
    cause: 'mtu-black-hole',
    confidence: missing || path.largeUnacknowledged >= certainSwallowed ? 'certain' : 'likely',
    summary: `Packets of the ${side} up to ${path.largestAcknowledged} octets arrive, larger ones (up to ${path.largestPacket}) never do: ${path.largeUnacknowledged} of them waited in vain for their acknowledgment.${back === null ? '' : ` Nor do the ${other}'s: ${back} are missing here, and none larger than ${callCase.path(other).largestPacket} octets comes.`}`,
    evidence: [
      { frame: direction.firstDataFrame, text: `the ${side}'s first user data` },
      { frame: path.largestUnacknowledgedFrame, text: `the largest of the ${side}'s that waited in vain` },
      ...(back === null ? [] : around(callCase.path(other).longestGapFrames, `the gap in the ${other}'s`)),
      { frame: direction.lastFrame, text: `the ${side}'s last packet; small ones were acknowledged to the end` },
    ],
    ...(tooLarge < usualMtu
      ? {
          advice: `Lower the MTU of the VPN interface at both ends to less than ${tooLarge}: the usual ${usualMtu} is too much for this way, which may carry still less (pings of growing size inside the tunnel tell), clamp the TCP MSS inside to MTU - 40, and let ICMP type 3 code 4 pass.`,
        }
      : {}),
  };
}

/** One long hole among packets of a side of which no large one comes. */
function largeMissing(callCase: CallCase, side: Side): Draft | null {
  const path = callCase.path(side);
  const direction = callCase.gre(side);
  const gap = callCase.gapOnPath(side);
  const lost = missingLarge(callCase, side);
  if (lost === null || loses(callCase, otherSide(side))) return null;
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

/** Packets of a side that are missing: one long hole among small ones that all came. null where it is not like that. */
function missingLarge(callCase: CallCase, side: Side): number | null {
  if (callCase.strayNumber(side)) return null;
  const lost = callCase.lostOnPath(side);
  const gap = callCase.gapOnPath(side);
  const many = lostShare(callCase, side) >= heavyLossShare && lost >= fewestPackets;
  const hole = gap >= fewestPackets && gap * 2 >= lost;
  const small = callCase.path(side).largestPacket < smallBelow && callCase.gre(side).packets >= fewestPackets;
  return many && hole && small ? lost : null;
}
