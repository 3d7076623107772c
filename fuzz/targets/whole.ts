/** Whole captures: the pipeline, the packet view, and every format that their results are written in. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { AnalysisOptions } from '../../src/analysis-options.ts';
import { Analysis } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { pcapngOf, pcapOf } from '../../src/fuzz/capture-file.ts';
import { type Choices, octetString, once, pick } from '../../src/fuzz/choices.ts';
import { damagedCapture, damagedPackets } from '../../src/fuzz/damaged-packets.ts';
import { temperaments } from '../../src/fuzz/encoded.ts';
import { tunnels } from '../../src/fuzz/tunnel.ts';
import { historySize } from '../../src/mppe/mppc.ts';
import { type Bounds, boundNames, boundTable } from '../../src/octets/bounds.ts';
import { joined } from '../../src/octets/joined.ts';
import { Limits } from '../../src/octets/limits.ts';
import type { Report } from '../../src/report/contract.ts';
import { csvReport } from '../../src/report/csv.ts';
import type { AnalysisEvent } from '../../src/report/event-contract.ts';
import { eventText } from '../../src/report/event-text.ts';
import { handshakesOf } from '../../src/report/handshakes.ts';
import { jsonLine, jsonReport } from '../../src/report/json.ts';
import { LadderDiagram } from '../../src/report/ladder-diagram.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { PacketText, packetJson } from '../../src/report/packets.ts';
import { redact } from '../../src/report/redact.ts';
import { sarifReport } from '../../src/report/sarif.ts';
import { plainPalette, textReport } from '../../src/report/text.ts';
import type { InnerCounts } from '../../src/sessions/call-inside.ts';
import { confirmations, credentialOfPassword } from '../../src/sessions/call-keys.ts';
import { InnerPackets } from '../../src/sessions/inner-packets.ts';
import { PacketView } from '../../src/sessions/packet-view.ts';
import type { CountedPacket, ViewedPacket } from '../../src/sessions/viewed-packet.ts';
import { bits } from '../../test/support/audit-sessions.ts';
import { pcapFile } from '../../test/support/captures.ts';
import { withHistory, withoutHistory } from '../../test/support/mppc.ts';
import { encrypted, inClear, password, session } from '../../test/support/mppc-session.ts';
import { flawsOfPacket } from '../../test/support/packet-view.ts';
import { hold, Parameters, same, type Target } from '../target.ts';
import { obeyed } from './decoders.ts';

/** Real captures that are small enough to be changed and analysed many times. */
const captures = readdirSync('captures')
  .filter((name) => /\.pcap(ng)?$/.test(name))
  .map((name) => new Uint8Array(readFileSync(`captures/${name}`)))
  .filter((file) => file.length < 24_000);

const whole = {
  longest: 24_576,
  generate(choices: Choices): Uint8Array {
    if (once(choices, 8)) return joined([octetString(choices, 2), pick(choices, captures)]);
    if (once(choices, 3)) {
      return joined([
        octetString(choices, 2),
        damagedCapture(choices, pick(choices, captures), pick(choices, captures)),
      ]);
    }
    const packets = tunnels(choices, pick(choices, temperaments), 2);
    const changed = once(choices, 2) ? damagedPackets(choices, packets) : packets;
    return joined([octetString(choices, 2), once(choices, 3) ? pcapngOf(changed) : pcapOf(changed)]);
  },
  change(choices: Choices, input: Uint8Array, other: Uint8Array): Uint8Array {
    return joined([octetString(choices, 2), damagedCapture(choices, input.subarray(2), other.subarray(2))]);
  },
};

/** For some parameters all bounds are as low as they may be, so that small captures reach them. */
function limits(parameter: number): Partial<Bounds> {
  if (parameter < 128) return {};
  return Object.fromEntries(boundNames.map((name) => [name, boundTable[name].range[0] + (parameter & 3)]));
}

function analysed(file: Uint8Array, cut: number, options: AnalysisOptions = {}): Report {
  const analysis = new Analysis(options);
  const capture = analysis.capture('test', null);
  for (let at = 0; at < file.length; at += cut) capture.push(file.slice(at, at + cut));
  capture.finish();
  return analysis.report();
}

const pipeline: Target = {
  ...whole,
  name: 'pipeline',
  what: 'captures, whole: the report is the same however the file is cut, and is bounded by its size',
  batch: 25,
  run(input) {
    const parameters = new Parameters(input);
    const options = { limits: limits(parameters.octet()) };
    const cut = 1 + parameters.octet() * 16;
    const file = parameters.rest();
    const report = analysed(file, Math.max(1, file.length), options);
    const json = [...jsonReport(report)].join('');
    // A tunnel of one SYN is 74 octets of capture and some kilobytes of report.
    hold('the report is bounded by the capture', json.length <= 100_000 + 400 * file.length);
    same('the same however it is cut', [...jsonReport(analysed(file, cut, options))].join(''), json);
  },
};

const live: Target = {
  ...whole,
  name: 'events',
  what: 'captures as they come in: events are bounded and safe to print, and the tunnels are those of the file',
  batch: 25,
  run(input) {
    const parameters = new Parameters(input);
    const silence = parameters.octet();
    const bounds = limits(silence);
    const cut = 1 + parameters.octet() * 16;
    const file = parameters.rest();
    const events: AnalysisEvent[] = [];
    const analysis = new Analysis({ limits: bounds, onEvent: (event) => events.push(event) });
    const capture = analysis.capture('test', null);
    // All that is open is put together for whoever asks, who asks now and then.
    const asking = Math.ceil(file.length / 16);
    for (let at = 0, asked = 0; at < file.length; at += cut) {
      capture.push(file.slice(at, at + cut));
      if (at % 7 === 0) capture.elapse(silence / 10);
      if (at >= asked * asking) {
        capture.open();
        asked += 1;
      }
    }
    capture.finish();
    analysis.report();
    hold('events are bounded by the capture', events.length <= 1000 + file.length);
    for (const event of events) {
      const said = eventText(event, { palette: plainPalette, time: 'utc', utcOffset: () => 0 }) ?? '';
      hold('nothing that a terminal obeys', !obeyed.test(said) && !obeyed.test(jsonLine(event)));
    }
  },
};

/** What is known of a packet without a look at it. */
function placeOf(packet: CountedPacket | ViewedPacket | null | undefined): string {
  if (packet == null) return 'nothing';
  const { frame, instant, wireLength, marks, lostBefore, owner } = packet;
  return JSON.stringify([frame, instant, wireLength, marks, lostBefore, owner?.call?.id, owner?.from]);
}

const packets: Target = {
  ...whole,
  name: 'packets',
  what: 'the packet view of captures: every octet in one leaf, every line safe to print, as text, JSON and diagram',
  batch: 10,
  run(input) {
    const parameters = new Parameters(input);
    const settings = parameters.octet();
    const bounds = limits(parameters.octet());
    const file = parameters.rest();
    const report = analysed(file, Math.max(1, file.length), { limits: bounds });
    const view = new PacketView(report.tunnels, new Limits(bounds));
    let count = (_: CountedPacket): void => {};
    const quick = new PacketView(report.tunnels, new Limits(bounds), (one) => count(one));
    const about = { path: 'test', digits: 6, first: null };
    const options = { details: (settings & 1) === 1, hex: (settings & 2) === 2, showSecrets: (settings & 4) === 4 };
    const style = { width: 80, palette: plainPalette, time: 'utc', utcOffset: () => 0 } as const;
    const lines = new PacketText(about, { ...options, ...style, sources: true, selected: null });
    const diagrams = report.tunnels.map((tunnel) => new LadderDiagram(tunnel, about, style));
    const written: string[] = diagrams.map((diagram) => diagram.heading());
    const reader = new CaptureReader({
      frame(frame) {
        const packet = view.packet(frame, true, () => true);
        const counts: CountedPacket[] = [];
        count = (one) => counts.push(one);
        const looked = quick.packet(frame, true, () => true) ?? counts[0];
        same('counted by its headers as looked at', placeOf(looked), placeOf(packet));
        if (packet === null) return;
        same('no flaw in the tree', flawsOfPacket(packet), []);
        const json = packetJson(packet, about, options);
        JSON.parse(json);
        written.push(lines.packet(packet), json);
        if (packet.owner !== null) {
          const { tunnel } = packet.owner;
          written.push(diagrams[report.tunnels.findIndex(({ id }) => id === tunnel.id)]?.packet(packet) ?? '');
        }
      },
    });
    reader.push(file);
    reader.finish();
    written.push(...diagrams.map((diagram) => diagram.finish()));
    hold('nothing that a terminal obeys', !written.some((one) => obeyed.test(one)));
  },
};

const inner: Target = {
  ...whole,
  name: 'inner',
  what: 'what travelled inside of captures, decrypted and decompressed: bounded, and every packet accounted for',
  batch: 15,
  generate(choices) {
    if (once(choices, 2)) return whole.generate(choices);
    return joined([
      octetString(choices, 2),
      damagedCapture(choices, pick(choices, compressed), pick(choices, compressed)),
    ]);
  },
  run(input) {
    const parameters = new Parameters(input);
    const credentials = (parameters.octet() & 3) === 0 ? [] : sampleCredentials;
    const bounds = limits(parameters.octet());
    const file = parameters.rest();
    const { tunnels: found } = analysed(file, Math.max(1, file.length), { limits: bounds, keepSecrets: true });
    let octets = 0;
    let taken = 0;
    const confirmed = new Map(confirmations(found, credentials));
    const view = new InnerPackets(found, confirmed, new Limits(bounds), (packet) => {
      octets += packet.octets.length;
      taken += 1;
      hold('the wire had no less than the capture', packet.wireLength >= packet.octets.length);
    });
    const reader = new CaptureReader(view, new Limits(bounds));
    reader.push(file);
    reader.finish();
    const all = view.finish();
    const sum = (of: (counts: InnerCounts) => number) => all.reduce((total, one) => total + of(one.packets), 0);
    const decompressed = sum((counts) => counts.decompressed);
    hold('no more octets than the capture has, and a history', octets <= file.length + decompressed * historySize);
    hold('no packet that is not counted', taken <= sum(({ clear, decrypted }) => clear + decrypted));
    hold('none decompressed that is not there', decompressed <= taken);
  },
};

/** Sessions under MPPC: with MPPE, stateless and stateful, and alone. */
const compressed = [
  session(bits.h | bits.s | bits.c, encrypted(withoutHistory, 128, true)),
  session(bits.s | bits.c, encrypted(withHistory, 128, false)),
  session(bits.c, inClear(withHistory)),
].map(({ frames }) => pcapFile(frames));

/** Of captures/README.md, and of `compressed`. */
const sampleCredentials = ['Sw0rdfish!', 'tr0ub4dor&3', password].map(credentialOfPassword);

const schema: object = JSON.parse(readFileSync('report.schema.json', 'utf8'));
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

const formats: { readonly [name: string]: (report: Report) => Iterable<string> } = {
  csv: csvReport,
  sarif: sarifReport,
  markdown: markdownReport,
  json: jsonReport,
  handshakes: (report) => handshakesOf(report).map(jsonLine),
  text: (report) => textReport(report, { width: 100, palette: plainPalette, time: 'utc', verbose: true }),
};

const reports: Target = {
  ...whole,
  name: 'reports',
  what: 'every format of the report: safe to print; JSON and SARIF parse, JSON is what its schema says; pseudonyms too',
  batch: 15,
  run(input) {
    const parameters = new Parameters(input);
    const settings = parameters.octet();
    const options = { limits: limits(parameters.octet()), ...((settings & 1) === 1 ? { keepSecrets: true } : {}) };
    const file = parameters.rest();
    const analysis = analysed(file, Math.max(1, file.length), options);
    const report = (settings & 2) === 2 ? redact(analysis) : analysis;
    for (const [name, write] of Object.entries(formats)) {
      const text = [...write(report)].join('');
      hold(`nothing that a terminal obeys in ${name}`, !obeyed.test(text));
      if (name === 'json' || name === 'sarif') {
        const document: unknown = JSON.parse(text);
        if (name !== 'json' || validate(document)) continue;
        const [error] = validate.errors ?? [];
        hold(`the schema: ${error?.instancePath} ${error?.message}`, false);
      }
    }
  },
};

export const wholes: readonly Target[] = [pipeline, live, packets, inner, reports];
