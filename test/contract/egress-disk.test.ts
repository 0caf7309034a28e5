/** What every disk of the recorder must do; the fake that its tests stand on and the real one run the same suite. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realDisk, type Disk, type PartFile } from '../../src/egress/disk.js';
import { MemoryDisk } from '../fakes/memory-disk.js';
import { removeFolder, tempFolder } from '../support/temp.js';

interface Place {
  disk: Disk;
  folder: string;
  /** Takes a file away from outside. */
  remove(path: string): void;
  drop(): void;
}

describe.each<[string, () => Place]>([
  ['memory', () => {
    const disk = new MemoryDisk();
    return { disk, folder: '/r/rec', remove: (path) => disk.remove(path), drop: () => undefined };
  }],
  ['files', () => {
    const home = tempFolder();
    return { disk: realDisk, folder: join(home, 'r/rec'), remove: (path) => rmSync(path), drop: () => removeFolder(home) };
  }],
])('the disk in %s', (_name, make) => {
  let place: Place;
  let disk: Disk;
  let path: string;
  const parts: PartFile[] = [];
  beforeEach(() => {
    place = make();
    disk = place.disk;
    path = join(place.folder, 'part-0001.flv');
  });
  afterEach(async () => {
    for (const part of parts.splice(0)) await part.close();
    place.drop();
  });
  const create = async (at = path): Promise<PartFile> => {
    await disk.makeFolder(place.folder);
    const part = await disk.create(at);
    parts.push(part);
    return part;
  };

  test('has no names in a folder that is not there, and makes one with those above it, also twice', async () => {
    expect(await disk.names(place.folder)).toEqual([]);
    await disk.makeFolder(place.folder);
    await disk.makeFolder(place.folder);
    expect(await disk.names(place.folder)).toEqual([]);
  });

  test('names the files of a folder, and of no other that begins alike', async () => {
    await create();
    await create(join(place.folder, 'other'));
    await disk.makeFolder(`${place.folder}-2`);
    await create(join(`${place.folder}-2`, 'elsewhere'));
    expect((await disk.names(place.folder)).sort()).toEqual(['other', 'part-0001.flv']);
  });

  test('makes a file once, and only in a folder', async () => {
    await expect(disk.create(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await create();
    await expect(disk.create(path)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('appends all pieces in order, more than the kernel takes at once, and reads the head back', async () => {
    const part = await create();
    expect(await disk.sizeBytes(path)).toBe(0);
    expect(await disk.head(path, 10)).toEqual(Buffer.alloc(0));
    const pieces = Array.from({ length: 2_500 }, (_, i) => Buffer.from(`${i},`));
    const whole = Buffer.concat([...pieces, Buffer.from('end')]);
    await part.write(pieces);
    await part.write([]);
    await part.write([Buffer.from('end'), Buffer.alloc(0)]);
    await part.sync();
    expect(await disk.sizeBytes(path)).toBe(whole.length);
    expect(await disk.head(path, 9)).toEqual(whole.subarray(0, 9));
    expect(await disk.head(path, 1e6)).toEqual(whole);
  });

  test('says that a file was removed, and that another of its name is not it', async () => {
    const part = await create();
    expect(await part.stillThere()).toBe(true);
    place.remove(path);
    expect(await part.stillThere()).toBe(false);
    expect(await disk.names(place.folder)).toEqual([]);
    await create();
    expect(await part.stillThere()).toBe(false);
    // What is written goes nowhere, and is no error.
    await part.write([Buffer.from('lost')]);
    expect(await disk.sizeBytes(path)).toBe(0);
  });

  test('fails on what is not there', async () => {
    await expect(disk.head(path, 10)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(disk.sizeBytes(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('knows its space', async () => {
    await disk.makeFolder(place.folder);
    const { freeBytes, totalBytes } = await disk.space(place.folder);
    expect(freeBytes).toBeGreaterThan(0);
    expect(freeBytes).toBeLessThanOrEqual(totalBytes);
  });
});
