/**
 * Who still uses PPTP in the captures, and what may take its place: advice that fits the programs that were seen and the other
 * VPNs that are there already. Ports and protocols are what a firewall must let through.
 */

import type { Limits } from '../octets/limits.ts';
import { isSuccess } from '../pptp/names.ts';
import type { Call } from '../sessions/model/call.ts';
import type { StartParameters } from '../sessions/model/control.ts';
import type { Side } from '../sessions/model/side.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';

/** What to move to, and for whom. */
export interface Migration {
  /** Clients with a connected call, by address. */
  clients: PptpUser[];
  /** Servers with a connected call, by address. */
  servers: PptpUser[];
  /** Other VPN protocols that the captures show in use. */
  alreadyInUse: string[];
  /** In the order in which they fit. */
  replacements: Replacement[];
}

/** One end of tunnels that were connected. */
export interface PptpUser {
  /** Its address. */
  address: string;
  /** What it says of itself, or shows by how it speaks; null where nothing tells. */
  software: string | null;
  /** Calls that were connected. */
  calls: number;
}

/** A VPN that may replace PPTP. */
export interface Replacement {
  /** `IKEv2`. */
  protocol: string;
  /** Why it fits what was seen. */
  reason: string;
  /** What a firewall must let through. */
  firewall: string[];
}

type Kind = 'windows' | 'linux' | 'mikrotik' | 'apple' | 'bsd' | 'unknown';

/** Sees every tunnel of the report, and says in the end where its users may go. */
export class MigrationSurvey {
  private readonly clients = new Map<string, PptpUser>();
  private readonly servers = new Map<string, PptpUser>();
  private readonly kinds = new Set<Kind>();

  see({ calls: all, control, client, server }: Tunnel): void {
    const calls = all.filter((call) => isSuccess(call.resultCode) || call.outcome === 'established').length;
    if (calls === 0) return;
    const start = control?.start ?? null;
    const software = softwareOf(start?.client ?? null, all, 'client');
    this.kinds.add(software.kind);
    note(this.clients, client.address, software.name, calls);
    note(this.servers, server.address, softwareOf(start?.server ?? null, all, 'server').name, calls);
  }

  /** null where no call was connected. `others`: names of the other VPN protocols in the captures. */
  migration(others: readonly string[], limits: Limits): Migration | null {
    const { clients, servers } = this;
    if (clients.size === 0) return null;
    const alreadyInUse = [...new Set(others)].filter((protocol) => protocol !== 'gre').sort();
    const most = limits.bounds['migration-users'];
    if (clients.size > most || servers.size > most) limits.reached('migration-users');
    return {
      clients: [...clients.values()].slice(0, most),
      servers: [...servers.values()].slice(0, most),
      alreadyInUse,
      replacements: replacementsFor(this.kinds, alreadyInUse),
    };
  }
}

function note(users: Map<string, PptpUser>, address: string, software: string | null, calls: number): void {
  const user = users.get(address);
  if (user === undefined) users.set(address, { address, software, calls });
  else {
    user.calls += calls;
    user.software ??= software;
  }
}

/** Vendor names as the programs send them; some are those of one program as a client and of another one as a server. */
const vendors: readonly (readonly [RegExp, { readonly [End in Side]: string }, Kind])[] = [
  [/^microsoft/i, both('Microsoft Windows'), 'windows'],
  [/^cananian/i, { client: 'pptp-linux', server: 'accel-ppp' }, 'linux'],
  [/^mikrotik/i, both('MikroTik RouterOS'), 'mikrotik'],
  [/^accel/i, both('accel-ppp'), 'linux'],
  [/^linux/i, { client: 'Linux', server: 'pptpd (Poptop)' }, 'linux'],
  [/mpd|freebsd/i, both('mpd (FreeBSD)'), 'bsd'],
  [/apple|mac ?os|darwin/i, both('Apple'), 'apple'],
];

function both(name: string): { readonly [End in Side]: string } {
  return { client: name, server: name };
}

function softwareOf(
  start: StartParameters | null,
  calls: readonly Call[],
  side: Side,
): { name: string | null; kind: Kind } {
  const vendor = start?.vendorName ?? '';
  const known = vendors.find(([pattern]) => pattern.test(vendor));
  if (known !== undefined) return { name: known[1][side], kind: known[2] };
  // Windows says who it is in LCP Identification: MSRASV5.20, MSRAS-0-NAME.
  if (calls.some(({ lcp }) => lcp.identification[side].some((text) => text.startsWith('MSRAS')))) {
    return { name: 'Microsoft Windows', kind: 'windows' };
  }
  return { name: vendor === '' ? null : vendor, kind: 'unknown' };
}

interface Candidate {
  readonly protocol: string;
  /** As the report's `otherVpn` names it. */
  readonly seenAs: readonly string[];
  readonly firewall: readonly string[];
  readonly fits: { readonly [Client in Kind]?: string };
}

const candidates: readonly Candidate[] = [
  {
    protocol: 'IKEv2',
    seenAs: ['ikev2', 'esp'],
    firewall: ['UDP 500', 'UDP 4500', 'ESP (IP protocol 50) where no NAT is between'],
    fits: {
      windows: 'part of Windows; use certificates or EAP-TLS, and the same user accounts by RADIUS',
      apple: 'part of macOS and iOS, which have had no PPTP since 10.12 and 10',
      bsd: 'strongSwan on the server, and part of most clients',
      unknown: 'part of Windows, macOS, iOS and Android; use certificates or EAP-TLS',
    },
  },
  {
    protocol: 'SSTP',
    seenAs: ['sstp'],
    firewall: ['TCP 443'],
    fits: { windows: 'part of Windows, client and server, and passes where only HTTPS does' },
  },
  {
    protocol: 'WireGuard',
    seenAs: ['wireguard'],
    firewall: ['UDP 51820 (or another that you choose)'],
    fits: {
      linux: 'part of the Linux kernel; keys instead of passwords, no helper for NAT needed',
      mikrotik: 'part of RouterOS 7; keys instead of passwords, no helper for NAT needed',
      bsd: 'part of FreeBSD and OpenBSD',
      unknown: 'runs everywhere; keys instead of passwords, no helper for NAT needed',
    },
  },
  {
    protocol: 'OpenVPN',
    seenAs: ['openvpn'],
    firewall: ['UDP 1194, or TCP 443 where only HTTPS passes'],
    fits: {
      linux: 'where users log in with names and a second factor; certificates, TLS 1.2 or newer',
      unknown: 'where users log in with names and a second factor; certificates, TLS 1.2 or newer',
    },
  },
];

function replacementsFor(kinds: ReadonlySet<Kind>, inUse: readonly string[]): Replacement[] {
  const scored = candidates.map((candidate) => {
    const seen = candidate.seenAs.some((name) => inUse.includes(name));
    const fitting = [...kinds].filter((kind) => candidate.fits[kind] !== undefined);
    const reasons = [...(seen ? ['already in use in this capture'] : []), ...reasonsFor(candidate, fitting, kinds)];
    return { candidate, score: (seen ? 10 : 0) + fitting.length, reasons };
  });
  return scored
    .filter(({ reasons }) => reasons.length > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ candidate, reasons }) => ({
      protocol: candidate.protocol,
      reason: reasons.join('; '),
      firewall: [...candidate.firewall],
    }));
}

/** Each once, with those whom it is about; clients of which nothing is known have no name where there are no others. */
function reasonsFor({ fits }: Candidate, fitting: readonly Kind[], all: ReadonlySet<Kind>): string[] {
  const reasons = new Map<string, string[]>();
  for (const kind of fitting) {
    const why = fits[kind] ?? '';
    const whom = kind !== 'unknown' ? [kindNames[kind]] : all.size > 1 ? ['other clients'] : [];
    reasons.set(why, [...(reasons.get(why) ?? []), ...whom]);
  }
  return [...reasons].map(([why, whom]) => (whom.length === 0 ? why : `${whom.join(' and ')}: ${why}`));
}

const kindNames: { readonly [Client in Exclude<Kind, 'unknown'>]: string } = {
  windows: 'Windows clients',
  linux: 'Linux clients',
  mikrotik: 'MikroTik routers',
  apple: 'Apple clients',
  bsd: 'BSD clients',
};
