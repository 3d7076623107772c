/** The whole report in the order that a tired person needs: verdict, ladder, proof, and at the end what concerns all tunnels. */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { ByTunnel } from '../by-tunnel.ts';
import type { CaptureReport, ReportSource, TunnelReport } from '../contract.ts';
import { repeating, sequencesOf, TunnelsInTurn, withoutTunnels } from '../sequences.ts';
import { captureBlock, reasons, secretsBlock, tunnelBlock, tunnelInShort } from './blocks.ts';
import { Clock, localOffset, type TimeStyle, type UtcOffset } from './clock.ts';
import { Crowd } from './crowd.ts';
import { Outcomes } from './outcomes.ts';
import type { Page } from './page.ts';
import { partsAhead, tellParts } from './parts.ts';
import { span } from './span.ts';
import { type Telling, type ToldTunnel, verdictsOf } from './verdict.ts';

export interface ToldOptions {
  time: TimeStyle;
  /** Minutes that local time is ahead of UTC at a moment; the platform's own zone when absent. */
  utcOffset?: UtcOffset;
  /** Adds the control messages, the options of each negotiation, the counts of each direction, and all of tunnels that say what others say. */
  verbose: boolean;
  /** Called behind what is told of each tunnel, for what only some pages have. */
  behind?: (tunnel: TunnelReport) => void;
}

/** In pieces, so that a report of very many tunnels needs no string of its length. */
export function* told(report: ReportSource, page: Page, options: ToldOptions): Generator<string> {
  const utcOffset = options.utcOffset ?? localOffset;
  secretsBlock(page, report);
  const diagnoses = new ByTunnel(report.diagnoses);
  const ofNone = diagnoses.of(null);
  const outcomes = new Outcomes();
  const crowded = !options.verbose || page.kind === 'document';
  if (page.kind === 'document') {
    // Known only behind the last tunnel, and wanted before the first: each is made once more.
    const inTurn = new TunnelsInTurn(report);
    for (const [index, captures] of sequencesOf(report)) {
      if (repeated(captures)) continue;
      for (const one of tunnelsToTell(inTurn.of(index), diagnoses, crowded ? new Crowd(page.kind) : null)) {
        outcomes.add(one);
      }
    }
    outcomes.write(page);
    partsAhead(page, report);
  }
  const inTurn = new TunnelsInTurn(report);
  for (const [index, captures] of sequencesOf(report)) {
    const clock = new Clock(options.time, captures[0]?.firstFrameTime ?? null, utcOffset);
    page.blank();
    for (const [place, capture] of captures.entries()) {
      const before = captures[place - 1] ?? null;
      captureBlock(page, { capture, before, same: repeating(capture, report) }, clock, options.verbose);
    }
    if (repeated(captures)) continue;
    let tunnels = 0;
    const crowd = crowded ? new Crowd(page.kind) : null;
    let before: Telling | null = null;
    for (const one of tunnelsToTell(inTurn.of(index), diagnoses, crowd)) {
      tunnels += 1;
      if (page.kind === 'lines') outcomes.add(one);
      if (one.telling === 'counted') continue;
      if (one.telling === 'short') {
        if (before === 'whole') page.blank();
        tunnelInShort(page, one);
      } else {
        tunnelBlock(page, one, clock, options.verbose);
        options.behind?.(one.tunnel);
      }
      before = one.telling;
      yield page.take();
    }
    crowd?.write(page);
    const nothing = tunnels === 0 ? withoutTunnels(captures) : '';
    if (nothing !== '') {
      page.blank();
      page.paragraph([span(`  ${nothing}`)]);
      reasons(
        page,
        ofNone.filter((diagnosis) => diagnosis.capture === index),
      );
    }
  }
  if (page.kind === 'lines') outcomes.write(page);
  tellParts(page, report, options.verbose);
  yield page.take();
}

/** `crowd`: what it has enough of is told in short, or not at all. */
function* tunnelsToTell(
  tunnels: Iterable<TunnelReport>,
  diagnoses: ByTunnel<Diagnosis>,
  crowd: Crowd | null,
): Generator<ToldTunnel> {
  for (const tunnel of tunnels) {
    const own = diagnoses.of(tunnel.id);
    const verdicts = verdictsOf(tunnel, own);
    yield { tunnel, own, verdicts, telling: crowd?.telling(tunnel, verdicts, own) ?? 'whole' };
  }
}

/** Whether the captures hold the frames of others, where what they show is told. */
function repeated(captures: readonly CaptureReport[]): boolean {
  return captures.some(({ repeats }) => repeats !== undefined);
}
