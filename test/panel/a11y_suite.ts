/** Everybody can use every page: axe looks at each in both themes on a desk and on a phone, and settings are changed by two people. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePages, openPage, type Watched } from '../support/browser.js';
import { repositoryRoot } from '../support/media.js';
import type { Rig } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

const PAGES = ['live', 'timelines', 'scenes', 'media', 'highlights', 'sound', 'health', 'setup'];
const axe = readFileSync(join(repositoryRoot, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** With a camera. */
export const everyPage = (shared: { rig: Rig; browser: Browser }) => describe('every page', () => {
  let rig: Rig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    ({ rig, browser } = shared);
    const { api } = rig.product;
    // So that no page is empty.
    const sourceId = rig.cameras[0]!.id;
    await api.post('/api/v1/destinations', { name: 'A server', url: rig.far.url, key: 'a11y', enabled: false });
    await api.post('/api/v1/timelines', { name: 'Evening', loop: true, tracks: [{ kind: 'video', clips: [{ sourceId, startMs: 0, durationMs: 60_000 }] }] });
    await api.post('/api/v1/inserts', { name: 'Spot', sourceId, durationMs: 5_000 });
    watched = await openPage(browser, { width: 1280, height: 800 });
    page = watched.page;
    await page.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
    await page.getByRole('banner').waitFor();
    await page.evaluate(axe);
  }, 90_000);

  afterAll(() => closePages(browser));

  const show = async (name: string) => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.locator(`main.${name}`).waitFor();
    await waitFor('the page', async () => !/^(Loading …)?$/.test((await page.locator('main').innerText()).trim()));
  };

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    it.each([[1280, 800], [390, 844]])('has nothing serious in axe\'s eyes and fits, %i wide', async (width, height) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      const found: string[] = [];
      for (const name of PAGES) {
        await show(name);
        const violations = await page.evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })
          .then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => id + ': ' + html.slice(0, 160) + ' ' + (any[0]?.message ?? ''))))`) as string[];
        found.push(...violations.map((text) => `${name}: ${text}`));
        const sideways = await page.evaluate('document.documentElement.scrollWidth') as number;
        if (sideways > width) found.push(`${name}: ${sideways} px wide`);
      }
      expect(found).toEqual([]);
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme);
    });
  });

  it('keeps the colours that were chosen, from the first picture on', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await show('setup');
    await page.getByLabel('Colours', { exact: true }).selectOption('light');
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await ground();
    // Without the panel's own script: what stands is the work of the file in the head.
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.reload({ waitUntil: 'domcontentloaded' });
    await waitFor('the light ground', async () => (await ground()) === light);
    await page.unroute('**/assets/*.js');
    await page.reload();
    await page.getByLabel('Colours', { exact: true }).selectOption('system');
    await waitFor('dark ground', async () => (await ground()) !== light);
  });

  it('changes settings on air, and never over somebody else\'s change unasked', async () => {
    await show('setup');
    const form = page.locator('#encoding form');
    await form.getByLabel('Picture, kb/s').fill('700');
    await form.getByText('viewers see no break').waitFor();
    await form.getByRole('button', { name: 'Save' }).click();
    const stored = async () => (await rig.product.api.get<{ encoder: { bitrateKbps: number } }>('/api/v1/settings')).encoder.bitrateKbps;
    await waitFor('700 kb/s', async () => (await stored()) === 700);

    await form.getByLabel('Picture, kb/s').fill('800');
    await rig.product.api.patch('/api/v1/settings', { encoder: { bitrateKbps: 900 } });
    await form.getByText('Somebody else changed this meanwhile').waitFor();
    expect(await form.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await form.getByRole('button', { name: 'Keep theirs' }).click();
    expect(await form.getByLabel('Picture, kb/s').inputValue()).toBe('900');

    await form.getByLabel('Ready settings').selectOption('twitch-720p60');
    await form.getByText('builds the program anew').waitFor();
    expect(await form.getByLabel('Picture, kb/s').inputValue()).toBe('4500');
    await form.getByRole('button', { name: 'Undo' }).click();
    expect(await stored()).toBe(900);
  });

  it('brought about no script error and broke no policy', () => {
    expect(watched.problems.filter((text) => !/net::ERR_FAILED/.test(text))).toEqual([]);
  });
});
