/**
 * Every field of PPTP, GRE and PPP that tshark shows has its counterpart in the field tree: the same octets, the same
 * value. docs/tshark-differences.md says where tshark 4.0 is wrong, and why; `tsharkIsWrong` in support/tshark-fields.ts is that list as code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hasTool } from './support/tools.ts';
import { comparedWithTshark } from './support/tshark-fields.ts';

const captures = new URL('../captures/', import.meta.url);
const names = readdirSync(captures).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
const installed = hasTool('tshark');
const reason = installed ? '' : ' (skipped: tshark is not installed)';

function octetsOf(name: string): Uint8Array {
  const file = readFileSync(new URL(name, captures));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(file) : file);
}

describe.skipIf(!installed)(`all fields that tshark shows${reason}`, () => {
  it.each(names)('%s', (name) => {
    const path = fileURLToPath(new URL(name, captures));
    // Of big captures all that is negotiated, and the first packets of data.
    const filter =
      'pptp or lcp or pap or chap or eap or ccp or ipcp or ipv6cp or ((gre or ppp) and frame.number <= 300)';
    const { flaws, fields } = comparedWithTshark(octetsOf(name), path, filter);
    expect(flaws).toEqual([]);
    const nothing = /1[678]-|1723-dropped|inner|ssh|silent|syn-ack-lost|19c|36-not/.test(name);
    if (!nothing) expect(fields).toBeGreaterThan(50);
  });
});
