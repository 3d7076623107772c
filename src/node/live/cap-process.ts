/**
 * A capturing program like tcpdump, made of libpcap and the package `cap`: writes a pcap of nanoseconds to standard output
 * until SIGINT. A packet's time is when it arrives here; its length on the wire and what was lost are not told.
 *
 *   node cap-process.js DEVICE FILTER USER      the last two may be empty
 */
import { writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { pcapHeader, pcapRecord } from '../../capture/pcap-writer.ts';
import { standardSnapLength } from '../../capture/snap-length.ts';
import { linkTypes } from '../../link/numbers.ts';
import { joined } from '../../octets/joined.ts';
import { loadCap } from './cap.ts';
import { become, userNamed } from './privileges.ts';

/** Names that the package has for link types. */
const linkTypesByName: Readonly<Record<string, number>> = {
  NULL: linkTypes.null,
  ETHERNET: linkTypes.ethernet,
  RAW: linkTypes.raw,
  LINKTYPE_LINUX_SLL: linkTypes.linuxSll,
};

const kernelBuffer = 16 * 1024 * 1024;
const standardOutput = 1;

/** Records that wait until the packets that are there by now are all taken. */
let waiting: Uint8Array[] = [];

async function capture(device: string, filter: string, user: string): Promise<void> {
  const identity = user === '' ? null : userNamed(user);
  const module = await loadCap();
  if (!('Cap' in module)) throw new Error(module.detail);
  const handle = new module.Cap();
  const packet = Buffer.alloc(standardSnapLength);
  const name = handle.open(device, filter, kernelBuffer, packet);
  if (identity !== null) become(identity);
  const linkType = linkTypesByName[name];
  if (linkType === undefined) throw new Error(`links of type ${name} are not known`);
  // Each packet as it comes, on Windows too.
  handle.setMinBytes?.(0);
  process.stderr.write(`listening on ${device}\n`);
  hand(pcapHeader(linkType));
  handle.on('packet', (octets, cut) => {
    if (waiting.length === 0) setImmediate(handOver);
    waiting.push(record(packet, octets, cut));
  });
  handle.on('error', fail);
  process.on('SIGINT', () => {
    handle.close();
    handOver();
    process.exit(0);
  });
}

/** The packet as it arrives now; how much longer it was than what was kept is not told. */
function record(packet: Uint8Array, octets: number, cut: boolean): Uint8Array {
  const milliseconds = performance.timeOrigin + performance.now();
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.min(999_999_999, (milliseconds - seconds * 1000) * 1e6);
  return pcapRecord({ seconds, nanoseconds }, packet.subarray(0, octets), cut ? octets + 1 : octets);
}

function handOver(): void {
  const ready = waiting;
  waiting = [];
  if (ready.length > 0) hand(joined(ready));
}

/** Waits for the reader: what does not fit meanwhile is the kernel's to hold or to drop. */
function hand(octets: Uint8Array): void {
  try {
    for (let at = 0; at < octets.length; ) at += writeSync(standardOutput, octets, at);
  } catch {
    // Nobody reads any more.
    process.exit(0);
  }
}

function fail(error: unknown): void {
  process.stderr.write(`cap: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

const [device = '', filter = '', user = ''] = process.argv.slice(2);
capture(device, filter, user).catch(fail);
