import { describe, expect, test } from 'vitest';
import { sourcesOnProgram } from '../../../src/domain/on-program.js';
import { SceneInput } from '../../../src/protocol/resources.js';
import { document, studioState } from './state.js';
import { timeline } from './timeline/support.js';

const program = { frame: 900, fps: 30, repeated: 0, late: 0, skipped: 0, composeUsAvg: 1, composeUsP99: 2, inTransition: false };
describe('sources on program', () => {
  test('are the one itself, or those of its scene that are not hidden, each once', () => {
    const layers = [{ sourceId: 'cam' }, { sourceId: 'film', hidden: true }, { sourceId: 'cam', width: 0.5 }, { overlayId: 'clock' }];
    const state = studioState({ scenes: [document('scene', SceneInput.parse({ name: 'Scene', layers }))] });
    expect(sourcesOnProgram(state, { ...program, sourceId: 'card' }, null)).toEqual(['card']);
    expect(sourcesOnProgram(state, { ...program, sceneId: 'scene' }, null)).toEqual(['cam']);
    expect(sourcesOnProgram(state, { ...program, sceneId: 'gone' }, null)).toEqual([]);
    expect(sourcesOnProgram(state, null, null)).toEqual([]);
  });

  test('are what a timeline has at its moment: in scenes, in timelines within it, as sound, in laps, and while one clip goes over into another', () => {
    const inner = timeline({ name: 'Inner', clips: [{ sourceId: 'film', startMs: 0, durationMs: 1000 }] });
    const show = timeline({
      name: 'Show', loop: true,
      clips: [
        { sourceId: 'cam', startMs: 0, durationMs: 1000 },
        { sourceId: 'card', startMs: 1000, durationMs: 1000, transition: { kind: 'fade', durationMs: 400 } },
        { sceneId: 'scene', startMs: 2000, durationMs: 1000 },
        { timelineId: 'inner', startMs: 3000, durationMs: 1000 },
      ],
    });
    const state = studioState({
      timelines: [document('show', show), document('inner', inner)],
      scenes: [document('scene', SceneInput.parse({ name: 'Scene', layers: [{ sourceId: 'card' }, { sourceId: 'cam', hidden: true }] }))],
    });
    const stands = (positionMs: number) => ({ timelineId: 'show', positionMs });
    const at = (positionMs: number): string[] => sourcesOnProgram(state, { ...program, timelineId: 'show' }, stands(positionMs));
    expect([500, 1200, 1700, 2500, 3500, 4500].map((ms) => at(ms).sort())).toEqual([['cam'], ['cam', 'card'], ['card'], ['card'], ['film'], ['cam']]);
    // Of one that nobody knows of, nothing is on program.
    expect([{ ...stands(500), timelineId: 'other' }, null].map((is) => sourcesOnProgram(state, { ...program, timelineId: 'show' }, is))).toEqual([[], []]);
    // An edit counts at once.
    const cut = studioState({ ...state, timelines: [document('show', { ...show, tracks: [] })] });
    expect(sourcesOnProgram(cut, { ...program, timelineId: 'show' }, stands(500))).toEqual([]);
    const shown = studioState({ ...state, scenes: [document('scene', SceneInput.parse({ name: 'Scene', layers: [{ sourceId: 'cam' }] }))] });
    expect(sourcesOnProgram(shown, { ...program, timelineId: 'show' }, stands(2500))).toEqual(['cam']);
  });

  test('are found each second without reading the timeline anew, whose lists are made anew for whoever asks', () => {
    const show = timeline({ name: 'Show', clips: [{ sourceId: 'cam', startMs: 0, durationMs: 1000 }] });
    const { tracks } = show;
    let read = 0;
    Object.defineProperty(show, 'tracks', { enumerable: true, get: () => { read += 1; return tracks; } });
    const timelines = [document('show', show)];
    const scenes = [document('scene', SceneInput.parse({ name: 'Scene', layers: [] }))];
    const look = () => sourcesOnProgram(studioState({ timelines: [...timelines], scenes: [...scenes] }), { ...program, timelineId: 'show' }, { timelineId: 'show', positionMs: 500 });
    expect(look()).toEqual(['cam']);
    const once = read;
    expect(look()).toEqual(['cam']);
    expect(read).toBe(once);
  });
});
