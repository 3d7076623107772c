/** What a capture does to a healthy session must not look like a fault of the session. */

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined } from '../src/octets/joined.ts';
import type { TunnelReport } from '../src/report/contract.ts';
import { reportOf } from './support/analysis.ts';
import type { Facts } from './support/facts.ts';
import { cut, recordsOf } from './support/records.ts';

const captures = new URL('../captures/', import.meta.url);

/** Small classic captures whose facts say that there is nothing to diagnose. */
const healthy = readdirSync(new URL('expected/', captures))
  .map((name) => JSON.parse(readFileSync(new URL(`expected/${name}`, captures), 'utf8')) as Facts)
  .flatMap(({ capture, report }) => {
    const { diagnoses } = report as { diagnoses?: unknown };
    if (!capture?.endsWith('.pcap') || !Array.isArray(diagnoses) || diagnoses.length > 0) return [];
    const file = new Uint8Array(readFileSync(new URL(capture, captures)));
    return file.length > 20_000 ? [] : [{ name: capture, file }];
  });

function causesOf(header: Uint8Array, records: readonly Uint8Array[], certain = false): string[] {
  const { diagnoses } = reportOf(joined([header, ...records]));
  return diagnoses.filter(({ confidence }) => !certain || confidence === 'certain').map(({ cause }) => cause);
}

/** The same cases at every run: what they find is to be mended, not met by chance. */
const seed = 20_261_121;

/** Behind the record's header and Ethernet's. */
const protocolAt = 16 + 14 + 9;
const isPlainEthernet = (record: Uint8Array): boolean => record[16 + 12] === 8 && record[16 + 13] === 0;
const sourceOf = (record: Uint8Array): string => record.subarray(protocolAt + 3, protocolAt + 7).join('.');

/**
 * Octets of a frame up to both Call IDs of a control message: Ethernet, IPv4, TCP with timestamps, and 16 of the message. Where they
 * are cut off, calls after one another that share their Call IDs look like one. RFC 2637 §2.8
 */
const callIdsEnd = 14 + 20 + 32 + 16;
const sharesCallIds = ({ calls }: TunnelReport): boolean =>
  new Set(calls.map(({ clientCallId, serverCallId }) => `${clientCallId} ${serverCallId}`)).size < calls.length;

/** Faults of the capture may be named; nothing else. */
const ofTheCapture = new Set(['capture-incomplete']);

describe.each(healthy)('$name', ({ file }) => {
  const { header, records } = recordsOf(file);
  const places = fc.uniqueArray(fc.nat(records.length - 1), { maxLength: Math.ceil(records.length / 20) });

  // A frame that the capture lost looks like one that the network lost: a cause may be suspected, not asserted.
  it('gets no certain cause with frames lost by the capture', () => {
    fc.assert(
      fc.property(places, (lost) => {
        const kept = records.filter((_, index) => !lost.includes(index));
        expect(causesOf(header, kept, true).filter((cause) => !ofTheCapture.has(cause))).toEqual([]);
      }),
      { numRuns: 15, seed },
    );
  });

  // Whoever acknowledges has received. RFC 2637 §4.4
  it('gets at most a guess where GRE of one end is missing for a while', () => {
    const rows = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(1));
    fc.assert(
      fc.property(rows, ([one, other, end]) => {
        const gre = records.filter((record) => record[protocolAt] === 47 && isPlainEthernet(record));
        const sender = [...new Set(gre.map(sourceOf))][end];
        const own = gre.filter((record) => sourceOf(record) === sender);
        const [from, to] = [Math.min(one, other), Math.max(one, other)].map((place) => (place * own.length) / 1000);
        const lost = new Set(own.slice(from, to));
        const { diagnoses } = reportOf(joined([header, ...records.filter((record) => !lost.has(record))]));
        const sure = diagnoses.filter(({ cause, confidence }) => !ofTheCapture.has(cause) && confidence !== 'possible');
        expect(sure).toEqual([]);
      }),
      { numRuns: 20, seed },
    );
  });

  it('gets no cause with neighbours exchanged or frames doubled', () => {
    fc.assert(
      fc.property(places, places, (exchanged, doubled) => {
        const order = records.map((_, index) => index);
        for (const at of exchanged) {
          const next = order[at + 1];
          const here = order[at];
          if (next === undefined || here === undefined) continue;
          order[at] = next;
          order[at + 1] = here;
        }
        const frames = order.flatMap((index) => {
          const record = records[index];
          if (record === undefined) return [];
          return doubled.includes(index) ? [record, record] : [record];
        });
        expect(causesOf(header, frames)).toEqual([]);
      }),
      { numRuns: 15, seed },
    );
  });

  // 68 and 96 were tcpdump's own.
  it.each([68, 76, 96, 128])('is known for what it is with a snap length of %i', (octets) => {
    const { tunnels, diagnoses } = reportOf(joined([header, ...records.map((record) => cut(record, octets))]));
    expect(diagnoses.map(({ cause }) => cause).filter((cause) => !ofTheCapture.has(cause))).toEqual([]);
    const whole = reportOf(file).tunnels;
    const connections = (tunnel: TunnelReport) => [tunnel.client, tunnel.server, tunnel.control?.tcp.outcome];
    expect(tunnels.map(connections)).toEqual(whole.map(connections));
    if (octets < callIdsEnd && whole.some(sharesCallIds)) return;
    const facts = (tunnel: TunnelReport) => ({
      packets: tunnel.calls.map(({ gre }) => [gre.clientToServer.packets, gre.serverToClient.packets]),
      accepted: tunnel.calls.map(({ authentication }) => authentication.map(({ outcome }) => outcome)),
      failed: tunnel.calls.map(({ stages }) => stages.some(({ status }) => status === 'failed')),
    });
    expect(tunnels.map(facts)).toEqual(whole.map(facts));
  });

  it('gets no cause where the capture starts late or ends early', () => {
    fc.assert(
      fc.property(fc.nat(records.length), fc.nat(records.length), (one, other) => {
        const part = records.slice(Math.min(one, other), Math.max(one, other));
        expect(causesOf(header, part).filter((cause) => !ofTheCapture.has(cause))).toEqual([]);
      }),
      { numRuns: 25, seed },
    );
  });

  it('has LCP and IPCP that opened, or says nothing of them, where the capture starts late', () => {
    for (let first = 0; first < records.length; first += 1) {
      const { tunnels } = reportOf(joined([header, ...records.slice(first)]));
      const outcomes = tunnels.flatMap(({ calls }) => calls.flatMap(({ lcp, network }) => [lcp.outcome, network.ipcp]));
      expect(outcomes, `from frame ${first + 1} on`).not.toContain('failed');
    }
  });
});
