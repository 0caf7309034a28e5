import { describe, expect, test } from 'vitest';
import { engineDesired } from '../../../src/domain/desired.js';
import type { StudioState } from '../../../src/domain/documents.js';
import { folderSource } from '../../../src/domain/folders.js';
import { toSnapshot } from '../../../src/domain/resources.js';
import { timelineFile } from '../../../src/domain/timeline-file.js';
import { timelineLookup } from '../../../src/domain/timelines.js';
import type { StoredFolder, StoredFolderFile } from '../../../src/protocol/folder.js';
import { EngineDesired, EngineSource } from '../../../src/protocol/link.js';
import { TimelineDocument } from '../../../src/protocol/timeline.js';
import { part, whole } from '../../../src/runtime/link-documents.js';
import { document, studioState } from './state.js';

const folder = (timelineId: string): StoredFolder => ({ name: 'Films', path: 'films', recursive: false, order: 'name', seed: 1, stillMs: 10_000, transition: null, timelineId });
const file = (id: string, path: string, kind: StoredFolderFile['kind'] = 'media'): StoredFolderFile => ({ id, path, kind, durationMs: kind === 'image' ? null : 5000, version: 'v', modifiedMs: 1 });
const files = (id: string, all: StoredFolderFile[]) => [id, document(id, { files: all })] as const;
const timeline = (...ids: string[]) => TimelineDocument.parse({ name: 'Films', tracks: [{ id: 't', kind: 'video', clips: ids.map((id, i) => ({ id: `c${i}`, sourceId: id, startMs: i * 5000, durationMs: 5000 })) }] });

const state = (over: Partial<StudioState> = {}): StudioState => studioState({
  timelines: [document('tml_a', timeline('fil_1', 'fil_2')), document('tml_b', timeline('fil_3'))],
  folders: [document('fld_a', folder('tml_a')), document('fld_b', folder('tml_b'))],
  folderFiles: new Map([files('fld_a', [file('fil_1', 'films/a\nb.mp4'), file('fil_2', 'films/c.png', 'image')]), files('fld_b', [file('fil_3', 'films/d.mp4')])]),
  ...over,
});
const context = { mediaFolder: '/media', findMedia: (path: string) => ({ is: 'found' as const, path }), levels: false };

describe('folders', () => {
  test('the engine is told of the files of those whose timelines it plays, as sources with absolute paths', () => {
    expect(engineDesired(state(), context).folders).toEqual([]);
    const desired = EngineDesired.parse(engineDesired(state({ program: { timelineId: 'tml_a' } }), context));
    expect(desired.folders.map(({ id }) => id)).toEqual(['fld_a']);
    const sources = (desired.folders[0]!.files as unknown[]).map((one) => EngineSource.parse(one));
    expect(sources).toMatchObject([{ id: 'fil_1', kind: 'media', name: 'a b.mp4', path: '/media/films/a\nb.mp4' }, { id: 'fil_2', kind: 'image', path: '/media/films/c.png' }]);
    expect(desired.timelines).toMatchObject([{ id: 'tml_a', keeps: 'clip' }]);
    expect(JSON.stringify(desired.sources)).not.toContain('fil_');
    expect(engineDesired(state({ armed: 'tml_b' }), context).folders.map(({ id }) => id)).toEqual(['fld_b']);
  });

  test.each([
    [`${' '.repeat(100)}a.mp4`, 'a.mp4'], [`a${' '.repeat(120)}b.mp4`, 'a'], ['\n\t', 'fil_1'], ['a\u202Eb.mp4', 'a b.mp4'], [`${'a'.repeat(99)}🎥.mp4`, 'a'.repeat(99)], [`${'ä'.repeat(120)}.mp4`, 'ä'.repeat(100)],
  ])('a file of any name is one that the engine can read: %j', (name, shown) => {
    expect(EngineSource.parse({ ...folderSource(file('fil_1', `films/${name}`)), id: 'fil_1' })).toMatchObject({ name: shown, path: `films/${name}` });
  });

  test('their files go over the link apart from the wish, once a version', () => {
    const desired = engineDesired(state({ program: { timelineId: 'tml_a' } }), context);
    const { payload, documents } = part(desired);
    expect(JSON.stringify(payload)).not.toContain('films/');
    expect([...documents.keys()]).toEqual(['tml_a@1', 'fld_a@1']);
    const again = whole(JSON.parse(JSON.stringify(payload)), documents);
    expect(again.payload).toEqual(desired);
    expect([...again.keys]).toEqual(['tml_a@1', 'fld_a@1']);
  });

  test('no snapshot has their files, and their timelines say whose they are', () => {
    const snapshot = toSnapshot(state(), 'standby', 'rtmp://x');
    expect(JSON.stringify(snapshot)).not.toContain('fil_');
    expect(snapshot.timelines.map(({ folderId }) => folderId)).toEqual(['fld_a', 'fld_b']);
  });

  test('a check and an export know them', () => {
    expect(timelineLookup(state()).source('fil_2')).toMatchObject({ kind: 'image' });
    expect(timelineFile(state(), state().timelines[0]!).sources.map((one) => one.path)).toEqual(['films/a\nb.mp4', 'films/c.png']);
  });
});
