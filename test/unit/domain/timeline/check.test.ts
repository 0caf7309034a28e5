import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTimeline, type CheckContext, type MediaState } from '../../../../src/domain/timeline/check.js';
import { TimelineInput, TimelineReport, type TimelineDocument } from '../../../../src/protocol/timeline.js';
import { expectEqual } from '../../equal.js';
import { anyWorld } from './arbitraries.js';
import { lookup, timeline } from './support.js';

const context = (change: Partial<CheckContext> = {}, timelines: Record<string, TimelineDocument> = {}): CheckContext => ({ ...lookup(timelines), ...change });
/** Problems, short: `path code`, warnings with a question mark. */
const check = (document: TimelineInput, ctx = context()): string[] =>
  checkTimeline(document, ctx).problems.map(({ path, code, severity }) => `${path} ${code}${severity === 'warning' ? '?' : ''}`);
const clip = (rest: object) => ({ startMs: 0, durationMs: 1000, ...rest });
const cam = (startMs: number, durationMs: number, rest: object = {}) => ({ sourceId: 'cam', startMs, durationMs, ...rest });
const fade = (durationMs: number, kind = 'fade') => ({ kind, durationMs });

test('a timeline with nothing wrong has no problems', () => {
  const document = timeline({ tracks: [
    { kind: 'video', clips: [cam(0, 1400), cam(1000, 1000, { transition: fade(400) }), { timelineId: 'inner', startMs: 2000, durationMs: 500, keyframes: [{ atMs: 0, x: 0 }, { atMs: 0, x: 0.1 }, { atMs: 500, x: 1 }] }] },
    { kind: 'overlay', clips: [clip({ overlayId: 'clock' })] }, { kind: 'audio', clips: [clip({ sourceId: 'song' }), { sourceId: 'film', startMs: 1000, durationMs: 100 }] },
  ], filler: { sceneId: 'pip' } });
  expect(checkTimeline(document, context({}, { inner: timeline({ clips: [cam(0, 100)] }) }))).toEqual({ problems: [], errors: 0, warnings: 0 });
});

describe('what is not there', () => {
  test('is named where it is named', () => {
    const document = timeline({ filler: { sourceId: 'nope' }, tracks: [
      { kind: 'video', clips: [clip({ sourceId: 'nope' }), { sceneId: 'nope', startMs: 1000, durationMs: 1 }, { timelineId: 'nope', startMs: 1001, durationMs: 1 }] },
      { kind: 'overlay', clips: [clip({ overlayId: 'nope' })] },
    ] });
    expect(check(document)).toEqual([
      'filler.sourceId unknown-source', 'tracks.0.clips.0.sourceId unknown-source', 'tracks.0.clips.1.sceneId unknown-scene', 'tracks.0.clips.2.timelineId unknown-timeline',
      'tracks.1.clips.0.overlayId unknown-overlay',
    ]);
    expect(check(timeline({ filler: { sceneId: 'nope' } }))).toEqual(['filler.sceneId unknown-scene']);
  });

  test('in a scene or a nested timeline is told at the clip', () => {
    expect(check(timeline({ clips: [clip({ sceneId: 'quiet' })] }))).toEqual([]);
    expect(check(timeline({ clips: [clip({ sceneId: 'broken' })] }))).toEqual(['tracks.0.clips.0.sceneId unknown-source', 'tracks.0.clips.0.sceneId unknown-overlay']);
    const inner = timeline({ clips: [cam(0, 9), clip({ sourceId: 'nope', startMs: 9 }), cam(2000, 9, { transition: fade(90) })] });
    const { problems, errors } = checkTimeline(timeline({ clips: [clip({ timelineId: 'inner' })] }), context({}, { inner }));
    expect(errors).toBe(1);
    expect(problems[0]).toMatchObject({ path: 'tracks.0.clips.0.timelineId', code: 'nested', severity: 'error' });
    expect(problems[0]?.message).toBe('In timeline inner, tracks.0.clips.1.sourceId: There is no source nope. And 1 more.');
    expect(problems[0]?.names.map(({ id }) => id)).toEqual(['inner', 'nope']);
    const mild = timeline({ clips: [cam(0, 9, { transition: fade(90) })] });
    expect(check(timeline({ clips: [clip({ timelineId: 'mild' })] }), context({}, { mild }))).toEqual(['tracks.0.clips.0.timelineId nested?']);
  });
});

test('what does not belong on a track', () => {
  const tracks = [
    { kind: 'video', clips: [clip({ overlayId: 'clock' }), clip({ sourceId: 'song', startMs: 1000 })] },
    { kind: 'overlay', clips: [clip({ sourceId: 'pic' }), clip({ sceneId: 'pip', startMs: 1000 })] },
    { kind: 'audio', clips: [clip({ overlayId: 'clock' }), clip({ sourceId: 'pic', startMs: 1000 }), clip({ timelineId: 'x', startMs: 2000 }), clip({ sourceId: 'cam', startMs: 3000 })] },
  ];
  expect(check(timeline({ tracks }))).toEqual([
    'tracks.0.clips.0.overlayId wrong-kind', 'tracks.0.clips.1.sourceId wrong-kind', 'tracks.1.clips.0.sourceId wrong-kind', 'tracks.1.clips.1.sceneId wrong-kind',
    'tracks.2.clips.0.overlayId wrong-kind', 'tracks.2.clips.1.sourceId wrong-kind', 'tracks.2.clips.2.timelineId wrong-kind',
    // Not shown where it is, it is unknown all the same.
  ]);
});

describe('overlaps', () => {
  const overlaps = (...clips: object[]) => check(timeline({ clips: clips as Record<string, unknown>[] })).filter((problem) => problem.includes('overlap'));

  test('are refused without a transition as long as they are, whatever the order of the document', () => {
    expect(overlaps(cam(0, 1000), cam(999, 1000))).toEqual(['tracks.0.clips.1 overlap']);
    expect(overlaps(cam(999, 1000), cam(0, 1000))).toEqual(['tracks.0.clips.0 overlap']);
    expect(overlaps(cam(0, 1000), cam(900, 1000, { transition: fade(99) }))).toEqual(['tracks.0.clips.1 overlap']);
    expect(overlaps(cam(0, 1000), cam(900, 1000, { transition: fade(100) }))).toEqual([]);
    expect(overlaps(cam(0, 1000), cam(900, 1000, { transition: fade(500, 'cut') }))).toEqual(['tracks.0.clips.1 overlap']);
    expect(overlaps(cam(0, 1000), cam(1000, 1000))).toEqual([]);
  });

  test('with a clip that ends inside another, that begins with it, or that meets two, are refused', () => {
    expect(overlaps(cam(0, 1000), cam(500, 100, { transition: fade(500) }))).toEqual(['tracks.0.clips.1 overlap']);
    expect(overlaps(cam(0, 1000), cam(0, 2000, { transition: fade(1000) }))).toEqual(['tracks.0.clips.1 overlap']);
    expect(overlaps(cam(0, 1000), cam(500, 1000, { transition: fade(500) }), cam(900, 2000, { transition: fade(900) }))).toEqual(['tracks.0.clips.2 overlap']);
    expect(overlaps(cam(0, 2000), cam(500, 1000), cam(1400, 2000, { transition: fade(600) }))).toEqual(['tracks.0.clips.1 overlap', 'tracks.0.clips.2 overlap']);
    expect(overlaps(cam(0, 9000), cam(1000, 10), cam(5000, 10))).toEqual(['tracks.0.clips.1 overlap', 'tracks.0.clips.2 overlap']);
  });

  test('name both clips', () => {
    const [problem] = checkTimeline(timeline({ clips: [cam(0, 1000), cam(900, 500)] }), context()).problems;
    expect(problem?.message).toBe('"b" (tracks.0.clips.1) begins 100 ms before "a" (tracks.0.clips.0) ends, and it has no transition.');
    expect(problem?.names).toEqual([{ said: '"b" (tracks.0.clips.1)', id: 'b' }, { said: '"a" (tracks.0.clips.0)', id: 'a' }]);
  });

  test('of sound need a fade', () => {
    const audio = (kind: string) => timeline({ tracks: [{ kind: 'audio', clips: [cam(0, 1000), cam(900, 900, { transition: fade(500, kind) })] }] });
    expect(check(audio('fade'))).toEqual([]);
    expect(check(audio('wipe'))).toEqual(['tracks.0.clips.1 overlap', 'tracks.0.clips.1.transition.kind no-effect?']);
  });
});

describe('nesting', () => {
  const into = (id: string) => timeline({ clips: [clip({ timelineId: id })] });
  const chain = { t1: into('t2'), t2: into('t3'), t3: into('t4'), t4: into('t5'), t5: into('t6'), t6: timeline({ clips: [cam(0, 1)] }) };

  test('in itself is a cycle, directly and through others, be it stored yet or not', () => {
    const cycle = ['tracks.0.clips.0.timelineId cycle'];
    expect(check(into('me'), context({ timelineId: 'me' }))).toEqual(cycle);
    expect(check(into('other'), context({ timelineId: 'me' }, { other: into('me'), me: timeline({}) }))).toEqual(cycle);
    expect(check(into('a'), context({}, { a: into('b'), b: into('a') }))).toEqual(cycle);
    // What is stored under its own id is the version before.
    expect(check(into('other'), context({ timelineId: 'me' }, { other: timeline({ clips: [cam(0, 1)] }), me: into('other') }))).toEqual([]);
  });

  test('is four deep at most', () => {
    expect(check(into('t3'), context({}, chain))).toEqual([]);
    expect(check(into('t2'), context({}, chain))).toEqual(['tracks.0.clips.0.timelineId too-deep']);
  });

  test('the same timeline in many clips and levels is looked at once, and counted as layers', () => {
    let asked = 0;
    const wide = (id: string) => timeline({ tracks: Array.from({ length: 6 }, () => ({ kind: 'video', clips: [clip({ timelineId: id })] })) });
    const timelines = { w1: wide('w2'), w2: wide('w3'), w3: wide('w4'), w4: timeline({ clips: [cam(0, 1000)] }) };
    const ctx = context({ timeline: (id) => { asked++; return timelines[id as keyof typeof timelines]; } });
    expect(check(wide('w1'), ctx)).toEqual(['tracks too-many-layers']);
    expect(check(wide('w2'), ctx)).toEqual([]);
    expect(asked).toBeLessThan(200);
  });
});

describe('keyframes and transitions', () => {
  test('outside of their clip or out of order', () => {
    const document = timeline({ clips: [clip({ sourceId: 'cam', keyframes: [{ atMs: 500, x: 0 }, { atMs: 499, x: 1 }, { atMs: 1000, x: 1 }, { atMs: 1001, x: 0 }] })] });
    expect(check(document)).toEqual(['tracks.0.clips.0.keyframes.1.atMs keyframe-order', 'tracks.0.clips.0.keyframes.3.atMs keyframe-outside']);
  });

  test('longer than their clip', () => {
    const document = timeline({ clips: [cam(0, 400, { transition: fade(401), transitionOut: fade(400) }), cam(400, 300, { transitionOut: fade(301) })] });
    expect(check(document)).toEqual(['tracks.0.clips.0.transition.durationMs transition-too-long?', 'tracks.0.clips.1.transitionOut.durationMs transition-too-long?']);
  });

  test('clips past the end of their timeline, and crops of what is not cropped', () => {
    const document = timeline({ durationMs: 1000, clips: [cam(0, 600), cam(600, 500), cam(1100, 10)] });
    expect(check(document)).toEqual(['tracks.0.clips.1.durationMs past-the-end?', 'tracks.0.clips.2.startMs past-the-end?']);
    expect(check(timeline({ clips: [clip({ sceneId: 'pip', crop: { left: 0.1 } }), cam(1000, 1, { crop: { left: 0.1 } })] }))).toEqual(['tracks.0.clips.0.crop no-effect?']);
  });

  test('ids that are there twice', () => {
    const document = timeline({ tracks: [{ id: 'x', kind: 'video', clips: [cam(0, 1, { id: 'y' }), cam(1, 1, { id: 'x' })] }, { id: 'y', kind: 'video', clips: [] }] });
    expect(check(document)).toEqual(['tracks.0.clips.1.id duplicate-id', 'tracks.1.id duplicate-id']);
  });
});

describe('files and cameras', () => {
  const media = (state: MediaState) => context({ media: () => state });
  const film = (rest: object) => timeline({ clips: [clip({ sourceId: 'film', ...rest })] });

  test('that are missing, or cannot be played, in scenes as well', () => {
    for (const document of [film({}), timeline({ clips: [clip({ sceneId: 'pip' })] }), timeline({ clips: [clip({ sourceId: 'pic' })] })]) {
      expect(check(document, media({ is: 'missing' }))[0]).toMatch(/file-missing$/);
      expect(check(document, media({ is: 'unreadable', message: 'no picture' }))[0]).toMatch(/file-unreadable$/);
    }
    expect(check(film({}))).toEqual([]);
  });

  test('that are over before the clip begins or ends', () => {
    const known = media({ is: 'ok', durationMs: 5000 });
    expect(check(film({ inMs: 4000 }), known)).toEqual([]);
    expect(check(film({ inMs: 4100 }), known)).toEqual([]);
    expect(check(film({ inMs: 4101 }), known)).toEqual(['tracks.0.clips.0.durationMs longer-than-file']);
    expect(check(film({ inMs: 5000 }), known)).toEqual(['tracks.0.clips.0.inMs in-after-end']);
    expect(check(film({ inMs: 5000 }), media({ is: 'ok', durationMs: null }))).toEqual([]);
  });

  test('count from the source\'s in-point to its out-point, and a loop has no end', () => {
    const late = (durationMs: number, inMs: number) => check(timeline({ clips: [{ sourceId: 'late', startMs: 0, durationMs, inMs }] }));
    expect([late(7000, 0), late(7200, 0), late(10, 6999), late(10, 7000)]).toEqual([[], ['tracks.0.clips.0.durationMs longer-than-file'], [], ['tracks.0.clips.0.inMs in-after-end']]);
    expect(check(timeline({ clips: [{ sourceId: 'round', startMs: 0, durationMs: 60_000, inMs: 5000 }] }), media({ is: 'ok', durationMs: 900 }))).toEqual([]);
  });

  test('a camera that is away is a warning', () => {
    const away = context({ cameraThere: (id) => id !== 'cam' });
    expect(check(timeline({ clips: [cam(0, 1), clip({ sourceId: 'cam2', startMs: 1 }), clip({ sceneId: 'pip', startMs: 2000 })] }), away)).toEqual([
      'tracks.0.clips.0.sourceId camera-away?', 'tracks.0.clips.2.sceneId camera-away?',
    ]);
  });
});

test('all is counted, 200 are listed, errors before warnings', () => {
  const bad = timeline({ clips: Array.from({ length: 300 }, (_, i) => cam(i * 10, 10, i < 250 ? { transition: fade(20) } : { sourceId: 'nope' })) });
  const { problems, errors, warnings } = checkTimeline(bad, context());
  expect({ errors, warnings, listed: problems.length, first: problems[0]?.path, mild: problems[50]?.path }).toEqual({
    errors: 50, warnings: 250, listed: 200, first: 'tracks.0.clips.250.sourceId', mild: 'tracks.0.clips.0.transition.durationMs',
  });
});

test('any timeline at all gets a report, with or without ids', () => {
  fc.assert(fc.property(anyWorld, ({ document, lookup: things }) => {
    const { id: timelineId, ...rest } = document;
    const report = checkTimeline(rest, { ...things, timelineId });
    expectEqual(TimelineReport.parse(report), report);
    const without = { ...rest, tracks: rest.tracks.map(({ id: _, ...track }) => ({ ...track, clips: track.clips.map(({ id: __, ...one }) => one) })) };
    expect(checkTimeline(without, { ...things, timelineId })).toMatchObject({ errors: report.errors, warnings: report.warnings });
  }), { numRuns: 200 });
});
