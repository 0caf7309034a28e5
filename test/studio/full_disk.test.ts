/** The disk of VISTTER_HOME is full to the last byte, and somebody takes whatever becomes free of it. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { SmallDisk } from '../support/small_disk.js';
import { IDLE_EGRESS, liveDestination, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

const disk = new SmallDisk(40);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  disk.remove();
});

test.skipIf(!disk.isMounted)('a broadcast and a recording can be stopped at once all the same; it is stored when there is room', async () => {
  const home = join(disk.folder, 'home');
  mkdirSync(home);
  let studio = await StudioProcess.start({ home });
  undo.push(() => studio.stop());
  const { id } = (await studio.api('POST', '/destinations', { name: 'A', url: 'rtmp://h/live', key: 'k' })).body;
  const egress = studio.peer('egress', IDLE_EGRESS);
  undo.push(() => egress.stop());
  expect((await studio.api('POST', '/broadcast/start', {})).status).toBe(200);
  const recordingId = (await studio.api('POST', '/recording/start')).body.id;
  await egress.wanted('both', (d) => d.destinations.length === 1 && d.recording !== null);
  egress.report({ ...IDLE_EGRESS, destinations: [liveDestination(id)] });

  const full = disk.hog();
  let isFull = true;
  undo.push(() => isFull && full.stop());
  // The reserve is given up and eaten: nothing can be stored any more.
  await waitFor('the store to be full', async () => (await studio.api('POST', '/scenes', { name: 'x'.repeat(100), layers: [] })).status === 507, { timeoutMs: 20_000 });
  expect(existsSync(join(home, 'reserve'))).toBe(false);

  const askedMs = performance.now();
  expect(await studio.api('POST', '/recording/stop')).toMatchObject({ status: 200, body: { id: recordingId, state: 'finishing' } });
  expect(await studio.api('POST', '/broadcast/stop')).toMatchObject({ status: 200 });
  await egress.wanted('nothing', (d) => d.destinations.length === 0 && d.recording === null);
  expect(performance.now() - askedMs).toBeLessThan(2000);
  egress.report(IDLE_EGRESS);
  await waitFor('standby', async () => (await studio.api('GET', '/broadcast')).body.state === 'standby');
  expect(await studio.api('POST', '/broadcast/start', {})).toMatchObject({ status: 507, body: { error: { code: 'DISK_FULL' } } });
  expect((await studio.api('POST', '/broadcast/stop')).body.error.code).toBe('NOT_LIVE');
  await waitFor('the log', () => studio.process.stdout().includes('what was stopped is stopped, but that could not be stored'));
  expect(studio.process.stdout().split('that could not be stored')).toHaveLength(2);

  full.stop();
  isFull = false;
  await waitFor('it to be stored', () => studio.process.stdout().includes('what was stopped is stored now'));
  await egress.stop();
  await studio.kill();
  studio = await StudioProcess.start({ home });
  expect((await studio.api('GET', '/broadcast')).body.state).toBe('standby');
  expect((await studio.api('GET', `/recordings/${recordingId}`)).body.state).toBe('finishing');
});
