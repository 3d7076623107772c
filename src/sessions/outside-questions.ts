/** Questions for names (RFC 1035 §4.1) that a client asks beside its tunnel, though the tunnel gave it name servers (RFC 1877). */
import type { Packet } from '../dissect/packet.ts';
import type { AddressBook } from '../octets/address.ts';
import { buildNetwork } from './build-network.ts';
import type { CallState } from './call-state.ts';
import type { OutsideQuestions } from './model/evidence.ts';

const mostServers = 4;

/** Those of one call. */
export class OutsideQuestionsState {
  private questions = 0;
  private firstFrame = 0;
  private lastFrame = 0;
  private readonly servers: number[] = [];

  add({ frame, destination }: Packet): void {
    this.questions += 1;
    if (this.questions === 1) this.firstFrame = frame;
    this.lastFrame = frame;
    if (this.servers.length < mostServers && !this.servers.includes(destination)) this.servers.push(destination);
  }

  model(addresses: AddressBook): OutsideQuestions {
    const { questions, firstFrame, lastFrame, servers } = this;
    return { questions, firstFrame, lastFrame, servers: servers.map((server) => addresses.text(server)) };
  }
}

/** A question from the address that sent the first packet of the call's tunnel: it counts where that is known to be the client. */
export function askedOutside(call: CallState, question: Packet): void {
  const { tunnel } = call;
  if (tunnel.roles === 'unknown' || tunnel.address(tunnel.clientEnd) !== question.source) return;
  const { link, endedInstant } = call.said;
  if (endedInstant !== null || link.terminate !== null) return;
  if (call.outsideQuestions === null) {
    const { ipcp, dns } = buildNetwork(link, false, false, tunnel.clientEnd);
    if (ipcp !== 'opened' || dns.length === 0) return;
    call.outsideQuestions = new OutsideQuestionsState();
  }
  call.outsideQuestions.add(question);
}
