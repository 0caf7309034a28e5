/** The page of health against the whole product: graphs get data, and a camera that drops stands in the log in words. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePages, openPage, type Watched } from '../support/browser.js';
import type { Rig } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

/** With a camera on program, which is gone in the end. */
export const pageOfHealth = (shared: { rig: Rig; browser: Browser }) => describe('the page of health', () => {
  let rig: Rig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    ({ rig, browser } = shared);
    watched = await openPage(browser, { width: 1280, height: 800 }, [/status of 507/]);
    page = watched.page;
    await page.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
    await page.getByRole('link', { name: 'Health' }).click();
  }, 90_000);

  afterAll(() => closePages(browser));

  it('draws what the encoder makes and what each process takes, and says the same in a table', async () => {
    await page.locator('[data-graph="bitrate"] canvas').waitFor();
    await page.locator('[data-graph="cpu"] canvas').waitFor();
    await page.getByText('The same as a table').click();
    await page.getByRole('row', { name: /^Bitrate: Encoder/ }).getByText(/[kM]b\/s/).first().waitFor();
    await page.getByRole('row', { name: /^Memory of processes: engine/ }).getByText(/MB/).first().waitFor();
    const cpu = page.locator('[data-process="engine"] td').nth(4);
    await waitFor('the engine\'s processor time', async () => /^[1-9]\d* %$/.test(await cpu.innerText()));
    expect(await page.locator('[data-process="studio"]').innerText()).toContain('Running');
  });

  it('tells in the log that a camera dropped, and warns on every page while it is on program', async () => {
    const [camera] = rig.cameras;
    await page.getByRole('link', { name: 'Scenes' }).click();
    await page.getByRole('heading', { name: 'Scenes' }).waitFor();
    const before = await page.locator('main.studio > *').first().boundingBox();
    await camera!.pusher.stop();
    const warning = page.getByText('Camera 1 is on program and sends nothing.');
    await warning.waitFor();
    // Nothing moves under a hand, and the warning is in the window.
    expect(await page.locator('main.studio > *').first().boundingBox()).toMatchObject({ x: before!.x, y: before!.y });
    const { y, height } = (await warning.boundingBox())!;
    expect([y > 400, y + height <= 800]).toEqual([true, true]);
    // What is said for a moment stands over it.
    const full = { error: { code: 'STORE_FULL', message: 'The disk is full.' } };
    await page.route('**/api/v1/scenes', (route) => route.fulfill({ status: 507, json: full }));
    await page.getByRole('button', { name: 'New scene', exact: true }).click();
    const notice = page.locator('.notices').getByText('The disk is full.');
    await notice.waitFor();
    const overWarning = async (): Promise<void> => {
      const [said, told] = [await page.locator('.notice').boundingBox(), await warning.boundingBox()];
      expect(said!.y + said!.height).toBeLessThanOrEqual(told!.y);
    };
    await overWarning();
    // On a phone the pages are at its foot.
    await page.setViewportSize({ width: 390, height: 844 });
    await overWarning();
    const [pages, told] = [await page.locator('nav.pages').boundingBox(), await warning.boundingBox()];
    expect(told!.y + told!.height).toBeLessThanOrEqual(pages!.y + 1);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('link', { name: 'Health' }).click();
    // One that was late again and again before, on a machine without time, is said to be that.
    const logged = page.getByText(/Camera "Camera 1" (is gone|comes late, in bursts, or goes again)/).first();
    await logged.waitFor();
    await page.getByLabel('About').selectOption('source');
    await page.getByLabel('Search').fill('Camera "Camera 1"');
    await logged.waitFor();
    await page.getByLabel('Search').fill('nothing like this');
    await page.getByText('Nothing of this kind happened.').waitFor();
  });

  it('fits a phone without scrolling sideways, and brought about no script error', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(watched.problems).toEqual([]);
  });
});
