/** How many keys of MPPE are made for what is missing: time goes with the input, whatever somebody sends. */
import type { KeyBudget } from '../mppe/decryptor.ts';
import type { Limits } from '../octets/limits.ts';

/** A key that is only tried, or opens nothing, counts as so many: a direction that none opens ends it soon. */
const trialWeight = 8;
/** Each encrypted packet earns so many keys. */
const keysEarned = 16;

/** Of one direction. */
export interface KeyAccount {
  /** Keys that were made for missing packets, or in vain, less those that packets have earned since. */
  keysMade: number;
}

/** Several keys, of which one may be the one. */
export interface TriedKeys extends KeyBudget {
  /** It is known which. */
  decided: boolean;
}

/** Of all directions of a capture. */
export class KeyAccounts {
  private readonly together: KeyAccount = { keysMade: 0 };
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** An encrypted packet came. */
  earn(direction: KeyAccount): void {
    for (const account of [direction, this.together]) account.keysMade = Math.max(0, account.keysMade - keysEarned);
  }

  of(direction: KeyAccount): TriedKeys {
    const { together, limits } = this;
    const spend = (keys: number): void => {
      direction.keysMade += keys;
      together.keysMade += keys;
    };
    // A packet that follows the one before has a key of its own.
    const weightOf = (keys: number): number => (tried.decided ? Math.max(0, keys - 1) : keys * trialWeight);
    const tried: TriedKeys = {
      decided: false,
      take: (keys) => {
        const counted = weightOf(keys);
        if (counted > 0 && limits.full('key-changes', direction.keysMade + counted)) return false;
        if (counted > 0 && limits.full('key-changes-together', together.keysMade + counted)) return false;
        spend(counted);
        return true;
      },
      wasted: (keys) => spend(keys * trialWeight - weightOf(keys)),
    };
    return tried;
  }
}
