/** From the state of a call to the evidence in the model: who asked for what and was refused, and how the packets went. */
import { type AddressBook, ipv4Text } from '../octets/address.ts';
import { type Instant, secondsBetween } from '../octets/instant.ts';
import { authenticationProtocolName } from '../ppp/chap-message.ts';
import type { CallState } from './call-state.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import { type GreFlow, sizeStep } from './gre-flow.ts';
import type { CallEvidence, PathEvidence, Pause, Requests, Terminated } from './model/evidence.ts';
import type { Side } from './model/side.ts';
import { type Negotiation, optionName, type Requests as RequestState } from './negotiation.ts';
import type { CcpOption, IpcpOption, LcpOption, PppLink } from './ppp-link.ts';
import { sizeClasses } from './sequence.ts';

export function buildEvidence(
  call: CallState,
  addresses: AddressBook,
  time: (instant: Instant) => string | null,
): CallEvidence {
  const client = call.tunnel.clientEnd;
  const server = otherEnd(client);
  const { lcp, ccp, ipcp, ipv6cp } = call.link;
  // Nobody asks how it was agreed where it works, and a capture may hold 100,000 calls.
  const works = call.flows.every((flow) => flow !== null && flow.userOctets > 0);
  const side = sideOf(client);
  const ipcpTerminated = terminated(call.link, ipcp, side);
  // What flows may be IPv6 alone.
  const ipv4Works = ipcp === null || (ipcp.openedFrame !== 0 && ipcpTerminated === null);
  const both = <Option extends OptionShape>(
    negotiation: Negotiation<Option> | null,
    text: (option: Option) => string | null,
    unasked = works,
  ): { client: Requests; server: Requests } | null =>
    unasked
      ? null
      : {
          client: requests(negotiation?.ends[client] ?? null, text),
          server: requests(negotiation?.ends[server] ?? null, text),
        };
  const magic = ([0, 1] as const).map((end) => lcp.ends[end].lastOption('magicNumber')?.value.magicNumber ?? null);
  const alert = call.link.tlsAlert;
  const end = endOf(call);
  return {
    lcp: both(lcp, lcpText, works && !lcp.askedAnewInVain),
    ccp: both(ccp, ccpText),
    ipcp: both(ipcp, ipcpText, works && ipv4Works),
    ccpTerminated: terminated(call.link, ccp, side),
    ipcpTerminated,
    ipv6cpTerminated: terminated(call.link, ipv6cp, side),
    ccpRejectedFrame: ccp?.rejectedFrame || null,
    ipcpRejectedFrame: ipcp?.rejectedFrame || null,
    looped: magic[0] !== null && magic[0] !== 0 && magic[0] === magic[1],
    path: { clientToServer: path(call.flow(client)), serverToClient: path(call.flow(server)) },
    silence:
      call.silence === 0
        ? null
        : {
            seconds: Math.round(call.silence * 1000) / 1000,
            startFrame: call.silenceAfter,
            endFrame: call.silenceFrame,
            packetsAfter: { client: call.packetsAfterSilence(client), server: call.packetsAfterSilence(server) },
          },
    endTime: end === null ? null : time(end),
    replacedFrame: call.said.replacedFrame,
    idleBeforeEnd: idleBeforeEnd(call, end, time),
    stillBeforeTermination: milliseconds(call.link.stillBeforeTermination()),
    callback: callback(call, time),
    tlsAlert: alert === null ? null : { frame: alert.frame, from: side(alert.by), description: alert.description },
    outsideQuestions: call.outsideQuestions?.model(addresses) ?? null,
  };
}

/** One object for all that never asked: a capture may hold 100,000 calls. */
export const noRequests: Requests = {
  sent: 0,
  firstFrame: null,
  lastFrame: null,
  naks: 0,
  rejects: 0,
  counteredOptions: [],
  acknowledgedFrame: null,
  askedAgain: 0,
  lastAnswerFrame: null,
  turnedAwayFrame: null,
  asked: [],
  countered: [],
  refusedFrame: null,
  rejected: false,
  withdrawn: false,
  agreed: null,
};

interface OptionShape {
  readonly name: string;
  readonly type: number;
  readonly octets: Uint8Array;
}

function requests<Option extends OptionShape>(
  state: RequestState<Option> | null,
  text: (option: Option) => string | null,
): Requests {
  if (state === null || (state.count === 0 && state.lastAnswerFrame === 0)) return noRequests;
  const texts = (options: readonly Option[]): string[] => options.flatMap((option) => text(option) ?? []);
  const agreed = state.agreed?.find((option) => text(option) !== null) ?? null;
  return {
    sent: state.count,
    firstFrame: state.firstFrame || null,
    lastFrame: state.lastFrame || null,
    naks: state.naks,
    rejects: state.rejects,
    counteredOptions: [...new Set(state.naked?.map((option) => optionName(option)))],
    acknowledgedFrame: state.agreedFrame || null,
    askedAgain: state.askedAgain,
    lastAnswerFrame: state.lastAnswerFrame || null,
    turnedAwayFrame: state.turnedAwayFrame || null,
    asked: texts(state.asked),
    countered: texts(state.countered),
    refusedFrame: state.refusedFrame || null,
    rejected: state.rejected.some(({ option }) => text(option) !== null),
    withdrawn: state.asked.length > 0 && state.last !== null && texts(state.last).length === 0,
    agreed: agreed === null ? null : text(agreed),
  };
}

function lcpText(option: LcpOption): string | null {
  return option.name === 'authenticationProtocol'
    ? authenticationProtocolName(option.value.protocol, option.value.algorithm)
    : null;
}

function ccpText(option: CcpOption): string | null {
  return option.name === 'mppe' ? `0x${option.value.supportedBits.toString(16).padStart(8, '0')}` : null;
}

function ipcpText(option: IpcpOption): string | null {
  return option.name === 'ipAddress' ? ipv4Text(option.value.address) : null;
}

function terminated(
  link: PppLink,
  negotiation: { terminatedBy: End | null; terminateFrame: number; terminateText: string | null } | null,
  side: (end: End) => Side,
): Terminated | null {
  if (negotiation === null || negotiation.terminatedBy === null) return null;
  return {
    by: side(negotiation.terminatedBy),
    frame: negotiation.terminateFrame,
    text: link.said(negotiation.terminateText),
  };
}

function callback(call: CallState, time: (instant: Instant) => string | null): CallEvidence['callback'] {
  const { callback: seen } = call.link;
  if (seen === null) return null;
  const { by, first, ...counts } = seen;
  const timed = call.flows.some((flow) => flow?.timed === true);
  return { by: sideOf(call.tunnel.clientEnd)(by), ...counts, firstTime: timed ? time(first) : null };
}

/** Seconds to the millisecond. */
function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000) / 1000;
}

/** The first sign of the end; null where the capture shows none or gives no times. */
function endOf(call: CallState): Instant | null {
  const ends = [call.link.terminate?.instant ?? null, call.said.endedInstant].flatMap((instant) => instant ?? []);
  const [end] = ends.sort((a, b) => secondsBetween(b, a));
  return call.tunnel.first === null ? null : (end ?? null);
}

function idleBeforeEnd(
  call: CallState,
  end: Instant | null,
  time: (instant: Instant) => string | null,
): CallEvidence['idleBeforeEnd'] {
  const data = call.flows
    .flatMap((flow) => (flow === null || flow.lastDataFrame === 0 ? [] : [flow]))
    .map((flow) => ({
      instant: flow.lastData,
      frame: flow.lastDataFrame,
    }))
    .sort((a, b) => secondsBetween(a.instant, b.instant));
  const [last] = data;
  if (end === null || last === undefined) return null;
  const endTime = time(end);
  if (endTime === null) return null;
  const seconds = Math.max(0, Math.round(secondsBetween(last.instant, end) * 1000) / 1000);
  return { seconds, lastDataFrame: last.frame, endTime };
}

function path(flow: GreFlow | null): PathEvidence {
  const largest = flow?.largestAcknowledged ?? 0;
  let large = 0;
  let small = 0;
  for (let sizeClass = 0; sizeClass < sizeClasses; sizeClass += 1) {
    const count = flow?.unacknowledged(sizeClass) ?? 0;
    if (sizeClass * sizeStep > largest) large += count;
    else small += count;
  }
  return {
    largestPacket: flow?.largestPacket ?? 0,
    largestAcknowledged: largest,
    acknowledged: flow?.acknowledgedPackets ?? 0,
    largeUnacknowledged: large,
    smallUnacknowledged: small,
    largestUnacknowledgedFrame: large > 0 ? (flow?.oddities.swallowed?.frame ?? null) : null,
    longestGap: flow?.sequence.longestGap ?? 0,
    longestGapFrames: pause(flow?.oddities.gap),
    missed: flow?.missed ?? null,
    unnumberedInGap: flow?.oddities.unnumberedInGap ?? 0,
    windowStalls: flow?.stalls?.stalls ?? 0,
    windowStallSeconds: Math.round((flow?.stalls?.seconds ?? 0) * 1000) / 1000,
    longestStallFrames: pause(flow?.stalls?.longest),
    beyondWindow: flow?.stalls?.beyondWindow ?? 0,
    reassembled: flow?.oddities.reassembled ?? 0,
  };
}

function pause(found: Readonly<Pause> | null | undefined): Pause | null {
  return found ? { before: found.before, after: found.after } : null;
}
