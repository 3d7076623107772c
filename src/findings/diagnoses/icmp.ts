/** ICMP errors that quote a tunnel's packets, as the rules look at them. */
import { isRejection } from '../../ip/icmp.ts';
import { routersPassed } from '../../ip/time-to-live.ts';
import { otherSide } from '../../sessions/ends.ts';
import type { IcmpError } from '../../sessions/model/icmp-error.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';

/** IPv4 "fragmentation needed" and IPv6 "packet too big" are about size, not about GRE. */
export function isAboutSize({ type, code, mtu }: IcmpError): boolean {
  return (type === 3 && code === 4) || (type === 2 && mtu !== null);
}

/** Whether it says that the packet is not let through as it is, whatever its size. */
export function isAgainst({ from, type, code }: IcmpError): boolean {
  return isRejection(from.includes(':') ? 6 : 4, type, code);
}

/** What ICMP says against the packets of a call and its control connection, but for their size. */
export function icmpAgainst({ tunnel, call }: CallCase): IcmpError[] {
  return tunnel.icmpErrors.filter(
    (error) => isAgainst(error) && !isAboutSize(error) && (error.call === null || error.call === call.id),
  );
}

/** Who rejects whose packets, what that shows, and what is to be done there. */
export function rejection(
  callCase: CallCase,
  { from, name, type, code, frame, aboutPacketFrom, timeToLive }: IcmpError,
): { rejects: string; meaning: string; remedy: string } {
  const receiver = otherSide(aboutPacketFrom);
  const itself = from === callCase.address(receiver);
  if (isTimeExceeded({ from, type })) {
    return {
      rejects: `GRE from the ${aboutPacketFrom} does not find its way: its time to live ends at ${from} (ICMP ${name})`,
      meaning: ' It goes in circles, or another way than TCP, which arrives.',
      remedy: `correct the routes by which IP protocol 47 (GRE) goes to ${callCase.address(receiver)}; a policy for it alone, perhaps`,
    };
  }
  const unknownThere = itself && type === 3 && code === 2;
  const goesOn = unknownThere && (callCase.gre(receiver).lastFrame ?? 0) > frame;
  const usual = callCase.tunnel.timeToLive[receiver];
  const nearer = unknownThere && usual !== null && routersPassed(timeToLive) < routersPassed(usual);
  const behind = goesOn || nearer;
  return {
    rejects: `${itself && !behind ? `The ${receiver} itself, ${from},` : from} rejects GRE from the ${aboutPacketFrom} with ICMP ${name}`,
    meaning: behind
      ? ` ${goesOn ? `The ${receiver}'s GRE goes on coming from the same address` : `By its time to live (${timeToLive}, that of the ${receiver}'s TCP ${usual}) the error comes from a box nearer than the ${receiver}`}: the ${receiver} is behind it (a NAT, or the host of a container), and what comes back is not forwarded to it.`
      : unknownThere
        ? ' Nothing there takes GRE: the service is down.'
        : '',
    remedy: behind
      ? `forward IP protocol 47 (GRE) to the ${receiver}, not only TCP port 1723 (a container: give it the network of its host)`
      : 'start the service that takes GRE, or let IP protocol 47 through',
  };
}

/** RFC 792, RFC 4443 §3.3 */
function isTimeExceeded({ from, type }: Pick<IcmpError, 'from' | 'type'>): boolean {
  return type === (from.includes(':') ? 3 : 11);
}

export function namedErrors(errors: readonly IcmpError[]): Draft['evidence'] {
  return errors.slice(0, 3).map(({ frame, from, name }) => ({ frame, text: `ICMP ${name} from ${from}` }));
}

/** A network or a host is not reached or not known, and no rule forbids it. RFC 792, RFC 1122 §3.2.2.1, RFC 4443 §3.1 */
export function isUnreachable({ type, code }: IcmpError): boolean {
  return type === 3 ? code === 0 || code === 1 || code === 6 || code === 7 : type === 1 && (code === 0 || code === 3);
}
