/** Scenes of the causes that keep GRE from coming through: filters, NAT, addresses, Call IDs. */
import { otherSide } from '../../../src/sessions/ends.ts';
import {
  address,
  echoRequest,
  enhancedGre,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  setLinkInfo,
  stopControlConnectionRequest,
} from '../packets.ts';
import { ipAddress, ipcpProtocol, lcpProtocol, Scene, userData } from '../scene.ts';
import type { SessionFrame } from '../session.ts';
import {
  addressOf,
  asRedirect,
  at,
  type Built,
  blocked,
  type CauseScenes,
  captured,
  healthy,
  isGre,
  type Scenario,
  scene,
  together,
  type Variation,
} from './scenario.ts';

const magic = octets([5, 6, 1, 2, 3, 4]);

/** Asks in vain first, and then everything arrives. */
function atLast(options: Variation): Scene {
  const one = scene(options).dial();
  one.arrives.client = false;
  one.arrives.server = false;
  one.lcpInVain(options.tries, options.interval);
  one.arrives.client = true;
  one.arrives.server = true;
  return healthy(one);
}

/** The client's GRE comes from that address instead of its own; the server asks as well, or not one packet of it comes. */
function clientFrom(source: string, options: Variation, heard = true): Scene {
  const one = at('server', options).dial();
  for (let index = 0; index < options.tries; index += 1) {
    const ppp = pppControl(lcpProtocol, 1, 1, one.lcpOptions('client'));
    one.stranger(source, 'server', 47, enhancedGre({ callId: one.callIds.server, sequence: index }, ppp));
    if (heard) one.ppp('server', lcpProtocol, 1, 1, one.lcpOptions('server'));
    one.wait(options.interval);
  }
  return one.hangUp();
}

/** Another client of the address dials; nothing of the first comes through its tunnel from then on. */
function displacing(options: Variation, alive: boolean): Built {
  const { server = '198.51.100.1', start } = options;
  const place = { server, vantage: 'server', client: '203.0.113.5' } as const;
  const first = new Scene({ ...place, start, clientPort: 40_000, clientCallId: 1, serverCallId: 1 }).up().talk(5, 1);
  const second = new Scene({ ...place, start: start + 6, clientPort: 40_001, clientCallId: 2, serverCallId: 2 });
  healthy(second.dial());
  for (let index = 0; index < 8; index += 1) first.data('server', 60, true).wait(2);
  if (alive) first.writer.message('client', echoRequest(1)).wait(1);
  return together(first, second);
}

/** During LCP the client sends a Set-Link-Info, for the call or with another Peer Call ID, and the server resets the connection. */
function linkInfo(options: Variation, fits: boolean): Scene {
  const one = scene(options).dial();
  for (const side of ['client', 'server'] as const) one.ppp(side, lcpProtocol, 1, 1, one.lcpOptions(side));
  const { serverCallId } = one.writer;
  one.writer.message('client', setLinkInfo(fits ? serverCallId : (serverCallId + 4711) & 0xffff));
  return one.reset('server');
}

/** Both ends ask; the server's GRE comes from that address instead of its own. */
function serverFrom(source: string, options: Variation): Scene {
  const one = at('client', options).dial();
  for (let index = 0; index < options.tries; index += 1) {
    one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
    const ppp = pppControl(lcpProtocol, 1, 1, one.lcpOptions('server'));
    one.stranger(source, 'client', 47, enhancedGre({ callId: one.callIds.client, sequence: index }, ppp));
    one.wait(options.interval);
  }
  return one.hangUp();
}

/** The server's GRE carries another Call ID than the client announced. */
function rewritten(options: Variation): Scene {
  const one = at('client', { ...options, clientCallId: 0x4000 }).dial();
  one.callIds.client = 0x1234;
  return one;
}

/** The reply names another Call ID than the client announced. RFC 2637 §2.8 */
function misnamed(options: Variation): Scene {
  const one = at('client', { ...options, clientCallId: 0x4000 })
    .handshake()
    .control();
  const { clientCallId, serverCallId } = one.writer;
  one.writer.message('client', outgoingCallRequest(clientCallId));
  one.writer.message('server', outgoingCallReply(serverCallId, 0x1234));
  return one;
}

function rejected(code: number, from: string | null, options: Variation): Scene {
  const one = at('client', options).dial();
  one.arrives.client = false;
  one.arrives.server = false;
  one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
  return one.icmp(code, from ?? one.writer.server, 'client');
}

/** Two calls of one address, the second so many seconds after the first, which is up for 40 s; its GRE goes astray. */
function behindOneAddress(options: Variation, after: number): Built {
  const { server = '198.51.100.1', start, tries } = options;
  const place = { server, vantage: 'server', client: '203.0.113.5' } as const;
  const first = new Scene({ ...place, start, clientPort: 40_000, serverCallId: 1, clientCallId: 8 });
  const second = new Scene({
    ...options,
    ...place,
    start: start + after,
    clientPort: 40_001,
    clientCallId: 9,
    serverCallId: 2,
  });
  const other = first.up().talk(40, 1).terminate('client').hangUp();
  return together(blocked(second, { ...options, tries: tries + 3, interval: 3 }, ['server']), other);
}

/** As above, seen behind the NAT, where the clients have addresses of their own. */
function insideOneNat(
  options: Variation,
  after: number,
  clients: readonly [string, string] = ['10.1.1.2', '10.1.1.3'],
): Built {
  const [works, fails] = clients;
  const { server = '198.51.100.1', start, tries } = options;
  const first = new Scene({ server, vantage: 'client', client: works, start, serverCallId: 1, clientCallId: 8 });
  const second = new Scene({
    ...options,
    vantage: 'client',
    client: fails,
    start: start + after,
    clientCallId: 9,
  });
  const other = first.up().talk(40, 1).terminate('client').hangUp();
  return together(blocked(second, { ...options, tries: tries + 3, interval: 3 }, ['server']), other);
}

/** Two calls of one address with one Call ID: the first for so many seconds, the second so long after it begins. */
function sameCallId(options: Variation, seconds: number, after: number): Built {
  const { server = '198.51.100.1', start } = options;
  const place = { server, vantage: 'server', client: '203.0.113.5', clientCallId: 0 } as const;
  const first = new Scene({ ...place, start, clientPort: 40_000, serverCallId: 1 });
  const second = new Scene({ ...options, ...place, start: start + after, clientPort: 40_001, serverCallId: 2 });
  return together(second.up().talk(20, 1).terminate('client').hangUp(), first.up().talk(seconds, 1));
}

/** The client's first request arrives and nothing after it: the server asks, and asks again for what the client acknowledged. */
function firstAlone(options: Variation, acknowledgments: number): Scene {
  const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
  for (let index = 1; index <= acknowledgments; index += 1) {
    one.ppp('server', lcpProtocol, 1, index, one.lcpOptions('server'));
    one.gre('client', pppControl(lcpProtocol, 2, index, one.lcpOptions('server')), 'behind').wait(options.interval);
  }
  return one;
}

/** Both ends' GRE is there; the deaf one asks as if it heard nothing, and the other answers. */
function unheeded(options: Variation, deaf: 'client' | 'server'): Scene {
  const speaker = deaf === 'client' ? 'server' : 'client';
  const one = at(deaf, options).dial();
  for (let index = 0; index < options.tries; index += 1) {
    one.gre(deaf, pppControl(lcpProtocol, 1, 1, one.lcpOptions(deaf)));
    one.gre(speaker, pppControl(lcpProtocol, 2, 1, one.lcpOptions(deaf)), 'behind');
    one.gre(speaker, pppControl(lcpProtocol, 1, 1, one.lcpOptions(speaker)), 'behind').wait(options.interval);
  }
  return one.hangUp();
}

/** A call for so many seconds, and 5 s after it begins another one of the same address and Call ID, of whose client no GRE comes. */
function oneLeftOut(options: Variation, seconds: number): Built {
  const { server = '198.51.100.1', start } = options;
  const place = { server, vantage: 'server', client: '203.0.113.5', clientCallId: 0x4000 } as const;
  const first = new Scene({ ...place, start, clientPort: 40_000, serverCallId: 1 });
  const second = new Scene({ ...options, ...place, start: start + 5, clientPort: 40_001, serverCallId: 2 }).dial();
  for (let index = 0; index < 8; index += 1) {
    const request = pppControl(lcpProtocol, 1, 1, second.lcpOptions('server'));
    second.writer.ip('server', 47, enhancedGre({ callId: 0x4000, sequence: index }, request)).wait(3);
  }
  return together(second.close('server'), first.up().talk(seconds, 1));
}

/** LCP is acknowledged at first; then both ask again, and all is lost behind the capture. The answers may be to other requests. */
function lostMidway(options: Variation, answers: boolean): Scene {
  const one = at('between', options).dial().lcp();
  const both = ['client', 'server'] as const;
  for (let index = 0; index < 3 + options.tries; index += 1) {
    for (const side of both) one.gre(side, pppControl(lcpProtocol, 1, 2 + index, one.lcpOptions(side)), 'behind');
    // RFC 1661 §5.2: the identifier must be that of the request.
    if (answers && index < 2) {
      for (const side of both) {
        one.gre(side, pppControl(lcpProtocol, 2, 200 + index, one.lcpOptions(otherSide(side))), 'behind');
      }
    }
    one.wait(options.interval);
  }
  return one.hangUp();
}

/** With right checksums in the IP headers, but for those frames: theirs are one too high. RFC 1071 */
export function checksummed(one: Scene, wrong: (frame: SessionFrame, index: number) => boolean): Built {
  const records = one.records().map((record, index) => {
    const frame = record.octets.slice();
    const view = new DataView(frame.buffer, 14, 20);
    view.setUint16(10, 0);
    let sum = 0;
    for (let at = 0; at < 20; at += 2) sum += view.getUint16(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(10, ((sum ^ 0xffff) + (wrong(record, index) ? 1 : 0)) & 0xffff);
    return { ...record, octets: frame };
  });
  return captured(records);
}

/** Behind a NAT that spoils all of the client's GRE but the first packet; the server takes that one. */
const spoiling = (options: Variation): Scene =>
  firstAlone({ ...options, vantage: 'server' }, options.tries + 2).hangUp();

const ofClient =
  (options: Variation) =>
  (frame: SessionFrame, index: number): boolean =>
    isGre(frame) && addressOf(frame) === (options.client ?? '192.0.2.10') && index > 12;

const notReached = (
  vantage: 'client' | 'server' | 'between',
  lost: readonly ('client' | 'server')[],
  said: Scenario['said'],
): Scenario => ({
  title: `${lost.join(' and ')} lost, seen from ${vantage}`,
  said,
  build: (options) => blocked(at(vantage, options), options, lost),
});

const toServer = ['gre-blocked-client-to-server'] as const;
const toClient = ['gre-blocked-server-to-client'] as const;

export const tunnelScenes = {
  'gre-blocked': {
    scenes: [
      notReached('client', ['client', 'server'], ['gre-blocked']),
      notReached('client', ['server'], ['gre-blocked']),
      notReached('between', ['server'], ['gre-blocked']),
      {
        title: 'the server sends GRE that is not of PPTP',
        said: ['gre-blocked'],
        build: (options) => {
          const one = at('client', options).dial();
          for (let index = 0; index < 3 + options.tries; index += 1) {
            one.gre('client', pppControl(lcpProtocol, 1, 1, one.lcpOptions('client')), true);
            const request = pppControl(lcpProtocol, 1, 1, one.lcpOptions('server'));
            const gre = enhancedGre({ callId: one.callIds.client, sequence: index }, request);
            // The checksum bit, which enhanced GRE does not have. RFC 2637 §4.1
            gre[0] = (gre[0] ?? 0) | 0x80;
            one.writer.ip('server', 47, gre).wait(options.interval);
          }
          return one.hangUp();
        },
      },
      {
        title: 'both are heard at first, seen from between',
        said: ['gre-blocked'],
        build: (options) => lostMidway(options, false),
        calm: 'what is lost of LCP at first makes it ask again',
      },
      {
        title: 'both are heard at first, and answers have identifiers of no request',
        said: ['gre-blocked'],
        build: (options) => lostMidway(options, true),
        calm: 'what is lost of LCP at first makes it ask again',
      },
      {
        title: 'the server gives up in the end, and says so',
        said: ['gre-blocked'],
        build: (options) => {
          const one = at('client', options).dial();
          one.arrives.server = false;
          one.lcpInVain(6 + options.tries, options.interval);
          one.writer.message('server', stopControlConnectionRequest(1));
          return one.close('server');
        },
      },
      {
        title: 'a client behind a NAT, whose call before came up',
        said: ['gre-blocked'],
        build: (options) => {
          const { server = '198.51.100.1', start } = options;
          const place = { server, vantage: 'client', client: '10.1.1.2' } as const;
          const before = new Scene({ ...place, start: start - 60, clientPort: 40_000, serverCallId: 1 });
          before.up().talk(5, 1).terminate('client').hangUp();
          return together(blocked(new Scene({ ...options, ...place }), options, ['server']), before);
        },
      },
      {
        title: 'a client behind a NAT',
        said: ['gre-blocked', 'nat-without-helper'],
        build: (options) => blocked(at('client', { ...options, client: '10.1.1.2' }), options, ['server']),
      },
    ],
    nearMisses: [
      {
        title: 'the server is heard, and does not hear',
        said: toServer,
        build: (options) => blocked(at('client', options), options, ['client']),
      },
      { title: 'the server is heard at last', said: [], build: (options) => atLast({ ...options, vantage: 'client' }) },
      {
        title: 'the server ends the call at once',
        said: ['disconnected-by-server'],
        build: (options) => {
          const one = at('client', options).dial();
          one.arrives.server = false;
          one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client')).wait(1);
          one.writer.message('server', stopControlConnectionRequest(1));
          return one.close('server');
        },
      },
      {
        title: 'the client sends no GRE either: the capture left it out',
        said: ['capture-incomplete'],
        build: (options) => at('client', options).dial().wait(10).hangUp(),
      },
    ],
  },

  'ip-header-spoiled': {
    scenes: [
      {
        title: 'all GRE of the client but the first packet',
        said: ['ip-header-spoiled'],
        build: (options) => checksummed(spoiling(options), ofClient(options)),
      },
      {
        title: 'all GRE of the client in a call that is up',
        said: ['ip-header-spoiled'],
        build: (options) => {
          const one = at('server', options).up().talk(4);
          const from = one.frames.length;
          for (let index = 0; index < 4 + options.tries; index += 1) {
            one.gre('client', userData('client', 100), 'behind').wait(1);
            one.data('server');
          }
          const spoiled = ofClient(options);
          return checksummed(one, (frame, index) => index >= from && spoiled(frame, index));
        },
      },
    ],
    nearMisses: [
      {
        title: 'the checksums are right',
        said: toServer,
        build: (options) => checksummed(spoiling(options), () => false),
      },
      {
        title: 'all packets of the client have a wrong one: somebody rewrote their addresses in the file',
        said: toServer,
        build: (options) =>
          checksummed(spoiling(options), (frame) => addressOf(frame) === (options.client ?? '192.0.2.10')),
      },
      {
        title: 'they are acknowledged',
        said: [],
        build: (options) =>
          checksummed(at('server', options).up().talk(12).terminate('client').hangUp(), ofClient(options)),
      },
    ],
  },

  'gre-blocked-client-to-server': {
    scenes: [
      notReached('client', ['client'], toServer),
      notReached('server', ['client'], toServer),
      notReached('server', ['client', 'server'], toServer),
      notReached('between', ['client'], toServer),
      {
        title: 'at the server, which takes nothing of what arrives',
        said: toServer,
        build: (options) => unheeded(options, 'server'),
      },
      ...(['client', 'between'] as const).map(
        (vantage): Scenario => ({
          title: `the client's first packet alone arrives, seen from ${vantage}`,
          said: toServer,
          build: (options) => firstAlone({ ...options, vantage }, options.tries + 1).hangUp(),
        }),
      ),
    ],
    nearMisses: [
      {
        title: 'two acknowledgments are lost, and the third arrives',
        said: [],
        build: (options) => healthy(firstAlone(options, 2)),
      },
      {
        title: 'what the client sends arrives, and the server goes on asking',
        said: ['lcp-not-converging'],
        build: (options) => {
          const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
          for (let index = 0; index <= options.tries; index += 1) {
            one.agree(lcpProtocol, 'server', one.lcpOptions('server')).wait(options.interval);
          }
          return one.hangUp();
        },
      },
      {
        title: 'the server answers, and the client does not hear',
        said: toClient,
        build: (options) => blocked(at('server', options), options, ['server']),
      },
      { title: 'the client is heard at last', said: [], build: (options) => atLast({ ...options, vantage: 'server' }) },
    ],
  },

  'gre-blocked-server-to-client': {
    scenes: [
      notReached('server', ['server'], toClient),
      {
        title: 'at the client, which takes nothing of what arrives',
        said: toClient,
        build: (options) => unheeded(options, 'client'),
      },
      {
        title: 'the client goes on asking though the server answers, seen on the way',
        said: toClient,
        build: (options) => {
          const one = at('between', options).dial();
          for (let index = 0; index < options.tries; index += 1) {
            one.gre('client', pppControl(lcpProtocol, 1, 1, one.lcpOptions('client')));
            one.gre('server', pppControl(lcpProtocol, 2, 1, one.lcpOptions('client')), 'behind');
            one.gre('server', pppControl(lcpProtocol, 1, 1, one.lcpOptions('server')), 'behind');
            one.wait(options.interval);
          }
          return one.hangUp();
        },
      },
    ],
    nearMisses: [
      {
        title: 'the client answers, and the server does not hear',
        said: toServer,
        build: (options) => blocked(at('server', options), options, ['client']),
      },
      { title: 'the client answers at last', said: [], build: (options) => atLast({ ...options, vantage: 'server' }) },
    ],
  },

  'gre-rejected-by-icmp': {
    scenes: [
      ...[0, 1, 2, 9, 10, 13].map(
        (code): Scenario => ({
          title: `ICMP 3/${code} from a box on the way`,
          said: ['gre-rejected-by-icmp'],
          build: (options) => rejected(code, '203.0.113.77', options).wait(options.interval).hangUp(),
        }),
      ),
      {
        title: 'ICMP 11/0',
        said: ['gre-rejected-by-icmp'],
        build: (options) => {
          const one = rejected(0, '203.0.113.77', options).wait(options.interval);
          // Behind the Ethernet and IP headers: type and code. RFC 792
          for (const frame of one.frames) if (frame.octets[23] === 1) frame.octets.set([11, 0], 14 + 20);
          return one.hangUp();
        },
      },
      {
        title: 'ICMP 3/2 from the server itself',
        said: ['gre-rejected-by-icmp'],
        build: (options) => rejected(2, null, options).wait(options.interval).hangUp(),
      },
      {
        title: "ICMP 3/2 from the server's address, from a box before it",
        said: ['gre-rejected-by-icmp'],
        build: (options) => {
          const one = at('client', { ...options, initial: { client: 64, server: 64 } }).dial();
          for (let index = 0; index < options.tries; index += 1) {
            one.gre('client', pppControl(lcpProtocol, 1, 1, one.lcpOptions('client')), true);
            one.icmp(2, one.writer.server, 'client').wait(options.interval);
          }
          const records = one
            .hangUp()
            .records()
            .map((record) => {
              const frame = record.octets.slice();
              // IP's time to live of ICMP: one router fewer.
              if (frame[23] === 1) frame[22] = (frame[22] ?? 0) + 1;
              return { ...record, octets: frame };
            });
          return captured(records);
        },
      },
      {
        title: "ICMP 3/2 from the server's address, and its GRE goes on",
        said: ['gre-rejected-by-icmp'],
        build: (options) => {
          const one = rejected(2, null, options);
          one.arrives.server = true;
          for (let index = 0; index < options.tries; index += 1) {
            one.ppp('server', lcpProtocol, 1, 1, one.lcpOptions('server')).wait(options.interval);
          }
          return one.hangUp();
        },
      },
    ],
    nearMisses: [
      {
        title: 'the call comes up all the same',
        said: [],
        build: (options) => {
          const one = rejected(2, null, options);
          one.arrives.client = true;
          one.arrives.server = true;
          return healthy(one);
        },
      },
      {
        title: 'a redirect, which goes on to another router',
        said: ['gre-blocked'],
        build: (options) =>
          asRedirect(rejected(13, '203.0.113.77', options))
            .lcpInVain(options.tries, options.interval)
            .hangUp(),
      },
      {
        title: 'the error is about the GRE of another tunnel',
        said: ['gre-blocked'],
        build: (options) => {
          const one = rejected(13, '203.0.113.77', options);
          const error = one.frames.at(-1)?.octets;
          // The destination in the quoted IP header.
          error?.set(address('198.18.0.1'), 14 + 20 + 8 + 16);
          return one.lcpInVain(options.tries, options.interval).hangUp();
        },
      },
    ],
  },

  'nat-without-helper': {
    scenes: [
      {
        title:
          'from where another client of the address dials, nothing comes of the first, but for its control connection',
        said: ['nat-without-helper'],
        build: (options) => displacing(options, true),
      },
      {
        title: "the server's GRE comes from its private address",
        said: ['nat-without-helper'],
        build: (options) => serverFrom('192.168.1.10', options),
      },
      {
        title: "the client's GRE comes from its private address, and nothing comes back",
        said: ['nat-without-helper'],
        build: (options) => clientFrom('192.168.1.50', { ...options, tries: options.tries + 2 }, false),
      },
      ...['192.168.1.5', '10.9.8.7', '172.16.3.4', '100.64.9.9'].map(
        (source): Scenario => ({
          title: `GRE comes from ${source}`,
          said: ['nat-without-helper'],
          build: (options) => clientFrom(source, options),
        }),
      ),
      {
        title: 'two calls of one address at a time, and one of them is not answered',
        said: ['nat-without-helper', 'gre-blocked-server-to-client'],
        build: (options) => behindOneAddress(options, 5),
      },
      {
        title: 'behind the NAT: the call of another private address works, and this one is not answered',
        said: ['nat-without-helper', 'gre-blocked'],
        build: (options) => insideOneNat(options, 5),
      },
      {
        title: 'behind the NAT: the call of another private address has ended before',
        said: ['gre-blocked', 'nat-without-helper'],
        build: (options) => insideOneNat(options, 100),
      },
      {
        title: 'two calls of one address at a time, with one Call ID',
        said: ['nat-without-helper', 'nat-without-helper'],
        build: (options) => sameCallId(options, 40, 5),
      },
      {
        title: 'two calls of one address at a time, with one Call ID, and the NAT drops what one of the clients sends',
        said: ['nat-without-helper', 'nat-without-helper'],
        build: (options) => oneLeftOut(options, 40),
      },
    ],
    nearMisses: [
      {
        title: 'the same, and its control connection is silent as well: its client dials again',
        said: ['peer-vanished'],
        build: (options) => displacing(options, false),
      },
      {
        title: 'a client dials again, with the same Call ID, and its first connection stays open',
        said: [],
        build: (options) => sameCallId(options, 2, 30),
      },
      {
        title: 'a client dials again, with the same Call ID, while the last packets of its call before are under way',
        said: [],
        build: (options) => sameCallId(options, 6, 5),
      },
      {
        title: 'a client dials again, with the same Call ID, and what it sends is dropped from then on',
        said: ['gre-blocked-client-to-server'],
        build: (options) => oneLeftOut(options, 4),
      },
      {
        title: 'GRE comes from another public address',
        said: ['gre-from-other-address'],
        build: (options) => clientFrom('203.0.113.200', options),
      },
      {
        title: 'the call of another address works meanwhile, and no NAT is needed',
        said: ['gre-blocked'],
        build: (options) => insideOneNat(options, 5, ['192.0.2.2', '192.0.2.3']),
      },
      {
        title: 'the two calls come one after the other',
        said: ['gre-blocked-server-to-client'],
        build: (options) => behindOneAddress(options, 100),
      },
      {
        title: 'GRE comes from the private address, and so does the control connection',
        said: ['gre-blocked-client-to-server'],
        build: (options) => blocked(at('server', { ...options, client: '192.168.1.5' }), options, ['client']),
      },
    ],
  },

  'nat-call-id-mismatch': {
    scenes: [
      {
        title: 'a Set-Link-Info names no call, and the server resets the connection',
        said: ['nat-call-id-mismatch'],
        build: (options) => linkInfo(options, false),
        calm: 'what is lost of LCP makes the ends wait, and a silence goes before',
      },
      {
        title: "the server's GRE carries another Call ID, and neither end hears",
        said: ['nat-call-id-mismatch'],
        build: (options) => {
          const one = rewritten(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.gre('client', pppControl(lcpProtocol, 1, 1, one.lcpOptions('client')), true);
            const ppp = pppControl(lcpProtocol, 1, 1, one.lcpOptions('server'));
            one.writer.ip('server', 47, enhancedGre({ callId: 0x1234, sequence: index }, ppp));
            one.wait(options.interval);
          }
          return one.hangUp();
        },
      },
      ...(['client', 'server'] as const).map(
        (heard): Scenario => ({
          title: `the reply names another, and only the ${heard} sends`,
          said: ['nat-call-id-mismatch'],
          build: (options) => {
            const one = misnamed(options);
            for (let index = 0; index < options.tries; index += 1) {
              one.gre(heard, pppControl(lcpProtocol, 1, 1, one.lcpOptions(heard)), 'behind').wait(options.interval);
            }
            return one.hangUp();
          },
        }),
      ),
      {
        title: 'the reply names another, and no GRE is in the capture',
        said: ['nat-call-id-mismatch', 'capture-incomplete'],
        build: (options) => misnamed(options).wait(10).hangUp(),
      },
    ],
    nearMisses: [
      {
        title: 'a Set-Link-Info names the call, and the server resets the connection',
        said: ['control-reset'],
        build: (options) => linkInfo(options, true),
        calm: 'what is lost of LCP makes the ends wait, and a silence goes before',
      },
      {
        title: 'the reply names another, and the call comes up',
        said: [],
        build: (options) => healthy(misnamed(options)),
      },
      {
        title: 'the call comes up with the other Call ID',
        said: [],
        build: (options) => healthy(rewritten(options)),
      },
      {
        title: 'the Call IDs fit, and neither end hears',
        said: ['gre-blocked'],
        build: (options) => {
          const one = at('client', options).dial();
          for (let index = 0; index < options.tries; index += 1) {
            one.gre('client', pppControl(lcpProtocol, 1, 1, one.lcpOptions('client')), true);
            const ppp = pppControl(lcpProtocol, 1, 1, one.lcpOptions('server'));
            one.writer.ip('server', 47, enhancedGre({ callId: one.callIds.client, sequence: index }, ppp));
            one.wait(options.interval);
          }
          return one.hangUp();
        },
      },
    ],
  },

  'gre-from-other-address': {
    scenes: [
      {
        title: "the server's",
        said: ['gre-from-other-address'],
        build: (options) => serverFrom('203.0.113.99', options),
      },
      {
        title: "the client's",
        said: ['gre-from-other-address'],
        build: (options) => clientFrom('203.0.113.98', options),
      },
      {
        title: "the client's, and nothing comes back",
        said: ['gre-from-other-address'],
        build: (options) => clientFrom('203.0.113.98', { ...options, tries: options.tries + 2 }, false),
      },
    ],
    nearMisses: [
      {
        title: 'the call comes up all the same',
        said: [],
        build: (options) => {
          const one = healthy(at('client', options).dial());
          for (const frame of one.frames) {
            if (isGre(frame) && addressOf(frame) === one.writer.server) frame.octets.set(address('203.0.113.99'), 26);
          }
          return one;
        },
      },
      {
        title: 'the GRE of the other address is of another tunnel',
        said: ['gre-blocked', 'capture-incomplete'],
        build: (options) => {
          const one = at('client', { ...options, clientCallId: 3 }).dial();
          one.arrives.server = false;
          const ppp = pppControl(ipcpProtocol, 1, 1, ipAddress('10.0.0.1'));
          for (let index = 0; index < options.tries; index += 1) {
            one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
            const gre = enhancedGre({ callId: 0x7777, sequence: index }, ppp);
            one.stranger('203.0.113.99', 'client', 47, gre).wait(options.interval);
          }
          return one.hangUp();
        },
      },
    ],
  },
} as const satisfies Record<string, CauseScenes>;
