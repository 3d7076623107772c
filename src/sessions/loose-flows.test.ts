import { describe, expect, it } from 'vitest';
import { at, flowOf, greOf, packetAt } from '../../test/support/followed.ts';
import { GreFlow } from './gre-flow.ts';
import { LooseFlows } from './loose-flows.ts';

function handedOn(loose: LooseFlows, seconds: number): GreFlow[] {
  const flows: GreFlow[] = [];
  loose.older(at(seconds), (flow) => flows.push(flow));
  return flows;
}

describe('LooseFlows', () => {
  it('hands on what nobody has announced for more than five seconds, once', () => {
    const loose = new LooseFlows();
    const first = flowOf(0, [1, 100, { sequence: 0 }]);
    const second = flowOf(1, [2, 101, { sequence: 0 }]);
    loose.add(first);
    loose.add(second);
    expect(handedOn(loose, 105)).toEqual([]);
    expect(handedOn(loose, 105.5)).toEqual([first]);
    expect(handedOn(loose, 200)).toEqual([second]);
    expect(handedOn(loose, 300)).toEqual([]);
  });

  it('hands on nothing that was settled meanwhile', () => {
    const loose = new LooseFlows();
    const flow = flowOf(0, [1, 100, { sequence: 0 }]);
    loose.add(flow);
    loose.remove(flow);
    expect([loose.size, handedOn(loose, 200)]).toEqual([0, []]);
  });

  it('lets the others have their turn where one is of a later time than now: a clock was put back', () => {
    const loose = new LooseFlows();
    const later = flowOf(0, [1, 9000, { sequence: 0 }]);
    const before = flowOf(1, [2, 100, { sequence: 0 }]);
    loose.add(later);
    loose.add(before);
    expect(handedOn(loose, 110)).toEqual([before]);
    expect([loose.size, loose.all()]).toEqual([2, [later, before]]);
    expect(handedOn(loose, 9006)).toEqual([later]);
  });

  it('finds those between two addresses, whichever of them sends, 64 at most', () => {
    const loose = new LooseFlows();
    const flows = Array.from({ length: 70 }, (_, callId) => new GreFlow(1 + (callId % 2), 2 - (callId % 2), callId));
    for (const flow of flows) loose.add(flow);
    loose.add(new GreFlow(1, 3, 0));
    expect(loose.between(2, 1)).toEqual(flows.slice(0, 64));
    expect(loose.between(1, 3)).toHaveLength(1);
    expect(loose.between(2, 3)).toEqual([]);
  });

  it('names all of them in the order of their first frames', () => {
    const loose = new LooseFlows();
    const flows = [30, 10, 20].map((frame, callId) => {
      const flow = new GreFlow(callId, 9, callId);
      flow.count(packetAt(frame, frame), greOf({ sequence: 0 }));
      loose.add(flow);
      return flow;
    });
    expect(loose.all()).toEqual([flows[1], flows[2], flows[0]]);
  });
});
