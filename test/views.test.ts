/** One connection that was captured at several places, in one file or in several. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Analysis } from '../src/analyze.ts';
import { joined } from '../src/octets/joined.ts';
import type { Report } from '../src/report/contract.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { PcapngBlocks, pcapFile } from './support/captures.ts';
import { echoRequest, tcpFlags } from './support/packets.ts';
import { recordsOf } from './support/records.ts';
import { Scene } from './support/scene.ts';
import { type SessionOptions, wholeSession } from './support/session.ts';

const sample = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../captures/${name}`, import.meta.url)));

function reportOfFiles(files: Record<string, Uint8Array>): Report {
  const analysis = new Analysis();
  for (const [path, file] of Object.entries(files)) {
    const capture = analysis.capture(path, null);
    capture.push(file.slice());
    capture.finish();
  }
  return analysis.report();
}

/** As mergecap does it. */
function merged(one: Uint8Array, other: Uint8Array): Uint8Array {
  const { header, records } = recordsOf(one);
  const timeOf = (record: Uint8Array): number => {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    return view.getUint32(0, true) + view.getUint32(4, true) / 1e6;
  };
  const all = [...records, ...recordsOf(other).records].sort((a, b) => timeOf(a) - timeOf(b));
  return joined([header, ...all]);
}

describe('one capture that is given twice', () => {
  const name = '07b-pap-wrong-password-server.pcap';
  const octets = sample(name);
  const { header, records } = recordsOf(octets);
  const alone = reportOfFiles({ one: octets });

  /** The same packets in the other format. */
  const inPcapng = (): Uint8Array => {
    const blocks = new PcapngBlocks();
    const packets = records.map((record) => {
      const view = new DataView(record.buffer, record.byteOffset);
      const time = BigInt(view.getUint32(0, true)) * 1_000_000n + BigInt(view.getUint32(4, true));
      return blocks.enhancedPacket(time, record.subarray(16));
    });
    return joined([blocks.sectionHeader(), blocks.interfaceDescription(), ...packets]);
  };

  it.each([
    ['the same file', octets],
    ['in another format', inPcapng()],
  ])('%s: that is said, and it counts once', (_what, again) => {
    const report = reportOfFiles({ one: octets, again });
    const { captures, ...rest } = report;
    expect(captures.map(({ path, frames, repeats }) => [path, frames, repeats])).toEqual([
      ['one', records.length, undefined],
      ['again', records.length, 0],
    ]);
    const { captures: _alone, ...once } = alone;
    expect(rest).toEqual(once);
    const texts = [
      [...textReport(report, { width: 100, palette: plainPalette, time: 'utc', verbose: false })].join(''),
      [...markdownReport(report)].join(''),
    ];
    for (const text of texts) {
      expect(text).toContain('the same frames as one');
      expect(text).not.toContain('another place');
      expect(text).not.toContain('No PPTP');
    }
  });

  it('but for other frames, or other addresses, is another one', () => {
    const repeats = (again: Uint8Array): unknown => reportOfFiles({ one: octets, again }).captures[1]?.repeats;
    expect(repeats(joined([header, ...records.slice(0, -1)]))).toBeUndefined();
    const renamed = records.map((record) => {
      const copy = record.slice();
      // Source or destination, behind the record's, Ethernet's and the rest of IPv4's header.
      for (const at of [16 + 14 + 12, 16 + 14 + 16]) if (copy[at] === 10) copy[at] = 11;
      return copy;
    });
    expect(repeats(joined([header, ...renamed]))).toBeUndefined();
  });
});

const same = ({ tunnels }: Report): (string[] | undefined)[] => tunnels.map((tunnel) => tunnel.sameConnectionAs);

describe('two views of one connection', () => {
  const lan = sample('60-nat-without-helper-lan.pcap');
  const wan = sample('60-nat-without-helper-wan.pcap');

  it('in one capture of a NAT: what lies between them is certain, with the frames of both', () => {
    const report = reportOfFiles({ both: merged(lan, wan) });
    expect(same(report)).toEqual([['T2'], ['T1'], ['T4'], ['T3']]);
    expect(report.diagnoses.map(({ cause, confidence }) => [cause, confidence])).toEqual(
      report.tunnels.map(() => ['nat-without-helper', 'certain']),
    );
    const outside = report.tunnels[1]?.calls[0]?.gre.serverToClient;
    expect(report.diagnoses[0]?.evidence.map(({ frame }) => frame)).toEqual([
      report.tunnels[0]?.calls[0]?.replyFrame,
      outside?.firstFrame,
      outside?.lastFrame,
    ]);
  });

  it('of a NAT that keeps the GRE of both ends: that is one cause, said once of each', () => {
    const numbers = { clientSequence: 3_000_000_000, serverSequence: 2_000_000_000 };
    const side = (vantage: 'client' | 'server', client: string): Scene => {
      const one = new Scene({ vantage, client, server: '203.0.113.7', hops: 1, ...numbers }).dial();
      one.arrives.client = false;
      one.arrives.server = false;
      return one.lcpInVain(4, 3).hangUp();
    };
    const report = reportOfFiles({
      both: merged(side('client', '10.1.1.2').file(), side('server', '198.51.100.9').file()),
    });
    expect(report.diagnoses.map(({ tunnel, cause, confidence }) => [tunnel, cause, confidence])).toEqual([
      ['T1', 'nat-without-helper', 'certain'],
      ['T2', 'nat-without-helper', 'certain'],
    ]);
    for (const { summary } of report.diagnoses) {
      expect(summary).toMatch(/^Neither the client's GRE \(T1: 4 packets\) nor the server's \(T2: 4 packets\)/);
    }
  });

  it('in one capture are the two sides of a NAT, in two captures two places', () => {
    const text = (report: Report): string =>
      [...textReport(report, { width: 200, palette: plainPalette, time: 'utc', verbose: false })].join('');
    const together = reportOfFiles({ both: merged(lan, wan) });
    expect(together.tunnels[0]?.sameConnectionInCapture).toEqual(['T2']);
    expect(text(together)).toContain('the same connection as T2, with other addresses: before and behind a NAT');
    expect(text(together)).not.toContain('another place');
    const apart = reportOfFiles({ lan, wan });
    expect(apart.tunnels[0]?.sameConnectionInCapture).toBeUndefined();
    expect(text(apart)).toContain('the same connection as T3, captured at another place');
  });

  it('of which one was taken with a filter: it may be that alone', () => {
    const { header, records } = recordsOf(wan);
    const report = reportOfFiles({
      lan,
      wan: joined([header, ...records.filter((record) => record[16 + 23] !== 47)]),
    });
    const [first] = report.diagnoses;
    expect(first).toMatchObject({ cause: 'nat-without-helper', confidence: 'likely' });
    expect(first?.refutedBy).toBe('the capture of T3 of wan left GRE out');
  });

  it('of which one has two packets more: they may have been under way', () => {
    const { header, records } = recordsOf(sample('61-gre-blocked-mid-session-client.pcap'));
    const number = (record: Uint8Array): number => new DataView(record.buffer, record.byteOffset).getUint32(16 + 42);
    // The client's GRE with a sequence number; the last that the server's side has is 18.
    const ofClient = (record: Uint8Array): boolean => record[16 + 23] === 47 && record[16 + 29] === 2;
    const carries = (record: Uint8Array): boolean => ((record[16 + 34] ?? 0) & 0x10) !== 0;
    const client = records.filter((record) => !ofClient(record) || !carries(record) || number(record) <= 20);
    const report = reportOfFiles({
      client: joined([header, ...client]),
      server: sample('61-gre-blocked-mid-session-server.pcap'),
    });
    expect(report.tunnels[0]?.calls[0]?.gre.clientToServer.lastSequence).toBe(20);
    expect(report.diagnoses.map(({ cause }) => cause)).toEqual([
      'gre-blocked-server-to-client',
      'gre-blocked-server-to-client',
    ]);
  });

  it('of which one has an Echo-Request that TCP sends again and again, and the other none of it', () => {
    const numbers = { clientSequence: 3_000_000_000, serverSequence: 2_000_000_000 };
    const seenAt = (vantage: 'client' | 'server', echoes: number, rounds: number): Uint8Array => {
      const one = new Scene({ vantage, ...numbers }).up().talk(4);
      // Behind the SYN, Start-Control-Connection-Request and Outgoing-Call-Request.
      const place = numbers.clientSequence + 1 + 156 + 168;
      for (let index = 0; index < 4; index += 1) {
        if (index < echoes) one.writer.segment('client', tcpFlags.psh | tcpFlags.ack, echoRequest(7), place);
        else one.wait(0.001);
        one.wait(3);
      }
      return one.talk(rounds, 1).file();
    };
    const report = reportOfFiles({ client: seenAt('client', 4, 9), server: seenAt('server', 0, 9) });
    expect(report.diagnoses.map(({ cause, confidence, tunnel }) => [tunnel, cause, confidence])).toEqual([
      ['T1', 'control-echo-unanswered', 'certain'],
      ['T2', 'control-echo-unanswered', 'certain'],
    ]);
    expect(report.diagnoses[0]?.summary).toMatch(/^The client's Echo-Request passes one point of capture \(T1\)/);
    // Sent once it may be under way; and where the other capture does not go on it may have come later.
    for (const [echoes, rounds] of [
      [1, 9],
      [4, 0],
    ] as const) {
      const other = reportOfFiles({ client: seenAt('client', echoes, rounds), server: seenAt('server', 0, rounds) });
      expect(other.diagnoses.filter(({ confidence }) => confidence === 'certain')).toEqual([]);
    }
  });

  describe('of which one lacks packets here and there', () => {
    /** Every tenth packet of the server never comes to the client, and every one to a view `before`. */
    const lossy = (vantage: 'client' | 'server', before: boolean): Uint8Array => {
      const numbers = { clientSequence: 3_000_000_000, serverSequence: 2_000_000_000 };
      const one = new Scene({ vantage, start: vantage === 'client' ? 1_700_000_000 : 1_700_000_001, ...numbers }).up();
      const lost = (index: number): boolean => index % 10 === 5;
      for (let index = 0; index < 100; index += 1) one.data('server', 900, lost(index)).data('client');
      const large = one.frames.filter(({ octets: frame }) => frame.length > 900);
      const drop = before ? large.filter((_, index) => lost(index)) : [];
      const frames = one
        .terminate('client')
        .hangUp()
        .frames.filter((frame) => !drop.includes(frame));
      return pcapFile(frames);
    };
    const summary = (files: Record<string, Uint8Array>): string | undefined => {
      const { diagnoses } = reportOfFiles(files);
      return diagnoses.find(({ cause, tunnel }) => cause === 'packet-loss' && tunnel === 'T1')?.summary;
    };

    it('that the other has: they are lost between the two', () => {
      const said = summary({ client: lossy('client', false), server: lossy('server', false) });
      expect(said).toMatch(/ \(10 of \d+\)\. T2 of server has 10 of them: what lies between the two loses them\.$/);
    });

    it('that the other lacks as well: they are lost before both', () => {
      const said = summary({ client: lossy('client', false), server: lossy('server', true) });
      expect(said).toMatch(/ \(10 of \d+\)\. T2 of server lacks as many: they are lost before both\.$/);
    });
  });

  it('of which all is well are named, and nothing is diagnosed', () => {
    const report = reportOfFiles({
      client: sample('01-mschapv2-mppe128-stateless-client.pcap'),
      server: sample('01-mschapv2-mppe128-stateless-server.pcap'),
    });
    expect(same(report)).toEqual([['T2'], ['T1']]);
    expect(report.diagnoses).toEqual([]);
  });

  it.each([
    ['client', '10.10.1.2'],
    ['server', '203.0.113.10'],
  ])(
    'of which one lacks GRE of the %s, which the other end acknowledges: it was not lost on the way',
    (_side, sender) => {
      const client = sample('01-mschapv2-mppe128-stateless-client.pcap');
      const { header, records } = recordsOf(sample('01-mschapv2-mppe128-stateless-server.pcap'));
      const ofSender = records.filter((record) => {
        return record[16 + 23] === 47 && record.subarray(16 + 26, 16 + 30).join('.') === sender;
      });
      for (let from = 0; from < ofSender.length; from += 1) {
        const lost = new Set(ofSender.slice(from));
        const server = joined([header, ...records.filter((record) => !lost.has(record))]);
        const causes = reportOfFiles({ client, server }).diagnoses.map(({ cause }) => cause);
        expect(
          causes.filter((cause) => cause !== 'capture-incomplete'),
          `from packet ${from + 1} on`,
        ).toEqual([]);
      }
      // Of a call that has not come up: up to the first LCP packets that both captures hold.
      const begin = (file: Uint8Array): Uint8Array => {
        const all = recordsOf(file);
        return joined([all.header, ...all.records.slice(0, 14)]);
      };
      const lost = new Set(ofSender);
      const server = joined([header, ...records.slice(0, 14).filter((record) => !lost.has(record))]);
      const report = reportOfFiles({ client: begin(client), server });
      expect(report.diagnoses.map(({ cause, tunnel }) => [cause, tunnel])).toEqual([
        ['capture-incomplete', 'T1'],
        ['capture-incomplete', 'T2'],
      ]);
      expect(report.diagnoses[1]).toMatchObject({ confidence: 'certain', stage: 'gre' });
    },
  );

  it('of which one ends early: what came after that is not lost', () => {
    const { header, records } = recordsOf(sample('01-mschapv2-mppe128-stateless-server.pcap'));
    const client = sample('01-mschapv2-mppe128-stateless-client.pcap');
    for (let kept = 30; kept < records.length; kept += 1) {
      const report = reportOfFiles({ client, server: joined([header, ...records.slice(0, kept)]) });
      expect(report.diagnoses.filter(({ cause }) => cause !== 'capture-incomplete')).toEqual([]);
    }
  });
});

it('who has captured both ends is not asked to', () => {
  const name = (end: string): string => `27-mtu-blackhole-inside-${end}.pcap`;
  const asked = (...ends: string[]): (string | undefined)[][] => {
    const report = reportOfFiles(Object.fromEntries(ends.map((end) => [end, sample(name(end))])));
    return report.diagnoses.map(({ cause, nextCapture }) => [cause, nextCapture.match(/both ends/)?.[0]]);
  };
  expect(asked('client')).toEqual([['mtu-black-hole', 'both ends']]);
  expect(asked('server')).toEqual([['mtu-black-hole', 'both ends']]);
  expect(asked('client', 'server')).toEqual([
    ['mtu-black-hole', undefined],
    ['mtu-black-hole', undefined],
  ]);
});

describe('no views of one connection', () => {
  const session = (options: SessionOptions): Uint8Array => pcapFile(wholeSession(options));
  const numbers = { clientSequence: 0x8000_0001, serverSequence: 0x9000_0002 };

  it('is what it takes: both numbers', () => {
    const report = reportOfFiles({ a: session(numbers), b: session({ ...numbers, client: '192.0.2.77' }) });
    expect(same(report)).toEqual([['T2'], ['T1']]);
  });

  it.each([
    ['only the client has the same number', { ...numbers, serverSequence: 0x7000_0002 }],
    ['only the server has', { ...numbers, clientSequence: 0x8000_0002 }],
  ])('where %s', (_title, other) => {
    const report = reportOfFiles({ a: session(numbers), b: session({ ...other, client: '192.0.2.77' }) });
    expect(same(report)).toEqual([undefined, undefined]);
  });

  it('where the server of one did not answer, and the port is another', () => {
    const syn = (options: SessionOptions): Uint8Array => pcapFile(wholeSession({ ...numbers, ...options }).slice(0, 1));
    const client = '192.0.2.77';
    expect(same(reportOfFiles({ a: session(numbers), b: syn({ client }) }))).toEqual([['T2'], ['T1']]);
    const other = reportOfFiles({ a: session(numbers), b: syn({ client, clientPort: 50_001 }) });
    expect(same(other)).toEqual([undefined, undefined]);
  });

  it('where a program made the numbers up', () => {
    const made = { clientSequence: 1000, serverSequence: 2000 };
    const report = reportOfFiles({ a: session(made), b: session({ ...made, client: '192.0.2.77' }) });
    expect(same(report)).toEqual([undefined, undefined]);
  });

  it('where many have the same', () => {
    const of = (count: number): Report =>
      reportOfFiles(
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [
            `${index}`,
            session({ ...numbers, client: `192.0.2.${index + 1}` }),
          ]),
        ),
      );
    expect(same(of(8)).map((others) => others?.length)).toEqual(Array.from({ length: 8 }, () => 7));
    expect(same(of(9))).toEqual(Array.from({ length: 9 }, () => undefined));
  });

  it('where the handshake of one is not in its capture', () => {
    const late = wholeSession({ ...numbers, client: '192.0.2.77' }).slice(3);
    expect(same(reportOfFiles({ a: session(numbers), b: pcapFile(late) }))).toEqual([undefined, undefined]);
  });
});
