import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import fc from 'fast-check';
import type { Log } from '../../../src/runtime/log.js';
import { firstBanner, laterBanner, panelUrl, rtmpServer, Welcome } from '../../../src/studio/banner.js';
import { AttemptLimiter, ATTEMPTS } from '../../../src/studio/http/attempts.js';
import { Access, clientAddress } from '../../../src/studio/http/access.js';
import type { Sessions } from '../../../src/studio/http/sessions.js';
import type { OperatorToken } from '../../../src/studio/secrets/token.js';
import { parseRange } from '../../../src/studio/http/files.js';
import { Turns } from '../../../src/studio/http/turns.js';
import { MediaPaths } from '../../../src/studio/media-paths.js';
import { mergeDeep, withoutOwned } from '../../../src/studio/services/patch.js';
import { parseJson } from '../../../src/studio/validate.js';
import { ReportBook } from '../../../src/studio/reports.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

describe('guessing', () => {
  test('a purse empties, refills slowly, and is each address\'s own', () => {
    const clock = new FakeClock();
    const limiter = new AttemptLimiter(clock);
    for (let i = 0; i < ATTEMPTS.burst; i++) {
      expect(limiter.mayTry('a')).toBe(true);
      limiter.failed('a');
    }
    expect(limiter.mayTry('a')).toBe(false);
    expect(limiter.mayTry('b')).toBe(true);
    clock.pass(1000);
    expect(limiter.mayTry('a')).toBe(true);
    limiter.failed('a');
    expect(limiter.mayTry('a')).toBe(false);
    clock.pass(3600_000);
    for (let i = 0; i < ATTEMPTS.burst; i++) limiter.failed('a');
    expect(limiter.mayTry('a')).toBe(false);
    expect([limiter.refused, limiter.blocked]).toEqual([2 * ATTEMPTS.burst + 1, 3]);
  });

  test('memory stays bounded however many addresses guess', () => {
    const limiter = new AttemptLimiter(new FakeClock());
    for (let i = 0; i < 30_000; i++) limiter.failed(`10.0.${i >> 8}.${i & 255}`);
    expect(limiter.mayTry('10.0.0.0')).toBe(true);
  });

  test('an IPv6 host has one purse, whichever of its many addresses it tries from', () => {
    const attempts = new AttemptLimiter(new FakeClock());
    const token = { matches: () => false } as unknown as OperatorToken;
    const access = new Access({ token, attempts, sessions: {} as Sessions, boundHost: '::', hosts: [] });
    const guess = (address: string): void => access.checkToken({ method: 'GET', headers: {}, address }, 'wrong');
    for (let i = 0; i < ATTEMPTS.burst; i++) expect(() => guess(`2001:db8:1:2::${i.toString(16)}`)).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));
    expect(() => guess('2001:db8:1:2:ffff::1')).toThrow(expect.objectContaining({ code: 'TOO_MANY_ATTEMPTS' }));
    expect(() => guess('2001:db8:1:3::1')).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));
  });

  test('only a proxy on this machine may say whom it speaks for', () => {
    expect(clientAddress('127.0.0.1', { 'x-forwarded-for': '1.2.3.4, 5.6.7.8' })).toBe('5.6.7.8');
    expect(clientAddress('::ffff:127.0.0.1', { 'x-forwarded-for': '5.6.7.8' })).toBe('5.6.7.8');
    expect(clientAddress('9.9.9.9', { 'x-forwarded-for': '5.6.7.8' })).toBe('9.9.9.9');
    expect(clientAddress('::1', {})).toBe('::1');
  });
});

test.each([
  [undefined, 10, undefined], ['bytes=0-', 10, { start: 0, end: 9 }], ['bytes=2-4', 10, { start: 2, end: 4 }], ['bytes=-3', 10, { start: 7, end: 9 }], ['bytes=-30', 10, { start: 0, end: 9 }],
  ['bytes=5-50', 10, { start: 5, end: 9 }], ['bytes=10-', 10, 'unsatisfiable'], ['bytes=-0', 10, 'unsatisfiable'], ['bytes=0-', 0, 'unsatisfiable'], ['bytes=4-2', 10, undefined],
  ['bytes=0-1,4-5', 10, undefined], ['bytes=a-b', 10, undefined], ['items=0-1', 10, undefined], ['bytes=-', 10, undefined],
])('Range %s of %d bytes', (header, size, expected) => {
  expect(parseRange(header, size)).toEqual(expected);
});

describe('JSON from outside', () => {
  test('prototypes, depth and nonsense are refused', () => {
    for (const text of ['{"__proto__":1}', '{"a":[{"constructor":{}}]}', '{"a":{"prototype":1}}', '{', '', 'undefined', '['.repeat(30) + ']'.repeat(30)]) expect(() => parseJson(text)).toThrow();
    expect(parseJson('{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] });
  });

  test('megabytes of brackets are refused before they are read, and brackets in strings are none', () => {
    const read = vi.spyOn(JSON, 'parse');
    expect(() => parseJson(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`)).toThrow('nested deeper than 24');
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    const wide = { name: `\\"${'[{'.repeat(1e5)}`, a: Array.from({ length: 30_000 }, (_, i) => ({ i: [i] })) };
    expect(parseJson(JSON.stringify(wide))).toEqual(wide);
    const nested = (depth: number): string => `${'['.repeat(depth)}"${'x'.repeat(1e5)}"${']'.repeat(depth)}`;
    expect(parseJson(nested(24))).toHaveLength(1);
    expect(() => parseJson(nested(25))).toThrow('nested deeper');
  });

  test('large bodies leave others a turn between them', async () => {
    const turns = new Turns();
    let round = 0;
    const rounds: number[] = [];
    const others = setInterval(() => { round += 1; }, 0);
    await Promise.all(Array.from({ length: 5 }, async () => {
      await turns.next();
      rounds.push(round);
      // As long as others wait for.
      for (const began = performance.now(); performance.now() - began < 5;);
    }));
    clearInterval(others);
    expect(new Set(rounds).size).toBe(5);
  });

  test('merging all the way down keeps what is left out', () => {
    expect(mergeDeep({ a: { b: 1, c: 2 }, d: [1] }, { a: { c: 3 }, d: [2, 3], e: { f: 1 } })).toEqual({ a: { b: 1, c: 3 }, d: [2, 3], e: { f: 1 } });
    fc.assert(fc.property(fc.jsonValue(), (value) => { expect(mergeDeep(value, value)).toEqual(value); }));
  });

  test('what the server owns may come along unchanged', () => {
    const resource = { id: 'a', revision: 3, name: 'x', createdAt: 't' };
    expect(withoutOwned({ ...resource, name: 'y' }, resource, ['id', 'createdAt'])).toEqual({ name: 'y' });
    expect(() => withoutOwned({ id: 'b' }, resource, ['id'])).toThrow('id: It cannot be changed.');
    expect(() => withoutOwned({ revision: 2 }, resource, ['id'])).toThrow(expect.objectContaining({ code: 'STALE_REVISION' }) as Error);
    expect(() => withoutOwned({ revision: '3' }, resource, ['id'])).toThrow('revision');
  });
});

test('media paths: inside, missing, out by a link, addresses', async () => {
  const folder = tempFolder();
  try {
    mkdirSync(join(folder, 'media/sub'), { recursive: true });
    writeFileSync(join(folder, 'media/sub/a.mp4'), '');
    writeFileSync(join(folder, 'secret'), '');
    mkdirSync(join(folder, 'media-evil'));
    writeFileSync(join(folder, 'media-evil/x'), '');
    symlinkSync('../secret', join(folder, 'media/out'));
    symlinkSync('../media-evil', join(folder, 'media/evil'));
    symlinkSync('sub/a.mp4', join(folder, 'media/in'));
    let inUse: string[] = ['late.mp4'];
    const onChange = vi.fn();
    const make = (allowHttp: boolean) => new MediaPaths({ folder: join(folder, 'media'), allowHttp, inUse: () => inUse, onChange });
    const paths = make(false);
    await paths.start();
    await paths.check('sub/a.mp4');
    await paths.check('in');
    await paths.check('nowhere');
    expect([paths.find('sub/a.mp4'), paths.find('in'), paths.find('nowhere')]).toEqual([
      { is: 'found', path: join(folder, 'media/sub/a.mp4') }, { is: 'found', path: join(folder, 'media/sub/a.mp4') }, { is: 'missing', path: join(folder, 'media/nowhere') },
    ]);
    for (const path of ['out', 'evil/x', 'http://a/b', 'rtsp://a/b', 'file:///etc/passwd', 'concat://a']) await expect(paths.check(path), path).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    await make(true).check('https://example.org/a.mp4');
    await expect(make(true).check('rtsp://a/b')).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    await paths.stop();
    inUse = [];
  } finally {
    removeFolder(folder);
  }
});

test('a process that fell silent counts as away, though nobody saw it go', () => {
  const clock = new FakeClock();
  const book = new ReportBook(clock);
  book.put('sidecar', { recordings: [] });
  expect(book.get('sidecar')).toEqual({ recordings: [] });
  clock.pass(5001);
  expect(book.get('sidecar')).toBeUndefined();
  book.put('sidecar', { recordings: [] });
  book.drop('sidecar');
  expect(book.all()).toEqual({ ingest: undefined, engine: undefined, egress: undefined, sidecar: undefined });
});

describe('the banner', () => {
  test('is followed by a warning of a setting that nothing serves yet, when somebody has set it', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const warned = (obsIsSet: boolean): string[] => {
        const lines: string[] = [];
        const log = { warn: (line: string) => void lines.push(line) } as unknown as Log;
        new Welcome({ http: { host: '127.0.0.1', port: 8080 }, rtmp: { host: '0.0.0.0', port: 1935 }, rtmpHost: undefined, obs: { host: '::1', port: 4455 }, obsIsSet }, 'tok', log, () => undefined).start();
        return lines;
      };
      expect(warned(false)).toEqual([]);
      expect(warned(true)).toEqual([expect.stringMatching(/^VISTTER_OBS is set, .*nothing listens on \[::1\]:4455$/)]);
    } finally {
      write.mockRestore();
    }
  });

  const http = { host: '127.0.0.1', port: 8080 };
  test('the first has the token behind a #, the server and the keys', () => {
    const text = firstBanner(panelUrl(http), 'tok', 'rtmp://h:1935/live', [{ name: 'Camera 1', key: 'k1' }, { name: 'Camera 2', key: 'k2' }]);
    for (const part of ['http://localhost:8080/#token=tok', 'rtmp://h:1935/live', 'Camera 1', 'k1', 'k2']) expect(text).toContain(part);
    expect(laterBanner(panelUrl(http), 'rtmp://h:1935/live')).not.toContain('tok=');
  });

  test('addresses are such that one can use them', () => {
    expect(rtmpServer({ rtmp: { host: '0.0.0.0', port: 1935 }, rtmpHost: 'studio.example' })).toBe('rtmp://studio.example:1935/live');
    expect(rtmpServer({ rtmp: { host: '::1', port: 1935 }, rtmpHost: undefined })).toBe('rtmp://[::1]:1935/live');
    expect(rtmpServer({ rtmp: { host: '0.0.0.0', port: 1935 }, rtmpHost: undefined })).not.toContain('0.0.0.0');
    expect(panelUrl({ host: '0.0.0.0', port: 80 })).not.toContain('0.0.0.0');
    expect(panelUrl({ host: '10.1.2.3', port: 80 })).toBe('http://10.1.2.3:80/');
  });
});
