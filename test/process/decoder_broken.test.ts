/** Whatever lies in the media folder, a decoder ends as it should: played or refused, never hung, crashed or silent about it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedMedia } from '../support/media.js';
import { buildDecoder, dump, state } from '../support/decoder.js';

const folders = ['broken', 'broken/mp4ff-fuzz', 'flv', 'rtmp', 'rtmp/fuzz-gortmplib'];

function filesOf(folder: string): string[] {
  const path = sharedMedia(folder);
  if (path === null) return [];
  return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(path, entry.name));
}

/** A decoder is one thread that waits for its start and its end. */
async function threeAtOnce(paths: readonly string[], check: (path: string) => Promise<void>): Promise<void> {
  const left = [...paths];
  await Promise.all([1, 2, 3].map(async () => { for (let path = left.shift(); path !== undefined; path = left.shift()) await check(path); }));
}

beforeAll(() => buildDecoder(), 300_000);

describe.skipIf(sharedMedia('broken') === null)('broken and hostile media', () => {
  it.each(folders)('of %s ends neither in a crash nor in a hang', async (folder) => {
    const files = filesOf(folder);
    expect(files.length).toBeGreaterThan(0);
    await threeAtOnce(files, async (path) => {
      const { summary, events } = await dump(['--seconds', '20', '--quiet', '--size', '640x360'], ['file', '--path', path]);
      expect(summary.signal, path).toBe(0);
      expect([state.ended, state.failed], path).toContain(summary.state);
      if (summary.state === state.failed) {
        expect(summary.exitCode, path).toBe(1);
        expect(events.find((e) => e.event === 'error')?.message, path).toMatch(/^[A-Z].*\.$/);
      }
    });
  });

  it('is no trouble over and over', async () => {
    for (const name of ['broken/exo-invalid-bitstream.webm', 'broken/decord-unordered.mov', 'broken/exo-sample_mdat_too_long.mp4']) {
      const path = sharedMedia(name);
      if (path === null) continue;
      const { summary } = await dump(['--seconds', '5', '--frames', '100', '--quiet'], ['file', '--path', path, '--loop']);
      expect(summary.signal, name).toBe(0);
      // Looped it either goes on for ever, or says that there is nothing to show; it never spins on nothing.
      expect(summary.frames === 100 || summary.state === state.failed, name).toBe(true);
    }
  });

  it('as a picture is refused', async () => {
    await threeAtOnce(filesOf('rtmp').concat(filesOf('broken/mp4ff-fuzz')), async (path) => {
      const { summary } = await dump(['--seconds', '20', '--quiet', '--size', '640x360'], ['image', '--path', path]);
      expect(summary.signal, path).toBe(0);
      expect(summary.exitCode === 1 || summary.frames === 1, path).toBe(true);
    });
  });
});
