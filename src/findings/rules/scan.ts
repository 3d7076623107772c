/** Scan for PPTP servers. */
import type { CaptureRule, PlacedHit } from './rule.ts';

const serversAtLeast = 5;
const foreignAtLeast = 2;
/** More than clients that fail by chance. */
const sourcesAtLeast = 20;

interface Source {
  readonly first: string;
  readonly servers: Set<string>;
  readonly probed: number[];
  readonly foreign: number[];
  readonly scanner: number[];
}

/** Who came to a server. */
interface Visited {
  /** Sources that asked for a call. */
  readonly callers: Set<string>;
  /** Sources that had a control connection accepted and asked for nothing, with the first tunnel and frame of each. */
  readonly idle: Map<string, { readonly tunnel: string; readonly frame: number }>;
}

export const scan: CaptureRule = {
  id: 'scan',
  title: 'Scan for PPTP servers',
  severity: 'low',
  what: 'A source looks for PPTP servers, or for what listens on their port.',
  why: 'A scan comes before an attack; often it is just the noise of the Internet.',
  advice: 'Let only known addresses reach TCP port 1723.',
  references: ['nmap: pptp-version script', 'RFC 2637 §5'],
  evidence:
    'A Start-Control-Connection-Request that names nmap, one source at five servers without a call, two connections of one source that speak another protocol, or twenty sources at one server whose control connections were accepted and carried no call.',
  scope: 'capture',
  look() {
    const sources = new Map<string, Source>();
    const servers = new Map<string, Visited>();
    return {
      see: ({ id, client, server, calls, control, firstFrame }) => {
        const visited: Visited = servers.get(server.address) ?? { callers: new Set(), idle: new Map() };
        servers.set(server.address, visited);
        if (calls.length > 0) visited.callers.add(client.address);
        if (control === null || calls.length > 0) return;
        if (control.start.outcome === 'accepted' && !visited.idle.has(client.address)) {
          visited.idle.set(client.address, { tunnel: id, frame: control.start.requestFrame ?? firstFrame });
        }
        const source = sources.get(client.address) ?? {
          first: id,
          servers: new Set<string>(),
          probed: [],
          foreign: [],
          scanner: [],
        };
        sources.set(client.address, source);
        source.servers.add(server.address);
        source.probed.push(firstFrame);
        const said = control.start.client;
        if (/\bnmap\b/i.test(`${said?.vendorName ?? ''} ${said?.hostName ?? ''}`)) {
          source.scanner.push(control.start.requestFrame ?? firstFrame);
        }
        // It spoke, and what is no PPTP is not the server's greeting alone.
        const spoke = control.start.requestFrame === null && control.tcp.bytes.client > 0;
        const strange = control.anomalies.find(({ code }) => code === 'not-pptp');
        if (spoke && strange !== undefined) source.foreign.push(strange.frame ?? firstFrame);
      },
      hits: () => [...[...sources.values()].flatMap(hitOf), ...[...servers.values()].flatMap(manyOf)],
    };
  },
};

function hitOf({ first, servers, probed, foreign, scanner }: Source): PlacedHit[] {
  const seen: [frames: number[], detail: string][] = [];
  if (scanner.length > 0) seen.push([scanner, 'the request is that of nmap']);
  if (servers.size >= serversAtLeast) seen.push([probed, `${servers.size} servers were tried without a call`]);
  if (foreign.length >= foreignAtLeast) {
    seen.push([foreign, `${foreign.length} connections to the control port speak another protocol`]);
  }
  if (seen.length === 0) return [];
  const frames = seen.flatMap(([own]) => own);
  const detail = `From one source: ${seen.map(([, text]) => text).join('; ')}.`;
  return [{ tunnel: first, call: null, basis: 'used', frames, detail }];
}

function manyOf({ callers, idle }: Visited): PlacedHit[] {
  const strangers = [...idle].flatMap(([source, one]) => (callers.has(source) ? [] : [one]));
  const [first] = strangers;
  if (first === undefined || strangers.length < sourcesAtLeast) return [];
  const frames = strangers.map(({ frame }) => frame);
  const detail = `${strangers.length} sources had control connections of one server accepted and asked for no call.`;
  return [{ tunnel: first.tunnel, call: null, basis: 'used', frames, detail }];
}
