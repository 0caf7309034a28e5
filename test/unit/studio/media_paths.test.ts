import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MediaPaths } from '../../../src/studio/media-paths.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let home: string;
let paths: MediaPaths;

beforeEach(() => {
  home = tempFolder();
  mkdirSync(join(home, 'disk'));
  symlinkSync(join(home, 'disk'), join(home, 'media'));
  writeFileSync(join(home, 'disk/film.mp4'), '');
  paths = new MediaPaths({ folder: join(home, 'media'), allowHttp: false, inUse: () => ['film.mp4'], onChange: () => undefined });
});
afterEach(() => removeFolder(home));

/** Looks as it does every few seconds, and answers what is then known. */
async function look(path = 'film.mp4') {
  await paths.check(path);
  return paths.find(path);
}

describe('media paths', () => {
  test('lead to the file itself, and to where it will be looked for when it is not there yet', async () => {
    expect(await look()).toEqual({ is: 'found', path: join(home, 'disk/film.mp4') });
    expect(await look('later.mp4')).toEqual({ is: 'missing', path: join(home, 'media/later.mp4') });
    writeFileSync(join(home, 'disk/later.mp4'), '');
    expect(await look('later.mp4')).toEqual({ is: 'found', path: join(home, 'disk/later.mp4') });
  });

  test('stay where they were while the folder behind the link is away, so that an open film is not closed', async () => {
    await look();
    renameSync(join(home, 'disk'), join(home, 'disk-away'));
    const away = { is: 'missing', path: join(home, 'disk/film.mp4') };
    expect(await look()).toEqual(away);
    expect(await look()).toEqual(away);
    renameSync(join(home, 'disk-away'), join(home, 'disk'));
    expect(await look()).toEqual({ is: 'found', path: join(home, 'disk/film.mp4') });
  });

  test('follow a link that leads elsewhere now', async () => {
    await look();
    mkdirSync(join(home, 'other'));
    rmSync(join(home, 'media'));
    symlinkSync(join(home, 'other'), join(home, 'media'));
    expect(await look()).toEqual({ is: 'missing', path: join(home, 'media/film.mp4') });
    writeFileSync(join(home, 'other/film.mp4'), '');
    expect(await look()).toEqual({ is: 'found', path: join(home, 'other/film.mp4') });
  });

  test('that lead out of the folder are refused', async () => {
    writeFileSync(join(home, 'secret'), '');
    symlinkSync(join(home, 'secret'), join(home, 'disk/link.mp4'));
    await expect(paths.check('link.mp4')).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    await expect(paths.check('http://host/film.mp4')).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });
});
