/** What is said of each event that `live` tells. Captured text in it is as it was captured. */
import { protocolTitle } from '../findings/stages.ts';
import { counted, duration } from '../octets/words.ts';
import {
  causeNames,
  generalErrorNames,
  incomingCallResultNames,
  outgoingCallResultNames,
  startResultNames,
} from '../pptp/names.ts';
import { type Names, named } from '../wire/field.ts';
import type { EventLine } from './event-contract.ts';
import type { Mark } from './text/span.ts';

/** Events that are one line; the report is shown otherwise. */
type ToldEvent = Exclude<EventLine, { kind: 'report' }>;

type ByKind = { readonly [Event in ToldEvent as Event['kind']]: Event };

type Said = readonly [mark: Mark | null, text: string];

const wordsOf: { readonly [Kind in keyof ByKind]: (event: ByKind[Kind]) => Said } = {
  'capture-started': (event) => [
    'faint',
    `listening on ${event.interface === '-' ? 'standard input' : event.interface}${event.backend === 'stdin' ? '' : ` with ${event.backend}`}; Ctrl-C ends with the report`,
  ],
  'tunnel-opened': (event) => {
    const how = {
      syn: `the client dials TCP port ${event.server.port}`,
      'mid-stream': 'a control connection that was open before',
      gre: 'GRE without its control connection',
    };
    return [null, how[event.with]];
  },
  'tcp-connected': (event) => {
    const took = event.handshakeMilliseconds;
    return [null, `TCP connected${took === null ? '' : ` in ${duration(took / 1000)}`}`];
  },
  'tcp-refused': () => ['failed', 'TCP refused (RST)'],
  'control-started': (event) => {
    const vendor = event.vendorName === null || event.vendorName === '' ? '' : `, server "${event.vendorName}"`;
    if (event.accepted) return [null, `control connection started${vendor}`];
    return ['failed', `control connection refused: ${orNotSeen(event.resultCode, startResultNames)}${vendor}`];
  },
  'call-requested': (event) => [null, `the ${event.by} asks for a call`],
  'call-connected': (event) => [
    null,
    `call connected, Call IDs client ${event.clientCallId ?? '?'}, server ${event.serverCallId ?? '?'}`,
  ],
  'call-refused': (event) => {
    const names = event.reply === 'incoming' ? incomingCallResultNames : outgoingCallResultNames;
    const error = event.resultCode === 2 ? `, error ${orNotSeen(event.errorCode, generalErrorNames)}` : '';
    const cause = event.causeCode ? `, cause ${orNotSeen(event.causeCode, causeNames)}` : '';
    return ['failed', `call refused: result ${orNotSeen(event.resultCode, names)}${error}${cause}`];
  },
  'gre-seen': (event) => [null, `first GRE of the ${event.from}`],
  'gre-unanswered': (event) => [
    'failed',
    `no GRE comes back: ${counted(event.requests, 'LCP Configure-Request')} of the ${event.from}, no answer`,
  ],
  'lcp-opened': (event) => {
    const { client, server } = event.authentication;
    const asks = [
      server === null ? [] : [`server asks ${protocolTitle(server)}`],
      client === null ? [] : [`client asks ${protocolTitle(client)}`],
    ].flat();
    return [null, `LCP opened, ${asks.length === 0 ? 'no authentication asked' : asks.join(', ')}`];
  },
  'negotiation-undone': (event) => {
    const what = { lcp: 'LCP', encryption: 'CCP', network: 'the network' }[event.stage];
    return ['failed', `${what} is not open: what was acknowledged is asked for again and again`];
  },
  'authentication-asked': (event) => [null, `${protocolTitle(event.protocol)}: the ${event.by} asks for the proof`],
  'authentication-succeeded': (event) => ['passed', `${protocolTitle(event.protocol)}${ofUser(event.user)} accepted`],
  'authentication-failed': (event) => {
    const error = event.errorCode === null ? '' : ` with error ${event.errorCode}`;
    const message = event.message === null ? '' : `: "${event.message}"`;
    return ['failed', `${protocolTitle(event.protocol)}${ofUser(event.user)} refused${error}${message}`];
  },
  'encryption-agreed': (event) => {
    if (event.method !== 'mppe') return ['partial', `no encryption agreed (CCP ${event.method})`];
    const state = event.stateless === null ? '' : event.stateless ? ', stateless' : ', stateful';
    return [null, `MPPE ${event.bits ?? '?'} bit${state}`];
  },
  'network-opened': (event) => [
    'passed',
    `network up: client ${event.clientAddress ?? 'no address'}, server ${event.serverAddress ?? 'no address'}`,
  ],
  'first-data': (event) =>
    event.encrypted
      ? [null, `first user data of the ${event.from}, encrypted`]
      : ['partial', `first user data of the ${event.from}, in clear`],
  'echo-unanswered': (event) => {
    const whose = event.protocol === 'pptp' ? 'Echo-Request' : 'LCP Echo-Request';
    return ['failed', `${counted(event.requests, whose)} of the ${event.from} unanswered`];
  },
  'icmp-error': (event) => ['failed', `ICMP from ${event.from} about ${event.quotes.toUpperCase()}: ${event.name}`],
  'link-terminated': (event) => {
    const text = event.text === null || event.text === '' ? '' : `: "${event.text}"`;
    const windows = event.windowsErrorCode ? ` (Windows error ${event.windowsErrorCode})` : '';
    return ['partial', `the ${event.by} ends the link${text}${windows}`];
  },
  disconnected: (event) => ['partial', `call ended by the ${event.by}`],
  'control-closed': (event) => [
    'partial',
    `control connection closed by the ${event.by} (${event.with.toUpperCase()})`,
  ],
  'tunnel-silent': (event) => ['failed', `nothing heard of either side for ${duration(event.seconds)}`],
  'tunnel-ended': (event) => {
    const lasted = event.durationSeconds === null ? '' : ` after ${duration(event.durationSeconds)}`;
    return ['faint', `done with${lasted}`];
  },
  diagnosis: (event) => {
    const { cause, confidence, summary, advice } = event.diagnosis;
    return ['failed', `${cause} (${confidence}): ${summary} ${advice}`.trim()];
  },
  'diagnosis-withdrawn': (event) => {
    const now = event.instead.length === 0 ? 'what came since refutes it' : `it is ${event.instead.join(', ')} now`;
    return ['partial', `${event.cause} is taken back: ${now}`];
  },
  finding: (event) => {
    const { severity, title, rule } = event.finding;
    const mark = severity === 'critical' || severity === 'high' ? 'failed' : 'partial';
    return [mark, `${severity}: ${title} (${rule})`];
  },
  'packets-dropped': (event) => [
    'failed',
    `${counted(event.dropped, 'packet')} lost by the capture so far: what is missing may be lost here`,
  ],
  'capture-fault': (event) => ['failed', event.message],
  'file-opened': (event) => ['faint', `writing to ${event.path}`],
  'capture-ended': (event) => {
    const why = {
      interrupted: 'interrupted',
      duration: 'the duration is over',
      count: 'the count is reached',
      end: 'the input ends',
      failed: 'the capture broke off',
    }[event.reason];
    const lost = event.dropped === null ? '' : `, ${event.dropped} lost`;
    return ['faint', `${why}: ${counted(event.frames, 'frame')}${lost}`];
  },
};

export function eventWords<Kind extends keyof ByKind>(kind: Kind, event: ByKind[Kind]): Said {
  return wordsOf[kind](event);
}

function ofUser(user: string | null): string {
  return user === null ? '' : ` of ${user}`;
}

function orNotSeen(code: number | null, names: Names): string {
  return code === null ? 'not seen' : named(code, names);
}
