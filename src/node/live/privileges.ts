/**
 * Root is only for opening the device: afterwards this process becomes somebody else, for good. Files that are opened later
 * (rotation) must be that user's to write.
 */
import { execFileSync } from 'node:child_process';
import { LiveError } from './error.ts';

export interface UserIdentity {
  readonly name: string;
  readonly userId: number;
  readonly groupId: number;
}

/** Looks the user up, so that a wrong name is found before anything is opened. Throws a LiveError. */
export function userNamed(name: string): UserIdentity {
  if (process.getuid === undefined) throw new LiveError('bad-user', 'this system has no users to change to');
  if (process.getuid() !== 0)
    throw new LiveError('bad-user', '--user is for root: nobody else can become another user');
  const number = (flag: string): number => {
    try {
      // `--`: a name is no option.
      return Number(execFileSync('id', [flag, '--', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    } catch (error) {
      throw new LiveError('bad-user', `${name}: no such user`, { cause: error });
    }
  };
  return { name, userId: number('-u'), groupId: number('-g') };
}

/** Node has it (process.initgroups); its types do not. */
interface Initgroups {
  initgroups?: (user: string, extraGroup: number) => void;
}

/** Becomes the user. Throws where any step fails: going on as root would be the opposite of what was asked. */
export function become({ name, userId, groupId }: UserIdentity): void {
  const { initgroups, setgid, setuid, getuid }: NodeJS.Process & Initgroups = process;
  if (initgroups === undefined || setgid === undefined || setuid === undefined || getuid === undefined) {
    throw new LiveError('bad-user', 'this system has no users to change to');
  }
  initgroups.call(process, name, groupId);
  setgid.call(process, groupId);
  setuid.call(process, userId);
  if (userId === 0) return;
  try {
    setuid.call(process, 0);
  } catch {
    return;
  }
  throw new LiveError('bad-user', `${name}: could become root again, so privileges were not dropped`);
}
