/** How long a media file says it plays. */
import type { Clock } from '../../runtime/clock.js';
import { runOffline } from './run.js';

/** ms; 0 where it does not say. @throws OfflineError */
export async function mediaDurationMs(path: string, clock?: Clock): Promise<number> {
  const args = ['-v', 'error', '-protocol_whitelist', 'file,pipe', '-show_entries', 'format=duration', '-of', 'csv=p=0', `file:${path}`];
  const { outputs } = await runOffline({ program: 'ffprobe', args, isShort: true, ...(clock ? { clock } : {}) });
  return Math.round((Number(outputs[0]!.toString('utf8').trim()) || 0) * 1000);
}
