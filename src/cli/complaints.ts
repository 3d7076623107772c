/** What went wrong while captures were read and does not keep a command from going on: lines on standard error. */
import type { ReachedLimit } from '../octets/limits.ts';
import type { CaptureReport, ReportSource } from '../report/contract.ts';
import { complain, type Io } from './io.ts';

/** A word that is no command is taken for a file. */
const commandLike = /^[a-z]+$/;

/** One line for each capture that could not be read; whether there was one. */
export async function complainOfUnread(io: Io, report: Pick<ReportSource, 'captures'>): Promise<boolean> {
  const unread = report.captures.filter(isUnread);
  for (const { path, problems } of unread) {
    const name = path === '-' ? 'standard input' : path;
    const { code, message: reason } = problems[0] ?? { code: '', message: 'could not be read' };
    const hint = code === 'not-found' && commandLike.test(name) ? ' and no command (pptpscope --help has them)' : '';
    await complain(io, (reason.startsWith(`${name}:`) ? reason : `${name}: ${reason}`) + hint);
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
