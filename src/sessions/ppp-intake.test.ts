import { describe, expect, it } from 'vitest';
import { flowOf, greOf, newCall, newTunnel, packetAt } from '../../test/support/followed.ts';
import { Limits } from '../octets/limits.ts';
import { Window } from '../octets/window.ts';
import { headerField, PppView } from '../ppp/view.ts';
import type { CallState } from './call-state.ts';
import { Dormitory } from './dormitory.ts';
import type { GreFlow } from './gre-flow.ts';
import { PppIntake } from './ppp-intake.ts';
import { Tunnels } from './tunnels.ts';

/** Takes PPP frames of one flow in, each in a GRE packet of its own, and notes when the flow is to be settled. */
class Intake {
  settled = 0;
  readonly limits = new Limits();
  private readonly flow: GreFlow;
  private readonly intake = new PppIntake(new Tunnels(this.limits, new Dormitory()), this.limits, {
    settle: () => {
      this.settled += 1;
    },
  });
  private frame = 0;

  constructor(flow: GreFlow) {
    this.flow = flow;
  }

  takes(octets: readonly number[], numbers: Parameters<typeof greOf>[0] = {}): this {
    this.frame += 1;
    const window = new Window(Uint8Array.from(octets));
    const end = octets.length;
    const packet = Object.assign(packetAt(this.frame, this.frame), { window, end, wireLength: end });
    const gre = Object.assign(greOf(numbers), { payloadEnd: end, payloadLength: end });
    const ppp = new PppView();
    ppp.at(window.view, 0, end);
    this.intake.take(this.flow, packet, gre, ppp, true);
    return this;
  }
}

/** The flow that end 0 sends in a call. */
function bound(call: CallState): GreFlow {
  const flow = flowOf(0);
  call.bind(0, flow);
  return flow;
}

const header = [0xff, 3];
const lcp = [0xc0, 0x21];
const configureRequest = [1, 1, 0, 4];

describe('user data', () => {
  it('is counted by its protocol (RFC 2637 §4.1, RFC 3078 §3)', () => {
    const flow = bound(newCall());
    new Intake(flow).takes([...header, 0x00, 0x21, 0x45]).takes([...header, 0x00, 0xfd, 0x90, 0x00, 7]);
    expect([flow.clearData?.packets, flow.compressedData?.encryptedBit, flow.userOctets]).toEqual([1, 1, 4]);
    expect([flow.firstDataFrame, flow.lastDataFrame]).toEqual([1, 2]);
  });

  it('is none of it where a sender pads (RFC 1661 §2) or nobody has given out the number', () => {
    const call = newCall();
    const flow = bound(call);
    new Intake(flow).takes([...header, 0x00, 0x01, 0, 0]).takes([...header, 0x00, 0x22, 0, 0]);
    expect([flow.userOctets, flow.firstDataFrame]).toEqual([0, 0]);
    expect([...call.link.others]).toEqual([[0x0022, 1]]);
  });
});

describe('a control packet', () => {
  it('goes to the link of its call', () => {
    const call = newCall();
    new Intake(bound(call)).takes([...header, ...lcp, ...configureRequest]);
    expect(call.link.lcp.ends.map(({ count }) => count)).toEqual([1, 0]);
  });

  it('waits until it is known which call that is, and asks for that when 64 wait', () => {
    const flow = flowOf(0);
    const intake = new Intake(flow);
    for (let count = 1; count <= 63; count += 1) intake.takes([...header, ...lcp, ...configureRequest]);
    expect([intake.settled, flow.waiting?.length]).toEqual([0, 63]);
    intake.takes([...header, ...lcp, ...configureRequest]);
    expect([intake.settled, flow.waiting?.length]).toEqual([1, 64]);
    // There was no place for its call.
    intake.takes([...header, ...lcp, ...configureRequest]);
    expect([intake.settled, flow.waiting?.length]).toEqual([1, 64]);
    const call = newCall();
    call.bind(0, flow);
    call.takeWaiting(flow);
    expect([call.link.lcp.ends[0].count, flow.waiting]).toEqual([64, null]);
  });

  it('inside a multilink fragment is read where it is whole (RFC 1990 §3)', () => {
    const multilink = (flags: number) => [...header, 0x00, 0x3d, flags, 0, 0, 1, ...lcp, ...configureRequest];
    const call = newCall();
    const intake = new Intake(bound(call)).takes(multilink(0xc0));
    expect(call.link.lcp.ends[0].count).toBe(1);
    intake.takes(multilink(0x80));
    expect([call.link.lcp.ends[0].count, call.flow(0)?.oddities.multilinkPackets]).toEqual([1, 2]);
  });
});

describe('an answer that answers nothing', () => {
  const ack = [...header, ...lcp, 2, 9, 0, 4];

  /** A call whose end 1 has asked with another identifier, and sent packets up to that number. */
  function asked(last: number): CallState {
    const call = newCall(newTunnel());
    call.link.lcp.ends[1].request(1, [], false, 1);
    call.bind(1, flowOf(1, ...Array.from({ length: last + 1 }, (_, number) => [1, 0, { sequence: number }] as const)));
    return call;
  }

  it('is an anomaly and no acknowledgment where the capture holds all that its sender had received', () => {
    const call = asked(3);
    new Intake(bound(call)).takes(ack, { acknowledgment: 3 });
    expect(call.said.anomalies).toMatchObject([{ frame: 1, code: 'unasked-answer' }]);
    expect(call.link.lcp.ends[1].agreed).toBeNull();
  });

  it('may answer what the capture lacks', () => {
    for (const numbers of [{ acknowledgment: 4 }, {}]) {
      const call = asked(3);
      new Intake(bound(call)).takes(ack, numbers);
      expect(call.said.anomalies).toEqual([]);
      expect(call.link.lcp.ends[1].agreed).toEqual([]);
    }
  });
});

describe("PPP's header", () => {
  it('has its address and control fields before LCP that opens and ends the link, whatever was agreed (RFC 1661 §6.6)', () => {
    const flow = bound(newCall());
    const intake = new Intake(flow).takes([...lcp, ...configureRequest]);
    expect(flow.oddities.headers).toMatchObject({ addressAndControl: 1, addressAndControlFrame: 1, protocol: 0 });
    // Linux leaves them out of Echo-Requests.
    intake.takes([...lcp, 9, 1, 0, 8, 0, 0, 0, 0]);
    expect(flow.oddities.headers?.addressAndControl).toBe(1);
  });

  it('may be shortened for the rest as agreed', () => {
    const flow = bound(newCall());
    const intake = new Intake(flow).takes([0x21, 0x45, 0, 0, 0]);
    expect(flow.oddities.headers).toBeNull();
    flow.wholeFields = headerField.protocol;
    intake.takes([0x21, 0x45, 0, 0, 0]);
    expect(flow.oddities.headers).toMatchObject({ protocol: 1, protocolFrame: 2, addressAndControl: 0 });
  });
});
