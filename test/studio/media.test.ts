/** The media library and uploads, with the real studio, real files and FFmpeg. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MediaFile, Upload } from '../../src/protocol/media.js';
import { run } from '../support/process.js';
import { type Answer, StudioProcess } from '../support/studio-process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

let films: string;
let studio: StudioProcess;
let home: string;

beforeAll(async () => {
  films = tempFolder();
  home = tempFolder();
  await run('ffmpeg', [
    '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=6', '-f', 'lavfi', '-i', "aevalsrc='if(lt(t,3),0,0.5*sin(2*PI*440*t))':s=48000:d=6",
    '-c:v', 'mpeg4', '-g', '25', '-c:a', 'aac', '-y', join(films, 'film.mp4'),
  ]);
  for (const still of ['still.png', 'photograph.jpg']) await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:size=64x36', '-frames:v', '1', '-y', join(films, still)]);
  studio = await StudioProcess.start({ home });
});
afterAll(async () => {
  await studio?.stop();
  removeFolder(films);
  removeFolder(home);
});

const at = (path: string): string => join(studio.paths.media, path);
const put = (name: string, path = name): void => writeFileSync(at(path), readFileSync(join(films, name)));
const list = async (): Promise<MediaFile[]> => (await studio.api('GET', '/media')).body.items;
const known = (path: string): Promise<MediaFile> => waitFor(`what ${path} is`, async () => {
  const file = (await list()).find((one) => one.path === path);
  return file && (file.facts ?? file.problem) ? file : undefined;
});

/**
 * Asks again while the answer is being made, as whoever is told `NOT_READY` shall; and where the machine had no time to make it, as for what
 * stands behind everything.
 */
function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  return waitFor(`an answer for ${path}`, async () => {
    const response = await fetch(`${studio.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${studio.token}`, ...headers } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const { code, message } = response.ok || bytes.length === 0 ? {} : JSON.parse(bytes.toString()).error;
    return code !== 'NOT_READY' && !/too long to open/.test(message) && { status: response.status, headers: response.headers, bytes };
  }, { timeoutMs: 90_000 });
}

async function send(id: string, offset: number, bytes: Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${studio.url}/api/v1/uploads/${id}?offset=${offset}`, {
    method: 'PUT', headers: { Authorization: `Bearer ${studio.token}`, 'Content-Type': 'application/octet-stream', ...headers }, body: new Uint8Array(bytes),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const begin = async (path: string, bytes: number, more: object = {}): Promise<Upload> => {
  const { status, body } = await studio.api('POST', '/uploads', { path, bytes, ...more });
  expect(body).toMatchObject({ path, bytes, offset: 0, done: false });
  expect(status).toBe(201);
  return body;
};
const refused = async (body: object): Promise<string> => (await studio.api('POST', '/uploads', { path: 'x.mp4', bytes: 1, ...body })).body.error?.code;
/** Parts that lie hidden in the media folder. */
const parts = (): string[] => readdirSync(studio.paths.media).filter((name) => name.startsWith('.upload-'));

describe('the library', () => {
  test('tells what lies in the folder, what it is, and what is wrong with it', async () => {
    put('film.mp4');
    put('still.png');
    writeFileSync(at('broken.mp4'), 'this is no film');
    writeFileSync(at('notes.txt'), 'notes');
    writeFileSync(at('.hidden.mp4'), '');
    symlinkSync('/etc', at('out'));
    expect(await known('film.mp4')).toMatchObject({
      kind: 'video', bytes: statSync(at('film.mp4')).size, problem: null, uses: [],
      facts: { width: 320, height: 180, fps: 25, videoCodec: 'mpeg4', audioCodec: 'aac', channels: 1, sampleRate: 48_000 },
    });
    expect((await known('film.mp4')).facts?.durationMs).toBeGreaterThan(5900);
    expect(await known('still.png')).toMatchObject({ kind: 'image', facts: { durationMs: null, width: 64, height: 36, fps: null, audioCodec: null } });
    expect(await known('broken.mp4')).toMatchObject({ facts: null, problem: { code: 'MEDIA_UNREADABLE', message: expect.stringContaining('damaged') } });
    expect(await known('notes.txt')).toMatchObject({ kind: 'other', problem: { code: 'MEDIA_INVALID' } });
    expect((await list()).map(({ path }) => path)).toEqual(['broken.mp4', 'film.mp4', 'notes.txt', 'still.png']);
    const etag = (await get('/media')).headers.get('etag')!;
    expect((await get('/media', { 'If-None-Match': etag })).status).toBe(304);
  });

  test('gives small pictures, and how loud a file is', async () => {
    const picture = await get('/media/thumbnail?path=film.mp4&atMs=2100&width=100');
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    expect(picture.headers.get('cache-control')).toBe('private, no-cache');
    expect(picture.bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(readJpegSize(picture.bytes)).toEqual({ width: 160, height: 90 });
    const again = await get('/media/thumbnail?path=film.mp4&atMs=2100&width=160&v=1', { 'If-None-Match': picture.headers.get('etag')! });
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'private, max-age=31536000, immutable']);
    // Later in the film, something else is seen; after its end the last of it.
    expect((await get('/media/thumbnail?path=film.mp4&atMs=5000&width=160')).headers.get('etag')).not.toBe(picture.headers.get('etag'));
    put('photograph.jpg');
    for (const still of ['still.png', 'photograph.jpg']) expect((await get(`/media/thumbnail?path=${still}`)).status).toBe(200);
    const wave = JSON.parse((await get('/media/waveform?path=film.mp4')).bytes.toString());
    expect(wave.bucketMs).toBe(20);
    expect(wave.peaks.length).toBeGreaterThan(290);
    expect(Math.max(...wave.peaks.slice(10, 140))).toBeLessThan(0.05);
    expect(Math.min(...wave.peaks.slice(160, 280))).toBeGreaterThan(0.4);
    // Of more channels the loudest counts.
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'aevalsrc=0|0|0|0|0.5*sin(2*PI*440*t)|0:c=5.1:s=48000:d=1', '-y', at('around.wav')]);
    const around = JSON.parse((await get('/media/waveform?path=around.wav')).bytes.toString());
    expect(Math.max(...around.peaks)).toBeGreaterThan(0.4);
    rmSync(at('around.wav'));
  });

  test('opens nothing that is not in the folder, and no list of other files', async () => {
    writeFileSync(at('list.mp4'), `#EXTM3U\n#EXTINF:1,\n/etc/hostname\n`);
    symlinkSync('/etc/hostname', at('link.png'));
    const codeOf = async (path: string): Promise<string> => JSON.parse((await get(`/media/thumbnail?path=${encodeURIComponent(path)}`)).bytes.toString()).error.code;
    expect(await codeOf('../studio.db')).toBe('PATH_NOT_ALLOWED');
    expect(await codeOf('/etc/hostname')).toBe('PATH_NOT_ALLOWED');
    expect(await codeOf('link.png')).toBe('PATH_NOT_ALLOWED');
    expect(await codeOf('out/hostname')).toBe('PATH_NOT_ALLOWED');
    expect(await codeOf('.hidden.mp4')).toBe('PATH_NOT_ALLOWED');
    expect(await codeOf('a\0b.mp4')).toBe('PATH_NOT_ALLOWED');
    expect(await codeOf('nothing.mp4')).toBe('NOT_FOUND');
    expect(await codeOf('list.mp4')).toBe('MEDIA_UNREADABLE');
    expect(await codeOf('notes.txt')).toBe('MEDIA_UNREADABLE');
    expect(JSON.parse((await get('/media/waveform?path=still.png')).bytes.toString()).error.code).toBe('MEDIA_UNREADABLE');
  });

  test('says what uses a file, and deletes only what nothing uses', async () => {
    put('film.mp4', 'used.mp4');
    symlinkSync('used.mp4', at('second.mp4'));
    await known('used.mp4');
    const source = (await studio.api('POST', '/sources', { kind: 'media', name: 'Opening', path: './used.mp4' })).body;
    const scene = (await studio.api('POST', '/scenes', { name: 'Both', layers: [{ sourceId: source.id }] })).body;
    expect((await list()).find(({ path }) => path === 'used.mp4')?.uses).toEqual([
      { kind: 'source', id: source.id, name: 'Opening' }, { kind: 'scene', id: scene.id, name: 'Both' },
    ]);
    const remove = (path: string) => studio.api('DELETE', `/media?path=${encodeURIComponent(path)}`);
    expect(await remove('used.mp4')).toMatchObject({ status: 409, body: { error: { code: 'IN_USE', message: expect.stringContaining('the source "Opening"') } } });
    // Named by a link as well, and the link alone may go.
    await studio.api('PATCH', `/sources/${source.id}`, { path: 'second.mp4' });
    expect((await remove('used.mp4')).status).toBe(409);
    expect((await remove('second.mp4')).status).toBe(409);
    await studio.api('PATCH', `/sources/${source.id}`, { path: 'film.mp4' });
    expect((await remove('second.mp4')).status).toBe(204);
    expect(existsSync(at('used.mp4'))).toBe(true);
    expect((await remove('used.mp4')).status).toBe(204);
    expect((await list()).some(({ path }) => path === 'used.mp4')).toBe(false);
    expect((await remove('used.mp4')).status).toBe(404);
    expect((await remove('out/hostname')).body.error.code).toBe('PATH_NOT_ALLOWED');
    expect((await remove('')).status).toBe(400);
  });
});

describe('an upload', () => {
  test('goes on at its offset after a kill of the studio in the middle of a piece, and is put in its place whole', async () => {
    const film = readFileSync(join(films, 'film.mp4'));
    const sha256 = createHash('sha256').update(film).digest('hex');
    const { id, chunkBytes } = await begin('new/folder/film.mp4', film.length, { sha256, fingerprint: 'mine' });
    expect(chunkBytes).toBeGreaterThan(1024 * 1024);
    const third = Math.floor(film.length / 3);
    expect((await send(id, 0, film.subarray(0, third))).body.offset).toBe(third);
    // A request that is still being sent when the studio dies leaves nothing behind.
    const half = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(film.subarray(third, third + 1000))) });
    const cut = fetch(`${studio.url}/api/v1/uploads/${id}?offset=${third}`, {
      method: 'PUT', headers: { Authorization: `Bearer ${studio.token}`, 'Content-Type': 'application/octet-stream' }, body: half, duplex: 'half',
    } as RequestInit).catch(() => 'cut off');
    await studio.kill();
    expect(await cut).toBe('cut off');
    studio = await StudioProcess.start({ home });
    expect((await studio.api('GET', '/uploads')).body.items).toMatchObject([{ id, offset: third, fingerprint: 'mine', done: false }]);
    expect((await list()).some(({ path }) => path.includes('new/'))).toBe(false);
    expect((await send(id, third, film.subarray(third, 2 * third))).body).toMatchObject({ offset: 2 * third, done: false });
    const done = await send(id, 2 * third, film.subarray(2 * third));
    expect(done).toMatchObject({ status: 200, body: { done: true, offset: film.length, media: { path: 'new/folder/film.mp4', kind: 'video', bytes: film.length } } });
    expect(readFileSync(at('new/folder/film.mp4')).equals(film)).toBe(true);
    expect(readdirSync(at('new/folder'))).toEqual(['film.mp4']);
    expect((await list()).find(({ path }) => path === 'new/folder/film.mp4')).toMatchObject({ bytes: film.length });
    // Whoever missed the answer hears it once more, also from a studio that was killed since.
    await studio.kill();
    studio = await StudioProcess.start({ home });
    expect((await studio.api('GET', `/uploads/${id}`)).body).toMatchObject({ done: true, media: { path: 'new/folder/film.mp4' } });
    expect((await studio.api('GET', '/uploads')).body.items).toEqual([]);
  });

  test('of a studio that was killed before it could put it in its place is put there by an empty piece', async () => {
    const bytes = randomBytes(2000);
    const { id } = await begin('late.mp4', bytes.length);
    await send(id, 0, bytes.subarray(0, 1000));
    await studio.kill();
    writeFileSync(at(`.upload-${id}`), bytes);
    studio = await StudioProcess.start({ home });
    expect((await studio.api('GET', `/uploads/${id}`)).body).toMatchObject({ offset: 2000, done: false });
    expect((await send(id, 2000, Buffer.alloc(0))).body).toMatchObject({ done: true });
    expect(readFileSync(at('late.mp4')).equals(bytes)).toBe(true);
  });

  test('a wrong offset is answered with the right one, a changed piece is refused, and nothing of either is kept', async () => {
    const bytes = randomBytes(3000);
    const { id } = await begin('pieces.mp4', bytes.length);
    const digest = (piece: Buffer): Record<string, string> => ({ 'Content-Digest': `sha-256=:${createHash('sha256').update(piece).digest('base64')}:` });
    expect((await send(id, 0, bytes.subarray(0, 1000), digest(bytes.subarray(0, 1000)))).body.offset).toBe(1000);
    for (const offset of [0, 999, 1001, 3000]) {
      expect(await send(id, offset, bytes.subarray(0, 100))).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT', details: { id, offset: 1000 } } } });
    }
    expect(await send(id, 1000, bytes.subarray(0, 1000), digest(bytes.subarray(1000, 2000)))).toMatchObject({ status: 400, body: { error: { code: 'DIGEST_WRONG', details: { offset: 1000 } } } });
    expect((await send(id, 1000, randomBytes(2001))).body.error.code).toBe('VALIDATION');
    expect((await send(id, 1000, bytes.subarray(1000), { 'Content-Digest': 'md5=:x:' })).body.error.code).toBe('BAD_REQUEST');
    expect((await send(id, 1000, bytes.subarray(1000), { 'Content-Type': 'text/plain' })).body.error.code).toBe('BAD_REQUEST');
    expect((await send(id, 1000, Buffer.alloc(9 * 1024 * 1024))).body.error.code).toBe('TOO_LARGE');
    // Somebody has cut it: what is on the disk counts.
    truncateSync(at(`.upload-${id}`), 500);
    expect((await send(id, 1000, bytes.subarray(1000))).body.error.details.offset).toBe(500);
    expect((await send(id, 500, bytes.subarray(500))).body.done).toBe(true);
    expect(readFileSync(at('pieces.mp4')).equals(bytes)).toBe(true);
  });

  test('whose bytes are not those that were announced begins anew', async () => {
    const bytes = randomBytes(1000);
    const { id } = await begin('announced.mp4', 1000, { sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(await send(id, 0, randomBytes(1000))).toMatchObject({ status: 400, body: { error: { code: 'DIGEST_WRONG', details: { offset: 0 } } } });
    expect(existsSync(at('announced.mp4'))).toBe(false);
    expect((await send(id, 0, bytes)).body.done).toBe(true);
  });

  test('to which several send at once, in pieces of their own, is whole in the end', async () => {
    const bytes = randomBytes(400_000);
    const { id } = await begin('both.mp4', bytes.length);
    const sender = async (step: number): Promise<void> => {
      for (let offset = 0; offset < bytes.length;) {
        const { status, body } = await send(id, offset, bytes.subarray(offset, offset + step));
        expect([200, 409]).toContain(status);
        offset = status === 200 ? body.offset : body.error.details.offset;
      }
    };
    await Promise.all([sender(7001), sender(9973), sender(4096)]);
    expect(readFileSync(at('both.mp4')).equals(bytes)).toBe(true);
    expect(parts()).toEqual([]);
  });

  test('takes no name that is hidden, leaves the folder or cannot be played, and no place of another file', async () => {
    for (const path of ['../x.mp4', '/x.mp4', 'a/../x.mp4', '.x.mp4', 'a/.b/x.mp4', 'a//x.mp4', 'x\n.mp4', 'x\u202Efdp.mp4', 'a\\x.mp4', ' x.mp4', 'x?.mp4', 'x.mp4.', 'x'.repeat(300) + '.mp4']) {
      expect([path, await refused({ path })]).toEqual([path, 'VALIDATION']);
    }
    expect(await refused({ path: 'page.html' })).toBe('VALIDATION');
    expect(await refused({ bytes: 0 })).toBe('VALIDATION');
    expect(await refused({ path: 'out/x.mp4' })).toBe('PATH_NOT_ALLOWED');
    expect(await refused({ path: 'film.mp4/x.mp4' })).toBe('CONFLICT');
    expect(await refused({ path: 'film.mp4' })).toBe('CONFLICT');
    mkdirSync(at('folder.mp4'));
    expect(await refused({ path: 'folder.mp4', replace: true })).toBe('CONFLICT');
    // One that comes there meanwhile stays.
    const { id } = await begin('meanwhile.mp4', 4);
    expect(await refused({ path: 'meanwhile.mp4' })).toBe('CONFLICT');
    writeFileSync(at('meanwhile.mp4'), 'mine');
    expect((await send(id, 0, Buffer.from('film'))).body.error.code).toBe('CONFLICT');
    expect(readFileSync(at('meanwhile.mp4'), 'utf8')).toBe('mine');
    expect((await studio.api('DELETE', `/uploads/${id}`)).status).toBe(204);
    expect((await studio.api('GET', `/uploads/${id}`)).status).toBe(404);
    expect(parts()).toEqual([]);
  });

  test('replaces a file only when that is asked for, and never one that is on air', async () => {
    writeFileSync(at('old.mp4'), 'old');
    const source = (await studio.api('POST', '/sources', { kind: 'media', name: 'Old', path: 'old.mp4' })).body;
    const replaced = await begin('old.mp4', 3, { replace: true });
    expect((await send(replaced.id, 0, Buffer.from('new'))).body.done).toBe(true);
    expect(readFileSync(at('old.mp4'), 'utf8')).toBe('new');
    const timeline = (await studio.api('POST', '/timelines', { name: 'T', tracks: [{ kind: 'video', clips: [{ sourceId: source.id, startMs: 0, durationMs: 1000 }] }] })).body;
    expect(await refused({ path: 'old.mp4', bytes: 3, replace: true })).toBeUndefined();
    await studio.api('DELETE', `/uploads/${(await studio.api('GET', '/uploads')).body.items[0].id}`);
    await studio.api('POST', '/playback', { action: 'arm', timelineId: timeline.id });
    expect(await refused({ path: 'old.mp4', bytes: 3, replace: true })).toBe('IN_USE');
  });

  test('is refused when the disk has no room for it, in words that say so', async () => {
    const { status, body } = await studio.api('POST', '/uploads', { path: 'huge.mp4', bytes: 4 * 1024 ** 4 });
    expect(status).toBe(507);
    expect(body.error).toMatchObject({ code: 'DISK_FULL', message: expect.stringMatching(/needs 4398\.05 GB, and .* has room for \d+\.\d\d GB more/) });
  });

  test('there are so many at once and no more', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 16; i++) ids.push((await begin(`many-${i}.mp4`, 10)).id);
    expect(await refused({ path: 'one-more.mp4' })).toBe('CONFLICT');
    for (const id of ids) await studio.api('DELETE', `/uploads/${id}`);
    expect(await refused({ path: 'one-more.mp4' })).toBeUndefined();
  });
});

/** From the start-of-frame segment. */
function readJpegSize(jpeg: Buffer): { width: number; height: number } {
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] === 0xc0) return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
  }
  throw new Error('no size');
}
