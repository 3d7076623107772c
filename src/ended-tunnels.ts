/** Reports of tunnels, kept until all captures have been read. */
import type { Limits } from './octets/limits.ts';
import { type Packed, type PackedItems, Packing } from './octets/packed-list.ts';
import type { TunnelReport } from './report/contract.ts';

/** Reports of tunnels that are kept as they are: 17 MB at most. */
const plainTunnelsAtMost = 1024;

interface PackedTunnel {
  readonly firstFrame: number;
  readonly report: Packed<TunnelReport>;
}

/** The reports of a sequence's tunnels; of too many, the last ones that ended. */
export class EndedTunnels {
  private readonly limits: Limits;
  private readonly packing = new Packing<TunnelReport>(plainTunnelsAtMost);
  private readonly kept: PackedTunnel[] = [];
  private readonly open: PackedTunnel[] = [];
  private added = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  add(tunnel: TunnelReport): void {
    // Each takes the place of the oldest where there are too many.
    this.limits.full('ended-tunnels', this.added);
    this.kept[this.added % this.limits.bounds['ended-tunnels']] = this.packed(tunnel);
    this.added += 1;
  }

  /** One that was still followed at the end: as many as may be followed. */
  addOpen(tunnel: TunnelReport): void {
    this.open.push(this.packed(tunnel));
  }

  /** In order of their first frames. */
  all(): PackedItems<TunnelReport> {
    const inOrder = [...this.kept, ...this.open].sort((a, b) => a.firstFrame - b.firstFrame);
    return this.packing.list(inOrder.map(({ report }) => report));
  }

  private packed(tunnel: TunnelReport): PackedTunnel {
    return { firstFrame: tunnel.firstFrame, report: this.packing.item(tunnel) };
  }
}
