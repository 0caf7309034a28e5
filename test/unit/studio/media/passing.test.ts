/** What fails for a reason that passes: it is tried again, and not kept. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediaProbe } from '../../../../src/studio/media-probe.js';
import { FactBook, type Known } from '../../../../src/studio/media/fact-book.js';
import type { Looked } from '../../../../src/studio/media/facts.js';
import type { FileCache } from '../../../../src/studio/media/file-cache.js';
import type { FileAt } from '../../../../src/studio/media/files.js';
import { PassingFailures } from '../../../../src/studio/media/passing-failures.js';
import { MediaPictures } from '../../../../src/studio/media/pictures.js';
import { FakeClock } from '../../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';
import { waitFor } from '../../../support/wait.js';

let home: string;
let clock: FakeClock;
beforeEach(() => {
  home = tempFolder();
  clock = new FakeClock();
});
afterEach(() => removeFolder(home));

const FACTS = { durationMs: 1000, width: 64, height: 36, fps: 25, videoCodec: 'h264', audioCodec: null, channels: null, sampleRate: null };
const found: Looked = { is: 'found', facts: FACTS };
const slow: Looked = { is: 'unreadable', message: 'Too slow.', isPassing: true };
const damaged: Looked = { is: 'unreadable', message: 'Damaged.' };
const file = (path: string): FileAt => ({ path, real: `/media/${path}`, bytes: 1, modifiedMs: 0, version: '1 0' });

test('a failure is the answer for 10 s, then for 20, and at last for ten minutes; what worked begins anew', async () => {
  const failures = new PassingFailures<string>(clock, 2);
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    failures.failed('a', 'slow');
    const beganMs = clock.monotonicMs();
    while (failures.of('a') !== undefined) await clock.advance(1000);
    waits.push((clock.monotonicMs() - beganMs) / 1000);
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600]);
  failures.worked('a');
  failures.failed('a', 'slow');
  await clock.advance(10_000);
  expect(failures.of('a')).toBeUndefined();
  for (const key of ['a', 'b', 'c']) failures.failed(key, key);
  expect(['a', 'b', 'c'].map((key) => failures.of(key))).toEqual([undefined, 'b', 'c']);
});

test('the library shows it, looks again, and keeps on the disk what files say of themselves and nothing else', async () => {
  const says = new Map<string, Looked>([['good.mp4', found], ['slow.mp4', slow], ['bad.mp4', damaged]]);
  const asked: string[] = [];
  const probe: Pick<MediaProbe, 'facts'> = {
    facts: async ({ path }) => {
      const name = path.slice('/media/'.length);
      asked.push(name);
      return says.get(name)!;
    },
  };
  const open = async (): Promise<FactBook> => {
    const book = new FactBook({ file: join(home, 'facts.json'), mediaFolder: '/media', probe, clock });
    await book.start();
    return book;
  };
  const files = [...says.keys()].map(file);
  const book = await open();
  book.follow(files);
  await waitFor('all to be known', () => files.every((one) => book.of(one)));
  expect(book.of(file('slow.mp4'))).toMatchObject({ facts: null, problem: { code: 'MEDIA_UNREADABLE', message: 'Too slow.' } });
  says.set('slow.mp4', found);
  says.set('bad.mp4', found);
  book.follow(files);
  await waitFor('it to be looked at again', () => book.of(file('slow.mp4'))?.facts);
  expect(asked).toEqual(['good.mp4', 'slow.mp4', 'bad.mp4', 'slow.mp4']);
  expect(book.of(file('bad.mp4'))?.problem?.message).toBe('Damaged.');
  await book.stop();
  expect((JSON.parse(readFileSync(join(home, 'facts.json'), 'utf8')) as [string][]).map(([path]) => path).sort()).toEqual(['good.mp4', 'slow.mp4']);
  const again = await open();
  expect(['good.mp4', 'slow.mp4', 'bad.mp4'].map((path) => again.of(file(path))?.facts ?? null)).toEqual([FACTS, FACTS, null]);
});

test('no small picture is made meanwhile, and one that is damaged is not tried again', async () => {
  mkdirSync(join(home, 'media'));
  writeFileSync(join(home, 'media/a.mp4'), 'a film');
  let known: Known = { facts: null, problem: { code: 'MEDIA_UNREADABLE', message: 'Too slow.' }, isPassing: true };
  let looks = 0;
  const facts = { look: async () => { looks += 1; return known; } } as unknown as FactBook;
  const pictures = new MediaPictures({ mediaFolder: join(home, 'media'), facts, cache: { read: async () => undefined } as unknown as FileCache, clock });
  const why = (): Promise<string> => pictures.thumbnail({ path: 'a.mp4', width: 80 }).then(() => 'made', (error: Error) => error.message);
  expect([await why(), await why(), looks]).toEqual(['Too slow.', 'Too slow.', 1]);
  await clock.advance(10_000);
  known = { facts: null, problem: { code: 'MEDIA_UNREADABLE', message: 'Damaged.' } };
  expect([await why(), looks]).toEqual(['Damaged.', 2]);
  await clock.advance(3600_000);
  expect([await why(), looks]).toEqual(['Damaged.', 2]);
  await pictures.stop();
});
