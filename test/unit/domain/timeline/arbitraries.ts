/** Random timelines: small, full of neighbours, overlaps, laps and things in things; not all of them would pass `checkTimeline`. */
import fc from 'fast-check';
import { Layer } from '../../../../src/protocol/resources.js';
import { TimelineDocument, type TrackKind } from '../../../../src/protocol/timeline.js';
import type { Node, Player, Resolved, SourceFacts, TimelineLookup } from '../../../../src/domain/timeline/model.js';
import { frameAt, type Rate } from '../../../../src/domain/timeline/rate.js';

export const RATES: readonly Rate[] = [
  { num: 24, den: 1 }, { num: 25, den: 1 }, { num: 30000, den: 1001 }, { num: 30, den: 1 }, { num: 50, den: 1 }, { num: 60000, den: 1001 }, { num: 60, den: 1 },
];
export const anyRate = fc.constantFrom(...RATES);

const SOURCES: Record<string, SourceFacts> = {
  cam: { kind: 'camera' }, pic: { kind: 'image' }, film: { kind: 'media', inMs: 0, outMs: null, loop: false },
  round: { kind: 'media', inMs: 250, outMs: 1250, loop: true }, song: { kind: 'audio', inMs: 40, outMs: null, loop: false },
};
const SCENES: Record<string, { layers: Layer[] }> = {
  pip: { layers: [Layer.parse({ sourceId: 'film' }), Layer.parse({ sourceId: 'cam', x: 0.7, y: 0.1, width: 0.25, height: 0.25, opacity: 0.9, audio: { gainDb: -6 } }), Layer.parse({ overlayId: 'clock', width: 0.1 })] },
  twice: { layers: [Layer.parse({ sourceId: 'film', hidden: true }), Layer.parse({ overlayId: 'clock', hidden: true }), Layer.parse({ sourceId: 'film', width: 0.5 }), Layer.parse({ sourceId: 'film', x: 0.5, width: 0.5, audio: { muted: true } }), Layer.parse({ sourceId: 'song' })] },
};
const OVERLAYS: Record<string, { x: number; y: number; width: number; height: number }> = { clock: { x: 0.84, y: 0.04, width: 0.125, height: 0.06 } };

export function lookupOf(timelines: Record<string, TimelineDocument>): TimelineLookup {
  const get = <T>(from: Record<string, T>) => (id: string): T | undefined => (Object.hasOwn(from, id) ? from[id] : undefined);
  return { source: get(SOURCES), scene: get(SCENES), overlay: get(OVERLAYS), timeline: get(timelines) };
}

const mostly = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> => fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 2 });
const span = fc.oneof({ weight: 1, arbitrary: fc.constantFrom(1, 8, 17, 33, 34, 100, 333) }, { weight: 3, arbitrary: fc.integer({ min: 300, max: 1500 }) });
const gap = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }) }, { weight: 2, arbitrary: fc.integer({ min: -700, max: 0 }) });
const hundredths = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min: min * 100, max: max * 100 }).map((n) => n / 100);

const transition = fc.record({
  kind: fc.oneof({ weight: 3, arbitrary: fc.constant('fade' as const) }, { weight: 2, arbitrary: fc.constantFrom('cut' as const, 'dip' as const, 'wipe' as const, 'push-up' as const) }),
  durationMs: fc.oneof(fc.constantFrom(0, 1, 33, 500), fc.integer({ min: 0, max: 900 })),
  color: sometimes(fc.constant('#102030')),
}, { requiredKeys: ['kind', 'durationMs'] });

const keyframe = fc.record({
  atMs: fc.oneof(fc.constantFrom(0, 1, 33, 500), fc.integer({ min: 0, max: 1800 })),
  x: sometimes(hundredths(-1, 2)), y: sometimes(hundredths(-1, 2)), width: sometimes(hundredths(1, 3)), height: sometimes(hundredths(1, 3)),
  opacity: sometimes(hundredths(0, 1)), gainDb: sometimes(hundredths(-60, 12)),
  easing: fc.constantFrom('linear', 'hold', 'ease-in', 'ease-out', 'ease-in-out'),
}, { noNullPrototype: true });

const contentOf = (kind: TrackKind, timelines: readonly string[]): fc.Arbitrary<object> => {
  if (kind === 'audio') return fc.constantFrom({ sourceId: 'song' }, { sourceId: 'song' }, { sourceId: 'film' }, { sourceId: 'film' }, { sourceId: 'cam' }, { sceneId: 'pip' });
  if (kind === 'overlay') return fc.constantFrom(...Array.from({ length: 6 }, () => ({ overlayId: 'clock' })), { overlayId: 'gone' }, { sourceId: 'cam' });
  const nested = timelines.map((timelineId) => ({ timelineId }));
  const known = nested.filter(({ timelineId }) => timelineId !== 'gone');
  return fc.constantFrom(
    { sourceId: 'cam' }, { sourceId: 'film' }, { sourceId: 'film' }, { sourceId: 'round' }, { sourceId: 'pic' }, { sourceId: 'song' }, { sourceId: 'gone' },
    { sceneId: 'pip' }, { sceneId: 'twice' }, { sceneId: 'gone' }, { overlayId: 'clock' }, ...nested, ...known, ...known, ...known,
  );
};

const clipOf = (kind: TrackKind, timelines: readonly string[]) => fc.record({
  content: contentOf(kind, timelines), gap, durationMs: span, rank: fc.nat(),
  rest: fc.record({
    inMs: mostly(0, fc.integer({ min: 0, max: 3000 })),
    x: mostly(0, hundredths(-1, 2)), y: mostly(0, hundredths(-1, 2)), width: mostly(1, hundredths(0.01, 3)), height: mostly(1, hundredths(0.01, 3)),
    opacity: mostly(1, hundredths(0, 1)), audio: mostly({ gainDb: 0, muted: false }, fc.record({ gainDb: hundredths(-60, 12), muted: fc.boolean() })),
    transition: sometimes(transition), transitionOut: sometimes(transition),
    keyframes: mostly<object[]>([], fc.array(keyframe, { maxLength: 4 })),
  }),
});

interface Size { tracks: number; clips: number }

function trackOf(name: string, timelines: readonly string[], maxLength: number): fc.Arbitrary<object> {
  const of = (kind: TrackKind): fc.Arbitrary<object> => fc.record({
    clips: fc.array(clipOf(kind, timelines), { minLength: 1, maxLength, size: 'max' }), enabled: mostly(true, fc.boolean()), gainDb: mostly(0, hundredths(-60, 12)),
  }).map(({ clips, enabled, gainDb }) => {
    let end = 0;
    const placed = clips.map(({ content, gap: free, durationMs, rest, rank }, i) => {
      const startMs = Math.max(0, end + free);
      end = startMs + durationMs;
      return { clip: { ...JSON.parse(JSON.stringify(rest)), ...content, id: `${name}c${i}`, startMs, durationMs }, rank };
    });
    return { id: name, kind, enabled, gainDb, clips: placed.sort((one, other) => one.rank - other.rank).map(({ clip }) => clip) };
  });
  return fc.oneof({ weight: 3, arbitrary: of('video') }, { weight: 1, arbitrary: of('overlay') }, { weight: 1, arbitrary: of('audio') });
}

/** `timelines`: those that its clips may name. */
export const documentOf = (name: string, timelines: readonly string[], { tracks, clips }: Size = { tracks: 3, clips: 6 }): fc.Arbitrary<TimelineDocument> => fc.record({
  loop: fc.boolean(),
  durationMs: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(1, 20, 500, 1000) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4000 }) }),
  filler: mostly(null, fc.constantFrom({ sourceId: 'film' }, { sceneId: 'twice' }, { sceneId: 'pip' })),
  tracks: fc.tuple(...Array.from({ length: tracks }, (_, i) => trackOf(`${name}${i}`, timelines, clips))).chain((all) => fc.shuffledSubarray(all, { minLength: tracks - 1 })),
}).map((raw) => TimelineDocument.parse({ name, ...raw }));

export interface World {
  document: TimelineDocument & { id: string };
  lookup: TimelineLookup;
}

/** Of what is in others little is seen at a time, and to make it is most of a property's work. */
const DEEP: Size = { tracks: 2, clips: 3 };

/** A timeline and what it names, timelines in timelines included, a few of which come back to themselves. */
export const anyWorld: fc.Arbitrary<World> = fc.record({
  top: documentOf('top', ['a', 'b', 'gone']), a: documentOf('a', ['b', 'c'], DEEP), b: documentOf('b', ['c', 'top'], DEEP), c: documentOf('c', ['d', 'a'], DEEP), d: documentOf('d', ['e'], DEEP), e: documentOf('e', [], DEEP),
}).map(({ top, ...others }) => ({ document: { ...top, id: 'top' }, lookup: lookupOf({ ...others, top }) }));

/** A moment of a lap, near or far, and at times one behind a timeline's end. */
export const anyMoment = fc.record({
  lap: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 4, max: 10 ** 6 })),
  into: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000) }, { weight: 1, arbitrary: fc.constantFrom(1, 1.5) }),
});

/** @param durationMs of a lap */
export function positionOf({ lap, into }: { lap: number; into: number }, document: { loop: boolean }, durationMs: number, rate: Rate): number {
  return frameAt((document.loop ? lap * durationMs : 0) + Math.floor(into * durationMs), rate);
}

export function playersOf({ nodes, sounds }: Pick<Resolved, 'nodes' | 'sounds'>): Player[] {
  const of = (node: Node): Player[] => (node.type === 'layer' ? [node.layer.player] : [...node.from, ...node.to].flatMap(of));
  return [...nodes.flatMap(of), ...sounds.map((sound) => sound.player)];
}

/** The same but for the last bits of a product. */
export function isClose(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isClose(a[key as never], b[key as never]));
}
