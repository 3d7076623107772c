import { describe, expect, it } from 'vitest';
import { Limits } from '../octets/limits.ts';
import { negotiationCode } from '../ppp/control-packet.ts';
import { MppeOption } from './mppe-option.ts';

const { configureRequest, configureAck, configureNak, configureReject } = negotiationCode;

describe("MPPE's option (RFC 3078 §2)", () => {
  it('is of who asks, in the answers of the other end too', () => {
    const option = new MppeOption(new Limits());
    option.configure(0, configureRequest, 0x0100_0060, 3);
    option.configure(1, configureNak, 0x0100_0040, 4);
    option.configure(0, configureRequest, 0x0100_0040, 5);
    option.configure(1, configureAck, 0x0100_0040, 6);
    expect(option.model(0)).toEqual({
      client: {
        requested: [0x0100_0060, 0x0100_0040],
        countered: [0x0100_0040],
        rejectedFrame: null,
        acknowledged: 0x0100_0040,
        requestFrame: 3,
      },
      server: null,
    });
    expect(option.model(1).server).toEqual(option.model(0).client);
  });

  it('is listed once however often it is asked for', () => {
    const option = new MppeOption(new Limits());
    option.configure(1, configureRequest, 0x40, 3);
    option.configure(1, configureRequest, 0x40, 5);
    expect(option.model(0).server).toMatchObject({ requested: [0x40], requestFrame: 3 });
  });

  it('is rejected with the option, or with all of CCP (RFC 1661 §5.7), the first time', () => {
    const option = new MppeOption(new Limits());
    option.configure(0, configureRequest, 0x40, 3);
    option.protocolRejected(1, 4);
    option.configure(1, configureReject, 0x40, 5);
    expect(option.model(0).client?.rejectedFrame).toBe(4);
    // Who asked for nothing has nothing rejected.
    option.protocolRejected(0, 6);
    expect(option.model(0).server).toBeNull();
  });
});
