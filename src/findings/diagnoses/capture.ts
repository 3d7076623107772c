/** Faults of the capture itself: what decides is not in it. Said where no other cause was found. */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { MissedPackets } from '../../sessions/model/evidence.ts';
import type { Side } from '../../sessions/model/side.ts';
import { causes, refutedByGre } from '../knowledge/causes.ts';
import type { CallCase } from './call-case.ts';
import { type Draft, firstOf } from './draft.ts';
import { gaveUp } from './ending.ts';
import { isMuch } from './loss.ts';
import { adviceOfMove, movedFrom } from './moved.ts';
import type { TunnelReport } from './report-parts.ts';
import type { TunnelCase } from './tunnel-case.ts';

/** Of a call about which nothing else was found. */
export function callNotCaptured(callCase: CallCase): Draft[] {
  const found = firstOf([controlOneWay, otherAddress, tunnelOneWay, controlCut, setupMissing], callCase);
  if (found.length > 0) return found;
  if (callCase.call.outcome === 'established')
    return lostByCapture(callCase, ({ packets }, side) => isMuch(packets, callCase.gre(side)));
  return firstOf([beginningMissing, anythingLost, leftInOrder, undecided], callCase);
}

function controlOneWay({ tunnel }: CallCase): Draft | null {
  const side = tunnel.control?.tcp.onlyFrom ?? null;
  if (side === null) return null;
  return {
    ...draft('certain', `The capture holds only what the ${side} sends; what the ${otherSide(side)} says is missing.`, [
      { frame: tunnel.firstFrame, text: `the first packet of the ${side}` },
    ]),
    advice:
      'Take the capture where both directions pass: a mirrored port may copy one of them only, and with two uplinks each may take its own.',
  };
}

/** What looks like a call of its own goes on with another tunnel's numbers. */
function otherAddress(callCase: CallCase): Draft | null {
  const { tunnel, up } = callCase;
  const before = movedFrom(callCase);
  if (before === undefined) return null;
  return {
    cause: 'gre-from-other-address',
    confidence: 'likely',
    summary: `This is GRE of the client of ${before.id}, ${before.client}, for the same Call ID and on from the same number, ${up.firstSequence}: in the middle of the call its address became ${tunnel.client.address}, and the server does not take that for it.`,
    evidence: [{ frame: up.firstFrame, text: `GRE from ${tunnel.client.address}` }],
    ...adviceOfMove(before),
    refutedBy: 'the server answers that address as well',
  };
}

function tunnelOneWay(callCase: CallCase): Draft | null {
  const only = callCase.oneSidedTunnel;
  if (only === null) return null;
  return draft(
    'certain',
    `The capture holds the tunnel's packets of the ${only} alone; it acknowledges others that are not in the capture.`,
    [{ frame: callCase.gre(only).firstFrame, text: `GRE of the ${only}` }],
  );
}

function controlCut(callCase: CallCase): Draft[] {
  const { call, tunnel } = callCase;
  const begun = call.kind !== 'unsignalled' || tunnel.control?.tcp.outcome === 'connected';
  return begun ? octetsMissing(callCase) : [];
}

function setupMissing(callCase: CallCase): Draft | null {
  const { call, tunnel } = callCase;
  if (call.kind !== 'unsignalled') return null;
  return draft(
    'certain',
    tunnel.control === null
      ? 'The capture holds GRE without its control connection: who called whom, and how the call was set up, is not in it.'
      : startedLate(callCase),
    [{ frame: tunnel.firstFrame, text: 'the first packet of the tunnel' }],
  );
}

function beginningMissing(callCase: CallCase): Draft | null {
  const late = callCase.lateStarter;
  if (late === null) return null;
  const { firstFrame, firstSequence } = callCase.gre(late);
  return draft(
    'likely',
    `The call's first GRE packets are not in the capture: of the ${late} there is none before sequence number ${firstSequence}.`,
    [{ frame: firstFrame, text: `the ${late}'s first GRE packet` }],
  );
}

function anythingLost(callCase: CallCase): Draft[] {
  return lostByCapture(callCase, () => true);
}

function leftInOrder(callCase: CallCase): Draft | null {
  return callCase.wholeSetup && callCase.farewell?.by === 'client' ? gaveUp(callCase) : null;
}

function undecided(callCase: CallCase): Draft {
  const summary = callCase.over
    ? 'The call ended before it came up, and the capture does not show why.'
    : 'The capture ends before it is decided whether the call comes up.';
  const evidence = [{ frame: callCase.tunnel.lastFrame, text: 'the last packet of the tunnel' }];
  return { ...draft('possible', summary, evidence), stage: callCase.reached };
}

/** Fewer packets that the capture lost make a cause less sure, and no more. */
const fewestMissed = 2;

/** In place of a cause that GRE would refute, where the capture lost some in the time that the cause is about. */
export function lostMeanwhile(callCase: CallCase, { cause, confidence, evidence, stage, ...draft }: Draft): Draft[] {
  if (!refutedByGre.has(cause) || confidence === 'certain' || draft.shownByPresence) return [];
  const frames = evidence.flatMap(({ frame }) => frame ?? []);
  const from = Math.min(...frames);
  // What would refute it may have come until somebody ended the call.
  const to = Math.max(callCase.farewell?.frame ?? callCase.tunnel.lastFrame, ...frames);
  const lost = lostByCapture(callCase, ({ packets, before, after }) => {
    return packets >= fewestMissed && (after ?? to) > from && (before ?? from) < to;
  });
  return lost.map((said) => ({ ...said, stage: stage ?? causes[cause].stage }));
}

/** GRE that the capture lacks and the path did not lose, if that of one side is worth telling. */
function lostByCapture(callCase: CallCase, telling: (missed: MissedPackets, side: Side) => boolean): Draft[] {
  const lacks = sides.flatMap((side) => {
    const missed = callCase.missed(side);
    return missed === null ? [] : [{ side, missed }];
  });
  if (!lacks.some(({ side, missed }) => telling(missed, side))) return [];
  const [first, ...others] = lacks.map(({ side, missed: { packets } }) => ({ side, packets }));
  if (first === undefined) return [];
  const what = [
    `${counted(first.packets, 'GRE packet')} of the ${first.side}`,
    ...others.map(({ packets, side }) => `${packets} of the ${side}`),
  ];
  // That nothing is lost between an end and the capture beside it is no more than usual.
  const shown = lacks.every(({ side, missed }) => missed.packets <= (callCase.path(side).missed?.packets ?? 0));
  return [
    {
      ...draft(
        shown ? 'certain' : 'likely',
        `The capture lost ${what.join(' and ')}: they were acknowledged, are missing in both directions at once, or were sent right beside it. What happened meanwhile is not known.`,
        lacks.flatMap(({ side, missed: { before, after } }) => [
          { frame: before, text: `the ${side}'s last GRE packet before the gap` },
          { frame: after, text: `the ${side}'s first behind it` },
        ]),
      ),
      stage: callCase.furthest,
    },
  ];
}

/** Of a tunnel without calls about which nothing else was found. */
export function tunnelNotCaptured(tunnelCase: TunnelCase): Draft[] {
  const { tunnel } = tunnelCase;
  const side = tunnelCase.oneSided;
  const frame = { frame: tunnel.firstFrame, text: 'the first packet' };
  if (side !== null) {
    return [draft('certain', `The capture holds only what the ${side} sends.`, [frame])];
  }
  if (tunnel.control?.tcp.outcome === 'mid-stream') {
    return [draft('certain', 'The capture starts in the middle of a control connection and shows no call.', [frame])];
  }
  const missing = octetsMissing(tunnelCase);
  if (missing.length > 0) return missing;
  return [draft('possible', 'The capture ends before it is decided how the connection goes on.', [frame])];
}

/** Of the control connection: lost by the capture, or cut. */
function octetsMissing({ tunnel, capture, capturesLoss }: TunnelCase): Draft[] {
  const { missingBytes = 0, missedByCapture = 0 } = tunnel.control?.tcp ?? {};
  if (missingBytes === 0) return [];
  const why = missedByCapture > 0 ? 'their receiver acknowledged them' : 'more of the connection came after them';
  return [
    draft(
      'certain',
      capturesLoss
        ? `The capture lost frames: ${missingBytes} octets of the control connection are missing though ${why}.`
        : `${capture.truncatedFrames} frames are cut by the snap length: ${missingBytes} octets of the control connection are missing, names and windows among them.`,
      [missingAt(tunnel, !capturesLoss)],
    ),
  ];
}

/** What shows that octets of the control connection are missing. `cut`: by the snap length. */
function missingAt({ control, firstFrame }: TunnelReport, cut: boolean): Draft['evidence'][number] {
  const frame = control?.tcp.missingFrame ?? null;
  if (frame !== null && cut) return { frame, text: 'a message that is cut' };
  return { frame: frame ?? control?.tcp.openedFrame ?? firstFrame, text: 'behind it octets are missing' };
}

/** Of a call whose request lies before the capture: what of it is not known. */
function startedLate({ call, farewell, up, down }: CallCase): string {
  const { lcp, authentication, encryption } = call;
  if (up.packets + down.packets === 0 && farewell !== null) {
    return `The capture holds the end of the call alone (${farewell.name}): whether it had come up, and what ended it, is not in it.`;
  }
  const dialling = lcp.configureRequests.client + lcp.configureRequests.server > 0 || authentication.length > 0;
  const compressed = encryption.evidence.compressedPackets;
  const unknown = [
    encryption.agreed === 'negotiated' || encryption.clearDataPackets + compressed > 0
      ? ''
      : 'the strength of the encryption',
    encryption.agreed === 'none' && compressed > 0 ? 'what compresses or encrypts it' : '',
    authentication.some(({ user }) => user !== null) ? '' : 'the user',
  ].filter((what) => what !== '');
  const begins = dialling
    ? 'The capture starts while the call is being set up: the call request is not in it'
    : 'The capture starts when the tunnel is already up: its setup is missing';
  const so = unknown.length === 0 ? '' : `, so ${unknown.join(' and ')} ${unknown.length > 1 ? 'are' : 'is'} not known`;
  const known = farewell === null ? '' : ` Its end (${farewell.name}) was an ordinary one.`;
  return `${begins}${so}.${known}`;
}

function draft(confidence: Draft['confidence'], summary: string, evidence: Draft['evidence']): Draft {
  return { cause: 'capture-incomplete', confidence, summary, evidence };
}
