/** Random timelines as the editor has them: clips that lie where they may. */
import fc from 'fast-check';
import { Clip, TimelineDocument, Track } from '../../../../src/protocol/timeline.js';
import { endOf } from '../../../../src/panel/lib/timeline/document.js';
import { overlapping } from '../../../../src/panel/lib/timeline/overlap.js';

export const clip = (id: string, startMs: number, durationMs: number, more: Partial<Clip> = {}): Clip => Clip.parse({ id, sourceId: 'film', startMs, durationMs, ...more });
export const track = (id: string, clips: Clip[], kind: Track['kind'] = 'video'): Track => Track.parse({ id, kind, clips });
export const timeline = (...tracks: Track[]): TimelineDocument => TimelineDocument.parse({ name: 'Evening', tracks });

/** Of these a film and a nested timeline have a time of their own. */
export const hasTime = (one: Clip): boolean => one.sourceId === 'film' || one.timelineId !== undefined;

/** What a document has of a clip. */
export const clipOf = (document: TimelineDocument, id: string): Clip => document.tracks.flatMap(({ clips }) => clips).find((one) => one.id === id)!;
export const overlaps = (document: TimelineDocument): string[] => document.tracks.flatMap((one) => [...overlapping(one)]);

const keyframe = (durationMs: number) => fc.record({
  atMs: fc.integer({ min: 0, max: durationMs }), opacity: fc.integer({ min: 0, max: 100 }).map((n) => n / 100), easing: fc.constantFrom('linear' as const, 'hold' as const),
});

const body = fc.record({
  durationMs: fc.integer({ min: 2, max: 900 }), inMs: fc.integer({ min: 0, max: 500 }), sourceId: fc.constantFrom('film', 'cam'),
  gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })), shares: fc.integer({ min: 0, max: 200 }), fades: fc.boolean(),
  keyframes: fc.array(keyframe(900), { maxLength: 3 }),
});

const trackOf = (name: string) => fc.record({ kind: fc.constantFrom('video' as const, 'audio' as const, 'overlay' as const), bodies: fc.array(body, { maxLength: 7 }) })
  .map(({ kind, bodies }) => {
    const clips: Clip[] = [];
    let taken = 0;
    for (const [i, { durationMs, inMs, sourceId, gap, shares, fades, keyframes }] of bodies.entries()) {
      const before = clips.at(-1);
      // Shares at most half of either, so that never three are on at once.
      const share = before && fades ? Math.min(shares, durationMs >> 1, before.durationMs >> 1, Math.max(0, endOf(before) - taken - 1)) : 0;
      const startMs = (before ? endOf(before) : 0) + (share > 0 ? -share : gap);
      if (before) taken = endOf(before);
      const made = [...new Map(keyframes.filter(({ atMs }) => atMs <= durationMs).map((one) => [one.atMs, one])).values()].sort((a, b) => a.atMs - b.atMs);
      clips.push(clip(`${name}c${i}`, startMs, durationMs, { inMs: sourceId === 'film' ? inMs : 0, sourceId, keyframes: made, ...(share > 0 ? { transition: { kind: 'fade', durationMs: share } } : {}) }));
    }
    return track(name, clips, kind);
  });

export const anyTimeline = fc.tuple(trackOf('a'), trackOf('b'), trackOf('c')).map((tracks) => timeline(...tracks))
  .filter((document) => document.tracks.some(({ clips }) => clips.length > 0) && overlaps(document).length === 0);

/** A document and some of its clips, at least one. */
export const withSome = anyTimeline.chain((document) => {
  const ids = document.tracks.flatMap(({ clips }) => clips.map(({ id }) => id));
  return fc.subarray(ids, { minLength: 1 }).map((some) => ({ document, ids: new Set(some) }));
});

export const anyRipple = fc.constantFrom('off' as const, 'track' as const, 'all' as const);
export const isWhole = (document: TimelineDocument): boolean => TimelineDocument.safeParse(document).success;
