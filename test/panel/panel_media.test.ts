/** The page of media in a real browser: a film comes in over a studio that dies, becomes a source, goes on air, and may go when nothing uses it. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, closePages, openPage, sharedBrowser, type Watched } from '../support/browser.js';
import { run } from '../support/process.js';
import { Product, productBuilt, smallSettings } from '../support/product.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const missing = browserMissing ?? (productBuilt() ? null : 'the product is not built (npm run build)');
if (missing) console.log(`panel, media: skipped, ${missing}`);

/** Bytes a second that the browser may send: slow enough to be cut off in the middle. */
const UPLINK = 2_500_000;
/** Files are looked at, curves of sound drawn and recordings finished behind everything else, of what two browsers and two products leave of the processors. */
const MADE_WITHIN_MS = 90_000;

describe.skipIf(missing)('the page of media', () => {
  const product = new Product({ settings: smallSettings });
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let films: string;
  let recordingId: string;

  beforeAll(async () => {
    films = tempFolder('v-films-');
    // Of noise, so that there is much of it.
    await run('ffmpeg', [
      '-v', 'error', '-f', 'lavfi', '-i', 'nullsrc=size=640x360:rate=25:duration=4,geq=random(1)*255:128:128', '-f', 'lavfi', '-i', 'sine=440:duration=4',
      '-c:v', 'mpeg4', '-b:v', '14M', '-c:a', 'aac', '-shortest', '-y', join(films, 'Evening: show?.mp4'),
    ]);
    [browser] = await Promise.all([sharedBrowser(), product.start()]);
    recordingId = (await product.api.post<{ id: string }>('/api/v1/recording/start')).id;
    mkdirSync(join(product.home, 'media/many'), { recursive: true });
    for (let i = 0; i < 400; i++) writeFileSync(join(product.home, `media/many/${i}.txt`), '');
    watched = await openPage(browser, { width: 1280, height: 800 }, [/status of (400|401|503|409)/, /net::ERR_/, /WebSocket connection to .* failed/]);
    page = watched.page;
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(`http://127.0.0.1:${product.httpPort}/#token=${product.token}`);
    await page.getByRole('heading', { name: 'Program' }).waitFor();
    await page.getByRole('link', { name: 'Media' }).click();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
  }, 90_000);

  afterAll(async () => {
    await closePages(browser);
    await product.stop();
    removeFolder(films);
  }, 30_000);

  const NAME = 'Evening_ show_.mp4';
  const upload = (name: string) => page.locator(`[data-upload="${name}"]`);
  const stateOf = (name: string) => upload(name).getAttribute('data-state');
  const progressOf = async (name: string): Promise<number> => Number(await upload(name).locator('progress').getAttribute('value'));
  const file = (path: string) => page.locator(`[data-path="${path}"]`);
  const choose = (from: string) => page.locator('.drop-zone input[type=file]').setInputFiles(join(films, from));
  const sha = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  const there = (path: string): string => join(product.home, 'media', path);
  /** Asks something of an element, as text: this file is checked without a browser's types. */
  const inPage = <T>(selector: string, expression: string): Promise<T> => page.evaluate(`(() => { const it = document.querySelector(${JSON.stringify(selector)}); return ${expression}; })()`);
  let network: CDPSession;
  const slow = async (bytesPerSecond: number): Promise<void> => {
    network ??= await page.context().newCDPSession(page);
    await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
  };

  it('takes in a film, and goes on by itself where it was when the studio is killed in the middle', async () => {
    const offsets: number[] = [];
    page.on('request', (request) => {
      const offset = /\/uploads\/.*offset=(\d+)/.exec(request.url())?.[1];
      if (offset !== undefined && request.method() === 'PUT') offsets.push(Number(offset));
    });
    await slow(UPLINK);
    await choose('Evening: show?.mp4');
    await waitFor('a good part of it', async () => (await progressOf(NAME)) > 1_000_000);
    expect(await upload(NAME).innerText()).toMatch(/MB of \d+ MB · [\d.]+ (MB|kB)\/s · 0:\d\d left/);
    expect(existsSync(there(NAME))).toBe(false);
    product.kill('studio');
    await upload(NAME).getByText('Goes on by itself').waitFor();
    await upload(NAME).getByText('In the library').waitFor({ timeout: MADE_WITHIN_MS });
    expect(sha(there(NAME))).toBe(sha(join(films, 'Evening: show?.mp4')));
    // Nothing of what had come was sent again but what was on its way.
    expect(offsets.filter((offset) => offset === 0)).toHaveLength(1);
    await file(NAME).getByText('640×360').waitFor();
    expect(await file(NAME).innerText()).toMatch(/0:04 · 640×360 · 25 fps · mpeg4 · aac 44.1 kHz mono · \d+ MB/);
    await waitFor('its picture', () => inPage(`[data-path="${NAME}"] img`, 'it?.complete && it.naturalWidth > 100'));
  });

  it('goes on with an upload of a page that was loaded anew, once the same file is chosen', async () => {
    copyFileSync(join(films, 'Evening: show?.mp4'), join(films, 'second.mp4'));
    await choose('second.mp4');
    await waitFor('a part of it', async () => (await progressOf('second.mp4')) > 1_000_000);
    await page.reload();
    await upload('second.mp4').getByText('Interrupted').waitFor();
    await slow(-1);
    const left = await progressOf('second.mp4');
    expect(left).toBeGreaterThan(1_000_000);
    const again = upload('second.mp4').locator('input[type=file]');
    await again.setInputFiles(join(films, 'Evening: show?.mp4'));
    await page.getByText('That is another file').waitFor();
    await again.setInputFiles(join(films, 'second.mp4'));
    await upload('second.mp4').getByText('In the library').waitFor({ timeout: MADE_WITHIN_MS });
    expect(sha(there('second.mp4'))).toBe(sha(join(films, 'second.mp4')));
  });

  it('asks what to do with a name that is taken', async () => {
    await choose('second.mp4');
    await waitFor('the question', async () => (await stateOf('second.mp4')) === 'exists');
    await upload('second.mp4').getByRole('button', { name: 'Keep both' }).click();
    await upload('second 2.mp4').getByText('In the library').waitFor({ timeout: MADE_WITHIN_MS });
  });

  it('makes it a source that goes on program, and lets it go only when nothing uses it', async () => {
    await page.getByLabel('Search').fill('evening');
    await file('second.mp4').waitFor({ state: 'detached' });
    await file(NAME).getByRole('button', { name: 'Make' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Evening');
    await page.getByRole('button', { name: 'Make the source' }).click();
    await file(NAME).getByText('In the source “Evening”').waitFor();
    const { items } = await product.api.get<{ items: { id: string; name: string }[] }>('/api/v1/sources');
    const { id } = items.find(({ name }) => name === 'Evening')!;
    const socket = await product.socket();
    await socket.switchTo({ sourceId: id });
    await socket.status('the film on program', (status) => status.program?.sourceId === id && status.sources.some((source) => source.id === id && ['live', 'late', 'ended'].includes(source.state)));
    const remove = file(NAME).getByRole('button', { name: 'Delete' });
    expect(await remove.isDisabled()).toBe(true);
    expect(await remove.getAttribute('title')).toContain('Something uses it');

    const colour = await product.api.post<{ id: string }>('/api/v1/sources', { kind: 'color', name: 'Blue', color: '#0000ff' });
    await socket.switchTo({ sourceId: colour.id });
    await product.api.delete(`/api/v1/sources/${id}`);
    await file(NAME).getByText('Nothing uses it').waitFor();
    await remove.click();
    await page.getByRole('dialog').getByText(`Delete “${NAME}”`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No file is like that').waitFor();
    expect(existsSync(there(NAME))).toBe(false);
  });

  it('shows all that is known of a film, and how loud it is', async () => {
    await page.getByLabel('Search').fill('second.mp4');
    await file('second.mp4').getByRole('button', { name: 'Details' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('img', { name: 'How loud it is' }).waitFor({ timeout: MADE_WITHIN_MS });
    await dialog.getByText('mpeg4 · 640×360').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('draws of many files only those that are seen', async () => {
    await page.getByLabel('Search').fill('');
    await page.getByText('402 files').waitFor();
    expect(await page.locator('[data-path]').count()).toBeLessThan(30);
    await inPage('.windowed', 'it.scrollTop = it.scrollHeight');
    await file('second.mp4').waitFor();
    expect(await page.locator('[data-path]').count()).toBeLessThan(30);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('makes a folder a timeline, in another order when that is chosen, and takes it out without its files', async () => {
    mkdirSync(there('loop'));
    for (const name of ['10', '2']) copyFileSync(join(films, 'Evening: show?.mp4'), there(`loop/${name}.mp4`));
    writeFileSync(there('loop/3.mp4'), 'no film');
    const folders = page.locator('#folders');
    await folders.getByRole('button', { name: 'Add folder' }).click();
    await folders.getByLabel('Name').fill('Night');
    await folders.getByLabel('Folder', { exact: true }).fill('loop');
    await folders.getByRole('button', { name: 'Make the timeline' }).click();
    await folders.getByText('2 files ready, 1 cannot be played').waitFor({ timeout: MADE_WITHIN_MS });
    await folders.getByRole('button', { name: 'Files of Night' }).click();
    const order = async () => (await folders.locator('.folder-files .name').allInnerTexts()).join(' ');
    await waitFor('its files in order', async () => (await order()) === 'loop/2.mp4 loop/10.mp4 loop/3.mp4');
    // One of the seeds puts the other film first.
    await folders.getByRole('button', { name: 'Edit the folder Night' }).click();
    await folders.getByLabel('Order', { exact: true }).selectOption('shuffle');
    await folders.getByLabel('Seed').fill('1');
    await folders.getByLabel('Between files').selectOption('fade');
    await folders.getByRole('button', { name: 'Save' }).click();
    await folders.getByText('shuffled, seed 1, loops').waitFor();
    const { items } = await product.api.get<{ items: { order: string; seed: number; transition: object }[] }>('/api/v1/folders');
    expect(items).toMatchObject([{ order: 'shuffle', seed: 1, transition: { kind: 'fade', durationMs: 500 } }]);

    await folders.getByRole('link', { name: 'Open the timeline of Night' }).click();
    await page.getByText('The clips of this timeline are the files of a folder.').waitFor();
    await waitFor('its clips', async () => (await page.getByRole('gridcell').count()) === 2);
    await page.getByRole('link', { name: 'Media' }).click();
    await folders.getByRole('button', { name: 'Delete the folder Night' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await folders.getByText('No folder is a timeline yet.').waitFor();
    expect(existsSync(there('loop/2.mp4'))).toBe(true);
  });

  it('plays a recording from any place in it, and deletes it when asked', async () => {
    await product.api.post('/api/v1/recording/stop');
    const row = page.locator(`[data-recording="${recordingId}"]`);
    await row.getByRole('button', { name: 'Play' }).click({ timeout: MADE_WITHIN_MS });
        await waitFor('it to play', () => inPage('video', 'it?.currentTime > 0.3 && it.videoWidth === 640'));
    await inPage('video', 'it.currentTime = it.duration - 2');
    await waitFor('it to play near its end', () => inPage('video', '!it.seeking && it.currentTime > it.duration - 1.8'));
    expect(await row.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe(`/api/v1/recordings/${recordingId}/file`);
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing was recorded yet').waitFor();
    await waitFor('its files to be gone', () => !existsSync(join(product.home, 'recordings', recordingId)));
    expect(watched.problems).toEqual([]);
  });
});
