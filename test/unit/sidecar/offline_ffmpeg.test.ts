import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { copyToMp4 } from '../../../src/sidecar/offline-ffmpeg.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

test('a job that is ended before FFmpeg runs ends all the same', async () => {
  const folder = tempFolder();
  try {
    const job = copyToMp4(new PassThrough(), join(folder, 'out.mp4'));
    job.kill();
    await expect(job.done).rejects.toThrow('SIGKILL');
  } finally {
    removeFolder(folder);
  }
});
