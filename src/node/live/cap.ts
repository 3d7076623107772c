/**
 * libpcap without a program: the package `cap`, which is optional, because it needs libpcap's headers and a compiler when it
 * is installed. It runs in a process of its own (cap-process.ts): when the interface goes down it aborts the process that
 * it is in, and the report would be lost.
 */
import { fileURLToPath } from 'node:url';

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

/** Null where it can be used. */
export async function capMissing(): Promise<CapMissing | null> {
  const loaded = await loadCap();
  return 'Cap' in loaded ? null : loaded;
}

/** What Node runs to capture; it lies beside this module, and beside the bundled program. */
export const capProgram = fileURLToPath(new URL('cap-process.js', import.meta.url));
