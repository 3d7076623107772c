/**
 * Random valid tunnels, written as pcap: what tshark shows of them is what the field tree says. The list of
 * docs/tshark-differences.md holds here too; what random numbers add to it stands below.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pcapngOf } from '../src/fuzz/capture-file.ts';
import { seeded } from '../src/fuzz/choices.ts';
import { tunnel } from '../src/fuzz/tunnel.ts';
import { pdmlOf } from './support/pdml.ts';
import { hasTool } from './support/tools.ts';
import { comparedWithTshark } from './support/tshark-fields.ts';

const installed = hasTool('tshark');
const reason = installed ? '' : ' (skipped: tshark is not installed)';
const folder = mkdtempSync(join(tmpdir(), 'pptpscope-tunnels-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** tshark takes a second to start: so many tunnels share a file. */
const tunnelsInFile = 25;

describe.skipIf(!installed)(`random valid tunnels${reason}`, () => {
  it.each([1, 2, 3, 4])('seed %i', (seed) => {
    const choices = seeded(seed);
    const packets = Array.from({ length: tunnelsInFile }, () => tunnel(choices, 'valid')).flat();
    const file = pcapngOf(packets);
    const path = join(folder, `${seed}.pcapng`);
    writeFileSync(path, file);
    const { flaws, fields } = comparedWithTshark(file, pdmlOf(path, 'pptp or gre'));
    expect(flaws).toEqual([]);
    expect(fields).toBeGreaterThan(5000);
  });
});
