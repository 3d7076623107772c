/** Scenes of the causes of calls that came up: how badly they carry data, and how they end. */
import {
  callClearRequest,
  callDisconnectNotify,
  echoRequest,
  enhancedGre,
  ethernet,
  ipv4,
  octets,
  outgoingCallRequest,
  pppControl,
  stopControlConnectionRequest,
  tcpFlags,
  u16,
} from '../packets.ts';
import {
  ccpProtocol,
  ipAddress,
  ipcpProtocol,
  ipv6cpProtocol,
  lcpProtocol,
  mppe,
  type Scene,
  userData,
  windowsReason,
} from '../scene.ts';
import {
  addressOf,
  at,
  type Built,
  type CauseScenes,
  captured,
  isGre,
  letters,
  only,
  type Scenario,
  scene,
  together,
  type Variation,
} from './scenario.ts';

const strong = 0x0100_0040;
const stateful = 0x40;

const goodbye = (one: Scene): Scene => one.terminate('client').hangUp();

/** RFC 2637 §2.3 */
const stopped = (one: Scene, reason: number): Scene => {
  one.writer.message('server', stopControlConnectionRequest(reason));
  return one.close('server');
};

/** Call-Disconnect-Notify with result, general error and cause. RFC 2637 §2.13, §2.16 */
const notified = (one: Scene, result: number, error: number, cause: number): Scene => {
  const message = callDisconnectNotify(one.writer.serverCallId, result);
  message.set([error, ...u16(cause)], 15);
  one.writer.message('server', message);
  return one.close('server');
};

/** The client's GRE goes on from another address, which the server does not take: so many packets, and as many of the server's. */
function moves(one: Scene, packets: number): void {
  const sent = one.frames.filter((frame) => isGre(frame) && addressOf(frame) === one.writer.client).length;
  for (let index = 0; index < packets; index += 1) {
    const gre = enhancedGre({ callId: one.callIds.server, sequence: sent + index }, userData('client', 60));
    one.stranger('203.0.113.44', 'server', 47, gre);
    one.data('server', 60, true).wait(2);
  }
}

/** MPPE packets of both ends, of which every fourth of the client is lost. */
function lossyMppe(options: Variation, bits: number, resets: boolean): Scene {
  const one = at('server', options).up(bits);
  let count = 0;
  for (let index = 0; index < 4 + options.tries; index += 1) {
    for (let each = 0; each < 4; each += 1, count += 1) {
      const word = (bits === stateful ? 0x1000 : 0x9000) | (count & 0xfff);
      const packet = octets([0xff, 3], u16(0x00fd), u16(word), new Uint8Array(50));
      one.gre('client', packet, each === 2).gre('server', packet);
    }
    if (resets) one.ppp('server', ccpProtocol, 14, index).wait(0.1);
  }
  return goodbye(one);
}

/** The client's encrypted packets come back as Protocol-Rejects of those numbers, one of as many as are sent between two. */
function rejecting(
  options: Variation,
  protocols: (index: number) => number,
  { between = 1, flags = 0x9000 }: { between?: number; flags?: number } = {},
): Scene {
  const one = scene(options).up(strong);
  for (let index = 0, count = 0; index < options.tries; index += 1) {
    for (let each = 0; each < between; each += 1, count += 1) {
      const word = (count & 0xfff) | flags;
      one.gre('client', octets([0xff, 3], u16(0x00fd), u16(word), new Uint8Array(60))).encrypted('server', count);
    }
    one.ppp('server', lcpProtocol, 8, index, octets(u16(protocols(index)), [1, 2, 3, 4])).wait(0.2);
  }
  return goodbye(one);
}

/** Small packets of the server and large ones, which are lost or not. */
function large(options: Variation, lost: boolean): Scene {
  const one = at('server', options).up().talk(6);
  for (let index = 0; index < options.tries; index += 1) {
    one.data('server', 1300, lost).wait(0.1);
    if (!lost) one.data('client');
    one.wait(0.5 + index * 0.3);
  }
  return goodbye(one.talk(4));
}

/** At the client: a row of the server's numbers is missing; meanwhile so many of its acknowledgments come. */
function hole(options: Variation, acknowledgments: number): Scene {
  const one = at('client', options).up(strong);
  for (let count = 0; count < 6; count += 1) one.encrypted('client', count).encrypted('server', count);
  for (let index = 0; index < 8; index += 1)
    one.gre('server', octets([0xff, 3], u16(0x00fd), u16(0x9006 + index)), true);
  for (let index = 0; index < acknowledgments; index += 1) {
    one
      .encrypted('client', 6 + index)
      .acknowledge('server')
      .wait(0.3);
  }
  one.encrypted('server', 14).encrypted('client', 6 + acknowledgments);
  return goodbye(one);
}

/** At the client: so many of the server's numbers never come, and small packets before and after. */
function missingInRow(options: Variation, numbers: number): Scene {
  const one = at('client', options).up(strong);
  for (let count = 0; count < 60; count += 1) {
    if (count === 50) for (let index = 0; index < numbers; index += 1) one.gre('server', new Uint8Array(4), true);
    one.encrypted('client', count).encrypted('server', count < 50 ? count : count + numbers);
  }
  return one;
}

/** Four packets of 1,400 octets in two fragments, of which one is lost or none. */
function fragmented(options: Variation, lost: (packet: number) => 'first' | 'second' | null): Scene {
  const one = at('server', options).up().talk(3);
  for (let index = 0; index < 4; index += 1) {
    one.gre('client', userData('client', 1400));
    const whole = one.frames.pop();
    if (whole === undefined) continue;
    const packet = whole.octets.slice(34);
    const { client: source, server: destination } = one.writer;
    const fields = { source, destination, protocol: 47, identification: 900 + index };
    const first = ethernet(ipv4({ ...fields, moreFragments: true }, packet.slice(0, 1000)));
    const second = ethernet(ipv4({ ...fields, fragmentOffset: 1000 }, packet.slice(1000)));
    if (lost(index) !== 'first') one.frames.push({ ...whole, octets: first });
    if (lost(index) !== 'second') one.frames.push({ ...whole, octets: second });
    one.wait(0.2);
  }
  return goodbye(one.talk(3));
}

/** The client asks; the server answers from the given question on. */
function asking(options: Variation, answeredFrom: number): Scene {
  const one = at('client', options).up();
  for (let index = 0; index < options.tries; index += 1) {
    one.data('client', 84, index < answeredFrom).wait(1);
    if (index >= answeredFrom) one.gre('server', userData('server', 84));
  }
  return goodbye(one);
}

/** Both speak; then the client goes on alone, with the server's acknowledgments or without. */
function goingOn(options: Variation, acknowledged: boolean, end = goodbye): Scene {
  const one = at('client', options).up().talk(6);
  one.arrives.server = acknowledged;
  for (let index = 0; index < 10 + options.tries; index += 1) {
    one.gre('client', userData('client', 84)).wait(1.2).acknowledge('server');
  }
  return end(one);
}

/** A hundred packets and more of the client, of which those are lost. */
function lossy(options: Variation, lost: (index: number) => boolean): Scene {
  const one = at('server', options).up();
  for (let index = 0; index < 120; index += 1) one.data('client', 200, lost(index)).data('server', 900);
  return goodbye(one);
}

/** Small packets of both ends, of which so many rounds are lost in the middle, and of the client's those in every `each`-th round. */
function wayCut(options: Variation, each: number): Scene {
  const one = at('server', options).up();
  const small = userData('server', 60);
  for (let index = 0; index < 40; index += 1)
    one
      .data('client', 60, index % each === 3)
      .gre('server', small)
      .wait(0.05);
  for (let index = 0; index < 8; index += 1) one.data('client', 60, true).gre('server', small, true).wait(0.7);
  for (let index = 0; index < 40; index += 1)
    one
      .data('client', 60, index % each === 3)
      .gre('server', small)
      .wait(0.05);
  return goodbye(one);
}

/** The server counts its packets from 0 again in the middle of the call; the client takes them, or drops them. RFC 2637 §4.4 */
function countingAnew(options: Variation, taken: boolean): Scene {
  const one = scene(options).up().talk(30).countAnew('server');
  for (let index = 0; index < 7 + options.tries; index += 1) {
    one
      .data('client')
      .wait(0.3)
      .gre('server', userData('server', 60), taken ? false : 'behind');
  }
  return goodbye(taken ? one.talk(3) : one);
}

/** Pairs of the client's packets, of which those are exchanged. */
function overtaking(options: Variation, exchanged: (index: number) => boolean): Scene {
  const one = at('server', options).up();
  for (let index = 0; index < 60; index += 1) {
    one.data('client', 200).data('client', 200);
    if (exchanged(index)) one.writer.overtake();
  }
  return goodbye(one.talk(3));
}

/** The client sends so many packets, pauses and goes on when the server's acknowledgment comes; windows are 4. */
function pausing(options: Variation, packets: number): Scene {
  const one = at('client', options).handshake().control().call(1, { client: 4, server: 4 });
  one.lcp().authenticate().ipcp();
  for (let index = 0; index < 10 + options.tries; index += 1) {
    for (let each = 0; each < packets; each += 1) one.data('client', 400);
    one.wait(0.4).data('server', 60);
  }
  return goodbye(one);
}

/** After so many seconds of silence the client sends again, and is heard or not. */
function silent(options: Variation, seconds: number, heard: boolean): Scene {
  const one = at('client', options).up().talk(4).wait(seconds);
  if (heard) return goodbye(one.talk(3 + options.tries));
  one.arrives.client = false;
  for (let index = 0; index < 3 + options.tries; index += 1) one.data('client').wait(1);
  return one;
}

/** Calls one after the other, each with LCP echoes and no user data for so many seconds before the server ends it. */
function timed(options: Variation, idle: readonly number[], apart: number): Built {
  return together(
    ...idle.map((seconds, index) => {
      const shifted = { ...options, start: options.start + index * apart, clientPort: 30_000 + index };
      const one = scene({ ...shifted, serverCallId: index, clientCallId: 100 + index }).up();
      // What comes before the silence differs, so that only the silence is the same.
      one.talk(4 + index, 0.7);
      for (let waited = 0; waited < seconds; waited += 15) {
        one.wait(Math.min(15, seconds - waited));
        one.gre('client', pppControl(lcpProtocol, 9, waited & 0xff, octets([1, 1, 1, 1])));
        one.gre('server', pppControl(lcpProtocol, 10, waited & 0xff, octets([2, 2, 2, 2])));
      }
      return one.terminate('server').close('server');
    }),
  );
}

/** Echo-Reply with success. RFC 2637 §2.6 */
const echoReply = (identifier: number): Uint8Array =>
  octets(u16(20), u16(1), [0x1a, 0x2b, 0x3c, 0x4d], u16(6), u16(0), [0, 0, 0, identifier], [1, 0, 0, 0]);

/** The client's Echo-Request on the control connection, and the end a minute later. */
function echoing(options: Variation, reply: boolean): Scene {
  const one = scene(options).up().talk(4);
  one.writer.message('client', echoRequest(options.tries));
  if (reply) one.writer.message('server', echoReply(options.tries));
  for (let index = 0; index < 61; index += 1) one.talk(1, 1);
  one.writer.message('client', stopControlConnectionRequest(1));
  return one.close('client');
}

/** Both ask on the control connection: the server in vain or not, for which it ends the call, and the client just before that. */
function bothEchoing(options: Variation, reply: boolean): Scene {
  const one = scene(options).up().talk(4);
  one.writer.message('server', echoRequest(7));
  if (reply) one.writer.message('client', echoReply(7));
  for (let index = 0; index < 61; index += 1) one.talk(1, 1);
  one.writer.message('client', echoRequest(options.tries)).message('server', stopControlConnectionRequest(1));
  return one.close('server');
}

/** The client's LCP Echo-Requests; in vain, or the last of them answered. */
function pinging(options: Variation, answered: boolean): Scene {
  const one = at('client', options).up().talk(4);
  one.arrives.client = false;
  for (let index = 0; index < 4; index += 1) {
    if (answered && index === 3) one.arrives.client = true;
    one.ppp('client', lcpProtocol, 9, 20 + index, octets([0x11, 0x11, 0x11, 0x11])).wait(1);
    if (answered && index === 3) one.ppp('server', lcpProtocol, 10, 20 + index, octets([0x22, 0x22, 0x22, 0x22]));
    one.wait(9).writer.segment('server', tcpFlags.ack);
  }
  return one.terminate('client', answered ? 'User request' : 'Peer not responding').hangUp();
}

/** The same at the server, which answers: its packets are lost behind the capture, or only the acknowledgments come late. */
function answeredInVain(options: Variation, arrives: boolean): Scene {
  const one = at('server', options).up().talk(4);
  for (let index = 0; index < 4; index += 1) {
    one.ppp('client', lcpProtocol, 9, 20 + index, octets([0x11, 0x11, 0x11, 0x11]));
    const reply = pppControl(lcpProtocol, 10, 20 + index, octets([0x22, 0x22, 0x22, 0x22]));
    one.gre('server', reply, arrives ? false : 'behind').wait(5);
  }
  return one.gre('client', pppControl(lcpProtocol, 5, 9, octets(letters('Peer not responding')))).hangUp();
}

/** An Echo-Reply that the server sends again and again behind the capture, or that the client has. RFC 2637 §2.6 */
function replyingInVain(options: Variation, arrives: boolean): Scene {
  const one = at('server', options).up().talk(4);
  one.writer.message('client', echoRequest(7));
  const reply = octets(u16(20), u16(1), [0x1a, 0x2b, 0x3c, 0x4d], u16(6), u16(0), [0, 0, 0, 7], [1, 0, 0, 0]);
  // Behind the SYN, Start-Control-Connection-Reply and Outgoing-Call-Reply.
  const place = (options.serverSequence ?? 900_000) + 1 + 156 + 32;
  for (let index = 0; index < 3; index += 1) {
    one.writer.segment('server', tcpFlags.psh | tcpFlags.ack, reply, place);
    one.talk(1, options.interval);
  }
  if (arrives) one.writer.message('server', reply);
  one.wait(60).writer.message('client', stopControlConnectionRequest(1));
  return one.close('client');
}

/** The client's LCP Echo-Requests, of which every third is in vain; both talk meanwhile. */
function missing(options: Variation, text: string): Scene {
  const one = at('client', options).up();
  for (let index = 0; index < 9; index += 1) {
    one.ppp('client', lcpProtocol, 9, 20 + index, octets([0x11, 0x11, 0x11, 0x11]));
    if (index % 3 > 0) one.ppp('server', lcpProtocol, 10, 20 + index, octets([0x22, 0x22, 0x22, 0x22]));
    one.talk(4, 1);
  }
  return one.terminate('client', text).hangUp();
}

/** The server goes on alone. */
const alone = (one: Scene, { tries, interval }: Variation): Scene => {
  for (let index = 0; index < 3 + tries; index += 1) one.data('server', 60, true).wait(interval + 1);
  return one;
};

const running = (options: Variation): Scene => scene(options).up().talk(4);

/** So many packets of the server do not come, and it ends the link while IPCP is negotiated. */
function brokenSetup(options: Variation, lost: number): Scene {
  const one = at('client', options).dial().lcp().authenticate().ccp();
  one.ppp('server', ipcpProtocol, 1, 1, ipAddress('10.0.0.1'));
  for (let index = 0; index < lost; index += 1) one.gre('server', userData('server', 60), true);
  return one
    .wait(3 + options.interval)
    .terminate('server', 'MPPE disabled')
    .close('server');
}

/** In the middle of a call ICMP answers what the client sends: from a box, or null for the server itself. */
function refusedMidway(options: Variation, code: number, from: string | null): Scene {
  const one = at('client', options).up().talk(4);
  for (let index = 0; index < 2 + options.tries; index += 1) {
    one
      .data('client', 60, true)
      .icmp(code, from ?? one.writer.server, 'client')
      .wait(options.interval);
  }
  return one;
}

export const runningScenes = {
  'mppe-keys-differ': {
    scenes: [
      {
        title: 'Protocol-Rejects of random numbers',
        said: ['mppe-keys-differ'],
        build: (options) => rejecting(options, (index) => 0x3b5d + index * 0x1122),
      },
      {
        title: 'more of them than are listed',
        said: ['mppe-keys-differ'],
        build: (options) => rejecting({ ...options, tries: 150 }, (index) => 0x3b5d + index * 0x0122),
      },
      {
        title: 'a storm of Reset-Requests though MPPE is stateless',
        said: ['mppe-keys-differ'],
        build: (options) => {
          const one = scene(options).up(strong);
          for (let index = 0; index < 5 + options.tries; index += 1) {
            one.encrypted('client', index).encrypted('server', index).ppp('server', ccpProtocol, 14, index);
          }
          return goodbye(one);
        },
      },
    ],
    nearMisses: [
      {
        title: 'the numbers that are rejected have names',
        said: [],
        build: (options) => rejecting(options, () => 0x8057),
      },
      {
        title: 'one number that has no name is rejected again and again',
        said: [],
        build: (options) => rejecting(options, () => 0x0233),
      },
      {
        title: 'random numbers now and then, and most packets are not rejected',
        said: [],
        build: (options) => rejecting(options, (index) => 0x3b5d + index * 0x1122, { between: 40 }),
      },
      {
        title: 'stateless MPPE is agreed, and the packets that are rejected lack bit A',
        said: ['mppe-stateful-mismatch'],
        build: (options) => rejecting(options, (index) => 0x3b5d + index * 0x1122, { flags: 0x1000 }),
      },
    ],
  },

  'mppe-stateful-loss': {
    scenes: [
      {
        title: 'a Reset-Request after each loss',
        said: ['mppe-stateful-loss'],
        build: (options) => lossyMppe(options, stateful, true),
      },
    ],
    nearMisses: [
      {
        title: 'the same loss, and MPPE is stateless',
        said: ['packet-loss'],
        build: (options) => lossyMppe(options, strong, false),
      },
      {
        title: 'stateful, and nothing is lost',
        said: [],
        build: (options) => {
          const one = scene(options).up(stateful);
          for (let count = 0; count < 10; count += 1) {
            for (const side of ['client', 'server'] as const) {
              one.gre(side, octets([0xff, 3], u16(0x00fd), u16(0x1000 | count), new Uint8Array(50)));
            }
          }
          return goodbye(one);
        },
      },
    ],
  },

  'mtu-black-hole': {
    scenes: [
      { title: 'at the sender', said: ['mtu-black-hole'], build: (options) => large(options, true) },
      {
        title: 'at the receiver, with acknowledgments meanwhile',
        said: ['mtu-black-hole'],
        build: (options) => hole(options, 3 + options.tries),
      },
      {
        title: 'at the receiver, with nothing meanwhile',
        said: ['mtu-black-hole'],
        build: (options) => hole(options, 0),
      },
    ],
    nearMisses: [
      { title: 'large packets are acknowledged, too', said: [], build: (options) => large(options, false) },
      {
        title: 'one number far ahead of all others',
        said: [],
        build: (options) => {
          const one = at('server', options).up().talk(4);
          const { server: callId } = one.callIds;
          one.writer.ip('client', 47, enhancedGre({ callId, sequence: 900_000 }, userData('client', 60)));
          return goodbye(one.talk(8));
        },
      },
      ...(['client', 'server'] as const).map((vantage) => ({
        title: `the way is cut for 20 s and given back, seen at the ${vantage}`,
        said: ['packet-loss'] as const,
        build: (options: Variation) => {
          const one = at(vantage, options).up().talk(6);
          for (let index = 0; index < 20; index += 1) one.data('client', 60, true).data('server', 60, true).wait(1);
          return goodbye(one.talk(6));
        },
      })),
      {
        title: 'at the receiver, of one direction alone',
        said: ['packet-loss'],
        build: (options) => {
          const one = hole(options, 0);
          return only(one, (frame) => addressOf(frame) === one.writer.server);
        },
      },
      {
        title: 'at the receiver, and a large packet came',
        said: ['packet-loss'],
        build: (options) => {
          const one = at('client', options).up().talk(2).gre('server', userData('server', 1300)).data('client');
          for (let index = 0; index < 8; index += 1) one.data('server', 1300, true);
          return goodbye(one.talk(4));
        },
      },
    ],
  },

  'fragmentation-needed': {
    scenes: [
      {
        title: 'and nothing follows',
        said: ['fragmentation-needed'],
        build: (options) => {
          const one = at('client', options).up().data('client', 1300, true);
          return one.icmp(4, '203.0.113.77', 'client', 576).wait(0.2).hangUp();
        },
      },
      {
        title: 'again and again',
        said: ['fragmentation-needed'],
        build: (options) => {
          const one = at('client', options).up();
          for (let index = 0; index < options.tries; index += 1) {
            one.data('client', 1300, true).icmp(4, '203.0.113.77', 'client', 576).wait(1);
          }
          return goodbye(one);
        },
      },
    ],
    nearMisses: [
      {
        title: 'the sender goes on with smaller packets, which are answered',
        said: [],
        build: (options) => {
          const one = at('client', options).up().data('client', 1300, true);
          return goodbye(one.icmp(4, '203.0.113.77', 'client', 1200).talk(12));
        },
      },
    ],
  },

  'fragments-lost': {
    scenes: [
      {
        title: 'the last ones never come',
        said: ['fragments-lost'],
        build: (options) => fragmented(options, () => 'second'),
      },
    ],
    nearMisses: [
      { title: 'all come', said: [], build: (options) => fragmented(options, () => null) },
      {
        title: 'the first ones never come, which are the large ones',
        said: ['mtu-black-hole'],
        build: (options) => fragmented(options, () => 'first'),
      },
      {
        title: 'one packet comes with all of its fragments',
        said: [],
        build: (options) => fragmented(options, (packet) => (packet === 1 ? null : 'second')),
      },
    ],
  },

  'no-return-traffic': {
    scenes: [
      {
        title: 'nothing comes back',
        said: ['no-return-traffic'],
        build: (options) => asking(options, options.tries),
      },
      {
        title:
          'it goes both ways at first, then the server is not heard any more, and it closes the control connection',
        said: ['no-return-traffic'],
        build: (options) => goingOn(options, false, (one) => one.wait(3).close('server')),
      },
      {
        title: 'it goes both ways at first, and then the server is not heard any more',
        said: ['no-return-traffic'],
        build: (options) => goingOn(options, false),
      },
    ],
    nearMisses: [
      {
        title: 'it goes both ways at first, and then the server only acknowledges',
        said: [],
        build: (options) => goingOn(options, true),
      },
      {
        title: 'the last question is answered',
        said: [],
        build: (options) => asking(options, options.tries - 1),
      },
      {
        title: 'the capture ends before an answer had time to come',
        said: [],
        build: (options) => at('client', options).up().data('client', 84).data('client', 84).data('client', 84),
      },
    ],
  },

  'packet-loss': {
    scenes: [
      {
        title: 'more in a row than MPPE counts, and the client ends CCP',
        said: ['packet-loss'],
        build: (options) => missingInRow(options, 4096).ppp('client', ccpProtocol, 5, 7).terminate('client').hangUp(),
      },
      {
        title: 'one of twelve',
        said: ['packet-loss'],
        build: (options) => lossy(options, (index) => index % 12 === 5),
      },
      {
        title:
          "beside their sender, and the other end, which acknowledges each that it takes, has none of them: its own host's queue",
        said: ['packet-loss'],
        build: (options) => {
          const one = at('server', options).up();
          const drop = (index: number): boolean => index % 8 === 5;
          for (let index = 0; index < 120; index += 1) one.data('server', 900, drop(index)).data('client');
          const large = one.frames.filter(({ octets: frame }) => frame.length > 900);
          return only(goodbye(one), (frame) => !drop(large.indexOf(frame)));
        },
        calm: 'losses on the side of the sender would show that they are lost there',
      },
      {
        title: 'for a while all of both ends',
        said: ['packet-loss'],
        build: (options) => wayCut(options, 100),
        calm: 'one more that is lost alone may be of another row',
      },
      {
        title: 'one of four, and for a while all of both ends',
        said: ['packet-loss'],
        build: (options) => wayCut(options, 4),
        calm: 'one more that is lost may be part of the row',
      },
      {
        title: 'before the call is up, which the server ends then',
        said: ['packet-loss', 'disconnected-by-server'],
        build: (options) => brokenSetup(options, 6),
      },
    ],
    nearMisses: [
      {
        title: 'nearly as many in a row as MPPE counts, and the client ends CCP',
        said: ['mtu-black-hole'],
        build: (options) => missingInRow(options, 4095).ppp('client', ccpProtocol, 5, 7).terminate('client').hangUp(),
      },
      {
        title: 'few are lost before the call is up, which the server ends then',
        said: ['disconnected-by-server'],
        build: (options) => brokenSetup(options, 2),
      },
      { title: 'one of 120', said: [], build: (options) => lossy(options, (index) => index === 50) },
      {
        title: 'what is missing was sent near the capture: the capture lost it',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = lossy({ ...options, vantage: 'server' }, () => false);
          const large = one.frames.filter(({ octets: frame }) => frame.length > 900);
          return only(one, (frame) => large.indexOf(frame) % 12 !== 5);
        },
        calm: 'losses on the side of the sender would show that they are lost there',
      },
    ],
  },

  reordering: {
    scenes: [
      {
        title: 'one of ten',
        said: ['reordering'],
        build: (options) => overtaking(options, (index) => index % 5 === 0),
      },
    ],
    nearMisses: [
      {
        title: 'two of 120',
        said: [],
        build: (options) => overtaking(options, (index) => index === 20 || index === 40),
      },
    ],
  },

  'sequence-restarted': {
    scenes: [
      {
        title: 'the server counts anew, and the client drops what is behind',
        said: ['sequence-restarted'],
        build: (options) => countingAnew(options, false),
      },
    ],
    nearMisses: [
      {
        title: 'the server counts anew, and the client goes along',
        said: [],
        build: (options) => countingAnew(options, true),
      },
    ],
  },

  'window-starvation': {
    scenes: [
      { title: 'four packets, and a pause', said: ['window-starvation'], build: (options) => pausing(options, 4) },
    ],
    nearMisses: [
      { title: 'three packets, and the same pause', said: [], build: (options) => pausing(options, 3) },
      {
        title: 'five packets, which is one more than the window has, and the same pause',
        said: [],
        build: (options) => pausing(options, 5),
      },
    ],
  },

  'idle-timeout': {
    scenes: [
      {
        title: 'not heard any more after a silence',
        said: ['idle-timeout'],
        build: (options) => silent(options, 100 * options.interval, false),
      },
      {
        title: 'not heard any more in the tunnel after a silence, and on the control connection heard',
        said: ['idle-timeout'],
        build: (options) => {
          const one = silent(options, 100 * options.interval, false);
          one.writer.message('client', echoRequest(5)).message('server', echoReply(5));
          return one;
        },
      },
      {
        title: 'the server is not heard any more, for the client has another address',
        said: ['idle-timeout', 'gre-from-other-address'],
        build: (options) => {
          const one = at('server', options).up().talk(4).wait(100);
          moves(one, 4 + options.tries);
          return one;
        },
        calm: 'what is lost or doubled is not counted in where the other address goes on',
      },
      {
        title: 'reset at the first packet after a silence',
        said: ['idle-timeout'],
        build: (options) => {
          const one = at('client', options)
            .up()
            .talk(4)
            .wait(70 + options.tries);
          return one.data('client', 60, true).wait(0.1).reset('server');
        },
      },
      {
        title: 'the server says so',
        said: ['idle-timeout'],
        build: (options) => running(options).terminate('server', windowsReason(828)).close('server'),
      },
      {
        title: 'two calls end after the same time without user data',
        said: ['idle-timeout', 'idle-timeout'],
        build: (options) => timed(options, [120 * options.interval, 120 * options.interval], 3000),
        calm: 'a Terminate-Request that is lost comes 3 s later, which is another time',
      },
      {
        title: 'three calls end after the same time without user data',
        said: ['idle-timeout', 'idle-timeout', 'idle-timeout'],
        build: (options) => timed(options, [300, 300.4, 299.8], 3000),
        calm: 'a Terminate-Request that is lost comes 3 s later, which is another time',
      },
    ],
    nearMisses: [
      {
        title: 'the silence is as long, and then it goes on',
        said: [],
        build: (options) => silent(options, 100 * options.interval, true),
      },
      {
        title: 'three calls end after different times without user data',
        said: ['disconnected-by-server', 'disconnected-by-server', 'disconnected-by-server'],
        build: (options) => timed(options, [300, 340, 420], 3000),
      },
      {
        title: 'three calls end at one moment, after the same time without user data',
        said: ['disconnected-by-server', 'disconnected-by-server', 'disconnected-by-server'],
        build: (options) => timed(options, [300, 299.3, 298.6], 0),
      },
      {
        title: 'one call ends after a time without user data',
        said: ['disconnected-by-server'],
        build: (options) => timed(options, [300], 3000),
      },
    ],
  },

  'control-echo-unanswered': {
    scenes: [
      { title: 'and the end', said: ['control-echo-unanswered'], build: (options) => echoing(options, false) },
      {
        title: 'TCP repeats it, and in the tunnel the server is heard',
        said: ['control-echo-unanswered'],
        build: (options) => {
          const one = at('client', options).up().talk(4);
          one.writer.message('client', echoRequest(1));
          return one.talk(8, 1).reset('client');
        },
      },
      {
        title: 'those of the server, and the client asks just before the end',
        said: ['control-echo-unanswered'],
        build: (options) => bothEchoing(options, false),
      },
      {
        title: 'the reply is lost behind the capture',
        said: ['control-echo-unanswered'],
        build: (options) => replyingInVain(options, false),
        calm: 'octets that TCP sends again by itself have other places in the stream',
      },
      {
        title: 'and a RST of its sender',
        said: ['control-echo-unanswered'],
        build: (options) => {
          const one = scene(options).up().talk(4);
          one.writer.message('client', echoRequest(options.tries));
          return one.wait(60 + options.tries).reset('client');
        },
      },
      {
        title: 'TCP repeats it in vain, and nobody tries the tunnel',
        said: ['control-echo-unanswered'],
        build: (options) => {
          const one = at('client', options).up().talk(4);
          one.arrives.server = false;
          one.writer.message('client', echoRequest(7));
          // Behind the SYN, Start-Control-Connection-Request and Outgoing-Call-Request.
          const place = (options.clientSequence ?? 1000) + 1 + 156 + 168;
          for (let index = 0; index < 5; index += 1) {
            one.wait(2 + options.interval);
            one.writer.segment('client', tcpFlags.psh | tcpFlags.ack, echoRequest(7), place);
          }
          one.writer.message('client', callClearRequest(one.writer.clientCallId));
          one.writer.segment('client', tcpFlags.fin | tcpFlags.ack);
          return one;
        },
      },
    ],
    nearMisses: [
      { title: 'it is answered', said: [], build: (options) => echoing(options, true) },
      {
        title: 'those of the server are answered',
        said: ['disconnected-by-server'],
        build: (options) => bothEchoing(options, true),
      },
      {
        title: 'the reply is sent again, and the client has it',
        said: [],
        build: (options) => replyingInVain(options, true),
      },
    ],
  },

  'lcp-echo-unanswered': {
    scenes: [
      { title: 'and the end', said: ['lcp-echo-unanswered'], build: (options) => pinging(options, false) },
      {
        title: 'the replies are lost behind the capture',
        said: ['lcp-echo-unanswered'],
        build: (options) => answeredInVain(options, false),
      },
      {
        title: 'nothing of the server is acknowledged any more, and no echo is in the capture',
        said: ['lcp-echo-unanswered'],
        build: (options) => {
          const one = at('server', options).up().talk(4);
          for (let index = 0; index < 4 + options.tries; index += 1) {
            one.data('client').gre('server', userData('server', 60), 'behind').wait(1);
          }
          return one.terminate('client', 'Peer not responding').hangUp();
        },
      },
      {
        title: 'now and then, and the end with that reason',
        said: ['lcp-echo-unanswered'],
        build: (options) => missing(options, 'Peer not responding'),
      },
    ],
    nearMisses: [
      { title: 'the last one is answered', said: [], build: (options) => pinging(options, true) },
      { title: 'the replies are acknowledged', said: [], build: (options) => answeredInVain(options, true) },
      { title: 'now and then, and the user hangs up', said: [], build: (options) => missing(options, 'User request') },
    ],
  },

  'peer-vanished': {
    scenes: [
      {
        title: 'the client stops altogether',
        said: ['peer-vanished'],
        build: (options) => alone(at('server', options).up().talk(4), options),
      },
      {
        title: 'the client goes on from another address',
        said: ['peer-vanished', 'gre-from-other-address'],
        build: (options) => {
          const one = at('server', options).up().talk(4);
          moves(one, 4 + options.tries);
          return one;
        },
        calm: 'what is lost or doubled is not counted in where the other address goes on',
      },
      {
        title: "the server's address is the same inside and outside",
        said: ['peer-vanished'],
        build: (options) => {
          const one = at('server', options).dial().lcp().authenticate();
          one.agree(ipcpProtocol, 'server', ipAddress(one.writer.server));
          one.agree(ipcpProtocol, 'client', ipAddress('10.0.0.50'));
          return alone(one, options);
        },
      },
      ...[0, 1, 6, 7].map(
        (code): Scenario => ({
          title: `a router says ICMP 3/${code} of the server`,
          said: ['peer-vanished'],
          build: (options) => refusedMidway(options, code, '203.0.113.77').hangUp(),
        }),
      ),
    ],
    nearMisses: [
      {
        title: 'a router says it once, and the server is back',
        said: [],
        build: (options) => goodbye(refusedMidway(options, 1, '203.0.113.77').talk(4)),
      },
      {
        title: 'a router says it of packets after the goodbye',
        said: [],
        build: (options) => {
          const one = goodbye(at('client', options).up().talk(4));
          for (let index = 0; index < 3; index += 1) one.data('client', 60, true).icmp(1, '203.0.113.77', 'client');
          return one;
        },
      },
      {
        title: 'a filter says so',
        said: ['gre-rejected-by-icmp'],
        build: (options) => refusedMidway(options, 13, '203.0.113.77').hangUp(),
      },
      {
        title: 'a filter says so once, and the client hangs up',
        said: ['gre-rejected-by-icmp'],
        build: (options) =>
          at('client', options).up().talk(4).data('client', 60, true).icmp(13, '203.0.113.77', 'client').hangUp(),
      },
      {
        title: 'the server itself says that it takes no GRE',
        said: ['gre-rejected-by-icmp'],
        build: (options) => refusedMidway(options, 2, null).hangUp(),
      },
      {
        title: 'the client says goodbye before',
        said: [],
        build: (options) => alone(goodbye(at('server', options).up().talk(4)), options),
      },
      {
        title: 'nothing of the server comes through the tunnel, and meanwhile it answers on the control connection',
        said: ['no-return-traffic'],
        build: (options) => {
          const one = at('client', options).up().talk(4);
          one.arrives.server = false;
          for (const rounds of [20, 10]) {
            for (let index = 0; index < rounds; index += 1) one.gre('client', userData('client', 60)).wait(1);
            if (rounds === 20) one.writer.message('client', echoRequest(7)).message('server', echoReply(7));
          }
          return one;
        },
      },
      {
        title: "the client's control connection goes on",
        said: ['no-return-traffic'],
        build: (options) => {
          const one = alone(at('server', options).up(), options);
          one.writer.segment('client', tcpFlags.ack);
          return one;
        },
      },
    ],
  },

  'control-reset': {
    scenes: [
      { title: 'by the server', said: ['control-reset'], build: (options) => running(options).reset('server') },
      { title: 'by the client', said: ['control-reset'], build: (options) => running(options).reset('client') },
      {
        title: 'by three RSTs of a box on the way, before echoes that nobody answers',
        said: ['control-reset'],
        build: (options) => {
          const one = at('client', options).dial().lcp();
          const place = one.frames.length;
          for (let index = 0; index < 3; index += 1) one.reset('server');
          for (let index = 0; index < 3; index += 1) {
            one.gre('client', pppControl(lcpProtocol, 9, index, octets([0x11, 0x11, 0x11, 0x11])), true).wait(1);
          }
          const records = one.records().map((record, index) => {
            const frame = record.octets.slice();
            // IP's time to live.
            if (index >= place && index < place + 3) frame[22] = (frame[22] ?? 0) - 5;
            return { ...record, octets: frame };
          });
          return captured(records);
        },
      },
      {
        title: 'in answer to the call request',
        said: ['control-reset'],
        build: (options) => {
          const one = scene(options).handshake().control();
          one.writer.message('client', outgoingCallRequest(one.writer.clientCallId));
          return one.reset('server');
        },
      },
      {
        title: 'in answer to an Echo-Request, the first message for long',
        said: ['control-reset'],
        build: (options) => {
          const one = running(options);
          for (let index = 0; index < 10; index += 1) one.talk(1, 20);
          one.writer.message('client', echoRequest(1));
          return one.reset('server').talk(3);
        },
      },
      {
        title: 'after a while in which nothing of the server comes through the tunnel',
        said: ['control-reset'],
        build: (options) => {
          const one = at('client', options).up().talk(4);
          for (let index = 0; index < 5 + options.tries; index += 1) one.data('client', 60, true).wait(1.5);
          return one.reset('server');
        },
      },
    ],
    nearMisses: [
      {
        title: 'a farewell comes before',
        said: [],
        build: (options) => goodbye(running(options)).reset('server'),
      },
      {
        title: 'FIN instead of RST',
        said: ['control-closed-abruptly'],
        build: (options) => running(options).close('server'),
      },
    ],
  },

  'control-closed-abruptly': {
    scenes: [
      {
        title: 'by the server',
        said: ['control-closed-abruptly'],
        build: (options) => running(options).close('server'),
      },
      {
        title: 'by the client',
        said: ['control-closed-abruptly'],
        build: (options) => running(options).close('client'),
      },
      ...['CCP', 'IPCP'].map(
        (when): Scenario => ({
          title: `by the server during ${when}, and the client's Call-Clear-Request comes after it`,
          said: ['control-closed-abruptly'],
          build: (options) => {
            const one = scene(options).dial().lcp().authenticate();
            if (when === 'IPCP') one.ccp().ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0'));
            else one.ppp('client', ccpProtocol, 1, 1, mppe(strong));
            one.writer.segment('server', tcpFlags.fin | tcpFlags.ack);
            one.writer.message('client', callClearRequest(one.writer.clientCallId));
            one.writer.segment('client', tcpFlags.fin | tcpFlags.ack);
            return one;
          },
          calm: 'what is sent again makes answers overdue',
        }),
      ),
      {
        title: 'PPP does not start',
        said: ['control-closed-abruptly'],
        build: (options) =>
          scene(options)
            .dial()
            .gre('client', pppControl(lcpProtocol, 1, 1, octets([5, 6, 1, 2, 3, 4])))
            .wait(0.3)
            .close('server'),
      },
    ],
    nearMisses: [
      {
        title: 'LCP is terminated before',
        said: [],
        build: (options) => running(options).terminate('client', 'User request').close('server'),
      },
      { title: 'Call-Clear-Request comes before', said: [], build: (options) => running(options).hangUp() },
    ],
  },

  'disconnected-by-server': {
    scenes: [
      {
        title: 'LCP Terminate-Request',
        said: ['disconnected-by-server'],
        build: (options) => running(options).terminate('server', 'Connect time expired').close('server'),
      },
      {
        title: 'Stop-Control-Connection-Request',
        said: ['disconnected-by-server'],
        build: (options) => stopped(running(options), 3),
      },
      {
        title: 'after the client has ended IPV6CP',
        said: ['disconnected-by-server'],
        build: (options) => {
          const one = running(options).ipv6();
          one.ppp('client', ipv6cpProtocol, 5, 9, octets(letters('Interface configuration failed')));
          return one.ppp('server', ipv6cpProtocol, 6, 9).terminate('server').close('server');
        },
      },
      {
        title: 'before the first packet',
        said: ['disconnected-by-server'],
        build: (options) => stopped(scene(options).dial().wait(1), 3),
      },
      {
        title: 'Call-Disconnect-Notify before the first packet',
        said: ['disconnected-by-server'],
        build: (options) => notified(scene(options).dial(), 2, 4, 0),
      },
      {
        title: 'Call-Disconnect-Notify with a general error',
        said: ['disconnected-by-server'],
        build: (options) => notified(running(options), 2, 6, 41),
      },
      {
        title: 'when LCP has begun',
        said: ['disconnected-by-server'],
        build: (options) => {
          const one = scene(options).dial();
          one.gre('server', pppControl(lcpProtocol, 1, 1, octets([5, 6, 1, 2, 3, 4])));
          return stopped(one.wait(0.5), 3);
        },
      },
      {
        title: 'in answer to the call request',
        said: ['disconnected-by-server'],
        build: (options) => {
          const one = scene(options).handshake().control();
          one.writer.message('client', outgoingCallRequest(one.writer.clientCallId));
          return stopped(one, 3);
        },
        calm: 'what is sent again makes answers overdue',
      },
      {
        title: 'before a call is asked for',
        said: ['disconnected-by-server'],
        build: (options) => stopped(scene(options).handshake().control(), 2),
      },
    ],
    nearMisses: [
      {
        title: 'before a call is asked for, and without a reason',
        said: ['no-call-requested'],
        build: (options) => stopped(scene(options).handshake().control().wait(options.interval), 1),
      },
      {
        title: 'when the call request is not answered for long',
        said: ['call-no-reply'],
        build: (options) => {
          const one = scene(options).handshake().control();
          one.writer.message('client', outgoingCallRequest(one.writer.clientCallId));
          return stopped(one.wait(60), 1);
        },
      },
      {
        title: 'the client terminates LCP first',
        said: [],
        build: (options) =>
          running(options).terminate('client').terminate('server', 'Connect time expired').close('server'),
      },
      {
        title: 'the client sends the Stop-Control-Connection-Request',
        said: [],
        build: (options) => {
          const one = running(options);
          one.writer.message('client', stopControlConnectionRequest(1));
          return one.close('client');
        },
      },
    ],
  },

  'cancelled-by-client': {
    scenes: [
      {
        title: 'Windows hangs up before authentication',
        said: ['cancelled-by-client'],
        build: (options) => scene(options).dial().lcp().wait(0.2).terminate('client', windowsReason(0)).hangUp(),
        calm: 'what is sent again makes answers overdue',
      },
      {
        title: 'Windows hangs up after Success',
        said: ['cancelled-by-client'],
        build: (options) => scene(options).dial().lcp().authenticate().terminate('client', windowsReason(0)).hangUp(),
        calm: 'what is sent again makes answers overdue',
      },
      {
        title: 'pppd is told to hang up during authentication',
        said: ['cancelled-by-client'],
        build: (options) =>
          scene(options).dial().lcp().challenge().response().terminate('client', 'User request').hangUp(),
        calm: 'what is sent again makes answers overdue',
      },
      {
        title: 'Call-Clear-Request during LCP',
        said: ['cancelled-by-client'],
        build: (options) => {
          const one = scene(options)
            .dial()
            .agree(lcpProtocol, 'client', octets([5, 6, 1, 2, 3, 4]));
          return one.wait(0.5).hangUp();
        },
        calm: 'what is sent again makes answers overdue',
      },
    ],
    nearMisses: [
      {
        title: 'Windows names an error',
        said: ['authentication-no-answer'],
        build: (options) => scene(options).dial().lcp().wait(0.2).terminate('client', windowsReason(718)).hangUp(),
      },
      {
        title: 'Windows hangs up when an answer is overdue',
        said: ['authentication-no-answer'],
        build: (options) => scene(options).dial().lcp().wait(20).terminate('client', windowsReason(0)).hangUp(),
      },
      {
        title: 'Windows hangs up when the VPN is up',
        said: [],
        build: (options) => scene(options).up().terminate('client', windowsReason(0)).hangUp(),
      },
      ...['MPPE disabled', 'User request'].map(
        (text): Scenario => ({
          title: `the capture lacks what was between the dialling and the end: ${text}`,
          said: ['capture-incomplete'],
          build: (options) => {
            const one = scene(options).dial();
            const from = one.frames.length;
            one.lcp().authenticate().talk(4);
            one.frames.splice(from);
            return one.terminate('client', text).hangUp();
          },
          calm: 'other frames may be lost as well',
        }),
      ),
      {
        title: 'the server clears the call, which is for the client to do',
        said: ['disconnected-by-server'],
        build: (options) => {
          const one = scene(options).dial().lcp().challenge().response();
          one.writer.message('server', callClearRequest(one.writer.serverCallId));
          return one.close('server');
        },
        calm: 'what is sent again makes answers overdue',
      },
      {
        title: 'the server hangs up in the same way',
        said: ['disconnected-by-server'],
        build: (options) =>
          scene(options).dial().lcp().challenge().response().terminate('server', 'Shutdown').close('server'),
        calm: 'what is sent again makes answers overdue',
      },
    ],
  },

  'disconnected-with-error': {
    scenes: [629, 645, 734].map((code) => ({
      title: `Windows error ${code}`,
      said: ['disconnected-with-error'],
      build: (options: Variation) => running(options).terminate('client', windowsReason(code)).hangUp(),
    })),
    nearMisses: [
      {
        title: 'Windows reason 0',
        said: [],
        build: (options) => running(options).terminate('client', windowsReason(0)).hangUp(),
      },
      {
        title: 'the number without the signature',
        said: [],
        build: (options) =>
          running(options)
            .terminate('client', octets([1, 1, 1, 1], [0, 0x3c, 0xcd, 0x75], [0, 0, 2, 0x75]))
            .hangUp(),
      },
    ],
  },
} as const satisfies Record<string, CauseScenes>;
