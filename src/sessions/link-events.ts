/** What comes about on the GRE flows of a call and on its PPP link: the first packets, and each step of PPP (RFC 1661 §3.2). */
import type { CallState } from './call-state.ts';
import { otherEnd, sideOf } from './ends.ts';
import type { NegotiationUndone, TunnelEventBase } from './events.ts';
import type { Call } from './model/call.ts';
import type { Side } from './model/side.ts';
import type { CallMarks, EventMoment, Told } from './told.ts';

/** Configure-Requests of one side, with no GRE of the other, after which its silence is said. */
const requestsInVain = 3;

/** A call of which something is to be said, and what all events of it say in common. */
interface ToldCall {
  readonly call: CallState;
  readonly marks: CallMarks;
  readonly about: TunnelEventBase;
}

export class LinkEvents {
  private readonly told: Told;

  constructor(told: Told) {
    this.told = told;
  }

  /** A PPP control packet of a call, or the first packet or user data of a direction, was taken in. `model`: the call by now. */
  call(call: CallState, model: Call, moment: EventMoment): void {
    const marks = this.told.call(call);
    const toldCall = { call, marks, about: this.told.about(call.tunnel, marks.id, moment) };
    this.flows(toldCall);
    this.link(toldCall, model);
    this.unanswered(toldCall, model.lcp.configureRequests);
  }

  private flows({ call, marks, about }: ToldCall): void {
    const { told } = this;
    const { tunnel } = call;
    const side = sideOf(tunnel.clientEnd);
    for (const end of [0, 1] as const) {
      const flow = call.flow(end);
      if (flow === null) continue;
      if (!marks.greSeen[end] && flow.packets > 0) {
        marks.greSeen[end] = true;
        told.say({ ...about, kind: 'gre-seen', from: side(end) });
        told.passed(tunnel, call);
      }
      if (marks.dataSeen[end] || flow.firstDataFrame === 0) continue;
      marks.dataSeen[end] = true;
      told.say({ ...about, kind: 'first-data', from: side(end), encrypted: flow.hasEncrypted });
      told.judge(tunnel, call);
    }
  }

  private link(toldCall: ToldCall, { lcp, authentication, encryption, network }: Call): void {
    const { told } = this;
    const { call, about } = toldCall;
    const { tunnel } = call;
    if (this.opens(toldCall, 'lcp', lcp.openedFrame)) {
      const demanded = (one: Side): string | null => lcp[one]?.authenticationProtocol ?? null;
      told.say({
        ...about,
        kind: 'lcp-opened',
        authentication: { client: demanded('client'), server: demanded('server') },
      });
      told.passed(tunnel, call);
    }
    this.authentication(toldCall, authentication);
    if (this.opens(toldCall, 'encryption', encryption.openedFrame)) {
      const { method, bits, stateless } = encryption;
      told.say({ ...about, kind: 'encryption-agreed', method, bits, stateless });
      told.judge(tunnel, call);
    }
    if (this.opens(toldCall, 'network', network.openedFrame)) {
      const { clientAddress, serverAddress } = network;
      told.say({ ...about, kind: 'network-opened', clientAddress, serverAddress });
      told.passed(tunnel, call);
    }
    this.terminated(toldCall, lcp.terminateText);
  }

  /** Whether a stage is open that was not before. One that was and is no more is taken back. */
  private opens({ call, marks, about }: ToldCall, stage: NegotiationUndone['stage'], frame: number | null): boolean {
    const said = marks.open[stage];
    marks.open[stage] = frame !== null;
    if (said && frame === null) {
      this.told.say({ ...about, kind: 'negotiation-undone', stage });
      this.told.judge(call.tunnel, call);
    }
    return !said && frame !== null;
  }

  private authentication({ call, marks, about }: ToldCall, exchanges: Call['authentication']): void {
    for (const { protocol, authenticator } of exchanges.slice(marks.asked)) {
      marks.asked += 1;
      this.told.say({ ...about, kind: 'authentication-asked', protocol, by: authenticator });
    }
    const decided = exchanges.reduce((sum, { outcome, evidence }) => {
      return sum + evidence.failureFrames.length + (outcome === 'success' ? 1 : 0);
    }, 0);
    const last = exchanges.findLast(({ outcome }) => outcome !== 'unfinished');
    if (decided <= marks.verdicts || last === undefined) return;
    marks.verdicts = decided;
    const { protocol, authenticator, user, errorCode, message, outcome } = last;
    const kind = outcome === 'success' ? 'authentication-succeeded' : 'authentication-failed';
    this.told.say({ ...about, kind, protocol, by: authenticator, user, errorCode, message });
    this.told.judge(call.tunnel, call);
  }

  private terminated({ call, marks, about }: ToldCall, text: string | null): void {
    const { tunnel, link } = call;
    if (marks.terminated || link.terminate === null) return;
    marks.terminated = true;
    const by = sideOf(tunnel.clientEnd)(link.terminate.by);
    this.told.say({ ...about, kind: 'link-terminated', by, text, windowsErrorCode: link.windowsErrorCode });
    this.told.judge(tunnel, call);
  }

  /** One side asks for LCP again and again, and of the other no GRE comes at all. */
  private unanswered({ call, marks, about }: ToldCall, requests: Readonly<Record<Side, number>>): void {
    const { tunnel } = call;
    const side = sideOf(tunnel.clientEnd);
    for (const end of [0, 1] as const) {
      const other = call.flow(otherEnd(end));
      const from = side(end);
      if (marks.greUnanswered || (other !== null && other.packets > 0)) continue;
      // Who acknowledges has heard the other: only the capture lacks it.
      if (requests[from] < requestsInVain || (call.flow(end)?.acknowledging ?? -1) >= 0) continue;
      marks.greUnanswered = true;
      this.told.say({ ...about, kind: 'gre-unanswered', from, requests: requests[from] });
      this.told.judge(tunnel, call);
    }
  }
}
