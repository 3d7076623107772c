/**
 * Tunnels without a call that all say the same of the same server, as scans, health checks and a client that tries again and
 * again leave them: the first ones stand for all.
 */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { endpointText } from '../../octets/address.ts';
import type { TunnelReport } from '../contract.ts';
import type { Page } from './page.ts';
import { reference, span } from './span.ts';
import type { Told } from './verdict.ts';

/** Of a kind that are told. */
const toldAtMost = 3;
/** Kinds that are told apart; of others every tunnel is told. */
const kindsAtMost = 1024;

interface Kind {
  readonly first: string;
  readonly server: string;
  count: number;
}

export class Crowd {
  private readonly kinds = new Map<string, Kind>();

  /** Whether enough of its kind have been told. `own`: its diagnoses, the decisive one first. */
  has({ id, calls, server }: TunnelReport, [told]: readonly Told[], own: readonly Diagnosis[]): boolean {
    if (calls.length > 0) return false;
    const name = endpointText(server);
    const key = `${name} ${told?.verdict.text} ${own[0]?.cause ?? ''}`;
    const kind = this.kinds.get(key);
    if (kind === undefined) {
      if (this.kinds.size < kindsAtMost) this.kinds.set(key, { first: id, server: name, count: 1 });
      return false;
    }
    kind.count += 1;
    return kind.count > toldAtMost;
  }

  write(page: Page): void {
    const crowded = [...this.kinds.values()].filter(({ count }) => count > toldAtMost);
    if (crowded.length > 0) page.blank();
    // A document is kept, and read without the command line.
    const where = page.kind === 'document' ? 'the JSON report has them all' : '--verbose';
    for (const { first, server, count } of crowded) {
      const more = `${count - toldAtMost} more to ${server} like `;
      page.paragraph([span(`  ${more}`, 'faint'), reference(first, 'faint'), span(`: ${where}`, 'faint')]);
    }
  }
}
