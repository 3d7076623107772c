/** The findings that a report keeps, in their order; of too many, the least severe and among those the last go. */
import { type List, type Packed, PackedList, Packing } from '../octets/packed-list.ts';
import type { Finding } from './finding.ts';
import { type Severity, severities } from './rules/rule.ts';

interface Kept {
  /** Its place among all. */
  readonly number: number;
  readonly finding: Packed<Finding>;
}

/** Kept as they are: 2 MB at most. */
const plainAtMost = 8192;

export class MostSevere {
  private readonly most: number;
  private readonly packing = new Packing<Finding>(plainAtMost);
  private readonly kept = new Map<Severity, Kept[]>(severities.map((severity) => [severity, []]));
  private added = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** How many went. */
  get leftOut(): number {
    return Math.max(0, this.added - this.most);
  }

  add(finding: Finding): void {
    const number = this.added;
    this.added += 1;
    if (number >= this.most && !this.makeRoom(finding.severity)) return;
    this.kept.get(finding.severity)?.push({ number, finding: this.packing.item(finding) });
  }

  /** False where nothing that is kept is less severe. */
  private makeRoom(severity: Severity): boolean {
    const least = severities.findLast((one) => (this.kept.get(one)?.length ?? 0) > 0);
    if (least === undefined || severities.indexOf(least) <= severities.indexOf(severity)) return false;
    this.kept.get(least)?.pop();
    return true;
  }

  list(): List<Finding> {
    const inOrder = [...this.kept.values()].flat().sort((a, b) => a.number - b.number);
    return new PackedList(this.packing.list(inOrder.map(({ finding }) => finding)));
  }
}
