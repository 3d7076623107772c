/** An end that was there, and of which nothing comes any more. */
import { otherSide, sides } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { controlEcho } from './echoes.ts';
import { icmpAgainst, isUnreachable, namedErrors, rejection } from './icmp.ts';
import { adviceOfMove, goesOnElsewhere, movedTo, moveEvidence } from './moved.ts';
import { fewestAlone, shortestAlone, timeToAnswer } from './patience.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** Errors that it takes while the call goes on: one may be of a route that changed. Programs end a call on the first. */
const fewestErrors = 2;

/** After an end was heard last, and before anybody said goodbye, ICMP says why its packets do not get through any more. */
export function rejected(callCase: CallCase): Draft | null {
  const { tunnel, farewell, furthest: stage } = callCase;
  const end = Math.min(farewell?.frame ?? Infinity, tunnel.control?.tcp.closedFrame ?? Infinity);
  for (const side of sides) {
    const gone = otherSide(side);
    const last = callCase.gre(gone).lastFrame ?? 0;
    const errors = icmpAgainst(callCase).filter(
      ({ aboutPacketFrom, frame }) => aboutPacketFrom === side && frame > last && frame < end,
    );
    const [first] = errors;
    if (first === undefined || (errors.length < fewestErrors && !callCase.over)) continue;
    const evidence = [
      { frame: callCase.gre(gone).lastFrame, text: `the ${gone}'s last packet in the tunnel` },
      ...namedErrors(errors),
    ];
    if (isUnreachable(first) && first.from !== tunnel[gone].address) {
      const moved = gone === 'client' ? movedTo(callCase) : undefined;
      return {
        cause: 'peer-vanished',
        confidence: 'certain',
        stage,
        summary: `The ${gone} is suddenly gone: ${first.from} cannot reach it any more (ICMP ${first.name}), and nothing more of it comes through the tunnel.${goesOnElsewhere(moved)}`,
        ...adviceOfMove(moved),
        evidence: [...evidence, ...moveEvidence(moved)],
      };
    }
    if (first.quotes !== 'gre') continue;
    const { rejects, meaning } = rejection(callCase, first);
    return {
      cause: 'gre-rejected-by-icmp',
      confidence: 'certain',
      stage,
      summary: `${rejects}, in the middle of the call.${meaning}`,
      evidence,
      advice: `On ${first.from}, which sent the ICMP error: find what changed at that moment, and let IP protocol 47 through.`,
    };
  }
  return null;
}

/** From some moment on nothing of one end comes, in the tunnel and beside it. */
export function vanished(callCase: CallCase): Draft | null {
  const { tunnel } = callCase;
  for (const side of sides) {
    if (!goesOnAlone(callCase, side)) continue;
    const gone = otherSide(side);
    const alone = tunnel.lastHeard[side];
    const loop = gone === 'client' ? intoItself(callCase) : null;
    if (loop !== null) return loop;
    const moved = gone === 'client' ? movedTo(callCase) : undefined;
    return {
      cause: 'peer-vanished',
      confidence: 'likely',
      summary: `The ${gone} is suddenly gone: no TCP and no GRE of it for ${inSeconds(alone.secondsAlone)}, while the ${side} sends ${alone.packetsAlone} packets in vain.${goesOnElsewhere(moved)}`,
      ...adviceOfMove(moved),
      evidence: [
        ...moveEvidence(moved),
        { frame: tunnel.lastHeard[gone].frame, text: `the last packet of the ${gone}` },
        { frame: callCase.call.lcp.echo.lastUnansweredFrame, text: 'the last LCP Echo-Request, not answered' },
        { frame: alone.frame, text: `the ${side}'s last packet` },
      ],
    };
  }
  return null;
}

/** That side sends in vain at the end, and the other had not ended anything. */
function goesOnAlone(callCase: CallCase, side: Side): boolean {
  const { tunnel, farewell } = callCase;
  const { packetsAlone, secondsAlone } = tunnel.lastHeard[side];
  const gone = otherSide(side);
  const last = tunnel.lastHeard[gone].frame;
  if (packetsAlone < fewestAlone || secondsAlone < shortestAlone || last === null) return false;
  const closed = tunnel.control?.tcp.closedFrame ?? null;
  // Whoever said goodbye or closed first may be silent after it.
  if (farewell !== null && farewell.by === gone) return false;
  if (closed !== null && tunnel.control?.tcp.closedBy === gone) return false;
  if (farewell !== null && farewell.frame < last && closed !== null) return false;
  // In the tunnel nobody has tried: it is the control connection that is dead.
  if ((callCase.gre(side).lastFrame ?? 0) < last && controlEcho(callCase) !== null) return false;
  // The tunnel was dead before, and on the control connection nobody has tried since.
  const lastInTunnel = callCase.gre(gone).lastFrame ?? 0;
  return lastInTunnel >= last || callCase.unacknowledged(side) < packetsAlone + fewestAlone;
}

/** The client is told to reach the server's own address through the tunnel, and so sends the tunnel into itself. */
function intoItself(callCase: CallCase): Draft | null {
  const { tunnel, call } = callCase;
  const { address } = tunnel.server;
  const { secondsAlone, packetsAlone, frame } = tunnel.lastHeard.server;
  if (call.network.serverAddress !== address) return null;
  return {
    cause: 'peer-vanished',
    confidence: 'likely',
    summary: `IPCP gives the server the address ${address} inside the tunnel, which it has outside as well: the client sends what is for it, the tunnel's own packets too, into the tunnel. No TCP and no GRE of the client comes any more for ${inSeconds(secondsAlone)}, while the server sends ${packetsAlone} packets in vain.`,
    evidence: [
      { frame: call.network.openedFrame, text: `IPCP opens with ${address} as the server's address` },
      { frame: tunnel.lastHeard.client.frame, text: 'the last packet of the client' },
      { frame, text: "the server's last packet" },
    ],
    advice: `Give the server another address inside the tunnel than ${address} (pptpd: localip); or set a route to ${address} past the tunnel on the client.`,
    refutedBy: `the client has a route to ${address} that does not lead into the tunnel`,
    nextCapture: 'Capture inside the tunnel, on the PPP interface of the client: its own GRE is there.',
  };
}

/** Packets, and seconds, that one side goes on without a packet of the other: receivers acknowledge within half a second. */
const packetsUnanswered = 10;
const secondsUnanswered = 10;

/** It went both ways, and from some packet on one side sends nothing more in the tunnel, not even acknowledgments. */
export function stoppedAnswering(callCase: CallCase): Draft | null {
  for (const speaking of sides) {
    const silent = otherSide(speaking);
    const sent = callCase.gre(speaking);
    const back = callCase.gre(silent);
    const seconds = secondsBetweenTimes(back.lastTime, sent.lastTime);
    if (seconds === null || seconds < secondsUnanswered) continue;
    const waiting = callCase.unacknowledged(speaking);
    const tcp = callCase.tunnel.control?.tcp;
    // Who closes may be silent after it.
    const closed = tcp?.closedBy === silent && (tcp.closedFrame ?? 0) < (sent.lastFrame ?? 0);
    if (waiting < packetsUnanswered || callCase.farewell?.by === silent || closed) continue;
    const heard = callCase.tunnel.lastHeard[silent].frame ?? 0;
    const beside = heard > (back.lastFrame ?? 0);
    return {
      cause: 'no-return-traffic',
      confidence: 'likely',
      summary: `From frame ${back.lastFrame} on nothing of the ${silent} comes through the tunnel any more: in ${inSeconds(seconds)} the ${speaking} sends ${waiting} packets, and none is acknowledged${beside ? `. On the control connection the ${silent} is heard after that` : ''}.`,
      evidence: [
        { frame: back.lastFrame, text: `the ${silent}'s last packet in the tunnel` },
        ...(beside ? [{ frame: heard, text: `the ${silent}'s last packet on the control connection` }] : []),
        { frame: sent.lastFrame, text: `the ${speaking}'s last one, ${inSeconds(seconds)} later` },
      ],
      ...(callCase.at(silent)
        ? {
            advice: `Nothing of it leaves the ${silent} itself: read the log of its PPTP and PPP for that moment. Did a process die or hang, does a rule of its own firewall drop GRE, or does it go out by another interface?`,
            refutedBy: `the ${silent} sends it by another interface than the one that was captured`,
            nextCapture: `Capture on all interfaces of the ${silent}.`,
          }
        : {
            advice: `Find what lets IP protocol 47 (GRE) of the ${silent} no longer through: a rule, a NAT or a way that changed at that moment; or whether the ${silent} still serves the call.`,
            refutedBy: `a capture at the ${silent} shows that it went on sending`,
          }),
    };
  }
  return null;
}

/** Packets of user data, and octets where they are not acknowledged, that go one way before nothing comes back. */
const fewestOneWay = 20;
const fewestOctetsOneWay = 100;

/** User data of one side, and nothing back; or from some packet on nothing at all. */
export function oneWay(callCase: CallCase): Draft | null {
  const { call } = callCase;
  if (call.kind === 'unsignalled' || call.multilink !== null) return null;
  const stopped = stoppedAnswering(callCase);
  if (stopped !== null) return stopped;
  const speaking = sides.find((side) => callCase.userBytes(side) > 0 && callCase.userBytes(otherSide(side)) === 0);
  if (speaking === undefined) return null;
  const silent = otherSide(speaking);
  const sent = callCase.gre(speaking);
  const path = callCase.path(speaking);
  const unheard = Math.max(callCase.unacknowledged(speaking), path.largeUnacknowledged + path.smallUnacknowledged);
  if (callCase.gre(silent).packets === 0) return null;
  // A capture that ends within the same moment shows the data of one side before the other had time for an answer.
  const { tunnel, capture, over } = callCase;
  const waited = secondsBetweenTimes(sent.firstDataTime, over ? tunnel.lastTime : capture.lastFrameTime);
  if (waited !== null && waited < timeToAnswer) return null;
  const unacknowledged = unheard >= 2;
  const enough = unacknowledged ? sent.userBytes >= fewestOctetsOneWay : sent.dataPackets >= fewestOneWay;
  if (!enough) return null;
  return {
    cause: 'no-return-traffic',
    confidence: unacknowledged ? 'likely' : 'possible',
    summary: `The ${speaking} sends ${sent.userBytes} octets of user data, the ${silent} none${unacknowledged ? ', and does not acknowledge them' : ''}.`,
    evidence: [
      { frame: sent.firstDataFrame, text: `the ${speaking}'s first user data` },
      { frame: callCase.gre(silent).lastFrame, text: `the ${silent}'s last packet` },
      { frame: sent.lastFrame, text: `the ${speaking}'s last packet` },
    ],
  };
}
