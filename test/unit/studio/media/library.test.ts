import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FactBook } from '../../../../src/studio/media/fact-book.js';
import { MediaLibrary } from '../../../../src/studio/media/library.js';
import { FakeClock } from '../../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';
import { studioState } from '../../domain/state.js';

let home: string;
beforeEach(() => { home = tempFolder(); });
afterEach(() => removeFolder(home));

test('a folder that cannot be read is not an empty one, and is there again when it can be', async () => {
  const media = join(home, 'media');
  const clock = new FakeClock();
  const library = new MediaLibrary({ mediaFolder: media, facts: { follow: () => undefined, of: () => null } as unknown as FactBook, state: () => studioState(), clock });
  mkdirSync(media);
  writeFileSync(join(media, 'film.mp4'), 'a film');
  const paths = async (): Promise<string[]> => (await library.list()).map(({ path }) => path);
  expect(await paths()).toEqual(['film.mp4']);
  renameSync(media, join(home, 'away'));
  await clock.advance(2000);
  for (let i = 0; i < 2; i++) await expect(library.list()).rejects.toMatchObject({ code: 'DISK_ERROR', message: expect.stringContaining('media folder cannot be read') });
  renameSync(join(home, 'away'), media);
  expect(await paths()).toEqual(['film.mp4']);
});
