/**
 * The search: fresh inputs and changed ones, batch by batch; what reaches code that nothing reached before is kept to be
 * changed again; what breaks a law is made small and told.
 */
import { once, pick, seeded } from '../src/fuzz/choices.ts';
import { smallest } from '../src/fuzz/shrink.ts';
import type { Reached } from './coverage.ts';
import { Breach, type Target } from './target.ts';

export interface Find {
  readonly target: string;
  /** The error's name and first line. */
  readonly what: string;
  /** Made as small as it gets. */
  readonly input: Uint8Array;
  readonly stack: string;
}

/** Told before and after every execution, so that somebody else can see one that does not end. */
export interface Witness {
  begins(target: Target, input: Uint8Array): void;
  ends(): void;
}

/** The first batch is such a part of a target's, and each is twice the one before: in a short search too all targets have their turn. */
const firstPart = 1 / 16;
/** Milliseconds that an execution may take. */
const longestMilliseconds = 1000;
/** Milliseconds that a find is made smaller for. */
const longestShrinking = 30_000;
/** Inputs that are kept for changing; the oldest make room. */
const poolAtMost = 2000;
/** Different finds of a target after which it is left alone: the rest would be the same again. */
const findsAtMost = 5;

/** The search in one target. */
export class Campaign {
  executions = 0;
  /** Milliseconds spent in executions, and the longest of them. */
  milliseconds = 0;
  slowest = 0;
  readonly finds: Find[] = [];
  readonly target: Target;
  readonly pool: Uint8Array[] = [];
  readonly reached: Reached;
  private readonly witness: Witness;
  private readonly seed: number;
  /** So much is new in a batch that asking after each input is less work than halving. */
  private isRich = false;
  private batchSize: number;

  constructor(target: Target, seed: number, reached: Reached, witness: Witness) {
    this.target = target;
    this.batchSize = Math.ceil(target.batch * firstPart);
    this.seed = seed;
    this.reached = reached;
    this.witness = witness;
  }

  get isGivenUp(): boolean {
    return this.finds.length >= findsAtMost;
  }

  /** Runs inputs that were kept earlier; they count as executions. */
  async begin(inputs: readonly Uint8Array[]): Promise<void> {
    for (const input of inputs) {
      this.executions += 1;
      this.reached.forget();
      await this.execute(input);
      if (this.reached.isMore()) this.reached.take();
      this.pool.push(input);
    }
  }

  /** One batch of new inputs: the same for the same seed and the same batches before it. */
  async step(): Promise<void> {
    const { target, pool } = this;
    const inputs: Uint8Array[] = [];
    for (let index = 0; index < this.batchSize; index += 1) {
      const choices = seeded(Math.imul(this.seed, 0x9e37_79b1) + this.executions + index);
      const fresh = pool.length === 0 || once(choices, 4);
      // What was found last is changed most: it has been tried least.
      const chosen = () => pick(choices, once(choices, 2) ? pool.slice(-32) : pool);
      const input = fresh ? target.generate(choices) : target.change(choices, chosen(), chosen());
      inputs.push(input.slice(0, target.longest));
    }
    await this.batch(inputs);
    this.batchSize = Math.min(target.batch, this.batchSize * 2);
  }

  /** Runs all, and keeps those that reached something new. */
  private async batch(inputs: readonly Uint8Array[]): Promise<void> {
    const before = this.pool.length;
    this.reached.forget();
    for (const input of inputs) {
      this.executions += 1;
      await this.execute(input);
      if (this.isRich && this.reached.isMore()) this.thank(input);
    }
    if (!this.isRich && this.reached.isMore()) await this.attribute(inputs);
    this.isRich = (this.pool.length - before) * 8 > inputs.length;
  }

  /** Of what was found, the inputs that reach what `held` and smaller ones do not; `reached` is to know of nothing yet. */
  async worthKeeping(held: readonly Uint8Array[], reached: Reached): Promise<Uint8Array[]> {
    const known = new Set(held.map((input) => input.join()));
    const candidates = this.pool.filter((input) => !known.has(input.join()));
    const worthy: Uint8Array[] = [];
    reached.forget();
    for (const input of [...held, ...candidates.sort((one, two) => one.length - two.length)]) {
      await this.attempt(input);
      if (!reached.isMore()) continue;
      reached.take();
      if (!known.has(input.join())) worthy.push(input);
    }
    return worthy;
  }

  private thank(input: Uint8Array): void {
    this.reached.take();
    this.pool.push(input);
    if (this.pool.length > poolAtMost) this.pool.shift();
  }

  /** Finds the inputs that are to be thanked, by halves. */
  private async attribute(inputs: readonly Uint8Array[]): Promise<void> {
    const [only] = inputs;
    if (inputs.length === 1 && only !== undefined) {
      this.thank(only);
      return;
    }
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      this.reached.forget();
      for (const input of half) await this.attempt(input);
      if (this.reached.isMore()) await this.attribute(half);
    }
  }

  private async execute(input: Uint8Array): Promise<void> {
    const fault = await this.faultOf(input);
    if (fault === null) return;
    const what = describe(fault);
    if (this.finds.some((find) => find.what === what)) return;
    const until = performance.now() + longestShrinking;
    const small = await smallest(input, async (candidate) => {
      if (performance.now() > until) return false;
      const other = await this.faultOf(candidate);
      return other !== null && describe(other) === what;
    });
    this.finds.push({ target: this.target.name, what, input: small, stack: String(fault.stack) });
  }

  /** Why the input is a find; null where all laws hold. */
  private async faultOf(input: Uint8Array): Promise<Error | null> {
    const before = performance.now();
    const fault = await this.attempt(input);
    const took = performance.now() - before;
    this.milliseconds += took;
    if (took > this.slowest) this.slowest = took;
    if (fault !== null || took < longestMilliseconds) return fault;
    // The machine may have had something else to do: slow is what takes as much of the processor, too.
    const used = process.cpuUsage();
    await this.attempt(input);
    const { user, system } = process.cpuUsage(used);
    return (user + system) / 1000 < longestMilliseconds ? null : new Breach('takes longer than a second');
  }

  private async attempt(input: Uint8Array): Promise<Error | null> {
    const { target, witness } = this;
    witness.begins(target, input);
    try {
      const running = target.run(input.slice());
      if (running !== undefined) await running;
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(`threw ${String(error)}`);
    } finally {
      witness.ends();
    }
  }
}

/** What makes two finds the same: the place, and the words without their numbers. */
function describe(fault: Error): string {
  const law = fault.message.split('\n')[0]?.split(':')[0] ?? '';
  const place = /\n\s+at ([^\n]*)/.exec(fault.stack ?? '')?.[1] ?? '';
  return `${fault.name}: ${law.replaceAll(/\d+/g, '#')} at ${place.replace(/^.*\//, '').replace(/\)$/, '')}`;
}
