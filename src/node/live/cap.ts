/**
 * libpcap in this process, through the package `cap`, which is optional: it needs libpcap's headers and a compiler when it is
 * installed. It tells neither the kernel's time of a packet nor its length on the wire nor what was dropped: packets get the
 * time at which they arrive here, and are taken whole.
 */
import { performance } from 'node:perf_hooks';
import { LiveError } from './error.ts';
import { permissionAdvice } from './programs.ts';

/** What is used of the package; it has no types of its own. */
export interface CapModule {
  readonly Cap: new () => CapHandle;
}

interface CapHandle {
  /** Answers the link type's name; throws an Error with libpcap's words. */
  open(device: string, filter: string, kernelBuffer: number, packet: Buffer): string;
  close(): void;
  setMinBytes?(octets: number): void;
  on(event: 'packet', listener: (octets: number, cut: boolean) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

const linkTypes: Readonly<Record<string, number>> = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LINKTYPE_LINUX_SLL: 113,
};

/** What stands in its way, and the command that mends it on Debian. */
export interface CapMissing {
  readonly detail: string;
  readonly mend: string;
}

export async function loadCap(): Promise<CapModule | CapMissing> {
  // A variable: the package may not be there when this is compiled.
  const name: string = 'cap';
  try {
    const loaded: { default: CapModule } = await import(name);
    return loaded.default;
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  }
}

/** npm leaves an optional package out where it cannot be built; unbuilt it is there after `npm ci --ignore-scripts`. */
function missing(reason: string): CapMissing {
  const library = /(\S+\.so\S*): cannot open shared object file/.exec(reason)?.[1];
  if (library !== undefined) return { detail: `${library} is missing`, mend: 'sudo apt-get install libpcap0.8' };
  const compiler = 'sudo apt-get install libpcap-dev g++ make python3';
  // Also built for another version of Node.
  if (reason.includes('cap.node')) {
    return { detail: 'the package is not built for this machine', mend: `${compiler} && npm rebuild cap` };
  }
  return { detail: 'the package is not installed', mend: `${compiler}, then install pptpscope again` };
}

const kernelBuffer = 16 * 1024 * 1024;
const largestPacket = 262_144;
const recordHeader = 16;

/** Gives the packets of a device as a pcap of nanoseconds. */
export class CapCapture {
  private readonly handle: CapHandle;
  private readonly device: string;
  private readonly packet = Buffer.alloc(largestPacket);
  private queue: Uint8Array[] = [];
  private wake: (() => void) | null = null;
  private failure: LiveError | null = null;
  private stopped = false;

  /** Throws a LiveError. */
  constructor(module: CapModule, device: string, filter: string) {
    this.device = device;
    this.handle = new module.Cap();
    try {
      const name = this.handle.open(device, filter, kernelBuffer, this.packet);
      const linkType = linkTypes[name];
      if (linkType === undefined) throw new Error(`links of type ${name} are not known`);
      // Each packet as it comes, on Windows too.
      this.handle.setMinBytes?.(0);
      this.queue.push(fileHeader(linkType));
    } catch (error) {
      throw failureOf(device, error);
    }
    this.handle.on('packet', (octets, cut) => this.arrived(octets, cut));
    this.handle.on('error', (error) => this.failed(error));
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const ready = this.queue;
      this.queue = [];
      for (const chunk of ready) yield chunk;
      if (this.queue.length > 0) continue;
      if (this.failure !== null) throw this.failure;
      if (this.stopped) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.handle.close();
    this.wake?.();
  }

  private arrived(octets: number, cut: boolean): void {
    const milliseconds = performance.timeOrigin + performance.now();
    const seconds = Math.floor(milliseconds / 1000);
    const record = new Uint8Array(recordHeader + octets);
    const view = new DataView(record.buffer);
    view.setUint32(0, seconds, true);
    view.setUint32(4, Math.min(999_999_999, Math.floor((milliseconds - seconds * 1000) * 1e6)), true);
    view.setUint32(8, octets, true);
    // How much longer it was is not told.
    view.setUint32(12, cut ? octets + 1 : octets, true);
    record.set(this.packet.subarray(0, octets), recordHeader);
    this.queue.push(record);
    this.wake?.();
  }

  private failed(error: Error): void {
    this.failure = failureOf(this.device, error);
    this.wake?.();
  }
}

function fileHeader(linkType: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, 0xa1b2_3c4d, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, largestPacket, true);
  view.setUint32(20, linkType, true);
  return new Uint8Array(view.buffer);
}

function failureOf(device: string, error: unknown): LiveError {
  const reason = error instanceof Error ? error.message : String(error);
  if (/permission|not permitted/i.test(reason)) {
    const text = `${device}: no permission to capture in this process: ${permissionAdvice('node')}`;
    return new LiveError('no-permission', text, { cause: error });
  }
  if (/no such device|does not exist|doesn't exist/i.test(reason)) {
    const text = `${device}: no such interface; "pptpscope interfaces" lists them`;
    return new LiveError('no-device', text, { cause: error });
  }
  if (/filter|syntax|support for/i.test(reason))
    return new LiveError('bad-filter', `cap does not take the capture filter: ${reason}`, { cause: error });
  return new LiveError('capture-failed', `${device}: ${reason}`, { cause: error });
}
