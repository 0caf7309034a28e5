import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_MS } from '../../../src/protocol/resources.js';
import type { DesiredState } from '../../../src/studio/desired-state.js';
import { FolderStage } from './folder_stage.js';

let stage: FolderStage;
let outside: string;
beforeEach(async () => {
  stage = await new FolderStage().open();
  outside = join(stage.home, 'private');
  mkdirSync(outside);
  writeFileSync(join(outside, 'clip.mp4'), 'a secret');
});
afterEach(() => stage.close());

const at = (...path: string[]): string => join(stage.media, ...path);
const has = (id: string, ...files: string[]) => stage.until(`${files.join(', ') || 'nothing'} on the timeline`, () => JSON.stringify(stage.files(id)) === JSON.stringify(files) && stage.clips(id).length === files.length);
const states = (id: string) => Object.fromEntries(stage.read(id).files.map(({ path, state }) => [path, state]));
/** Moves a folder away, and puts a link in its place. */
function replace(path: string, by: string): void {
  renameSync(at(path), at(`old-${path.replaceAll('/', '-')}`));
  symlinkSync(by, at(path));
}
/** Plays the folder's timeline from its start. */
async function play(id: string): Promise<void> {
  const { timelineId } = stage.model.find('folder', id)!.data;
  const nowMs = stage.clock.monotonicMs();
  await stage.model.change((draft) => draft.playback(timelineId, { is: 'playing', zeroUs: nowMs * 1000, bootId: 'boot', zeroWallMs: stage.clock.wallMs() }));
}

describe('a link that leads out of the media folder', () => {
  test('in the place of the folder takes its files off the timeline, on air too; back again they are there again', async () => {
    stage.put('show', 'clip.mp4');
    const id = await stage.make('show');
    await has(id, 'show/clip.mp4');
    await play(id);
    replace('show', outside);
    await has(id);
    await stage.until('it to be told', () => stage.read(id).state === 'missing');
    expect(stage.read(id)).toMatchObject({ message: expect.stringContaining('leads out of the media folder'), files: [], counts: { ready: 0 } });
    unlinkSync(at('show'));
    renameSync(at('old-show'), at('show'));
    await has(id, 'show/clip.mp4');
    await stage.until('it to be told', () => stage.read(id).state === 'watching');
  });

  test('above the folder does so too, and a folder that is away keeps its files', async () => {
    stage.put('shows', 'late', 'clip.mp4');
    mkdirSync(join(outside, 'late'));
    const id = await stage.make('shows/late');
    await has(id, 'shows/late/clip.mp4');
    renameSync(at('shows'), at('away'));
    await stage.until('the folder to be missing', () => stage.read(id).state === 'missing');
    expect([stage.files(id), stage.clips(id).length]).toEqual([['shows/late/clip.mp4'], 1]);
    symlinkSync(outside, at('shows'));
    await has(id);
  });

  test.each([['only', false], ['other', true]])('in the place of the %s file takes that one alone', async (_, more) => {
    stage.put('show', 'clip.mp4');
    if (more) stage.put('show', 'other.mp4');
    const others = more ? ['show/other.mp4'] : [];
    // On air for longer than this test takes.
    stage.says = () => ({ is: 'ok', durationMs: 3600 * 1000 });
    const id = await stage.make('show');
    await has(id, 'show/clip.mp4', ...others);
    await play(id);
    rmSync(at('show/clip.mp4'));
    symlinkSync(join(outside, 'clip.mp4'), at('show/clip.mp4'));
    await has(id, ...others);
    await stage.until('it to be told', () => states(id)['show/clip.mp4'] === 'refused');
    expect(stage.read(id).state).toBe('watching');
  });

  test('in the place of a folder within it takes what was in that; what only vanished stays while nothing else is there', async () => {
    stage.put('show', 'sub', 'clip.mp4');
    stage.put('show', 'a.mp4');
    const id = await stage.make('show', { recursive: true });
    await has(id, 'show/a.mp4', 'show/sub/clip.mp4');
    replace('show/sub', outside);
    rmSync(at('show/a.mp4'));
    await has(id, 'show/a.mp4');
    await stage.until('it to be told', () => stage.read(id).state === 'missing');
    expect(stage.read(id)).toMatchObject({ message: expect.stringContaining('stays'), counts: { ready: 1, refused: 1 } });
  });

  test('takes files away while others are probed, and while the timeline cannot be changed', async () => {
    stage.put('show', 'a.mp4');
    stage.put('show', 'clip.mp4');
    const id = await stage.make('show');
    await has(id, 'show/a.mp4', 'show/clip.mp4');
    stage.says = () => new Promise(() => undefined);
    const { timelineId } = stage.model.find('folder', id)!.data;
    stage.desired.unstored = { playbacks: new Map([[timelineId, { is: 'stopped' }]]) } as unknown as DesiredState['unstored'];
    stage.put('show', 'new.mp4');
    await stage.until('it to be seen', () => states(id)['show/new.mp4'] === 'waiting');
    rmSync(at('show/clip.mp4'));
    symlinkSync(join(outside, 'clip.mp4'), at('show/clip.mp4'));
    // At the next look the new one is whole as well.
    await stage.clock.leap(5000);
    await stage.until('the file to go', () => stage.files(id).length === 1);
    expect(stage.clips(id)).toHaveLength(2);
  });

  test('is not followed by the probe: it is given the path that was found, and the folder to look where that leads now', async () => {
    stage.put('films', 'a.mp4');
    symlinkSync(at('films'), at('show'));
    const id = await stage.make('show');
    await has(id, 'show/a.mp4');
    expect(stage.probed).toEqual([{ path: realpathSync(at('films/a.mp4')), kind: 'media', mediaFolder: stage.media }]);
  });
});

test('files for which the timeline has no room are refused, and the folder says so; the studio starts again with it', async () => {
  for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) stage.put('show', name);
  stage.says = (path) => ({ is: 'ok', durationMs: path.endsWith('a.mp4') ? MAX_MS + 1 : path.endsWith('b.mp4') ? MAX_MS : 1000 });
  const id = await stage.make('show');
  await has(id, 'show/b.mp4');
  await stage.until('it to be told', () => stage.read(id).counts.refused === 2);
  expect(stage.read(id)).toMatchObject({
    state: 'watching', message: 'There is room for 30 days; 2 files are left out.', counts: { ready: 1, waiting: 0, refused: 2 },
    files: [{ path: 'show/b.mp4', state: 'ready' }, { path: 'show/a.mp4', state: 'refused', message: expect.stringContaining('no room') }, { path: 'show/c.mp4', state: 'refused' }],
  });
  expect((await stage.load()).state).toEqual(stage.model.state);
  rmSync(at('show/a.mp4'));
  rmSync(at('show/b.mp4'));
  await has(id, 'show/c.mp4');
  await stage.until('the message to go', () => stage.read(id).message === undefined);
});

test('what could not be read again is not stored, and the folder says so; nothing else is lost', async () => {
  stage.put('show', 'a.mp4');
  const id = await stage.make('show');
  await has(id, 'show/a.mp4');
  stage.says = () => ({ is: 'ok', durationMs: 1000.5 });
  stage.put('show', 'b.mp4');
  await stage.until('it to be told', () => stage.read(id).message?.includes('cannot be stored'));
  expect([stage.files(id), stage.clips(id).length, states(id)]).toEqual([['show/a.mp4'], 1, { 'show/a.mp4': 'ready', 'show/b.mp4': 'ready' }]);
  expect((await stage.load()).state).toEqual(stage.model.state);
  rmSync(at('show/b.mp4'));
  await stage.until('the message to go', () => stage.read(id).message === undefined);
});

test('a film that cannot be opened in time waits, keeps no other one waiting, and joins when it can be', async () => {
  const slow = Array.from({ length: 45 }, (_, i) => `show/a${String(i).padStart(2, '0')}.mp4`);
  for (const path of slow) stage.put(path);
  const away = { is: 'unreadable', message: 'It could not be opened within 5 s.', isPassing: true } as const;
  let isSlow = true;
  stage.says = (path) => (isSlow && path.includes('/a') ? away : { is: 'ok', durationMs: 10_000 });
  const id = await stage.make('show');
  await stage.until('them to be tried', () => stage.read(id).files.some(({ message }) => message === `${away.message} It is tried again.`));
  expect(stage.read(id).counts).toEqual({ ready: 0, waiting: 45, refused: 0 });
  stage.put('show', 'b.mp4');
  await has(id, 'show/b.mp4');
  isSlow = false;
  await has(id, ...slow, 'show/b.mp4');
});
