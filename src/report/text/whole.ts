/** The whole report in the order that a tired person needs: verdict, ladder, proof, and at the end what concerns all tunnels. */
import { ByTunnel } from '../by-tunnel.ts';
import type { ReportSource } from '../contract.ts';
import { repeating, sequencesOf, TunnelsInTurn } from '../sequences.ts';
import {
  captureBlock,
  findingsBlock,
  limitsBlock,
  migrationBlock,
  otherVpnBlock,
  reasons,
  secretsBlock,
  secretsList,
  tunnelBlock,
} from './blocks.ts';
import { Clock, type TimeStyle, type UtcOffset } from './clock.ts';
import { Crowd } from './crowd.ts';
import { Outcomes } from './outcomes.ts';
import type { Page } from './page.ts';
import { span } from './span.ts';
import { tunnelVerdict } from './verdict.ts';

export interface ToldOptions {
  time: TimeStyle;
  /** Minutes that local time is ahead of UTC at a moment; the platform's own zone when absent. */
  utcOffset?: UtcOffset;
  /** Adds the control messages, the options of each negotiation, the counts of each direction, and tunnels that say what others say. */
  verbose: boolean;
}

/** In pieces, so that a report of very many tunnels needs no string of its length. */
export function* told(report: ReportSource, page: Page, options: ToldOptions): Generator<string> {
  const utcOffset = options.utcOffset ?? ((milliseconds) => -new Date(milliseconds).getTimezoneOffset());
  secretsBlock(page, report);
  const diagnoses = new ByTunnel(report.diagnoses);
  const ofNone = diagnoses.of(null);
  const inTurn = new TunnelsInTurn(report);
  const outcomes = new Outcomes();
  for (const [index, captures] of sequencesOf(report)) {
    const clock = new Clock(options.time, captures[0]?.firstFrameTime ?? null, utcOffset);
    page.blank();
    for (const [place, capture] of captures.entries()) {
      captureBlock(page, capture, captures[place - 1] ?? null, repeating(capture, report), clock, options.verbose);
    }
    if (captures.some(({ repeats }) => repeats !== undefined)) continue;
    let tunnels = 0;
    const crowd = new Crowd();
    for (const tunnel of inTurn.of(index)) {
      tunnels += 1;
      const own = diagnoses.of(tunnel.id);
      const verdict = tunnelVerdict(tunnel);
      if ((!options.verbose || page.kind === 'document') && crowd.has(tunnel, verdict, own)) {
        outcomes.add(tunnel.id, verdict, own, false);
        continue;
      }
      tunnelBlock(page, tunnel, own, clock, options.verbose, outcomes);
      yield page.take();
    }
    crowd.write(page);
    if (tunnels === 0 && captures.some(({ kind }) => kind !== null)) {
      page.blank();
      page.paragraph([span('  No PPTP in this capture.')]);
      reasons(
        page,
        ofNone.filter((diagnosis) => diagnosis.capture === index),
      );
    }
  }
  outcomes.write(page);
  findingsBlock(page, report.findings, options.verbose);
  secretsList(page, report);
  otherVpnBlock(page, report.otherVpn);
  migrationBlock(page, report.migration);
  limitsBlock(page, report.limitsReached);
  yield page.take();
}
