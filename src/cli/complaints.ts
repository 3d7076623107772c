/** What went wrong while captures were read and does not keep a command from going on: lines on standard error. */
import type { ReachedLimit } from '../octets/limits.ts';
import type { CaptureReport, ReportSource } from '../report/contract.ts';
import { complain, type Io } from './io.ts';

/**
 * One line for each capture that could not be read; whether there was one. `hint`: what to add where there is no such file, by
 * its name.
 */
export async function complainOfUnread(
  io: Io,
  report: Pick<ReportSource, 'captures'>,
  hint: (name: string) => string = () => '',
): Promise<boolean> {
  const unread = report.captures.filter(isUnread);
  for (const { path, problems } of unread) {
    const name = path === '-' ? 'standard input' : path;
    const { code, message: reason } = problems[0] ?? { code: '', message: 'could not be read' };
    const more = code === 'not-found' ? hint(name) : '';
    await complain(io, (reason.startsWith(`${name}:`) ? reason : `${name}: ${reason}`) + more);
  }
  return unread.length > 0;
}

/** No capture at all, or one whose reading broke off. Damage inside a capture is not meant. */
function isUnread({ kind, problems }: CaptureReport): boolean {
  return kind === null || problems.some(({ code }) => code === 'read-failed');
}

/** One line for each limit that was reached, where what is printed has no place for it. */
export async function complainOfLimits(io: Io, limits: readonly ReachedLimit[]): Promise<void> {
  for (const { limit, message } of limits) await complain(io, `limit reached: ${message} (--limit ${limit}=...)`);
}
