/** Weaker encryption than was offered. */
import { type MppeStrength, strongest } from '../../ppp/ccp.ts';
import { sides } from '../../sessions/ends.ts';
import type { MppeNegotiation } from '../../sessions/model/encryption.ts';
import type { CaptureRule, PlacedHit } from './rule.ts';

/** A call with weaker encryption than was asked for. */
interface Weakened {
  readonly tunnel: string;
  readonly call: string;
  /** Its address. */
  readonly server: string;
  readonly by: 'client' | 'server' | 'both';
  readonly asked: number;
  readonly bits: number;
  readonly used: boolean;
  readonly frames: readonly (number | null)[];
}

function willing(requests: MppeNegotiation | null): MppeStrength | null {
  return strongest((requests?.requested ?? []).reduce((all, bits) => all | bits, 0));
}

export const mppeDowngrade: CaptureRule = {
  id: 'mppe-downgrade',
  title: 'Weaker encryption than was offered',
  severity: 'high',
  what: 'A stronger MPPE than the agreed one was asked for.',
  why: 'CCP has no protection: who sits on the way can edit the supported bits, and both sides take the weaker encryption for what the other wanted.',
  advice: 'Require 128 bit on both sides, so that weaker ones end the link, and find out who lowered it.',
  references: ['RFC 3078 §2, §9'],
  evidence:
    'A request for MPPE with a stronger bit than the strongest of the acknowledged ones. Medium where only one side asked for that, and the server agreed to it with nobody else: it may not be able to.',
  scope: 'capture',
  look() {
    /** The strongest encryption that each server agreed to with anybody. */
    const best = new Map<string, MppeStrength>();
    const weakened: Weakened[] = [];
    return {
      see: (tunnel) => {
        const { address } = tunnel.server;
        for (const call of tunnel.calls) {
          const { bits, mppeNegotiation } = call.encryption;
          if (bits === null) continue;
          if (bits > (best.get(address) ?? 0)) best.set(address, bits);
          const stronger = sides.filter((side) => (willing(mppeNegotiation[side]) ?? 0) > bits);
          const [side] = stronger;
          if (side === undefined) continue;
          const requests = stronger.map((one) => mppeNegotiation[one]);
          weakened.push({
            tunnel: tunnel.id,
            call: call.id,
            server: address,
            by: stronger.length === 2 ? 'both' : side,
            asked: Math.max(...requests.map((one) => willing(one) ?? 0)),
            bits,
            used: call.encryption.encryptedPackets > 0,
            frames: [...requests.map((one) => one?.requestFrame ?? null), call.encryption.openedFrame],
          });
        }
      },
      hits: () => weakened.map((one) => hitOf(one, (best.get(one.server) ?? 0) >= one.asked)),
    };
  },
};

/** `elsewhere`: the server agreed to the stronger encryption with others. */
function hitOf({ tunnel, call, by, asked, bits, used, frames }: Weakened, elsewhere: boolean): PlacedHit {
  const others = elsewhere ? ' The same server agreed to that with others.' : '';
  const who = by === 'both' ? 'Both sides' : `The ${by}`;
  return {
    tunnel,
    call,
    basis: used ? 'used' : 'negotiated',
    frames,
    detail: `${who} asked for ${asked} bit, agreed were ${bits}.${others}`,
    severity: by === 'both' || elsewhere ? 'high' : 'medium',
  };
}
