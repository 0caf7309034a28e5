/** Row 20: the disk fills and the media folder goes away while on air. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/process.js';
import { Rig, rigMissing } from '../support/rig.js';
import { expectWhole, watchCameras } from '../support/steady.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

/** A small file system of its own needs root. */
function mountSmall(folder: string, megabytes: number): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const home = tempFolder();
const mounted = rigMissing ? false : mountSmall(join(home, 'recordings'), 64);
const missing = rigMissing ?? (mounted ? null : 'a small tmpfs cannot be mounted here');
if (missing) console.log(`full disk: skipped, ${missing}`);

afterAll(() => {
  if (mounted) execFileSync('umount', ['-l', join(home, 'recordings')]);
  removeFolder(home);
});

describe.skipIf(missing)('a full disk', () => {
  let rig: Rig;
  beforeAll(async () => { rig = await new Rig({ farKeys: ['far'], cameras: [{}], home, record: true }).start(); }, 90_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('row 20: stops the recorder, which says so, and leaves the program alone', async () => {
    await waitFor('the recorder or its refusal', async () => {
      const { recording } = await rig.product.api.status();
      return recording.durationMs > 2_000 || recording.error;
    }, { timeoutMs: 15_000 });
    watchCameras(rig.cameras.map(({ pusher }) => pusher));
    const sinceMs = monotonicMs();
    const { bavail, bsize } = statfsSync(join(home, 'recordings'));
    await run('fallocate', ['-l', String(Math.max(4_096, bavail * bsize - 300_000)), join(home, 'recordings', 'ballast')]);
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

  it('row 20: the media folder goes away', async () => {
    const { id } = await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: 'Film', kind: 'media', path: 'gone.mp4', loop: true }).catch(() => ({ id: '' }));
    watchCameras(rig.cameras.map(({ pusher }) => pusher));
    const sinceMs = monotonicMs();
    renameSync(join(home, 'media'), join(home, 'media-away'));
    await delay(3_000);
    const picture = await rig.far.picture('far', sinceMs);
    renameSync(join(home, 'media-away'), join(home, 'media'));
    console.log(`row 20, media folder gone (source ${id ? 'made' : 'refused'}): ${expectWhole(picture, rig.cameras.map(({ pusher }) => pusher))}`);
    expect(rig.product.restarts).toEqual([]);
  });
});
