import { describe, expect, it } from 'vitest';
import { EchoTracker } from './echo.ts';

const at = (seconds: number) => ({ seconds, nanoseconds: 0 });

describe('EchoTracker', () => {
  it('pairs by sender and identifier', () => {
    const tracker = new EchoTracker();
    tracker.request(0, 7, at(10));
    tracker.request(1, 7, at(11));
    tracker.reply(0, 7, at(14));
    expect(tracker.model()).toEqual({ requests: 2, replies: 1, unanswered: 1, medianRttMilliseconds: 3000 });
    tracker.reply(1, 7, at(15));
    expect(tracker.model().unanswered).toBe(0);
  });

  it('takes identifiers that do not count up, and replies to nothing', () => {
    const tracker = new EchoTracker();
    tracker.request(0, 0xffffffff, at(1));
    tracker.reply(1, 0xffffffff, at(1));
    tracker.reply(1, 5, at(2));
    expect(tracker.model()).toEqual({ requests: 1, replies: 2, unanswered: 0, medianRttMilliseconds: 0 });
  });

  it('gives up the oldest of too many', () => {
    const tracker = new EchoTracker();
    for (let identifier = 0; identifier < 100; identifier += 1) tracker.request(0, identifier, at(identifier));
    tracker.reply(1, 0, at(100));
    tracker.reply(1, 99, at(100));
    expect(tracker.model()).toMatchObject({ requests: 100, replies: 2, unanswered: 99, medianRttMilliseconds: 1000 });
  });
});
