import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextFolder, type FolderRules } from '../../../../src/domain/folder/document.js';
import { clipIdOf, fileId, orderOf } from '../../../../src/domain/folder/order.js';
import { compileTimeline, durationOf } from '../../../../src/domain/timeline/compile.js';
import { positionAfterEdit } from '../../../../src/domain/timeline/edits.js';
import { frameAt, usOf, type Rate } from '../../../../src/domain/timeline/rate.js';
import { resolve } from '../../../../src/domain/timeline/resolve.js';
import { StoredFolderFile, StoredFolderFiles } from '../../../../src/protocol/folder.js';
import { MAX_MS, Transition, TransitionKind } from '../../../../src/protocol/resources.js';
import { TimelineDocument } from '../../../../src/protocol/timeline.js';
import { anyRate, playersOf } from '../timeline/arbitraries.js';

const RULES: FolderRules = { order: 'name', seed: 1, stillMs: 10_000, transition: null };
const file = (name: string, durationMs: number | null, modifiedMs = 0): StoredFolderFile => ({
  id: fileId('fld', name, String(durationMs)), path: name, kind: durationMs === null ? 'image' : 'media', durationMs, version: String(durationMs), modifiedMs,
});
const empty = (loop = true): TimelineDocument => TimelineDocument.parse({ name: 'F', loop, tracks: [{ id: 't', kind: 'video', clips: [] }] });
const make = (ready: StoredFolderFile[], rules = RULES, loop = true) => nextFolder({ before: empty(loop), beforeFiles: [], ready, rules, positionMs: null });
const names = (files: readonly StoredFolderFile[]): string => files.map(({ path }) => path.replace('.mp4', '')).join(' ');
const compile = (document: TimelineDocument, rate: Rate) => compileTimeline(document, rate, {
  source: () => ({ kind: 'media' }), scene: () => undefined, overlay: () => undefined, timeline: () => undefined,
});

describe('a folder as a timeline', () => {
  test('has its files one after the other, films as long as they are and pictures as long as they stand', () => {
    const { document, settled } = make([file('b.mp4', 2000), file('a.mp4', 1000), file('c.png', null)]);
    expect(document.tracks[0]!.clips.map(({ startMs, durationMs }) => [startMs, durationMs])).toEqual([[0, 1000], [1000, 2000], [3000, 10_000]]);
    expect([durationOf(document), settled]).toEqual([13_000, true]);
    expect(make([file('a.mp4', 1000), file('c.png', null)], { ...RULES, stillMs: 0 }).document.tracks[0]!.clips).toHaveLength(1);
  });

  test('a transition takes its time from the file that goes; files too short for two are cut', () => {
    const transition = { kind: 'fade', durationMs: 500 } as const;
    const { document } = make([file('a.mp4', 4000), file('b.mp4', 900), file('c.mp4', 5000), file('d.mp4', 3000)], { ...RULES, transition });
    expect(document.tracks[0]!.clips.map((clip) => [clip.startMs, clip.durationMs, clip.transition?.durationMs])).toEqual([
      [0, 4000, 500], [4000, 900, undefined], [4900, 4500, undefined], [9400, 2500, 500],
    ]);
    const line = make([file('a.mp4', 4000), file('b.mp4', 4000)], { ...RULES, transition }, false);
    expect(line.document.tracks[0]!.clips.map((clip) => [clip.durationMs, clip.transition?.durationMs])).toEqual([[3500, undefined], [4000, 500]]);
  });

  test('what joins before the film on air, or goes, leaves it where it is; what goes stays until it is over', () => {
    const [a, b, c, d] = ['a', 'c', 'e', 'g'].map((name) => file(`${name}.mp4`, 20_000)) as [StoredFolderFile, StoredFolderFile, StoredFolderFile, StoredFolderFile];
    const before = make([a, b, c, d]);
    const ready = [file('b.mp4', 7000), a, c, d, file('f.mp4', 3000)];
    // In the second lap, 5 s into c, which is deleted.
    const next = nextFolder({ before: before.document, beforeFiles: before.files, ready, rules: RULES, positionMs: 105_000 });
    expect([names(next.files), next.settled]).toEqual(['a b c e f g', false]);
    expect(next.moved(105_000)).toBe(90_000 + 32_000);
    const later = nextFolder({ before: next.document, beforeFiles: next.files, ready, rules: RULES, positionMs: next.moved(105_000) + 20_000 });
    expect([names(later.files), later.settled]).toEqual(['a b e f g', true]);
  });

  test('what joins between the film on air and the one that is already open waits its turn', () => {
    const files = ['a', 'c', 'e'].map((name) => file(`${name}.mp4`, 20_000));
    const before = make(files);
    const ready = [...files, file('b.mp4', 5000)];
    const next = nextFolder({ before: before.document, beforeFiles: before.files, ready, rules: RULES, positionMs: 17_000 });
    expect([names(next.files), next.settled]).toEqual(['b a c e', false]);
    const later = nextFolder({ before: next.document, beforeFiles: next.files, ready, rules: RULES, positionMs: next.moved(17_000) + 10_000 });
    expect([names(later.files), later.settled]).toEqual(['a b c e', true]);
  });

  test('over the loop\'s join nothing comes between the last and the first', () => {
    const files = ['b', 'c', 'd'].map((name) => file(`${name}.mp4`, 20_000));
    const before = make(files);
    const next = nextFolder({ before: before.document, beforeFiles: before.files, ready: [...files, file('a.mp4', 5000), file('e.mp4', 5000)], rules: RULES, positionMs: 57_000 });
    expect(names(next.files)).toBe('b a c e d');
  });

  test('a line that is over goes on with what comes behind its last film', () => {
    const before = make([file('b.mp4', 10_000)], RULES, false);
    const add = (name: string) => nextFolder({ before: before.document, beforeFiles: before.files, ready: [file('b.mp4', 10_000), file(name, 4000)], rules: RULES, positionMs: 60_000 });
    expect(add('c.mp4').moved(60_000)).toBe(10_000);
    expect(add('a.mp4').moved(60_000)).toBe(60_000);
  });
});

const HOUR_MS = 3600 * 1000;
const numbered = (count: number, durationMs: number | null): StoredFolderFile[] => Array.from({ length: count }, (_, i) => file(`${i + 1}.mp4`, durationMs));

describe('the 30 days of a timeline', () => {
  test.each([
    ['films', numbered(722, HOUR_MS), RULES, 720],
    ['pictures', numbered(32, null), { ...RULES, stillMs: 24 * HOUR_MS }, 30],
  ])('have room for the first %s; the others are told', (_, ready, rules, room) => {
    const { document, files, leftOut, settled } = make(ready, rules);
    expect([files.length, names(leftOut), settled]).toEqual([room, names(ready.slice(room)), true]);
    expect(durationOf(TimelineDocument.parse(document))).toBe(MAX_MS);
  });

  test('have none for a film that is longer, nor for a shorter one behind one that does not fit', () => {
    const ready = [file('a.mp4', MAX_MS + 1), file('b.mp4', MAX_MS - 5000), file('c.mp4', 6000), file('d.mp4', 1000)];
    const { files, leftOut } = make(ready);
    expect([names(files), names(leftOut)]).toEqual(['b', 'a c d']);
    expect(names(make([file('a.mp4', MAX_MS)]).files)).toBe('a');
  });

  test('what is on air stays until it is over, though others come before it', () => {
    const before = make([file('b.mp4', 20_000)]);
    const ready = [file('a.mp4', MAX_MS), file('b.mp4', 20_000)];
    const next = nextFolder({ before: before.document, beforeFiles: before.files, ready, rules: RULES, positionMs: 5000 });
    expect([names(next.files), names(next.leftOut), next.settled]).toEqual(['b', 'b', false]);
    const later = nextFolder({ before: next.document, beforeFiles: next.files, ready, rules: RULES, positionMs: null });
    expect([names(later.files), later.settled]).toEqual(['a', true]);
  });
});

test('a picture on air stands to its end when pictures are left out', () => {
  const rules = { ...RULES, transition: { kind: 'fade', durationMs: 500 } as const };
  const ready = [file('a.png', null), file('b.mp4', 20_000), file('c.mp4', 20_000)];
  const before = make(ready, rules);
  let next = before;
  for (let i = 0; i < 3; i++) next = nextFolder({ before: next.document, beforeFiles: next.files, ready, rules: { ...rules, stillMs: 0 }, positionMs: 3000 });
  expect([names(next.files), next.document.tracks[0]!.clips[0]]).toEqual(['a.png b c', before.document.tracks[0]!.clips[0]]);
  expect(names(nextFolder({ before: next.document, beforeFiles: next.files, ready, rules: { ...rules, stillMs: 0 }, positionMs: 12_000 }).files)).toBe('b c');
});

const anyRules = fc.record({
  order: fc.constantFrom('name' as const, 'modified' as const, 'shuffle' as const), seed: fc.integer({ min: 0, max: 9 }), stillMs: fc.constantFrom(500, 10_000),
  transition: fc.constantFrom(null, { kind: 'fade' as const, durationMs: 400 }, { kind: 'cut' as const, durationMs: 500 }),
});
const anyFile = fc.record({
  name: fc.integer({ min: 1, max: 30 }), durationMs: fc.oneof(fc.integer({ min: 300, max: 3000 }), fc.integer({ min: 3000, max: 60_000 }), fc.constant(null)), modifiedMs: fc.integer({ min: 0, max: 5 }),
}).map(({ name, durationMs, modifiedMs }) => file(`${name}.mp4`, durationMs, modifiedMs));
const anyFiles = fc.uniqueArray(anyFile, { selector: ({ path }) => path, minLength: 1, maxLength: 12 });

describe('whatever joins and goes', () => {
  test('nothing that is seen in the next five seconds changes, at any rate, in any lap, by any rules', () => {
    fc.assert(fc.property(anyFiles, anyFiles, anyRules, anyRules, anyRate, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 999 }), (files, ready, rules, rulesAfter, rate, lap, part) => {
      // The start of all comes out of nothing, and of two films each comes before and after the other: for as long as that
      // way takes it is another one.
      fc.pre(files.length > 2 && (rules.transition === null || lap > 0));
      const way = rules.transition?.durationMs ?? 0;
      // Another transition is another way on air from now on: that is what was asked for.
      const sameWays = { ...rulesAfter, transition: rules.transition, stillMs: rules.stillMs };
      const before = make(files, rules);
      const length = durationOf(before.document);
      const positionMs = lap * length + Math.floor((part * length) / 1000);
      const next = nextFolder({ before: before.document, beforeFiles: before.files, ready, rules: sameWays, positionMs });
      // In a loop that comes round within seconds, one that goes out comes in again before what joins.
      fc.pre(length > 15_000);
      const [old, fresh] = [compile(before.document, rate), compile(next.document, rate)];
      const from = frameAt(positionMs, rate);
      const to = positionAfterEdit(old, fresh, from, 'clip');
      expect(Math.abs(usOf(to, rate) / 1000 - next.moved(positionMs))).toBeLessThan(2000 / (rate.num / rate.den) + 1);
      const frames = frameAt(5000, rate);
      const first = playersOf(resolve(old, from)).map((player) => (player.type === 'clip' ? player.sourceId : ''));
      const seen = (timeline: typeof old, position: number) => playersOf(resolve(timeline, position)).map((player) => (player.type === 'clip' ? { id: player.sourceId, us: player.inUs + usOf(position - player.startPosition, rate) } : player));
      let apart = 0;
      for (let i = 0; i < frames; i++) {
        const [was, is] = [seen(old, from + i), seen(fresh, to + i)];
        // In a short loop those that are on air come again, by then in the new order.
        if (playersOf(resolve(old, from + i)).some((player) => player.type === 'clip' && player.startPosition > from && first.includes(player.sourceId))) break;
        // What has gone and is not due yet is left out, and the way into it too.
        const later = i + frameAt(way, rate) + 1;
        if (usOf(later, rate) > 1_400_000 && [...was, ...seen(old, from + later)].some((one) => 'id' in one && !ready.some(({ id }) => id === one.id))) break;
        const same = was.length === is.length && was.every((one, k) => 'id' in one && 'id' in is[k]! && one.id === is[k].id && Math.abs(one.us - is[k].us) <= usOf(1, rate) + 1);
        // A join may be rounded to the frame beside it, and the end of a way just before it too.
        apart = same ? 0 : apart + 1;
        if (apart > 2) expect({ i, is }).toEqual({ i, is: was });
      }
    }), { numRuns: 400, endOnFailure: true });
  }, 30_000);

  test('once it is out of sight all is in order, each once, end to end', () => {
    // In a short loop what has gone is never out of sight.
    const long = anyFiles.map((files) => files.map((one) => (one.durationMs === null ? one : file(one.path, one.durationMs + 10_000, one.modifiedMs))));
    fc.assert(fc.property(anyFiles, long, anyRules, (files, ready, some) => {
      const rules = { ...some, stillMs: 10_000 };
      let turn = make(files, rules);
      let positionMs = 0;
      for (let i = 0; i < 400 && (i === 0 || !turn.settled); i++) {
        turn = nextFolder({ before: turn.document, beforeFiles: turn.files, ready, rules, positionMs });
        positionMs = turn.moved(positionMs) + 997;
      }
      expect(turn.files).toEqual([...ready].sort(orderOf(rules)));
      const { clips } = turn.document.tracks[0]!;
      clips.forEach((clip, i) => expect(clip.startMs).toBe(i === 0 ? 0 : clips[i - 1]!.startMs + clips[i - 1]!.durationMs));
      expect(clips.map(({ id }) => id)).toEqual(turn.files.map(({ id }) => clipIdOf(id)));
      expect(JSON.stringify(TimelineDocument.parse(turn.document))).toBe(JSON.stringify(turn.document));
    }), { numRuns: 100, endOnFailure: true });
  }, 30_000);
});

describe('whatever files and rules there are', () => {
  // As the schemas of what is stored have them, and not as a probe would.
  const anyLength = fc.oneof(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 2 * MAX_MS }), fc.constantFrom(-1, 0, 1, MAX_MS, MAX_MS + 1, Number.MAX_SAFE_INTEGER), fc.constant(null));
  const anyStored = fc.record({ name: fc.integer({ min: 1, max: 40 }), durationMs: anyLength, modifiedMs: fc.integer({ min: 0, max: 5 }) })
    .map(({ name, durationMs, modifiedMs }) => StoredFolderFile.parse(file(`${name}.mp4`, durationMs, modifiedMs)));
  const some = fc.uniqueArray(anyStored, { selector: ({ path }) => path, maxLength: 40 });
  const anyStoredRules = fc.record({
    order: fc.constantFrom('name' as const, 'modified' as const, 'shuffle' as const), seed: fc.integer({ min: 0, max: 9 }),
    stillMs: fc.oneof(fc.constantFrom(0, 1, 24 * HOUR_MS), fc.integer({ min: 0, max: 24 * HOUR_MS })),
    transition: fc.option(fc.record({ kind: fc.constantFrom(...TransitionKind.options), durationMs: fc.integer({ min: 0, max: 60_000 }) }).map((one) => Transition.parse(one))),
  });

  test('what comes of them can be stored and read again, and no file is lost on the way', () => {
    fc.assert(fc.property(some, some, anyStoredRules, anyStoredRules, fc.boolean(), fc.option(fc.double({ min: 0, max: 2.5, noNaN: true })), (first, ready, rulesBefore, rules, loop, laps) => {
      const before = make(first, rulesBefore, loop);
      const positionMs = laps === null ? null : Math.floor(laps * durationOf(before.document));
      for (const { document, files } of [before, nextFolder({ before: before.document, beforeFiles: before.files, ready, rules, positionMs })]) {
        expect(JSON.stringify(TimelineDocument.parse(document))).toBe(JSON.stringify(document));
        expect(StoredFolderFiles.parse({ files })).toEqual({ files });
        expect(durationOf(document)).toBeLessThanOrEqual(MAX_MS);
        expect(document.tracks[0]!.clips.map(({ id }) => id)).toEqual(files.map(({ id }) => clipIdOf(id)));
      }
      const next = nextFolder({ before: before.document, beforeFiles: before.files, ready, rules, positionMs: null });
      const playable = ready.filter(({ kind }) => kind === 'media' || rules.stillMs > 0);
      expect([...next.files, ...next.leftOut].map(({ id }) => id).sort()).toEqual(playable.map(({ id }) => id).sort());
      expect(next.settled).toBe(true);
    }), { numRuns: 500 });
  }, 30_000);
});
