/** Scenes of the faults of the capture itself. */

import { pcapFile } from '../captures.ts';
import { ethernet, ipv4, octets } from '../packets.ts';
import { ipAddress, ipcpProtocol, lcpProtocol, type Scene } from '../scene.ts';
import {
  addressOf,
  at,
  type Built,
  type CauseScenes,
  captured,
  isGre,
  only,
  scene,
  type Variation,
} from './scenario.ts';

const whole = (options: Variation): Scene => scene(options).up().talk(10).terminate('client').hangUp();
const isTcp = ({ octets: frame }: { octets: Uint8Array }): boolean => frame[23] === 6;

/** All frames cut to that many octets. */
function cut(one: Scene, snapLength: number): Built {
  return {
    exposed: one.exposed,
    file: () =>
      pcapFile(
        one.records().map((record) => {
          return { ...record, wireLength: record.octets.length, octets: record.octets.slice(0, snapLength) };
        }),
      ),
  };
}

/** An ICMP Echo-Request inside the tunnel, on an interface without link layer or with one. */
const inside = ({ start }: Variation, onEthernet: boolean): Built => {
  const ping = octets([8, 0, 0, 0], [0, 1, 0, 1], new Uint8Array(8));
  const packet = ipv4({ source: '10.0.0.50', destination: '10.0.0.1', protocol: 1 }, ping);
  const record = { seconds: start, fraction: 0, octets: onEthernet ? ethernet(packet) : packet };
  return captured([record], onEthernet ? {} : { linkType: 101 });
};

export const captureScenes = {
  'capture-incomplete': {
    scenes: [
      {
        title: 'it starts in the middle',
        said: ['capture-incomplete'],
        build: (options) => only(whole(options), (_, index) => index >= 32),
        calm: 'frames are counted',
      },
      { title: 'GRE alone', said: ['capture-incomplete'], build: (options) => only(whole(options), isGre) },
      {
        title: 'the control connection alone, and the filter left out GRE',
        said: ['capture-incomplete'],
        build: (options) => only(at('client', options).dial().wait(10).hangUp(), isTcp),
      },
      {
        title: 'the control connection alone, of a call that was refused at once',
        said: ['capture-incomplete'],
        build: (options) => only(at('client', options).dial().wait(0.3).hangUp(), isTcp),
      },
      {
        title: 'cut by the snap length',
        said: ['capture-incomplete'],
        build: (options) => cut(whole(options), 96),
      },
      ...(['client', 'server'] as const).map((side) => ({
        title: `only what the ${side} sends`,
        said: ['capture-incomplete'] as const,
        build: (options: Variation) => {
          const one = whole(options);
          return only(one, (frame) => addressOf(frame) === one.writer[side]);
        },
      })),
      {
        title: "the tunnel's packets of one direction only",
        said: ['capture-incomplete'],
        build: (options) => {
          const one = whole(options);
          return only(one, (frame) => !isGre(frame) || addressOf(frame) === one.writer.client);
        },
      },
      {
        title: 'a row of frames of both directions is missing, and the call goes on behind it',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = scene(options).up().talk(20);
          const end = one.frames.length;
          return only(one.terminate('client').hangUp(), (_, index) => index < end - 30 || index >= end - 10);
        },
        calm: 'frames are counted',
      },
      ...(['client', 'server'] as const).flatMap((side) => [
        {
          title: `the ${side}'s GRE is missing for a while, which the other end acknowledges`,
          said: ['capture-incomplete'] as const,
          build: (options: Variation) => {
            const one = scene(options).up().talk(20);
            const own = one.frames.filter((frame) => isGre(frame) && addressOf(frame) === one.writer[side]);
            return only(one.terminate('client').hangUp(), (frame) => ![...own.slice(2, 20)].includes(frame));
          },
          calm: 'frames are counted',
        },
        {
          title: `of the ${side}'s GRE only the end is there, of a call that did not come up, and the other end acknowledges what was before`,
          said: ['capture-incomplete'] as const,
          build: (options: Variation) => {
            const one = scene(options).dial().lcp().authenticate();
            for (let times = 0; times < 3; times += 1)
              one.ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0')).wait(3);
            const own = one.frames.filter((frame) => isGre(frame) && addressOf(frame) === one.writer[side]);
            one.acknowledge('client').acknowledge('server');
            return only(one.terminate('client').hangUp(), (frame) => !own.includes(frame));
          },
          calm: 'frames are counted',
        },
      ]),
      {
        title: 'it ends right after the first packet of the tunnel',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = at('client', options).dial();
          return one.ppp('client', lcpProtocol, 1, 1, octets([5, 6, 1, 2, 3, 4]));
        },
        calm: 'a request that is lost makes the time before the end longer',
      },
      {
        title: 'it ends during authentication',
        said: ['capture-incomplete'],
        build: (options) => scene(options).dial().lcp().challenge(),
        calm: 'a request that is lost makes the time before the end longer',
      },
    ],
    nearMisses: [
      {
        title:
          'rows of both directions are missing at the same time, and no acknowledgment names one: they were lost on the way',
        said: ['packet-loss'],
        build: (options) => {
          const one = at('between', options).up().talk(6);
          for (let times = 0; times < 8; times += 1) one.data('client', 1200, true).data('server', 1200, true);
          for (let times = 0; times < 6; times += 1) one.data('client', 1200).data('server', 1200);
          return one.terminate('client').hangUp();
        },
        calm: 'packets are counted',
      },
      { title: 'it ends while the call is up', said: [], build: (options) => scene(options).up().talk(5) },
      {
        title: 'cut by the snap length behind all that PPTP and PPP say',
        said: [],
        build: (options) => cut(whole(options).data('client', 900), 54 + 168),
      },
      {
        title: 'every frame twice',
        said: [],
        build: (options) => {
          const one = whole(options);
          return { exposed: one.exposed, file: () => pcapFile(one.records().flatMap((record) => [record, record])) };
        },
      },
      {
        title: 'only what the server sends, and it refuses the password',
        said: ['wrong-credentials'],
        build: (options) => {
          const one = scene(options).dial().lcp().challenge().response().failure('E=691 R=0 V=3').terminate('server');
          return only(one, (frame) => addressOf(frame) === one.writer.server);
        },
      },
      {
        title: 'it ends soon, but with a refusal',
        said: ['wrong-credentials'],
        build: (options) => scene(options).dial().lcp().challenge().response().failure('E=691 R=0 V=3'),
      },
    ],
  },

  'wrong-interface': {
    scenes: [
      {
        title: 'plain IP on a bare-IP interface',
        said: ['wrong-interface'],
        build: (options) => inside(options, false),
      },
    ],
    nearMisses: [{ title: 'plain IP on Ethernet', said: [], build: (options) => inside(options, true) }],
  },
} as const satisfies Record<string, CauseScenes>;
