/** What not every machine has, and set-up does not bring. Asked by the tests that skip for it, and by `npm test` for what may be skipped. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether anything can be mounted here; not so in most containers, whoever one is. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'v-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' }).status === 0;
  if (mounted) spawnSync('umount', ['-l', folder], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
  return mounted;
}

export const hasSystemd = (): boolean => spawnSync('systemd-analyze', ['--version']).status === 0;

/** Whether FFmpeg speaks. */
export const canSpeak = (): boolean => spawnSync('ffmpeg', ['-v', 'quiet', '-filters'], { encoding: 'utf8' }).stdout?.includes(' flite ') ?? false;

/** Whether nothing is refused to who runs this. */
export const isRoot = (): boolean => process.getuid?.() === 0;
