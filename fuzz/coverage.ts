/**
 * Which code ran: V8's own block coverage, asked for between batches. Binary coverage (no counts) costs a few percent,
 * and what ran is told anew at every asking, so that an input can be held responsible by running it again.
 */
import { type Profiler, Session } from 'node:inspector';

/** What a target has reached so far. */
export interface Reached {
  /** What ran since the last question is nobody's. */
  forget(): void;
  /** Whether something ran since the last question that had not run before; `take` then adds it. */
  isMore(): boolean;
  take(): void;
  readonly functions: number;
  /** Characters of compiled code. */
  readonly characters: number;
}

export class Coverage {
  private readonly session = new Session();
  private readonly within: string;

  /** Counts the scripts whose address contains `within`. They have to be loaded after this. */
  constructor(within: string) {
    this.within = within;
    this.session.connect();
    this.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  }

  reached(): Reached {
    return new ReachedCode(() => this.ran());
  }

  /** What ran since the last call. */
  ran(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    // In one process the answer comes before `post` returns.
    this.session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      scripts = answer.result.filter(({ url }) => url.includes(this.within));
    });
    return scripts;
  }

  private post(method: 'Profiler.enable'): void {
    this.session.post(method, (error) => {
      if (error !== null) throw error;
    });
  }
}

class ReachedCode implements Reached {
  functions = 0;
  characters = 0;
  private readonly ran: () => Profiler.ScriptCoverage[];
  /** By script: 1 for each character that ran. */
  private readonly painted = new Map<string, Uint8Array>();
  /** Functions by place, and all that is known already, as it was said. */
  private readonly entered = new Set<string>();
  private readonly known = new Set<string>();
  private news: readonly News[] = [];

  constructor(ran: () => Profiler.ScriptCoverage[]) {
    this.ran = ran;
  }

  forget(): void {
    this.ran();
  }

  isMore(): boolean {
    this.news = this.ran().flatMap(({ scriptId, functions }) =>
      functions.flatMap(({ functionName, ranges }) => {
        const [outer] = ranges;
        // A module's own code runs when it is loaded, whatever the input.
        if (outer === undefined || outer.count === 0 || (functionName === '' && outer.startOffset === 0)) return [];
        const said = `${scriptId} ${ranges.map((range) => `${range.startOffset}-${range.endOffset} ${range.count}`).join()}`;
        if (this.known.has(said)) return [];
        const news = { scriptId, start: outer.startOffset, ran: characters(ranges, outer), said };
        if (this.isNew(news)) return [news];
        this.known.add(said);
        return [];
      }),
    );
    return this.news.length > 0;
  }

  take(): void {
    for (const { scriptId, start, ran, said } of this.news) {
      this.known.add(said);
      const place = `${scriptId} ${start}`;
      if (!this.entered.has(place)) this.functions += 1;
      this.entered.add(place);
      const all = this.roomFor(scriptId, start + ran.length);
      for (const [at, one] of ran.entries()) {
        if (one === 0 || all[start + at] === 1) continue;
        all[start + at] = 1;
        this.characters += 1;
      }
    }
    this.news = [];
  }

  private isNew({ scriptId, start, ran }: News): boolean {
    const all = this.painted.get(scriptId);
    return all === undefined || ran.some((one, at) => one === 1 && all[start + at] !== 1);
  }

  private roomFor(scriptId: string, length: number): Uint8Array {
    const held = this.painted.get(scriptId) ?? new Uint8Array(0);
    if (held.length >= length) return held;
    const larger = new Uint8Array(2 * length);
    larger.set(held);
    this.painted.set(scriptId, larger);
    return larger;
  }
}

interface News {
  readonly scriptId: string;
  readonly start: number;
  /** 1 for each character of the function that ran. */
  readonly ran: Uint8Array;
  readonly said: string;
}

/** Ranges are nested: each corrects what the ones around it say of its characters. */
function characters(ranges: readonly Profiler.CoverageRange[], outer: Profiler.CoverageRange): Uint8Array {
  const ran = new Uint8Array(outer.endOffset - outer.startOffset);
  for (const { startOffset, endOffset, count } of ranges) {
    ran.fill(count > 0 ? 1 : 0, startOffset - outer.startOffset, endOffset - outer.startOffset);
  }
  return ran;
}
