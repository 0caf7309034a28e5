/** Asked by `npm test`, for what may be skipped, and by the tests that skip it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether anything can be mounted here; not so in most containers, whoever one is. */
export function canMount() {
  const folder = mkdtempSync(join(tmpdir(), 'v-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' }).status === 0;
  if (mounted) spawnSync('umount', ['-l', folder], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
  return mounted;
}
