/** Two network namespaces with a pair of virtual interfaces between them, for tests that really sniff. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { EventLine } from '../../src/report/event-contract.ts';

const program = fileURLToPath(new URL('../../dist/bin/pptpscope.js', import.meta.url));
const sender = fileURLToPath(new URL('replay.py', import.meta.url));

/** Why there can be no such network here; null where there can. */
export function whyNoNetwork(): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  for (const words of [
    ['python3', '--version'],
    ['ip', '-V'],
  ] as const) {
    try {
      execFileSync(words[0], words.slice(1), { stdio: 'ignore' });
    } catch {
      return `needs ${words[0]}`;
    }
  }
  try {
    new Network('probe').close();
    return null;
  } catch {
    return 'the kernel does not allow network namespaces';
  }
}

export class Network {
  /** The interface that is listened on. */
  readonly device = 'listen';
  private readonly here: string;
  private readonly there: string;

  constructor(name: string) {
    this.here = `pptpscope-${process.pid}-${name}-a`;
    this.there = `pptpscope-${process.pid}-${name}-b`;
    try {
      this.up();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private up(): void {
    run('ip', 'netns', 'add', this.here);
    run('ip', 'netns', 'add', this.there);
    run(
      'ip',
      'link',
      'add',
      this.device,
      'netns',
      this.here,
      'type',
      'veth',
      'peer',
      'name',
      'send',
      'netns',
      this.there,
    );
    for (const [place, device] of [
      [this.here, this.device],
      [this.there, 'send'],
    ] as const) {
      // The kernel's own multicast would be frames that the capture does not hold.
      run('ip', 'netns', 'exec', place, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
      run('ip', 'netns', 'exec', place, 'ip', 'link', 'set', device, 'mtu', '9000', 'up');
    }
  }

  /** The program, listening; resolves when the device is open. */
  async live(words: readonly string[]): Promise<LiveRun> {
    const command = ['netns', 'exec', this.here, process.execPath, program, 'live', '-i', this.device, ...words];
    const started = new LiveRun(spawn('ip', [...command, '--format', 'jsonl'], { stdio: ['ignore', 'pipe', 'pipe'] }));
    await started.until(({ kind }) => kind === 'capture-started');
    return started;
  }

  /** Sends the frames of a capture to the interface; 1 is the capture's own pace, 0 as fast as it goes. */
  async replay(path: string, pace: number): Promise<void> {
    const child = spawn('ip', ['netns', 'exec', this.there, 'python3', sender, 'send', path, String(pace)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) throw new Error(`replay.py ended with ${status}`);
  }

  /** Gives both ends an IPv4 address; the one that is listened on has the first. */
  address(here: string, there: string): void {
    run('ip', '-n', this.here, 'address', 'add', here, 'dev', this.device);
    run('ip', '-n', this.there, 'address', 'add', there, 'dev', 'send');
  }

  /** Starts a program at one of the ends. */
  spawn(end: 'here' | 'there', words: readonly string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this[end], ...words], { stdio: 'ignore' });
  }

  /** Runs `ip link` where the interface is. */
  link(...words: string[]): void {
    run('ip', 'netns', 'exec', this.here, 'ip', 'link', ...words);
  }

  /** With all that is in it. */
  close(): void {
    for (const place of [this.here, this.there]) {
      try {
        run('ip', 'netns', 'del', place);
      } catch {
        // It was not made.
      }
    }
  }
}

/** `live` where this test runs, with a pipe to its standard input. */
export function pptpscopeLive(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, 'live', ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** A running `live --format jsonl`. */
export class LiveRun {
  readonly events: EventLine[] = [];
  errors = '';
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private readonly closed: Promise<number | null>;
  private status: number | null | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.events.push(JSON.parse(line));
      for (const look of this.waiting) look();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.closed = new Promise((resolve) => {
      child.once('close', (status) => {
        this.status = status;
        resolve(status);
        for (const look of this.waiting) look();
      });
    });
  }

  get processId(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves with the first event of that kind, past or to come; throws where the program ends before it. */
  until(wanted: (event: EventLine) => boolean): Promise<EventLine> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.events.find(wanted);
        if (found === undefined && this.status === undefined) return;
        this.waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`live ended with ${this.status}: ${this.errors}`));
      };
      this.waiting.add(look);
      look();
    });
  }

  /** Writes to its standard input, which stays open. */
  input(octets: Uint8Array): Writable {
    const { stdin } = this.child;
    if (stdin === null) throw new Error('no standard input');
    // It may end before all is read.
    stdin.on('error', () => {});
    stdin.write(octets);
    return stdin;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The exit status. */
  ended(): Promise<number | null> {
    return this.closed;
  }

  of<Kind extends EventLine['kind']>(kind: Kind): Extract<EventLine, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<EventLine, { kind: Kind }> => event.kind === kind);
  }
}

function run(name: string, ...words: string[]): void {
  execFileSync(name, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
