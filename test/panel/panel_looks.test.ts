/** How the panel looks where nothing is yet, and on a phone: in a fresh home, without cameras, and with stand-ins for the other processes. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, closePages, openPage, sharedBrowser, type Watched } from '../support/browser.js';
import { productBuilt } from '../support/product.js';
import { IDLE_EGRESS, IDLE_ENGINE, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

const missing = browserMissing ?? (productBuilt() ? null : 'the product is not built (npm run build)');
if (missing) console.log(`panel, looks: skipped, ${missing}`);

describe.skipIf(missing)('the panel in a fresh home', () => {
  let studio: StudioProcess;
  const others: { stop(): Promise<void> }[] = [];
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  const show = async (name: string) => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.locator(`main.${name}`).waitFor();
  };
  /** Lines of text of the buttons that a selector finds, by what they say. */
  const lines = (selector: string) => page.evaluate(`Object.fromEntries([...document.querySelectorAll(${JSON.stringify(selector)})].map((button) => {
    const words = document.createRange();
    words.selectNodeContents(button);
    const tops = [...words.getClientRects()].filter(({ width, height }) => width > 1 && height > 10).map(({ top }) => Math.round(top / 8));
    return [button.innerText.split('\\n')[0].trim(), new Set(tops).size];
  }))`) as Promise<Record<string, number>>;

  beforeAll(async () => {
    [studio, browser] = await Promise.all([StudioProcess.start(), sharedBrowser()]);
    const [sidecar, engine, egress] = [studio.peer('sidecar', { recordings: [] }), studio.peer('engine', IDLE_ENGINE), studio.peer('egress', IDLE_EGRESS)];
    others.push(sidecar, engine, egress);
    await egress.wanted('the start', () => true);
    // This test reads a canvas by itself.
    watched = await openPage(browser, { width: 1400, height: 900 }, [/willReadFrequently/]);
    page = watched.page;
    await page.goto(`${studio.url}/#token=${studio.token}`);
    await page.getByRole('banner').waitFor();
  }, 60_000);

  afterAll(async () => {
    await closePages(browser);
    await Promise.all(others.map((other) => other.stop()));
    await studio?.stop();
  }, 30_000);

  it('says where there is nothing to show yet', async () => {
    await show('health');
    await page.locator('[data-graph="ages"]').getByText('No camera has sent a picture yet.').waitFor();
    await show('timelines');
    await page.getByText('It plays films, pictures, cameras and scenes by itself').waitFor();
    await show('highlights');
    await page.getByText('Nothing was recorded yet.').waitFor();
  });

  it('paints scenes that wait for their cameras in the colours of the theme as it is now', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await show('scenes');
    const canvas = page.locator('.scene-canvas').first();
    await canvas.waitFor();
    // A place between the name of a camera and the edge.
    const luma = async () => Number(await page.evaluate(`(() => {
      const one = document.querySelector('.scene-canvas');
      const [r, g, b] = one.getContext('2d').getImageData(Math.round(one.width / 10), Math.round(one.height / 10), 1, 1).data;
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    })()`));
    await waitFor('dark', async () => (await luma()) > 0 && (await luma()) < 80);
    await page.emulateMedia({ colorScheme: 'light' });
    await waitFor('light', async () => (await luma()) > 180);
    await page.emulateMedia({ colorScheme: 'dark' });
    await waitFor('dark again', async () => (await luma()) < 80);
  });

  it('has the words of its buttons in one line on a phone, and below an opened timeline at every width', async () => {
    await studio.api('POST', '/recording/start');
    await studio.api('POST', '/timelines', { name: 'Sunday', tracks: [] });
    await show('live');
    for (const width of [390, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.getByRole('button', { name: /^Stop recording/ }).waitFor();
      expect(await lines('.broadcast > button, .over-all button'), `${width} wide`).toEqual(expect.objectContaining({ 'Go live': 1, 'Stop recording': 1, 'Mark moment': 1, 'Fade to black': 1, Emergency: 1 }));
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    // The longest that the head has to hold: on air for hours, and nobody takes it.
    await page.evaluate(`(() => {
      document.querySelector('.on-air strong').firstChild.data = 'No destination live 10:00:00';
      document.querySelector('.broadcast .go').firstChild.data = 'End broadcast';
      document.querySelector('.broadcast .reason').hidden = true;
    })()`);
    for (const width of [1181, 1280, 1400]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${width} wide`).toBeLessThanOrEqual(width);
    }
    await show('timelines');
    await page.getByRole('button', { name: /^Sunday/ }).click();
    for (const width of [390, 768, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      await page.locator('.tl-entry .tools').waitFor();
      const tops = await page.locator('.tl-entry .tools > *').evaluateAll((all) => [...new Set(all.map((one) => Math.round((one as unknown as { getBoundingClientRect(): { top: number } }).getBoundingClientRect().top)))]);
      expect(tops, `${width} wide`).toHaveLength(1);
    }
    expect(watched.problems).toEqual([]);
  });
});
