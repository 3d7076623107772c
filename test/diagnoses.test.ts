/**
 * The verdict over variations: each cause's scene with other addresses, Call IDs, times, retry counts, places of capture;
 * and beside each a near miss, a scene that looks alike and must not get it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causes } from '../src/findings/knowledge/causes.ts';
import { reportOf } from './support/analysis.ts';
import { concatenated, PcapngBlocks, pcapFile } from './support/captures.ts';
import {
  echoRequest,
  enhancedGre,
  ethernet,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  startControlConnection,
  stopControlConnectionRequest,
  tcpFlags,
  u16,
} from './support/packets.ts';
import {
  ccpProtocol,
  ipAddress,
  ipcpProtocol,
  lcpProtocol,
  mppe,
  msChapV2,
  Scene,
  type SceneOptions,
  type Side,
  windowsReason,
} from './support/scene.ts';
import { SessionWriter } from './support/session.ts';

interface Variation extends SceneOptions {
  tries: number;
  interval: number;
}

const octet = fc.integer({ min: 1, max: 254 });
const callId = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff }));

const variation: fc.Arbitrary<Variation> = fc
  .record({
    client: fc.tuple(octet, octet).map(([a, b]) => `192.0.2.${a === b ? a : a}`),
    server: octet.map((last) => `198.51.100.${last}`),
    clientPort: fc.integer({ min: 1024, max: 65_535 }),
    clientCallId: callId,
    serverCallId: callId,
    clientSequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    serverSequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    start: fc.integer({ min: 1_000_000_000, max: 2_000_000_000 }),
    vantage: fc.constantFrom('client' as const, 'server' as const),
    hops: fc.integer({ min: 1, max: 20 }),
    initial: fc.constantFrom({ client: 128, server: 64 }, { client: 64, server: 64 }, { client: 128, server: 128 }),
    tries: fc.integer({ min: 3, max: 11 }),
    interval: fc.integer({ min: 1, max: 4 }),
  })
  .map((options) => options);

type Build = (options: Variation) => Scene;

/** Name, the causes that may be said (none: no diagnosis at all), and the scene. */
type Case = [name: string, expected: string | readonly string[], build: Build];

function causesOf(scene: Scene): string[] {
  return reportOf(scene.file()).diagnoses.map(({ cause }) => cause);
}

function check(expected: string | readonly string[], build: Build, runs = 20): void {
  const wanted = typeof expected === 'string' ? [expected] : expected;
  fc.assert(
    fc.property(variation, (options) => {
      expect(causesOf(build(options))).toEqual(wanted);
    }),
    { numRuns: runs },
  );
}

const scene = (options: Variation): Scene => new Scene(options);
const e691 = 'E=691 R=0 C=00112233445566778899AABBCCDDEEFF V=3 M=denied';

const connection: Case[] = [
  [
    'tcp-no-answer',
    'tcp-no-answer',
    ({ tries, interval, ...rest }) => {
      const one = new Scene(rest);
      for (let index = 0; index < tries; index += 1) {
        one.writer.segment('client', tcpFlags.syn, undefined, 5);
        one.wait(interval);
      }
      return one;
    },
  ],
  [
    'tcp-refused',
    'tcp-refused',
    (options) => {
      const one = scene(options);
      one.writer.segment('client', tcpFlags.syn);
      one.writer.segment('server', tcpFlags.rst | tcpFlags.ack);
      return one;
    },
  ],
  ...[0, 1, 3, 9, 10, 13].map(
    (code): Case => [
      `tcp-rejected-by-icmp 3/${code}`,
      'tcp-rejected-by-icmp',
      (options) => {
        const one = scene(options);
        one.writer.segment('client', tcpFlags.syn);
        return one.icmp(code, '203.0.113.77', 'client');
      },
    ],
  ),
  [
    'not-pptp: an SSH banner',
    'not-pptp',
    (options) => {
      const one = scene(options).handshake();
      one.writer.message('server', octets(Array.from('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', (c) => c.charCodeAt(0))));
      return one.close('client');
    },
  ],
  [
    'not-pptp: a client that speaks HTTP',
    'not-pptp',
    (options) => {
      const one = scene(options).handshake();
      one.writer.message('client', octets(Array.from('GET / HTTP/1.1\r\nHost: vpn\r\n\r\n', (c) => c.charCodeAt(0))));
      return one.reset('server');
    },
  ],
  [
    'control-no-reply',
    'control-no-reply',
    (options) => {
      const one = scene(options).handshake();
      one.writer.message('client', startControlConnection(1));
      return one.wait(20 + options.tries).close('client');
    },
  ],
  [
    'control-no-reply: dropped',
    'control-no-reply',
    (options) => {
      const one = scene(options).handshake();
      one.writer.message('client', startControlConnection(1));
      return one.wait(options.interval).close('server');
    },
  ],
  ...[2, 3, 4, 5].map(
    (result): Case => [
      `control-refused ${result}`,
      'control-refused',
      (options) => scene(options).handshake().control(result).close('client'),
    ],
  ),
  [
    'call-no-reply',
    'call-no-reply',
    (options) => {
      const one = scene(options).handshake().control();
      one.writer.message('client', outgoingCallRequest(one.writer.clientCallId));
      return one.wait(5 + options.tries).close('client');
    },
  ],
  ...[2, 3, 4, 5, 6, 7].map(
    (result): Case => [
      `call-refused ${result}`,
      'call-refused',
      (options) => scene(options).handshake().control().call(result).close('client'),
    ],
  ),
  [
    'control-closed-abruptly: PPP does not start',
    'control-closed-abruptly',
    (options) =>
      scene(options)
        .dial()
        .ppp('client', lcpProtocol, 1, 1, octets([5, 6, 1, 2, 3, 4]))
        .wait(0.3)
        .close('server'),
  ],
];

const connectionMisses: Case[] = [
  [
    'tcp: the SYN is repeated and then answered',
    [],
    (options) => {
      const one = scene(options);
      one.writer.segment('client', tcpFlags.syn, undefined, options.clientSequence ?? 0);
      return one.wait(1).up().talk(3).hangUp();
    },
  ],
  [
    'tcp: a RST at the very end',
    [],
    (options) => scene(options).up().talk(3).terminate('client').hangUp().reset('server'),
  ],
  [
    'tcp: ICMP about the SYN of another connection',
    'tcp-no-answer',
    (options) => {
      const one = scene(options);
      one.writer.segment('client', tcpFlags.syn, undefined, 7);
      one.wait(3);
      one.writer.segment('client', tcpFlags.syn, undefined, 7);
      one.icmp(13, '203.0.113.77', 'client');
      const error = one.frames.at(-1)?.octets;
      if (error !== undefined) error[14 + 20 + 8 + 20] = (error[14 + 20 + 8 + 20] ?? 0) ^ 0x55;
      return one;
    },
  ],
  [
    'control: the reply comes late but in time',
    [],
    (options) => {
      const one = scene(options).handshake();
      one.writer.message('client', startControlConnection(1));
      one.wait(4);
      one.writer.message('server', startControlConnection(2));
      return one.call().lcp().authenticate().ipcp().talk(2).hangUp();
    },
  ],
  [
    'control: result 0 of some modems is success',
    [],
    (options) => scene(options).handshake().control(0).call().lcp().authenticate().ipcp().talk(2).hangUp(),
  ],
  [
    'call: the reply comes late',
    [],
    (options) => {
      const one = scene(options).handshake().control();
      one.writer.message('client', outgoingCallRequest(one.writer.clientCallId));
      one.wait(6);
      one.writer.message('server', outgoingCallReply(one.writer.serverCallId, one.writer.clientCallId));
      return one.lcp().authenticate().ipcp().talk(2).hangUp();
    },
  ],
  [
    'too early to tell: the capture ends after the SYN',
    'capture-incomplete',
    (options) => {
      const one = scene(options);
      one.writer.segment('client', tcpFlags.syn);
      return one;
    },
  ],
];

const blocked = (options: Variation, lost: readonly Side[]): Scene => {
  const one = scene(options).dial();
  for (const side of lost) one.arrives[side] = false;
  return one.lcpInVain(options.tries, options.interval).hangUp();
};

const tunnel: Case[] = [
  [
    'gre-blocked both ways, from the client',
    'gre-blocked',
    (options) => blocked({ ...options, vantage: 'client' }, ['client', 'server']),
  ],
  [
    'server to client lost, from the client',
    'gre-blocked',
    (options) => blocked({ ...options, vantage: 'client' }, ['server']),
  ],
  [
    'server to client lost, from the server',
    'gre-blocked-server-to-client',
    (options) => blocked({ ...options, vantage: 'server' }, ['server']),
  ],
  [
    'client to server lost, from the client',
    'gre-blocked-client-to-server',
    (options) => blocked({ ...options, vantage: 'client' }, ['client']),
  ],
  [
    'client to server lost, from the server',
    'gre-blocked-client-to-server',
    (options) => blocked({ ...options, vantage: 'server' }, ['client']),
  ],
  [
    'both lost, from the server',
    'gre-blocked-client-to-server',
    (options) => blocked({ ...options, vantage: 'server' }, ['client', 'server']),
  ],
  ...[2, 13, 10].map(
    (code): Case => [
      `gre-rejected-by-icmp 3/${code}`,
      'gre-rejected-by-icmp',
      (options) => {
        const one = scene({ ...options, vantage: 'client' }).dial();
        one.arrives.client = false;
        one.arrives.server = false;
        one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
        return one.icmp(code, '203.0.113.77', 'client').wait(2).hangUp();
      },
    ],
  ),
  [
    'gre-from-other-address',
    'gre-from-other-address',
    (options) => {
      const one = scene({ ...options, vantage: 'client' }).dial();
      for (let index = 0; index < options.tries; index += 1) {
        one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
        const ppp = pppControl(lcpProtocol, 1, 1, one.lcpOptions('server'));
        const gre = enhancedGre({ callId: one.callIds.client, sequence: index }, ppp);
        one.stranger('203.0.113.99', 'client', 47, gre).wait(options.interval);
      }
      return one.hangUp();
    },
  ],
  [
    'nat-without-helper: GRE from the private address',
    'nat-without-helper',
    (options) => {
      const one = scene({ ...options, vantage: 'server' }).dial();
      for (let index = 0; index < options.tries; index += 1) {
        const ppp = pppControl(lcpProtocol, 1, 1, one.lcpOptions('client'));
        one.stranger('192.168.1.5', 'server', 47, enhancedGre({ callId: one.callIds.server, sequence: index }, ppp));
        one.ppp('server', lcpProtocol, 1, 1, one.lcpOptions('server')).wait(options.interval);
      }
      return one.hangUp();
    },
  ],
  [
    'nat-call-id-mismatch',
    'nat-call-id-mismatch',
    (options) => {
      const one = scene({ ...options, vantage: 'client', clientCallId: 0x4000 }).dial();
      one.arrives.client = false;
      one.callIds.client = 0x1234;
      for (let index = 0; index < options.tries; index += 1) {
        one.gre('client', pppControl(lcpProtocol, 1, 1, one.lcpOptions('client')));
        one.writer.ip(
          'server',
          47,
          enhancedGre({ callId: 0x1234, sequence: index }, pppControl(lcpProtocol, 1, 1, one.lcpOptions('server'))),
        );
        one.wait(options.interval);
      }
      return one.hangUp();
    },
  ],
];

const tunnelMisses: Case[] = [
  [
    'gre: LCP is repeated and then answered',
    [],
    (options) => {
      const one = scene(options).dial();
      one.arrives.client = false;
      one.arrives.server = false;
      one.lcpInVain(options.tries, options.interval);
      one.arrives.client = true;
      one.arrives.server = true;
      return one.lcp().authenticate().ipcp().talk(4).hangUp();
    },
  ],
  [
    'gre: an ICMP error in a call that comes up',
    [],
    (options) => {
      const one = scene(options).dial();
      one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client')).icmp(2, one.writer.server, 'client');
      return one.lcp().authenticate().ipcp().talk(3).hangUp();
    },
  ],
  [
    'gre: the capture ends right after the first request',
    'capture-incomplete',
    (options) =>
      scene({ ...options, vantage: 'client' })
        .dial()
        .ppp('client', lcpProtocol, 1, 1, octets([5, 6, 1, 2, 3, 4])),
  ],
  [
    'gre: none of either end, for the filter left it out',
    'capture-incomplete',
    (options) => scene(options).dial().wait(10).hangUp(),
  ],
  [
    'gre: one direction only, and it acknowledges',
    'capture-incomplete',
    (options) => {
      const one = scene(options).up().talk(5).hangUp();
      const keep = one.frames.filter(({ octets: frame }) => {
        return frame[23] !== 47 || frame.slice(26, 30).join('.') === one.writer.client;
      });
      one.frames.splice(0, one.frames.length, ...keep);
      return one;
    },
  ],
];

const link: Case[] = [
  [
    'lcp-not-converging',
    'lcp-not-converging',
    (options) => {
      const one = scene(options)
        .dial()
        .agree(lcpProtocol, 'client', octets([5, 6, 1, 2, 3, 4]));
      for (let index = 0; index < 5 + options.tries; index += 1) {
        one.refuse(lcpProtocol, 'server', octets([1, 4], u16(1500)), 3, octets([1, 4], u16(1400))).wait(0.1);
      }
      return one.hangUp();
    },
  ],
  [
    'authentication-method-refused, as pppd ends it',
    'authentication-method-refused',
    (options) => {
      const one = scene(options)
        .dial()
        .agree(lcpProtocol, 'client', octets([5, 6, 1, 2, 3, 4]));
      one.refuse(lcpProtocol, 'server', octets(msChapV2), 3, octets([3, 4, 0xc0, 0x23]));
      one.agree(lcpProtocol, 'server', octets([5, 6, 4, 3, 2, 1]));
      return one.terminate('server', 'peer refused to authenticate').close('server');
    },
  ],
  [
    'authentication-method-refused, as Windows ends it',
    'authentication-method-refused',
    (options) => {
      const one = scene(options)
        .dial()
        .agree(lcpProtocol, 'client', octets([5, 6, 1, 2, 3, 4]));
      one.refuse(lcpProtocol, 'server', octets([3, 4, 0xc0, 0x23]), 4);
      return one.terminate('client', windowsReason(919)).hangUp();
    },
  ],
  [
    'authentication-no-answer: no verdict',
    'authentication-no-answer',
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .challenge()
        .response()
        .wait(10 + options.tries)
        .terminate('client')
        .hangUp(),
  ],
  [
    'authentication-no-answer: no response',
    'authentication-no-answer',
    (options) => {
      const one = scene(options).dial().lcp();
      for (let index = 0; index < options.tries; index += 1) one.challenge().wait(options.interval + 2);
      return one.terminate('server').close('server');
    },
  ],
  ...(
    [
      [691, 'wrong-credentials'],
      [646, 'logon-hours'],
      [647, 'account-disabled'],
      [648, 'password-expired'],
      [649, 'no-dial-in-permission'],
      [709, 'password-change-failed'],
    ] as const
  ).map(
    ([code, cause]): Case => [
      `${cause}: E=${code}`,
      cause,
      (options) =>
        scene(options)
          .dial()
          .lcp()
          .challenge()
          .response()
          .failure(`E=${code} R=0 V=3`)
          .terminate('server')
          .close('server'),
    ],
  ),
  [
    'wrong-credentials: a failure without reason',
    'wrong-credentials',
    (options) => scene(options).dial().lcp().challenge().response().failure('').terminate('server').close('server'),
  ],
  [
    'server-not-authenticated: 778',
    'server-not-authenticated',
    (options) => scene(options).dial().lcp().authenticate().terminate('client', windowsReason(778)).hangUp(),
  ],
  [
    'mppe-refused: CCP rejected',
    'mppe-refused',
    (options) => {
      const one = scene(options).dial().lcp().authenticate();
      one.ppp('client', ccpProtocol, 1, 1, mppe(0x0100_0040));
      one.ppp('server', lcpProtocol, 8, 5, octets(u16(ccpProtocol), [1, 1, 0, 10], mppe(0x0100_0040)));
      return one.terminate('client', windowsReason(742)).hangUp();
    },
  ],
  [
    'mppe-refused: the option rejected',
    'mppe-refused',
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .authenticate()
        .refuse(ccpProtocol, 'server', mppe(0x0100_0040), 4)
        .terminate('server')
        .close('server'),
  ],
  [
    'mppe-strength-mismatch',
    'mppe-strength-mismatch',
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .authenticate()
        .refuse(ccpProtocol, 'client', mppe(0x0100_0020), 3, mppe(0x0100_0040))
        .refuse(ccpProtocol, 'server', mppe(0x0100_0040), 4)
        .terminate('client', windowsReason(742))
        .hangUp(),
  ],
  [
    'mppe-stateful-mismatch',
    'mppe-stateful-mismatch',
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .authenticate()
        .refuse(ccpProtocol, 'client', mppe(0x0000_0040), 3, mppe(0x0100_0040))
        .refuse(ccpProtocol, 'server', mppe(0x0100_0040), 4)
        .terminate('client')
        .hangUp(),
  ],
  [
    'mppe-keys-unavailable',
    'mppe-keys-unavailable',
    (options) => {
      const one = scene(options).dial().lcp([3, 4, 0xc0, 0x23]);
      one.ppp('client', 0xc023, 1, 1, octets([1, 97, 1, 98])).ppp('server', 0xc023, 2, 1, octets([0]));
      return one.terminate('client', 'MPPE required but not available').hangUp();
    },
  ],
  [
    'no-network-protocol',
    'no-network-protocol',
    (options) => {
      const one = scene(options).dial().lcp().authenticate();
      one.ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0'));
      one.ppp('server', lcpProtocol, 8, 5, octets(u16(ipcpProtocol), [1, 1, 0, 10], ipAddress('0.0.0.0')));
      return one.terminate('client', windowsReason(720)).hangUp();
    },
  ],
  [
    'no-address-assigned',
    'no-address-assigned',
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .authenticate()
        .agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'))
        .refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 4)
        .terminate('client', windowsReason(738))
        .hangUp(),
  ],
  [
    'address-refused',
    'address-refused',
    (options) => {
      const one = scene(options).dial().lcp().authenticate().agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
      for (let index = 0; index < options.tries; index += 1) {
        one.refuse(ipcpProtocol, 'client', ipAddress('10.99.0.1'), 3, ipAddress('10.0.0.50'));
      }
      return one.terminate('client', windowsReason(735)).hangUp();
    },
  ],
];

const linkMisses: Case[] = [
  [
    'lcp: a few Naks, then agreement',
    [],
    (options) => {
      const one = scene(options).dial();
      for (let index = 0; index < 3; index += 1) {
        one.refuse(lcpProtocol, 'server', octets([1, 4], u16(1500 - index)), 3, octets([1, 4], u16(1400)));
      }
      return one.lcp().authenticate().ipcp().talk(2).hangUp();
    },
  ],
  [
    'authentication: another method is agreed on',
    [],
    (options) =>
      scene(options)
        .dial()
        .refuse(lcpProtocol, 'server', octets([3, 4, 0xc2, 0x27]), 3, octets(msChapV2))
        .lcp()
        .authenticate()
        .ipcp()
        .talk(2)
        .hangUp(),
  ],
  [
    'authentication: a failure and then the right password',
    [],
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .challenge()
        .response()
        .failure(e691.replace('R=0', 'R=1'))
        .response('bob')
        .success()
        .ipcp()
        .talk(2)
        .hangUp(),
  ],
  [
    'authentication: a method refused, and then a wrong password',
    'wrong-credentials',
    (options) =>
      scene(options)
        .dial()
        .refuse(lcpProtocol, 'server', octets([3, 4, 0xc2, 0x27]), 3, octets(msChapV2))
        .lcp()
        .challenge()
        .response()
        .failure(e691)
        .terminate('server')
        .close('server'),
  ],
  [
    'authentication: the user hangs up after it (Windows reason 0)',
    [],
    (options) => scene(options).up(0x0100_0040).talk(0).terminate('client', windowsReason(0)).hangUp(),
  ],
  [
    'encryption: CCP rejected, and the link goes on in clear',
    [],
    (options) => {
      const one = scene(options).dial().lcp().authenticate();
      one.ppp('client', ccpProtocol, 1, 1, mppe(0x0100_0040));
      one.ppp('server', lcpProtocol, 8, 5, octets(u16(ccpProtocol), [1, 1, 0, 10], mppe(0x0100_0040)));
      return one.ipcp().talk(3).hangUp();
    },
  ],
  [
    'encryption: bargained down to what both do',
    [],
    (options) =>
      scene(options)
        .dial()
        .lcp()
        .authenticate()
        .refuse(ccpProtocol, 'client', mppe(0x0100_00e1), 3, mppe(0x0100_0040))
        .ccp()
        .ipcp()
        .encrypted('client', 0)
        .encrypted('server', 0)
        .hangUp(),
  ],
  [
    'network: IPV6CP rejected, VJ refused',
    [],
    (options) => {
      const one = scene(options).dial().lcp().authenticate();
      one.ppp('client', 0x8057, 1, 1, octets([1, 10, 1, 2, 3, 4, 5, 6, 7, 8]));
      one.ppp('server', lcpProtocol, 8, 5, octets(u16(0x8057), [1, 1, 0, 14, 1, 10, 1, 2, 3, 4, 5, 6, 7, 8]));
      one.refuse(ipcpProtocol, 'client', octets([2, 6, 0, 0x2d, 15, 1]), 4);
      return one.ipcp().talk(3).hangUp();
    },
  ],
  [
    'network: callback refused',
    [],
    (options) =>
      scene(options)
        .dial()
        .refuse(lcpProtocol, 'client', octets([13, 3, 6]), 4)
        .lcp()
        .authenticate()
        .ipcp()
        .talk(2)
        .hangUp(),
  ],
];

const running: Case[] = [
  [
    'mppe-keys-differ',
    'mppe-keys-differ',
    (options) => {
      const one = scene(options).up(0x0100_0040);
      for (let index = 0; index < options.tries; index += 1) {
        one.encrypted('client', index);
        one.ppp('server', lcpProtocol, 8, index, octets(u16(0x3b5d + index * 0x1122), [1, 2, 3, 4])).wait(0.2);
      }
      return one.hangUp();
    },
  ],
  [
    'mppe-stateful-loss',
    'mppe-stateful-loss',
    (options) => {
      const one = scene({ ...options, vantage: 'server' }).up(0x40);
      let count = 0;
      for (let index = 0; index < 4 + options.tries; index += 1) {
        for (let each = 0; each < 4; each += 1, count += 1) {
          const lost = each === 2;
          const word = 0x1000 | (count & 0xfff);
          one.gre('client', octets([0xff, 3], u16(0x00fd), u16(word), new Uint8Array(50)), lost);
          one.gre('server', octets([0xff, 3], u16(0x00fd), u16(word), new Uint8Array(50)));
        }
        one.ppp('server', ccpProtocol, 14, index).wait(0.1);
      }
      return one.hangUp();
    },
  ],
  [
    'mtu-black-hole, at the sender',
    'mtu-black-hole',
    (options) => {
      const one = scene({ ...options, vantage: 'server' }).up();
      one.talk(6);
      for (let index = 0; index < options.tries; index += 1) one.data('server', 1300, true).wait(0.6 + index * 0.3);
      return one.talk(4).hangUp();
    },
  ],
  [
    'fragmentation-needed',
    'fragmentation-needed',
    (options) => {
      const one = scene({ ...options, vantage: 'client' })
        .up()
        .data('client', 1300, true);
      return one.icmp(4, '203.0.113.77', 'client', 576).wait(0.2).hangUp();
    },
  ],
  [
    'no-return-traffic',
    'no-return-traffic',
    (options) => {
      const one = scene({ ...options, vantage: 'client' }).up();
      for (let index = 0; index < options.tries; index += 1) one.data('client', 84, true).wait(1);
      return one.terminate('client').hangUp();
    },
  ],
  [
    'packet-loss',
    'packet-loss',
    (options) => {
      const one = scene({ ...options, vantage: 'server' }).up();
      for (let index = 0; index < 100; index += 1) one.data('client', 200, index % 12 === 5).data('server', 900);
      return one.hangUp();
    },
  ],
  [
    'reordering',
    'reordering',
    (options) => {
      const one = scene({ ...options, vantage: 'server' }).up();
      for (let index = 0; index < 60; index += 1) {
        one.data('client', 200);
        one.data('client', 200);
        if (index % 5 !== 0) continue;
        const [a, b] = one.frames.slice(-2);
        if (a !== undefined && b !== undefined) [a.octets, b.octets] = [b.octets, a.octets];
      }
      return one.talk(3).hangUp();
    },
  ],
  [
    'window-starvation',
    'window-starvation',
    (options) => {
      const one = scene({ ...options, vantage: 'client' })
        .handshake()
        .control()
        .call(1, { client: 4, server: 4 });
      one.lcp().authenticate().ipcp();
      for (let index = 0; index < 10 + options.tries; index += 1) {
        for (let each = 0; each < 4; each += 1) one.data('client', 400);
        one.wait(0.4).data('server', 60);
      }
      return one.hangUp();
    },
  ],
  [
    'idle-timeout',
    'idle-timeout',
    (options) => {
      const one = scene({ ...options, vantage: 'client' })
        .up()
        .talk(4)
        .wait(100 * options.interval);
      one.arrives.client = false;
      for (let index = 0; index < 3 + options.tries; index += 1) one.data('client').wait(1);
      return one;
    },
  ],
  [
    'control-echo-unanswered',
    'control-echo-unanswered',
    (options) => {
      const one = scene(options).up().talk(4);
      one.writer.message('client', echoRequest(options.tries));
      for (let index = 0; index < 61; index += 1) one.talk(1, 1);
      one.writer.message('client', stopControlConnectionRequest(1));
      return one.close('client');
    },
  ],
  [
    'lcp-echo-unanswered',
    'lcp-echo-unanswered',
    (options) => {
      const one = scene({ ...options, vantage: 'client' })
        .up()
        .talk(4);
      one.arrives.client = false;
      for (let index = 0; index < 4; index += 1) {
        one.ppp('client', lcpProtocol, 9, 20 + index, octets([0x11, 0x11, 0x11, 0x11])).wait(10);
        one.writer.segment('server', tcpFlags.ack);
      }
      return one.terminate('client', 'Peer not responding').hangUp();
    },
  ],
  [
    'peer-vanished',
    'peer-vanished',
    (options) => {
      const one = scene({ ...options, vantage: 'server' })
        .up()
        .talk(4);
      for (let index = 0; index < 3 + options.tries; index += 1) one.data('server').wait(options.interval + 1);
      return one;
    },
  ],
  ['control-reset', 'control-reset', (options) => scene(options).up().talk(4).reset('server')],
  ['control-closed-abruptly', 'control-closed-abruptly', (options) => scene(options).up().talk(4).close('server')],
  [
    'disconnected-by-server: LCP',
    'disconnected-by-server',
    (options) => scene(options).up().talk(4).terminate('server', 'Connect time expired').close('server'),
  ],
  [
    'disconnected-by-server: Stop',
    'disconnected-by-server',
    (options) => {
      const one = scene(options).up().talk(4);
      one.writer.message('server', stopControlConnectionRequest(3));
      return one.close('server');
    },
  ],
];

const runningMisses: Case[] = [
  [
    'mppe: one protocol rejected that has a name',
    [],
    (options) => {
      const one = scene(options).up(0x0100_0040).encrypted('client', 0).encrypted('server', 0);
      return one.ppp('server', lcpProtocol, 8, 3, octets(u16(0x8057), [1, 1, 0, 4])).hangUp();
    },
  ],
  [
    'mppe: stateful without loss',
    [],
    (options) => {
      const one = scene(options).up(0x40);
      for (let count = 0; count < 10; count += 1) {
        for (const side of ['client', 'server'] as const) {
          one.gre(side, octets([0xff, 3], u16(0x00fd), u16(0x1000 | count), new Uint8Array(50)));
        }
      }
      return one.hangUp();
    },
  ],
  [
    'mtu: large packets are acknowledged too',
    [],
    (options) => {
      const one = scene(options).up();
      for (let index = 0; index < 6; index += 1) one.data('server', 1300).wait(0.6).data('client', 60).wait(0.6);
      return one.hangUp();
    },
  ],
  [
    'mtu: one ICMP 3/4, and smaller packets after it',
    [],
    (options) => {
      const one = scene({ ...options, vantage: 'client' })
        .up()
        .data('client', 1300, true)
        .icmp(4, '203.0.113.77', 'client', 1200);
      return one.talk(12).hangUp();
    },
  ],
  [
    'loss: less than the share',
    [],
    (options) => {
      const one = scene({ ...options, vantage: 'server' }).up();
      for (let index = 0; index < 120; index += 1) one.data('client', 200, index === 50).data('server', 200);
      return one.hangUp();
    },
  ],
  ['silence: and then it goes on', [], (options) => scene(options).up().talk(4).wait(600).talk(4).hangUp()],
  [
    'echo: answered',
    [],
    (options) => {
      const one = scene(options).up();
      for (let index = 0; index < options.tries; index += 1) {
        one
          .ppp('client', lcpProtocol, 9, 20 + index, octets([1, 1, 1, 1]))
          .ppp('server', lcpProtocol, 10, 20 + index, octets([2, 2, 2, 2]))
          .wait(20);
      }
      return one.terminate('client').hangUp();
    },
  ],
  ['end: the capture ends while the call is up', [], (options) => scene(options).up().talk(5)],
  [
    'end: the server closes TCP after the client terminated LCP',
    [],
    (options) => scene(options).up().talk(4).terminate('client', 'User request').close('server'),
  ],
  [
    'end: the client hangs up by Stop',
    [],
    (options) => {
      const one = scene(options).up().talk(4);
      one.writer.message('client', stopControlConnectionRequest(1));
      return one.close('client');
    },
  ],
];

const more: Case[] = [
  [
    'idle-timeout: reset at the first packet after a silence',
    'idle-timeout',
    (options) => {
      const one = scene({ ...options, vantage: 'client' })
        .up()
        .talk(4)
        .wait(70 + options.tries);
      return one.data('client', 60, true).wait(0.1).reset('server');
    },
  ],
  [
    'idle-timeout: the server says so',
    'idle-timeout',
    (options) => scene(options).up().talk(4).terminate('server', windowsReason(828)).close('server'),
  ],
  [
    'no-address-assigned: 0.0.0.0 for an answer',
    'no-address-assigned',
    (options) => {
      const one = scene(options).dial().lcp().authenticate().agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
      for (let index = 0; index < options.tries; index += 1) {
        one.refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 3, ipAddress('0.0.0.0'));
      }
      return one.terminate('client').hangUp();
    },
  ],
  [
    'disconnected-by-server: before the first packet',
    'disconnected-by-server',
    (options) => {
      const one = scene(options).dial().wait(1);
      one.writer.message('server', stopControlConnectionRequest(3));
      return one.close('server');
    },
  ],
  [
    'no-call-requested',
    'no-call-requested',
    (options) => scene(options).handshake().control().wait(options.interval).close('client'),
  ],
  [
    'disconnected-with-error',
    'disconnected-with-error',
    (options) => scene(options).up().talk(4).terminate('client', windowsReason(629)).hangUp(),
  ],
];

describe('a session without fault', () => {
  test('gets no diagnosis, from anywhere', () => {
    check([], (options) => scene(options).up().talk(options.tries).terminate('client').hangUp(), 60);
    check(
      [],
      (options) =>
        scene({ ...options, vantage: 'between' })
          .up(0x0100_0040)
          .encrypted('client', 0)
          .encrypted('server', 0)
          .hangUp(),
      30,
    );
  });
});

describe.each([
  ['connection', connection, connectionMisses],
  ['tunnel', tunnel, tunnelMisses],
  ['link', link, linkMisses],
  ['running', running, runningMisses],
  ['more', more, [] as Case[]],
])('%s', (_name, cases, misses) => {
  test.each(cases)('%s', (_title, expected, build) => check(expected, build));
  test.each(misses)('near miss: %s', (_title, expected, build) => check(expected, build));
});

/** Several sessions in one capture, in order of time. */
function together(...scenes: Scene[]): Uint8Array {
  const records = scenes
    .flatMap((one) => one.records())
    .sort((a, b) => a.seconds - b.seconds || a.fraction - b.fraction);
  return pcapFile(records);
}

function said(file: Uint8Array): { cause: string; tunnel: string | null; confidence: string }[] {
  return reportOf(file).diagnoses.map(({ cause, tunnel, confidence }) => ({ cause, tunnel, confidence }));
}

const seen = { vantage: 'server', client: '203.0.113.5', start: 1_700_000_000 } as const;

describe('several clients of one server', () => {
  const first = () => new Scene({ ...seen, clientPort: 40_000, serverCallId: 1 }).up().talk(40, 1).hangUp();
  const second = (start: number) => {
    const one = new Scene({ ...seen, start, clientPort: 40_001, clientCallId: 9, serverCallId: 2 }).dial();
    one.arrives.server = false;
    return one.lcpInVain(8, 3).hangUp();
  };

  test('nat-without-helper: two calls of one address at a time, and one of them is not answered', () => {
    expect(said(together(first(), second(seen.start + 5)))).toEqual([
      { cause: 'nat-without-helper', tunnel: 'T2', confidence: 'likely' },
      { cause: 'gre-blocked-server-to-client', tunnel: 'T2', confidence: 'possible' },
    ]);
  });

  test('near miss: the same, one after the other', () => {
    expect(said(together(first(), second(seen.start + 100)))).toEqual([
      { cause: 'gre-blocked-server-to-client', tunnel: 'T2', confidence: 'likely' },
    ]);
  });

  test('near miss: both work', () => {
    const other = new Scene({ ...seen, start: seen.start + 5, clientPort: 40_001, clientCallId: 9, serverCallId: 2 });
    expect(said(together(first(), other.up().talk(5).hangUp()))).toEqual([]);
  });

  const turnedAway = (start: number) => {
    const one = new Scene({ ...seen, client: '203.0.113.6', start, clientPort: 40_001 }).handshake();
    one.writer.message('client', startControlConnection(1));
    return one.wait(1).close('server');
  };

  test('connection-limit: dropped while another call is up', () => {
    expect(said(together(first(), turnedAway(seen.start + 10)))).toEqual([
      { cause: 'connection-limit', tunnel: 'T2', confidence: 'likely' },
    ]);
  });

  test('near miss: dropped when nobody else is there', () => {
    expect(said(together(first(), turnedAway(seen.start + 100)))).toEqual([
      { cause: 'control-no-reply', tunnel: 'T2', confidence: 'likely' },
    ]);
  });

  test('connection-limit: answered when the other call has ended, too late', () => {
    const late = new Scene({ ...seen, client: '203.0.113.6', start: seen.start + 10, clientPort: 40_001 }).handshake();
    late.writer.message('client', startControlConnection(1));
    late.wait(33);
    late.writer.message('server', startControlConnection(2)).wait(0.1);
    late.close('client');
    expect(said(together(first(), late))[0]).toMatchObject({ cause: 'connection-limit', tunnel: 'T2' });
  });

  test('connection-limit: the server says that it has no resources', () => {
    const one = new Scene(seen).handshake();
    one.writer.message('client', startControlConnection(1));
    const reply = startControlConnection(2, 'h', 'v', 2);
    reply[15] = 4;
    one.writer.message('server', reply).wait(1);
    expect(said(one.close('client').file()).map(({ cause }) => cause)).toEqual(['control-refused', 'connection-limit']);
  });
});

describe('fragments', () => {
  const fragmented = (lose: boolean) => {
    const one = new Scene({ vantage: 'server' }).up().talk(3);
    for (let index = 0; index < 4; index += 1) {
      one.data('client', 1400);
      const whole = one.frames.pop();
      if (whole === undefined) continue;
      const packet = whole.octets.slice(34);
      const fields = {
        source: one.writer.client,
        destination: one.writer.server,
        protocol: 47,
        identification: 900 + index,
      };
      one.frames.push({ ...whole, octets: ethernet(ipv4({ ...fields, moreFragments: true }, packet.slice(0, 1000))) });
      if (!lose)
        one.frames.push({ ...whole, octets: ethernet(ipv4({ ...fields, fragmentOffset: 1000 }, packet.slice(1000))) });
      one.wait(0.2);
    }
    return one.talk(3).hangUp();
  };

  test('fragments-lost: the last one never comes', () => {
    expect(said(fragmented(true).file()).map(({ cause }) => cause)).toEqual(['fragments-lost']);
  });

  test('near miss: all come', () => {
    expect(said(fragmented(false).file())).toEqual([]);
  });
});

describe('certificates', () => {
  /** EAP-TLS with the octets of its records. RFC 5216 §3.1, RFC 5246 §6.2 */
  const eapTls = (records: readonly number[]) => octets([13, 0], records);
  const dialled = (alert: readonly number[]) => {
    const one = new Scene({ vantage: 'server' }).dial().lcp([3, 4, 0xc2, 0x27]);
    one.ppp('server', 0xc227, 1, 1, eapTls([]));
    one.ppp('client', 0xc227, 2, 1, eapTls([0x15, 3, 3, 0, 2, ...alert]));
    return one;
  };

  test('certificate-rejected: a TLS alert, then EAP Failure', () => {
    const one = dialled([2, 48]).ppp('server', 0xc227, 4, 1).terminate('server').close('server');
    expect(said(one.file()).map(({ cause }) => cause)).toEqual(['certificate-rejected']);
    expect(reportOf(one.file()).diagnoses[0]?.summary).toContain('unknown_ca');
  });

  test('near miss: close_notify, and the session goes on', () => {
    const one = dialled([1, 0]).ppp('server', 0xc227, 3, 1).ipcp().talk(3).hangUp();
    expect(said(one.file())).toEqual([]);
  });
});

describe('faults of the capture', () => {
  const whole = () => new Scene({ vantage: 'client' }).up().talk(10).hangUp();

  test('capture-incomplete: it starts in the middle', () => {
    const one = whole();
    one.frames.splice(0, 25);
    expect(said(one.file()).map(({ cause }) => cause)).toEqual(['capture-incomplete']);
  });

  test('capture-incomplete: GRE alone', () => {
    const one = whole();
    one.frames.splice(0, one.frames.length, ...one.frames.filter(({ octets: frame }) => frame[23] === 47));
    expect(said(one.file()).map(({ cause }) => cause)).toEqual(['capture-incomplete']);
  });

  test('capture-incomplete: cut by the snap length', () => {
    const records = whole()
      .records()
      .map((record) => ({ ...record, wireLength: record.octets.length, octets: record.octets.slice(0, 96) }));
    const { diagnoses } = reportOf(pcapFile(records));
    expect(diagnoses).toMatchObject([{ cause: 'capture-incomplete', confidence: 'certain' }]);
    expect(diagnoses[0]?.summary).toContain('snap length');
  });

  test.each([0, 3])('what did not come is less sure where the capture dropped packets: %i', (dropped) => {
    const writer = new SessionWriter();
    for (let attempt = 0; attempt < 5; attempt += 1) writer.segment('client', 2, undefined, 1000).wait(2 ** attempt);
    const blocks = new PcapngBlocks();
    const packets = writer.frames.map(({ seconds, fraction, octets: frame }) =>
      blocks.enhancedPacket(BigInt(seconds) * 1_000_000n + BigInt(fraction), frame),
    );
    // isb_ifdrop: 64 bits.
    const statistics = blocks.interfaceStatistics(0, [[5, [dropped, 0, 0, 0, 0, 0, 0, 0]]]);
    const file = concatenated([blocks.sectionHeader(), blocks.interfaceDescription(), ...packets, statistics]);
    const [found] = reportOf(file).diagnoses;
    expect(found?.cause).toBe('tcp-no-answer');
    expect(found?.confidence).toBe(dropped === 0 ? 'certain' : 'likely');
    expect(found?.refutedBy.includes('3 packets were dropped while capturing')).toBe(dropped > 0);
  });

  test('near miss: duplicated frames are no fault of the tunnel', () => {
    const records = whole()
      .records()
      .flatMap((record) => [record, record]);
    const report = reportOf(pcapFile(records));
    expect(report.captures[0]?.duplicateFrames).toBe(records.length / 2);
    expect(report.diagnoses).toEqual([]);
  });

  test('near miss: a wrong password seen from one direction is a wrong password', () => {
    const one = new Scene({ vantage: 'client' }).dial().lcp().challenge().response().failure(e691).terminate('server');
    const keep = one.frames.filter(({ octets: frame }) => frame.slice(26, 30).join('.') === one.writer.server);
    one.frames.splice(0, one.frames.length, ...keep);
    expect(said(one.file()).map(({ cause }) => cause)).toEqual(['wrong-credentials']);
  });

  const plainIp = ipv4(
    { source: '10.0.0.50', destination: '10.0.0.1', protocol: 17 },
    octets([1, 0, 2, 0, 0, 12, 0, 0, 1, 2, 3, 4]),
  );
  const record = (frame: Uint8Array) => ({ seconds: 1_700_000_000, fraction: 0, octets: frame });

  test('wrong-interface: plain IP on a bare-IP interface', () => {
    expect(said(pcapFile([record(plainIp)], { linkType: 101 })).map(({ cause }) => cause)).toEqual(['wrong-interface']);
  });

  test('near miss: plain IP on Ethernet is only a capture without PPTP', () => {
    expect(said(pcapFile([record(ethernet(plainIp))]))).toEqual([]);
  });

  /** A DNS message with one question for an address. RFC 1035 §4.1 */
  const dns = (flags: number, source: string, destination: string, ports: readonly [number, number]) => {
    const name = ['vpn', 'example'].flatMap((label) => [label.length, ...Array.from(label, (c) => c.charCodeAt(0))]);
    const message = octets(u16(7), u16(flags), u16(1), u16(0), u16(0), u16(0), name, 0, u16(1), u16(1));
    const udp = octets(u16(ports[0]), u16(ports[1]), u16(8 + message.length), u16(0), message);
    return record(ethernet(ipv4({ source, destination, protocol: 17 }, udp)));
  };
  const question = dns(0x0100, '192.0.2.10', '192.0.2.53', [5353, 53]);
  const answer = (code: number) => dns(0x8180 | code, '192.0.2.53', '192.0.2.10', [53, 5353]);

  test.each([
    ['NXDOMAIN', [question, answer(3)]],
    ['SERVFAIL', [question, answer(2)]],
    ['no answer', [question]],
  ])('name-not-resolved: %s', (_how, records) => {
    expect(said(pcapFile(records))).toEqual([{ cause: 'name-not-resolved', tunnel: null, confidence: 'likely' }]);
  });

  test('near miss: the name is found', () => {
    expect(said(pcapFile([question, answer(0)]))).toEqual([]);
  });

  test('near miss: another name is not found, and the VPN comes up', () => {
    const records = [question, answer(3), ...whole().records()];
    expect(said(pcapFile(records))).toEqual([]);
  });
});

describe('the place of capture', () => {
  test.each(['client', 'server', 'between'] as const)('%s, by times to live', (vantage) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 25 }),
        fc.constantFrom(64, 128, 255),
        fc.constantFrom(64, 128, 255),
        (hops, client, server) => {
          const one = new Scene({ vantage, hops, initial: { client, server } }).up().talk(2).hangUp();
          const report = reportOf(one.file());
          expect(report.captures[0]?.vantage).toBe(vantage);
          expect(report.tunnels[0]?.vantage).toBe(vantage);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each([
    ['client', 0.02, 0],
    ['server', 0, 0.02],
    ['unknown', 0.01, 0.009],
  ] as const)('%s, by the handshake where no router counts', (vantage, answer, acknowledge) => {
    const one = new Scene({ vantage: 'client', hops: 0, initial: { client: 64, server: 64 } });
    one.writer.segment('client', tcpFlags.syn);
    one.wait(answer);
    one.writer.segment('server', tcpFlags.syn | tcpFlags.ack);
    one.wait(acknowledge);
    one.writer.segment('client', tcpFlags.ack);
    one.control().call().lcp().authenticate().ipcp().hangUp();
    expect(reportOf(one.file()).captures[0]?.vantage).toBe(vantage);
  });
});

describe('what a diagnosis says', () => {
  test.each([...connection, ...tunnel, ...link, ...running])(
    '%s: frames of the capture, and what to do',
    (_title, _expected, build) => {
      fc.assert(
        fc.property(variation, (options) => {
          const one = build(options);
          const { diagnoses } = reportOf(one.file());
          for (const diagnosis of diagnoses) {
            expect(diagnosis.evidence.length).toBeGreaterThan(0);
            for (const { frame, text } of diagnosis.evidence) {
              expect(frame).toBeGreaterThanOrEqual(1);
              expect(frame).toBeLessThanOrEqual(one.frames.length);
              expect(text).not.toMatch(/null|undefined|NaN|\(\)/);
            }
            expect(diagnosis.summary).toMatch(/[.]$/);
            expect(diagnosis.summary).not.toMatch(/null|undefined|NaN|\(\)| {2}/);
            expect(diagnosis.advice).not.toBe('');
            expect(diagnosis.refutedBy).not.toBe('');
          }
          expect(diagnoses.length).toBeGreaterThan(0);
        }),
        { numRuns: 3 },
      );
    },
  );

  test('the Windows number in the Terminate-Request comes first', () => {
    const one = new Scene().dial().lcp().authenticate().terminate('client', windowsReason(778)).hangUp();
    expect(reportOf(one.file()).diagnoses[0]?.windowsErrors[0]).toBe(778);
  });
});

describe('a capture that lost a frame', () => {
  const without = (one: Scene, index: number) => pcapFile(one.records().filter((_, at) => at !== index));

  test('a session without fault gets no other verdict than that', () => {
    const frames = new Scene({ vantage: 'server' }).up(0x0100_0040).talk(6).hangUp();
    for (const index of frames.records().keys()) {
      const found = said(without(frames, index)).map(({ cause }) => cause);
      expect(found.filter((cause) => cause !== 'capture-incomplete')).toEqual([]);
    }
  });

  test('a cause stays, or is not said any more; no other takes its place', () => {
    const build = () => new Scene({ vantage: 'server' }).dial();
    const denied = build().lcp().challenge().response().failure(e691).terminate('server').close('server');
    const silenced = build();
    silenced.arrives.server = false;
    silenced.lcpInVain(6, 3).hangUp();
    for (const [one, cause] of [
      [denied, 'wrong-credentials'],
      [silenced, 'gre-blocked-server-to-client'],
    ] as const) {
      for (const index of one.records().keys()) {
        const found = said(without(one, index)).map((each) => each.cause);
        expect([cause, 'capture-incomplete', 'authentication-no-answer']).toEqual(expect.arrayContaining(found));
      }
    }
  });

  test('a capture cut anywhere gets the cause or is called incomplete', () => {
    const one = new Scene({ vantage: 'client' }).dial();
    one.arrives.client = false;
    const records = one.lcpInVain(6, 3).hangUp().records();
    for (let length = 4; length < records.length; length += 1) {
      const found = said(pcapFile(records.slice(0, length))).map(({ cause }) => cause);
      expect([['capture-incomplete'], ['gre-blocked-client-to-server']]).toContainEqual(found);
    }
  });
});

test('every cause has a scene above', () => {
  const tables = [connection, connectionMisses, tunnel, tunnelMisses, link, linkMisses, running, runningMisses, more];
  const inTables = tables.flat().flatMap(([, expected]) => expected);
  const apart = ['connection-limit', 'fragments-lost', 'certificate-rejected', 'wrong-interface', 'name-not-resolved'];
  expect([...new Set([...inTables, ...apart])].sort()).toEqual(Object.keys(causes).sort());
});
