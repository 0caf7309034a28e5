/** Switching with two buses in a real browser: arm, cut, auto, T-bar, black, and keys that were changed. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePages, openPage, samplePicture, type Watched } from '../support/browser.js';
import type { Rig } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

/** With two cameras, and nothing else in its home. */
export const livePage = (shared: { rig: Rig; browser: Browser }) => describe('the live page', () => {
  let rig: Rig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let [one, two] = ['', ''];

  beforeAll(async () => {
    ({ rig, browser } = shared);
    await rig.clearHome(() => false);
    [one, two] = rig.cameras.map(({ id }) => id) as [string, string];
    watched = await openPage(browser, { width: 1280, height: 800 });
    page = watched.page;
    await page.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
    await waitFor('camera one on program', async () => await isOnAir(one) && await button(one).isEnabled());
  }, 90_000);

  afterAll(() => closePages(browser));

  const button = (id: string) => page.locator(`[data-target="${id}"]`);
  const isOnAir = async (id: string) => (await button(id).getAttribute('aria-pressed')) === 'true';
  const isArmed = async (id: string) => (await button(id).getAttribute('data-armed')) === 'true';
  const programNow = async () => (await rig.product.api.get<{ program: { sourceId?: string } }>('/api/v1/state')).program.sourceId;
  const state = () => rig.product.api.get<{ black: boolean }>('/api/v1/state');
  /** What was on program and what was armed have changed places. */
  const swapped = async (program: string, preview: string) => waitFor('the two to change places', async () => await isOnAir(program) && await isArmed(preview));

  it('arms by a key and takes by Space, and what was on program is armed', async () => {
    await page.keyboard.press('2');
    await waitFor('camera two to be armed', () => isArmed(two));
    await button(two).getByText('Armed').waitFor();
    await page.getByTestId('on-preview').getByText('Camera 2').waitFor();
    expect(await isOnAir(one)).toBe(true);
    expect(await programNow()).toBe(one);
    await waitFor('the picture of preview', async () => (await samplePicture(page, '#preview canvas')).spread > 10);
    await page.keyboard.press('Space');
    await waitFor('camera two on program', () => isOnAir(two));
    await waitFor('the studio to have it', async () => (await programNow()) === two);
  });

  it('takes by Space after a press with the mouse as well', async () => {
    await button(one).click();
    await waitFor('camera one to be armed', () => isArmed(one));
    await page.keyboard.press('Space');
    await swapped(one, two);
  });

  it('gives a camera another name where its key is; what is typed there switches nothing', async () => {
    const before = await programNow();
    await page.getByRole('button', { name: 'Rename Camera 2' }).click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Pulpit 1 2');
    await page.keyboard.press('Enter');
    await button(two).getByText('Pulpit 1 2').waitFor();
    expect([await programNow(), await isArmed(two), await isOnAir(one)]).toEqual([before, true, true]);
    await page.getByRole('button', { name: 'Rename Pulpit 1 2' }).click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Camera 2');
    await page.keyboard.press('Enter');
    await button(two).getByText('Camera 2').waitFor();
  });

  it('takes by Space whatever was clicked last, and leaves Space to what was reached by Tab', async () => {
    const title = page.getByRole('switch', { name: 'Show Lower third' });
    const isShown = async () => (await rig.product.api.get<{ overlays: { name: string; visible: boolean }[] }>('/api/v1/state')).overlays.find(({ name }) => name === 'Lower third')?.visible;
    const clicks: (() => Promise<void>)[] = [
      () => page.getByRole('link', { name: 'Live', exact: true }).click(),
      async () => {
        await page.getByRole('link', { name: 'Health', exact: true }).click();
        await page.getByRole('link', { name: 'Live', exact: true }).click();
        await waitFor('the live page', async () => await button(one).count() === 1);
      },
      async () => {
        await title.click();
        await waitFor('the title to be shown', isShown);
      },
    ];
    let [program, preview] = [one, two];
    for (const click of clicks) {
      await click();
      await page.keyboard.press('Space');
      [program, preview] = [preview, program];
      await swapped(program, preview);
    }
    expect(await isShown()).toBe(true);
    // Where Tab leads from the field below: past it and back.
    await page.getByLabel('First line').focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    await waitFor('the title to be hidden', async () => (await isShown()) === false);
    expect(await isOnAir(program)).toBe(true);
    await button(one).click();
    await page.keyboard.press('Space');
    await swapped(one, two);
  });

  it('takes with the transition by Enter', async () => {
    await page.getByLabel('Transition', { exact: true }).selectOption('wipe-left');
    await page.keyboard.press('Enter');
    await swapped(two, one);
    await waitFor('the studio to have it', async () => (await programNow()) === two);
  });

  it('goes by hand with the T-bar, stays where it is let go, and takes at its end', async () => {
    const bar = page.getByRole('slider', { name: 'T-bar' });
    await bar.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageUp');
    await waitFor('the bar to be held', async () => ((await rig.product.api.get<{ program: { bar?: number } | null }>('/api/v1/broadcast')).program?.bar ?? 0) > 0.3);
    expect(await bar.getAttribute('aria-valuetext')).toMatch(/\d+ % of the way to preview/);
    expect(await programNow()).toBe(two);
    await page.keyboard.press('End');
    await swapped(one, two);
    await waitFor('the bar to rest', async () => (await bar.inputValue()) === '0');
  });

  it('is unmistakable about a program that is black', async () => {
    await page.keyboard.press('b');
    await page.getByRole('button', { name: 'BLACK: fade back' }).waitFor();
    await page.locator('#program').getByText('BLACK', { exact: true }).waitFor();
    await waitFor('the picture to be black', async () => (await samplePicture(page, '#program canvas')).mean < 2);
    expect((await state()).black).toBe(true);
    await page.getByRole('button', { name: 'BLACK: fade back' }).click();
    await page.getByRole('button', { name: 'Fade to black' }).waitFor();
    await waitFor('the picture to come back', async () => (await samplePicture(page, '#program canvas')).mean > 5);
  });

  it('arms a scene, shows it as it would be, and marks what is in it', async () => {
    const { id } = await rig.product.api.post<{ id: string }>('/api/v1/scenes', { name: 'Two in one', layers: [{ sourceId: two }, { sourceId: one, x: 0.6, y: 0.6, width: 0.35, height: 0.35 }] });
    await button(id).click();
    await waitFor('the scene to be armed', () => isArmed(id));
    await button(two).getByText('In preview').waitFor();
    await waitFor('a picture of it', async () => (await samplePicture(page, `[data-target="${id}"] canvas`)).spread > 10);
    await page.keyboard.press('Backspace');
    await page.getByText('Nothing is armed', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /^Cut/ }).isDisabled()).toBe(true);
  });

  it('arms a timeline and takes it', async () => {
    const { id } = await rig.product.api.post<{ id: string }>('/api/v1/timelines', { name: 'Evening', loop: true, tracks: [{ kind: 'video', clips: [{ sourceId: two, startMs: 0, durationMs: 60_000 }] }] });
    await button(id).click();
    await waitFor('the timeline to be armed', () => isArmed(id));
    await page.getByRole('button', { name: /^Cut/ }).click();
    await page.getByTestId('on-program').getByText('Evening').waitFor();
    await page.keyboard.press('1');
    await waitFor('camera one to be armed', () => isArmed(one));
    await page.keyboard.press('Space');
    await waitFor('camera one on program', async () => await isOnAir(one) && await button(one).isEnabled());
  });

  it('keeps its hands off while somebody types', async () => {
    const field = page.getByLabel('First line');
    await field.fill('');
    await field.pressSequentially('2 b ');
    await field.press('Enter');
    expect(await isOnAir(one)).toBe(true);
    expect((await state()).black).toBe(false);
    await field.blur();
  });

  it('lets a key be changed, tells of one that is taken, and keeps it', async () => {
    await page.evaluate('location.hash = "#/setup"');
    const cut = page.locator('[data-command="cut"]');
    await cut.getByRole('button', { name: /^Change/ }).click();
    await page.keyboard.press('Enter');
    await cut.getByText(/Enter is already the key of “Auto/).waitFor();
    await page.keyboard.press('q');
    await cut.locator('kbd').getByText('Q').waitFor();
    await page.reload();
    await page.locator('[data-command="cut"] kbd').getByText('Q').waitFor();
    await page.evaluate('location.hash = "#/live"');
    await page.getByRole('button', { name: /^Cut/ }).getByText('Q').waitFor();
    await page.keyboard.press('2');
    await waitFor('camera two to be armed', () => isArmed(two));
    await page.keyboard.press('Space');
    await page.keyboard.press('q');
    // Space would have taken once more, and so have changed it back.
    await swapped(two, one);
    await waitFor('the studio to have it', async () => (await programNow()) === two);
    await page.evaluate('location.hash = "#/setup"');
    await page.getByRole('button', { name: 'All as at first' }).click();
    await page.locator('[data-command="cut"] kbd').getByText('Space').waitFor();
  });

  it('keeps each monitor within its card, however wide the window is', async () => {
    await page.evaluate('location.hash = "#/live"');
    for (const width of [768, 900, 960, 1024, 1100, 1180, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const card = await page.locator('.monitors').boundingBox();
      for (const part of ['#preview .screen', '#program .screen', '#program .meters', '#program .monitor-head button']) {
        const box = await page.locator(part).boundingBox();
        expect(box!.x + box!.width, `${part} at ${width}`).toBeLessThanOrEqual(card!.x + card!.width);
      }
    }
  });

  it('has monitors, controls and sources in one window, on a phone too', async () => {
    await page.evaluate('location.hash = "#/live"');
    for (const [width, height] of [[1280, 800], [390, 844]] as const) {
      await page.setViewportSize({ width, height });
      for (const part of [page.locator('#program .screen'), page.locator('#preview .screen'), page.getByRole('button', { name: /^Cut/ }), button(one)]) {
        const box = await part.boundingBox();
        expect(box && box.y + box.height).toBeLessThanOrEqual(height);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    await button(one).click();
    await page.getByRole('button', { name: /^Auto/ }).click();
    await waitFor('camera one on program', async () => await isOnAir(one) && await button(one).isEnabled());
  });

  it('brought about no script error and broke no policy', () => {
    expect(watched.problems).toEqual([]);
  });
});
