/**
 * One PPP link over a call (RFC 1661): what LCP, authentication, CCP and the network protocols negotiated,
 * who ended it and why. Fed with the control packets of both directions; user data never comes here.
 */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { utf8 } from '../octets/printable.ts';
import { ccpCode } from '../ppp/ccp.ts';
import { authenticationProtocolName, withoutSecrets } from '../ppp/chap-message.ts';
import { negotiationCode } from '../ppp/control-packet.ts';
import { lcpCode } from '../ppp/lcp.ts';
import type { PacketOf, PppControlPacket } from '../ppp/packet.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import { headerField } from '../ppp/view.ts';
import { AuthenticationTracker } from './authentication.ts';
import { Callback } from './callback.ts';
import { EchoTracker } from './echo.ts';
import { type End, otherEnd } from './ends.ts';
import type { Lost } from './lost-segments.ts';
import type { Echo } from './model/echo.ts';
import { MppeOption } from './mppe-option.ts';
import { type InvalidAnswer, isCut, Negotiation, type Requests } from './negotiation.ts';

type OptionOf<Name extends keyof typeof pppProtocol> = Extract<
  PacketOf<Name>['body'],
  { kind: 'configure' }
>['options'][number];
export type LcpOption = OptionOf<'lcp'>;
export type CcpOption = OptionOf<'ccp'>;
export type IpcpOption = OptionOf<'ipcp'>;
type Ipv6cpOption = OptionOf<'ipv6cp'>;

interface Terminate {
  by: End;
  frame: number;
  instant: Instant;
  text: string | null;
}

export class PppLink {
  readonly lcp: Negotiation<LcpOption>;
  ccp: Negotiation<CcpOption> | null = null;
  ipcp: Negotiation<IpcpOption> | null = null;
  ipv6cp: Negotiation<Ipv6cpOption> | null = null;
  authentication: AuthenticationTracker | null = null;
  callback: Callback | null = null;
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
  protocolRejectsNotListed = 0;
  readonly identifications: [string[], string[]] = [[], []];
  readonly identificationFrames: [number, number] = [0, 0];
  readonly proposals: { by: End; protocol: string; demanded: boolean; frame: number }[] = [];
  mppe: MppeOption | null = null;
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
        this.ipcp.packet(end, packet, frame, instant);
        break;
      case pppProtocol.ipv6cp:
        this.ipv6cp ??= new Negotiation<Ipv6cpOption>('interfaceIdentifier', this.limits);
        this.ipv6cp.packet(end, packet, frame, instant);
        break;
      case pppProtocol.pap:
      case pppProtocol.chap:
      case pppProtocol.eap:
      case pppProtocol.spap:
        this.authentication ??= new AuthenticationTracker(this.limits);
        this.tlsAlertIn(end, packet, frame);
        this.authentication.packet(end, packet, frame, instant);
        break;
      case pppProtocol.cbcp:
        this.callback ??= new Callback(end, packet.code, frame, instant);
        this.callback.packet(packet.code, frame);
        this.countOther(packet.protocol);
        break;
      default:
        this.countOther(packet.protocol);
    }
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
      else {
        const ended = this.terminate?.by === otherEnd(end) ? this.terminate.instant : null;
        this.echo.reply(end, packet.identifier, frame, instant, ended);
      }
      return;
    }
    if (packet.code === lcpCode.terminateRequest) {
      this.lcp.packet(end, packet, frame, instant);
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
    if (body.kind === 'configure' && (demanded || packet.code === lcpCode.configureNak)) {
      this.proposal(end, demanded, body.options, frame);
    }
    this.lcp.packet(end, packet, frame, instant);
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
      this.mppe?.protocolRejected(end, frame);
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
    if (packet.body.kind === 'configure') {
      const option = packet.body.options.find(({ name }) => name === 'mppe');
      if (option?.name === 'mppe') {
        this.mppe ??= new MppeOption(this.limits);
        this.mppe.configure(end, packet.code, option.value.supportedBits, frame);
      }
    }
    if (packet.code === ccpCode.resetAck) this.resetAcks += 1;
    if (packet.body.kind === 'terminate' && packet.code === ccpCode.terminateRequest)
      this.windowsErrorCode ??= packet.body.windowsReason;
    ccp.packet(end, packet, frame, instant);
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

  /** LCP's echoes, none of them included. */
  echoModel(clientEnd: End): Echo {
    return (this.echo ?? new EchoTracker(this.limits)).model(clientEnd);
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
}
