import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Watching } from '../../../src/studio/ws/multiview.js';
import { TileShare, type TileClient } from '../../../src/studio/ws/tile-share.js';
import { FakeClock } from '../../fakes/fake-clock.js';

const tile = (n: number) => Uint8Array.of(n);

describe('tiles to the clients', () => {
  let clock: FakeClock;
  let clients: (TileClient & { sent: number[]; socket: { bufferedAmount: number } })[];
  let share: TileShare;

  beforeEach(() => {
    vi.useFakeTimers();
    clock = new FakeClock();
    clients = [];
    share = new TileShare(clock, clients);
  });
  afterEach(() => {
    share.stop();
    vi.useRealTimers();
  });

  function client(fps = 10) {
    const sent: number[] = [];
    const socket = { readyState: 1, OPEN: 1, bufferedAmount: 0, send: (bytes: Uint8Array) => sent.push(bytes[0]!) };
    const one = { sent, socket: socket as never, watching: new Watching([{ id: 'src_a', width: 320, fps }]) };
    clients.push(one);
    return one as (typeof clients)[number];
  }
  function pass(ms: number): void {
    for (let at = 0; at < ms; at += 10) {
      clock.advance(10);
      vi.advanceTimersByTime(10);
    }
  }

  it('that came too early are given a little later, the newest of them, though none follows', () => {
    const one = client();
    share.send('src_a', tile(1));
    pass(10);
    share.send('src_a', tile(2));
    share.send('src_a', tile(3));
    expect(one.sent).toEqual([1]);
    pass(200);
    expect(one.sent).toEqual([1, 3]);
  });

  it('go to who reads slowly once that has read, and are counted once', () => {
    const one = client();
    one.socket.bufferedAmount = 1_000_000;
    share.send('src_a', tile(1));
    pass(500);
    expect([one.sent, share.skipped]).toEqual([[], 1]);
    one.socket.bufferedAmount = 0;
    pass(100);
    expect([one.sent, share.skipped]).toEqual([[1], 1]);
  });

  it('that are there are shown to who begins to watch, as long as anybody has watched them', () => {
    client();
    share.send('src_a', tile(7));
    const later = client();
    share.show(later);
    expect(later.sent).toEqual([7]);
    share.keep(new Set());
    const last = client();
    share.show(last);
    expect(last.sent).toEqual([]);
  });
});
