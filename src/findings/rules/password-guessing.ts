/** Password guessing. */
import { counted } from '../../octets/words.ts';
import type { CaptureRule } from './rule.ts';

const attemptsAtLeast = 5;
const usersAtLeast = 3;

interface Failures {
  /** Id of the first tunnel. */
  readonly first: string;
  readonly frames: number[];
  readonly users: Set<string>;
  attempts: number;
}

export const passwordGuessing: CaptureRule = {
  id: 'password-guessing',
  title: 'Password guessing',
  severity: 'medium',
  what: 'One source fails to authenticate again and again, or with many user names.',
  why: 'It looks like somebody who guesses passwords, or sprays a few over many accounts; a client with an old password that dials on its own looks the same.',
  advice: 'Look at the source. Lock accounts after a few failures, and let only known addresses reach the server.',
  references: ['RFC 2759 §6'],
  evidence:
    'Five refused attempts, or refused attempts for three users, from one address at one server in one capture.',
  scope: 'capture',
  look() {
    const bySource = new Map<string, Failures>();
    return {
      see: ({ id, client, server, calls }) => {
        for (const call of calls) {
          for (const { evidence, attempts, user } of call.authentication) {
            if (evidence.failureFrames.length === 0) continue;
            const key = `${client.address} ${server.address}`;
            const failures = bySource.get(key) ?? { first: id, frames: [], users: new Set<string>(), attempts: 0 };
            bySource.set(key, failures);
            // A refusal that is sent again counts once.
            failures.attempts += Math.max(1, Math.min(attempts, evidence.failureFrames.length));
            failures.frames.push(...evidence.failureFrames);
            if (user !== null) failures.users.add(user);
          }
        }
      },
      hits: () =>
        [...bySource.values()]
          .filter(({ attempts, users }) => attempts >= attemptsAtLeast || users.size >= usersAtLeast)
          .map(({ first, frames, users, attempts }) => ({
            tunnel: first,
            call: null,
            basis: 'used',
            frames,
            detail: `${attempts} refused attempts of one client for ${counted(users.size, 'user name')}.`,
          })),
    };
  },
};
