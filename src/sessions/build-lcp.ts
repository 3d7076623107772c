/** From the state of a PPP link to the model of its LCP. */
import { authenticationProtocolName } from '../ppp/chap-message.ts';
import { pppProtocolName } from '../ppp/protocols.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { Lcp, LcpOptions } from './model/lcp.ts';
import { optionName, type Requests } from './negotiation.ts';
import type { LcpOption, PppLink } from './ppp-link.ts';

/** `over`: the call. `flowing`: user data of the link was seen. */
export function buildLcp(link: PppLink, over: boolean, flowing: boolean, clientEnd: End): Lcp {
  const side = sideOf(clientEnd);
  const client = link.lcp.ends[clientEnd];
  const server = link.lcp.ends[otherEnd(clientEnd)];
  const negotiated = link.lcp.outcome(over);
  // What carries data, or is ended without a Configure-Request of either end, was opened where the capture does not show it.
  const asked = client.count + server.count > 0;
  const openUnseen = link.lcp.firstFrame !== 0 && (flowing || (over && !asked));
  const open = link.lcpOpen || openUnseen;
  return {
    outcome: negotiated === 'rejected' ? 'failed' : open ? 'opened' : negotiated,
    client: lcpOptions(client),
    server: lcpOptions(server),
    terminatedBy: link.terminate === null ? null : side(link.terminate.by),
    terminateText: link.said(link.terminate?.text ?? null),
    windowsErrorCode: link.windowsErrorCode,
    terminateFrame: link.terminate?.frame ?? null,
    openedFrame: open ? link.lcp.openedFrame || null : null,
    echo: link.echoModel(clientEnd),
    configureRequests: { client: client.count, server: server.count },
    firstFrame: link.lcp.firstFrame || null,
    lastFrame: link.lcp.lastFrame || null,
    rejected: { client: rejectedNames(client), server: rejectedNames(server) },
    protocolRejects: link.protocolRejects.map(({ frame, by, protocol }) => ({
      frame,
      by: side(by),
      protocol,
      name: pppProtocolName(protocol),
    })),
    protocolRejectsNotListed: link.protocolRejectsNotListed,
    identification: {
      client: link.identifications[clientEnd].flatMap((text) => link.said(text) ?? []),
      server: link.identifications[otherEnd(clientEnd)].flatMap((text) => link.said(text) ?? []),
    },
    identificationFrames: {
      client: link.identificationFrames[clientEnd] || null,
      server: link.identificationFrames[otherEnd(clientEnd)] || null,
    },
    authenticationProposals: link.proposals.map(({ by, ...proposal }) => ({ by: side(by), ...proposal })),
  };
}

function lcpOptions(requests: Requests<LcpOption>): LcpOptions | null {
  const { agreed, agreedCut: cut } = requests;
  if (agreed === null) return null;
  const flag = (name: LcpOption['name']): boolean | null =>
    agreed.some((option) => option.name === name) || (cut ? null : false);
  const authentication = requests.agreedOption('authenticationProtocol');
  const discriminator = requests.agreedOption('endpointDiscriminator');
  return {
    mru: requests.agreedOption('maximumReceiveUnit')?.value.mru ?? (cut ? null : 1500),
    asyncControlCharacterMap: requests.agreedOption('asyncControlCharacterMap')?.value.map ?? null,
    authenticationProtocol:
      authentication === null
        ? null
        : authenticationProtocolName(authentication.value.protocol, authentication.value.algorithm),
    magicNumber: requests.agreedOption('magicNumber')?.value.magicNumber ?? null,
    protocolFieldCompression: flag('protocolFieldCompression'),
    addressAndControlFieldCompression: flag('addressAndControlFieldCompression'),
    callback: flag('callback'),
    multilinkMrru: requests.agreedOption('multilinkMrru')?.value.mrru ?? null,
    shortSequenceNumbers: flag('shortSequenceNumber'),
    endpointDiscriminator:
      discriminator === null
        ? null
        : Array.from(discriminator.octets, (octet) => octet.toString(16).padStart(2, '0')).join(''),
    cut,
  };
}

function rejectedNames(requests: Requests<LcpOption>): string[] {
  return requests.rejected.map(({ option }) => optionName(option));
}
