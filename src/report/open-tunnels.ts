/** The table of the open tunnels that stands under the events of `live` on a terminal. Captured text goes through `safe`. */
import { bytes, counted } from '../octets/words.ts';
import type { CallReport, TunnelReport } from './contract.ts';
import { type Mark, type Palette, safe } from './text/span.ts';

export interface OpenTunnels {
  /** The newest. */
  readonly tunnels: readonly TunnelReport[];
  /** How many are open. */
  readonly count: number;
}

/** What rates are reckoned from. */
export interface LastLook {
  /** Of each call, by its id. */
  readonly octets: ReadonlyMap<string, number>;
  /** Since then. */
  readonly seconds: number;
}

export interface TableLook {
  /** No line is longer. */
  readonly width: number;
  /** Without the head and the line that says that there are more. */
  readonly rowsAtMost: number;
  readonly palette: Palette;
}

/** The newest calls in columns. */
export function openTunnelsTable(
  { tunnels, count }: OpenTunnels,
  since: LastLook,
  { width, rowsAtMost, palette }: TableLook,
): string[] {
  const rows = tunnels.flatMap((tunnel) => rowsOf(tunnel, since));
  const heads = ['call', 'client', 'server', 'stage', '', 'rate', 'up', 'down', 'lost'];
  const shown = rows.slice(-rowsAtMost);
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...shown.map(({ cells }) => [...(cells[index] ?? '')].length)),
  );
  const line = (cells: readonly string[]): string => {
    const text = cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
    return [...text].slice(0, width).join('');
  };
  const lines = [palette.faint(line(heads))];
  if (shown.length === 0) lines.push(palette.faint(line(['no open tunnel'])));
  for (const { cells, mark } of shown) lines.push(palette[mark](line(cells)));
  if (rows.length > shown.length || count > tunnels.length) {
    lines.push(palette.faint(line([`the newest of ${counted(count, 'open tunnel')}`])));
  }
  return lines;
}

interface Row {
  readonly cells: readonly string[];
  readonly mark: Mark;
}

function rowsOf(tunnel: TunnelReport, since: LastLook): Row[] {
  const client = safe(tunnel.client.address);
  const server = safe(tunnel.server.address);
  if (tunnel.calls.length === 0) {
    const stages = tunnel.stages ?? [];
    const failed = stages.some(({ status }) => status === 'failed');
    return [
      { cells: [tunnel.id, client, server, ...rung(stages), '', '', '', ''], mark: failed ? 'failed' : 'partial' },
    ];
  }
  return tunnel.calls.map((call) => {
    const { clientToServer: up, serverToClient: down } = call.gre;
    const lost = up.lost + down.lost;
    const cells = [
      call.id,
      client,
      server,
      ...rung(call.stages),
      rate(up.bytes + down.bytes, since.octets.get(call.id), since.seconds),
      bytes(up.bytes),
      bytes(down.bytes),
      String(lost),
    ];
    return {
      cells,
      mark: call.outcome === 'established' ? 'passed' : call.outcome === 'unfinished' ? 'partial' : 'failed',
    };
  });
}

function rate(octets: number, before: number | undefined, seconds: number): string {
  if (before === undefined || seconds <= 0) return '';
  return `${bytes(Math.max(0, Math.round((octets - before) / seconds)))}/s`;
}

/** The highest rung that was reached, and how it stands. */
function rung(stages: CallReport['stages']): [stage: string, mark: string] {
  const failed = stages.find(({ status }) => status === 'failed');
  const reached = failed ?? stages.findLast(({ status }) => status === 'passed' || status === 'partial');
  if (reached === undefined) return ['', ''];
  return [reached.stage, { passed: '✓', failed: '✗', partial: '…', skipped: '', 'not-seen': '' }[reached.status]];
}
