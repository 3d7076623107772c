/**
 * The nine stages of a call, one rung a line: mark, name, what there is to say, the frames that show it.
 */
import { type Stage, stageNames } from '../../findings/stage.ts';
import { frameList } from '../../octets/words.ts';
import type { CallReport, TunnelReport } from '../contract.ts';
import type { Page } from './page.ts';
import { type Mark, sign, span } from './span.ts';
import { columnsOf } from './wrap.ts';

const marks: { readonly [Status in Stage['status']]: { mark: string; colour: Mark } } = {
  passed: { mark: '✓', colour: 'passed' },
  failed: { mark: '✗', colour: 'failed' },
  partial: { mark: '!', colour: 'partial' },
  skipped: { mark: '–', colour: 'faint' },
  'not-seen': { mark: '·', colour: 'faint' },
};

/** Mark, space, and the longest stage name. */
const labelWidth = 2 + Math.max(...stageNames.map((name) => name.length)) + 1;

/** The widest list of frames that gets a column of its own, `frames 3829, 3831`; longer ones follow the text. */
const widestAside = 17;

export function ladder(page: Page, stages: readonly Stage[], tunnel: TunnelReport, call: CallReport | null): void {
  const asides = stages.map((stage) => frameList(proof(stage, tunnel, call)));
  const asideWidth = Math.max(0, ...asides.map(columnsOf).filter((width) => width <= widestAside));
  stages.forEach(({ stage, status, detail }, index) => {
    const { mark, colour } = marks[status];
    const dim = colour === 'faint' ? colour : null;
    page.entry(
      [sign(mark, colour, status.replace('-', ' ')), span(` ${stage}`, dim)],
      labelWidth,
      detail === '' ? [] : [span(detail, dim)],
      asides[index] ?? '',
      asideWidth,
    );
  });
}

/** The frames behind a rung: request and reply where there are both, else the one that decided. */
function proof(stage: Stage, tunnel: TunnelReport, call: CallReport | null): (number | null)[] {
  if (stage.frame === null) return [];
  switch (stage.stage) {
    case 'control':
      return [tunnel.control?.start.requestFrame ?? null, tunnel.control?.start.replyFrame ?? null, stage.frame];
    case 'call':
      return [call?.requestFrame ?? null, call?.replyFrame ?? null, stage.frame];
    case 'authentication':
      return [...(call?.authentication.flatMap(({ frames }) => frames) ?? []), stage.frame];
    default:
      return [stage.frame];
  }
}
