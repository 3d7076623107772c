/**
 * Programs that capture: tcpdump and dumpcap, found on the PATH, and our own around the package cap. The first two open the
 * device with rights of their own (root, file capabilities, a group), take the kernel's timestamps and count what was dropped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capMissing, capProgram } from './cap.ts';
import { LiveError } from './error.ts';

export type ProgramName = 'tcpdump' | 'dumpcap' | 'cap';

export interface CaptureWish {
  /** Name of the device; tcpdump and dumpcap also know `any`. */
  readonly interface: string;
  readonly filter: string | null;
  /** Octets kept of each packet; 0 is all. */
  readonly snapLength: number;
  readonly promiscuous: boolean;
  /** Packets after which it ends; null is never. */
  readonly count: number | null;
  /** Who the program becomes once the device is open; null is whoever starts it. */
  readonly user: string | null;
}

/** Where system programs are that a user's PATH leaves out. */
const systemFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** The program's path, or null where it is not installed. */
export function programPath(name: string, path: string | undefined = process.env['PATH']): string | null {
  const folders = [...(path ?? '').split(delimiter).filter((folder) => folder !== ''), ...systemFolders];
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of folders) {
    try {
      const candidate = join(folder, file);
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** What is started for a backend, or what is missing. */
export async function executable(program: ProgramName): Promise<{ path: string } | { detail: string; mend: string }> {
  if (program === 'cap') return (await capMissing()) ?? { path: process.execPath };
  const path = programPath(program);
  if (path !== null) return { path };
  const debian = { tcpdump: 'tcpdump', dumpcap: 'wireshark-common' }[program];
  return { detail: 'not installed', mend: `sudo apt-get install ${debian}` };
}

/** KiB of the kernel's buffer: two milliseconds of a full gigabit would fill the default. */
const kernelBuffer = 16_384;

export function parametersOf(program: ProgramName, wish: CaptureWish): string[] {
  const { interface: device, filter, snapLength, promiscuous, count, user } = wish;
  if (program === 'cap') return [capProgram, device, filter ?? '', user ?? ''];
  const snap = snapLength === 0 ? [] : ['-s', String(snapLength)];
  const quiet = promiscuous ? [] : ['-p'];
  const limit = count === null ? [] : ['-c', String(count)];
  if (program === 'dumpcap') {
    // In MiB. Its pcapng ends with the drop counters.
    const buffer = ['-B', String(kernelBuffer / 1024)];
    const expression = filter === null ? [] : ['-f', filter];
    return ['-q', '-i', device, '-w', '-', ...buffer, ...snap, ...quiet, ...limit, ...expression];
  }
  const owner = user === null ? [] : ['-Z', user];
  // Out with what the kernel hands over, which it does once a second. `--immediate-mode` would be prompter, and loses packets
  // from 20,000 a second on: its ring has a place as large as the snap length for each (bench/live.mjs).
  const prompt = ['-U', '-B', String(kernelBuffer)];
  const expression = filter === null ? [] : [filter];
  return ['-i', device, '-w', '-', ...prompt, ...snap, ...quiet, ...limit, ...owner, ...expression];
}

/**
 * Milliseconds in which a program has what the kernel holds: tcpdump asks for full blocks or one a second, dumpcap for four a
 * second. What it has not been handed when it is ended is lost.
 */
const handedOverWithin: Readonly<Record<ProgramName, number>> = { tcpdump: 1100, dumpcap: 350, cap: 0 };

/** A capturing program that runs. */
export class CaptureProcess {
  readonly program: ProgramName;
  /** Packets lost as last said; null before. */
  dropped: number | null = null;
  private readonly child: ChildProcess;
  private readonly device: string;
  private said = '';
  private stopping = false;
  private readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;

  constructor(program: ProgramName, path: string, wish: CaptureWish) {
    this.program = program;
    this.device = wish.interface;
    // A group of its own: the terminal's Ctrl-C is for this program, which then ends the other in order.
    this.child = spawn(path, parametersOf(program, wish), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.ended = new Promise((resolve) => {
      // Also of a signal that could not be sent.
      this.child.on('error', (error) => {
        this.said += `${error.message}\n`;
        resolve({ status: 127, signal: null });
      });
      this.child.once('close', (status, signal) => resolve({ status, signal }));
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.heard(text));
  }

  /** Resolves once the device is open; throws a LiveError where it cannot be opened. */
  async opened(): Promise<void> {
    const { stdout } = this.child;
    if (stdout === null) throw new LiveError('capture-failed', `${this.program} has no output`);
    // The container's header comes as soon as the device is open.
    const readable = new Promise<'open'>((resolve) => stdout.once('readable', () => resolve('open')));
    const first = await Promise.race([readable, this.ended]);
    // The end of output makes it readable as well.
    if (first === 'open' && stdout.readableLength > 0) return;
    await this.ended;
    throw this.failure();
  }

  /** What the program writes, to its end. Throws a LiveError, after all octets before it, where it ends by itself and not well. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    const { stdout } = this.child;
    if (stdout === null) return;
    yield* stdout as AsyncIterable<Uint8Array>;
    const { status, signal } = await this.ended;
    if (!this.stopping && (status !== 0 || signal !== null)) throw this.failure(signal);
  }

  /**
   * Asks it to end, once it has what came until now: it writes what it holds and counts what it lost. A second call does not
   * ask.
   */
  stop(): void {
    if (this.stopping) {
      this.child.kill('SIGKILL');
      // One that is beyond our signals ends when nobody reads it.
      this.child.stdout?.destroy();
      return;
    }
    this.stopping = true;
    setTimeout(() => this.child.kill('SIGINT'), handedOverWithin[this.program]).unref();
  }

  /** Asks for the drop counters, where the program can be asked. */
  askForCounters(): void {
    if (this.program === 'tcpdump' && process.platform !== 'win32' && this.child.exitCode === null) {
      this.child.kill('SIGUSR1');
    }
  }

  private heard(text: string): void {
    this.said = (this.said + text).slice(-longestSaid);
    this.dropped = droppedIn(this.said) ?? this.dropped;
  }

  private failure(signal: NodeJS.Signals | null = null): LiveError {
    return failureOf(this.program, this.device, this.said, signal);
  }
}

const longestSaid = 8192;

/** The newest counters in what a program says; null where there are none. */
export function droppedIn(text: string): number | null {
  // dumpcap: `Packets received/dropped on interface 'eth0': 12/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)`
  const dumpcap = [...text.matchAll(/received\/dropped on interface [^\n]*?: \d+\/(\d+)/g)].at(-1)?.[1];
  if (dumpcap !== undefined) return Number(dumpcap);
  // tcpdump: `3 packets dropped by kernel`, and by the interface where that counts.
  const last = (who: string): string | undefined =>
    [...text.matchAll(new RegExp(`(\\d+) packets? dropped by ${who}`, 'g'))].at(-1)?.[1];
  const kernel = last('kernel');
  return kernel === undefined ? null : Number(kernel) + Number(last('interface') ?? 0);
}

/** One line for what a program said before it gave up. */
export function failureOf(program: ProgramName, device: string, said: string, signal: string | null): LiveError {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^(?:tcpdump|dumpcap|cap): /, '').trim())
    .filter(
      (line) => line !== '' && !/^(?:listening on|Capturing on|File: |\d+ packets? |Packets |Warning: )/.test(line),
    );
  const reason = lines.find((line) => !/^(?:verbose|Please|You may)/.test(line)) ?? '';
  if (/no such device|no such interface|no such device exists|is not a valid interface|doesn't exist/i.test(said)) {
    return new LiveError('no-device', `${device}: no such interface; "pptpscope interfaces" lists them`);
  }
  if (/permission|not permitted|are you root/i.test(said)) {
    return new LiveError(
      'no-permission',
      `${device}: ${program} has no permission to capture: ${permissionAdvice(program)}`,
    );
  }
  if (
    /syntax error|filter expression|can't parse filter|not a valid capture filter|invalid capture filter/i.test(said)
  ) {
    return new LiveError('bad-filter', `${program} does not take the capture filter: ${reason}`);
  }
  const ended = signal === null ? `${program} ended` : `${program} was ended by ${signal}`;
  return new LiveError('capture-failed', `${device}: ${reason === '' ? ended : `${ended}: ${reason}`}`);
}

/** The command that gives a program the right to capture. */
export function permissionAdvice(program: ProgramName): string {
  if (process.platform === 'darwin') return "run as root (sudo), or install Wireshark's ChmodBPF";
  const capabilities = 'cap_net_raw,cap_net_admin=eip';
  if (program === 'dumpcap') {
    return `run as root, or: sudo dpkg-reconfigure wireshark-common && sudo usermod -aG wireshark $USER`;
  }
  const file = program === 'cap' ? 'node' : program;
  return `run as root, or: sudo setcap ${capabilities} "$(readlink -f "$(command -v ${file})")"`;
}
