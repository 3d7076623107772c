import { describe, expect, it } from 'vitest';
import { Limits } from '../octets/limits.ts';
import { EchoTracker } from './echo.ts';

const at = (seconds: number) => ({ seconds, nanoseconds: 0 });

describe('EchoTracker', () => {
  it('pairs by sender and identifier', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.request(0, 7, 1 + 10, at(10));
    tracker.request(1, 7, 1 + 11, at(11));
    tracker.reply(0, 7, 1 + 14, at(14));
    expect(tracker.model(0)).toMatchObject({ requests: 2, replies: 1, unanswered: 1, medianRttMilliseconds: 3000 });
    tracker.reply(1, 7, 1 + 15, at(15));
    expect(tracker.model(0).unanswered).toBe(0);
  });

  it('tells whose requests are not answered', () => {
    const tracker = new EchoTracker(new Limits());
    for (const [identifier, frame] of [
      [1, 11],
      [2, 21],
      [3, 31],
    ] as const) {
      tracker.request(0, identifier, frame, at(frame));
      tracker.request(1, identifier, frame + 1, at(frame));
      tracker.reply(1, identifier, frame + 2, at(frame));
    }
    expect(tracker.model(1)).toMatchObject({
      requests: 6,
      unanswered: 3,
      bySide: {
        client: { requests: 3, unanswered: 3, unansweredAtEnd: 3, lastUnansweredFrame: 32 },
        server: { requests: 3, unanswered: 0, unansweredAtEnd: 0, lastUnansweredFrame: null },
      },
    });
  });

  it('takes no reply that comes when the asking end has closed the link, but to what is asked after that (RFC 1661 §5.8)', () => {
    const tracker = new EchoTracker(new Limits());
    for (const seconds of [4, 8, 12]) tracker.request(0, seconds, seconds, at(seconds));
    for (const identifier of [4, 8, 12]) tracker.reply(1, identifier, 30 + identifier, at(36), at(16));
    expect(tracker.model(0).bySide.client).toMatchObject({ requests: 3, unanswered: 3, unansweredAtEnd: 3 });
    tracker.request(0, 20, 50, at(50));
    tracker.reply(1, 20, 51, at(51), at(16));
    expect(tracker.model(0).bySide.client).toMatchObject({ requests: 4, unanswered: 3, unansweredAtEnd: 0 });
  });

  it('takes identifiers that do not count up, and replies to nothing', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.request(0, 0xffffffff, 1 + 1, at(1));
    tracker.reply(1, 0xffffffff, 1 + 1, at(1));
    tracker.reply(1, 5, 1 + 2, at(2));
    expect(tracker.model(0)).toMatchObject({ requests: 1, replies: 2, unanswered: 0, medianRttMilliseconds: 0 });
  });

  it('counts what is unanswered since the last reply', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.request(0, 1, 11, at(1));
    tracker.reply(1, 1, 1 + 1, at(1));
    tracker.request(0, 2, 12, at(2));
    tracker.request(0, 3, 13, at(3));
    const trailing = { unansweredAtEnd: 2, lastUnansweredFrame: 13 };
    expect(tracker.model(0)).toMatchObject({ ...trailing, unansweredAtEndFrom: 'client' });
    expect(tracker.model(1)).toMatchObject({ ...trailing, unansweredAtEndFrom: 'server' });
    tracker.reply(1, 3, 1 + 4, at(4));
    expect(tracker.model(0)).toMatchObject({ unansweredAtEnd: 0, unansweredAtEndFrom: null });
  });

  it('does not count a reply with another identifier as one', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.request(0, 5, 11, at(1));
    tracker.reply(1, 6, 12, at(2));
    expect(tracker.model(0)).toMatchObject({ requests: 1, replies: 1, unansweredAtEnd: 1, lastUnansweredFrame: 11 });
  });

  it('pairs replies that are read before their requests', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.reply(1, 1, 12, at(2));
    tracker.request(0, 1, 11, at(1));
    expect(tracker.model(0)).toMatchObject({ unanswered: 0, unansweredAtEnd: 0, medianRttMilliseconds: 1000 });
  });

  it('pairs a reply that the capture holds before its request, by their times', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.reply(1, 1, 12, at(2));
    tracker.request(0, 1, 13, at(1));
    expect(tracker.model(0)).toMatchObject({ unanswered: 0, unansweredAtEnd: 0, medianRttMilliseconds: 1000 });
  });

  it('does not take an old reply for that of a later request', () => {
    const tracker = new EchoTracker(new Limits());
    tracker.reply(1, 1, 12, at(2));
    tracker.request(0, 1, 13, at(3));
    expect(tracker.model(0)).toMatchObject({ unanswered: 1, unansweredAtEnd: 1 });
  });

  it('gives up the oldest of too many', () => {
    const tracker = new EchoTracker(new Limits());
    for (let identifier = 0; identifier < 100; identifier += 1)
      tracker.request(0, identifier, 1 + identifier, at(identifier));
    tracker.reply(1, 0, 1 + 100, at(100));
    tracker.reply(1, 99, 1 + 100, at(100));
    expect(tracker.model(0)).toMatchObject({ requests: 100, replies: 2, unanswered: 99, medianRttMilliseconds: 1000 });
  });
});
