import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Panel } from '../../../src/studio/http/panel.js';
import type { Env } from '../../../src/studio/http/route.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let folder: string;
let app: Hono<Env>;
const script = 'console.log("panel");\n'.repeat(500);

beforeAll(() => {
  folder = tempFolder('panel-files');
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'index-1.js'), script);
  writeFileSync(join(folder, 'assets', 'font-1.woff2'), 'wOF2');
  const panel = new Panel(folder);
  app = new Hono<Env>();
  app.get('*', (c) => panel.answer(c));
});

afterAll(() => removeFolder(folder));

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });

test('scripts come compressed to whoever reads that, and whole to others', async () => {
  const packed = await get('/assets/index-1.js', { 'accept-encoding': 'gzip, br' });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  const bytes = new Uint8Array(await packed.arrayBuffer());
  expect(Number(packed.headers.get('content-length'))).toBe(bytes.length);
  expect(bytes.length).toBeLessThan(script.length / 3);
  expect(gunzipSync(bytes).toString()).toBe(script);
  const plain = await get('/assets/index-1.js', { 'accept-encoding': 'identity' });
  expect([plain.headers.get('content-encoding'), plain.headers.get('vary'), await plain.text()]).toEqual([null, 'Accept-Encoding', script]);
});

test('another page is another version; where none was built there is none', () => {
  const before = new Panel(folder).version;
  expect([before, new Panel(folder).version, new Panel(join(folder, 'assets')).version]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), before, '']);
  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'index.html'), '<!doctype html><script src="/assets/index-2.js"></script>');
  expect(new Panel(other).version).not.toBe(before);
});

test('a part of a script is a part of the file as it is', async () => {
  const part = await get('/assets/index-1.js', { 'accept-encoding': 'gzip', range: 'bytes=0-6' });
  expect([part.status, part.headers.get('content-encoding'), await part.text()]).toEqual([206, null, 'console']);
});

test('what is compressed already, and the page itself, come as they are', async () => {
  for (const path of ['/assets/font-1.woff2', '/']) expect((await get(path, { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBeNull();
});
