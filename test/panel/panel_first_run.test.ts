/** The first steps: from an empty studio to the first live program, by keys alone. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, closePages, openPage, sharedBrowser, type Watched } from '../support/browser.js';
import { patternFile } from '../support/pattern/generate.js';
import { Pusher } from '../support/pusher.js';
import { Rig, rigMissing } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

const missing = browserMissing ?? rigMissing;
if (missing) console.log(`panel_first_run: skipped, ${missing}`);

/** What has the focus, by its name. */
const FOCUSED = `(() => {
  const { activeElement: at } = document;
  return at?.getAttribute('aria-label') ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? '';
})()`;

describe.skipIf(missing)('the first steps', () => {
  let rig: Rig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([new Rig({ cameras: [] }).start(), sharedBrowser()]);
    watched = await openPage(browser, { width: 1280, height: 800 }, [], { firstSteps: true });
    page = watched.page;
    await page.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
  }, 90_000);

  afterAll(async () => {
    await closePages(browser);
    await rig?.stop();
  }, 30_000);

  const steps = () => page.locator('#first-steps');
  const step = (number: number) => steps().locator('.step').nth(number - 1);
  /** Goes on by Tab until what has this name has the focus, and its place can be seen. */
  const tabTo = async (name: string) => {
    for (let at = 0; at < 120; at++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(FOCUSED) as string).trim() === name) {
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
        return;
      }
    }
    throw new Error(`no way by Tab to “${name}”`);
  };

  it('are what an empty studio begins with, and the header can be skipped', async () => {
    await steps().getByRole('heading', { name: 'Your first live program' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(FOCUSED)).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    await tabTo('Not now');
    // Of what is not there yet a page speaks once.
    await page.evaluate("location.hash = '#/highlights'");
    await page.locator('#models').waitFor();
    expect(await page.getByText('Nothing was recorded yet').count()).toBe(1);
    await page.evaluate("location.hash = '#/live'");
    await steps().waitFor();
  });

  it('tell what OBS needs, and turn green when it arrives', async () => {
    await tabTo('Show the key');
    await page.keyboard.press('Enter');
    const value = (label: string) => step(1).getByRole('textbox', { name: label, exact: true }).inputValue();
    const [server, key] = [await value('server for OBS'), await value('key for OBS')];
    expect(await step(1).getAttribute('class')).not.toContain('done');
    const pusher = await new Pusher({ url: `${server}/${key}`, file: await patternFile({ camera: 0 }) }).start();
    rig.also(() => pusher.stop());
    await step(1).getByText('It arrives').waitFor();
    await waitFor('its picture', async () => await step(1).locator('canvas').evaluate((canvas: { width: number }) => canvas.width) > 100);
    await step(1).getByText('On program is Test card now').waitFor();
    await tabTo('Put Camera 1 on program');
    await page.keyboard.press('Enter');
    await waitFor('it on program', async () => (await rig.product.api.status()).program?.sourceId !== undefined && (await step(1).getByRole('button').count()) === 0);
  });

  it('ask where it goes, and go live there', async () => {
    await step(3).getByText('As soon as there is somewhere to go').waitFor();
    await tabTo('Pick where it goes');
    await page.keyboard.press('Enter');
    await tabTo('Platform');
    // By its first letters, as in any list.
    await page.keyboard.type('RTMP');
    await tabTo('Server');
    await page.keyboard.type(rig.far.url);
    await tabTo('Stream key');
    await page.keyboard.type('first-run');
    await page.keyboard.press('Enter');
    await step(2).getByText('Stored').waitFor();
    await tabTo('Go live');
    await page.keyboard.press('Enter');
    await step(3).getByText('On air').waitFor();
    await steps().getByRole('heading', { name: 'You are live' }).waitFor();
    await rig.far.nextPicture('first-run');
    await step(3).getByText('acknowledged').waitFor();
  });

  it('are put away, stay away, and come back from Setup', async () => {
    await tabTo('Close');
    await page.keyboard.press('Enter');
    await steps().waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { name: 'Program', exact: true }).waitFor();
    expect(await steps().count()).toBe(0);
    await page.getByRole('link', { name: 'Setup' }).click();
    await page.getByRole('link', { name: 'Show the first steps' }).click();
    await step(3).getByText('On air').waitFor();
  });

  it('brought about no script error and broke no policy', () => {
    expect(watched.problems).toEqual([]);
  });
});
