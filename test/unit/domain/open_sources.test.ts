import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_IDLE, neededAtOnce, openSources, type OpenFacts } from '../../../src/domain/open-sources.js';
import { filesInTimelines } from '../../../src/domain/timelines.js';
import { AudioInput, Layer } from '../../../src/protocol/resources.js';
import { TimelineDocument } from '../../../src/protocol/timeline.js';
import { document, studioState } from './state.js';

const film = (id: string, fallbackSourceId: string | null = null) => ({ id, kind: 'media' as const, fallbackSourceId });
const open = (facts: Partial<OpenFacts>): string[] => [...openSources({ sources: [], needed: [], inTimelines: new Set(), recent: [], ...facts })];
const films = (count: number) => Array.from({ length: count }, (_, i) => film(`f${i}`));

describe('which sources are open', () => {
  test('what comes by itself always, with all that stands in for it', () => {
    const sources = [{ id: 'cam', kind: 'camera' as const, fallbackSourceId: 'loop' }, film('loop', 'logo'), { id: 'logo', kind: 'image' as const, fallbackSourceId: null }, film('other')];
    expect(open({ sources, inTimelines: new Set(['loop', 'logo', 'other']) }).sort()).toEqual(['cam', 'logo', 'loop']);
  });

  test('a file that lies in timelines only when it is needed or was taken', () => {
    const inTimelines = new Set(films(300).map(({ id }) => id));
    expect(open({ sources: films(300), inTimelines })).toEqual([]);
    expect(open({ sources: films(300), inTimelines, needed: ['f7'], recent: ['f9'] })).toEqual(['f7', 'f9']);
  });

  test('of others the last ones made, and those taken before them', () => {
    expect(open({ sources: films(40) })).toEqual(films(40).slice(-MOST_IDLE).reverse().map(({ id }) => id));
    expect(open({ sources: films(40), recent: ['f3', 'gone', 'f39'] }).slice(0, 3)).toEqual(['f3', 'f39', 'f38']);
    expect(open({ sources: films(40), recent: ['f3'] })).toHaveLength(MOST_IDLE);
  });

  test('never more than what is needed and the bound, whatever there is', () => {
    const ids = fc.integer({ min: 0, max: 60 }).map((n) => `f${n}`);
    fc.assert(fc.property(fc.integer({ min: 0, max: 50 }), fc.array(ids, { maxLength: 8 }), fc.array(ids), fc.array(ids), (count, needed, inTimelines, recent) => {
      const result = open({ sources: films(count), needed, inTimelines: new Set(inTimelines), recent });
      for (const id of result) expect(films(count).some((one) => one.id === id)).toBe(true);
      for (const id of needed) if (films(count).some((one) => one.id === id)) expect(result).toContain(id);
      expect(result.length).toBeLessThanOrEqual(new Set(needed).size + MOST_IDLE);
    }));
  });

  test('needed are what is on program, what is not hidden in any scene, the fillers of timelines, and what is always heard', () => {
    const scenes = [{ id: 's', layers: [Layer.parse({ sourceId: 'a' }), Layer.parse({ sourceId: 'hidden', hidden: true }), Layer.parse({ overlayId: 'o' })] }];
    const timelines = [{ sourceId: 'c' }, { sceneId: 's' }, null].map((filler, i) => ({ id: `t${i}`, revision: 1, document: { filler }, playback: { is: 'stopped' as const } }));
    const sources = (['follow', 'always'] as const).map((mode) => ({ ...AudioInput.parse({ kind: 'audio', name: mode, path: 'x', audio: { mode } }), id: mode === 'always' ? 'music' : 'other' }));
    expect([...neededAtOnce({ scenes, timelines, sources }, [{ sourceId: 'b' }, { timelineId: 't0' }, null])]).toEqual(['b', 'a', 'music', 'c']);
  });

  test('the studio tells which of the stored files lie in timelines', () => {
    const clips = ['film', 'cam', 'gone'].map((sourceId, i) => ({ id: `c${i}`, sourceId, startMs: i * 10, durationMs: 10 }));
    const timeline = TimelineDocument.parse({ name: 'T', tracks: [{ id: 't', kind: 'video', enabled: false, clips }] });
    expect(filesInTimelines(studioState({ timelines: [document('tml', timeline)] }))).toEqual(['film']);
  });
});
