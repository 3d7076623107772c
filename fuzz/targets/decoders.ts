/** The decoders: one message, packet, list or header at a time. */

import { type Choices, octetString, once, pick } from '../../src/fuzz/choices.ts';
import { controlMessage, controlStream } from '../../src/fuzz/control-message.ts';
import { damaged } from '../../src/fuzz/damage.ts';
import { encoded, temperaments } from '../../src/fuzz/encoded.ts';
import { grePacket } from '../../src/fuzz/network.ts';
import { anyControlPacket, anyPppFrame, optionList, optionTables } from '../../src/fuzz/ppp-packet.ts';
import { enhancedGre } from '../../src/gre/enhanced-gre.ts';
import { GreView, kindOf } from '../../src/gre/view.ts';
import { joined } from '../../src/octets/joined.ts';
import { beforeNul, isReadable, printable, utf8 } from '../../src/octets/printable.ts';
import { Window } from '../../src/octets/window.ts';
import type { ChapAlgorithm } from '../../src/ppp/chap.ts';
import { parseMsChapFailure, parseMsChapSuccess } from '../../src/ppp/chap-message.ts';
import { multilinkPacketStart } from '../../src/ppp/multilink-view.ts';
import { decodePppControl, encodePppControl } from '../../src/ppp/packet.ts';
import { pppControlLayer } from '../../src/ppp/tree.ts';
import { PppView, pppFault } from '../../src/ppp/view.ts';
import { MessageFramer } from '../../src/pptp/framer.ts';
import { controlHeader, headerOctets } from '../../src/pptp/header.ts';
import { anomaliesOf, decodeControlMessage, encodeControlMessage, layoutOf } from '../../src/pptp/message.ts';
import { magicCookie } from '../../src/pptp/names.ts';
import { controlMessageLayer } from '../../src/pptp/tree.ts';
import { safe } from '../../src/report/text/span.ts';
import { decode, encode, type Layout, violations } from '../../src/wire/layout.ts';
import { decodeOptions, encodeOptions } from '../../src/wire/options.ts';
import { formats } from '../../test/support/formats.ts';
import { flawsOf } from '../../test/support/packet-view.ts';
import { hold, Parameters, same, sameOctets, type Target } from '../target.ts';

const decoder = { batch: 12_000, longest: 2048, change: damaged } as const;

/** A first octet that chooses, before octets that are given to what it chose. */
function choosing(choices: Choices, most: number, draw: (chosen: number) => Uint8Array): Uint8Array {
  const chosen = choices.below(most);
  return joined([Uint8Array.of(chosen), draw(chosen)]);
}

const controlMessageTarget: Target = {
  ...decoder,
  name: 'control-message',
  what: 'any control message: decoded and encoded again it is the same octets; the tree holds every octet once',
  generate: (choices) => controlMessage(choices, pick(choices, temperaments)),
  run(input) {
    const window = new Window(input);
    const decoded = decodeControlMessage(window, 0, input.length);
    if (decoded.ok) {
      const { value, size } = decoded;
      anomaliesOf(value, input.length);
      if (value.length <= input.length) {
        sameOctets('decode, then encode', encodeControlMessage(value), input.subarray(0, size));
      }
    } else hold('a fault lies within the message', decoded.offset <= input.length);
    const layer = controlMessageLayer(window, 0, input.length);
    same('no flaw in the tree', flawsOf([layer], input.length), []);
  },
};

function format(chosen: number): Layout<object> {
  return formats[chosen % formats.length] ?? (controlHeader as Layout<object>);
}

const layouts: Target = {
  ...decoder,
  name: 'layouts',
  what: 'every format of the tunnel: what decodes encodes to the same octets',
  generate: (choices) =>
    choosing(choices, formats.length, (chosen) => encoded(choices, format(chosen), pick(choices, temperaments))),
  run(input) {
    const parameters = new Parameters(input);
    const chosen = format(parameters.octet());
    const octets = parameters.rest();
    const decoded = decode(chosen, new Window(octets), 0, octets.length);
    if (!decoded.ok) {
      hold('a fault lies within the octets', decoded.offset <= octets.length);
      return;
    }
    violations(chosen, decoded.value);
    sameOctets('decode, then encode', encode(chosen, decoded.value), octets.subarray(0, decoded.size));
  },
};

/** What a framer says, whatever the pieces that the stream came in. */
function framed(stream: Uint8Array, cut: (at: number) => number, gaps: boolean): string[] {
  const said: string[] = [];
  const framer = new MessageFramer({
    message: (octets, start, end, _frames, _instant, at) =>
      said.push(`message ${at} ${octets.bytes.subarray(start, end).join(' ')}`),
    anomaly: (code) => said.push(code),
    notPptp: (octets) => said.push(`not PPTP ${octets.join(' ')}`),
  });
  let frame = 1;
  for (let at = 0; at < stream.length; frame += 1) {
    const end = Math.min(stream.length, at + Math.max(1, cut(frame)));
    if (gaps && end - at === 7) framer.gap(7, frame);
    else framer.octets(stream, at, end, frame, { seconds: frame, nanoseconds: 0 });
    at = end;
  }
  framer.finish();
  return said;
}

/** What a stream of messages of the lengths of RFC 2637 has to give; null where it is none. */
function soundMessages(stream: Uint8Array): string[] | null {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const said: string[] = [];
  for (let at = 0; at < stream.length; ) {
    if (stream.length - at < headerOctets || view.getUint32(at + 4) !== magicCookie) return null;
    const length = view.getUint16(at);
    const type = layoutOf(view.getUint16(at + 8));
    const domain = type?.parts.find(({ name }) => name === 'length')?.field.domain;
    if (domain?.kind !== 'integer' || !domain.legal?.includes(length) || at + length > stream.length) return null;
    if (view.getUint16(at + 2) !== 1) return null;
    said.push(`message ${at} ${stream.subarray(at, at + length).join(' ')}`);
    at += length;
  }
  return said;
}

const framer: Target = {
  ...decoder,
  name: 'framer',
  batch: 2000,
  longest: 4096,
  what: 'a stream of control messages: the same messages however it is cut, and no octet invented',
  generate: (choices) => joined([octetString(choices, 5), controlStream(choices, pick(choices, temperaments))]),
  run(input) {
    const parameters = new Parameters(input);
    const gaps = parameters.octet() === 255;
    const sizes = [...parameters.octets(4)];
    const stream = parameters.rest();
    const pieces = (frame: number) => sizes[frame % 4] ?? 1;
    const cut = framed(stream, pieces, gaps);
    if (gaps) return;
    const only = (said: readonly string[]) => said.filter((one) => one.startsWith('message'));
    same('the same messages however the stream is cut', only(cut), only(framed(stream, () => stream.length, false)));
    const sound = soundMessages(stream);
    if (sound !== null) same('sound messages are all there, and nothing else', cut, sound);
  },
};

const gre: Target = {
  ...decoder,
  name: 'gre',
  what: 'the GRE header: the view of the hot path says what the layout says',
  generate: (choices) =>
    once(choices, 2)
      ? encoded(choices, enhancedGre as Layout<object>, pick(choices, temperaments))
      : grePacket(choices.below(0x1_0000), choices.below(2 ** 32), null, anyPppFrame(choices, 'valid')),
  run(input) {
    const window = new Window(input);
    const view = new GreView();
    const fault = view.at(window.view, 0, input.length);
    kindOf(view);
    hold('the payload lies within the packet', view.payloadStart <= view.payloadEnd && view.payloadEnd <= input.length);
    const decoded = decode(enhancedGre, window, 0, input.length);
    if (fault !== 0 || view.version !== 1 || !decoded.ok) return;
    const { callId, payloadLength, sequenceNumber = 0, acknowledgmentNumber = 0 } = decoded.value;
    same(
      'view and layout agree',
      [view.callId, view.payloadLength, view.sequenceNumber, view.acknowledgmentNumber],
      [callId, payloadLength, sequenceNumber, acknowledgmentNumber],
    );
  },
};

const algorithms: readonly (ChapAlgorithm | null)[] = [null, 'ms-chap-v1', 'ms-chap-v2'];

const ppp: Target = {
  ...decoder,
  name: 'ppp',
  batch: 10_000,
  what: 'PPP frames of any protocol: decoded and encoded again the same octets; the tree holds every octet once',
  generate: (choices) => joined([octetString(choices, 1), anyPppFrame(choices, pick(choices, temperaments))]),
  run(input) {
    const parameters = new Parameters(input);
    const settings = parameters.octet();
    const frame = parameters.rest();
    const window = new Window(frame);
    const view = new PppView();
    if (view.at(window.view, 0, frame.length) !== pppFault.none) return;
    const { protocol, informationStart } = view;
    for (const short of [false, true]) multilinkPacketStart(window.view, informationStart, frame.length, short);
    checkControlPacket(protocol, frame.subarray(informationStart), settings);
  },
};

function checkControlPacket(protocol: number, octets: Uint8Array, settings: number): void {
  const cut = (settings & 1) === 1;
  const window = new Window(octets);
  const decoded = decodePppControl(protocol, window, 0, octets.length, cut);
  if (decoded.ok) {
    const { value, size } = decoded;
    hold('not more than there is', size <= octets.length);
    if (!cut) {
      const again = encodePppControl(value);
      // PAP and CBCP keep what follows their fields, so nothing is lost.
      sameOctets('decode, then encode', again, octets.subarray(0, size));
    }
  }
  const algorithm = algorithms[(settings >> 1) % algorithms.length] ?? null;
  const layer = pppControlLayer(
    protocol,
    { window, start: 0, end: octets.length, cut },
    { chap: algorithm, passwords: [] },
  );
  same('no flaw in the tree', flawsOf([layer], layer.end), []);
  hold('the tree ends within the packet', layer.end <= octets.length);
}

/** As `ppp`, for one protocol: so that none of them is rare. */
function controlProtocol(name: string, protocol: number): Target {
  return {
    ...decoder,
    name,
    batch: 10_000,
    what: `packets of ${name.toUpperCase()}: as ppp`,
    generate: (choices) =>
      joined([octetString(choices, 1), anyControlPacket(choices, pick(choices, temperaments), protocol).octets]),
    run(input) {
      const parameters = new Parameters(input);
      const settings = parameters.octet();
      checkControlPacket(protocol, parameters.rest(), settings);
    },
  };
}

const options: Target = {
  ...decoder,
  name: 'option-lists',
  what: 'lists of options of every protocol: read and written again they are the same octets',
  generate: (choices) =>
    choosing(choices, optionTables.length, (chosen) =>
      optionList(choices, optionTables[chosen]?.table ?? [], pick(choices, temperaments)),
    ),
  run(input) {
    const parameters = new Parameters(input);
    const table = optionTables[parameters.octet() % optionTables.length]?.table ?? [];
    const octets = parameters.rest();
    const list = decodeOptions(table, new Window(octets), 0, octets.length, 'octets given');
    sameOctets('read, then write', encodeOptions(list), octets);
  },
};

/** C0 but for line ends, DEL, C1, formatting and bidirectional controls, separators, unpaired surrogates. */
export const obeyed = /(?![\r\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const text: Target = {
  ...decoder,
  name: 'captured-text',
  what: 'text of any octets: nothing that a terminal obeys gets through, and what got through stays as it is',
  generate: (choices) =>
    once(choices, 2)
      ? octetString(choices, choices.below(80))
      : Uint8Array.from('E=691 R=1 C=0123 V=3 M=x\u001b[31m', (one) => one.charCodeAt(0)),
  run(input) {
    const octets = String.fromCharCode(...input);
    const read = utf8(octets);
    isReadable(octets);
    parseMsChapFailure(octets);
    parseMsChapSuccess(octets);
    for (const shown of [printable(read), printable(octets), safe(beforeNul(read))]) {
      hold('nothing that a terminal obeys', !obeyed.test(shown.replaceAll('…', '')));
    }
    hold('twice is once', printable(printable(read)) === printable(read));
  },
};

export const decoders: readonly Target[] = [
  controlMessageTarget,
  layouts,
  framer,
  gre,
  ppp,
  controlProtocol('lcp', 0xc021),
  controlProtocol('chap', 0xc223),
  controlProtocol('pap', 0xc023),
  controlProtocol('eap', 0xc227),
  controlProtocol('ccp', 0x80fd),
  controlProtocol('ipcp', 0x8021),
  controlProtocol('ipv6cp', 0x8057),
  controlProtocol('ecp', 0x8053),
  controlProtocol('cbcp', 0xc029),
  options,
  text,
];
