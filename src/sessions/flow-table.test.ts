import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTable } from './flow-table.ts';
import { GreFlow } from './gre-flow.ts';

const key = fc.record({
  source: fc.integer({ min: 0, max: 7 }).map((n) => n * 0x2000_0001),
  destination: fc.integer({ min: 0, max: 7 }).map((n) => 0x1_0000_0000 + n),
  callId: fc.integer({ min: 0, max: 40 }),
});

describe('FlowTable', () => {
  it('behaves as a map, whatever is set and removed in whatever order', () => {
    const commands = fc.array(fc.record({ key, action: fc.constantFrom('set', 'remove', 'find') }), {
      maxLength: 3000,
    });
    fc.assert(
      fc.property(commands, (list) => {
        const table = new FlowTable();
        const model = new Map<string, GreFlow>();
        for (const { key: wanted, action } of list) {
          const { source, destination, callId } = wanted;
          const name = `${source} ${destination} ${callId}`;
          if (action === 'set') {
            const flow = new GreFlow(source, destination, callId);
            table.set(flow);
            model.set(name, flow);
          } else if (action === 'remove') {
            const flow = model.get(name);
            if (flow !== undefined) table.remove(flow);
            model.delete(name);
          }
          expect(table.find(source, destination, callId)).toBe(model.get(name) ?? null);
          expect(table.size).toBe(model.size);
        }
        for (const flow of model.values()) expect(table.find(flow.source, flow.destination, flow.callId)).toBe(flow);
      }),
      { numRuns: 30 },
    );
  });

  it('does not remove another flow of the same key', () => {
    const table = new FlowTable();
    const old = new GreFlow(1, 2, 3);
    const current = new GreFlow(1, 2, 3);
    table.set(old);
    table.set(current);
    table.remove(old);
    expect(table.find(1, 2, 3)).toBe(current);
  });

  it('holds more flows than its first size', () => {
    const table = new FlowTable();
    for (let callId = 0; callId < 5000; callId += 1) table.set(new GreFlow(9, 8, callId));
    for (let callId = 0; callId < 5000; callId += 1) expect(table.find(9, 8, callId)?.callId).toBe(callId);
    expect(table.find(8, 9, 1)).toBeNull();
  });
});
