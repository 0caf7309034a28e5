/** The disk of the recordings does not answer any more, as that of a server in the network that is gone. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { HungDisk } from '../support/hung_disk.js';
import { StudioProcess } from '../support/studio-process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test('the panel, its figures and everything else are there all the same, and say so; and it is over when the disk answers', async () => {
  const home = tempFolder();
  undo.push(() => removeFolder(home));
  const disk = new HungDisk(join(home, 'recordings'));
  undo.push(() => disk.remove());
  const studio = await StudioProcess.start({ home, env: disk.env });
  undo.push(() => studio.stop());
  const page = async (path: string): Promise<number> => {
    const answer = await fetch(`${studio.url}${path}`, { headers: { Authorization: `Bearer ${studio.token}` }, signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return answer.status;
  };
  const warned = async (): Promise<string[]> => (await studio.api('GET', '/broadcast')).body.warnings.map(({ code }: { code: string }) => code);
  await waitFor('it to be known', async () => (await studio.api('GET', '/broadcast')).body.machine?.diskFreeBytes > 0);
  expect(await warned()).not.toContain('DISK_SILENT');

  disk.hang();
  undo.push(() => disk.answer());
  await waitFor('the warning', async () => (await warned()).includes('DISK_SILENT'), { timeoutMs: 30_000 });
  expect((await studio.api('GET', '/broadcast')).body.machine.diskFreeBytes).toBeNull();
  // Of what asks the disk again and again, more would be waiting than the process has threads.
  for (let i = 0; i < 6; i++) expect([await page('/'), await page('/metrics'), await page('/api/v1/recordings')]).toEqual([200, 200, 200]);

  disk.answer();
  await waitFor('it to be over', async () => !(await warned()).includes('DISK_SILENT'), { timeoutMs: 15_000 });
  expect((await studio.api('GET', '/events?kind=machine')).body.items[0]).toMatchObject({ code: 'DISK_SILENT', level: 'info' });
});
