/** Makes the pictures of the README, from a studio at work: `npm run pictures`. Not a test of anything, and so not part of a run of the tests. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launchBrowser, openPage } from '../support/browser.js';
import { repositoryRoot } from '../support/media.js';
import { run, startProcess } from '../support/process.js';
import { Rig, rigMissing } from '../support/rig.js';
import { delay, waitFor } from '../support/wait.js';

const asked = process.env.VISTTER_PICTURES === '1' && !browserMissing && !rigMissing;
const folder = join(repositoryRoot, 'docs/pictures');
/** A page that is slow to load shows it. */
const MAX_BYTES = 300_000;

/** What the cameras see, drawn by FFmpeg. */
const FILMS: Record<string, string> = {
  'Desk camera': 'gradients=size=640x360:rate=25:c0=0x1d3557:c1=0xe76f51:c2=0x2a9d8f:nb_colors=3:speed=0.02:seed=4',
  'Second camera': 'mandelbrot=size=640x360:rate=25:start_scale=1.6:end_scale=0.02:end_pts=300',
  'Game': 'life=size=160x90:rate=25:ratio=0.16:mold=12:seed=9:death_color=0x264653:life_color=0xe9c46a,scale=640:360:flags=neighbor',
};

describe.skipIf(!asked)('the pictures of the README', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    [rig, browser] = await Promise.all([new Rig({ cameras: [], farKeys: ['far-one', 'far-two'] }).start(), launchBrowser()]);
    const { api, home } = rig.product;
    await rig.clearHome();
    const ids: string[] = [];
    for (const [index, [name, source]] of Object.entries(FILMS).entries()) {
      const file = join(home, 'media', `${name.toLowerCase().replace(' ', '-')}.mp4`);
      await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-f', 'lavfi', '-i', `sine=frequency=${220 * (index + 1)}:sample_rate=48000,tremolo=f=2:d=0.8`,
        '-t', '12', '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ar', '48000', '-ac', '2', file]);
      const camera = await rig.product.addCamera(name);
      ids.push(camera.id);
      const pusher = startProcess('ffmpeg', ['-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', camera.url]);
      rig.also(() => pusher.stop());
    }
    await Promise.all(ids.map((id) => rig.product.sourceState(id, ['live'])));
    const film = await api.post<{ id: string }>('/api/v1/sources', { kind: 'media', name: 'Trailer', path: 'second-camera.mp4', loop: true });
    await api.post('/api/v1/scenes', { name: 'Desk over game', layers: [{ sourceId: ids[2] }, { sourceId: ids[0], x: 0.67, y: 0.67, width: 0.3, height: 0.3, fit: 'cover' }] });
    const clip = (sourceId: string | undefined, startMs: number, durationMs: number) => ({ sourceId, startMs, durationMs });
    await api.post('/api/v1/timelines', {
      name: 'Evening', loop: true,
      tracks: [
        { kind: 'video', clips: [clip(film.id, 0, 20_000), clip(ids[1], 20_000, 15_000), clip(ids[2], 35_000, 25_000)] },
        { kind: 'video', clips: [{ ...clip(ids[0], 40_000, 12_000), x: 0.67, y: 0.67, width: 0.3, height: 0.3 }] },
      ],
    });
    await rig.socket.switchTo({ sourceId: ids[1]! });
    // A recording with two moments that somebody marked, and what was found in it.
    // It begins with the keyframe before, which is to be the camera's.
    await delay(3_000);
    await api.post('/api/v1/recording/start', {});
    for (const text of ['The first goal', 'Everybody sings']) {
      await delay(14_000);
      await api.post('/api/v1/markers', { text });
    }
    await delay(14_000);
    const { id } = await api.post<{ id: string }>('/api/v1/recording/stop', {});
    const { highlights } = await waitFor('highlights', async () => {
      const analysis = await api.get<{ state: string; thumbnails: object[]; highlights: { id: string }[] }>(`/api/v1/recordings/${id}/analysis`);
      return analysis.state === 'ready' && analysis.thumbnails.length > 0 && analysis;
    }, { timeoutMs: 60_000 });
    await api.post(`/api/v1/recordings/${id}/highlights/${highlights[0]!.id}/decision`, { verdict: 'accepted' });
    const watched = await openPage(browser, { width: 1280, height: 800 });
    page = watched.page;
    await page.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
    await page.getByText('LIVE', { exact: true }).waitFor();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await rig?.stop();
  }, 30_000);

  async function picture(name: string): Promise<void> {
    // Pictures of sources come ten a second, graphs once a second.
    await page.waitForTimeout(3_000);
    const png = await page.screenshot();
    const path = join(folder, `${name}.png`);
    await run('ffmpeg', ['-v', 'error', '-y', '-f', 'png_pipe', '-i', 'pipe:0', '-vf', 'split[a][b];[a]palettegen=max_colors=160[p];[b][p]paletteuse=dither=bayer:bayer_scale=5', path], { input: png });
    expect(statSync(path).size).toBeLessThan(MAX_BYTES);
  }

  const show = async (name: string) => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.locator(`main.${name}`).waitFor();
    await waitFor('the page', async () => !/^(Loading …)?$/.test((await page.locator('main').innerText()).trim()));
  };

  it.each(['live', 'timelines', 'scenes', 'media', 'highlights', 'sound', 'health', 'setup'])('%s', async (name) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await show(name);
    if (name === 'live') await page.keyboard.press('2');
    if (name === 'timelines') await page.getByRole('button', { name: /^Evening/ }).click();
    if (name === 'highlights') {
      await page.locator('[data-recording] a').first().click();
      await page.locator('.hl-mark').first().waitFor();
      await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
    }
    await picture(name);
  });

  it('light, and on a phone', async () => {
    await show('live');
    await page.emulateMedia({ colorScheme: 'light' });
    await picture('live-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    await picture('phone');
  });
});
