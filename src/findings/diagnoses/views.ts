/**
 * The same connection captured at several places: on both sides of a NAT, or at both ends, in one file or in several. A NAT
 * changes addresses, ports and Call IDs, but not TCP's initial sequence numbers, and both together are those of no other
 * connection. Firewalls that choose numbers of their own hide it.
 */
import { counted } from '../../octets/words.ts';
import { controlMessageType } from '../../pptp/names.ts';
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Call } from '../../sessions/model/call.ts';
import type { GreDirection } from '../../sessions/model/gre.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import type { View } from './neighbour.ts';
import { answerOverdue, sentAgain } from './patience.ts';
import type { TunnelReport } from './report-parts.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';
import type { TunnelCase } from './tunnel-case.ts';

/** Numbers that more tunnels than these have in common are no connection's own. */
const viewsAtMost = 8;
/** Hosts choose from all 32 bits (RFC 6528 §3): two numbers below this are those of a program that makes captures. */
const leastNumber = 2 ** 20;

/** Finds the tunnels that are one connection: it sees them all first. */
export class Views {
  /** By the client's initial sequence number, which is nearly always one tunnel's alone: an entry of each, as one number. */
  private readonly entries = new Map<number, number | number[]>();

  /** `place`: of the tunnel among the report's; what stands behind half a million others is not compared. */
  see(tunnel: TunnelReport, place: number): void {
    const client = clientNumber(tunnel);
    if (client === null || place >= placesAtMost) return;
    const entry = place * placeUnit + markOf(tunnel);
    const held = this.entries.get(client);
    if (held === undefined) this.entries.set(client, entry);
    else if (typeof held === 'number') this.entries.set(client, [held, entry]);
    else if (held.length <= viewsAtMost) held.push(entry);
  }

  /** Places of the others, in order. */
  of(tunnel: TunnelReport, place: number): readonly number[] {
    const client = clientNumber(tunnel);
    const held = client === null ? undefined : this.entries.get(client);
    if (typeof held !== 'object' || held.length > viewsAtMost) return [];
    const mark = markOf(tunnel);
    return held.flatMap((entry) => {
      const other = Math.floor(entry / placeUnit);
      return other !== place && agree(mark, entry % placeUnit) ? [other] : [];
    });
  }
}

/** An entry: place, 18 bits of the server's number, 16 of the client's port. */
const serverUnit = 2 ** 16;
const placeUnit = 2 ** 34;
const placesAtMost = 2 ** 19;

/** null where it tells nothing. */
function clientNumber({ control }: TunnelReport): number | null {
  const { client, server } = control?.tcp.initialSequence ?? { client: null, server: null };
  return client === null || Math.max(client, server ?? 0) < leastNumber ? null : client;
}

/** The server's number, 0 where it did not answer, and the client's port. */
function markOf({ control, client }: TunnelReport): number {
  const server = control?.tcp.initialSequence.server ?? null;
  return (server === null ? 0 : (server >>> 15) + 1) * serverUnit + (client.port ?? 0);
}

/** An answer that is lost between the two places is in one of them alone: then the port has to be the same. */
function agree(one: number, other: number): boolean {
  const [server, otherServer] = [Math.floor(one / serverUnit), Math.floor(other / serverUnit)];
  return server === 0 || otherServer === 0 ? one % serverUnit === other % serverUnit : server === otherServer;
}

/** The other view of a tunnel that has the server's SYN-ACK where this one does not, or the other way round. */
export function answeredElsewhere({ tunnel, views }: TunnelCase, answered: boolean): string | null {
  const view = views.find(
    ({ tunnel: { control } }) => control !== null && (control.tcp.initialSequence.server !== null) === answered,
  );
  return view === undefined ? null : nameOf(view, tunnel);
}

/** `T2`, with its file where that is another. */
function nameOf({ tunnel, path }: View, beside: TunnelReport): string {
  return tunnel.capture === beside.capture ? tunnel.id : `${tunnel.id} of ${path}`;
}

/** What two views of a connection were taken on: whoever changes its addresses is a NAT. */
function spot(here: Place, there: Place): string {
  const translated = sides.some((side) => here.tunnel[side].address !== there.tunnel[side].address);
  return translated ? 'side of the NAT' : 'point of capture';
}

/** Packets of one end that one view has beyond the last of the other: fewer may have been under way at the end. */
const fewestBeyond = 3;

/** A place where the call was captured. */
interface Place {
  readonly tunnel: TunnelReport;
  readonly call: Call;
  /** `T2`, with its file where that is another than the first one's. */
  readonly name: string;
}

/** GRE of a side that one place has and another has none of. */
interface Gone {
  readonly side: Side;
  readonly passed: Place;
  readonly missed: Place;
}

/** One view of a call that did not come up holds GRE of a side, and another none: it is lost between the two. */
export function lostBetween(callCase: CallCase): Draft[] {
  return ofPairs(callCase, (here, there) => {
    const gone = sides.flatMap((side): Gone[] => {
      const [packetsHere, packetsThere] = [packets(side, here.call), packets(side, there.call)];
      if (packetsHere > 0 === packetsThere > 0) return [];
      return [packetsHere > 0 ? { side, passed: here, missed: there } : { side, passed: there, missed: here }];
    });
    for (const one of gone) {
      const arrives = arrival(one, here, there);
      if (arrives !== null) return [notHeld(one, here, arrives)];
    }
    const nat = notTranslated(gone, here);
    return nat === null ? gone.map((one) => neverThere(one, here)) : [nat];
  });
}

/** One view of a call that was up holds later GRE of a side than another, which goes on: from there on it is lost between them. */
export function cutBetween(callCase: CallCase): Draft[] {
  return ofSides(callCase, (side, here, there) => {
    const [lastHere, lastThere] = [direction(side, here).lastSequence, direction(side, there).lastSequence];
    if (lastHere === null || lastThere === null) return null;
    const beyond = (lastHere - lastThere) | 0;
    if (Math.abs(beyond) < fewestBeyond) return null;
    const [passed, missed] = beyond > 0 ? [here, there] : [there, here];
    const last = direction(side, missed).lastSequence ?? 0;
    // What is acknowledged has come through, and only the capture lacks it.
    const arrives = [here, there].some((place) => {
      const { lastAcknowledgment } = direction(otherSide(side), place);
      return lastAcknowledgment !== null && ((lastAcknowledgment - last) | 0) > 0;
    });
    if (arrives) return null;
    const silence = secondsBetweenTimes(direction(side, missed).lastTime, missed.tunnel.lastTime);
    if (silence === null || silence < answerOverdue) return null;
    return {
      ...lost(side),
      confidence: 'certain',
      stage: callCase.furthest,
      summary: `From sequence number ${Math.min(lastHere, lastThere) + 1} on the ${side}'s GRE passes one ${spot(here, there)} (${passed.name}: ${Math.abs(beyond)} more) and not the other (${missed.name}), which goes on for ${inSeconds(silence)}: what lies between the two drops it.`,
      evidence: [
        { frame: direction(side, here).lastFrame, text: `the last of the ${side}'s GRE in ${here.name}` },
        ...(there.tunnel.capture === here.tunnel.capture
          ? [{ frame: direction(side, there).lastFrame, text: `the last in ${there.name}` }]
          : []),
      ],
      refutedBy: `${missed.name} was captured with losses`,
      nextCapture: '',
    };
  });
}

/** Packets of one end that one view lacks and another does not: fewer may be missing in the captures. */
const fewestLost = 5;

/** A sentence on where packets of a side are lost that this view of the call lacks; null where no other view tells. */
export function lostWhere(callCase: CallCase, side: Side): string | null {
  const [where = null] = ofPairs(callCase, (here, there) => {
    const [own, other] = [direction(side, here), direction(side, there)];
    if (!alike(own.firstSequence, other.firstSequence) || !alike(own.lastSequence, other.lastSequence)) return [];
    const less = own.lost - other.lost;
    if (less >= fewestLost) return [`${there.name} has ${less} of them: what lies between the two loses them.`];
    return less <= 0 ? [`${there.name} lacks as many: they are lost before both.`] : [];
  });
  return where;
}

/** Of the same stretch of the call. */
function alike(one: number | null, other: number | null): boolean {
  return one !== null && other !== null && Math.abs((one - other) | 0) < fewestLost;
}

/** RFC 2637 §2.5, §2.6 */
const echoes: readonly number[] = [controlMessageType.echoRequest, controlMessageType.echoReply];

/** TCP sends an echo again and again in one view, and another, which goes on, never has it: it is lost between the two. */
export function controlCutBetween(callCase: CallCase): Draft[] {
  return ofSides(callCase, (side, here, there) => {
    const [octetsHere, octetsThere] = [here, there].map(({ tunnel }) => tunnel.control?.tcp.bytes[side] ?? 0);
    if (octetsHere === octetsThere) return null;
    const [passed, missed] = (octetsHere ?? 0) > (octetsThere ?? 0) ? [here, there] : [there, here];
    const { control } = passed.tunnel;
    const reached = missed.tunnel.control?.tcp;
    if (control === null || reached === undefined || reached.missedByCapture > 0) return null;
    // What is acknowledged has come through, and only the capture lacks it.
    if (control.tcp.acknowledgedBytes[side] > reached.bytes[side]) return null;
    if (control.tcp.retransmissions < sentAgain) return null;
    const echo = control.messages.findLast(({ from }) => from === side);
    if (echo === undefined || !echoes.includes(echo.type)) return null;
    const silence = secondsBetweenTimes(echo.time, missed.tunnel.lastTime);
    if (silence === null || silence < answerOverdue) return null;
    return {
      cause: 'control-echo-unanswered',
      confidence: 'certain',
      summary: `The ${side}'s ${echo.name} passes one ${spot(here, there)} (${passed.name}), where TCP sends it again and again, and not the other (${missed.name}), which goes on for ${inSeconds(silence)}: what lies between the two drops the control connection.`,
      evidence:
        passed === here || passed.tunnel.capture === here.tunnel.capture
          ? [{ frame: echo.frame, text: `${echo.name} of the ${side}, in ${passed.name}` }]
          : [{ frame: callCase.tunnel.lastFrame, text: `${missed.name} goes on to here without it` }],
      advice: `Let TCP port ${callCase.tunnel.server.port} through between the two for as long as the call lasts.`,
      refutedBy: `${missed.name} was captured with losses`,
      nextCapture: '',
    };
  });
}

function ofSides(callCase: CallCase, say: (side: Side, here: Place, there: Place) => Draft | null): Draft[] {
  return ofPairs(callCase, (here, there) => sides.flatMap((side) => say(side, here, there) ?? []));
}

/** What is said of this view of the call and the first other one that shows something. */
function ofPairs<Said>(callCase: CallCase, say: (here: Place, there: Place) => Said[]): Said[] {
  const { tunnel, call } = callCase;
  const index = signalled(tunnel).indexOf(call);
  if (index < 0) return [];
  const here: Place = { tunnel, call, name: tunnel.id };
  for (const view of callCase.views) {
    const same = signalled(view.tunnel)[index];
    if (same === undefined) continue;
    const there: Place = { tunnel: view.tunnel, call: same, name: nameOf(view, tunnel) };
    const said = say(here, there);
    if (said.length > 0) return said;
  }
  return [];
}

/** Of a NAT both views have the same calls in the same order, with other Call IDs. */
function signalled({ calls }: TunnelReport): Call[] {
  return calls.filter(({ kind }) => kind !== 'unsignalled');
}

function neverThere(gone: Gone, here: Place): Draft {
  const { side, missed } = gone;
  return {
    ...lost(side),
    confidence: isFiltered(gone) ? 'likely' : 'certain',
    summary: `The ${side}'s GRE passes one point of capture (${countOf(gone)}) and never the other (${missed.name}), though the control connection does: what lies between the two drops it.`,
    evidence: [{ frame: here.call.replyFrame, text: 'the call is accepted' }, ...firstAndLast(gone, here)],
    refutedBy: refuted(gone),
    nextCapture: '',
  };
}

/** Between the two places addresses are rewritten: one NAT, whichever directions it keeps. */
function notTranslated(gone: readonly Gone[], here: Place): Draft | null {
  const [first, other] = gone;
  if (first === undefined) return null;
  const { side, passed, missed } = first;
  const translated = sides.find((end) => passed.tunnel[end].address !== missed.tunnel[end].address);
  if (translated === undefined) return null;
  const together = passed.tunnel.capture === missed.tunnel.capture;
  const what =
    other === undefined
      ? `The ${side}'s GRE (${countOf(first)}) does not come out on the other side of the NAT (${missed.name})`
      : `Neither the ${side}'s GRE (${countOf(first)}) nor the ${other.side}'s (${countOf(other)}) comes out on the other side of the NAT`;
  return {
    cause: 'nat-without-helper',
    confidence: together ? 'certain' : 'likely',
    summary: `${what}, though the control connection does: the NAT between ${missed.tunnel[translated].address} and ${passed.tunnel[translated].address} does not translate it${together ? '' : ', or something else between the two points of capture drops it'}.`,
    evidence: [
      { frame: here.call.replyFrame, text: 'the call is accepted' },
      ...gone.flatMap((one) => firstAndLast(one, here)),
    ],
    refutedBy: refuted(first),
    nextCapture: '',
  };
}

/** `T1: 5 packets` */
function countOf({ side, passed }: Gone): string {
  return `${passed.name}: ${counted(packets(side, passed.call), 'packet')}`;
}

/** In a file of its own that holds no GRE at all, a filter may have left it out. */
function isFiltered({ passed, missed }: Gone): boolean {
  return passed.tunnel.capture !== missed.tunnel.capture && sides.every((one) => packets(one, missed.call) === 0);
}

function refuted(gone: Gone): string {
  return isFiltered(gone)
    ? `the capture of ${gone.missed.name} left GRE out`
    : `GRE of the ${gone.side} is in a new capture of both places`;
}

/** As far as they are in the capture of the tunnel that this is said of. */
function firstAndLast({ side, passed, missed }: Gone, here: Place): Draft['evidence'] {
  if (passed.tunnel.capture !== here.tunnel.capture) return [];
  const { firstFrame, lastFrame } = direction(side, passed);
  return [
    { frame: firstFrame, text: `the ${side}'s first GRE packet, in ${passed.name}` },
    { frame: lastFrame, text: `the last; none of them in ${missed.name}` },
  ];
}

/** What shows that GRE passed the place that lacks it. */
interface Arrival {
  readonly shown: string;
  readonly place: Place;
  readonly frame: number | null;
}

/** null where nothing shows it. */
function arrival({ side, passed, missed }: Gone, here: Place, there: Place): Arrival | null {
  const receiver = otherSide(side);
  for (const place of [here, there]) {
    const answered = place.call.evidence.lcp?.[side].lastAnswerFrame ?? null;
    if (answered !== null) return { shown: `the ${receiver} answers its LCP`, place, frame: answered };
    const { lastAcknowledgment, lastFrame } = direction(receiver, place);
    if (lastAcknowledgment !== null) return { shown: `the ${receiver} acknowledges it`, place, frame: lastFrame };
  }
  // Routers on the way take 1 off each: the lower one is farther from the sender.
  const [behind, before] = [passed.tunnel.timeToLive[side], missed.tunnel.timeToLive[side]];
  if (behind === null || before === null || behind >= before) return null;
  return {
    shown: `it is in ${passed.name}, which is behind it on the way (time to live ${behind} after ${before})`,
    place: passed,
    frame: direction(side, passed).firstFrame,
  };
}

/** It passed, and only the capture lacks it. */
function notHeld({ side, missed }: Gone, here: Place, { shown, place, frame }: Arrival): Draft {
  return {
    cause: 'capture-incomplete',
    confidence: 'certain',
    stage: 'gre',
    summary: `The ${side}'s GRE is not in ${missed.name}, and it was there: ${shown}. Only the capture lacks it.`,
    evidence: [
      { frame: here.call.replyFrame, text: 'the call is accepted' },
      { frame: place.tunnel.capture === here.tunnel.capture ? frame : null, text: `in ${place.name} ${shown}` },
    ],
  };
}

function lost(side: Side): Pick<Draft, 'cause' | 'advice'> {
  return {
    cause: side === 'client' ? 'gre-blocked-client-to-server' : 'gre-blocked-server-to-client',
    advice: `Let IP protocol 47 (GRE) of the ${side} through between the two.`,
  };
}

function direction(side: Side, { call }: Pick<Place, 'call'>): GreDirection {
  return side === 'client' ? call.gre.clientToServer : call.gre.serverToClient;
}

function packets(side: Side, call: Call): number {
  return direction(side, { call }).packets;
}
