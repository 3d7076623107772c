/** Scenes of the causes that lie before the call: names, TCP, the control connection, the call's request. */
import {
  ethernet,
  incomingCallReply,
  incomingCallRequest,
  ipv4,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  startControlConnection,
  tcpFlags,
  u16,
} from '../packets.ts';
import { Scene, type SceneOptions } from '../scene.ts';
import {
  addressOf,
  asRedirect,
  at,
  type Built,
  type CauseScenes,
  captured,
  healthy,
  letters,
  only,
  type Scenario,
  scene,
  syns,
  together,
  type Variation,
} from './scenario.ts';

/** A DNS message with one question for an address. RFC 1035 §4.1 */
function dns(start: number, flags: number, ports: readonly [number, number], name = ['vpn', 'example']) {
  const [source, destination] = ports[1] === 53 ? ['192.0.2.10', '192.0.2.53'] : ['192.0.2.53', '192.0.2.10'];
  const labels = name.flatMap((label) => [label.length, ...letters(label)]);
  const message = octets(u16(7), u16(flags), u16(1), u16(0), u16(0), u16(0), labels, 0, u16(1), u16(1));
  const udp = octets(u16(ports[0]), u16(ports[1]), u16(8 + message.length), u16(0), message);
  return { seconds: start, fraction: 0, octets: ethernet(ipv4({ source, destination, protocol: 17 }, udp)) };
}
const asked = ({ start }: Variation) => dns(start, 0x0100, [5353, 53]);
const answered = ({ start }: Variation, code: number) => dns(start, 0x8180 | code, [53, 5353]);

const accepted = (one: Scene): Scene => {
  const { serverCallId, clientCallId } = one.writer;
  one.writer.message('server', outgoingCallReply(serverCallId, clientCallId));
  return one;
};

/** A Start-Control-Connection-Reply with result and general error. RFC 2637 §2.2, §2.16 */
function startReply(options: Variation, result: number, error: number): Scene {
  const one = scene(options).handshake();
  one.writer.message('client', startControlConnection(1));
  const reply = startControlConnection(2, 'server-host', 'server-vendor', result);
  reply[15] = error;
  one.writer.message('server', reply);
  return one;
}

/** An Outgoing-Call-Reply with result and general error. RFC 2637 §2.8, §2.16 */
function callReply(options: Variation, result: number, error: number): Scene {
  const one = scene(options).handshake().control();
  const { serverCallId, clientCallId } = one.writer;
  one.writer.message('client', outgoingCallRequest(clientCallId));
  const reply = outgoingCallReply(serverCallId, clientCallId, result);
  reply[17] = error;
  one.writer.message('server', reply);
  return one;
}

/** General errors that RFC 2637 §2.16 names; 4 is the lack of resources. */
const generalErrors = [1, 2, 3, 4, 5, 6];

/** The answer to a SYN, and the client, which waits no longer, resets it: it acknowledges nothing. RFC 9293 §3.10.7.1 */
export function resetsAnswer(options: SceneOptions, seconds: number, before: (one: Scene) => void = () => {}): Scene {
  const one = new Scene(options);
  const { clientSequence = 0, serverSequence = 0 } = options;
  one.writer.segment('client', tcpFlags.syn, undefined, clientSequence);
  before(one);
  one.wait(seconds).writer.segment('server', tcpFlags.syn | tcpFlags.ack, undefined, serverSequence);
  one.writer.segment('client', tcpFlags.rst, undefined, (clientSequence + 1) >>> 0);
  return one;
}

/** The answers are seen, and the client does not go on. */
function answeredInVain(options: Variation): Scene {
  const one = scene(options);
  for (let index = 0; index < options.tries; index += 1) {
    one.writer.segment('client', tcpFlags.syn, undefined, options.clientSequence ?? 0);
    one.writer.segment('server', tcpFlags.syn | tcpFlags.ack, undefined, options.serverSequence ?? 0);
    one.wait(options.interval);
  }
  return one;
}

/** SYNs to one address; SYN-ACKs from another, to them or to another SYN of the same port, which the client resets. */
function hairpin(options: Variation, same: boolean): Built {
  const { question, answer } = hairpinScenes(options, same);
  return together(question, answer);
}

/** The SYNs, and the answers that come from another address. */
function hairpinScenes(options: Variation, same: boolean): { question: Scene; answer: Scene } {
  const sent = 0x4000_0000 + options.tries;
  const question = at('client', options);
  // What the SYN-ACK acknowledges is the number behind the SYN.
  const answer = at('client', { ...options, server: '203.0.113.9', clientSequence: same ? sent + 1 : sent + 78 });
  for (let index = 0; index < options.tries; index += 1) {
    question.writer.segment('client', tcpFlags.syn, undefined, sent);
    question.wait(options.interval);
    answer.wait(0.01).writer.segment('server', tcpFlags.syn | tcpFlags.ack, undefined, 0x5000_0000);
    answer.reset('client').wait(options.interval);
  }
  return { question, answer };
}

const started = (options: Variation): Scene => {
  const one = scene(options).handshake();
  one.writer.message('client', startControlConnection(1));
  return one;
};

/** The server says something, and says it again and again: the client does not acknowledge it. `before`: octets that it did. */
function inVain(
  one: Scene,
  message: Uint8Array,
  before: number,
  { serverSequence = 900_000, tries, interval }: Variation,
): Scene {
  for (let index = 0; index < 3 + tries; index += 1) {
    one.writer.segment('server', tcpFlags.psh | tcpFlags.ack, message, serverSequence + 1 + before);
    one.wait(interval + 1);
  }
  return one;
}

const outgoingRequest = (one: Scene, callId = one.writer.clientCallId): Scene => {
  one.writer.message('client', outgoingCallRequest(callId));
  return one;
};

const requested = (options: Variation): Scene => {
  return outgoingRequest(scene(options).handshake().control());
};

/** A call of another client that is up from the start, and the one that is meant, some seconds later. */
function besideAnother(options: Variation, after: number, turnedAway: (one: Scene) => Scene): Built {
  const { server = '198.51.100.1', start } = options;
  const place = { vantage: 'server', server } as const;
  const busy = new Scene({ ...place, client: '203.0.113.5', start, clientPort: 40_000, serverCallId: 1 });
  const one = new Scene({ ...options, ...place, client: '203.0.113.6', start: start + after, serverCallId: 2 });
  return together(turnedAway(one), busy.up().talk(40, 1).terminate('client').hangUp());
}

const dropped = (one: Scene): Scene => {
  one.handshake().writer.message('client', startControlConnection(1));
  return one.wait(1).close('server');
};

const errorScenario = (said: Scenario['said'], build: (options: Variation, error: number) => Scene) =>
  generalErrors.map(
    (error): Scenario => ({
      title: `result 2, general error ${error}`,
      said: error === 4 ? [...said, 'connection-limit'] : said,
      build: (options) => build(options, error).close('client'),
    }),
  );

export const connectionScenes = {
  'name-not-resolved': {
    scenes: [
      {
        title: 'no such name',
        said: ['name-not-resolved'],
        build: (options) => captured([asked(options), answered(options, 3)]),
      },
      {
        title: 'server failure',
        said: ['name-not-resolved'],
        build: (options) => captured([asked(options), answered(options, 2)]),
      },
      {
        title: 'no answer, and asked again',
        said: ['name-not-resolved'],
        build: (options) => captured([asked(options), asked({ ...options, start: options.start + 5 })]),
      },
    ],
    nearMisses: [
      {
        title: 'the capture ends with the question, and so before an answer',
        said: [],
        build: (options) => captured([asked(options), asked({ ...options, start: options.start + 1 })]),
      },
      {
        title: 'the answer has the name',
        said: [],
        build: (options) => captured([asked(options), answered(options, 0)]),
      },
      {
        title: 'the name is found when it is asked for again',
        said: [],
        build: (options) => captured([asked(options), answered(options, 2), asked(options), answered(options, 0)]),
      },
      {
        title: 'a name is not found, and the VPN is dialled all the same',
        said: [],
        build: (options) => {
          const dialled = healthy(scene(options).dial()).records();
          return captured([asked(options), answered(options, 3), ...dialled]);
        },
      },
    ],
  },

  'tcp-no-answer': {
    scenes: [
      { title: 'SYNs in vain', said: ['tcp-no-answer'], build: (options) => syns(scene(options), options) },
      {
        title: 'SYN-ACKs in vain: they do not arrive',
        said: ['tcp-no-answer'],
        build: (options) => answeredInVain(options),
      },
      {
        title: 'the answer comes from another address, and the client resets it',
        said: ['tcp-no-answer', 'tcp-no-answer'],
        build: (options) => hairpin(options, true),
      },
      {
        title: 'the answer comes from another address, and a firewall drops it',
        said: ['tcp-no-answer', 'tcp-no-answer'],
        build: (options) => {
          const { question, answer } = hairpinScenes(options, true);
          return together(
            question,
            only(answer, (frame) => addressOf(frame) === answer.writer.server),
          );
        },
      },
      {
        title: 'a SYN-ACK is reset that does not answer the SYN to another address',
        said: ['tcp-no-answer', 'tcp-no-answer'],
        build: (options) => hairpin(options, false),
      },
      {
        title: 'the connection before was answered',
        said: ['tcp-no-answer'],
        build: (options) => {
          const earlier = healthy(new Scene({ ...options, clientPort: 1023, start: options.start - 500 }).dial());
          return together(syns(scene(options), options), earlier);
        },
      },
    ],
    nearMisses: [
      {
        title: 'SYN-ACKs in vain at first, and then the client goes on',
        said: [],
        build: (options) => healthy(answeredInVain(options).dial()),
      },
      {
        title: 'the SYN is answered at once, and the client resets that, as a scanner does',
        said: ['not-pptp'],
        build: (options) => resetsAnswer(options, 0.1),
      },
      {
        title: 'the last SYN is answered',
        said: [],
        build: (options) => healthy(syns(scene(options), options, options.clientSequence ?? 0).dial()),
      },
      {
        title: 'the last SYN is refused',
        said: ['tcp-refused'],
        build: (options) => {
          const one = syns(scene(options), options);
          one.writer.segment('server', tcpFlags.rst | tcpFlags.ack);
          return one;
        },
      },
      {
        title: 'one SYN, and the capture ends',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = scene(options);
          one.writer.segment('client', tcpFlags.syn, undefined, 5);
          return one;
        },
      },
    ],
  },

  'tcp-refused': {
    scenes: [
      {
        title: 'RST in answer to the SYN',
        said: ['tcp-refused'],
        build: (options) => {
          const one = scene(options);
          one.writer.segment('client', tcpFlags.syn, undefined, 5);
          one.writer.segment('server', tcpFlags.rst | tcpFlags.ack);
          return one;
        },
      },
    ],
    nearMisses: [
      {
        title: 'RST after the connection was made',
        said: ['control-closed-abruptly'],
        build: (options) => scene(options).handshake().reset('server'),
        calm: 'what is sent again gives the client time to ask',
      },
      {
        title: 'RST from the client, which gives up',
        said: ['tcp-no-answer'],
        build: (options) => syns(scene(options), options).reset('client'),
      },
      {
        title: 'RST when all was said',
        said: [],
        build: (options) => healthy(scene(options).dial()).reset('server'),
      },
    ],
  },

  'tcp-rejected-by-icmp': {
    scenes: [
      ...[0, 1, 2, 3, 9, 10, 13].map((code) => ({
        title: `ICMP 3/${code}`,
        said: ['tcp-rejected-by-icmp'] as const,
        build: (options: Variation) => syns(scene(options), options).icmp(code, '203.0.113.77', 'client'),
      })),
      {
        title: 'ICMP 3/1, on which the client gives up: it resets the answer that comes after it',
        said: ['tcp-rejected-by-icmp'],
        build: (options) => resetsAnswer(options, 2, (one) => one.icmp(1, '203.0.113.77', 'client')),
      },
    ],
    nearMisses: [
      {
        title: 'ICMP about the SYN of another connection',
        said: ['tcp-no-answer'],
        build: (options) => {
          const one = syns(scene(options), options).icmp(13, '203.0.113.77', 'client');
          // The source port in the quoted TCP header.
          const error = one.frames.at(-1)?.octets;
          if (error !== undefined) error[14 + 20 + 8 + 20] = (error[14 + 20 + 8 + 20] ?? 0) ^ 0x55;
          return one;
        },
      },
      {
        title: 'a redirect, which goes on to another router',
        said: ['tcp-no-answer'],
        build: (options) => asRedirect(syns(scene(options), options).icmp(1, '203.0.113.77', 'client')),
      },
      {
        title: 'ICMP, and the next SYN is answered',
        said: [],
        build: (options) => {
          const one = syns(scene(options), options, options.clientSequence ?? 0).icmp(1, '203.0.113.77', 'client');
          return healthy(one.dial());
        },
      },
    ],
  },

  'not-pptp': {
    scenes: [
      ...['SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', '220 mail ESMTP\r\n', '\x16\x03\x01\x00\x05hello'].map(
        (greeting): Scenario => ({
          title: `the server sends ${JSON.stringify(greeting)}`,
          said: ['not-pptp'],
          build: (options) => {
            const one = scene(options).handshake();
            one.writer.message('server', octets(letters(greeting)));
            return one.close('client');
          },
        }),
      ),
      {
        title: 'the client speaks HTTP',
        said: ['not-pptp'],
        build: (options) => {
          const one = scene(options).handshake();
          one.writer.message('client', octets(letters('GET / HTTP/1.1\r\nHost: vpn\r\n\r\n')));
          return one.reset('server');
        },
      },
      {
        title: 'nobody says a word',
        said: ['not-pptp'],
        build: (options) => scene(options).handshake().wait(options.interval).close('client'),
      },
      {
        title: 'nobody says a word, and the server closes after a while',
        said: ['not-pptp'],
        build: (options) => scene(options).handshake().wait(10).close('server'),
      },
    ],
    nearMisses: [
      {
        title: 'the server resets the connection at once',
        said: ['control-closed-abruptly'],
        build: (options) => scene(options).handshake().reset('server'),
        calm: 'what is sent again gives the client time to ask',
      },
      {
        title: 'the words stand in a host name',
        said: [],
        build: (options) => {
          const one = scene(options).handshake();
          one.writer.message('client', startControlConnection(1, 'GET / HTTP/1.1', 'SSH-2.0-OpenSSH'));
          one.writer.message('server', startControlConnection(2, 'HTTP/1.1 200 OK', 'SSH-2.0-OpenSSH'));
          return healthy(one.call());
        },
      },
      {
        title: 'the client has asked, and nobody answers',
        said: ['control-no-reply'],
        build: (options) => started(options).wait(10).close('client'),
      },
    ],
  },

  'control-no-reply': {
    scenes: [
      {
        title: 'the client gives up',
        said: ['control-no-reply'],
        build: (options) =>
          started(options)
            .wait(20 + options.tries)
            .close('client'),
      },
      {
        title: 'the server drops it',
        said: ['control-no-reply'],
        build: (options) => started(options).wait(options.interval).close('server'),
      },
      {
        title: 'the reply does not reach the client',
        said: ['control-no-reply'],
        build: (options) => inVain(started(options), startControlConnection(2), 0, options),
      },
      {
        title: 'the capture goes on for long',
        said: ['control-no-reply'],
        build: (options) => {
          const one = started(options).wait(30);
          one.writer.segment('client', tcpFlags.ack);
          return one;
        },
      },
    ],
    nearMisses: [
      {
        title: 'the reply comes late',
        said: [],
        build: (options) => {
          const one = started(options).wait(4);
          one.writer.message('server', startControlConnection(2));
          return healthy(one.call());
        },
      },
      {
        title: 'the capture ends soon after the request',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = started(options).wait(1);
          one.writer.segment('server', tcpFlags.ack);
          return one;
        },
        calm: 'segments that are sent again fill the time that is too short here',
      },
      {
        title: 'the reply refuses',
        said: ['control-refused'],
        build: (options) => startReply(options, 4, 0).wait(10).close('client'),
      },
    ],
  },

  'control-refused': {
    scenes: [
      ...[3, 4, 5].map(
        (result): Scenario => ({
          title: `result ${result}`,
          said: ['control-refused'],
          build: (options) => startReply(options, result, 0).close('client'),
        }),
      ),
      ...errorScenario(['control-refused'], (options, error) => startReply(options, 2, error)),
      {
        title: 'a result that nobody has named',
        said: ['control-refused'],
        build: (options) => startReply(options, 77, 0).close('client'),
      },
    ],
    nearMisses: [
      {
        title: 'result 1, with an error code that means nothing then',
        said: [],
        build: (options) => healthy(startReply(options, 1, 4).call()),
      },
      {
        title: 'result 0, which some modems send',
        said: [],
        build: (options) => healthy(startReply(options, 0, 0).call()),
      },
    ],
  },

  'no-call-requested': {
    scenes: [
      {
        title: 'the client closes',
        said: ['no-call-requested'],
        build: (options) => scene(options).handshake().control().wait(options.interval).close('client'),
      },
      {
        title: 'a scanner',
        said: ['no-call-requested'],
        build: (options) => {
          const one = scene(options).handshake();
          one.writer.message('client', startControlConnection(1, 'none', 'nmap'));
          one.writer.message('server', startControlConnection(2));
          return one.close('client');
        },
      },
    ],
    nearMisses: [
      {
        title: 'a call is asked for',
        said: ['call-no-reply'],
        build: (options) => requested(options).wait(options.interval).close('client'),
      },
      {
        title: 'nobody closes, and the capture ends',
        said: ['capture-incomplete'],
        build: (options) => scene(options).handshake().control(),
      },
    ],
  },

  'call-no-reply': {
    scenes: [
      {
        title: 'the client gives up',
        said: ['call-no-reply'],
        build: (options) =>
          requested(options)
            .wait(5 + options.tries)
            .close('client'),
      },
      {
        title: 'the reply does not reach the client',
        said: ['call-no-reply'],
        build: (options) => {
          const one = requested(options);
          const { serverCallId, clientCallId } = one.writer;
          return inVain(one, outgoingCallReply(serverCallId, clientCallId), 156, options);
        },
      },
      {
        title: 'the server closes',
        said: ['call-no-reply'],
        build: (options) =>
          requested(options)
            .wait(5 + options.tries)
            .close('server'),
      },
    ],
    nearMisses: [
      {
        title: 'the first of two calls was asked for long ago',
        said: ['call-refused', 'capture-incomplete'],
        build: (options) => {
          const one = callReply(options, 4, 0).wait(100 * options.interval);
          return outgoingRequest(one, (one.writer.clientCallId + 1) & 0xffff).wait(0.5);
        },
      },
      {
        title: 'the reply comes late',
        said: [],
        build: (options) => healthy(accepted(requested(options).wait(6))),
      },
      {
        title: 'the reply reaches the client late, and the call comes up',
        said: [],
        build: (options) => {
          const one = requested(options);
          const { serverCallId, clientCallId } = one.writer;
          return healthy(accepted(inVain(one, outgoingCallReply(serverCallId, clientCallId), 156, options)));
        },
        calm: 'the scene is one of a lost segment',
      },
      {
        title: 'the capture lost the reply, and both ends speak PPP',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = accepted(requested(options));
          const reply = one.frames.findLastIndex(({ octets: frame }) => frame[23] === 6);
          healthy(one);
          one.frames.splice(reply, 1);
          return one;
        },
        calm: 'the reply is the last segment before GRE only where nothing is doubled',
      },
    ],
  },

  'call-refused': {
    scenes: [
      ...[3, 4, 5, 6, 7].map(
        (result): Scenario => ({
          title: `result ${result}`,
          said: ['call-refused'],
          build: (options) => callReply(options, result, 0).close('client'),
        }),
      ),
      ...errorScenario(['call-refused'], (options, error) => callReply(options, 2, error)),
    ],
    nearMisses: [
      {
        title: 'result 1, with an error code that means nothing then',
        said: [],
        build: (options) => healthy(callReply(options, 1, 4)),
      },
    ],
  },

  'connection-limit': {
    scenes: [
      {
        title: 'dropped while another call is up',
        said: ['connection-limit'],
        build: (options) => besideAnother(options, 10, dropped),
      },
      {
        title: 'dropped while another call is up, before it asks',
        said: ['connection-limit'],
        build: (options) => besideAnother(options, 10, (one) => one.handshake().close('server')),
        calm: 'what is sent again gives the client time to ask',
      },
      {
        title: 'answered when the other call has ended, too late',
        said: ['connection-limit'],
        build: (options) =>
          besideAnother(options, 10, (one) => {
            one.handshake().writer.message('client', startControlConnection(1));
            one.wait(33).writer.message('server', startControlConnection(2));
            return one.wait(0.1).close('client');
          }),
      },
      {
        title: 'the server says that it has no resources',
        said: ['call-refused', 'connection-limit'],
        build: (options) => callReply(options, 2, 4).close('client'),
      },
    ],
    nearMisses: [
      {
        title: 'the other call has ended before',
        said: ['control-no-reply'],
        build: (options) => besideAnother(options, 100, dropped),
      },
      {
        title: 'another call is up, and this one comes up as well',
        said: [],
        build: (options) => besideAnother(options, 10, (one) => healthy(one.dial())),
      },
      {
        title: 'result 3 instead of 2 beside error 4',
        said: ['call-refused'],
        build: (options) => callReply(options, 3, 4).close('client'),
      },
      {
        title: 'the client has no resources for an incoming call',
        said: ['call-refused'],
        build: (options) => {
          const one = scene(options).handshake().control();
          one.writer.message('server', incomingCallRequest(one.writer.serverCallId));
          const reply = incomingCallReply(0, one.writer.serverCallId, 2);
          reply[17] = 4;
          one.writer.message('client', reply);
          return one.close('client');
        },
      },
    ],
  },
} as const satisfies Record<string, CauseScenes>;
