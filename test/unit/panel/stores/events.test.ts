/** The log of events as the page shows it: without holes, and only what is wanted. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudioEvent } from '../../../../src/protocol/health.js';
import { openDesk, type Desk } from './desk.js';

const event = (id: number, text = `event ${id}`): StudioEvent => ({ id, kind: 'program', level: 'info', code: 'TAKE', text, by: null, at: '2026-05-01T10:00:00.000Z', lastAt: '2026-05-01T10:00:00.000Z', count: 1, ids: [] });
const PAGE = 3;

describe('the log of events', () => {
  let desk: Desk;
  let events: typeof import('../../../../src/panel/store/events.js');
  let state: typeof import('../../../../src/panel/store/state.js');
  let end: () => void;
  /** What happened, the newest last. */
  let happened: StudioEvent[];
  /** Answers are given when this is called, where a test wants that. */
  let held: (() => void)[] | null;

  const shown = () => events.shown.value.map(({ id }) => id);
  const happens = (id: number, isTold = true) => {
    happened.push(event(id));
    if (isTold) events.heard(event(id));
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    desk = await openDesk();
    events = await import('../../../../src/panel/store/events.js');
    state = await import('../../../../src/panel/store/state.js');
    happened = [1, 2, 3, 4, 5].map((id) => event(id));
    held = null;
    desk.rest = async ({ path }) => {
      const query = new URL(path, 'http://studio.test').searchParams;
      const older = happened.filter(({ id, text }) => id < Number(query.get('before') ?? Infinity) && text.includes(query.get('text') ?? '')).reverse();
      const items = older.slice(0, PAGE);
      if (held) await new Promise<void>((resolve) => held!.push(resolve));
      return { items, next: older.length > PAGE ? items.at(-1)!.id : null };
    };
    state.connection.value = 'open';
    end = events.followEvents();
    await vi.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    end();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is read by pages and followed', async () => {
    happens(6);
    expect(shown()).toEqual([6, 5, 4, 3]);
    await events.readOlder();
    expect([shown(), events.hasOlder.value]).toEqual([[6, 5, 4, 3, 2, 1], false]);
  });

  it('is read anew when the studio is back: nothing stands beside what is missing between', async () => {
    happens(6);
    state.connection.value = 'lost';
    for (let id = 7; id <= 11; id++) happens(id, false);
    state.connection.value = 'open';
    await vi.advanceTimersByTimeAsync(0);
    expect([shown(), events.hasOlder.value]).toEqual([[11, 10, 9], true]);
    while (events.hasOlder.value) await events.readOlder();
    expect(shown()).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('is read anew when more was told than is kept', async () => {
    for (let id = 6; id <= 510; id++) happens(id);
    await vi.advanceTimersByTimeAsync(0);
    const ids = shown();
    expect(ids[0]).toBe(510);
    expect(ids).toEqual(ids.map((_, i) => 510 - i));
    await events.readOlder();
    expect(shown()).toEqual(shown().map((_, i) => 510 - i));
  });

  it('has no older page of what was wanted before', async () => {
    held = [];
    const older = events.readOlder();
    events.wanted.value = { kind: '', level: 'info', text: 'event 5' };
    await vi.advanceTimersByTimeAsync(300);
    for (const answer of held.reverse()) answer();
    await older;
    await vi.advanceTimersByTimeAsync(0);
    expect(shown()).toEqual([5]);
  });
});
