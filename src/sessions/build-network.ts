/** From the state of a PPP link to the model of its network protocols: IPCP and IPV6CP. */
import { ipv4Text } from '../octets/address.ts';
import { type End, otherEnd } from './ends.ts';
import type { Network } from './model/network.ts';
import type { Requests } from './negotiation.ts';
import type { IpcpOption, PppLink } from './ppp-link.ts';

/** `over`: the call. `flowing`: user data of the link was seen. */
export function buildNetwork(link: PppLink, over: boolean, flowing: boolean, clientEnd: End): Network {
  const client = link.ipcp?.ends[clientEnd];
  const server = link.ipcp?.ends[otherEnd(clientEnd)];
  const address = (requests: Requests<IpcpOption> | undefined): string | null => {
    const option = requests?.agreedOption('ipAddress');
    return option && option.value.address !== 0 ? ipv4Text(option.value.address) : null;
  };
  const servers = (names: readonly ('primaryDns' | 'secondaryDns' | 'primaryNbns' | 'secondaryNbns')[]): string[] =>
    names.flatMap((name) => {
      const option = client?.agreedOption(name) ?? server?.agreedOption(name) ?? null;
      return option === null || option.value.address === 0 ? [] : [ipv4Text(option.value.address)];
    });
  // Where LCP was negotiated before the capture, one acknowledgment of IPCP may have been as well.
  const begunBefore = link.lcp.ends.every(({ count }) => count === 0);
  const used = flowing || (begunBefore && link.ipcp?.settled === true);
  const frames = [link.ipcp, link.ipv6cp].flatMap((one) => (one !== null && one.firstFrame !== 0 ? [one] : []));
  const ipcp = link.ipcp?.outcome(over, used) ?? 'not-seen';
  const ipv6cp = link.ipv6cp?.outcome(over) ?? 'not-seen';
  const opened = [
    ipcp === 'opened' ? (link.ipcp?.openedFrame ?? 0) : 0,
    ipv6cp === 'opened' ? (link.ipv6cp?.openedFrame ?? 0) : 0,
  ].filter((frame) => frame !== 0);
  return {
    ipcp,
    clientAddress: address(client),
    serverAddress: address(server),
    dns: servers(['primaryDns', 'secondaryDns']),
    nbns: servers(['primaryNbns', 'secondaryNbns']),
    ipv6cp,
    openedFrame: opened.length === 0 ? null : Math.min(...opened),
    firstFrame: frames.length === 0 ? null : Math.min(...frames.map((one) => one.firstFrame)),
    lastFrame: frames.length === 0 ? null : Math.max(...frames.map((one) => one.lastFrame)),
  };
}
