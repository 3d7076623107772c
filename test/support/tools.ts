/** Other programs that tests compare with, where they are installed. */
import { execFileSync } from 'node:child_process';

/** Whether `name` can be run here. Tests that need it are skipped otherwise, with the reason in their name. */
export function hasTool(name: 'tshark' | 'capinfos' | 'editcap' | 'mergecap' | 'zstd' | 'lz4' | 'gzip'): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Standard output of a program that has to succeed. */
export function outputOf(name: string, parameters: readonly string[], input?: Uint8Array): Buffer {
  return execFileSync(name, parameters, { input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] });
}
