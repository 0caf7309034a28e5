/** The desk of scenes in a real browser against the whole product: what is moved by hand is where viewers see it, and two people at it do not write over each other. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTile } from '../../src/protocol/tile.js';
import { closePages, openPage, type Watched } from '../support/browser.js';
import type { StudioSocket } from '../support/product_client.js';
import type { Rig } from '../support/rig.js';
import { monotonicMs, waitFor } from '../support/wait.js';

interface LayerView { sourceId: string; x: number; y: number; width: number; height: number; hidden: boolean; locked: boolean; opacity: number; crop: { left: number } }
interface SceneView { id: string; name: string; revision: number; layers: LayerView[] }
type Rgb = [number, number, number];

const RED = '#d02020';
const BLUE = '#2030d0';
const isRed = ([r, , b]: Rgb): boolean => r > 150 && b < 90;
const isBlue = ([r, , b]: Rgb): boolean => b > 150 && r < 90;

/** Without a camera. */
export const deskOfScenes = (shared: { rig: Rig; browser: Browser }) => describe('the desk of scenes', () => {
  let rig: Rig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let tiles: StudioSocket;
  let newest: Buffer | undefined;
  let red: string;
  let blue: string;
  let sceneId: string;

  beforeAll(async () => {
    ({ rig, browser } = shared);
    const color = async (name: string, value: string) => (await rig.product.api.post<{ id: string }>('/api/v1/sources', { kind: 'color', name, color: value })).id;
    [red, blue] = [await color('Red', RED), await color('Blue', BLUE)];
    tiles = await rig.product.socket();
    tiles.onBytes = (bytes) => {
      const tile = readTile(new Uint8Array(bytes));
      if (tile?.id === 'program') newest = Buffer.from(tile.jpeg);
    };
    await tiles.request('subscribe', { multiview: [{ id: 'program', width: 320, fps: 10 }] });
    watched = await openPage(browser, { width: 1280, height: 800 }, [/status of (400|401|409)/]);
    page = watched.page;
    await come(page);
  }, 90_000);

  afterAll(() => closePages(browser));

  async function come(to: Page): Promise<void> {
    await to.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
    await to.getByRole('link', { name: 'Scenes', exact: true }).first().click();
    await to.getByRole('button', { name: 'From a template' }).waitFor();
  }

  const scene = () => rig.product.api.get<SceneView>(`/api/v1/scenes/${sceneId}`);
  const box = (name: string, on = page) => on.locator('.desk-frame').getByRole('button', { name: new RegExp(`^${name}, layer`) });

  /** A pixel of the program as viewers have it, by its place 0..1. */
  async function program(x: number, y: number): Promise<Rgb> {
    // Of a picture that stands there is one, and no other until it changes.
    const jpeg = await waitFor('a picture of the program', () => newest);
    return page.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob('${jpeg.toString('base64')}'), (c) => c.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const ctx = canvas.getContext('2d');
      ctx.drawImage(picture, 0, 0);
      return [...ctx.getImageData(Math.floor(${x} * picture.width), Math.floor(${y} * picture.height), 1, 1).data.slice(0, 3)];
    })()`);
  }

  /** By parts of the frame, from the middle of what is taken hold of. */
  async function drag(what: Locator, dx: number, dy: number, { alt = false, on = page } = {}): Promise<void> {
    const frame = (await on.locator('.desk-frame').boundingBox())!;
    const from = (await what.boundingBox())!;
    const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
    await on.mouse.move(x, y);
    if (alt) await on.keyboard.down('Alt');
    await on.mouse.down();
    await on.mouse.move(x + (dx * frame.width) / 2, y + (dy * frame.height) / 2, { steps: 4 });
    await on.mouse.move(x + dx * frame.width, y + dy * frame.height, { steps: 4 });
    await on.mouse.up();
    if (alt) await on.keyboard.up('Alt');
  }

  it('makes a picture in picture from a template', async () => {
    await page.getByRole('button', { name: 'From a template' }).click();
    await page.getByText('Picture in picture, bottom right').click();
    await page.getByLabel('Main picture').selectOption(red);
    await page.getByLabel('Small picture').selectOption(blue);
    await page.getByLabel('Name of the scene').fill('Both colours');
    await page.getByRole('button', { name: 'Make the scene' }).click();
    await page.getByRole('heading', { name: 'Both colours' }).waitFor();
    const { items } = await rig.product.api.get<{ items: SceneView[] }>('/api/v1/scenes');
    sceneId = items.find(({ name }) => name === 'Both colours')!.id;
    expect((await scene()).layers).toMatchObject([{ sourceId: red, width: 1 }, { sourceId: blue, x: 0.65, y: 0.65, width: 0.3 }]);
    await rig.socket.switchTo({ sceneId });
    await page.locator('.scene-card').getByText('On air: viewers see').waitFor();
  });

  it('puts a layer where it is dragged, on program too, and takes it back', async () => {
    await drag(box('Blue'), -0.6, -0.6);
    await waitFor('it to be stored', async () => (await scene()).layers[1]!.x < 0.1);
    expect((await scene()).layers[1]).toMatchObject({ width: 0.3, height: 0.3 });
    await waitFor('it on program', async () => isBlue(await program(0.2, 0.2)) && isRed(await program(0.8, 0.8)));
    await page.keyboard.press('Control+z');
    await waitFor('it back on program', async () => isBlue(await program(0.8, 0.8)) && isRed(await program(0.2, 0.2)));
    expect((await scene()).layers[1]).toMatchObject({ x: 0.65, y: 0.65 });
  });

  it('is sized, cut, hidden and locked by hand and by keys alone', async () => {
    const handle = (name: string) => page.locator(`.handle[data-handle="${name}"]`);
    await box('Blue').focus();
    await drag(handle('-1 -1'), -0.15, -0.15);
    await waitFor('the larger one', async () => Math.abs((await scene()).layers[1]!.width - 0.45) < 0.02);
    const { width, height } = (await scene()).layers[1]!;
    expect(width / height).toBeCloseTo(1, 2);
    await drag(handle('-1 0'), 0.1, 0, { alt: true });
    await waitFor('the cut one', async () => (await scene()).layers[1]!.crop.left > 0.15);

    await box('Blue').focus();
    const before = (await scene()).layers[1]!;
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowUp');
    await waitFor('a step by the keys', async () => Math.abs((await scene()).layers[1]!.y - (before.y - 10 / 360)) < 1e-4);
    expect((await scene()).layers[1]!.x).toBeCloseTo(before.x - 1 / 640, 4);
    await page.keyboard.press('h');
    await waitFor('it gone from program', async () => isRed(await program(0.8, 0.8)));
    expect((await scene()).layers[1]).toMatchObject({ hidden: true });
    await page.keyboard.press('h');
    await waitFor('it back', async () => isBlue(await program(0.8, 0.8)));
    await page.keyboard.press('l');
    await waitFor('the lock', async () => (await scene()).layers[1]!.locked);
    const locked = await scene();
    await page.keyboard.press('ArrowLeft');
    await drag(box('Blue'), -0.2, -0.2);
    expect((await scene()).layers[1]!.x).toBe(locked.layers[1]!.x);
    await box('Blue').focus();
    await page.keyboard.press('l');
    await waitFor('no lock', async () => !(await scene()).layers[1]!.locked);
  });

  it('leaves the program alone until edits are applied, when the operator wants that', async () => {
    const before = await scene();
    await page.getByLabel('Edits').selectOption('collect');
    await page.getByLabel('Opacity %').fill('0');
    await page.keyboard.press('Enter');
    await page.getByText(/Not on air yet: /).waitFor();
    expect((await scene()).revision).toBe(before.revision);
    expect(isBlue(await program(0.8, 0.8))).toBe(true);
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await waitFor('it on program', async () => isRed(await program(0.8, 0.8)));
    await page.getByLabel('Edits').selectOption('once');
    await page.keyboard.press('Control+z');
    await waitFor('it back', async () => isBlue(await program(0.8, 0.8)));
  });

  it('shows two operators what each does within 200 ms, and asks where they meet', async () => {
    const other = await openPage(browser, { width: 1280, height: 800 }, [/status of (401|409)/]);
    try {
      await come(other.page);
      await other.page.locator(`[data-scene="${sceneId}"] .scene-pick`).click();
      await box('Red', other.page).waitFor();
      // From the key in one browser to the box in the other, by the clock of the machine.
      const took: number[] = [];
      for (let i = 0; i < 5; i++) {
        // In two steps: what changes before anybody looks is never seen.
        await other.page.evaluate(`void (globalThis.moved = new Promise((done) => {
          new MutationObserver((_, observer) => { observer.disconnect(); done(); }).observe(document.querySelector('.desk-frame [data-box="${blue}"]'), { attributeFilter: ['style'] });
        }))`);
        await box('Blue').focus();
        const from = monotonicMs();
        await page.keyboard.press('Shift+ArrowLeft');
        await other.page.evaluate('moved');
        took.push(monotonicMs() - from);
      }
      expect([...took].sort((a, b) => a - b)[2], `ms: ${took.map(Math.round).join(', ')}`).toBeLessThan(200);

      // Both hold the same layer; one lets go first.
      await other.page.getByLabel('Edits').selectOption('collect');
      await box('Blue', other.page).focus();
      await other.page.keyboard.press('ArrowDown');
      await other.page.getByText(/Not on air yet: /).waitFor();
      const before = await scene();
      await box('Blue').focus();
      await page.keyboard.press('Shift+ArrowUp');
      await other.page.getByText('Somebody else changed this meanwhile: Blue.').waitFor();
      const theirs = await waitFor('the first one\'s', async () => {
        const now = await scene();
        return now.revision > before.revision ? now : undefined;
      });
      expect(await other.page.getByRole('button', { name: 'Apply', exact: true }).count()).toBe(0);
      await other.page.getByRole('button', { name: 'Apply mine again' }).click();
      await waitFor('mine on top of it', async () => (await scene()).revision > theirs.revision);
      expect((await scene()).layers[1]!.y).toBeGreaterThan(theirs.layers[1]!.y);
      expect(other.problems).toEqual([]);
    } finally {
      await other.context.close();
    }
  });

  it('makes a source, says where it is in use, and tells a rename that met another', async () => {
    await page.getByRole('navigation', { name: 'Parts of this page' }).getByRole('link', { name: 'Sources' }).click();
    await page.getByRole('button', { name: 'Add source' }).click();
    await page.getByLabel('Kind').selectOption('color');
    await page.locator('.source-form').getByLabel('Name').fill('Green');
    await page.locator('.source-form').getByRole('button', { name: 'Add source' }).click();
    await page.getByRole('heading', { name: 'Green' }).waitFor();
    const { items } = await rig.product.api.get<{ items: { id: string; name: string }[] }>('/api/v1/sources');
    const green = items.find(({ name }) => name === 'Green')!;

    await page.locator('.source-form').getByLabel('Name').fill('Mine');
    await rig.product.api.patch(`/api/v1/sources/${green.id}`, { name: 'Theirs' });
    await page.getByText('Yours is not stored yet').waitFor();
    await page.getByRole('button', { name: 'Apply mine again' }).click();
    await page.getByRole('heading', { name: 'Mine' }).waitFor();

    await page.locator(`[data-source="${red}"] button`).click();
    await page.getByRole('button', { name: 'Delete Red' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('in scene "Both colours"', { exact: false }).waitFor();
    expect(watched.problems).toEqual([]);
  });
});
