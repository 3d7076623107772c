/**
 * The report as one HTML document that stands alone: no script, nothing loaded from elsewhere. The words are those of the text
 * report and of the command `ladder`; details and diagrams are folded.
 */
import { endpointText } from '../octets/address.ts';
import type { ReportSource, TunnelReport } from './contract.ts';
import type { Diagrams } from './diagrams.ts';
import { HtmlPage, html } from './html/html-page.ts';
import { style } from './html/style.ts';
import { PacketTimes } from './packets.ts';
import { nameOf } from './sequences.ts';
import { localOffset } from './text/clock.ts';
import { type ToldOptions, told } from './text/whole.ts';

export interface HtmlOptions extends Pick<ToldOptions, 'time' | 'utcOffset'> {
  /**
   * Of its calls, where the captures were read for them. Not shown in a report with pseudonyms: packets hold names of which it
   * knows nothing.
   */
  readonly diagrams?: Diagrams;
}

/** The whole document, in pieces. */
export function* htmlReport(report: ReportSource, { diagrams, ...options }: HtmlOptions): Generator<string> {
  const [first, ...others] = report.captures;
  const name = first === undefined ? 'no capture' : nameOf(first);
  const title = `PPTP report: ${name}${others.length === 0 ? '' : ` and ${others.length} more`}`;
  yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n';
  yield '<meta name="viewport" content="width=device-width">\n';
  // Were markup to get through after all, it could load nothing and run nothing.
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">\n`;
  yield `<title>${html(title)}</title>\n<style>\n${style}</style>\n</head>\n`;
  yield `<body>\n<main>\n<h1>${html(title)}</h1>\n`;
  const page = new HtmlPage();
  const whole = { ...options, verbose: true };
  if (diagrams === undefined || report.redacted === true) yield* told(report, page, whole);
  else {
    const limitsReached = [...report.limitsReached, ...diagrams.limitsReached];
    const behind = (tunnel: TunnelReport): void => draw(page, tunnel, diagrams, options);
    yield* told({ ...report, limitsReached }, page, { ...whole, behind });
  }
  page.end();
  yield `${page.take()}</main>\n<footer>${html(`${report.tool.name} ${report.tool.version}`)}</footer>\n</body>\n</html>\n`;
}

const timeHeadings = { utc: 'time, UTC', local: 'time, local', relative: 'time' } as const;

function draw(
  page: HtmlPage,
  tunnel: TunnelReport,
  diagrams: Diagrams,
  { time, utcOffset = localOffset }: HtmlOptions,
): void {
  const client = `client ${endpointText(tunnel.client)}`;
  const server = `server ${endpointText(tunnel.server)}`;
  for (const { id, capture, rungs } of diagrams.of(tunnel)) {
    const times = new PacketTimes(capture, { time, utcOffset });
    page.details(`Ladder diagram of ${id}`, () => {
      page.ladder([timeHeadings[time], client, server], rungs, (instant) => times.text(instant));
    });
  }
}
