/** Row 20: the disk fills and the media folder goes away while on air. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture, type PictureReport } from '../support/pattern/analyse.js';
import { patternFile } from '../support/pattern/generate.js';
import { filmOfFolderThatGoes as film } from '../support/pattern/usual.js';
import { run, signal } from '../support/process.js';
import { commandLine } from '../support/procfs.js';
import { fallbackMs, Rig, rigMissing } from '../support/rig.js';
import { SmallDisk } from '../support/small_disk.js';
import { expectWhole, watchCameras } from '../support/steady.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

const home = tempFolder();
const recordings = rigMissing ? null : new SmallDisk(64, { at: join(home, 'recordings') });
const missing = rigMissing ?? (recordings!.isMounted ? null : 'a small tmpfs cannot be mounted here');

// The folder is often a link to another disk, and that is what goes.
const folder = join(home, 'disk');
let rig: Rig;

beforeAll(async () => {
  if (rigMissing) return;
  mkdirSync(folder);
  symlinkSync(folder, join(home, 'media'));
  rig = await new Rig({ farKeys: ['far'], cameras: [{}], home, record: true }).start();
}, 90_000);
afterAll(async () => {
  await (rig as Rig | undefined)?.stop();
  recordings?.remove();
  removeFolder(home);
}, 30_000);

describe.skipIf(missing)('a full disk', () => {
  const ballast = join(home, 'recordings', 'ballast');
  afterAll(() => rmSync(ballast, { force: true }));

  it('row 20: stops the recorder, which says so, and leaves the program alone', async () => {
    await waitFor('the recorder or its refusal', async () => {
      const { recording } = await rig.product.api.status();
      return recording.durationMs > 2_000 || recording.error;
    }, { timeoutMs: 15_000 });
    watchCameras(rig.cameras.map(({ pusher }) => pusher));
    const sinceMs = monotonicMs();
    const { bavail, bsize } = statfsSync(join(home, 'recordings'));
    await run('fallocate', ['-l', String(Math.max(4_096, bavail * bsize - 300_000)), ballast]);
    // Said where a person looks: in the status, or by the recording that was ended.
    const error = await waitFor('the recorder to stop and say so', async () => {
      const { recording } = await rig.product.api.status();
      const { items } = await rig.product.api.get<{ items: { error: { code: string } | null }[] }>('/api/v1/recordings');
      return recording.state !== 'recording' ? recording.error ?? items[0]?.error : undefined;
    }, { timeoutMs: 20_000 });
    const saidMs = monotonicMs() - sinceMs;
    await delay(1_500);
    const picture = await rig.far.picture('far', sinceMs);
    const status = await rig.product.api.status();
    console.log(`row 20: said after ${saidMs.toFixed(0)} ms: ${error.code}; on air: ${expectWhole(picture, rig.cameras.map(({ pusher }) => pusher))}; state ${status.state}`);
    expect(status.state).toBe('live');
    expect(error.code).toBe('DISK_FULL');
    expect(rig.product.restarts).toEqual([]);
  });
});

if (rigMissing) console.log(`media folder: skipped, ${rigMissing}`);

describe.skipIf(rigMissing)('the media folder goes away', () => {
  let filmId: string;

  beforeAll(async () => {
    copyFileSync((await patternFile(film)).path, join(folder, 'film.flv'));
    const source = { name: 'Film', kind: 'media', path: 'film.flv', loop: true, fallbackSourceId: rig.cameras[0]!.id };
    filmId = (await rig.product.api.post<{ id: string }>('/api/v1/sources', source)).id;
    await rig.product.sourceState(filmId, ['live', 'late']);
    await rig.socket.switchTo({ sourceId: filmId });
    await rig.far.nextPicture('far');
    await delay(1_500);
  }, 90_000);

  const seen = async (sinceMs: number): Promise<PictureReport> => {
    const { frames } = await rig.far.read('far', sinceMs, { sound: false });
    return analysePicture(frames, { fps: 30, fromMs: rig.far.mediaTimeMs('far', sinceMs), loopFrames: film.seconds * 30 });
  };
  const status = async (): Promise<{ state: string; error?: { code: string } }> => (await rig.product.api.status()).sources.find(({ id }) => id === filmId)!;
  const decoder = (): number | undefined => rig.product.decoders().find(({ pid }) => commandLine(pid).includes('film.flv'))?.pid;

  it('row 20: a film that is open plays on, round and round', async () => {
    const pid = decoder();
    expect(pid).toBeDefined();
    watchCameras(rig.cameras.map(({ pusher }) => pusher));
    const sinceMs = monotonicMs();
    renameSync(folder, `${folder}-away`);
    // Longer than the studio takes to notice, and past the film's end.
    await delay(film.seconds * 1_000 + 1_000);
    const picture = await seen(sinceMs);
    console.log(`row 20, media folder gone: ${expectWhole(picture, rig.cameras.map(({ pusher }) => pusher))}; film ${JSON.stringify(await status())}`);
    expect(picture.runs.map(({ camera }) => camera)).toEqual([film.camera]);
    expect(decoder()).toBe(pid);
    expect((await status()).state).toBe('live');
  });

  it('row 20: one that has to be opened gives way to its fallback, says why, and is back by itself after the folder is', async () => {
    const sinceMs = monotonicMs();
    signal(decoder()!, 'SIGKILL');
    await waitFor('the status to say why', async () => (await status()).error?.code === 'MEDIA_MISSING', { timeoutMs: 5_000 });
    await delay(2_500);
    const away = await seen(sinceMs);
    expect(away).toMatchObject({ missing: 0, backwards: 0 });
    expect(away.runs.map(({ camera }) => camera)).toEqual([film.camera, 0]);
    const fallenBackMs = fallbackMs(await rig.far.read('far', sinceMs, { sound: false }), film.camera, rig.far.mediaTimeMs('far', sinceMs));

    const backSinceMs = monotonicMs();
    renameSync(`${folder}-away`, folder);
    await rig.product.sourceState(filmId, ['live'], 20_000);
    const backMs = monotonicMs() - backSinceMs;
    await delay(2_000);
    const back = await seen(backSinceMs);
    console.log(`row 20: fallback after ${fallenBackMs?.toFixed(0)} ms, the film back ${backMs.toFixed(0)} ms after its folder; program frames missing ${back.missing}`);
    expect(back).toMatchObject({ missing: 0, backwards: 0 });
    expect(back.runs.map(({ camera }) => camera)).toEqual([0, film.camera]);
    expect(fallenBackMs).toBeLessThanOrEqual(500);
    expect(backMs).toBeLessThanOrEqual(6_000);
    expect((await status()).error).toBeUndefined();
  });

  it('row 20: one whose content goes while it is open, as on a disk that fails, is opened anew and back by itself as well', async () => {
    const bytes = readFileSync(join(folder, 'film.flv'));
    const sinceMs = monotonicMs();
    truncateSync(join(folder, 'film.flv'));
    const code = await waitFor('the status to say why', async () => (await status()).error?.code, { timeoutMs: 20_000 });
    await delay(1_000);
    const backSinceMs = monotonicMs();
    writeFileSync(join(folder, 'film.flv'), bytes);
    await rig.product.sourceState(filmId, ['live'], 20_000);
    const backMs = monotonicMs() - backSinceMs;
    await delay(2_000);
    const picture = await seen(sinceMs);
    console.log(`row 20: the film emptied: ${code}, back ${backMs.toFixed(0)} ms after its content; program frames missing ${picture.missing}`);
    expect(picture).toMatchObject({ missing: 0, backwards: 0 });
    expect(picture.runs.at(-1)!.camera).toBe(film.camera);
    expect(backMs).toBeLessThanOrEqual(6_000);
    expect(rig.product.restarts).toEqual([]);
    expect(rig.far.accepted('far')).toBe(1);
  });
});
