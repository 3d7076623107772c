/**
 * One PPP negotiation (LCP, CCP, IPCP, IPV6CP, ...) as RFC 1661 §4 has it: each end asks for its own
 * options, the other acknowledges, counters or refuses. Kept so that order matters little, because
 * captures lose and reorder: an acknowledgment counts by what it echoes, also when its request was missed.
 */
import { type Instant, secondsBetween } from '../octets/instant.ts';
import type { Limits } from '../octets/limits.ts';
import { utf8 } from '../octets/printable.ts';
import { sameOctets } from '../octets/same.ts';
import { negotiationCode } from '../ppp/control-packet.ts';
import type { Malformed } from '../wire/decoded.ts';
import { type End, otherEnd } from './ends.ts';
import { type Lost, processedWithin } from './lost-segments.ts';

/** RFC 1661 §4.6 */
const maxConfigure = 10;
/** Identifiers of requests that are remembered. */
const identifiersKept = 16;
/** An acknowledgment may get lost on its way, and the one after it. */
const acknowledgedInVain = 3;

/** Codes of anomalies. */
export type InvalidAnswer = 'unasked-answer' | 'other-options-acknowledged';

interface NegotiatedOption {
  readonly name: string;
  readonly type: number;
  readonly octets: Uint8Array;
}

interface ConfigureBody<Option> {
  readonly kind: 'configure';
  readonly options: readonly Option[];
}

/** Of any code. */
interface NegotiationPacket<Option> {
  readonly code: number;
  readonly identifier: number;
  readonly fault?: Malformed;
  readonly body:
    | ConfigureBody<Option>
    | { readonly kind: string; readonly octets?: Uint8Array; readonly text?: string | null };
}

/** Configure-Request, -Ack, -Nak or -Reject. RFC 1661 §5.1-5.4 */
interface ConfigurePacket<Option> {
  readonly code: number;
  readonly identifier: number;
  readonly options: readonly Option[];
  /** The capture does not hold all of it. */
  readonly cut: boolean;
}

/** What one end asked for, and what became of it. */
export class Requests<Option extends NegotiatedOption> {
  /** Configure-Requests, repeated ones included. */
  count = 0;
  firstFrame = 0;
  lastFrame = 0;
  last: readonly Option[] | null = null;
  /** The newest, different ones. */
  private readonly identifiers: number[] = [];
  lastIdentifier = -1;
  /** Whether the last request is known whole, and its identifier was not another one's directly before it. */
  private lastIsSure = false;
  /** The options that the other end acknowledged last. */
  agreed: readonly Option[] | null = null;
  /** The capture does not hold all of them. */
  agreedCut = false;
  agreedFrame = 0;
  agreedInstant: Instant | null = null;
  /** Configure-Naks and Configure-Rejects that the other end answered with. */
  naks = 0;
  rejects = 0;
  /** The other end's last counter-proposal. */
  naked: readonly Option[] | null = null;
  /** Options that the other end refused, once for each type, with the first frame. */
  readonly rejected: { option: Option; frame: number }[] = [];
  lastAnswerFrame = 0;
  /** The first answer that was none: Terminate-Ack, or Code-Reject. */
  turnedAwayFrame = 0;
  /** Requests for what had been acknowledged, since the negotiation opened by what passed here. */
  askedAgain = 0;
  /** One of these was acknowledged. */
  agreedAgain = false;
  /** Requests that came again though their answer had passed: it was lost on the way to their sender. */
  unheard: Lost | null = null;
  private answer: { readonly identifier: number; readonly code: number; readonly instant: Instant } | null = null;
  /** The option whose values are remembered: what was asked for with it, and what the other end proposed instead. */
  private readonly watched: string;
  private readonly limits: Limits;
  readonly asked: Option[] = [];
  readonly countered: Option[] = [];
  /** The first frame that countered or refused the watched option. */
  refusedFrame = 0;

  constructor(watched: string, limits: Limits) {
    this.watched = watched;
    this.limits = limits;
  }

  request(identifier: number, options: readonly Option[], cut: boolean, frame: number): void {
    if (!this.repeats(identifier, options)) this.lastIsSure = !cut && identifier !== this.lastIdentifier;
    this.count += 1;
    this.firstFrame ||= frame;
    this.lastIdentifier = identifier;
    if (!this.mayHaveAsked(identifier)) this.identifiers.push(identifier);
    this.lastFrame = frame;
    // Repeated requests and their acknowledgments say the same: one copy is kept.
    this.last = this.last !== null && sameOptions(this.last, options) ? this.last : options;
    this.remember(this.asked, options);
  }

  /** Whether a request had that identifier, or may have had it before those that are remembered. */
  mayHaveAsked(identifier: number): boolean {
    return this.identifiers.includes(identifier) || this.identifiers.length === identifiersKept;
  }

  /** Whether an acknowledgment under that identifier has other options than the request, which makes it none. RFC 1661 §5.2 */
  isOther(identifier: number, options: readonly Option[]): boolean {
    if (!this.lastIsSure || identifier !== this.lastIdentifier || this.last === null) return false;
    return !sameOptions(this.last, options);
  }

  private repeats(identifier: number, options: readonly Option[]): boolean {
    return identifier === this.lastIdentifier && this.last !== null && sameOptions(this.last, options);
  }

  answered(identifier: number, code: number, instant: Instant): void {
    this.answer = { identifier, code, instant };
  }

  /**
   * A request that is about to be taken: does it come again though its answer had passed here? `open`: by what passed
   * here its sender is done with asking; without that, one whose request was acknowledged may ask again. RFC 1661 §4.1
   */
  weighAgain(identifier: number, options: readonly Option[], frame: number, instant: Instant, open: boolean): void {
    const { answer } = this;
    if (answer?.identifier !== identifier || !this.repeats(identifier, options)) return;
    if (
      (answer.code === negotiationCode.configureAck && !open) ||
      secondsBetween(answer.instant, instant) < processedWithin
    )
      return;
    this.unheard = { times: (this.unheard?.times ?? 0) + 1, frame: this.unheard?.frame ?? frame };
  }

  acknowledged(options: readonly Option[], cut: boolean, frame: number, instant: Instant): void {
    this.agreedCut = cut;
    this.agreed = this.last !== null && sameOptions(this.last, options) ? this.last : options;
    this.agreedFrame = frame;
    this.agreedInstant = instant;
    this.lastAnswerFrame = frame;
  }

  counter(options: readonly Option[], frame: number): void {
    this.naks += 1;
    if (this.remember(this.countered, options)) this.refusedFrame ||= frame;
    this.naked = options;
    this.lastAnswerFrame = frame;
  }

  refused(options: readonly Option[], frame: number): void {
    this.rejects += 1;
    this.lastAnswerFrame = frame;
    for (const option of options) {
      if (option.name === this.watched) this.refusedFrame ||= frame;
      if (!this.rejected.some((held) => held.option.type === option.type)) this.rejected.push({ option, frame });
    }
  }

  /** Keeps the different values of the watched option; true where the options hold it. */
  private remember(kept: Option[], options: readonly Option[]): boolean {
    const found = options.find((option) => option.name === this.watched);
    if (found === undefined) return false;
    if (kept.some((option) => sameOptions([option], [found]))) return true;
    if (!this.limits.full('option-values', kept.length)) kept.push(found);
    return true;
  }

  /** The value of an option in what was agreed; null where it was not. */
  agreedOption<Name extends Option['name']>(name: Name): Extract<Option, { name: Name }> | null {
    return optionNamed(this.agreed, name);
  }

  lastOption<Name extends Option['name']>(name: Name): Extract<Option, { name: Name }> | null {
    return optionNamed(this.last, name);
  }
}

/** Its name in the RFC that defines it, else its number. */
export function optionName({ name, type }: NegotiatedOption): string {
  return name === 'unknown' ? `option ${type}` : name;
}

/** The option of that name, or null. */
function optionNamed<Option extends NegotiatedOption, Name extends Option['name']>(
  options: readonly Option[] | null,
  name: Name,
): Extract<Option, { name: Name }> | null {
  const found = options?.find((option): option is Extract<Option, { name: Name }> => option.name === name);
  return found ?? null;
}

function sameOptions(one: readonly NegotiatedOption[], other: readonly NegotiatedOption[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) {
    const a = one[index];
    const b = other[index];
    if (a === undefined || b === undefined || a.type !== b.type || !sameOctets(a.octets, b.octets)) return false;
  }
  return true;
}

export class Negotiation<Option extends NegotiatedOption> {
  readonly ends: readonly [Requests<Option>, Requests<Option>];
  private readonly limits: Limits;
  firstFrame = 0;
  lastFrame = 0;
  firstInstant: Instant | null = null;
  lastInstant: Instant | null = null;
  /** The frame of the acknowledgment that made it open in both directions for the first time; 0 before. */
  openedFrame = 0;
  openedInstant: Instant | null = null;
  terminatedBy: End | null = null;
  terminateFrame = 0;
  terminateText: string | null = null;
  /** Of the first LCP Protocol-Reject of the whole protocol; 0 where there was none. */
  rejectedFrame = 0;

  /** `watched` is the name of the option whose values are remembered. */
  constructor(watched: Option['name'], limits: Limits) {
    this.limits = limits;
    this.ends = [new Requests<Option>(watched, limits), new Requests<Option>(watched, limits)];
  }

  /**
   * Why what `end` answers is none to whoever gets it, though requests of the other end were seen; null where it may be one.
   * RFC 1661 §5.2-5.4
   */
  invalidAnswer(
    end: End,
    code: number,
    identifier: number,
    options: readonly NegotiatedOption[],
  ): InvalidAnswer | null {
    const asking = this.ends[otherEnd(end)];
    if (asking.count > 0 && !asking.mayHaveAsked(identifier)) return 'unasked-answer';
    if (code !== negotiationCode.configureAck || options.length > this.limits.bounds['ppp-options']) return null;
    return asking.isOther(identifier, options as readonly Option[]) ? 'other-options-acknowledged' : null;
  }

  /** A packet that `end` sent: what every control protocol has in common, codes 1 to 7. RFC 1661 §5 */
  packet(end: End, packet: NegotiationPacket<Option>, frame: number, instant: Instant): void {
    this.seen(frame, instant);
    const { code, identifier, body } = packet;
    const cut = isCut(packet);
    if (isConfigure(body)) this.configure(end, { code, identifier, options: body.options, cut }, frame, instant);
    else if (code === negotiationCode.terminateRequest) this.terminate(end, body.text ?? null, cut, frame);
    else if (code === negotiationCode.terminateAck) this.turnedAway(end, identifier, frame);
    else if (body.kind === 'code-reject' && body.octets?.[0] === negotiationCode.configureRequest) {
      this.turnedAway(end, body.octets[1] ?? identifier, frame);
    }
  }

  /** A packet with options that `end` sent. */
  private configure(end: End, packet: ConfigurePacket<Option>, frame: number, instant: Instant): void {
    const { code, identifier } = packet;
    const options = this.bounded(packet.options);
    const cut = packet.cut || options.length < packet.options.length;
    const own = this.ends[end];
    const other = this.ends[otherEnd(end)];
    if (code === negotiationCode.configureRequest) {
      own.weighAgain(identifier, options, frame, instant, this.openedFrame > other.lastFrame);
      own.request(identifier, options, cut, frame);
      if (this.openedFrame !== 0 && own.agreed !== null && sameOptions(own.agreed, options)) own.askedAgain += 1;
    } else other.answered(identifier, code, instant);
    if (code === negotiationCode.configureAck) {
      other.acknowledged(options, cut, frame, instant);
      other.agreedAgain = other.askedAgain > 0;
      this.openedAgain();
    } else if (code === negotiationCode.configureNak) other.counter(options, frame);
    else if (code === negotiationCode.configureReject) other.refused(options, frame);
    if (this.openedFrame === 0 && this.ends[0].agreed !== null && this.ends[1].agreed !== null) {
      const later = this.ends[0].agreedFrame > this.ends[1].agreedFrame ? this.ends[0] : this.ends[1];
      this.openedFrame = later.agreedFrame;
      this.openedInstant = later.agreedInstant;
    }
  }

  private bounded(options: readonly Option[]): readonly Option[] {
    const most = this.limits.bounds['ppp-options'];
    if (options.length <= most) return options;
    this.limits.reached('ppp-options');
    return options.slice(0, most);
  }

  /**
   * `end` answers a Configure-Request with Terminate-Ack (its protocol is closed, RFC 1661 §4.1) or with Code-Reject. A
   * Terminate-Ack with another identifier answers a Terminate-Request, which is not in the capture then. RFC 1661 §5.5
   */
  private turnedAway(end: End, identifier: number, frame: number): void {
    const asking = this.ends[otherEnd(end)];
    if (this.terminatedBy !== null || asking.lastIdentifier !== identifier) return;
    asking.turnedAwayFrame ||= frame;
    asking.lastAnswerFrame = frame;
  }

  /** `cut`: the capture does not hold all of it, which its text then shows. RFC 1661 §5.5 */
  private terminate(end: End, text: string | null, cut: boolean, frame: number): void {
    if (this.terminatedBy !== null) return;
    const said = text === null ? null : utf8(this.limits.text(text));
    this.terminateText = cut ? `${said ?? ''}…` : said;
    this.terminatedBy = end;
    this.terminateFrame = frame;
  }

  /** One end does not know the protocol. RFC 1661 §5.7 */
  protocolRejected(frame: number): void {
    this.rejectedFrame ||= frame;
  }

  /** Any packet of the protocol. */
  seen(frame: number, instant: Instant): void {
    if (this.firstFrame === 0) {
      this.firstFrame = frame;
      this.firstInstant = instant;
    }
    this.lastFrame = frame;
    this.lastInstant = instant;
  }

  /** Both ends have asked anew, and have what they asked for: it was negotiated once more. RFC 1661 §4.1 */
  private openedAgain(): void {
    if (!this.ends.every(({ agreedAgain }) => agreedAgain)) return;
    for (const end of this.ends) {
      end.askedAgain = 0;
      end.agreedAgain = false;
    }
  }

  /** Both ends' options were acknowledged, and no end goes on asking: whom the acknowledgment reaches is done. RFC 1661 §4.1 */
  get opened(): boolean {
    return this.openedFrame !== 0 && this.ends.every(({ askedAgain }) => askedAgain < acknowledgedInVain);
  }

  /** After it was open an end has asked once more, and was not acknowledged. */
  get askedAnewInVain(): boolean {
    return this.openedFrame !== 0 && this.ends.some(({ lastFrame, agreedFrame }) => lastFrame > agreedFrame);
  }

  /** An end has asked as often as Max-Configure lets it (10, RFC 1661 §4.6), in vain. */
  get exhausted(): boolean {
    return !this.opened && this.ends.some((requests) => requests.count >= maxConfigure);
  }

  /** It ended with an acknowledgment: nobody asked for or refused anything after it. */
  get settled(): boolean {
    const agreed = Math.max(...this.ends.map(({ agreedFrame }) => agreedFrame));
    return (
      agreed > 0 && this.ends.every(({ lastFrame, lastAnswerFrame }) => Math.max(lastFrame, lastAnswerFrame) <= agreed)
    );
  }

  /**
   * `over`: nothing more will come (the call ended). `opened` stays opened when the link is taken down later.
   * `used`: what only an open protocol allows was seen. With one acknowledgment it is open all the same: the
   * other one is not in the capture.
   */
  outcome(over: boolean, used = false): 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen' {
    if (this.opened) return 'opened';
    if (used && this.ends.some((requests) => requests.agreed !== null)) return 'opened';
    if (this.rejectedFrame !== 0) return 'rejected';
    if (this.firstFrame === 0) return 'not-seen';
    if (this.terminatedBy !== null || over || this.exhausted) return 'failed';
    return 'unfinished';
  }
}

/** The capture does not hold all of the packet. */
export function isCut({ fault }: { readonly fault?: Malformed }): boolean {
  return fault?.boundedBy === 'capture length';
}

function isConfigure<Option>(body: ConfigureBody<Option> | { readonly kind: string }): body is ConfigureBody<Option> {
  return body.kind === 'configure';
}
