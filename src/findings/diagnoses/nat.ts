/** What a NAT that does not know PPTP does to GRE: it mixes up its clients, their Call IDs and their addresses. RFC 2637 §4.1 */
import { counted } from '../../octets/words.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import { isOfCarrier, isPrivate } from './address-ranges.ts';
import type { CallCase } from './call-case.ts';
import { type Draft, firstOf } from './draft.ts';
import type { Neighbour } from './neighbour.ts';
import { fewestAlone, shortestAlone } from './patience.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** Seconds that two calls go on beside each other before they are two clients, and not one that dials again. */
const besideForSeconds = 3;

/** Two calls of one address with one Call ID at one time: what the server sends to the one goes to the other. RFC 2637 §4.1 */
export function sharedCallId({ tunnel, call, interval, others }: CallCase): Draft[] {
  const { clientCallId } = call;
  if (call.kind === 'unsignalled' || clientCallId === null || interval === null) return [];
  const beside = others.find(
    (other) =>
      other.client === tunnel.client.address &&
      other.callIds.some(({ callId, from, to, heard }) => {
        // Who dials again has given up the call before: its client is not heard any more.
        if (callId !== clientCallId || !(heard || interval.heard)) return false;
        const before = secondsBetweenTimes(from, interval.to);
        const after = secondsBetweenTimes(interval.from, to);
        return Math.min(before ?? 0, after ?? 0) >= besideForSeconds;
      }),
  );
  if (beside === undefined) return [];
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'likely',
      shownByPresence: true,
      summary: `Two clients behind ${tunnel.client.address} use Call ID ${clientCallId} at the same time (the other is ${beside.id}): the NAT does not rewrite Call IDs, and the server's GRE for them cannot be told apart.`,
      evidence: [
        { frame: call.requestFrame, text: `this call announces Call ID ${clientCallId}` },
        { frame: beside.firstFrame, text: `${beside.id} from the same address begins; it announces the same` },
      ],
    },
  ];
}

/** Seconds around the last packet of a side within which a NAT may have given its place to another call. */
const beforeDialling = 10;
const afterDialling = 2;

/** One side is not heard any more in the tunnel from where another client behind the same NAT dials. */
export function displaced(callCase: CallCase): Draft | null {
  const { tunnel, others } = callCase;
  const own = tunnel.client.address;
  for (const silent of sides) {
    const speaking = otherSide(silent);
    const back = callCase.gre(silent);
    const seconds = secondsBetweenTimes(back.lastTime, callCase.gre(speaking).lastTime);
    const packets = callCase.unacknowledged(speaking);
    if (seconds === null || seconds < shortestAlone || packets < fewestAlone) continue;
    const other = others.find(({ client, signalled, firstTime }) => {
      const later = secondsBetweenTimes(back.lastTime, firstTime);
      const together = client === own || (callCase.at('client') && isPrivate(client) && isPrivate(own));
      return together && signalled && later !== null && later >= -afterDialling && later <= beforeDialling;
    });
    // Who dials again is gone from the connection before.
    const heard = tunnel.lastHeard[silent].frame ?? 0;
    if (other === undefined || heard < other.firstFrame || tunnel.control?.tcp.closedBy === silent) continue;
    return {
      cause: 'nat-without-helper',
      confidence: 'likely',
      stage: callCase.furthest,
      summary: `From where ${other.client === own ? 'another client behind the same address' : other.client} dials the same server (${other.id}) nothing of the ${silent} comes through this tunnel any more: in ${inSeconds(seconds)} the ${speaking} sends ${counted(packets, 'packet')} in vain, while the control connection lives. A NAT before both keeps the GRE of one of them only.`,
      evidence: [
        { frame: back.lastFrame, text: `the ${silent}'s last packet in the tunnel` },
        { frame: other.firstFrame, text: `${other.id} begins` },
        { frame: heard, text: `the ${silent} on the control connection` },
        { frame: callCase.gre(speaking).lastFrame, text: `the ${speaking}'s last packet` },
      ],
    };
  }
  return null;
}

/** What the anomalies of a call that did not come up say of its Call IDs. */
export function callIdMismatch({ call, up, down }: CallCase): Draft[] {
  const found = call.anomalies.find(({ code }) => code === 'call-id-rewritten' || code === 'peer-call-id-mismatch');
  if (found === undefined) return [];
  return [
    {
      cause: 'nat-call-id-mismatch',
      confidence: 'likely',
      summary: `The Call IDs do not fit${up.packets + down.packets > 0 ? ', and the call does not come up' : ''}: ${found.message}.`,
      evidence: [
        { frame: found.frame, text: found.message },
        { frame: call.requestFrame, text: `the client announces Call ID ${call.clientCallId}` },
        { frame: call.replyFrame, text: `the server announces Call ID ${call.serverCallId}` },
      ],
    },
  ];
}

export function fromOtherAddress(callCase: CallCase): Draft[] {
  const { call, tunnel } = callCase;
  const side = sides.find((end) => call.greFromOtherAddress[end] !== null);
  if (side === undefined) return [];
  const address = call.greFromOtherAddress[side] ?? '';
  const evidence = [
    { frame: call.requestFrame, text: `control connection with ${tunnel[side].address}` },
    { frame: callCase.gre(side).firstFrame, text: `GRE of the ${side} from ${address}` },
  ];
  if (isPrivate(address) && !isPrivate(tunnel[side].address)) {
    return [
      {
        cause: 'nat-without-helper',
        confidence: 'likely',
        summary: `The ${side}'s GRE comes from its private address ${address}, its control connection from ${tunnel[side].address}: the NAT translates TCP and not GRE.`,
        evidence,
      },
    ];
  }
  return [
    {
      cause: 'gre-from-other-address',
      confidence: 'certain',
      summary: `The ${side}'s GRE comes from ${address}, but its control connection is with ${tunnel[side].address}; the other end does not take it.`,
      evidence,
    },
  ];
}

/** Other calls of the same address, at other times, that were not answered either: a NAT that loses the replies. */
export function sameFate({ tunnel, others }: CallCase): Draft[] {
  const same = others.find((other) => other.client === tunnel.client.address && other.unanswered);
  if (same === undefined) return [];
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'possible',
      summary: `Another call from ${tunnel.client.address} (${same.id}) fails in the same way: ${tunnel.client.address} may be a NAT that does not bring GRE to its clients.`,
      evidence: [{ frame: same.firstFrame, text: `${same.id} from the same address begins` }],
    },
  ];
}

/** Signs of a NAT that does not translate GRE: other calls through it, or an address that must be translated. */
export function natSuspicion(callCase: CallCase): Draft[] {
  return firstOf([clientsNotKeptApart, otherClientServed, behindNat], callCase);
}

/** Another call of the same address goes on beside this one. */
function clientsNotKeptApart(callCase: CallCase): Draft[] {
  const { tunnel, call } = callCase;
  const beside = meanwhile(callCase).find(({ client, signalled }) => client === tunnel.client.address && signalled);
  if (beside === undefined) return [];
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'likely',
      summary: `${tunnel.client.address} has another call to the same server at the same time (${beside.id}): several clients behind one NAT, which does not keep their GRE apart.`,
      evidence: [
        { frame: beside.firstFrame, text: `${beside.id} from the same address begins` },
        { frame: call.requestFrame, text: 'this call is asked for' },
      ],
    },
  ];
}

/** Captured between the clients and their NAT: a call of another client beside this one works. */
function otherClientServed(callCase: CallCase): Draft[] {
  const { tunnel, call } = callCase;
  if (!isBeforeNat(callCase)) return [];
  const served = meanwhile(callCase).find(({ client, established }) => isPrivate(client) && established);
  if (served === undefined) return [];
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'likely',
      summary: `${served.client} has a call to the same server at the same time that works (${served.id}), and the GRE of ${tunnel.client.address} is not answered: the NAT before both serves one of them only.`,
      evidence: [
        { frame: served.firstFrame, text: `${served.id} of ${served.client} begins` },
        { frame: call.requestFrame, text: `call from ${tunnel.client.address} to ${tunnel.server.address}` },
      ],
    },
  ];
}

/** The client's address must be translated, and nothing else speaks of a NAT. */
function behindNat(callCase: CallCase): Draft[] {
  const { tunnel, call } = callCase;
  if (!isBeforeNat(callCase)) return [];
  const carrier = isOfCarrier(tunnel.client.address);
  return [
    {
      cause: 'nat-without-helper',
      confidence: 'possible',
      ...(carrier
        ? {
            advice: "The NAT is the provider's: ask it for a public IPv4 address, or use a VPN that needs no GRE.",
          }
        : {}),
      summary: `${tunnel.client.address} is ${carrier ? "an address behind a provider's NAT (RFC 6598)" : 'a private address'} and ${tunnel.server.address} is not: there is a NAT between, and it may not translate GRE.`,
      evidence: [
        {
          frame: call.requestFrame ?? tunnel.firstFrame,
          text: `call from ${tunnel.client.address} to ${tunnel.server.address}`,
        },
      ],
    },
  ];
}

/** Captured at the client, whose address no public server can answer. */
function isBeforeNat({ tunnel }: CallCase): boolean {
  return tunnel.vantage === 'client' && isPrivate(tunnel.client.address) && !isPrivate(tunnel.server.address);
}

/** Other tunnels to the same server, at the same time. */
function meanwhile({ tunnel, others }: CallCase): readonly Neighbour[] {
  return others.filter(({ firstTime, lastTime }) => overlap(tunnel.firstTime, tunnel.lastTime, firstTime, lastTime));
}

function overlap(from: string | null, to: string | null, otherFrom: string | null, otherTo: string | null): boolean {
  const before = secondsBetweenTimes(from, otherTo);
  const after = secondsBetweenTimes(otherFrom, to);
  return before !== null && after !== null && before >= 0 && after >= 0;
}
