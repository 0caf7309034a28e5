/** The bookkeeping of recordings when the disk is full. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EgressActual, SidecarActual } from '../../../src/protocol/link.js';
import type { Log } from '../../../src/runtime/log.js';
import { Paths } from '../../../src/runtime/paths.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { Model } from '../../../src/studio/model.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Recordings } from '../../../src/studio/services/recordings.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { IDLE_EGRESS } from '../../support/studio-process.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

const full = (): Error => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
const killed = { code: 'REMUX_KILLED', message: 'ffmpeg was killed.' } as const;
const stopped = { code: 'DISK_FULL', message: 'The disk is full; recording has stopped and goes on by itself.' } as const;

let folder: string;
let paths: Paths;
let store: MemoryStore;
let clock: FakeClock;
let model: Model;
let recordings: Recordings;
let complain: ReturnType<typeof vi.fn>;

beforeEach(async () => {
  folder = tempFolder();
  paths = new Paths(folder);
  store = new MemoryStore();
  clock = new FakeClock();
  model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), clock);
  await model.start();
  await setUpNewHome(model);
  complain = vi.fn();
  recordings = new Recordings(model, paths, { error: complain } as unknown as Log, clock, 'boot');
});
afterEach(() => removeFolder(folder));

async function add(id: string, state: 'recording' | 'finishing' | 'ready' | 'failed', error: typeof stopped | typeof killed | null = null): Promise<void> {
  const path = state === 'ready' ? `recordings/${id}/recording.mp4` : null;
  await model.change((draft) => draft.create('recording', id, { state, startedAt: draft.now, endedAt: null, durationMs: null, bytes: null, path, error, zeros: [], pauses: [], startedWith: null }));
  mkdirSync(paths.recording(id), { recursive: true });
  writeFileSync(join(paths.recording(id), 'recording.mp4'), 'film');
}
const report = (state: 'working' | 'ready' | 'failed', error?: typeof stopped | typeof killed): SidecarActual => ({
  recordings: [{ recordingId: 'r', state, durationMs: 1000, bytes: 10, path: state === 'ready' ? 'recordings/r/recording.mp4' : null, ...(error && { error }) }],
});

test('deleting frees the disk before it needs any of it', async () => {
  await add('r', 'ready');
  vi.spyOn(store, 'apply').mockImplementationOnce(async (changes) => {
    if (existsSync(paths.recording('r'))) throw full();
    await store.apply(changes);
  });
  await recordings.remove('r');
  expect(recordings.list()).toEqual([]);
  expect(existsSync(paths.recording('r'))).toBe(false);
});

test('what the store cannot forget is in the list, and can be deleted again', async () => {
  await add('r', 'ready');
  store.failNext = new Error('broken');
  await expect(recordings.remove('r')).rejects.toMatchObject({ code: 'DISK_ERROR' });
  expect(recordings.list().map(({ id }) => id)).toEqual(['r']);
  await recordings.remove('r');
  expect(recordings.list()).toEqual([]);
});

test('files that cannot be deleted stay in the list, and it is said where they lie', async () => {
  await add('r', 'ready');
  // No disk has a name that long, so that nothing can be done with it.
  const folder = join(paths.recordings, 'x'.repeat(300));
  vi.spyOn(paths, 'recording').mockReturnValue(folder);
  await expect(recordings.remove('r')).rejects.toMatchObject({ code: 'DISK_ERROR', message: expect.stringContaining(`lie in ${folder};`) });
  expect(recordings.list().map(({ id }) => id)).toEqual(['r']);
});

test('one whose files are gone can be deleted, and one that waits for room; not one that is being made', async () => {
  await add('r', 'finishing');
  await expect(recordings.remove('r')).rejects.toMatchObject({ code: 'IN_USE' });
  recordings.onSidecar(report('working', stopped));
  await settled();
  expect(recordings.get('r')).toMatchObject({ state: 'finishing', error: stopped });
  removeFolder(paths.recording('r'));
  await recordings.remove('r');
  expect(recordings.list()).toEqual([]);
});

test('one that is ready has no error of the way to it; one that has failed keeps it', async () => {
  await add('r', 'finishing', stopped);
  recordings.onSidecar(report('working'));
  await settled();
  expect(recordings.get('r').error).toEqual(stopped);
  recordings.onSidecar(report('ready'));
  await settled();
  expect(recordings.get('r')).toMatchObject({ state: 'ready', error: null });
});

test('one whose finishing was killed too often is stored once, keeps what is known of it, and is finished by the next sidecar', async () => {
  await add('r', 'finishing');
  await model.change((draft) => draft.update('recording', 'r', { ...draft.get('recording', 'r').data, durationMs: 5000, bytes: 70 }));
  recordings.onSidecar(report('failed', killed));
  await settled();
  expect(recordings.get('r')).toMatchObject({ state: 'failed', error: killed, durationMs: 5000, bytes: 70 });
  const change = vi.spyOn(model, 'change');
  recordings.onSidecar(report('failed', killed));
  expect(change).not.toHaveBeenCalled();
  recordings.onSidecar(report('working'));
  await settled();
  expect(recordings.get('r')).toMatchObject({ state: 'finishing', error: null });
  recordings.onSidecar(report('ready'));
  await settled();
  expect(recordings.get('r')).toMatchObject({ state: 'ready', error: null, durationMs: 1000, bytes: 10 });
});

test('what cannot be stored is complained of once a minute, in words that are right, and stored when that works', async () => {
  await add('r', 'recording');
  const actual: EgressActual = { ...IDLE_EGRESS, recording: { state: 'stopped', id: 'r', bytes: 0, durationMs: 0, droppedFrames: 0, error: stopped } };
  for (let second = 0; second < 90; second += 1) {
    store.failNext = full();
    recordings.onEgress(actual);
    await settled();
    clock.pass(1_000);
  }
  expect(complain.mock.calls.map(([, text]) => text as string)).toEqual(Array(2).fill('that the recorder had to stop could not be stored; it is tried again'));
  expect(complain.mock.calls[0]![0]).toMatchObject({ problem: expect.stringContaining('the disk is full') });
  store.failNext = undefined;
  recordings.onEgress(actual);
  await settled();
  expect(recordings.get('r').error).toEqual(stopped);
});

test('when its first frame was due is kept for each boot of the machine, and what was left out of the file', async () => {
  await add('r', 'recording');
  const writes = (zeroMs: number): EgressActual => ({ ...IDLE_EGRESS, recording: { state: 'recording', id: 'r', bytes: 0, durationMs: 0, droppedFrames: 0, zeroMs } });
  recordings.onEgress(writes(5_000.5));
  await settled();
  recordings.onEgress(writes(5_000.5));
  expect(model.get('recording', 'r').data.zeros).toEqual([{ bootId: 'boot', programMs: 5_000.5 }]);
  expect(recordings.get('r')).not.toHaveProperty('zeros');
  await model.change((draft) => draft.update('recording', 'r', { ...draft.get('recording', 'r').data, state: 'finishing' }));
  recordings.onSidecar({ recordings: [{ ...report('ready').recordings[0]!, pauses: [{ atMs: 100, lengthMs: 60_000 }] }] });
  await settled();
  expect(model.get('recording', 'r').data.pauses).toEqual([{ atMs: 100, lengthMs: 60_000 }]);
});
