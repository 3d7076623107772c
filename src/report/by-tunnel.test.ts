import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByTunnel } from './by-tunnel.ts';

test('what is said of a tunnel, in its order, wherever it stands', () => {
  const tunnel = fc.constantFrom('T1', 'T2', 'T3', null);
  fc.assert(
    fc.property(fc.array(fc.record({ tunnel, text: fc.string() })), (said) => {
      const byTunnel = new ByTunnel(said);
      for (const id of ['T1', 'T2', 'T3', 'T4', null]) {
        expect(byTunnel.of(id)).toEqual(said.filter((one) => one.tunnel === id));
      }
    }),
  );
});
