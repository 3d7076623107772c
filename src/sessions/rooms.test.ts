import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lodger, Rooms } from './rooms.ts';

const roomWords = 5;

test('everybody has a room of his own, which is empty when he gets it', () => {
  const step = fc.record({ who: fc.nat({ max: 200 }), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const rooms = new Rooms(roomWords);
      const lodgers = Array.from({ length: 201 }, (): Lodger => ({ page: null, base: 0 }));
      for (const { who, leaves } of steps) {
        const lodger = lodgers[who];
        if (lodger === undefined) continue;
        if (leaves) rooms.takeBack(lodger);
        else if (lodger.page === null) {
          rooms.give(lodger);
          expect([...words(lodger)]).toEqual(new Array(roomWords).fill(0));
          words(lodger).fill(who + 1);
        }
      }
      for (const [who, lodger] of lodgers.entries()) {
        if (lodger.page !== null) expect([...words(lodger)]).toEqual(new Array(roomWords).fill(who + 1));
      }
    }),
    { numRuns: 30 },
  );
});

function words({ page, base }: Lodger): Int32Array {
  return page?.subarray(base, base + roomWords) ?? new Int32Array(0);
}
