/**
 * Medians of any number of times in bounded memory: the first 256 are kept; when they are full every
 * second one is dropped and from then on only every second, fourth, ... sample is taken. What is kept
 * stays evenly spread over the whole time. Times are whole microseconds, which an engine need not box.
 */
const capacity = 256;

export class Samples {
  /** Pushed to, it would have room for seventeen from the first on. */
  private kept: number[] = [];
  private count = 0;
  private stride = 1;
  private skipped = 0;

  /** Whether the next sample is one of those that are taken; to be asked for each. */
  takesNext(): boolean {
    this.skipped += 1;
    return this.skipped >= this.stride;
  }

  /** A sample that is taken: whole microseconds. */
  add(microseconds: number): void {
    this.skipped = 0;
    if (this.count === this.kept.length) this.kept = roomier(this.kept, microseconds);
    this.kept[this.count] = microseconds;
    this.count += 1;
    if (this.count < capacity) return;
    for (let index = 0; index < capacity / 2; index += 1) this.kept[index] = this.kept[index * 2] ?? 0;
    this.count = capacity / 2;
    this.stride *= 2;
  }

  /** The lower median in milliseconds; null without samples. */
  medianMilliseconds(): number | null {
    if (this.count === 0) return null;
    // Sorted as numbers without a function to compare them.
    const sorted = new Float64Array(this.kept.slice(0, this.count)).sort();
    return (sorted[(sorted.length - 1) >> 1] ?? 0) / 1000;
  }
}

/** Room for four times as many, made at once and of the kind that it was. */
function roomier(full: readonly number[], value: number): number[] {
  return full.length === 0 ? [value, value, value, value] : full.concat(full, full, full);
}
