import { describe, expect, it } from 'vitest';
import { MppeSender } from '../../test/support/mppe-sender.ts';
import { octets } from '../../test/support/packets.ts';
import { call, tunnel } from '../../test/support/reports.ts';
import { type KeyBits, masterSessionKey } from '../crypto/mppe-keys.ts';
import { hashNtPasswordHash } from '../crypto/ms-chap.ts';
import type { MppePacket } from '../mppe/coherency.ts';
import { hex } from '../octets/hex.ts';
import { Limits } from '../octets/limits.ts';
import { nothingInside } from './call-inside.ts';
import { type ConfirmedExchange, credentialOfPassword } from './call-keys.ts';
import { KeyAccounts } from './key-accounts.ts';
import { KeyTrial } from './key-trial.ts';

const { authentication, encryption } = call();
const [exchange] = authentication;

/** An exchange by MS-CHAPv2 that the server asked for, with this password and any NT-Response. */
function exchangeWith(password: string, responseOctet: number): ConfirmedExchange {
  if (exchange === undefined) throw new Error('a call without authentication');
  const response = hex(new Uint8Array(49).fill(responseOctet));
  return {
    exchange: { ...exchange, protocol: 'ms-chap-v2', authenticator: 'server' },
    attempt: {
      user: 'alice',
      identifier: 1,
      challenge: '',
      response,
      challengeFrame: 1,
      responseFrame: 2,
      outcome: 'success',
    },
    credential: credentialOfPassword(password),
    serverKnowsPassword: null,
  };
}

/** The client of a call with these exchanges, as RFC 3079 §3.4 gives it its key. */
class Client {
  private readonly mppe: MppeSender;
  private sequence: number;

  constructor({ credential, attempt }: ConfirmedExchange, bits: KeyBits, stateless: boolean, sequence = 0) {
    const response = Uint8Array.from(attempt.response.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    const master = masterSessionKey(hashNtPasswordHash(credential.ntHash), response.subarray(24, 48), 'peer', bits);
    this.mppe = new MppeSender(master, bits, stateless);
    this.sequence = sequence;
  }

  sends(packet: Uint8Array): MppePacket {
    this.sequence += 1;
    const { word, octets: encrypted } = this.mppe.send(packet);
    return { word, octets: encrypted, cut: 0, sequence: this.sequence, others: 0 };
  }
}

/** The password `secret`, and the same once more with another response. */
const first = exchangeWith('secret', 1);
const second = exchangeWith('secret', 2);

/** IPv6 with 8 octets of UDP. RFC 8200 §3 */
const ip = octets(0, 0x57, [0x60, 0, 0, 0, 0, 8, 17, 64], new Uint8Array(32), new Uint8Array(8));
/** IPX, which nothing tells from noise but its number. RFC 1552 */
const ipx = octets(0, 0x2b, new Uint8Array(40));

/** What the client of a call sends, where 128 bits and stateless mode were agreed. */
function trial(...confirmed: readonly ConfirmedExchange[]): KeyTrial<MppePacket> {
  const agreed = call({ encryption: { ...encryption, bits: 128, stateless: true } });
  const inside = { tunnel: tunnel(), call: agreed, confirmed, packets: nothingInside() };
  const before = { sequence: null, others: 0 };
  return new KeyTrial({ inside, from: 'client', before, keysMade: 0 }, new KeyAccounts(new Limits()));
}

const shown = (found: readonly { readonly octets: Uint8Array }[]) => found.map(({ octets: one }) => hex(one));

describe('the key that opens packets', () => {
  it.each([
    [128, true],
    [40, true],
    [56, false],
  ] as const)('is found at the first IP packet, though it has %d bits and stateless is %s', (bits, stateless) => {
    const client = new Client(first, bits, stateless);
    const keys = trial(first);
    expect(shown(keys.open(client.sends(ip)))).toEqual([hex(ip)]);
    expect(shown(keys.open(client.sends(ipx)))).toEqual([hex(ipx)]);
  });

  it('is the agreed one where four packets in a row begin as packets do, and none does not', () => {
    const client = new Client(first, 128, true);
    const keys = trial(first);
    for (let count = 1; count <= 3; count += 1) expect(keys.open(client.sends(ipx))).toEqual([]);
    expect(shown(keys.open(client.sends(ipx)))).toEqual([hex(ipx), hex(ipx), hex(ipx), hex(ipx)]);
  });

  it('is none where nothing follows: what waited stays encrypted', () => {
    const client = new Client(first, 128, true);
    const keys = trial(first);
    for (let count = 1; count <= 3; count += 1) keys.open(client.sends(ipx));
    expect(keys.finish()).toEqual([]);
    expect(keys.undecrypted.unreadable).toBe(3);
  });

  it('is of another password: nothing is opened', () => {
    const client = new Client(exchangeWith('another', 1), 128, true);
    const keys = trial(first);
    for (let count = 0; count < 20; count += 1) expect(keys.open(client.sends(ip))).toEqual([]);
  });
});

describe('authentication once more, with other keys', () => {
  /** Of packets with the new keys of which so many are missing, what is opened. */
  function opened(missing: number, ...confirmed: readonly ConfirmedExchange[]): string[] {
    const keys = trial(...confirmed);
    const before = new Client(first, 128, true);
    for (let count = 0; count < 3; count += 1) keys.open(before.sends(ip));
    const anew = new Client(second, 128, true, 3);
    for (let count = 0; count < missing; count += 1) anew.sends(ip);
    return shown(keys.open(anew.sends(ip)));
  }

  it('is noticed at the beginning of their count, of which 63 packets may be missing', () => {
    expect(opened(0, first, second)).toEqual([hex(ip)]);
    expect(opened(63, first, second)).toEqual([hex(ip)]);
    expect(opened(64, first, second)).toEqual([]);
  });

  it('is not where the capture holds one exchange alone', () => {
    expect(opened(0, first)).toEqual([]);
  });
});
