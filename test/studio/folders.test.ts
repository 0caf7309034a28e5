/** Folders with the real studio and real files, and a stand-in for the engine. */
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Playback } from '../../src/protocol/playback.js';
import { StateSnapshot } from '../../src/protocol/state.js';
import { readBootId, systemClock } from '../../src/runtime/clock.js';
import { repositoryRoot } from '../support/media.js';
import { run } from '../support/process.js';
import { IDLE_ENGINE, type Peer, StudioProcess } from '../support/studio-process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

let films: string;
beforeAll(async () => {
  films = tempFolder();
  const film = (name: string, seconds: number) => run('ffmpeg', [
    '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=64x36:rate=25:duration=${seconds}`, '-c:v', 'mpeg4', '-y', join(films, name),
  ]);
  await film('long.mp4', 30);
  await film('short.mp4', 10);
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:size=64x36', '-frames:v', '1', '-y', join(films, 'still.png')]);
  writeFileSync(join(films, 'broken.mp4'), 'this is no film');
});
afterAll(() => removeFolder(films));

describe('a folder', () => {
  let studio: StudioProcess;
  let engine: Peer<'engine'>;
  const playing = (positionMs: number): Playback => {
    const nowMs = systemClock.monotonicMs();
    return { is: 'playing', zeroUs: (nowMs - positionMs) * 1000, bootId: readBootId(), zeroWallMs: Date.now() - positionMs };
  };
  const engineOf = () => studio.peer('engine', IDLE_ENGINE, (_name, { start }) => ({ frame: 1, ptsMs: systemClock.monotonicMs(), playback: playing(start?.positionMs ?? 0) }));

  beforeAll(async () => {
    studio = await StudioProcess.start();
    engine = engineOf();
    await waitFor('the engine', async () => (await studio.api('GET', '/health')).body.processes.engine);
  });
  afterAll(async () => {
    await engine?.stop();
    await studio?.stop();
  });

  const at = (...path: string[]): string => join(studio.paths.media, ...path);
  const put = (name: string, ...path: string[]): void => copyFileSync(join(films, name), at(...path));
  const make = async (path: string, more: object = {}): Promise<any> => {
    mkdirSync(at(path), { recursive: true });
    return (await studio.api('POST', '/folders', { name: path, path, ...more })).body;
  };
  const read = async (id: string): Promise<any> => (await studio.api('GET', `/folders/${id}`)).body;
  const namesOf = (folder: any, state = 'ready'): string[] => folder.files.filter((file: any) => file.state === state).map((file: any) => file.path.split('/').slice(1).join('/'));
  const until = (what: string, id: string, is: (folder: any) => boolean, timeoutMs = 30_000): Promise<any> =>
    waitFor(what, async () => { const folder = await read(id); return is(folder) && folder; }, { timeoutMs, everyMs: 100 });
  const has = (id: string, ...names: string[]) => until(`${names.join(', ')} in the folder`, id, (folder) => JSON.stringify(namesOf(folder)) === JSON.stringify(names));
  const clips = async (timelineId: string): Promise<any[]> => (await studio.api('GET', `/timelines/${timelineId}`)).body.tracks[0].clips;

  test('is made with a timeline that follows its files, in their natural order, and is known to all', async () => {
    const folder = await make('order');
    expect(folder).toMatchObject({ name: 'order', order: 'name', loop: true, stillMs: 10_000, revision: 1, state: 'watching' });
    put('short.mp4', 'order', '10.mp4');
    put('short.mp4', 'order', '2.mp4');
    put('still.png', 'order', '3.png');
    put('broken.mp4', 'order', '1.mp4');
    writeFileSync(at('order', '.hidden.mp4'), '');
    writeFileSync(at('order', 'notes.txt'), '');
    await has(folder.id, '2.mp4', '3.png', '10.mp4');
    const full = await until('all to be looked at', folder.id, ({ counts }) => counts.waiting === 0);
    expect(full.files).toContainEqual({ path: 'order/1.mp4', state: 'refused', durationMs: null, message: expect.stringContaining('damaged') });
    expect(full.counts).toEqual({ ready: 3, waiting: 0, refused: 1 });
    expect((await clips(folder.timelineId)).map((clip) => [clip.startMs, clip.durationMs])).toEqual([[0, 10_000], [10_000, 10_000], [20_000, 10_000]]);
    const snapshot = StateSnapshot.parse((await studio.api('GET', '/state')).body);
    expect(snapshot.timelines.find(({ id }) => id === folder.timelineId)).toMatchObject({ folderId: folder.id, clips: 3 });
    expect(snapshot.folders).toHaveLength(1);
    expect(JSON.stringify(snapshot)).not.toContain('10.mp4');
    expect((await studio.api('POST', `/timelines/${folder.timelineId}/check`)).body).toMatchObject({ errors: 0 });
    expect((await studio.api('GET', `/timelines/${folder.timelineId}/export`)).body.sources.map((one: any) => one.path)).toEqual(['order/2.mp4', 'order/3.png', 'order/10.mp4']);
  });

  test('is changed by its rules; its clips are not to be edited, its name, loop and filler are', async () => {
    const folder = await make('rules', { stillMs: 3000, transition: { kind: 'fade', durationMs: 500 } });
    put('short.mp4', 'rules', 'a.mp4');
    put('still.png', 'rules', 'b.png');
    await has(folder.id, 'a.mp4', 'b.png');
    const timeline = (await studio.api('GET', `/timelines/${folder.timelineId}`)).body;
    const refused = await studio.api('PATCH', `/timelines/${folder.timelineId}`, { tracks: [] });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'CONFLICT']);
    expect((await studio.api('POST', `/timelines/${folder.timelineId}/undo`)).body.error.code).toBe('CONFLICT');
    expect((await studio.api('DELETE', `/timelines/${folder.timelineId}`)).body.error.code).toBe('IN_USE');
    expect((await studio.api('PATCH', `/timelines/${folder.timelineId}`, { ...timeline, name: 'Music', loop: false })).body).toMatchObject({ name: 'Music', loop: false, folderId: folder.id });
    expect(await read(folder.id)).toMatchObject({ name: 'rules', loop: false });
    // Without a turn the first clip comes after nothing.
    await waitFor('the join at the turn to go', async () => !(await clips(folder.timelineId))[0].transition);
    expect((await studio.api('PATCH', `/folders/${folder.id}`, { stillMs: 0 }, { 'If-Match': '7' })).body.error.code).toBe('STALE_REVISION');
    const { body } = await studio.api('PATCH', `/folders/${folder.id}`, { ...(await read(folder.id)), stillMs: 0, loop: true });
    expect(body).toMatchObject({ revision: 2, stillMs: 0, loop: true, timelineId: folder.timelineId });
    await waitFor('the picture to go', async () => (await clips(folder.timelineId)).length === 1);
    for (const wrong of [{ path: '../etc' }, { path: '/etc' }, { order: 'size' }, { timelineId: 'tml_x' }]) {
      expect((await studio.api('PATCH', `/folders/${folder.id}`, wrong)).body.error).toMatchObject({ code: 'VALIDATION' });
    }
    expect((await studio.api('DELETE', `/folders/${folder.id}`)).status).toBe(204);
    expect((await studio.api('GET', `/timelines/${folder.timelineId}`)).status).toBe(404);
  });

  test('takes a file when it is whole, and what leads out of the media folder never', async () => {
    const folder = await make('whole', { recursive: true });
    put('short.mp4', 'whole', 'a.mp4');
    await has(folder.id, 'a.mp4');
    // Written little by little: it stays away for as long as it grows.
    writeFileSync(at('whole', 'growing.mp4'), '');
    for (let i = 0; i < 8; i++) {
      await new Promise((done) => { setTimeout(done, 400); });
      writeFileSync(at('whole', 'growing.mp4'), 'x'.repeat(i), { flag: 'a' });
      expect(namesOf(await read(folder.id))).toEqual(['a.mp4']);
    }
    put('short.mp4', 'whole', 'growing.mp4');
    await has(folder.id, 'a.mp4', 'growing.mp4');
    symlinkSync(join(films, 'long.mp4'), at('whole', 'out.mp4'));
    symlinkSync(at('whole'), at('whole', 'round'));
    symlinkSync(at('whole', 'a.mp4'), at('whole', 'link.mp4'));
    mkdirSync(at('whole', 'more'));
    put('short.mp4', 'whole', 'more', 'c.mp4');
    const full = await has(folder.id, 'a.mp4', 'growing.mp4', 'link.mp4', 'more/c.mp4');
    expect(namesOf(full, 'refused')).toEqual(['out.mp4']);
  });

  test('tells the engine of its files with the timeline, absolute, and of no other folder\'s', async () => {
    const folder = await make('engine');
    put('long.mp4', 'engine', 'a.mp4');
    await has(folder.id, 'a.mp4');
    expect((await studio.api('POST', '/playback', { action: 'play', timelineId: folder.timelineId })).status).toBe(200);
    const desired = await engine.wanted('the folder', (wish) => wish.folders.length === 1);
    const [told] = desired.folders;
    expect(told).toMatchObject({ id: folder.id, files: [{ kind: 'media', path: at('engine', 'a.mp4') }] });
    expect(desired.timelines).toMatchObject([{ id: folder.timelineId, keeps: 'clip' }]);
    expect(desired.sources.every((source) => !('path' in source))).toBe(true);
  });

  test('on air, what joins before and what goes leave the film on air where it is', async () => {
    const folder = await make('air');
    for (const name of ['b.mp4', 'c.mp4', 'd.mp4']) put('long.mp4', 'air', name);
    await has(folder.id, 'b.mp4', 'c.mp4', 'd.mp4');
    await studio.api('POST', '/playback', { action: 'play', timelineId: folder.timelineId, positionMs: 31_000 });
    const zero = async (): Promise<any> => (await engine.wanted('the timeline', (wish) => wish.timelines.some(({ id }) => id === folder.timelineId))).timelines.find(({ id }) => id === folder.timelineId)!.playback;
    const before = await waitFor('the stored take', async () => { const playback = await zero(); return playback.is === 'playing' && playback; });
    put('short.mp4', 'air', 'a.mp4');
    rmSync(at('air', 'c.mp4'));
    await has(folder.id, 'a.mp4', 'b.mp4', 'd.mp4');
    // c is on air, and stays until it is over.
    expect((await clips(folder.timelineId)).map((clip) => clip.startMs)).toEqual([0, 10_000, 40_000, 70_000]);
    await waitFor('the moved anchor', async () => Math.abs((await zero()).zeroUs - before.zeroUs + 10_000_000) < 2000);
    await studio.api('POST', '/playback', { action: 'play', timelineId: folder.timelineId, positionMs: 71_000 });
    await waitFor('c to go', async () => (await clips(folder.timelineId)).length === 3);
  });

  test('a file that is renamed or replaced is another one', async () => {
    const folder = await make('names');
    put('short.mp4', 'names', 'a.mp4');
    put('long.mp4', 'names', 'b.mp4');
    await has(folder.id, 'a.mp4', 'b.mp4');
    const [first, second] = await clips(folder.timelineId);
    renameSync(at('names', 'a.mp4'), at('names', 'z.mp4'));
    await has(folder.id, 'b.mp4', 'z.mp4');
    put('short.mp4', 'names', 'b.mp4');
    const after = await waitFor('the other b', async () => { const now = await clips(folder.timelineId); return now.length === 2 && now[0].durationMs === 10_000 && now; }, { timeoutMs: 15_000 });
    expect(new Set([first.id, second.id, ...after.map((clip: any) => clip.id)]).size).toBe(4);
  });

  test('one that vanishes keeps its timeline, says so, and goes on when it is there again', async () => {
    const folder = await make('disk');
    put('short.mp4', 'disk', 'a.mp4');
    put('long.mp4', 'disk', 'b.mp4');
    await has(folder.id, 'a.mp4', 'b.mp4');
    const before = await clips(folder.timelineId);
    renameSync(at('disk'), at('away'));
    expect(await until('the folder to be missing', folder.id, ({ state }) => state === 'missing')).toMatchObject({ message: expect.stringContaining('There is no folder') });
    // As a disk that is not mounted: the folder is there, and empty.
    mkdirSync(at('disk'));
    expect(await until('the folder to be empty', folder.id, ({ message }) => message?.includes('nothing'))).toMatchObject({ state: 'missing' });
    expect(await clips(folder.timelineId)).toEqual(before);
    rmSync(at('disk'), { recursive: true });
    renameSync(at('away'), at('disk'));
    await until('the folder to be back', folder.id, ({ state }) => state === 'watching');
    expect(await clips(folder.timelineId)).toEqual(before);
  });

  test.each(['folder', 'file'])('a link out of the media folder in the place of the %s: the engine is told at once to play nothing of it', async (what) => {
    const path = `link-${what}`;
    const folder = await make(path);
    put('long.mp4', path, 'a.mp4');
    await has(folder.id, 'a.mp4');
    await studio.api('POST', '/playback', { action: 'play', timelineId: folder.timelineId });
    const told = async (count: number) => engine.wanted(`${count} files`, (wish) => wish.folders.some(({ id, files }) => id === folder.id && (files as unknown[]).length === count));
    await told(1);
    mkdirSync(join(films, 'private'), { recursive: true });
    copyFileSync(join(films, 'long.mp4'), join(films, 'private', 'a.mp4'));
    if (what === 'folder') renameSync(at(path), at(`${path}-old`));
    else rmSync(at(path, 'a.mp4'));
    symlinkSync(join(films, 'private', ...(what === 'folder' ? [] : ['a.mp4'])), at(path, ...(what === 'folder' ? [] : ['a.mp4'])));
    await told(0);
    await waitFor('its clip to go', async () => (await clips(folder.timelineId)).length === 0);
    await until('it to be told', folder.id, ({ state, counts }) => counts.ready === 0 && (what === 'folder' ? state === 'missing' : counts.refused === 1));
  });

  test('is put on program by "npm run loop", in a shell that knows the home alone, and so are films by their names', async () => {
    // As `npm start` does, which may have been told of another port than that shell.
    const { takeLock } = await import(join(repositoryRoot, 'scripts/lock.mjs')) as { takeLock(file: string, about: object): Promise<{ release(): void }> };
    const lock = await takeLock(join(studio.home, 'start.lock'), { http: { host: '127.0.0.1', port: studio.port } });
    const env = { ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('VISTTER_'))), VISTTER_HOME: studio.home, VISTTER_TOKEN: studio.token };
    const said = async (script: string, ...names: string[]): Promise<string> =>
      (await run(process.execPath, [join(repositoryRoot, 'scripts', script), ...names], { env: { ...env, INIT_CWD: studio.home } })).toString('utf8');
    const playing = async () => (await studio.api('GET', '/state')).body.program.timelineId as string;
    put('short.mp4', 'a.mp4');
    put('long.mp4', 'b.mp4');
    expect(await said('make-loop.mjs')).toMatch(/^On program: "Loop", 2 films, 0 min 40 s, round and round\..* join by themselves\.$/m);
    expect((await clips(await playing())).map(({ durationMs }) => durationMs)).toEqual([10_000, 30_000]);
    // By a path from where the shell is, as it completes one, and by the name in the folder.
    expect(await said('make-loop.mjs', 'media/b.mp4', 'a.mp4', 'c.mp4'))
      .toBe(`left out: c.mp4 does not exist in ${studio.paths.media}\nOn program: "Loop", 2 films, 0 min 40 s, round and round.\n`);
    expect((await clips(await playing())).map(({ durationMs }) => durationMs)).toEqual([30_000, 10_000]);
    expect(await said('show-token.mjs')).toBe(`Token  ${studio.token}\nPanel  http://localhost:${studio.port}/#token=${studio.token}\n`);
    lock.release();
  });

  test('a studio that comes back knows its files at once, without looking into them', async () => {
    const folder = await make('again');
    put('short.mp4', 'again', 'a.mp4');
    await has(folder.id, 'a.mp4');
    const before = await clips(folder.timelineId);
    await engine.stop();
    await studio.kill();
    studio = await StudioProcess.start({ after: studio, env: { PATH: '/nowhere' } });
    engine = engineOf();
    await has(folder.id, 'a.mp4');
    expect(await clips(folder.timelineId)).toEqual(before);
  }, 30_000);
});

test('a folder that is longer than a timeline can be says what is left out, and the studio starts again with it', async () => {
  let studio = await StudioProcess.start();
  try {
    mkdirSync(join(studio.paths.media, 'long'));
    for (let i = 1; i <= 32; i++) copyFileSync(join(films, 'still.png'), join(studio.paths.media, 'long', `${i}.png`));
    const { id } = (await studio.api('POST', '/folders', { name: 'Long', path: 'long', stillMs: 24 * 3600 * 1000 })).body;
    const read = async () => (await studio.api('GET', `/folders/${id}`)).body;
    const full = await waitFor('all of it', async () => { const folder = await read(); return folder.counts.refused === 2 && folder; }, { timeoutMs: 90_000 });
    expect(full).toMatchObject({ state: 'watching', message: 'There is room for 30 days; 2 files are left out.', counts: { ready: 30, waiting: 0 } });
    await studio.kill();
    studio = await StudioProcess.start({ after: studio });
    await waitFor('it to be known again', async () => (await read()).counts.ready === 30);
  } finally {
    await studio.stop();
  }
}, 150_000);
