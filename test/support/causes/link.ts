/** Scenes of the causes inside PPP: LCP, authentication, encryption, addresses. */
import { callDisconnectNotify, octets, pppControl, u16, u32 } from '../packets.ts';
import {
  ccpProtocol,
  chapProtocol,
  ipAddress,
  ipcpProtocol,
  lcpProtocol,
  mppe,
  msChapV2,
  type Scene,
  windowsReason,
} from '../scene.ts';
import { type CauseScenes, isGre, letters, only, type Scenario, scene, type Variation } from './scenario.ts';

const papProtocol = 0xc023;
const eapProtocol = 0xc227;
const pap = [3, 4, 0xc0, 0x23];
const eap = [3, 4, 0xc2, 0x27];
const magic = octets([5, 6, 1, 2, 3, 4]);
const e = (code: number, retry: 0 | 1 = 0): string =>
  `E=${code} R=${retry} C=00112233445566778899AABBCCDDEEFF V=3 M=no`;

const proven = (options: Variation): Scene => scene(options).dial().lcp().authenticate();
const responded = (options: Variation): Scene => scene(options).dial().lcp().challenge().response();
const cbcpProtocol = 0xc029;
/** The option No Callback. draft-gidwani-ppp-callback-cp-00 §3.1 */
const noCallback = octets([1, 2]);
/** So many Callback-Requests of the server, 3 s apart, each with the Callback-Response (2) and Callback-Ack (3) that come. */
const callback = (one: Scene, requests: number, answers: readonly (2 | 3)[]): Scene => {
  for (let identifier = 1; identifier <= requests; identifier += 1) {
    one.ppp('server', cbcpProtocol, 1, identifier, noCallback);
    for (const code of answers) one.ppp(code === 2 ? 'client' : 'server', cbcpProtocol, code, identifier, noCallback);
    if (requests > 1) one.acknowledge('client').wait(3);
  }
  return one;
};

/** The client's Protocol-Reject, which holds the Callback-Request. RFC 1661 §5.7 */
const callbackRejected = (one: Scene): Scene =>
  callback(one, 1, []).ppp('client', lcpProtocol, 8, 5, octets(u16(cbcpProtocol), [1, 1], u16(6), noCallback));

const finished = (one: Scene): Scene => one.ipcp().talk(2).terminate('client').hangUp();

const endsSoon = 'what is sent again makes answers overdue';

const refused = (code: number, cause: Scenario['said']): Scenario => ({
  title: `E=${code}`,
  said: cause,
  build: (options) => responded(options).failure(e(code)).terminate('server').close('server'),
});

/** The code with a retry that is taken, and the code of another cause. */
const codeScenes = (code: number, cause: Scenario['said'], other: number, otherCause: Scenario['said']) => ({
  scenes: [
    refused(code, cause),
    {
      title: `E=${code} after two attempts`,
      said: cause,
      build: (options: Variation) =>
        responded(options).failure(e(code, 1)).response('bob').failure(e(code)).terminate('server').close('server'),
    },
  ],
  nearMisses: [
    {
      title: `E=${code}, and the next response is accepted`,
      said: [],
      build: (options: Variation) => finished(responded(options).failure(e(code, 1)).response('bob').success()),
    },
    { ...refused(other, otherCause), title: `E=${other} in its place` },
  ],
});

/** EAP-TLS with the octets of its records. RFC 5216 §3.1, RFC 5246 §6.2 */
const eapTls = (records: readonly number[]): Uint8Array => octets([13, 0], records);
/** The handshake ends with EAP Failure; so many requests of the server are lost before it. RFC 5216 §2.1.5 */
const handshakeRefused = (options: Variation, lost: number): Scene => {
  const one = scene(options).dial().lcp(eap);
  one.ppp('server', eapProtocol, 1, 1, octets([13, 0x20]));
  one.ppp('client', eapProtocol, 2, 1, eapTls([0x16, 3, 1, 0, 1, 1]));
  const certificates = octets([0xff, 3], u16(eapProtocol), [1, 2], u16(1400), [13, 0], new Uint8Array(1394));
  for (let index = 0; index < lost; index += 1) one.gre('server', certificates, true).wait(3);
  return one.ppp('server', eapProtocol, 4, 1).terminate('server').close('server');
};
const alerted = (options: Variation, level: number, description: number): Scene => {
  const one = scene(options).dial().lcp(eap);
  one.ppp('server', eapProtocol, 1, 1, eapTls([]));
  return one.ppp('client', eapProtocol, 2, 1, eapTls([0x15, 3, 3, 0, 2, level, description]));
};

/** The client asks, and the server answers that its LCP is closed, or that it knows no such code. RFC 1661 §4.1, §5.6 */
const turnedAway = (one: Scene, times: number, answer: 'Terminate-Ack' | 'Code-Reject'): Scene => {
  for (let index = 0; index < times; index += 1) {
    one.ppp('client', lcpProtocol, 1, 1, magic);
    if (answer === 'Terminate-Ack') one.ppp('server', lcpProtocol, 6, 1);
    else one.ppp('server', lcpProtocol, 7, 9, octets([1, 1], u16(4 + magic.length), magic));
    one.wait(3);
  }
  return one;
};

/** EAP-TLS is proposed, and the client answers with that Nak. RFC 3748 §5.3.1 */
const eapNak = (options: Variation, desired: number): Scene => {
  const one = scene(options).dial().lcp(eap);
  return one
    .ppp('server', eapProtocol, 1, 1, octets([13, 0x20]))
    .ppp('client', eapProtocol, 2, 1, octets([3, desired]));
};

/** LCP Protocol-Reject of a Configure-Request. RFC 1661 §5.7 */
const protocolReject = (one: Scene, protocol: number, options: Uint8Array): Scene => {
  one.ppp('client', protocol, 1, 1, options);
  const rejected = octets(u16(protocol), [1, 1], u16(4 + options.length), options);
  return one.ppp('server', lcpProtocol, 8, 5, rejected);
};

/** The client asks for another name server than the server gives it. RFC 1877 §1.1 */
const namesRefused = (options: Variation, times: number): Scene => {
  const one = proven(options).agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
  const asked = octets(ipAddress('10.0.0.50'), [129, 6, 0, 0, 0, 0]);
  one.refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 3, ipAddress('10.0.0.50'));
  for (let index = 0; index < times; index += 1) {
    one.refuse(ipcpProtocol, 'client', asked, 3, octets([129, 6, 10, 0, 0, 2]));
  }
  return one;
};

/** After the response the server asks for MPPE again and again; what becomes of its Success is told before. RFC 1994 §4.2 */
const unheardVerdict = (one: Scene, options: Variation, words: string): Scene => {
  for (let index = 0; index < options.tries; index += 1) {
    one.ppp('server', ccpProtocol, 1, 1, mppe(bits.strong)).acknowledge('client').wait(3);
  }
  return one.terminate('client', words).hangUp();
};
const lostSuccess = (options: Variation, lost: true | 'behind'): Scene => {
  const text = letters(`S=${'0123456789'.repeat(4)} M=welcome`);
  return responded(options).gre('server', pppControl(chapProtocol, 3, 7, octets(text)), lost);
};
const response = pppControl(chapProtocol, 2, 7, octets(49, new Uint8Array(49).fill(3), letters('alice')));
const notAuthenticated = 'Failed to authenticate ourselves to peer';

const papAccepted = (options: Variation): Scene => {
  const one = scene(options).dial().lcp(pap);
  one.ppp('client', papProtocol, 1, 1, octets([1, 97, 1, 98]));
  return one.ppp('server', papProtocol, 2, 1, octets([0]));
};

/** The client asks as well, and the server answers with that name. */
const askedByClient = (one: Scene, name: string): Scene => {
  one.ppp(
    'client',
    chapProtocol,
    1,
    3,
    octets(
      16,
      new Uint8Array(16).map((_, at) => 7 + at * 5),
      letters('alice'),
    ),
  );
  const value = octets(
    new Uint8Array(16).map((_, at) => at * 3 + 1),
    new Uint8Array(8),
    new Uint8Array(24).fill(55),
    0,
  );
  return one.ppp('server', chapProtocol, 2, 3, octets(49, value, letters(name)));
};
const provenByServer = (one: Scene): Scene =>
  askedByClient(one, 'srv').ppp('client', chapProtocol, 3, 3, octets(letters(`S=${'FEDCBA9876'.repeat(4)}`)));
const refusedByClient = (options: Variation, name: string): Scene =>
  askedByClient(proven(options), name)
    .ppp('client', chapProtocol, 4, 3, octets(letters(e(691))))
    .terminate('client')
    .hangUp();

/** Not `S=<40 hexadecimal digits> M=<message>`. RFC 2759 §5 */
const badSuccesses = {
  'without a proof': 'Access granted',
  'without a space': `S=${'0123456789'.repeat(4)}M=welcome`,
  'with an octet before it': `-S=${'0123456789'.repeat(4)}`,
} as const;

/** The server asks again, with another identifier and challenge. RFC 1994 §4.1 */
const challengedAgain = (one: Scene): Scene => {
  const challenge = new Uint8Array(16).map((_, at) => 9 + at * 5);
  return one.ppp('server', chapProtocol, 1, 8, octets(16, challenge, letters('srv')));
};
const respondedAgain = (one: Scene): Scene => {
  const value = octets(
    new Uint8Array(16).map((_, at) => at * 11 + 3),
    new Uint8Array(8),
    new Uint8Array(24).fill(77),
    0,
  );
  return challengedAgain(one).ppp('client', chapProtocol, 2, 8, octets(49, value, letters('alice')));
};
const refusedAgain = (options: Variation, code: number): Scene =>
  respondedAgain(proven(options).ipcp().talk(3)).ppp('server', chapProtocol, 4, 8, octets(letters(e(code))));

/** The server asks again in the running call, and gets no answer. */
const unansweredAgain = (options: Variation, times: number): Scene => {
  const one = proven(options).ipcp().talk(3);
  for (let index = 0; index < times; index += 1) challengedAgain(one.wait(3)).talk(1);
  return one;
};

/** The server's farewell with a reason, before the client's. RFC 2637 §2.13 */
const notified = (one: Scene, result: number): Scene => {
  one.writer.message('server', callDisconnectNotify(one.writer.serverCallId, result));
  return one.close('server');
};

const bits = { all: 0x0100_00e1, strong: 0x0100_0040, weak: 0x0100_0020, stateful: 0x40 } as const;

/** The client asks for MPPE, and the server ends CCP. RFC 1962 §2 */
const ccpEnded = (options: Variation, reason: Uint8Array = new Uint8Array(0)): Scene => {
  const one = proven(options).ppp('client', ccpProtocol, 1, 1, mppe(bits.strong));
  return one.ppp('server', ccpProtocol, 5, 4, reason).ppp('client', ccpProtocol, 6, 4);
};

/** The client is refused MPPE and asks again without it. RFC 1962 §4 */
const withdrawn = (options: Variation): Scene =>
  proven(options).refuse(ccpProtocol, 'client', mppe(bits.strong), 4).agree(ccpProtocol, 'client', octets());

/** The server does not answer the client's IPCP. */
const unanswered = (one: Scene, { tries }: Variation): Scene => {
  for (let index = 0; index < tries; index += 1) one.ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0')).wait(3);
  return one;
};

/** The client asks for these bits, the server for its own; each has the other's refused. */
const incompatible = (options: Variation, client: number, server: number): Scene =>
  proven(options)
    .refuse(ccpProtocol, 'client', mppe(client), 3, mppe(server))
    .refuse(ccpProtocol, 'server', mppe(server), 4);

/** The server rejects the client's IP-Address, and acknowledges a request without options. */
const withoutAddress = (options: Variation): Scene =>
  addressed(options)
    .refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 4)
    .agree(ipcpProtocol, 'client', new Uint8Array(0));

const ipcpEnded = (one: Scene, by: 'client' | 'server', text: string): Scene =>
  one.ppp(by, ipcpProtocol, 5, 9, octets(letters(text))).ppp(by === 'client' ? 'server' : 'client', ipcpProtocol, 6, 9);

/** The server asks for an MRU again and again, which the client counters so many times. */
const bargaining = (options: Variation, times: number): Scene => {
  const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
  for (let index = 0; index < times; index += 1) {
    one.refuse(lcpProtocol, 'server', octets([1, 4], u16(1500)), 3, octets([1, 4], u16(1400))).wait(0.1);
  }
  return one;
};

/** The server demands MS-CHAPv2, and the client counters with PAP. */
const demanding = (options: Variation): Scene => {
  const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
  return one.refuse(lcpProtocol, 'server', octets(msChapV2), 3, octets(pap));
};

const addressed = (options: Variation): Scene => proven(options).agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));

const expired = codeScenes(648, ['password-expired'], 709, ['password-change-failed']);
const reauthenticated: CauseScenes = {
  scenes: [
    ...expired.scenes,
    {
      title: 'E=648 when the running call is authenticated again',
      said: ['password-expired'],
      build: (options) => refusedAgain(options, 648).terminate('server').close('server'),
    },
    {
      title: 'E=648 when the running call is authenticated again, and Call-Disconnect-Notify',
      said: ['password-expired'],
      build: (options) => notified(refusedAgain(options, 648), 1),
    },
  ],
  nearMisses: [
    ...expired.nearMisses,
    {
      title: 'the running call is authenticated again, and the answer accepted',
      said: ['disconnected-by-server'],
      build: (options) =>
        respondedAgain(proven(options).ipcp().talk(3))
          .ppp('server', chapProtocol, 3, 8, octets(letters(`S=${'0123456789'.repeat(4)}`)))
          .terminate('server')
          .close('server'),
    },
    {
      title: 'the running call is authenticated again and refused, and goes on until the client hangs up',
      said: [],
      build: (options) => refusedAgain(options, 648).wait(60).talk(3).wait(10).terminate('client').hangUp(),
    },
  ],
};

export const linkScenes = {
  'lcp-not-converging': {
    scenes: [
      {
        title: 'the same option is countered again and again',
        said: ['lcp-not-converging'],
        build: (options) => bargaining(options, 5 + options.tries).hangUp(),
      },
      {
        title: 'both ends are heard, and one request is never acknowledged',
        said: ['lcp-not-converging'],
        build: (options) => {
          const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
          for (let index = 0; index < options.tries; index += 1) {
            one.gre('server', octets([0xff, 3], u16(lcpProtocol), [1, 9], u16(10), [5, 6], u32(7))).wait(3);
            one.acknowledge('client');
          }
          return one.hangUp();
        },
      },
      {
        title: 'what is acknowledged is not what was asked for',
        said: ['lcp-not-converging'],
        build: (options) => {
          const one = scene(options).dial().agree(lcpProtocol, 'server', magic);
          for (let index = 0; index < options.tries; index += 1) {
            one.ppp('client', lcpProtocol, 1, 1, magic).ppp('server', lcpProtocol, 2, 1).wait(3);
          }
          return one.terminate('client').hangUp();
        },
        calm: 'where the capture may lack a request, it may be the one that is acknowledged',
      },
      ...(['Terminate-Ack', 'Code-Reject'] as const).map(
        (answer): Scenario => ({
          title: `the server answers with ${answer}`,
          said: ['lcp-not-converging'],
          build: (options) => turnedAway(scene(options).dial(), options.tries, answer).wait(1).close('server'),
        }),
      ),
      {
        title: 'a line that is looped back',
        said: ['lcp-not-converging'],
        build: (options) => {
          const one = scene(options).dial();
          for (let index = 0; index < 5 + options.tries; index += 1) {
            for (const side of ['client', 'server'] as const) one.refuse(lcpProtocol, side, magic, 3, magic);
          }
          return one.hangUp();
        },
      },
    ],
    nearMisses: [
      {
        title: 'turned away once, and then agreed',
        said: [],
        build: (options) => finished(turnedAway(scene(options).dial(), 1, 'Terminate-Ack').lcp().authenticate()),
      },
      {
        title: 'countered three times, and then agreed',
        said: [],
        build: (options) => finished(bargaining(options, 3).lcp().authenticate()),
      },
      {
        title: 'what is refused is the authentication method',
        said: ['authentication-method-refused'],
        build: (options) => {
          const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
          for (let index = 0; index < 5 + options.tries; index += 1) {
            one.refuse(lcpProtocol, 'server', octets(msChapV2), 3, octets(pap));
          }
          return one.hangUp();
        },
      },
    ],
  },

  'authentication-method-refused': {
    scenes: [
      {
        title: 'the capture lacks the Nak, and the server says it',
        said: ['authentication-method-refused'],
        build: (options) => {
          const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
          one.ppp('server', lcpProtocol, 1, 1, octets(pap));
          return one.terminate('server', 'peer refused to authenticate').close('server');
        },
      },
      {
        title: 'as pppd ends it',
        said: ['authentication-method-refused'],
        build: (options) => {
          const one = demanding(options).agree(lcpProtocol, 'server', octets([5, 6, 4, 3, 2, 1]));
          return one.terminate('server', 'peer refused to authenticate').close('server');
        },
      },
      {
        title: 'as Windows ends it',
        said: ['authentication-method-refused'],
        build: (options) => {
          const one = scene(options).dial().agree(lcpProtocol, 'client', magic);
          one.refuse(lcpProtocol, 'server', octets(pap), 4);
          return one.terminate('client', windowsReason(919)).hangUp();
        },
      },
      {
        title: 'EAP Nak, and a failure',
        said: ['authentication-method-refused'],
        build: (options) => eapNak(options, 26).ppp('server', eapProtocol, 4, 2).terminate('server').close('server'),
      },
      {
        title: 'EAP Nak of nothing, and a failure',
        said: ['authentication-method-refused'],
        build: (options) => eapNak(options, 0).ppp('server', eapProtocol, 4, 2).terminate('server').close('server'),
      },
      {
        title: 'the client does not know the protocol that its LCP agreed to',
        said: ['authentication-method-refused'],
        build: (options) => {
          const one = scene(options).dial().lcp().challenge();
          one.ppp('client', lcpProtocol, 8, 5, octets(u16(chapProtocol), [1, 7], u16(4), new Uint8Array(20)));
          return one.terminate('server', 'peer refused to authenticate').close('server');
        },
      },
      {
        title: 'the client sends PAP where another method was agreed on',
        said: ['authentication-method-refused'],
        build: (options) => {
          const one = scene(options).dial().lcp().challenge();
          one.ppp('client', papProtocol, 1, 1, octets([1, 97, 1, 98]));
          one.ppp('server', lcpProtocol, 8, 5, octets(u16(papProtocol), [1, 1], u16(8), [1, 97, 1, 98]));
          return one.terminate('server', 'Authentication failed').close('server');
        },
      },
    ],
    nearMisses: [
      {
        title: 'EAP Nak, another method, and a failure',
        said: ['wrong-credentials'],
        build: (options) => {
          const one = eapNak(options, 4).ppp('server', eapProtocol, 1, 2, octets([4, 16], new Uint8Array(16).fill(7)));
          one.ppp('client', eapProtocol, 2, 2, octets([4, 16], new Uint8Array(16).fill(9)));
          return one.ppp('server', eapProtocol, 4, 2).terminate('server').close('server');
        },
      },
      {
        title: 'countered, and then agreed on another',
        said: [],
        build: (options) =>
          finished(
            scene(options).dial().refuse(lcpProtocol, 'server', octets(eap), 3, octets(msChapV2)).lcp().authenticate(),
          ),
      },
      {
        title: 'countered, agreed on another, and a wrong password',
        said: ['wrong-credentials'],
        build: (options) =>
          scene(options)
            .dial()
            .refuse(lcpProtocol, 'server', octets(eap), 3, octets(msChapV2))
            .lcp()
            .challenge()
            .response()
            .failure(e(691))
            .terminate('server')
            .close('server'),
      },
    ],
  },

  'authentication-no-answer': {
    scenes: [
      {
        title: 'no verdict',
        said: ['authentication-no-answer'],
        build: (options) =>
          responded(options)
            .wait(10 + options.tries)
            .terminate('client')
            .hangUp(),
      },
      {
        title: 'no response',
        said: ['authentication-no-answer'],
        build: (options) => {
          const one = scene(options).dial().lcp();
          for (let index = 0; index < options.tries; index += 1) one.challenge().wait(options.interval + 2);
          return one.terminate('server').close('server');
        },
      },
      {
        title: 'no challenge',
        said: ['authentication-no-answer'],
        build: (options) =>
          scene(options)
            .dial()
            .lcp()
            .wait(10 + options.tries)
            .terminate('client')
            .hangUp(),
      },
      {
        title: 'the server ends it when a verdict is overdue',
        said: ['authentication-no-answer'],
        build: (options) =>
          responded(options)
            .wait(10 + options.tries)
            .terminate('server')
            .close('server'),
      },
      {
        title: 'the client hangs up when a verdict is overdue',
        said: ['authentication-no-answer'],
        build: (options) =>
          responded(options)
            .wait(10 + options.tries)
            .hangUp(),
      },
      {
        title: 'no response when the server asks again in the running call',
        said: ['authentication-no-answer'],
        build: (options) =>
          unansweredAgain(options, options.tries).terminate('server', 'Authentication failed').close('server'),
      },
      refused(930, ['authentication-no-answer']),
      {
        title: 'EAP gets a name and nothing more',
        said: ['authentication-no-answer'],
        build: (options) => {
          const one = scene(options)
            .dial()
            .lcp(eap)
            .ppp('server', eapProtocol, 1, 1, octets([1]));
          one.ppp('client', eapProtocol, 2, 1, octets([1], letters('alice')));
          return one
            .wait(10 + options.tries)
            .terminate('client', windowsReason(718))
            .hangUp();
        },
      },
      {
        title: 'the Success is lost behind the point of capture',
        said: ['authentication-no-answer'],
        build: (options) => unheardVerdict(lostSuccess(options, 'behind'), options, notAuthenticated),
      },
      {
        title: 'the Success is lost before the point of capture',
        said: ['authentication-no-answer'],
        build: (options) => unheardVerdict(lostSuccess(options, true), options, notAuthenticated),
      },
      {
        title: 'the challenge comes again though it is answered',
        said: ['authentication-no-answer'],
        build: (options) => {
          const one = scene(options).dial().lcp();
          for (let index = 0; index < options.tries; index += 1) {
            one.challenge().acknowledge('client').gre('client', response, 'behind').wait(3);
          }
          return one.terminate('server', 'Authentication failed').close('server');
        },
        calm: 'a response that is lost nearer to the client is another story',
      },
    ],
    nearMisses: [
      {
        title: 'the capture lacks the Success, and the server ends it for want of MPPE, as it says',
        said: ['mppe-keys-unavailable'],
        build: (options) =>
          lostSuccess(options, true).wait(9).terminate('server', 'MPPE required but not available').close('server'),
      },
      {
        title: 'the client hears the Success, and the server asks for MPPE in vain',
        said: ['mppe-refused'],
        build: (options) => unheardVerdict(proven(options), options, 'MPPE required but peer negotiation failed'),
      },
      {
        title: 'the client says that it was not accepted, and takes part in what follows',
        said: ['cancelled-by-client'],
        build: (options) =>
          proven(options)
            .ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0'))
            .refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 3, ipAddress('10.0.0.50'))
            .wait(6)
            .terminate('client', notAuthenticated)
            .hangUp(),
      },
      {
        title: 'no response when the server asks again in the running call, which goes on',
        said: [],
        build: (options) => unansweredAgain(options, options.tries).talk(10, 1).terminate('client').hangUp(),
      },
      {
        title: 'no response when the server asks again, and the call ends long after it',
        said: ['disconnected-by-server'],
        build: (options) => unansweredAgain(options, options.tries).talk(10, 1).terminate('server').close('server'),
      },
      {
        title: 'the server ends it right after the response',
        said: ['disconnected-by-server'],
        build: (options) => responded(options).terminate('server', 'Too many sessions').close('server'),
        calm: endsSoon,
      },
      {
        title: 'the server ends it before it asks, and the capture holds GRE alone',
        said: ['disconnected-by-server'],
        build: (options) => only(scene(options).dial().lcp().terminate('server', 'Too many sessions'), isGre),
        calm: endsSoon,
      },
      {
        title: 'the server disconnects the call before it asks',
        said: ['disconnected-by-server'],
        build: (options) => notified(scene(options).dial().lcp().wait(1), 3),
        calm: endsSoon,
      },
      {
        title: 'the client closes right after its response',
        said: ['control-closed-abruptly'],
        build: (options) => responded(options).wait(0.5).close('client'),
        calm: endsSoon,
      },
      {
        title: 'the server resets right after the response',
        said: ['control-reset'],
        build: (options) => responded(options).wait(0.5).reset('server'),
        calm: endsSoon,
      },
      {
        title: 'the verdict comes late',
        said: [],
        build: (options) => finished(responded(options).wait(8).success()),
      },
      {
        title: 'the verdict is a refusal',
        said: ['wrong-credentials'],
        build: (options) => responded(options).wait(8).failure(e(691)).terminate('server').close('server'),
      },
    ],
  },

  'wrong-credentials': {
    scenes: [
      ...codeScenes(691, ['wrong-credentials'], 647, ['account-disabled']).scenes,
      {
        title: 'the running call is authenticated again',
        said: ['wrong-credentials'],
        build: (options) => refusedAgain(options, 691).terminate('server').close('server'),
      },
      {
        title: 'a failure without reason',
        said: ['wrong-credentials'],
        build: (options) => responded(options).failure('').terminate('server').close('server'),
      },
      {
        title: 'PAP',
        said: ['wrong-credentials'],
        build: (options) => {
          const one = scene(options).dial().lcp(pap);
          one.ppp('client', papProtocol, 1, 1, octets([1, 97, 1, 98]));
          return one
            .ppp('server', papProtocol, 3, 1, octets([2, 110, 111]))
            .terminate('server')
            .close('server');
        },
      },
      {
        title: 'EAP Failure of EAP-TLS',
        said: ['wrong-credentials'],
        build: (options) => handshakeRefused(options, 0),
      },
      {
        title: 'EAP Failure',
        said: ['wrong-credentials'],
        build: (options) => {
          const one = scene(options).dial().lcp(eap);
          one.ppp('server', eapProtocol, 1, 1, octets([4, 16], new Uint8Array(16).fill(7)));
          one.ppp('client', eapProtocol, 2, 1, octets([4, 16], new Uint8Array(16).fill(9)));
          return one.ppp('server', eapProtocol, 4, 1).terminate('server').close('server');
        },
      },
    ],
    nearMisses: [
      ...codeScenes(691, ['wrong-credentials'], 647, ['account-disabled']).nearMisses,
      {
        title: 'EAP Failure of EAP-TLS, before which large packets are missing',
        said: ['mtu-black-hole'],
        build: (options) => handshakeRefused({ ...options, vantage: 'client' }, options.tries),
      },
    ],
  },
  'logon-hours': codeScenes(646, ['logon-hours'], 649, ['no-dial-in-permission']),
  'account-disabled': codeScenes(647, ['account-disabled'], 646, ['logon-hours']),
  'password-expired': reauthenticated,
  'no-dial-in-permission': codeScenes(649, ['no-dial-in-permission'], 691, ['wrong-credentials']),
  'password-change-failed': codeScenes(709, ['password-change-failed'], 648, ['password-expired']),

  'certificate-rejected': {
    scenes: [42, 45, 48, 70].map((description) => ({
      title: `TLS alert ${description}, then EAP Failure`,
      said: ['certificate-rejected'],
      build: (options: Variation) =>
        alerted(options, 2, description).ppp('server', eapProtocol, 4, 1).terminate('server').close('server'),
    })),
    nearMisses: [
      {
        title: 'close_notify, and EAP Success',
        said: [],
        build: (options) => finished(alerted(options, 1, 0).ppp('server', eapProtocol, 3, 1)),
      },
      {
        title: 'close_notify, and EAP Failure',
        said: ['wrong-credentials'],
        build: (options) => alerted(options, 1, 0).ppp('server', eapProtocol, 4, 1).terminate('server').close('server'),
      },
    ],
  },

  'server-not-authenticated': {
    scenes: [
      {
        title: 'Windows says 778',
        said: ['server-not-authenticated'],
        build: (options) => proven(options).terminate('client', windowsReason(778)).hangUp(),
      },
      ...Object.entries(badSuccesses).map(
        ([what, text]): Scenario => ({
          title: `the client leaves right after a Success ${what}`,
          said: ['server-not-authenticated'],
          build: (options) =>
            responded(options)
              .ppp('server', chapProtocol, 3, 7, octets(letters(text)))
              .terminate('client', 'Failed to authenticate ourselves to peer')
              .hangUp(),
        }),
      ),
      {
        title: 'the client demands proof, and the server has no name for it',
        said: ['server-not-authenticated'],
        build: (options) => refusedByClient(options, ''),
      },
      {
        title: 'the client demands proof, and refuses it',
        said: ['server-not-authenticated'],
        build: (options) => refusedByClient(options, 'srv'),
      },
      {
        title: 'the client leaves right after Success',
        said: ['server-not-authenticated'],
        build: (options) => proven(options).terminate('client').hangUp(),
      },
    ],
    nearMisses: [
      {
        title: 'the Success is badly formed, and the client takes it',
        said: [],
        build: (options) =>
          finished(responded(options).ppp('server', chapProtocol, 3, 7, octets(letters('Access granted')))),
      },
      {
        title: 'the client leaves when IPCP is open',
        said: [],
        build: (options) => proven(options).ipcp().terminate('client').hangUp(),
      },
      {
        title: 'the client leaves when nothing has come for long',
        said: ['no-network-protocol'],
        build: (options) =>
          proven(options)
            .wait(20 + options.tries)
            .terminate('client')
            .hangUp(),
      },
      {
        title: 'the client leaves for want of encryption',
        said: ['mppe-keys-unavailable'],
        build: (options) => proven(options).terminate('client', 'MPPE required but not available').hangUp(),
      },
      {
        title: 'the server leaves',
        said: ['no-network-protocol'],
        build: (options) => proven(options).terminate('server').close('server'),
      },
    ],
  },

  'mppe-refused': {
    scenes: [
      {
        title: 'what is countered would do, and is not taken',
        said: ['mppe-refused'],
        build: (options) => {
          const one = proven(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.refuse(ccpProtocol, 'client', mppe(bits.all), 3, mppe(bits.strong));
          }
          return one.terminate('client', 'MPPE required but peer negotiation failed').hangUp();
        },
      },
      {
        title: 'CCP is rejected',
        said: ['mppe-refused'],
        build: (options) =>
          protocolReject(proven(options), ccpProtocol, mppe(bits.strong))
            .terminate('client', windowsReason(742))
            .hangUp(),
      },
      {
        title: 'the option is rejected',
        said: ['mppe-refused'],
        build: (options) =>
          proven(options).refuse(ccpProtocol, 'server', mppe(bits.strong), 4).terminate('server').close('server'),
      },
      {
        title: 'CCP is rejected, IPCP opens, and Windows ends it',
        said: ['mppe-refused'],
        build: (options) =>
          protocolReject(proven(options), ccpProtocol, mppe(bits.strong))
            .ipcp()
            .terminate('client', windowsReason(742))
            .hangUp(),
      },
      {
        title: 'the option is rejected, CCP opens without it, IPCP opens, and Windows ends it',
        said: ['mppe-refused'],
        build: (options) =>
          proven(options)
            .agree(ccpProtocol, 'server', octets())
            .refuse(ccpProtocol, 'client', mppe(bits.strong), 4)
            .agree(ccpProtocol, 'client', octets())
            .ipcp()
            .terminate('client', windowsReason(742))
            .hangUp(),
      },
      {
        title: 'the option is rejected, the client asks again without it, and pppd ends it',
        said: ['mppe-refused'],
        build: (options) =>
          withdrawn(options).terminate('client', 'MPPE required but peer negotiation failed').hangUp(),
      },
      {
        // CCP of the server with Deflate, and no request of the client before it ends the link.
        title: 'CCP is asked for without MPPE, and pppd that requires it ends the link',
        said: ['mppe-refused'],
        build: (options) =>
          proven(options)
            .ppp('server', ccpProtocol, 1, 1, octets([26, 4, 0x78, 0]))
            .terminate('client', 'MPPE required but peer negotiation failed')
            .hangUp(),
      },
      {
        title: 'the option is rejected, IPCP begins, and the server ends it in words of its own',
        said: ['mppe-refused'],
        build: (options) =>
          proven(options)
            .refuse(ccpProtocol, 'server', mppe(bits.strong), 4)
            .ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0'))
            .terminate('server', 'Encryption negotiation rejected')
            .close('server'),
      },
      {
        title: 'the option is rejected, IPCP opens, and pppd ends it',
        said: ['mppe-refused'],
        build: (options) =>
          proven(options)
            .refuse(ccpProtocol, 'server', mppe(bits.strong), 4)
            .ipcp()
            .terminate('server', 'MPPE required but peer negotiation failed')
            .close('server'),
      },
      {
        title: 'CCP is not answered, IPCP opens, and Windows ends it',
        said: ['mppe-refused'],
        build: (options) => {
          const one = proven(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.ppp('client', ccpProtocol, 1, 4, mppe(bits.strong)).wait(options.interval);
          }
          return one.ipcp().terminate('client', windowsReason(742)).hangUp();
        },
      },
      ...[732, 742].map(
        (code): Scenario => ({
          title: `Windows ends CCP with ${code}`,
          said: ['mppe-refused'],
          build: (options) => ccpEnded(options, windowsReason(code)).wait(1).close('client'),
        }),
      ),
    ],
    nearMisses: [
      {
        title: 'CCP is asked for without MPPE, and the client says that it has none itself',
        said: ['mppe-keys-unavailable'],
        build: (options) =>
          proven(options)
            .ppp('server', ccpProtocol, 1, 1, octets([26, 4, 0x78, 0]))
            .terminate('client', 'MPPE required but not available')
            .hangUp(),
      },
      {
        title: 'CCP is ended, and the link goes on in clear',
        said: [],
        build: (options) => finished(ccpEnded(options)),
      },
      {
        title: 'the option is rejected, the client asks again without it, and IPCP is not answered',
        said: ['no-network-protocol'],
        build: (options) => unanswered(withdrawn(options), options).terminate('client').hangUp(),
      },
      {
        title: 'the option is rejected, and the client ends it for want of a network protocol, as it says',
        said: ['no-network-protocol'],
        build: (options) =>
          unanswered(proven(options).refuse(ccpProtocol, 'client', mppe(bits.strong), 4), options)
            .terminate('client', 'No network protocols running')
            .hangUp(),
      },
      {
        title: 'MPPE with no bits is refused, and IPCP is not answered',
        said: ['no-network-protocol'],
        build: (options) =>
          unanswered(proven(options).refuse(ccpProtocol, 'client', mppe(0), 4), options)
            .terminate('client')
            .hangUp(),
      },
      {
        title: 'CCP is rejected, IPCP opens, and Windows ends it for another reason',
        said: ['disconnected-with-error'],
        build: (options) =>
          protocolReject(proven(options), ccpProtocol, mppe(bits.strong))
            .ipcp()
            .talk(2)
            .terminate('client', windowsReason(629))
            .hangUp(),
      },
      {
        title: 'MPPE is agreed, and Windows ends it with the same number',
        said: ['disconnected-with-error'],
        build: (options) => proven(options).ccp(bits.strong).ipcp().terminate('client', windowsReason(742)).hangUp(),
      },
      {
        title: 'CCP is open in one direction where the capture begins, and goes down with the link',
        said: ['capture-incomplete'],
        build: (options) => {
          const one = proven(options).agree(ccpProtocol, 'client', mppe(bits.strong));
          const begin = one.frames.length;
          one.agree(ccpProtocol, 'server', mppe(bits.strong)).ipcp().terminate('client', 'MPPE disabled');
          return only(one, (_, index) => index >= begin);
        },
        calm: 'what is sent again moves the place where the capture begins',
      },
      {
        title: 'CCP is rejected, and the link goes on in clear',
        said: [],
        build: (options) => finished(protocolReject(proven(options), ccpProtocol, mppe(bits.strong))),
      },
      {
        title: 'Deflate is rejected, and MPPE agreed',
        said: [],
        build: (options) =>
          finished(
            proven(options)
              .refuse(ccpProtocol, 'client', octets([26, 4, 0x78, 0]), 4)
              .ccp(bits.strong),
          ),
      },
      {
        title: 'MPPE with no bits is refused, and the link goes on',
        said: [],
        build: (options) => {
          const one = proven(options);
          for (let index = 0; index < 3; index += 1) one.refuse(ccpProtocol, 'client', mppe(0), 4).wait(1);
          return finished(one);
        },
      },
    ],
  },

  'mppe-strength-mismatch': {
    scenes: [
      {
        title: '40 and 128 bit',
        said: ['mppe-strength-mismatch'],
        build: (options) =>
          incompatible(options, bits.weak, bits.strong).terminate('client', windowsReason(742)).hangUp(),
      },
      {
        title: '56 and 128 bit',
        said: ['mppe-strength-mismatch'],
        build: (options) => incompatible(options, 0x0100_0080, bits.strong).terminate('server').close('server'),
      },
    ],
    nearMisses: [
      {
        title: 'one of several lengths is common',
        said: [],
        build: (options) =>
          finished(
            proven(options).refuse(ccpProtocol, 'client', mppe(bits.all), 3, mppe(bits.strong)).ccp(bits.strong),
          ),
      },
      {
        title: 'the lengths are common, the modes not',
        said: ['mppe-stateful-mismatch'],
        build: (options) => incompatible(options, bits.stateful, bits.strong).terminate('client').hangUp(),
      },
    ],
  },

  'mppe-stateful-mismatch': {
    scenes: [
      {
        title: 'the client insists on stateful',
        said: ['mppe-stateful-mismatch'],
        build: (options) => incompatible(options, bits.stateful, bits.strong).terminate('client').hangUp(),
      },
      {
        title: 'the server insists on stateful',
        said: ['mppe-stateful-mismatch'],
        build: (options) => incompatible(options, bits.strong, bits.stateful).terminate('server').close('server'),
      },
    ],
    nearMisses: [
      {
        title: 'stateful is given up',
        said: [],
        build: (options) =>
          finished(
            proven(options).refuse(ccpProtocol, 'client', mppe(bits.stateful), 3, mppe(bits.strong)).ccp(bits.strong),
          ),
      },
      {
        title: 'the modes are common, the lengths not',
        said: ['mppe-strength-mismatch'],
        build: (options) => incompatible(options, bits.weak, bits.strong).terminate('client').hangUp(),
      },
    ],
  },

  'mppe-keys-unavailable': {
    scenes: [
      {
        title: 'PAP, and the client requires MPPE',
        said: ['mppe-keys-unavailable'],
        build: (options) => papAccepted(options).terminate('client', 'MPPE required but not available').hangUp(),
      },
      {
        title: 'MS-CHAPv2, and the client cannot do MPPE',
        said: ['mppe-keys-unavailable'],
        build: (options) => proven(options).terminate('client', 'MPPE required but not available').hangUp(),
      },
      {
        title: 'MS-CHAPv2, the server asks for MPPE, and the client cannot do it',
        said: ['mppe-keys-unavailable'],
        build: (options) =>
          proven(options)
            .ppp('server', ccpProtocol, 1, 1, mppe(bits.strong))
            .terminate('client', 'MPPE required but not available')
            .hangUp(),
      },
      {
        title: 'MS-CHAPv2 in both directions, and the client requires MPPE',
        said: ['mppe-keys-unavailable'],
        build: (options) =>
          provenByServer(proven(options)).terminate('client', 'MPPE required but not available').hangUp(),
      },
      {
        title: 'PAP, and Windows says 742',
        said: ['mppe-keys-unavailable'],
        build: (options) => papAccepted(options).terminate('client', windowsReason(742)).hangUp(),
      },
      {
        title: 'PAP, IPCP opens, and Windows says 742',
        said: ['mppe-keys-unavailable'],
        build: (options) => papAccepted(options).ipcp().terminate('client', windowsReason(742)).hangUp(),
      },
    ],
    nearMisses: [
      { title: 'PAP, and nobody minds', said: [], build: (options) => finished(papAccepted(options)) },
      {
        title: 'PAP, and the server ends it for want of a network protocol, as it says',
        said: ['no-network-protocol'],
        build: (options) => papAccepted(options).terminate('server', 'No network protocols running').close('server'),
      },
      {
        title: 'PAP, and Windows names another error',
        said: ['disconnected-with-error'],
        build: (options) => papAccepted(options).terminate('client', windowsReason(629)).hangUp(),
      },
      {
        title: 'MPPE is asked for, and refused',
        said: ['mppe-refused'],
        build: (options) =>
          proven(options)
            .refuse(ccpProtocol, 'client', mppe(bits.strong), 4)
            .terminate('client', windowsReason(742))
            .hangUp(),
      },
    ],
  },

  'callback-not-completed': {
    scenes: [
      {
        title: 'the client does not answer',
        said: ['callback-not-completed'],
        build: (options) =>
          callback(proven(options), 3 + options.tries, [])
            .terminate('server')
            .close('server'),
      },
      {
        title: 'the server does not acknowledge the answer',
        said: ['callback-not-completed'],
        build: (options) =>
          callback(proven(options), 3 + options.tries, [2])
            .terminate('client')
            .hangUp(),
      },
      {
        title: 'the client rejects CBCP, and the server does not go on without it',
        said: ['callback-not-completed'],
        build: (options) => {
          return callbackRejected(proven(options)).wait(20).terminate('server').close('server');
        },
      },
    ],
    nearMisses: [
      {
        title: 'no callback, and IPCP follows',
        said: [],
        build: (options) => finished(callback(proven(options), 1, [2, 3])),
      },
      {
        title: 'the client rejects CBCP, and IPCP follows',
        said: [],
        build: (options) => finished(callbackRejected(proven(options))),
      },
      {
        title: 'the client hangs up while it is asked',
        said: ['cancelled-by-client'],
        build: (options) => callback(proven(options), 1, []).terminate('client', 'User request').hangUp(),
        calm: 'a request that is lost makes the time before the end longer',
      },
    ],
  },

  'no-network-protocol': {
    scenes: [
      {
        title: 'IPCP is rejected',
        said: ['no-network-protocol'],
        build: (options) =>
          protocolReject(proven(options), ipcpProtocol, ipAddress('0.0.0.0'))
            .terminate('client', windowsReason(720))
            .hangUp(),
      },
      {
        title: 'the server answers IPCP with Terminate-Ack',
        said: ['no-network-protocol'],
        build: (options) => {
          const one = proven(options).ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0'));
          return one.ppp('server', ipcpProtocol, 6, 1).wait(5).terminate('client').hangUp();
        },
      },
      {
        title: 'the server takes no part in IPCP',
        said: ['no-network-protocol'],
        build: (options) => {
          const one = proven(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0')).wait(3);
          }
          return one.terminate('client').hangUp();
        },
      },
      {
        title: 'the client takes no part in IPCP',
        said: ['no-network-protocol'],
        build: (options) => {
          const one = proven(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.ppp('server', ipcpProtocol, 1, 1, ipAddress('10.0.0.1')).acknowledge('client').wait(3);
          }
          return notified(one.terminate('server', 'No network protocols running'), 1);
        },
      },
      {
        title: 'the client asks again and again for a name server that it is told not to have',
        said: ['no-network-protocol'],
        build: (options) => namesRefused(options, 6).terminate('client', 'No network protocols running').hangUp(),
      },
      {
        title: 'IPCP is countered, and the client ends the link for want of it',
        said: ['no-network-protocol'],
        build: (options) =>
          namesRefused(options, 2).wait(9).terminate('client', 'No network protocols running').hangUp(),
      },
    ],
    nearMisses: [
      {
        title: 'IPV6CP is rejected, VJ compression refused, and IPCP opens',
        said: [],
        build: (options) => {
          const one = protocolReject(proven(options), 0x8057, octets([1, 10, 1, 2, 3, 4, 5, 6, 7, 8]));
          return finished(one.refuse(ipcpProtocol, 'client', octets([2, 6, 0, 0x2d, 15, 1]), 4));
        },
      },
      {
        title: 'Terminate-Ack first, and IPCP opens after it',
        said: [],
        build: (options) => {
          const one = proven(options).ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0'));
          return finished(one.ppp('server', ipcpProtocol, 6, 1).wait(3));
        },
      },
      {
        title: 'the server answers, but has no address',
        said: ['no-address-assigned'],
        build: (options) =>
          addressed(options).refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 4).terminate('client').hangUp(),
      },
    ],
  },

  'address-conflict': {
    scenes: [
      {
        title: 'the client gets the address that the server has',
        said: ['address-conflict'],
        build: (options) => {
          const one = proven(options).agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
          one.refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 3, ipAddress('10.0.0.1'));
          one.agree(ipcpProtocol, 'client', ipAddress('10.0.0.1'));
          return one.talk(2).terminate('client').hangUp();
        },
      },
    ],
    nearMisses: [
      {
        title: 'the client asks for the address that the server has, and gets another',
        said: [],
        build: (options) => {
          const one = proven(options).agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
          one.refuse(ipcpProtocol, 'client', ipAddress('10.0.0.1'), 3, ipAddress('10.0.0.2'));
          one.agree(ipcpProtocol, 'client', ipAddress('10.0.0.2'));
          return one.talk(2).terminate('client').hangUp();
        },
      },
    ],
  },

  'no-address-assigned': {
    scenes: [
      {
        title: 'the option is rejected',
        said: ['no-address-assigned'],
        build: (options) =>
          addressed(options)
            .refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 4)
            .terminate('client', windowsReason(738))
            .hangUp(),
      },
      {
        title: '0.0.0.0 is the answer',
        said: ['no-address-assigned'],
        build: (options) => {
          const one = addressed(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), 3, ipAddress('0.0.0.0'));
          }
          return one.terminate('client').hangUp();
        },
      },
      {
        title: 'the server says that it cannot tell the address',
        said: ['no-address-assigned'],
        build: (options) =>
          addressed(options).terminate('server', 'Could not determine remote IP address').close('server'),
      },
      {
        title: 'IPCP opens without the option, and the client says that it has no address',
        said: ['no-address-assigned'],
        build: (options) =>
          ipcpEnded(withoutAddress(options), 'client', 'Could not determine local IP address')
            .terminate('client', 'No network protocols running')
            .hangUp(),
      },
    ],
    nearMisses: [
      {
        title: 'the answer has an address',
        said: [],
        build: (options) => finished(proven(options)),
      },
      {
        title: 'IPCP opens without the option, and the client says something else',
        said: [],
        build: (options) => ipcpEnded(withoutAddress(options), 'client', 'User request').terminate('client').hangUp(),
      },
      {
        title: 'the answer has an address, and the client insists on its own',
        said: ['address-refused'],
        build: (options) =>
          addressed(options)
            .refuse(ipcpProtocol, 'client', ipAddress('10.99.0.1'), 3, ipAddress('10.0.0.50'))
            .terminate('client')
            .hangUp(),
      },
    ],
  },

  'address-refused': {
    scenes: [
      {
        title: 'again and again',
        said: ['address-refused'],
        build: (options) => {
          const one = addressed(options);
          for (let index = 0; index < options.tries; index += 1) {
            one.refuse(ipcpProtocol, 'client', ipAddress('10.99.0.1'), 3, ipAddress('10.0.0.50'));
          }
          return one.terminate('client', windowsReason(735)).hangUp();
        },
      },
      {
        title: "the client refuses the server's address",
        said: ['address-refused'],
        build: (options) => {
          const one = proven(options).agree(ipcpProtocol, 'client', ipAddress('10.0.0.50'));
          for (let index = 0; index < options.tries; index += 1) {
            one.refuse(ipcpProtocol, 'server', ipAddress('10.0.0.1'), 3, ipAddress('10.64.64.64'));
          }
          return one.terminate('server').close('server');
        },
      },
      {
        title: 'and IPv6 runs all the same',
        said: ['address-refused'],
        build: (options) => {
          const one = addressed(options).ipv6();
          for (let index = 0; index < options.tries; index += 1) {
            one.refuse(ipcpProtocol, 'client', ipAddress('10.99.0.1'), 3, ipAddress('10.0.0.50'));
          }
          return ipcpEnded(one, 'client', 'Refused our IP address').talk(2).terminate('client').hangUp();
        },
      },
      {
        title: 'the server acknowledges it, and says that the client may not have it',
        said: ['address-refused'],
        build: (options) =>
          notified(
            ipcpEnded(
              addressed(options).agree(ipcpProtocol, 'client', ipAddress('192.168.1.5')),
              'server',
              'Unauthorized remote IP address',
            ).terminate('server', 'No network protocols running'),
            1,
          ),
      },
    ],
    nearMisses: [
      {
        title: 'IPv4 and IPv6 run, and the client ends both',
        said: [],
        build: (options) =>
          ipcpEnded(
            addressed(options).agree(ipcpProtocol, 'client', ipAddress('10.0.0.50')).ipv6().talk(2),
            'client',
            '',
          )
            .terminate('client')
            .hangUp(),
      },
      {
        title: 'the client takes the other address',
        said: [],
        build: (options) =>
          addressed(options)
            .refuse(ipcpProtocol, 'client', ipAddress('10.99.0.1'), 3, ipAddress('10.0.0.50'))
            .agree(ipcpProtocol, 'client', ipAddress('10.0.0.50'))
            .talk(2)
            .terminate('client')
            .hangUp(),
      },
    ],
  },
} as const satisfies Record<string, CauseScenes>;
