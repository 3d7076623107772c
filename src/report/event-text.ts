/**
 * The events of `live` for people: one line each, and the table of the open tunnels that stands under them on a terminal.
 * Captured text goes through `safe`, as everywhere in the text report.
 */
import { protocolTitle } from '../findings/stages.ts';
import { bytes, counted, duration } from '../octets/words.ts';
import {
  causeNames,
  generalErrorNames,
  incomingCallResultNames,
  outgoingCallResultNames,
  startResultNames,
} from '../pptp/names.ts';
import { type Names, named } from '../wire/field.ts';
import type { CallReport, TunnelReport } from './contract.ts';
import type { EventLine } from './event-contract.ts';
import type { UtcOffset } from './text/clock.ts';
import { type Mark, type Palette, safe } from './text/span.ts';

export interface EventTextOptions {
  readonly palette: Palette;
  readonly time: 'utc' | 'local';
  /** As the report's. */
  readonly utcOffset: UtcOffset;
}

/** Without a newline; null for what is shown otherwise (the report). */
export function eventText(event: EventLine, options: EventTextOptions): string | null {
  if (event.kind === 'report') return null;
  const said = words(event);
  if (said === null) return null;
  const [mark, text] = said;
  const { palette } = options;
  const time = clockTime(event.time, options);
  let head = `${time} `;
  if ('tunnel' in event) {
    const { client, server } = event;
    head += `${safe(event.call ?? event.tunnel)} ${safe(client.address)} -> ${safe(server.address)}  `;
  }
  const body = safe(text);
  return `${palette.faint(head)}${mark === null ? body : palette[mark](body)}`;
}

/** `12:00:03.120`: events are read as they come, the day is known. */
function clockTime(time: string | null, { time: style, utcOffset }: EventTextOptions): string {
  if (time === null) return '--:--:--.---';
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) return time;
  const shifted = style === 'utc' ? milliseconds : milliseconds + utcOffset(milliseconds) * 60_000;
  const shown = new Date(shifted);
  return Number.isNaN(shown.getTime()) ? time : shown.toISOString().slice(11, 23);
}

type Said = readonly [mark: Mark | null, text: string];

function words(event: Exclude<EventLine, { kind: 'report' }>): Said | null {
  switch (event.kind) {
    case 'capture-started':
      return [
        'faint',
        `listening on ${event.interface === '-' ? 'standard input' : event.interface}${event.backend === 'stdin' ? '' : ` with ${event.backend}`}; Ctrl-C ends with the report`,
      ];
    case 'tunnel-opened': {
      const how = {
        syn: `the client dials TCP port ${event.server.port}`,
        'mid-stream': 'a control connection that was open before',
        gre: 'GRE without its control connection',
      };
      return [null, how[event.with]];
    }
    case 'tcp-connected': {
      const took = event.handshakeMilliseconds;
      return [null, `TCP connected${took === null ? '' : ` in ${duration(took / 1000)}`}`];
    }
    case 'tcp-refused':
      return ['failed', 'TCP refused (RST)'];
    case 'control-started': {
      const vendor = event.vendorName === null || event.vendorName === '' ? '' : `, server "${event.vendorName}"`;
      if (event.accepted) return [null, `control connection started${vendor}`];
      return ['failed', `control connection refused: ${orNotSeen(event.resultCode, startResultNames)}${vendor}`];
    }
    case 'call-requested':
      return [null, `the ${event.by} asks for a call`];
    case 'call-connected':
      return [
        null,
        `call connected, Call IDs client ${event.clientCallId ?? '?'}, server ${event.serverCallId ?? '?'}`,
      ];
    case 'call-refused': {
      const names = event.reply === 'incoming' ? incomingCallResultNames : outgoingCallResultNames;
      const error = event.resultCode === 2 ? `, error ${orNotSeen(event.errorCode, generalErrorNames)}` : '';
      const cause = event.causeCode ? `, cause ${orNotSeen(event.causeCode, causeNames)}` : '';
      return ['failed', `call refused: result ${orNotSeen(event.resultCode, names)}${error}${cause}`];
    }
    case 'gre-seen':
      return [null, `first GRE of the ${event.from}`];
    case 'gre-unanswered':
      return [
        'failed',
        `no GRE comes back: ${counted(event.requests, 'LCP Configure-Request')} of the ${event.from}, no answer`,
      ];
    case 'lcp-opened': {
      const { client, server } = event.authentication;
      const asks = [
        server === null ? [] : [`server asks ${protocolTitle(server)}`],
        client === null ? [] : [`client asks ${protocolTitle(client)}`],
      ].flat();
      return [null, `LCP opened, ${asks.length === 0 ? 'no authentication asked' : asks.join(', ')}`];
    }
    case 'negotiation-undone': {
      const what = { lcp: 'LCP', encryption: 'CCP', network: 'the network' }[event.stage];
      return ['failed', `${what} is not open: what was acknowledged is asked for again and again`];
    }
    case 'authentication-asked':
      return [null, `${protocolTitle(event.protocol)}: the ${event.by} asks for the proof`];
    case 'authentication-succeeded':
      return ['passed', `${protocolTitle(event.protocol)}${ofUser(event.user)} accepted`];
    case 'authentication-failed': {
      const error = event.errorCode === null ? '' : ` with error ${event.errorCode}`;
      const message = event.message === null ? '' : `: "${event.message}"`;
      return ['failed', `${protocolTitle(event.protocol)}${ofUser(event.user)} refused${error}${message}`];
    }
    case 'encryption-agreed': {
      if (event.method !== 'mppe') return ['partial', `no encryption agreed (CCP ${event.method})`];
      const state = event.stateless === null ? '' : event.stateless ? ', stateless' : ', stateful';
      return [null, `MPPE ${event.bits ?? '?'} bit${state}`];
    }
    case 'network-opened':
      return [
        'passed',
        `network up: client ${event.clientAddress ?? 'no address'}, server ${event.serverAddress ?? 'no address'}`,
      ];
    case 'first-data':
      return event.encrypted
        ? [null, `first user data of the ${event.from}, encrypted`]
        : ['partial', `first user data of the ${event.from}, in clear`];
    case 'echo-unanswered': {
      const whose = event.protocol === 'pptp' ? 'Echo-Request' : 'LCP Echo-Request';
      return ['failed', `${counted(event.requests, whose)} of the ${event.from} unanswered`];
    }
    case 'icmp-error':
      return ['failed', `ICMP from ${event.from} about ${event.quotes.toUpperCase()}: ${event.name}`];
    case 'link-terminated': {
      const text = event.text === null || event.text === '' ? '' : `: "${event.text}"`;
      const windows = event.windowsErrorCode ? ` (Windows error ${event.windowsErrorCode})` : '';
      return ['partial', `the ${event.by} ends the link${text}${windows}`];
    }
    case 'disconnected':
      return ['partial', `call ended by the ${event.by}`];
    case 'control-closed':
      return ['partial', `control connection closed by the ${event.by} (${event.with.toUpperCase()})`];
    case 'tunnel-silent':
      return ['failed', `nothing heard of either side for ${duration(event.seconds)}`];
    case 'tunnel-ended': {
      const lasted = event.durationSeconds === null ? '' : ` after ${duration(event.durationSeconds)}`;
      return ['faint', `done with${lasted}`];
    }
    case 'diagnosis': {
      const { cause, confidence, summary, advice } = event.diagnosis;
      return ['failed', `${cause} (${confidence}): ${summary} ${advice}`.trim()];
    }
    case 'diagnosis-withdrawn': {
      const now = event.instead.length === 0 ? 'what came since refutes it' : `it is ${event.instead.join(', ')} now`;
      return ['partial', `${event.cause} is taken back: ${now}`];
    }
    case 'finding': {
      const { severity, title, rule } = event.finding;
      const mark = severity === 'critical' || severity === 'high' ? 'failed' : 'partial';
      return [mark, `${severity}: ${title} (${rule})`];
    }
    case 'packets-dropped':
      return [
        'failed',
        `${counted(event.dropped, 'packet')} lost by the capture so far: what is missing may be lost here`,
      ];
    case 'capture-fault':
      return ['failed', event.message];
    case 'file-opened':
      return ['faint', `writing to ${event.path}`];
    case 'capture-ended': {
      const why = {
        interrupted: 'interrupted',
        duration: 'the duration is over',
        count: 'the count is reached',
        end: 'the input ends',
        failed: 'the capture broke off',
      }[event.reason];
      const lost = event.dropped === null ? '' : `, ${event.dropped} lost`;
      return ['faint', `${why}: ${counted(event.frames, 'frame')}${lost}`];
    }
  }
}

function ofUser(user: string | null): string {
  return user === null ? '' : ` of ${user}`;
}

function orNotSeen(code: number | null, names: Names): string {
  return code === null ? 'not seen' : named(code, names);
}

/** The newest calls in columns; no line is longer than `width`. `earlier` has the octets of each call at the last look. */
export function tableText(
  tunnels: readonly TunnelReport[],
  tunnelsInAll: number,
  earlier: ReadonlyMap<string, number>,
  seconds: number,
  width: number,
  rowsAtMost: number,
  { palette }: Pick<EventTextOptions, 'palette'>,
): string[] {
  const rows = tunnels.flatMap((tunnel) => rowsOf(tunnel, earlier, seconds));
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
  if (rows.length > shown.length || tunnelsInAll > tunnels.length) {
    lines.push(palette.faint(line([`the newest of ${counted(tunnelsInAll, 'open tunnel')}`])));
  }
  return lines;
}

interface Row {
  readonly cells: readonly string[];
  readonly mark: Mark;
}

function rowsOf(tunnel: TunnelReport, earlier: ReadonlyMap<string, number>, seconds: number): Row[] {
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
    const octets = up.bytes + down.bytes;
    const before = earlier.get(call.id);
    const rate =
      before === undefined || seconds <= 0 ? '' : `${bytes(Math.max(0, Math.round((octets - before) / seconds)))}/s`;
    const lost = up.lost + down.lost;
    const cells = [
      call.id,
      client,
      server,
      ...rung(call.stages),
      rate,
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

/** The highest rung that was reached, and how it stands. */
function rung(stages: CallReport['stages']): [stage: string, mark: string] {
  const failed = stages.find(({ status }) => status === 'failed');
  const reached = failed ?? stages.findLast(({ status }) => status === 'passed' || status === 'partial');
  if (reached === undefined) return ['', ''];
  return [reached.stage, { passed: '✓', failed: '✗', partial: '…', skipped: '', 'not-seen': '' }[reached.status]];
}
