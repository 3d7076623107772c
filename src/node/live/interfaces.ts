/**
 * The devices that can be listened on, and which backends can: tried, not guessed, because rights come in many ways (root,
 * file capabilities, groups).
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { capProgram } from './cap.ts';
import { executable, failureOf, type ProgramName, permissionAdvice } from './programs.ts';

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
  const programs = (['tcpdump', 'dumpcap', 'cap'] as const).map((name) => programState(name, device));
  return [
    ...(await Promise.all(programs)),
    { name: 'stdin', works: true, detail: 'a capture on standard input: live -i -', mend: null },
  ];
}

async function programState(name: ProgramName, device: string | null): Promise<BackendState> {
  const found = await executable(name);
  if (!('path' in found)) return { name, works: false, ...found };
  const detail = name === 'cap' ? 'libpcap in a process of Node; arrival times, no drop counters' : found.path;
  if (device === null) return { name, works: false, detail: 'there is no device to try it on', mend: null };
  const said = await tried(found.path, name, device);
  if (said === null) return { name, works: true, detail, mend: null };
  const { code, message } = failureOf(name, device, said, null);
  if (code !== 'no-permission') return { name, works: false, detail: message, mend: null };
  return { name, works: false, detail: 'no permission to capture', mend: permissionAdvice(name) };
}

/** Starts the program and ends it as soon as it listens; what it said where it does not. */
function tried(path: string, name: ProgramName, device: string): Promise<string | null> {
  // Packets that nothing matches: `less 1` is a frame of one octet.
  const words = {
    tcpdump: ['-i', device, '-w', '/dev/null', 'less 1'],
    dumpcap: ['-q', '-i', device, '-w', '-', '-f', 'less 1'],
    cap: [capProgram, device, 'less 1', ''],
  }[name];
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
