import { expect, test } from 'vitest';
import { playouts } from '../../../../src/domain/timeline/playouts.js';
import { compileTimeline, type CompiledTimeline } from '../../../../src/domain/timeline/compile.js';
import { resolve } from '../../../../src/domain/timeline/resolve.js';
import { TimelineDocument } from '../../../../src/protocol/timeline.js';
import { benchLookup, longTimeline } from '../../../bench/timeline-resolve.js';

/** How long it takes is for `test/bench/timeline-resolve.ts` to say; that it does not grow with the timeline is counted here. */
test('no more clips are looked at than there are in a frame, or in the stretch that is asked for', () => {
  let looked = 0;
  const watched = <T extends object>(list: T): T => new Proxy(list, {
    get: (of, key, receiver) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) looked++;
      return Reflect.get(of, key, receiver) as unknown;
    },
  });
  const rate = { num: 30, den: 1 };
  const timeline = compileTimeline(TimelineDocument.parse(longTimeline(4_000)), rate, benchLookup);
  const tracks = timeline.document.tracks.map((track) => ({ ...track, clips: watched(track.clips) }));
  const spied: CompiledTimeline = { ...timeline, document: { ...timeline.document, tracks } };
  const looks = (work: () => unknown): number => {
    looked = 0;
    work();
    return looked;
  };
  const lap = (timeline.document.durationMs * 30) / 1000;
  for (const position of [0, 100, lap - 1, lap, lap * 7.5, lap * 10 ** 6].map(Math.floor)) {
    expect(looks(() => resolve(spied, position))).toBeLessThanOrEqual(2 * tracks.length);
    expect(looks(() => playouts(spied, position, position + 300))).toBeLessThanOrEqual(4 * tracks.length);
  }
  expect(looks(() => playouts(spied, 0, Math.floor(lap)))).toBeLessThanOrEqual(4_000);
});
