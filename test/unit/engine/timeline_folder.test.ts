/** A folder's timeline on program: its files are no sources, and an edit leaves the clip on air where it is. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextFolder, type FolderNext } from '../../../src/domain/folder/document.js';
import { fileId } from '../../../src/domain/folder/order.js';
import type { StoredFolderFile } from '../../../src/protocol/folder.js';
import { children, film, pass, source } from './doubles.js';
import { document, known, TimelineStage } from './timeline_stage.js';

let stage: TimelineStage;
let now: FolderNext | undefined;
let revision = 0;

beforeEach(async () => {
  now = undefined;
  stage = await TimelineStage.open();
});
afterEach(() => stage.close());

const file = (name: string, durationMs: number | null): StoredFolderFile => ({
  id: fileId('fld_1', name, 'v'), path: name, kind: durationMs === null ? 'image' : 'media', durationMs, version: 'v', modifiedMs: 0,
});
const RULES = { order: 'name', seed: 1, stillMs: 4000, transition: null } as const;

/** What the studio sends when these files are ready. */
function ready(files: StoredFolderFile[], positionMs: number | null = null): FolderNext {
  const next = nextFolder({ before: now?.document ?? document({ loop: true, clips: [] }), beforeFiles: now?.files ?? [], ready: files, rules: RULES, positionMs });
  now = next;
  revision += 1;
  const sources = next.files.map(({ id, path, kind }) => (kind === 'image' ? source({ id, kind, path: `/media/${path}` }) : film(id, { path: `/media/${path}` })));
  stage.timelines.apply({ ...stage.wish, timelines: [{ ...known('tml_1', next.document, revision), keeps: 'clip' }], folders: [{ id: 'fld_1', revision, files: sources }] });
  return next;
}
const shown = (): unknown => (stage.recorded(stage.program.stats().frame)[0]?.layers as { of: unknown; at: unknown }[] | undefined)?.map(({ of, at }) => ({ of, at }));
const positionMs = (): number => stage.timelines.status()!.positionMs;

describe('a folder on program', () => {
  it('plays its films and pictures, each opened when it is due', async () => {
    ready([file('a.mp4', 6000), file('b.png', null), file('c.mp4', 6000)]);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(3000);
    expect(shown()).toEqual([{ of: 'a', at: expect.any(Number) }]);
    expect(stage.clipIds).toHaveLength(2);
    const still = stage.program.sourceOptions(stage.clipIds[1]!)!;
    expect(still).toMatchObject({ mode: 'live', slots: 3 });
    await pass(16_000);
    const films = stage.recorded(frame, frame + 400).map(({ layers }) => (layers as { of?: string }[])[0]?.of);
    expect([films[0], films[149], films[250], films[399]]).toEqual(['a', 'a', 'c', 'c']);
    expect(stage.timelines.status()).toMatchObject({ lap: 1, failedClips: 0 });
  });

  it('goes on with the film on air, and the one that follows, when others join before, between and behind, and leave', async () => {
    const [a, c, e, g] = ['a', 'c', 'e', 'g'].map((name) => file(`${name}.mp4`, 20_000)) as [StoredFolderFile, StoredFolderFile, StoredFolderFile, StoredFolderFile];
    ready([a, c, e, g]);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(37_500);
    const opened = children.all.length;
    // c is on air for 2.5 s more, e is open; b, d and f come, a goes, and then c itself.
    ready([file('b.mp4', 5000), c, file('d.mp4', 5000), e, file('f.mp4', 5000), g], positionMs());
    await pass(200);
    ready([file('b.mp4', 5000), file('d.mp4', 5000), e, file('f.mp4', 5000), g], positionMs());
    await pass(4300);
    expect(children.all.slice(opened).map((child) => child.args[child.args.indexOf('--path') + 1])).toEqual([]);
    const films = stage.recorded(frame, frame + 1040).map(({ layers }) => (layers as { of?: string; at?: number }[]).map(({ of, at }) => `${of} ${at}`).join());
    expect(films).toEqual(Array.from({ length: 1040 }, (_, i) => `${i < 500 ? 'a' : i < 1000 ? 'c' : 'e'} ${i % 500}`));
    const last = ready([file('b.mp4', 5000), file('d.mp4', 5000), e, file('f.mp4', 5000), g], positionMs());
    expect([last.settled, last.files.map(({ path }) => path[0]).join('')]).toEqual([true, 'bdefg']);
    await pass(22_000);
    expect(shown()).toMatchObject([{ of: 'f' }]);
  });

  it('keeps its files when they cannot be read, and lets go of them with the folder', async () => {
    const { document: of } = ready([file('a.mp4', 20_000)]);
    await stage.from(0);
    stage.timelines.apply({ ...stage.wish, timelines: [{ ...known('tml_1', of, revision), keeps: 'clip' }], folders: [{ id: 'fld_1', revision: 99, files: 'nothing' }] });
    await pass(500);
    expect(stage.playing).toEqual(['a']);
  });
});
