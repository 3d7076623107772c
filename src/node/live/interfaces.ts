/**
 * The devices that can be listened on, and which backends can: tried, not guessed, because rights come in many ways (root,
 * file capabilities, groups).
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { CapCapture, loadCap } from './cap.ts';
import { LiveError } from './error.ts';
import { failureOf, type ProgramName, permissionAdvice, programPath } from './programs.ts';

export interface Device {
  readonly name: string;
  readonly addresses: readonly string[];
  /** null where the system does not say. */
  readonly up: boolean | null;
}

export interface BackendState {
  readonly name: string;
  readonly works: boolean;
  /** Why not, or what works. */
  readonly detail: string;
  /** The command that mends it; null where nothing is missing or nothing is known. */
  readonly mend: string | null;
}

const systemFolder = '/sys/class/net';
const flagUp = 1;

/** Whether the device is up (IFF_UP); null where the system does not say, `gone` where it is not there any more. */
export function deviceState(name: string, folder = systemFolder): 'up' | 'down' | 'gone' | null {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return null;
  }
  if (!names.includes(name)) return 'gone';
  try {
    const flags = Number(readFileSync(`${folder}/${name}/flags`, 'utf8').trim());
    return (flags & flagUp) === 0 ? 'down' : 'up';
  } catch {
    return null;
  }
}

/** All devices; those without an address as well where the system lists them. */
export function devices(folder = systemFolder): Device[] {
  const known = networkInterfaces();
  const names = new Set(Object.keys(known));
  try {
    for (const name of readdirSync(folder)) names.add(name);
  } catch {
    // Only Linux has it.
  }
  return [...names].sort().map((name) => {
    const state = deviceState(name, folder);
    return {
      name,
      addresses: (known[name] ?? []).map(({ address }) => address),
      up: state === 'up' ? true : state === 'down' ? false : name in known ? true : null,
    };
  });
}

/** Milliseconds in which a program has opened the device or given up. */
const patience = 3000;

/** Tries each backend on the device. */
export async function backends(device: string | null): Promise<BackendState[]> {
  const programs: Promise<BackendState>[] = (['tcpdump', 'dumpcap'] as const).map((name) => programState(name, device));
  return [
    ...(await Promise.all(programs)),
    await capState(device),
    { name: 'stdin', works: true, detail: 'a capture on standard input: live -i -', mend: null },
  ];
}

async function capState(device: string | null): Promise<BackendState> {
  const module = await loadCap();
  if (!('Cap' in module)) return { name: 'cap', works: false, ...module };
  if (device === null) return { name: 'cap', works: false, detail: 'there is no device to try it on', mend: null };
  try {
    new CapCapture(module, device, 'less 1').stop();
    return { name: 'cap', works: true, detail: 'in this process; arrival times, no drop counters', mend: null };
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    const refused = error.code === 'no-permission';
    const detail = refused ? 'no permission to capture' : error.message;
    return { name: 'cap', works: false, detail, mend: refused ? permissionAdvice('node') : null };
  }
}

async function programState(name: ProgramName, device: string | null): Promise<BackendState> {
  const path = programPath(name);
  const debian = { tcpdump: 'tcpdump', dumpcap: 'wireshark-common' }[name];
  if (path === null) {
    return { name, works: false, detail: 'not installed', mend: `sudo apt-get install ${debian}` };
  }
  if (device === null)
    return { name, works: false, detail: `${path}, but there is no device to try it on`, mend: null };
  const said = await tried(path, name, device);
  if (said === null) return { name, works: true, detail: path, mend: null };
  const { code, message } = failureOf(name, device, said, null);
  if (code !== 'no-permission') return { name, works: false, detail: message, mend: null };
  return { name, works: false, detail: `${path}: no permission to capture`, mend: permissionAdvice(name) };
}

/** Starts the program and ends it as soon as it listens; what it said where it does not. */
function tried(path: string, name: ProgramName, device: string): Promise<string | null> {
  // Packets that nothing matches: `less 1` is a frame of one octet.
  const words =
    name === 'tcpdump' ? ['-i', device, '-w', '/dev/null', 'less 1'] : ['-q', '-i', device, '-w', '-', '-f', 'less 1'];
  return new Promise((resolve) => {
    const child = spawn(path, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    let works = false;
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4096);
      // dumpcap says `Capturing on` before it has opened the device, and `File:` after that.
      if (!/listening on|File: /.test(said)) return;
      works = true;
      child.kill('SIGINT');
    });
    child.once('error', (error) => {
      said += error.message;
    });
    child.once('close', () => {
      clearTimeout(timer);
      resolve(works ? null : said);
    });
  });
}
