/** What comes about on the control connection of a tunnel: that it opens and ends, and what it says of calls. RFC 2637 §2 */
import { fieldText } from '../octets/printable.ts';
import { controlMessageType, isSuccess } from '../pptp/names.ts';
import type { CallState } from './call-state.ts';
import type { ControlConnection } from './control-connection.ts';
import { otherEnd, sideOf } from './ends.ts';
import type { EventMoment, Told } from './told.ts';

export class ControlEvents {
  private readonly told: Told;

  constructor(told: Told) {
    this.told = told;
  }

  /** A segment of it was taken in. */
  connection(connection: ControlConnection, moment: EventMoment): void {
    const { told } = this;
    const { tunnel, handshake } = connection;
    const marks = told.tunnel(tunnel, moment);
    const about = told.about(tunnel, null, moment);
    if (!marks.connected && handshake.connected) {
      marks.connected = true;
      const { seconds } = handshake;
      const handshakeMilliseconds = seconds === null ? null : Math.round(seconds * 1e6) / 1e3;
      told.say({ ...about, kind: 'tcp-connected', handshakeMilliseconds });
      told.passed(tunnel, null);
    }
    if (!marks.refused && handshake.refused) {
      marks.refused = true;
      told.say({ ...about, kind: 'tcp-refused' });
      told.judge(tunnel, null);
    }
    if (!marks.started) marks.started = this.started(connection, moment);
    if (marks.closed || connection.closedBy === null || connection.closedWith === null) return;
    marks.closed = true;
    // A refusal was said.
    if (handshake.refused) return;
    const by = sideOf(tunnel.clientEnd)(connection.closedBy);
    told.say({ ...about, kind: 'control-closed', by, with: connection.closedWith });
    told.judge(tunnel, null);
  }

  /** Says what the reply to the start says; false where there is none yet. */
  private started(connection: ControlConnection, moment: EventMoment): boolean {
    const { told } = this;
    const { tunnel, messages } = connection;
    const { startResultCode: resultCode } = messages;
    if (messages.startReplyFrame === 0 || resultCode === null) return false;
    const parameters = messages.startParameters[otherEnd(tunnel.clientEnd)];
    const reply = parameters?.controlMessageType === controlMessageType.startControlConnectionReply ? parameters : null;
    const accepted = isSuccess(resultCode);
    told.say({
      ...told.about(tunnel, null, moment),
      kind: 'control-started',
      accepted,
      resultCode,
      vendorName: reply?.vendorName === undefined ? null : fieldText(reply.vendorName),
      hostName: reply?.hostName === undefined ? null : fieldText(reply.hostName),
    });
    if (accepted) told.passed(tunnel, null);
    else told.judge(tunnel, null);
    return true;
  }

  /** What control messages say of a call. */
  call(call: CallState, moment: EventMoment): void {
    const { told } = this;
    const { tunnel } = call;
    if (call.kind === 'unsignalled') return;
    const marks = told.call(call);
    const side = sideOf(tunnel.clientEnd);
    const about = told.about(tunnel, marks.id, moment);
    if (!marks.requested && call.said.requestedBy !== null) {
      marks.requested = true;
      told.say({ ...about, kind: 'call-requested', by: side(call.said.requestedBy) });
    }
    if (!marks.replied && call.said.replyFrame !== null && call.said.resultCode !== null) {
      marks.replied = true;
      const client = tunnel.clientEnd;
      if (call.connected) {
        const clientCallId = call.callId(client);
        const serverCallId = call.callId(otherEnd(client));
        told.say({ ...about, kind: 'call-connected', clientCallId, serverCallId });
      } else {
        const { resultCode, errorCode, causeCode } = call.said;
        const reply = call.kind === 'incoming' ? 'incoming' : 'outgoing';
        told.say({ ...about, kind: 'call-refused', reply, resultCode, errorCode, causeCode });
      }
      told.judge(tunnel, call);
    }
    const { clearRequest, disconnect } = call.said;
    const by = (clearRequest ?? disconnect)?.by;
    if (marks.disconnected || by === undefined) return;
    marks.disconnected = true;
    told.say({ ...about, kind: 'disconnected', by: side(by), resultCode: disconnect?.resultCode ?? null });
    told.judge(tunnel, call);
  }
}
