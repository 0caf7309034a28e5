/** What cameras on a timeline show now: asked for slowly, for what is in view alone, and painted together. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TileWish } from '../../../../src/protocol/multiview.js';
import { NowPictures } from '../../../../src/panel/lib/timeline/now-pictures.js';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function stage() {
  const asked = new Map<string, { wish: TileWish; come(): void }>();
  const had = new Map<string, string>();
  let painted = 0;
  const now = new NowPictures<string>({
    of: (id) => had.get(id),
    watch: (wish, onPicture) => {
      asked.set(wish.id, { wish, come: onPicture });
      return () => { asked.delete(wish.id); };
    },
  }, () => { painted += 1; });
  const paint = (...ids: string[]) => {
    now.begin();
    return ids.map((id) => now.of(id));
  };
  return { now, asked, had, paint, painted: () => painted };
}

test('each thing in view is asked for once, slowly and small, however often it is painted and however many clips show it', () => {
  const { now, asked, paint } = stage();
  expect(paint('camera', 'camera', 'scene')).toEqual([undefined, undefined, undefined]);
  expect(asked.size).toBe(0);
  paint('camera', 'scene');
  vi.advanceTimersByTime(400);
  expect([...asked.values()].map(({ wish }) => wish)).toEqual([{ id: 'camera', width: 96, fps: 0.2 }, { id: 'scene', width: 96, fps: 0.2 }]);
  now.close();
  expect(asked.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('pictures that come within a beat are painted together, and without one nothing is painted', () => {
  const { asked, paint, painted } = stage();
  paint('a', 'b');
  vi.advanceTimersByTime(4_000);
  expect(painted()).toBe(0);
  for (const { come } of asked.values()) come();
  expect(painted()).toBe(0);
  vi.advanceTimersByTime(4_000);
  expect(painted()).toBe(1);
});

test('what is out of view for five seconds is not asked for any more, and then nothing goes on', () => {
  const { asked, paint } = stage();
  paint('a');
  vi.advanceTimersByTime(400);
  paint();
  vi.advanceTimersByTime(3_000);
  expect(asked.has('a')).toBe(true);
  vi.advanceTimersByTime(3_000);
  expect(asked.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a screen full of cameras asks for no more than a bound of them', () => {
  const { asked, paint } = stage();
  paint(...Array.from({ length: 60 }, (_, i) => `camera-${i}`));
  vi.advanceTimersByTime(800);
  expect(asked.size).toBe(24);
});
