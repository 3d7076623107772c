/** What a list says of each tunnel: found without a search, and without keeping what it says. */
import type { List } from '../octets/packed-list.ts';

export class ByTunnel<Said extends { readonly tunnel: string | null }> {
  private readonly list: List<Said>;
  /** By id: the place of what is said first. */
  private readonly first = new Map<string | null, number>();
  /** For each place that of what is said next of the same tunnel; 0 where that was all. */
  private readonly next: Uint32Array;

  constructor(list: List<Said>) {
    this.list = list;
    this.next = new Uint32Array(list.length);
    const latest = new Map<string | null, number>();
    let place = 0;
    for (const { tunnel } of list) {
      const before = latest.get(tunnel);
      if (before === undefined) this.first.set(tunnel, place);
      else this.next[before] = place;
      latest.set(tunnel, place);
      place += 1;
    }
  }

  /** In their order. null: of no tunnel. */
  of(tunnel: string | null): Said[] {
    const said: Said[] = [];
    let place = this.first.get(tunnel);
    while (place !== undefined) {
      const one = this.list.at(place);
      if (one !== undefined) said.push(one);
      place = this.next[place] || undefined;
    }
    return said;
  }
}
