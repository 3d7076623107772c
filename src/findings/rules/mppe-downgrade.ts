/** Weaker encryption than was offered. */
import type { MppeNegotiation, Tunnel } from '../../sessions/model.ts';
import { type MppeStrength, strongest } from './facts.ts';
import type { CaptureRule, PlacedHit } from './rule.ts';

/** The strongest encryption that a server agreed to with anybody. */
function bestOfServers(tunnels: readonly Tunnel[]): Map<string, MppeStrength> {
  const best = new Map<string, MppeStrength>();
  for (const { server, calls } of tunnels) {
    for (const { encryption } of calls) {
      const bits = encryption.bits ?? 40;
      if (encryption.bits !== null && bits > (best.get(server.address) ?? 0)) best.set(server.address, bits);
    }
  }
  return best;
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
  evidence: 'A request for MPPE with a stronger bit than the strongest of the acknowledged ones.',
  scope: 'capture',
  find(tunnels) {
    const best = bestOfServers(tunnels);
    return tunnels.flatMap((tunnel) =>
      tunnel.calls.flatMap((call): PlacedHit[] => {
        const { bits, mppeNegotiation, openedFrame, encryptedPackets } = call.encryption;
        if (bits === null) return [];
        const { client, server } = mppeNegotiation;
        const stronger = (
          [
            ['client', client],
            ['server', server],
          ] as const
        ).filter(([, side]) => (willing(side) ?? 0) > bits);
        if (stronger.length === 0) return [];
        const asked = Math.max(...stronger.map(([, side]) => willing(side) ?? 0));
        const elsewhere = (best.get(tunnel.server.address) ?? 0) >= asked;
        const others = elsewhere ? ' The same server agreed to that with others.' : '';
        const who = stronger.length === 2 ? 'Both sides' : `The ${stronger[0]?.[0] ?? 'client'}`;
        return [
          {
            tunnel: tunnel.id,
            call: call.id,
            basis: encryptedPackets > 0 ? 'used' : 'negotiated',
            frames: [...stronger.map(([, side]) => side?.requestFrame ?? null), openedFrame],
            detail: `${who} asked for ${asked} bit, agreed were ${bits}.${others}`,
            severity: stronger.length === 2 || elsewhere ? 'high' : 'medium',
          },
        ];
      }),
    );
  },
};
