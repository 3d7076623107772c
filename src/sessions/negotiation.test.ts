import { describe, expect, it } from 'vitest';
import { at } from '../../test/support/followed.ts';
import { Limits } from '../octets/limits.ts';
import { cutFault, negotiationCode } from '../ppp/control-packet.ts';
import type { Malformed } from '../wire/decoded.ts';
import type { End } from './ends.ts';
import { Negotiation, Requests } from './negotiation.ts';

interface Option {
  readonly name: 'size' | 'colour';
  readonly type: number;
  readonly octets: Uint8Array;
}

const size = (octet: number): Option => ({ name: 'size', type: 1, octets: Uint8Array.of(octet) });
const colour: Option = { name: 'colour', type: 2, octets: Uint8Array.of(9) };
const { configureRequest, configureAck, configureNak, configureReject, terminateRequest, terminateAck, codeReject } =
  negotiationCode;

/** A negotiation that counts its frames and takes a second for each. */
class Talk {
  readonly negotiation = new Negotiation<Option>('size', new Limits());
  private frame = 0;

  says(end: End, code: number, identifier: number, ...options: readonly Option[]): this {
    return this.sends(end, code, identifier, { kind: 'configure', options });
  }

  sends(end: End, code: number, identifier: number, body: Parameters<Talk['packet']>[1]['body']): this {
    this.packet(end, { code, identifier, body });
    return this;
  }

  private packet(end: End, packet: Parameters<Negotiation<Option>['packet']>[1]): void {
    this.frame += 1;
    this.negotiation.packet(end, packet, this.frame, at(this.frame));
  }

  /** Both ends ask for these, and have them acknowledged. */
  open(identifier = 1): this {
    this.says(0, configureRequest, identifier, size(1)).says(1, configureRequest, identifier, size(2));
    return this.says(1, configureAck, identifier, size(1)).says(0, configureAck, identifier, size(2));
  }
}

describe('a negotiation (RFC 1661 §4)', () => {
  it('is open with the acknowledgments of both ends, whichever comes first', () => {
    const talk = new Talk().says(0, configureRequest, 1, size(1)).says(1, configureAck, 1, size(1));
    expect([talk.negotiation.opened, talk.negotiation.outcome(false)]).toEqual([false, 'unfinished']);
    // The request that it answers is not in the capture.
    talk.says(0, configureAck, 9, colour);
    expect([talk.negotiation.opened, talk.negotiation.openedFrame, talk.negotiation.openedInstant]).toEqual([
      true,
      3,
      at(3),
    ]);
    expect(talk.negotiation.ends.map(({ agreed }) => agreed)).toEqual([[size(1)], [colour]]);
  });

  it('fails where an end has asked Max-Configure times in vain, which is 10 (§4.6)', () => {
    const talk = new Talk();
    for (let identifier = 1; identifier <= 9; identifier += 1) talk.says(0, configureRequest, identifier, size(1));
    expect(talk.negotiation.outcome(false)).toBe('unfinished');
    talk.says(0, configureRequest, 10, size(1));
    expect(talk.negotiation.outcome(false)).toBe('failed');
  });

  it('stays open where an end asks again for what it has, until that is no more chance', () => {
    const talk = new Talk().open();
    talk.says(0, configureRequest, 2, size(1)).says(0, configureRequest, 3, size(1));
    expect(talk.negotiation.opened).toBe(true);
    talk.says(0, configureRequest, 4, size(1));
    expect(talk.negotiation.opened).toBe(false);
    expect(talk.negotiation.ends.map(({ askedAgain }) => askedAgain)).toEqual([3, 0]);
  });

  it('is open anew where both ends ask again and have it', () => {
    const talk = new Talk().open();
    for (const identifier of [2, 3, 4]) talk.says(0, configureRequest, identifier, size(1));
    talk.open(5);
    expect(talk.negotiation.opened).toBe(true);
    expect(talk.negotiation.openedFrame).toBe(4);
  });

  it('keeps what an end was refused, and what it was offered instead', () => {
    const talk = new Talk().says(0, configureRequest, 1, size(1), colour);
    talk.says(1, configureNak, 1, size(7)).says(1, configureReject, 1, colour).says(1, configureReject, 1, colour);
    const [asking] = talk.negotiation.ends;
    expect(asking).toMatchObject({ naks: 1, rejects: 2, refusedFrame: 2, lastAnswerFrame: 4 });
    expect([asking.asked, asking.countered, asking.rejected]).toEqual([
      [size(1)],
      [size(7)],
      [{ option: colour, frame: 3 }],
    ]);
  });

  it('is settled with an acknowledgment behind which nobody asks or refuses', () => {
    const talk = new Talk().says(0, configureRequest, 1, size(1)).says(1, configureAck, 1, size(1));
    expect(talk.negotiation.settled).toBe(true);
    expect(talk.negotiation.outcome(true, true)).toBe('opened');
    talk.says(1, configureRequest, 1, size(2));
    expect(talk.negotiation.settled).toBe(false);
  });
});

describe('what is no answer', () => {
  it('has the identifier of no request (RFC 1661 §5.2-5.4), where requests were seen', () => {
    const talk = new Talk();
    expect(talk.negotiation.invalidAnswer(1, configureNak, 5, [])).toBeNull();
    talk.says(0, configureRequest, 4, size(1));
    expect(talk.negotiation.invalidAnswer(1, configureNak, 4, [])).toBeNull();
    expect(talk.negotiation.invalidAnswer(1, configureNak, 5, [])).toBe('unasked-answer');
    // Of the end itself, which has not asked itself.
    expect(talk.negotiation.invalidAnswer(0, configureNak, 5, [])).toBeNull();
  });

  it('may be one to a request that is not remembered any more', () => {
    const talk = new Talk();
    for (let identifier = 1; identifier <= 16; identifier += 1) talk.says(0, configureRequest, identifier, size(1));
    expect(talk.negotiation.invalidAnswer(1, configureNak, 200, [])).toBeNull();
  });

  it('acknowledges other options than were asked for (RFC 1661 §5.2)', () => {
    const talk = new Talk().says(0, configureRequest, 1, size(1), colour);
    expect(talk.negotiation.invalidAnswer(1, configureAck, 1, [size(1), colour])).toBeNull();
    for (const options of [[size(1)], [size(2), colour], [colour, size(1)]]) {
      expect(talk.negotiation.invalidAnswer(1, configureAck, 1, options)).toBe('other-options-acknowledged');
    }
    // A Configure-Nak has other values: it is made for that.
    expect(talk.negotiation.invalidAnswer(1, configureNak, 1, [size(2)])).toBeNull();
  });

  it('cannot be told where an identifier stands for two requests', () => {
    const talk = new Talk().says(0, configureRequest, 1, size(1)).says(0, configureRequest, 1, size(2));
    expect(talk.negotiation.invalidAnswer(1, configureAck, 1, [size(1)])).toBeNull();
  });
});

describe('an end that turns another away', () => {
  const request = (identifier: number) => new Talk().says(0, configureRequest, identifier, size(1));
  const refused = (talk: Talk) => talk.negotiation.ends[0].turnedAwayFrame;
  const empty = { kind: 'terminate' };

  it('answers its request with Terminate-Ack (RFC 1661 §4.1), and no other with that', () => {
    expect(refused(request(3).sends(1, terminateAck, 3, empty))).toBe(2);
    expect(refused(request(3).sends(1, terminateAck, 4, empty))).toBe(0);
  });

  it('answers a Terminate-Request where one was made (RFC 1661 §5.5)', () => {
    expect(refused(request(3).sends(0, terminateRequest, 3, empty).sends(1, terminateAck, 3, empty))).toBe(0);
  });

  it('rejects the code of its request (RFC 1661 §5.6): the identifier is that of the rejected packet', () => {
    const rejected = (...octets: number[]) => ({ kind: 'code-reject', octets: Uint8Array.from(octets) });
    expect(refused(request(3).sends(1, codeReject, 77, rejected(configureRequest, 3, 0, 4)))).toBe(2);
    expect(refused(request(3).sends(1, codeReject, 77, rejected(configureRequest, 8, 0, 4)))).toBe(0);
    expect(refused(request(3).sends(1, codeReject, 77, rejected(12, 3, 0, 4)))).toBe(0);
  });
});

describe('who ends it', () => {
  it('is who asks first, with its words, which a cut packet shows as such', () => {
    const said = (text: string, fault?: Malformed) => {
      const body = { kind: 'terminate', text };
      const packet = { code: terminateRequest, identifier: 2, body, ...(fault === undefined ? {} : { fault }) };
      const { negotiation } = new Talk().open();
      negotiation.packet(1, packet, 9, at(9));
      negotiation.packet(0, { ...packet, body: { ...body, text: 'and me' } }, 10, at(10));
      return [negotiation.terminatedBy, negotiation.terminateFrame, negotiation.terminateText];
    };
    const cut = cutFault(20, 11);
    expect(said('peer is gone')).toEqual([1, 9, 'peer is gone']);
    expect(said('peer is', cut ?? undefined)).toEqual([1, 9, 'peer is…']);
  });
});

describe('a request that comes again though it was answered', () => {
  function again(code: number, seconds: number, open: boolean, options = [size(1)]): Requests<Option>['unheard'] {
    const requests = new Requests<Option>('size', new Limits());
    requests.request(1, [size(1)], false, 1);
    requests.answered(1, code, at(10));
    requests.weighAgain(1, options, 2, at(10 + seconds), open);
    return requests.unheard;
  }

  it('shows that the answer was lost on the way', () => {
    expect(again(configureNak, 1, false)).toEqual({ times: 1, frame: 2 });
    expect(again(configureNak, 1, false, [size(2)])).toBeNull();
  });

  it('was under way where it came at the same time', () => {
    expect(again(configureNak, 0.04, false)).toBeNull();
  });

  it('may begin anew where it was acknowledged, and its sender is not done (RFC 1661 §4.1)', () => {
    expect(again(configureAck, 1, false)).toBeNull();
    expect(again(configureAck, 1, true)).toEqual({ times: 1, frame: 2 });
  });
});
