import { describe, expect, test } from 'vitest';
import { holdersOf, mediaUses, pathsOnAir, plainPath } from '../../../src/domain/media-uses.js';
import type { StoredFolderFiles } from '../../../src/protocol/folder.js';
import { SceneInput, SourceInput } from '../../../src/protocol/resources.js';
import { TimelineDocument } from '../../../src/protocol/timeline.js';
import { document, studioState } from './state.js';

const film = (id: string, path: string, fallbackSourceId: string | null = null) => document(id, SourceInput.parse({ kind: 'media', name: `Film ${id}`, path, fallbackSourceId }));
const timelineOf = (id: string, clips: object[], more: object = {}) => document(id, TimelineDocument.parse({
  name: `Timeline ${id}`, tracks: [{ id: 't', kind: 'video', clips: clips.map((clip, i) => ({ id: `c${i}`, startMs: i * 1000, durationMs: 1000, ...clip })) }], ...more,
}));
const files: StoredFolderFiles = { files: [{ id: 'fil_1', path: 'loop/one.mp4', kind: 'media', durationMs: 1000, version: '1', modifiedMs: 1 }] };
const base = {
  sources: [film('a', 'a.mp4', 'b'), film('b', './sub//b.mp4'), film('c', 'c.mp4'), film('d', 'd.mp4')],
  scenes: [document('s', SceneInput.parse({ name: 'Scene', layers: [{ sourceId: 'c' }, { sourceId: 'c', x: 0.5 }] }))],
  folders: [document('f', { name: 'Loop', path: 'loop', recursive: false, order: 'name' as const, seed: 1, stillMs: 1000, transition: null, timelineId: 'ft' })],
  folderFiles: new Map([['f', document('f', files)]]),
  timelines: [timelineOf('t1', [{ sourceId: 'a' }, { sceneId: 's' }, { sourceId: 'a' }], { filler: { sourceId: 'd' } }), timelineOf('ft', [{ sourceId: 'fil_1' }])],
};

test('one file has one path', () => {
  expect(['a.mp4', './a.mp4', 'x/./a.mp4', 'x//a.mp4', 'x/y/../a.mp4'].map(plainPath)).toEqual(['a.mp4', 'a.mp4', 'x/a.mp4', 'x/a.mp4', 'x/a.mp4']);
});

describe('a file is used', () => {
  const uses = mediaUses(studioState(base));

  test('by the sources that name it, by what those lie in, each once, and by folders', () => {
    expect(uses.get('a.mp4')).toEqual([{ kind: 'source', id: 'a', name: 'Film a' }, { kind: 'timeline', id: 't1', name: 'Timeline t1' }]);
    expect(uses.get('sub/b.mp4')).toEqual([{ kind: 'source', id: 'b', name: 'Film b' }]);
    expect(uses.get('c.mp4')).toEqual([{ kind: 'source', id: 'c', name: 'Film c' }, { kind: 'scene', id: 's', name: 'Scene' }]);
    expect(uses.get('d.mp4')?.map(({ kind }) => kind)).toEqual(['source', 'timeline']);
    expect(uses.get('loop/one.mp4')).toEqual([{ kind: 'folder', id: 'f', name: 'Loop' }]);
    expect(uses.get('e.mp4')).toBeUndefined();
  });

  test('and held by what names it itself', () => {
    expect(holdersOf(uses.get('a.mp4')!)).toEqual(['the file of the source "Film a"']);
    expect(holdersOf(uses.get('loop/one.mp4')!)).toEqual(['in the folder "Loop"']);
  });
});

describe('on air', () => {
  const onAir = (change: object): string[] => [...pathsOnAir(studioState({ ...base, program: { sceneId: 'none' }, ...change }))].sort();

  test('is what is on program, with what stands in for it', () => {
    expect(onAir({})).toEqual([]);
    expect(onAir({ program: { sourceId: 'a' } })).toEqual(['a.mp4', 'sub/b.mp4']);
    expect(onAir({ program: { sceneId: 's' } })).toEqual(['c.mp4']);
    expect(onAir({ program: { timelineId: 't1' } })).toEqual(['a.mp4', 'c.mp4', 'd.mp4', 'sub/b.mp4']);
    expect(onAir({ program: { timelineId: 'ft' } })).toEqual(['loop/one.mp4']);
  });

  test('is also what is armed, over the program, or comes back', () => {
    expect(onAir({ armed: 't1' })).toHaveLength(4);
    expect(onAir({ preview: { sourceId: 'd' } })).toEqual(['d.mp4']);
    expect(onAir({ emergency: { target: { sourceId: 'd' }, since: '', left: null } })).toEqual(['d.mp4']);
    expect(onAir({ override: { timelineId: 'ft', leftPlayback: { is: 'stopped' }, instead: { sceneId: 's' } } })).toEqual(['c.mp4', 'loop/one.mp4']);
  });
});
