/**
 * One PPP link over a call (RFC 1661): what LCP, authentication, CCP and the network protocols negotiated,
 * who ended it and why. Fed with the control packets of both directions; user data never comes here.
 */
import { ipv4Text } from '../octets/address.ts';
import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { beforeNul, utf8 } from '../octets/printable.ts';
import { ccpCode } from '../ppp/ccp.ts';
import type { ChapAlgorithm } from '../ppp/chap.ts';
import { authenticationProtocolName, withoutSecrets } from '../ppp/chap-message.ts';
import { negotiationCode } from '../ppp/control-packet.ts';
import { lcpCode } from '../ppp/lcp.ts';
import type { PacketOf, PppControlPacket } from '../ppp/packet.ts';
import { pppProtocol, pppProtocolName } from '../ppp/protocols.ts';
import { headerField } from '../ppp/view.ts';
import type { Malformed } from '../wire/decoded.ts';
import { AuthenticationTracker } from './authentication.ts';
import type { SecretsContext } from './authentication-model.ts';
import { EchoTracker } from './echo.ts';
import { type End, otherEnd, sideOf } from './ends.ts';
import type { Lost } from './lost-segments.ts';
import type { Authentication } from './model/authentication.ts';
import type { MppeNegotiation } from './model/encryption.ts';
import type { Lcp, LcpOptions } from './model/lcp.ts';
import type { Network } from './model/network.ts';
import { type InvalidAnswer, Negotiation, optionName, type Requests } from './negotiation.ts';

type OptionOf<Name extends keyof typeof pppProtocol> = Extract<
  PacketOf<Name>['body'],
  { kind: 'configure' }
>['options'][number];
type LcpOption = OptionOf<'lcp'>;
type CcpOption = OptionOf<'ccp'>;
type IpcpOption = OptionOf<'ipcp'>;
type Ipv6cpOption = OptionOf<'ipv6cp'>;

interface Terminate {
  by: End;
  frame: number;
  instant: Instant;
  text: string | null;
}

/** CBCP so far. */
interface CallbackState {
  readonly by: End;
  requests: number;
  responses: number;
  acknowledgments: number;
  readonly firstFrame: number;
  readonly first: Instant;
  lastFrame: number;
}

export class PppLink {
  readonly lcp: Negotiation<LcpOption>;
  ccp: Negotiation<CcpOption> | null = null;
  ipcp: Negotiation<IpcpOption> | null = null;
  ipv6cp: Negotiation<Ipv6cpOption> | null = null;
  authentication: AuthenticationTracker | null = null;
  callback: CallbackState | null = null;
  private echo: EchoTracker | null = null;
  terminate: Terminate | null = null;
  windowsErrorCode: number | null = null;
  resetRequests = 0;
  resetAcks = 0;
  lcpEchoSeen = false;
  /** The first TLS alert inside EAP that is no farewell. */
  tlsAlert: { frame: number; by: End; description: number } | null = null;
  /** The first LCP packet that bears the magic number of the end that it is sent to. */
  ownMagicNumber: { frame: number; by: End; name: string } | null = null;
  readonly protocolRejects: { frame: number; by: End; protocol: number }[] = [];
  private protocolRejectsNotListed = 0;
  private readonly identifications: [string[], string[]] = [[], []];
  private readonly identificationFrames: [number, number] = [0, 0];
  private readonly proposals: { by: End; protocol: string; demanded: boolean; frame: number }[] = [];
  private readonly mppe: [MppeNegotiation | null, MppeNegotiation | null] = [null, null];
  readonly resetFrames: number[] = [];
  /** Packets of protocols that nothing here follows (ECP, CBCP, ...), by number. */
  readonly others = new Map<number, number>();
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
    this.lcp = new Negotiation<LcpOption>('authenticationProtocol', limits);
  }

  /** A packet of a protocol that nothing here follows. There are few; a sender of noise names them all. */
  countOther(protocol: number): void {
    const held = this.others.get(protocol);
    if (held !== undefined) this.others.set(protocol, held + 1);
    else if (!this.limits.full('ppp-protocols', this.others.size)) this.others.set(protocol, 1);
  }

  /**
   * Why a Configure-Ack, Configure-Nak or Configure-Reject of `end` is silently discarded by whoever gets it: it answers a
   * request that was never made, or acknowledges other options. null where it may be an answer. RFC 1661 §5.2-5.4
   */
  invalidAnswer(end: End, packet: PppControlPacket): InvalidAnswer | null {
    const { body, code, identifier, protocol } = packet;
    if (body.kind !== 'configure' || code === negotiationCode.configureRequest || isCut(packet)) return null;
    return this.negotiation(protocol)?.invalidAnswer(end, code, identifier, body.options) ?? null;
  }

  private negotiation(protocol: number): Pick<PppLink['lcp'], 'invalidAnswer'> | null {
    switch (protocol) {
      case pppProtocol.lcp:
        return this.lcp;
      case pppProtocol.ccp:
      case pppProtocol.multilinkCcp:
        return this.ccp;
      case pppProtocol.ipcp:
        return this.ipcp;
      case pppProtocol.ipv6cp:
        return this.ipv6cp;
      default:
        return null;
    }
  }

  /** A control packet that `end` sent. */
  packet(end: End, packet: PppControlPacket, frame: number, instant: Instant): void {
    switch (packet.protocol) {
      case pppProtocol.lcp:
        this.lcpPacket(end, packet, frame, instant);
        break;
      case pppProtocol.ccp:
      case pppProtocol.multilinkCcp:
        this.ccp ??= new Negotiation<CcpOption>('mppe', this.limits);
        this.ccpPacket(this.ccp, end, packet, frame, instant);
        break;
      case pppProtocol.ipcp:
        this.ipcp ??= new Negotiation<IpcpOption>('ipAddress', this.limits);
        negotiate(this.ipcp, end, packet, packet.body, frame, instant);
        break;
      case pppProtocol.ipv6cp:
        this.ipv6cp ??= new Negotiation<Ipv6cpOption>('interfaceIdentifier', this.limits);
        negotiate(this.ipv6cp, end, packet, packet.body, frame, instant);
        break;
      case pppProtocol.pap:
      case pppProtocol.chap:
      case pppProtocol.eap:
      case pppProtocol.spap:
        this.authentication ??= new AuthenticationTracker(this.limits);
        this.tlsAlertIn(end, packet, frame);
        this.authentication.packet(end, packet, frame, instant);
        break;
      case 0xc029:
        this.callbackPacket(end, packet.code, frame, instant);
        this.countOther(packet.protocol);
        break;
      default:
        this.countOther(packet.protocol);
    }
  }

  /** Who sends Callback-Requests and -Acks asks, and who sends Responses is asked. draft-gidwani-ppp-callback-cp-00 §3 */
  private callbackPacket(end: End, code: number, frame: number, instant: Instant): void {
    const by = code === 2 ? otherEnd(end) : end;
    this.callback ??= {
      by,
      requests: 0,
      responses: 0,
      acknowledgments: 0,
      firstFrame: frame,
      first: instant,
      lastFrame: 0,
    };
    const { callback } = this;
    if (code === 1) callback.requests += 1;
    else if (code === 2) callback.responses += 1;
    else if (code === 3) callback.acknowledgments += 1;
    callback.lastFrame = frame;
  }

  private tlsAlertIn(end: End, packet: PppControlPacket, frame: number): void {
    if (packet.protocol !== pppProtocol.eap || (packet.body.kind !== 'request' && packet.body.kind !== 'response'))
      return;
    const description = packet.body.tls?.alert?.description ?? 0;
    // 0 is close_notify: the ordinary end. RFC 5246 §7.2.1
    if (description !== 0) this.tlsAlert ??= { frame, by: end, description };
  }

  private lcpPacket(end: End, packet: PacketOf<'lcp'>, frame: number, instant: Instant): void {
    const body = packet.body;
    if ('magicNumber' in body && this.isOwnMagicNumber(otherEnd(end), body.magicNumber)) {
      this.ownMagicNumber ??= { frame, by: end, name: packet.name };
    }
    if (packet.code === lcpCode.echoRequest || packet.code === lcpCode.echoReply) {
      this.lcp.seen(frame, instant);
      this.lcpEchoSeen = true;
      this.echo ??= new EchoTracker(this.limits);
      if (packet.code === lcpCode.echoRequest) this.echo.request(end, packet.identifier, frame, instant);
      else this.echo.reply(end, packet.identifier, frame, instant);
      return;
    }
    if (packet.code === lcpCode.terminateRequest) {
      this.lcp.terminate(end, body, isCut(packet), frame, instant);
      this.terminate ??= { by: end, frame, instant, text: this.lcp.terminateText };
      if (body.kind === 'terminate') this.windowsErrorCode ??= body.windowsReason;
      return;
    }
    if (body.kind === 'protocol-reject') {
      this.protocolRejected(end, body.rejectedProtocol, frame);
    } else if (body.kind === 'identification' && body.text !== null) {
      const list = this.identifications[end];
      const text = utf8(this.limits.text(body.text));
      if (!list.includes(text) && !this.limits.full('ppp-events', list.length)) list.push(text);
      this.identificationFrames[end] ||= frame;
    }
    const demanded = packet.code === lcpCode.configureRequest;
    if (isConfigure<LcpOption>(body) && (demanded || packet.code === lcpCode.configureNak)) {
      this.proposal(end, demanded, body.options, frame);
    }
    negotiate(this.lcp, end, packet, body, frame, instant);
  }

  /** Whether a magic number that `end` is sent is its own, and not the sender's too. RFC 1661 §6.4 */
  private isOwnMagicNumber(end: End, magicNumber: number): boolean {
    const of = (requests: Requests<LcpOption>): number | null =>
      (requests.agreedOption('magicNumber') ?? requests.lastOption('magicNumber'))?.value.magicNumber ?? null;
    const { ends } = this.lcp;
    return magicNumber !== 0 && magicNumber === of(ends[end]) && magicNumber !== of(ends[otherEnd(end)]);
  }

  /** Notes an Authentication-Protocol option that `end` asked for, or countered with. RFC 1661 §6.2 */
  private proposal(end: End, demanded: boolean, options: readonly LcpOption[], frame: number): void {
    for (const option of options) {
      if (option.name !== 'authenticationProtocol') continue;
      const protocol = authenticationProtocolName(option.value.protocol, option.value.algorithm);
      const known = this.proposals.some(
        (one) => one.by === end && one.protocol === protocol && one.demanded === demanded,
      );
      if (known || this.limits.full('proposals', this.proposals.length)) continue;
      this.proposals.push({ by: end, protocol, demanded, frame });
    }
  }

  private protocolRejected(end: End, protocol: number, frame: number): void {
    if (this.limits.full('ppp-events', this.protocolRejects.length)) this.protocolRejectsNotListed += 1;
    else this.protocolRejects.push({ frame, by: end, protocol });
    if (protocol === pppProtocol.ccp || protocol === pppProtocol.multilinkCcp) {
      this.ccp ??= new Negotiation<CcpOption>('mppe', this.limits);
      this.ccp.protocolRejected(frame);
      const requests = this.mppe[otherEnd(end)];
      if (requests !== null) requests.rejectedFrame ??= frame;
    } else if (protocol === pppProtocol.ipcp) {
      this.ipcp ??= new Negotiation<IpcpOption>('ipAddress', this.limits);
      this.ipcp.protocolRejected(frame);
    } else if (protocol === pppProtocol.ipv6cp) {
      this.ipv6cp ??= new Negotiation<Ipv6cpOption>('interfaceIdentifier', this.limits);
      this.ipv6cp.protocolRejected(frame);
    }
  }

  private ccpPacket(
    ccp: Negotiation<CcpOption>,
    end: End,
    packet: PacketOf<'ccp' | 'multilinkCcp'>,
    frame: number,
    instant: Instant,
  ): void {
    if (packet.code === ccpCode.resetRequest) {
      this.resetRequests += 1;
      if (!this.limits.full('ppp-events', this.resetFrames.length)) this.resetFrames.push(frame);
    }
    if (isConfigure<CcpOption>(packet.body)) this.mppeOption(end, packet.code, packet.body.options, frame);
    if (packet.code === ccpCode.resetAck) this.resetAcks += 1;
    if (packet.body.kind === 'terminate' && packet.code === ccpCode.terminateRequest)
      this.windowsErrorCode ??= packet.body.windowsReason;
    negotiate(ccp, end, packet, packet.body, frame, instant);
  }

  /** Notes what `end` says about MPPE's option: in its own requests, or in its answer to the other's. RFC 3078 §2 */
  private mppeOption(end: End, code: number, options: readonly CcpOption[], frame: number): void {
    const option = options.find((one) => one.name === 'mppe');
    if (option?.name !== 'mppe') return;
    const bits = option.value.supportedBits;
    const asking = code === negotiationCode.configureRequest ? end : otherEnd(end);
    this.mppe[asking] ??= {
      requested: [],
      countered: [],
      rejectedFrame: null,
      acknowledged: null,
      requestFrame: null,
    };
    const requests = this.mppe[asking];
    if (code === negotiationCode.configureRequest) {
      requests.requestFrame ??= frame;
      this.listBits(requests.requested, bits);
    } else if (code === negotiationCode.configureAck) requests.acknowledged = bits;
    else if (code === negotiationCode.configureNak) this.listBits(requests.countered, bits);
    else if (code === negotiationCode.configureReject) requests.rejectedFrame ??= frame;
  }

  private listBits(list: number[], bits: number): void {
    if (!list.includes(bits) && !this.limits.full('proposals', list.length)) list.push(bits);
  }

  mppeModel(clientEnd: End): { client: MppeNegotiation | null; server: MppeNegotiation | null } {
    return { client: this.mppe[clientEnd], server: this.mppe[otherEnd(clientEnd)] };
  }

  /**
   * LCP is open where both ends' options were acknowledged, or where packets flow that only an open link carries
   * (echoes, authentication, network protocols): the negotiation itself may lie before the capture or be lost.
   */
  get lcpOpen(): boolean {
    return (
      this.lcp.opened ||
      this.lcpEchoSeen ||
      this.authentication !== null ||
      (this.ipcp?.firstFrame ?? 0) !== 0 ||
      (this.ipv6cp?.firstFrame ?? 0) !== 0 ||
      (this.ccp?.firstFrame ?? 0) !== 0
    );
  }

  /** Words of one end, with what is secret of them covered. */
  said(text: string | null): string | null {
    return text === null ? null : withoutSecrets(text, this.authentication?.passwords.map(utf8) ?? []);
  }

  /** Answers to LCP Configure-Requests that were lost on `end`'s side; told of a link that came further, where both ends heard. */
  lostBeside(end: End): Lost | null {
    const further = this.authentication ?? this.ccp ?? this.ipcp ?? this.ipv6cp;
    return further === null ? null : this.lcp.ends[end].unheard;
  }

  /** Seconds that nothing was negotiated any more before the first Terminate-Request; null without one. */
  stillBeforeTermination(): number | null {
    const { terminate } = this;
    if (terminate === null) return null;
    const lasts = [this.ccp, this.ipcp, this.ipv6cp].map((one) => one?.lastInstant ?? null);
    for (const { instant } of this.authentication?.lastFrames() ?? []) lasts.push(instant);
    const since = lasts.flatMap((instant) => {
      const seconds = instant === null ? -1 : secondsBetween(instant, terminate.instant);
      return seconds < 0 ? [] : [seconds];
    });
    return since.length === 0 ? null : Math.min(...since);
  }

  /** LCP Echo-Requests since the last reply; null where there are none. */
  echoInVain(): { end: End; requests: number; since: Instant } | null {
    return this.echo?.inVain() ?? null;
  }

  /**
   * Bits of `headerField` that `end` may not shorten: the other end has not asked for it, or not been acknowledged. 0 where LCP
   * was not seen to open with all its options. RFC 1661 §6.5, §6.6
   */
  wholeFields(end: End): number {
    const { agreed, agreedCut } = this.lcp.ends[otherEnd(end)];
    if (!this.lcp.opened || agreed === null || agreedCut) return 0;
    const has = (name: LcpOption['name']): boolean => agreed.some((option) => option.name === name);
    return (
      (has('protocolFieldCompression') ? 0 : headerField.protocol) |
      (has('addressAndControlFieldCompression') ? 0 : headerField.addressAndControl)
    );
  }

  /** Whether multilink packets that `end` sends have short sequence numbers: the receiver asks for them. RFC 1990 §5.1.2 */
  shortMultilinkNumbers(end: End): boolean {
    return this.lcp.ends[otherEnd(end)].agreedOption('shortSequenceNumber') !== null;
  }

  /** `flowing`: user data of the link was seen. */
  lcpModel(over: boolean, flowing: boolean, clientEnd: End): Lcp {
    const side = sideOf(clientEnd);
    const client = this.lcp.ends[clientEnd];
    const server = this.lcp.ends[otherEnd(clientEnd)];
    const negotiated = this.lcp.outcome(over);
    // What carries data, or is ended without a Configure-Request of either end, was opened where the capture does not show it.
    const asked = client.count + server.count > 0;
    const openUnseen = this.lcp.firstFrame !== 0 && (flowing || (over && !asked));
    const open = this.lcpOpen || openUnseen;
    return {
      outcome: negotiated === 'rejected' ? 'failed' : open ? 'opened' : negotiated,
      client: lcpOptions(client),
      server: lcpOptions(server),
      terminatedBy: this.terminate === null ? null : side(this.terminate.by),
      terminateText: this.said(this.terminate?.text ?? null),
      windowsErrorCode: this.windowsErrorCode,
      terminateFrame: this.terminate?.frame ?? null,
      openedFrame: open ? this.lcp.openedFrame || null : null,
      echo: (this.echo ?? new EchoTracker(this.limits)).model(clientEnd),
      configureRequests: { client: client.count, server: server.count },
      firstFrame: this.lcp.firstFrame || null,
      lastFrame: this.lcp.lastFrame || null,
      rejected: { client: rejectedNames(client), server: rejectedNames(server) },
      protocolRejects: this.protocolRejects.map(({ frame, by, protocol }) => ({
        frame,
        by: side(by),
        protocol,
        name: pppProtocolName(protocol),
      })),
      protocolRejectsNotListed: this.protocolRejectsNotListed,
      identification: {
        client: this.identifications[clientEnd].flatMap((text) => this.said(text) ?? []),
        server: this.identifications[otherEnd(clientEnd)].flatMap((text) => this.said(text) ?? []),
      },
      identificationFrames: {
        client: this.identificationFrames[clientEnd] || null,
        server: this.identificationFrames[otherEnd(clientEnd)] || null,
      },
      authenticationProposals: this.proposals.map(({ by, ...proposal }) => ({ by: side(by), ...proposal })),
    };
  }

  authenticationModel(clientEnd: End, context: SecretsContext): Authentication[] {
    if (this.authentication === null) return [];
    const flavours: [ChapAlgorithm | null, ChapAlgorithm | null] = [this.flavour(0), this.flavour(1)];
    const entries = this.authentication.model(flavours, sideOf(clientEnd), context);
    for (const entry of entries) {
      if (entry.user !== null) entry.user = utf8(entry.user);
      if (entry.authenticatorName !== null) entry.authenticatorName = utf8(entry.authenticatorName);
      if (entry.message !== null) entry.message = utf8(entry.message);
    }
    return entries;
  }

  /** The CHAP algorithm that `end` demands of the other, as acknowledged or else as last asked for. */
  private flavour(end: End): ChapAlgorithm | null {
    const requests = this.lcp.ends[end];
    const option = requests.agreedOption('authenticationProtocol') ?? requests.lastOption('authenticationProtocol');
    if (option === null) return null;
    const name = authenticationProtocolName(option.value.protocol, option.value.algorithm);
    return name === 'chap-md5' || name === 'ms-chap-v1' || name === 'ms-chap-v2' ? name : null;
  }

  /** `flowing`: user data of the link was seen. */
  networkModel(over: boolean, flowing: boolean, clientEnd: End): Network {
    const client = this.ipcp?.ends[clientEnd];
    const server = this.ipcp?.ends[otherEnd(clientEnd)];
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
    const begunBefore = this.lcp.ends.every(({ count }) => count === 0);
    const used = flowing || (begunBefore && this.ipcp?.settled === true);
    const frames = [this.ipcp, this.ipv6cp].flatMap((one) => (one !== null && one.firstFrame !== 0 ? [one] : []));
    const ipcp = this.ipcp?.outcome(over, used) ?? 'not-seen';
    const ipv6cp = this.ipv6cp?.outcome(over) ?? 'not-seen';
    const opened = [
      ipcp === 'opened' ? (this.ipcp?.openedFrame ?? 0) : 0,
      ipv6cp === 'opened' ? (this.ipv6cp?.openedFrame ?? 0) : 0,
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
}

interface ConfigureBody<Option> {
  readonly kind: 'configure';
  readonly options: readonly Option[];
}

/** What every control protocol has in common: codes 1 to 6. RFC 1661 §5 */
function negotiate<Option extends { readonly name: string; readonly type: number; readonly octets: Uint8Array }>(
  negotiation: Negotiation<Option>,
  end: End,
  packet: { readonly code: number; readonly identifier: number; readonly fault?: Malformed },
  body: ConfigureBody<Option> | { readonly kind: string; readonly octets?: Uint8Array },
  frame: number,
  instant: Instant,
): void {
  negotiation.seen(frame, instant);
  const { code, identifier } = packet;
  const cut = isCut(packet);
  if (isConfigure(body)) negotiation.configure(end, { code, identifier, options: body.options, cut }, frame, instant);
  else if (code === negotiationCode.terminateRequest) negotiation.terminate(end, body, cut, frame, instant);
  else if (code === negotiationCode.terminateAck) negotiation.turnedAway(end, identifier, frame);
  else if (body.kind === 'code-reject' && body.octets?.[0] === negotiationCode.configureRequest) {
    negotiation.turnedAway(end, body.octets[1] ?? identifier, frame);
  }
}

function isCut({ fault }: { readonly fault?: Malformed }): boolean {
  return fault?.boundedBy === 'capture length';
}

function isConfigure<Option>(body: ConfigureBody<Option> | { readonly kind: string }): body is ConfigureBody<Option> {
  return body.kind === 'configure';
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

/** Captured text of a fixed field: up to its first NUL. */
export function fieldText(text: string): string {
  return utf8(beforeNul(text));
}
