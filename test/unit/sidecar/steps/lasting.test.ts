import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ServerError } from '../../../../src/runtime/errors.js';
import { LastingFailure } from '../../../../src/sidecar/jobs/worker.js';
import { OutsideError } from '../../../../src/sidecar/outside.js';
import { lasting, leftBy, withLasting } from '../../../../src/sidecar/steps/lasting.js';

describe('a failure', () => {
  it.each(['MEDIA_MISSING', 'MEDIA_UNREADABLE', 'MEDIA_EMPTY', 'MEDIA_BROKEN', 'ANALYSIS_DAMAGED', 'VALIDATION'] as const)('of %s is told at once, in its own words', (code) => {
    expect(lasting(new ServerError(code, 'Why.'))).toMatchObject({ code, message: 'Why.' });
  });

  it.each(['DISK_FULL', 'CUT_KILLED', 'CUT_FAILED', 'TIMEOUT', 'INTERNAL'] as const)('of %s may pass', (code) => expect(lasting(new ServerError(code, 'Why.'))).toBeNull());

  it('is what a server refused, and not what it had no time for', () => {
    expect(lasting(new OutsideError('OUTSIDE_REFUSED', 'It does not accept the key.', false))).toMatchObject({ code: 'OUTSIDE_REFUSED' });
    expect(lasting(new OutsideError('OUTSIDE_BUSY', 'It is busy.', true))).toBeNull();
    expect(lasting(new Error('anything'))).toBeNull();
    expect(lasting(z.string().safeParse(1).error)).toMatchObject({ code: 'STEP_FAILED' });
  });

  it('for want of room on the disk is told in a sentence, and may pass', async () => {
    const step = withLasting(() => Promise.reject(Object.assign(new Error("ENOSPC: no space left on device, open '/home/a'"), { code: 'ENOSPC' })));
    const failure = step({ input: {}, results: {}, key: '', signal: new AbortController().signal, progress: () => undefined });
    await expect(failure).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('no room on the disk') });
    await expect(failure).rejects.not.toBeInstanceOf(LastingFailure);
  });

  it('for a disk that is read-only is told in a sentence', async () => {
    const step = withLasting(() => Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS' })));
    await expect(step({ input: {}, results: {}, key: '', signal: new AbortController().signal, progress: () => undefined }))
      .rejects.toMatchObject({ code: 'DISK_READ_ONLY', message: expect.stringMatching(/read-only.*mount it for writing again.* Then analyse the recording again\.$/) });
  });

  it('of what another step left is one of the analysis; of the machine it is not', async () => {
    await expect(leftBy(Promise.reject(new Error('cut short')))).rejects.toMatchObject({ code: 'ANALYSIS_DAMAGED' });
    await expect(leftBy(Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })))).rejects.toMatchObject({ code: 'ANALYSIS_DAMAGED' });
    await expect(leftBy(Promise.reject(Object.assign(new Error(), { code: 'EIO' })))).rejects.toMatchObject({ code: 'EIO' });
    expect(await leftBy(Promise.resolve(1))).toBe(1);
  });
});
