import { describe, expect, it } from 'vitest';
import { GreView } from '../gre/view.ts';
import { CaptureLosses } from './capture-losses.ts';
import { SequenceTracker } from './sequence.ts';

const bare = new GreView();

function acknowledging(number: number): GreView {
  return Object.assign(new GreView(), { acknowledgmentPresent: true, acknowledgmentNumber: number });
}

class Direction {
  readonly sequence = new SequenceTracker();
  numberedFrame = 0;
  acknowledging = -1;
  readonly losses = new CaptureLosses(this);
  reverse: Direction | null = null;

  /** A packet with that number, as a flow counts it. */
  packet(frame: number, number: number, gre = bare): void {
    const { count, last } = this.sequence;
    this.sequence.push(number);
    this.losses.came(number);
    if (count > 0 && number > last + 1) this.losses.leftOut(last + 1, number - last - 1, frame, gre);
    this.numberedFrame = frame;
  }
}

function bothDirections(): [Direction, Direction] {
  const one = new Direction();
  const other = new Direction();
  one.reverse = other;
  other.reverse = one;
  return [one, other];
}

describe('CaptureLosses', () => {
  it('takes what nobody acknowledged for lost on the way', () => {
    const one = new Direction();
    one.packet(1, 0);
    one.packet(2, 2);
    expect(one.sequence.lost).toBe(1);
    expect(one.losses.missed(0)).toBeNull();
  });

  it('misses what was acknowledged (RFC 2637 §4.3) and never came', () => {
    const one = new Direction();
    one.packet(1, 0);
    one.packet(4, 2);
    one.losses.awaits(1, 5);
    expect(one.losses.acknowledgedUnseen(0)).toBe(1);
    expect(one.losses.missed(0)).toEqual({ packets: 1, between: 1, before: 1, after: 4 });
  });

  it('misses nothing where the packet stands behind its acknowledgment: captures reorder', () => {
    const one = new Direction();
    one.packet(1, 0);
    one.losses.awaits(1, 2);
    one.packet(3, 1);
    expect(one.losses.acknowledgedUnseen(0)).toBe(0);
    expect(one.losses.missed(0)).toBeNull();
  });

  it('misses what was left out of both directions at the same time', () => {
    const [one, other] = bothDirections();
    one.packet(1, 0);
    other.packet(2, 0);
    one.packet(9, 5, acknowledging(3));
    other.packet(10, 4, acknowledging(5));
    expect(one.losses.missed(0)).toEqual({ packets: 4, between: 4, before: 1, after: 9 });
    expect(other.losses.missed(0)).toEqual({ packets: 3, between: 3, before: 2, after: 10 });
  });

  it('but not where one end goes on acknowledging what it had before: it did not receive them', () => {
    const [one, other] = bothDirections();
    one.packet(1, 0);
    other.packet(2, 0);
    one.packet(9, 5, acknowledging(0));
    other.packet(10, 4, acknowledging(5));
    expect(one.losses.missed(0)).toBeNull();
    expect(other.losses.missed(0)).toBeNull();
  });

  it('forgets what it awaits when the sender counts anew', () => {
    const one = new Direction();
    one.packet(1, 0);
    one.packet(2, 2);
    one.losses.awaits(1, 3);
    one.losses.restarted();
    expect(one.losses.acknowledgedUnseen(0)).toBe(0);
  });
});
