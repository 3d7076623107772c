import { describe, expect, it } from 'vitest';
import { at, controlPacket } from '../../test/support/followed.ts';
import { Limits } from '../octets/limits.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import { headerField } from '../ppp/view.ts';
import type { End } from './ends.ts';
import { PppLink } from './ppp-link.ts';

const magic = (last: number): number[] => [5, 6, 1, 2, 3, last];
const protocolFieldCompression = [7, 2];
const addressAndControlFieldCompression = [8, 2];

/** A link whose packets are a second apart, each a frame. */
class Link extends PppLink {
  private frame = 0;

  sends(end: End, protocol: number, code: number, identifier: number, data: readonly number[] = []): this {
    this.frame += 1;
    this.packet(end, controlPacket(protocol, code, identifier, data), this.frame, at(this.frame));
    return this;
  }

  /** LCP in which each end asks for these options, and has them. */
  opened(one: readonly number[], other: readonly number[]): this {
    this.sends(0, pppProtocol.lcp, 1, 1, one).sends(1, pppProtocol.lcp, 2, 1, one);
    return this.sends(1, pppProtocol.lcp, 1, 1, other).sends(0, pppProtocol.lcp, 2, 1, other);
  }
}

const link = (): Link => new Link(new Limits());

describe("what may be left out of PPP's header", () => {
  it('is what the other end asked for (RFC 1661 §6.5, §6.6)', () => {
    const opened = link().opened([...protocolFieldCompression, ...addressAndControlFieldCompression], magic(1));
    expect([opened.wholeFields(0), opened.wholeFields(1)]).toEqual([
      headerField.protocol | headerField.addressAndControl,
      0,
    ]);
    const half = link().opened(protocolFieldCompression, addressAndControlFieldCompression);
    expect([half.wholeFields(0), half.wholeFields(1)]).toEqual([headerField.protocol, headerField.addressAndControl]);
  });

  it('is not known before LCP has opened', () => {
    const half = link().sends(0, pppProtocol.lcp, 1, 1, magic(1)).sends(1, pppProtocol.lcp, 2, 1, magic(1));
    expect([half.wholeFields(0), half.wholeFields(1)]).toEqual([0, 0]);
  });
});

describe('a magic number (RFC 1661 §6.4)', () => {
  const echo = (last: number): number[] => magic(last).slice(2);

  it('that an end is sent back shows a loop, or a sender that copies', () => {
    const looped = link().opened(magic(1), magic(2)).sends(1, pppProtocol.lcp, 9, 1, echo(1));
    expect(looped.ownMagicNumber).toEqual({ frame: 5, by: 1, name: 'Echo-Request' });
  });

  it("shows none where it is the sender's, or both have the same", () => {
    expect(link().opened(magic(1), magic(2)).sends(1, pppProtocol.lcp, 9, 1, echo(2)).ownMagicNumber).toBeNull();
    expect(link().opened(magic(1), magic(1)).sends(1, pppProtocol.lcp, 9, 1, echo(1)).ownMagicNumber).toBeNull();
  });

  it('of 0 is none (§5.8)', () => {
    const zero = [5, 6, 0, 0, 0, 0];
    expect(link().opened(zero, magic(2)).sends(1, pppProtocol.lcp, 9, 1, [0, 0, 0, 0]).ownMagicNumber).toBeNull();
  });
});

describe('an alert of TLS inside EAP (RFC 5216 §3)', () => {
  // Type 13, no flags; a record of type 21, TLS 1.2, 2 octets: level and description. RFC 5246 §7.2
  const alert = (description: number): number[] => [13, 0, 21, 3, 3, 0, 2, 2, description];

  it('says why the handshake ended, and close_notify nothing', () => {
    const closed = link().sends(0, pppProtocol.eap, 2, 1, alert(0));
    expect(closed.tlsAlert).toBeNull();
    closed.sends(0, pppProtocol.eap, 2, 2, alert(48)).sends(1, pppProtocol.eap, 1, 3, alert(40));
    expect(closed.tlsAlert).toEqual({ frame: 2, by: 0, description: 48 });
  });
});

describe('LCP', () => {
  it('is open where packets flow that only an open link carries (RFC 1661 §3.4)', () => {
    expect(link().lcpOpen).toBe(false);
    expect(link().sends(0, pppProtocol.lcp, 1, 1, magic(1)).lcpOpen).toBe(false);
    for (const [protocol, code] of [
      [pppProtocol.lcp, 9],
      [pppProtocol.pap, 1],
      [pppProtocol.ipcp, 1],
      [pppProtocol.ipv6cp, 1],
      [pppProtocol.ccp, 1],
    ] as const) {
      expect(link().sends(0, protocol, code, 1, [0, 0, 0, 0]).lcpOpen).toBe(true);
    }
  });

  it('lists each method that an end demands or offers once (RFC 1661 §6.2)', () => {
    const pap = [3, 4, 0xc0, 0x23];
    const asked = link().sends(1, pppProtocol.lcp, 1, 1, pap).sends(1, pppProtocol.lcp, 1, 2, pap);
    asked.sends(0, pppProtocol.lcp, 3, 2, [3, 5, 0xc2, 0x23, 0x81]);
    expect(asked.proposals).toEqual([
      { by: 1, protocol: 'pap', demanded: true, frame: 1 },
      { by: 0, protocol: 'ms-chap-v2', demanded: false, frame: 3 },
    ]);
  });

  it('rejects protocols as a whole (RFC 1661 §5.7)', () => {
    const rejected = link().sends(0, pppProtocol.lcp, 8, 1, [0x80, 0xfd, 1, 1, 0, 4]);
    expect(rejected.protocolRejects).toEqual([{ frame: 1, by: 0, protocol: pppProtocol.ccp }]);
    expect([rejected.ccp?.rejectedFrame, rejected.ipcp]).toEqual([1, null]);
  });
});

describe('the first Terminate-Request', () => {
  it('ends the link, and how long nothing was negotiated before it is told', () => {
    const ended = link().opened(magic(1), magic(2)).sends(0, pppProtocol.ipcp, 1, 1, [3, 6, 0, 0, 0, 0]);
    ended.sends(1, pppProtocol.lcp, 9, 1, [0, 0, 0, 0]).sends(1, pppProtocol.lcp, 5, 9, [0x62, 0x79, 0x65]);
    ended.sends(0, pppProtocol.lcp, 5, 9);
    expect(ended.terminate).toEqual({ by: 1, frame: 7, instant: at(7), text: 'bye' });
    expect(ended.stillBeforeTermination()).toBe(2);
  });
});
