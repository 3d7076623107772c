import { describe, expect, it } from 'vitest';
import { Limits } from '../octets/limits.ts';
import { KeyAccounts } from './key-accounts.ts';

const accountsOf = (limits: ConstructorParameters<typeof Limits>[0]) => new KeyAccounts(new Limits(limits));

describe('keys that are made for missing packets', () => {
  it('cost a direction nothing where each packet follows the one before', () => {
    const direction = { keysMade: 0 };
    const keys = accountsOf({ 'key-changes': 10 }).of(direction);
    keys.decided = true;
    for (let packet = 0; packet < 1000; packet += 1) expect(keys.take(1)).toBe(true);
    expect(direction.keysMade).toBe(0);
  });

  it('cost one each, up to what a direction may', () => {
    const direction = { keysMade: 0 };
    const keys = accountsOf({ 'key-changes': 300 }).of(direction);
    keys.decided = true;
    expect([keys.take(201), keys.take(100), keys.take(2), direction.keysMade]).toEqual([true, true, false, 299]);
  });

  it('cost eight each while it is not known whose they are, and where they open nothing', () => {
    const direction = { keysMade: 0 };
    const keys = accountsOf({}).of(direction);
    keys.take(5);
    expect(direction.keysMade).toBe(40);
    keys.decided = true;
    keys.take(5);
    expect(direction.keysMade).toBe(44);
    keys.wasted(5);
    expect(direction.keysMade).toBe(80);
  });

  it('are earned again, sixteen by each packet', () => {
    const accounts = accountsOf({});
    const direction = { keysMade: 40 };
    accounts.earn(direction);
    expect(direction.keysMade).toBe(24);
    accounts.earn(direction);
    accounts.earn(direction);
    expect(direction.keysMade).toBe(0);
  });

  it('are bounded for all directions together, too', () => {
    const accounts = accountsOf({ 'key-changes-together': 1000 });
    const [one, other] = [{ keysMade: 0 }, { keysMade: 0 }];
    expect(accounts.of(one).take(100)).toBe(true);
    expect(accounts.of(other).take(100)).toBe(false);
    expect(other.keysMade).toBe(0);
  });
});
