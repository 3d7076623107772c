/**
 * What became of all tunnels, where there are too many to keep in mind: how many came up, and of the others which share a cause.
 * In a document it stands before them; in lines behind them, where a terminal shows it first.
 */
import { headline } from './headline.ts';
import type { Page } from './page.ts';
import { reference, type Span, span } from './span.ts';
import type { Told, ToldTunnel, Verdict } from './verdict.ts';

/** So few are seen at a glance. */
const fewVerdicts = 3;
/** Ids that one line names. */
const namedAtMost = 8;

interface Group {
  readonly verdict: Verdict;
  readonly text: string;
  /** The first of them, each as a document leads to it where it has a heading. */
  readonly ids: Span[];
  count: number;
}

const worstFirst: readonly Verdict['mark'][] = ['✗', '!', '…', '✓'];

export class Outcomes {
  private readonly counts: { [Mark in Verdict['mark']]: number } = { '✓': 0, '!': 0, '✗': 0, '…': 0 };
  private readonly groups = new Map<string, Group>();

  add({ verdicts, telling }: ToldTunnel): void {
    for (const one of verdicts) this.addOne(one, telling !== 'counted');
  }

  /** `headed`: it has a heading. */
  private addOne({ id, verdict, own }: Told, headed: boolean): void {
    const { mark } = verdict;
    this.counts[mark] += 1;
    const [cause] = own;
    if (mark === '✓' && cause === undefined) return;
    const text = cause === undefined ? verdict.text : headline(cause);
    const key = `${mark} ${text}`;
    const group = this.groups.get(key);
    const named = headed ? reference(id, 'faint') : span(id, 'faint');
    if (group === undefined) {
      this.groups.set(key, { verdict, text, ids: [named], count: 1 });
      return;
    }
    group.count += 1;
    if (group.ids.length < namedAtMost) group.ids.push(named);
  }

  write(page: Page): void {
    const { counts } = this;
    const cameUp = counts['✓'] + counts['!'];
    if (cameUp + counts['✗'] + counts['…'] <= fewVerdicts) return;
    page.blank();
    const facts = [
      `${cameUp} came up`,
      counts['✗'] === 0 ? '' : `${counts['✗']} did not`,
      counts['…'] === 0 ? '' : `${counts['…']} undecided`,
    ];
    page.heading('outcomes', [span(`In all: ${facts.filter((fact) => fact !== '').join(', ')}`)]);
    const groups = [...this.groups.values()].sort(
      (a, b) => worstFirst.indexOf(a.verdict.mark) - worstFirst.indexOf(b.verdict.mark) || b.count - a.count,
    );
    for (const { verdict, text, ids, count } of groups) {
      const rest = count - ids.length;
      const who = ids.flatMap((id, place) => (place === 0 ? [id] : [span(', ', 'faint'), id]));
      const more = span(rest > 0 ? ` and ${rest} more` : '', 'faint');
      page.paragraph([span(verdict.mark, verdict.colour), span(` ${text}   `), ...who, more], 2, 4);
    }
  }
}
