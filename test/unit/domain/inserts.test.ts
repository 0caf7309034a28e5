import { describe, expect, test } from 'vitest';
import { engineInsert, fileOf, insertIssues, lengthMs } from '../../../src/domain/inserts.js';
import { usesOfScene, usesOfSource } from '../../../src/domain/references.js';
import { usesOfTimeline } from '../../../src/domain/timelines.js';
import { InsertInput } from '../../../src/protocol/inserts.js';
import { Settings, SourceInput } from '../../../src/protocol/resources.js';
import { TimelineDocument } from '../../../src/protocol/timeline.js';
import { document, studioState } from './state.js';

const insert = (change: object) => InsertInput.parse({ name: 'Spot', ...change });
const source = (id: string, change: object) => document(id, SourceInput.parse({ name: id, ...change }));
const state = studioState({
  sources: [
    ...studioState().sources, source('loop', { kind: 'media', path: 'l.mp4', loop: true }), source('part', { kind: 'media', path: 'p.mp4', inMs: 1000, outMs: 9000 }),
    source('jingle', { kind: 'audio', path: 'j.mp3' }), source('logo', { kind: 'image', path: 'l.png' }),
  ],
  timelines: [document('tl', TimelineDocument.parse({ name: 'T', loop: true, tracks: [{ id: 't', kind: 'video', clips: [{ id: 'c', sourceId: 'film', startMs: 500, durationMs: 4000 }] }] }))],
});

describe('what an insert is made of', () => {
  test('exactly one thing, and nothing that comes faster than every 10 s', () => {
    for (const bad of [{}, { sourceId: 'film', sceneId: 'scene' }, { sourceId: 'film', everyMs: 9999 }, { sourceId: 'film', durationMs: 99 }, { sourceId: 'film', overlayId: 'clock' }]) {
      expect(InsertInput.safeParse({ name: 'Spot', ...bad }).success, JSON.stringify(bad)).toBe(false);
    }
    expect(insert({ sourceId: 'film' })).toMatchObject({ mode: 'over', durationMs: null, everyMs: null, enabled: true, x: 0, width: 1, transition: null });
  });

  test.each([
    [{ sourceId: 'cam' }, 'durationMs', 'A camera has no length of its own'], [{ sceneId: 'scene' }, 'durationMs', 'A scene has no'], [{ sourceId: 'card' }, 'durationMs', 'A test card has no'],
    [{ sourceId: 'logo' }, 'durationMs', 'An image has no'], [{ sourceId: 'loop' }, 'durationMs', 'A source that loops has no'], [{ sourceId: 'x' }, 'sourceId', 'There is no source x.'],
    [{ sceneId: 'x', durationMs: 500 }, 'sceneId', 'There is no scene x.'], [{ timelineId: 'x' }, 'timelineId', 'There is no timeline x.'],
  ])('%j is refused for its %s', (change, path, message) => {
    expect(insertIssues(state, insert(change))).toEqual([{ path, message: expect.stringContaining(message) }]);
    if (path === 'durationMs') expect(insertIssues(state, insert({ ...change, durationMs: 5000 }))).toEqual([]);
  });

  test('its length: as given, of the timeline from its in-point on, of the file between its points', () => {
    const length = (change: object, fileMs?: number | null) => lengthMs(state, insert(change), fileMs === undefined ? undefined : { is: 'ok', durationMs: fileMs });
    expect(length({ sourceId: 'cam', durationMs: 5000 })).toBe(5000);
    expect(length({ timelineId: 'tl' })).toBe(4500);
    expect(length({ timelineId: 'tl', inMs: 700 })).toBe(3800);
    expect(length({ sourceId: 'film', inMs: 250 }, 8000)).toBe(7750);
    expect(length({ sourceId: 'part', inMs: 500 }, 20_000)).toBe(7500);
    expect(length({ sourceId: 'part' }, 6000)).toBe(5000);
    expect(length({ sourceId: 'part' }, null)).toBe(8000);
    expect(length({ sourceId: 'film' }, null)).toBeNull();
    expect(length({ sourceId: 'film', inMs: 9000 }, 8000)).toBe(-1000);
    expect(fileOf(state, insert({ sourceId: 'film' }))).toMatchObject({ path: 'film.mp4' });
    // One that says how long it is shows a file all the same.
    expect(fileOf(state, insert({ sourceId: 'film', durationMs: 500 }))).toMatchObject({ path: 'film.mp4' });
    for (const change of [{ timelineId: 'tl' }, { sourceId: 'cam', durationMs: 500 }]) expect(fileOf(state, insert(change))).toBeNull();
  });

  test('what the engine airs: one clip as long as the insert, that fills the frame or lies over the program', () => {
    const made = (change: object) => engineInsert(state, document('ins', insert(change)), 'air', 5000);
    const full = made({ sourceId: 'film', inMs: 250, audio: { gainDb: -6, muted: false }, mode: 'between', transition: { kind: 'fade', durationMs: 200 } });
    expect(full).toMatchObject({ airingId: 'air', insertId: 'ins', mode: 'between', fills: true, began: null, transition: { kind: 'fade', durationMs: 200 } });
    expect(full).not.toHaveProperty('transitionOut');
    const timeline = TimelineDocument.parse(full.document);
    expect(timeline).toMatchObject({ loop: false, durationMs: 5000, filler: null, tracks: [{ kind: 'video', clips: [{ sourceId: 'film', startMs: 0, durationMs: 5000, inMs: 250, audio: { gainDb: -6 } }] }] });
    expect(timeline.tracks[0]!.clips[0]).not.toHaveProperty('transition');
    for (const change of [{ x: 0.1 }, { width: 0.5 }, { opacity: 0.9 }, { y: -0.5, height: 1 }]) expect(made({ sourceId: 'film', ...change }).fills, JSON.stringify(change)).toBe(false);
    for (const change of [{}, { x: -0.5, width: 2 }]) expect(made({ sourceId: 'film', ...change }).fills).toBe(true);
    const sound = made({ sourceId: 'jingle' });
    expect([sound.fills, TimelineDocument.parse(sound.document).tracks[0]!.kind]).toEqual([false, 'audio']);
    expect(TimelineDocument.parse(made({ timelineId: 'tl' }).document).tracks[0]!.clips[0]).toMatchObject({ timelineId: 'tl' });
    expect(TimelineDocument.parse(made({ sceneId: 'scene' }).document).tracks[0]!.clips[0]).toMatchObject({ sceneId: 'scene' });
  });

  test('what it shows, and what is prepared or shown for an emergency, is in use', () => {
    const prepared = (emergency: object) => document('channel', Settings.parse({ emergency }));
    const with_ = (change: object) => [document('i', insert({ durationMs: 500, ...change }))];
    expect(usesOfSource({ ...state, inserts: with_({ sourceId: 'jingle' }) }, 'jingle')).toEqual(['in the insert "Spot"']);
    expect(usesOfScene({ ...state, inserts: with_({ sceneId: 'scene' }) }, 'scene')).toEqual(['in the insert "Spot"']);
    expect(usesOfTimeline({ ...state, inserts: with_({ timelineId: 'tl' }) }, 'tl')).toEqual(['in the insert "Spot"']);
    expect(usesOfScene({ ...state, settings: prepared({ sceneId: 'scene' }) }, 'scene')).toEqual(['prepared for an emergency']);
    expect(usesOfSource({ ...state, settings: prepared({ sourceId: 'logo' }) }, 'logo')).toEqual(['prepared for an emergency']);
    const on = (target: { sourceId: string } | { slate: true }) => ({ ...state, emergency: { target, since: '', left: null } });
    expect(usesOfSource(on({ sourceId: 'logo' }), 'logo')).toEqual(['the emergency picture on program']);
    expect(usesOfSource(on({ slate: true }), 'logo')).toEqual([]);
  });
});
