import { describe, expect, it } from 'vitest';
import { at, controlPacket, flowOf, newCall, newTunnel } from '../../test/support/followed.ts';
import { pppProtocol } from '../ppp/protocols.ts';
import type { CallState } from './call-state.ts';
import type { End } from './ends.ts';
import { GreFlow } from './gre-flow.ts';
import { inferRoles } from './roles.ts';

const ipAddress = (last: number): number[] => [3, 6, 10, 0, 0, last];
const msChapV2 = [3, 5, 0xc2, 0x23, 0x81];

/** Which end is the client, and how sure that is, of a call to which this happened. */
function rolesOf(happened: (call: CallState) => void): [End, string] {
  const tunnel = newTunnel();
  happened(newCall(tunnel, 'unsignalled'));
  inferRoles(tunnel);
  return [tunnel.clientEnd, tunnel.roles];
}

describe.each([0, 1] as const)('a tunnel without signalling whose server is end %i', (server) => {
  const client = server === 0 ? 1 : 0;

  it('shows it where that end has addresses for the other (RFC 1332 §3.3)', () => {
    const roles = rolesOf(({ link }) => {
      link.packet(client, controlPacket(pppProtocol.ipcp, 1, 1, ipAddress(0)), 1, at(1));
      link.packet(server, controlPacket(pppProtocol.ipcp, 3, 1, ipAddress(50)), 2, at(2));
    });
    expect(roles).toEqual([client, 'likely']);
  });

  it('shows it where that end demands authentication (RFC 1661 §6.2)', () => {
    const roles = rolesOf(({ link }) => {
      link.packet(server, controlPacket(pppProtocol.lcp, 1, 1, msChapV2), 1, at(1));
    });
    expect(roles).toEqual([client, 'likely']);
  });

  it("is named as poptop's Call IDs have it, which tells no more than a name", () => {
    const roles = rolesOf((call) => {
      // GRE carries the receiver's Call ID.
      for (const [end, callId] of [
        [client, 256],
        [server, 129],
      ] as const) {
        const flow = new GreFlow(end + 1, 2 - end, callId);
        flow.packets = 1;
        call.bind(end, flow);
      }
    });
    expect(roles).toEqual([client, 'unknown']);
  });
});

describe('a tunnel of which both ends do the same', () => {
  it('has no roles', () => {
    const roles = rolesOf((call) => {
      for (const end of [0, 1] as const) {
        call.link.packet(end, controlPacket(pppProtocol.lcp, 1, 1, msChapV2), 1, at(1));
        call.bind(end, flowOf(end, [1, 1, { sequence: 0 }]));
      }
    });
    expect(roles).toEqual([0, 'unknown']);
  });
});

describe('a tunnel whose call request was seen', () => {
  it('keeps the roles that this gave', () => {
    const tunnel = newTunnel();
    const { link } = newCall(tunnel);
    tunnel.roles = 'certain';
    link.packet(0, controlPacket(pppProtocol.lcp, 1, 1, msChapV2), 1, at(1));
    inferRoles(tunnel);
    expect([tunnel.clientEnd, tunnel.roles]).toEqual([0, 'certain']);
  });
});
