import { describe, expect, it } from 'vitest';
import { at } from '../../test/support/followed.ts';
import { Callback } from './callback.ts';

describe('CBCP (draft-gidwani-ppp-callback-cp-00 §3)', () => {
  it('is begun by who sends Callback-Requests and -Acks, whichever packet comes first', () => {
    expect([1, 2, 3].map((code) => new Callback(1, code, 4, at(0)).by)).toEqual([1, 0, 1]);
  });

  it('counts its three kinds of packets, and no others', () => {
    const callback = new Callback(1, 1, 4, at(7));
    for (const [index, code] of [1, 1, 2, 3, 9].entries()) callback.packet(code, 4 + index);
    expect(callback).toMatchObject({ requests: 2, responses: 1, acknowledgments: 1, firstFrame: 4, lastFrame: 8 });
    expect(callback.first).toEqual(at(7));
  });
});
