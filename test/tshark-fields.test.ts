/**
 * Every field of PPTP, GRE and PPP that tshark shows has its counterpart in the field tree: the same octets, the same
 * value. docs/tshark-differences.md says where tshark 4.0 is wrong, and why; `tsharkIsWrong` in support/tshark-fields.ts is that list as code.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { captureOfFrame, joinCaptures } from './support/joined-captures.ts';
import { pdmlOf, type TsharkPacket } from './support/pdml.ts';
import { hasTool } from './support/tools.ts';
import { comparedWithTshark } from './support/tshark-fields.ts';

const captures = new URL('../captures/', import.meta.url);
const names = readdirSync(captures).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
const installed = hasTool('tshark') && hasTool('mergecap') && hasTool('capinfos');
const reason = installed ? '' : ' (skipped: tshark, mergecap and capinfos are not installed)';

function octetsOf(name: string): Uint8Array {
  const file = readFileSync(new URL(name, captures));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(file) : file);
}

/** Of each capture what is negotiated, and the first packets of data. */
function packetsByTshark(): Map<string, TsharkPacket[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pptpscope-fields-'));
  const path = join(folder, 'all.pcapng');
  const joined = joinCaptures(
    names.map((name) => fileURLToPath(new URL(name, captures))),
    path,
  );
  const starts = joined.map(({ first, frames }) => `${first}..${first + Math.max(0, Math.min(frames, 300) - 1)}`);
  const negotiated = 'pptp or lcp or pap or chap or eap or ccp or ipcp or ipv6cp';
  const packets = pdmlOf(path, `${negotiated} or ((gre or ppp) and frame.number in {${starts.join(', ')}})`);
  rmSync(folder, { recursive: true });
  const byName = new Map<string, TsharkPacket[]>(names.map((name) => [name, []]));
  for (const packet of packets) {
    const { name, frame } = captureOfFrame(joined, packet.frame);
    byName.get(name)?.push({ ...packet, frame });
  }
  return byName;
}

describe.skipIf(!installed)(`all fields that tshark shows${reason}`, () => {
  let packets: Map<string, TsharkPacket[]> = new Map();
  beforeAll(() => {
    packets = packetsByTshark();
  }, 180_000);

  it.each(names)('%s', (name) => {
    const { flaws, fields } = comparedWithTshark(octetsOf(name), packets.get(name) ?? []);
    expect(flaws).toEqual([]);
    const nothing = /1[678]-|1723-dropped|inner|ssh|silent|syn-ack-lost|19c|36-not/.test(name);
    if (!nothing) expect(fields).toBeGreaterThan(50);
  });
});
