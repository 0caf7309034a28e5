/** A folder on program at the far end: films join and go while it loops, and every frame is there, once, in order. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture, type PictureReport } from '../support/pattern/analyse.js';
import { patternFile } from '../support/pattern/generate.js';
import { filmsOfFolder } from '../support/pattern/usual.js';
import { run } from '../support/process.js';
import { commandLine } from '../support/procfs.js';
import type { Rig } from '../support/rig.js';
import { expectSteady, unrest, watchCameras } from '../support/steady.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { monotonicMs, waitFor } from '../support/wait.js';

const fps = 30;
const seconds = 3;
/** On, near, or just gone. */
const MOST_OPEN = 3;
const NAMES = ['a', 'b', 'c', 'd'];

/** With the far end `far`, and no camera. */
export const folders = (shared: { rig: Rig }) => describe('a folder that loops on program', () => {
  const films = tempFolder();
  let rig: Rig;
  let picture: PictureReport;
  let steady: string;
  let open = 0;

  beforeAll(async () => {
    for (const [i, name] of NAMES.entries()) {
      const { path } = await patternFile(filmsOfFolder[i]!);
      await run('ffmpeg', ['-v', 'error', '-i', path, '-c', 'copy', '-t', String(seconds), '-y', join(films, `${name}.mp4`)]);
    }
    ({ rig } = shared);
    const { api, home } = rig.product;
    const folder = join(home, 'media/loop');
    const filmsOpen = (): number => rig.product.decoders().filter(({ pid }) => commandLine(pid).includes(folder)).length;
    const put = (name: string): void => copyFileSync(join(films, `${name}.mp4`), join(folder, `${name}.mp4`));
    mkdirSync(folder);
    for (const name of ['a', 'c', 'd']) put(name);
    writeFileSync(join(folder, 'broken.mp4'), 'this is no film');

    const { id, timelineId } = await api.post<{ id: string; timelineId: string }>('/api/v1/folders', { name: 'Loop', path: 'loop' });
    const clips = async (): Promise<number> => (await api.get<{ tracks: { clips: unknown[] }[] }>(`/api/v1/timelines/${timelineId}`)).tracks[0]!.clips.length;
    const has = (count: number) => waitFor(`${count} films in the loop`, async () => (await clips()) === count, { timeoutMs: 30_000, everyMs: 100 });
    await has(3);
    await api.post('/api/v1/playback', { action: 'play', timelineId });
    await rig.far.nextPicture('far');
    const fromMs = monotonicMs();
    watchCameras([]);
    const shown = (films_: number) => waitFor('films to be shown', () => monotonicMs() - fromMs > films_ * seconds * 1000, { timeoutMs: 90_000, everyMs: 100 });
    await shown(1.5);
    put('b');
    await has(4);
    await shown(6);
    rmSync(join(folder, 'd.mp4'));
    await has(3);
    // What was open for the film that was deleted takes a moment to end.
    open = await waitFor('no more films open than those', () => {
      const count = filmsOpen();
      return count > 0 && count <= MOST_OPEN ? count : undefined;
    }, { timeoutMs: 5_000 }).catch(filmsOpen);
    await shown(9.5);
    const { counts } = await api.get<{ counts: object }>(`/api/v1/folders/${id}`);
    expect(counts).toEqual({ ready: 3, waiting: 0, refused: 1 });
    const { frames } = await rig.far.read('far', fromMs, { sound: false });
    const options = { fps, fromMs: rig.far.mediaTimeMs('far', fromMs) };
    // What was on program before is on its way for a moment longer.
    picture = analysePicture(frames, { fps, fromMs: analysePicture(frames, options).runs[0]!.fromMs });
    const seen = unrest([]);
    console.log(`films at the far end: ${picture.runs.map(({ camera, firstCounter, lastCounter }) => `${NAMES[camera]} ${firstCounter}-${lastCounter}`).join(', ')}`);
    steady = expectSteady(picture, [], seen);
  }, 240_000);

  afterAll(() => removeFolder(films));

  it('shows every frame of every film once and in order, with no black and no slate between them', () => {
    console.log(`a folder on program: ${picture.frames} frames, ${steady}`);
    expect(picture).toMatchObject({ black: 0, unreadable: 0, missing: 0, backwards: 0, reordered: 0 });
    for (const one of picture.runs.slice(1, -1)) expect(one).toMatchObject({ firstCounter: 0, lastCounter: seconds * fps - 1 });
    expect(picture.runs.length).toBeGreaterThan(8);
  });

  it('shows a film that has joined in its place in the order, and one that was deleted no more', () => {
    const order = picture.runs.map(({ camera }) => NAMES[camera]).join('');
    // Up to the join, with b from then on, and without d at the end.
    expect(order).toMatch(/^(?:a?c?d?)(?:acd)*(?:a?c?d?)(?:b?a?b?c?d?)(?:abcd)*(?:a?b?c?d?)(?:abc)*(?:a?b?c?)$/);
    expect(order).toContain('b');
    expect(order.slice(order.indexOf('d') + 1)).toMatch(/[^d]{3,}$/);
  });

  it('has only the films open that are on, are near or have just gone', () => {
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(MOST_OPEN);
  });
});
