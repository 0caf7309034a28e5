/** The panel in a real browser against the whole product: what an operator does on an evening, from the token to the end. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import { join } from 'node:path';
import { measureWith } from '../../overlays/drawing.js';
import { lowerThirdLines, pixelSize } from '../../src/protocol/lower-third.js';
import type { Overlay } from '../../src/protocol/resources.js';
import { browserMissing, closePages, openPage, samplePicture, sampleVideo, sharedBrowser, type Watched } from '../support/browser.js';
import { repositoryRoot } from '../support/media.js';
import { Rig, rigMissing } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

const missing = browserMissing ?? rigMissing;
if (missing) console.log(`panel: skipped, ${missing}`);

/** Nobody may find it anywhere but at the far end. */
const canary = 'panel-canary-7f3d9a';

describe.skipIf(missing)('the panel', () => {
  let rig: Rig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let base: string;

  beforeAll(async () => {
    [rig, browser] = await Promise.all([new Rig({ cameras: [{}, {}] }).start(), sharedBrowser()]);
    await rig.clearHome();
    base = `http://127.0.0.1:${rig.product.httpPort}`;
    // A wrong token and a missing session are answered with 401, which browsers note as errors.
    watched = await openPage(browser, { width: 1280, height: 800 }, [/status of 401/, /WebSocket connection to .* failed/]);
    page = watched.page;
  }, 90_000);

  afterAll(async () => {
    await closePages(browser);
    await rig?.stop();
  }, 30_000);

  /** The button of a source or scene. */
  const button = (id: string) => page.locator(`[data-target="${id}"]`);
  const keyOf = (id: string) => button(id).locator('kbd').innerText();
  const isOnAir = async (id: string) => (await button(id).getAttribute('aria-pressed')) === 'true';

  it('asks for the token without one, and says when it is wrong', async () => {
    await page.goto(base);
    await page.getByLabel('Token').fill('not-the-operators-token');
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByText('This is not the operator\'s token').waitFor();
    expect(await page.locator('video').count()).toBe(0);
  });

  it('takes the token from the address and leaves none of it there', async () => {
    await page.goto(`${base}/#token=${rig.product.token}`);
    await page.reload();
    await page.getByRole('heading', { name: 'Program' }).waitFor();
    expect(page.url()).toBe(`${base}/`);
    expect(await page.evaluate('JSON.stringify([...Object.entries(localStorage), document.cookie])')).not.toContain(rig.product.token);
  });

  it('is connected before its own code is there, and shows with its first picture what it heard till then', async () => {
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => { letGo = resolve; });
    await page.route('**/assets/*.js', async (route) => {
      await held;
      await route.continue();
    });
    let connections = 0;
    const count = (): void => { connections += 1; };
    page.on('websocket', count);
    const heard = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived', ({ payload }) => String(payload).startsWith('{"type":"state"')));
    await page.reload({ waitUntil: 'commit' });
    await heard;
    expect(await page.locator('#app > *').count()).toBe(0);
    letGo();
    await page.locator('[data-target]:enabled').first().waitFor();
    expect(connections).toBe(1);
    page.off('websocket', count);
    await page.unroute('**/assets/*.js');
  });

  /** What the program's monitor shows. */
  const monitor = () => samplePicture(page, '#program canvas');

  it('shows the program moving, in small pictures, and loads no player for that', async () => {
    const first = await waitFor('a picture', async () => {
      const sample = await monitor();
      return sample.width > 100 && sample.spread > 10 ? sample : undefined;
    }, { timeoutMs: 15_000 });
    await waitFor('the picture to move', async () => (await monitor()).sum !== first.sum);
    expect(first.mean).toBeGreaterThan(5);
    expect(await page.evaluate('performance.getEntriesByType("resource").filter(({ name }) => name.includes("preview-")).length')).toBe(0);
  });

  it('plays what is sent out when asked, in the size it is made in, close to live', async () => {
    await page.getByRole('button', { name: 'Watch with sound' }).click();
    const first = await waitFor('a picture', async () => {
      if (await page.locator('video').count() === 0) return undefined;
      const sample = await sampleVideo(page);
      return sample.width > 0 && sample.spread > 10 ? sample : undefined;
    }, { timeoutMs: 15_000 });
    expect(first.width).toBe(640);
    await waitFor('the picture to move', async () => {
      const sample = await sampleVideo(page);
      return sample.time > first.time + 0.5 && sample.sum !== first.sum;
    });
    expect(await page.evaluate('document.querySelector("video").muted')).toBe(false);
    const behind = async () => page.evaluate('(() => { const v = document.querySelector("video"); return v.buffered.end(v.buffered.length - 1) - v.currentTime; })()') as Promise<number>;
    await waitFor('less than 1.5 s of buffer', async () => (await behind()) < 1.5, { timeoutMs: 10_000 });
    await page.getByRole('button', { name: 'Pictures only' }).click();
    await waitFor('the small pictures', async () => (await monitor()).spread > 10);
    expect(await page.locator('video').count()).toBe(0);
  });

  it('switches directly when told to, and knows it the next time', async () => {
    await page.getByRole('switch', { name: 'Studio mode' }).click();
    await page.getByRole('heading', { name: 'Preview' }).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('Direct mode').waitFor();
  });

  it('puts a source on program by its key, and the tally moves with it', async () => {
    const [one, two] = rig.cameras as [typeof rig.cameras[0], typeof rig.cameras[0]];
    const key = await keyOf(two.id);
    // In the order in which they were made.
    expect(Number(key)).toBe(Number(await keyOf(one.id)) + 1);
    await waitFor('camera one to be on air', () => isOnAir(one.id));
    const before = await monitor();
    await page.keyboard.press(key);
    await waitFor('the tally to move', () => isOnAir(two.id));
    expect(await isOnAir(one.id)).toBe(false);
    await button(two.id).getByText('On program').waitFor();
    await waitFor('the studio to say so', async () => (await rig.product.api.status()).program?.sourceId === two.id);
    await page.getByTestId('on-program').getByText(await button(two.id).locator('.name').innerText()).waitFor();
    await waitFor('the picture to change', async () => (await monitor()).sum !== before.sum);
    // Late, where the machine has too much to do.
    await waitFor('its state', async () => /Live|Late/.test(await button(two.id).innerText()));
  });

  it('does not switch while somebody types', async () => {
    await page.getByLabel('First line').fill('');
    await page.getByLabel('First line').pressSequentially(`${await keyOf(rig.cameras[0]!.id)} May`);
    expect(await isOnAir(rig.cameras[1]!.id)).toBe(true);
  });

  it('switches by key also from the list of transitions', async () => {
    const [one, two] = rig.cameras as [typeof rig.cameras[0], typeof rig.cameras[0]];
    const list = page.getByLabel('Transition', { exact: true });
    await list.focus();
    await page.keyboard.press(await keyOf(one.id));
    await waitFor('camera one on program', () => isOnAir(one.id));
    expect(await list.inputValue()).toBe('cut');
    await page.keyboard.press(await keyOf(two.id));
    await waitFor('camera two on program', () => isOnAir(two.id));
  });

  it('shows the buttons without scrolling', async () => {
    for (const [width, height] of [[1280, 800], [390, 844]] as const) {
      await page.setViewportSize({ width, height });
      const box = await button(rig.cameras[1]!.id).boundingBox();
      expect(box && box.y + box.height).toBeLessThanOrEqual(height);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('shows what each source sends, moving, and asks for nothing while it cannot be seen', async () => {
    const canvas = button(rig.cameras[1]!.id).locator('canvas.tile');
    const look = () => canvas.evaluate((element: { width: number; height: number; toDataURL(): string }) => ({ width: element.width, height: element.height, data: element.toDataURL() }));
    // As wide as it is shown, in steps of 32 pixels.
    const across = await canvas.evaluate((element: { clientWidth: number }) => Math.ceil(element.clientWidth / 32) * 32);
    await waitFor('a picture', async () => (await look()).width === across);
    const first = await look();
    expect(first.height).toBe((across * 9) / 16);
    await waitFor('another picture', async () => (await look()).data !== first.data);
    const served = async () => (await fetch(`${base}/metrics`, { headers: { authorization: `Bearer ${rig.product.token}` } })).text();
    expect(await served()).toContain('vistter_ws_tiles_skipped_total 0');
    // What a browser does to a tab behind others.
    await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`);
    let still = (await look()).data;
    await waitFor('the pictures to stand', async () => {
      await page.waitForTimeout(400);
      const now = (await look()).data;
      const stands = now === still;
      still = now;
      return stands;
    });
    await page.evaluate(`delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))`);
    await waitFor('the pictures to go on', async () => (await look()).data !== still);
  });

  it('says why it cannot go live yet', async () => {
    await page.getByText('Add a destination first').waitFor();
    expect(await page.getByRole('button', { name: 'Go live' }).isDisabled()).toBe(true);
  });

  it('fades when told to, and shows which sources a scene brings on air', async () => {
    const [one] = rig.cameras as [typeof rig.cameras[0]];
    const scene = await rig.product.api.post<{ id: string }>('/api/v1/scenes', { name: 'Just one', layers: [{ sourceId: one.id }] });
    await page.getByLabel('Transition', { exact: true }).selectOption('fade');
    await button(scene.id).click();
    await waitFor('the scene on air', () => isOnAir(scene.id));
    await button(one.id).getByText('In scene').waitFor();
    await page.getByLabel('Transition', { exact: true }).selectOption('cut');
  });

  it('says while a lower third is typed what will be seen of a line that is too long for it', async () => {
    const long = 'Dr. Alexandria Konstantinopoulou-Featherstonehaugh the Third';
    const hint = page.locator('#overlays').getByText(/^Too long for the picture/);
    await page.getByLabel('First line').fill('Maya Lindqvist');
    expect(await hint.count()).toBe(0);
    await page.getByLabel('First line').fill(long);
    const seen = /“(.*)…”/.exec(await hint.innerText())![1]!;
    // The engine's own fonts and drawing, to a character.
    for (const name of ['Inter-Regular.ttf', 'Inter-Bold.ttf']) GlobalFonts.registerFromPath(join(repositoryRoot, 'overlays/fonts', name));
    const [overlay] = (await rig.product.api.get<{ items: Extract<Overlay, { kind: 'lower-third' }>[] }>('/api/v1/overlays')).items.filter(({ kind }) => kind === 'lower-third');
    const { video } = await rig.product.api.get<{ video: { width: number; height: number } }>('/api/v1/settings');
    const { title } = lowerThirdLines({ title: long, subtitle: overlay!.subtitle }, pixelSize(overlay!, video), measureWith(createCanvas(1, 1).getContext('2d')));
    expect(title.text.endsWith('…')).toBe(true);
    expect(long.startsWith(seen)).toBe(true);
    expect(Math.abs(seen.length - (title.text.length - 1)), `${seen} beside ${title.text}`).toBeLessThanOrEqual(1);
    await page.getByLabel('First line').fill('');
  });

  it('shows an overlay with its words', async () => {
    await page.getByLabel('First line').fill('<b>Åsa & Œuvre</b>');
    await page.getByRole('button', { name: 'Save text' }).click();
    await waitFor('the text to be stored', async () => JSON.stringify(await rig.product.api.get('/api/v1/overlays')).includes('<b>Åsa & Œuvre</b>'));
    await page.getByRole('switch', { name: 'Show Lower third' }).click();
    await page.locator('#overlays').getByText('On program', { exact: true }).waitFor();
    await page.getByRole('switch', { name: 'Show Lower third' }).click();
    await page.locator('#overlays li').first().getByText('Hidden').waitFor();
  });

  it('brings a timeline back that a camera was put over, at one press', async () => {
    const [left, right] = rig.cameras;
    const clips = [{ sourceId: right!.id, startMs: 0, durationMs: 60_000 }];
    const { id } = await rig.product.api.post<{ id: string }>('/api/v1/timelines', { name: 'Evening loop', loop: true, tracks: [{ kind: 'video', clips }] });
    await rig.product.api.post('/api/v1/playback', { action: 'play', timelineId: id });
    await page.getByTestId('on-program').getByText('Evening loop').waitFor();
    expect(await page.getByRole('button', { name: 'Release', exact: true }).count()).toBe(0);
    await button(left!.id).click();
    await page.getByText('goes on beneath', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Release', exact: true }).click();
    await page.getByTestId('on-program').getByText('Evening loop').waitFor();
    await waitFor('the strip to go', async () => (await page.getByRole('button', { name: 'Release', exact: true }).count()) === 0);
  });

  it('puts the emergency picture over everything at one press, says so, and releases it', async () => {
    // Where everything is that might be pressed next.
    const places = () => page.evaluate(`JSON.stringify([...document.querySelectorAll('#controls button, [data-target]')].map((element) => element.getBoundingClientRect()))`);
    const before = await places();
    await page.getByRole('button', { name: 'Emergency', exact: true }).click();
    await page.getByText('The slate is over everything', { exact: false }).waitFor();
    await page.getByTestId('on-program').getByText('The slate').waitFor();
    expect(await places()).toBe(before);
    await waitFor('the engine to show it', async () => (await rig.product.api.get<{ emergency: boolean }>('/api/v1/broadcast')).emergency);
    await button(rig.cameras[0]!.id).click();
    await page.getByText('Release it first', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Release emergency' }).click();
    await page.getByRole('button', { name: 'Emergency', exact: true }).waitFor();
    await waitFor('it to be gone', async () => !(await rig.product.api.get<{ emergency: boolean }>('/api/v1/broadcast')).emergency);
  });

  it('airs an insert, tells how much of it is left, and stops it', async () => {
    await rig.product.api.post('/api/v1/inserts', { name: 'Spot', sourceId: rig.cameras[1]!.id, durationMs: 60_000, everyMs: 900_000, enabled: false });
    await page.getByText('Every 15 min, switched off').waitFor();
    await page.getByRole('button', { name: 'Air Spot' }).click();
    await page.getByText(/0:\d\d left/).first().waitFor();
    await page.locator('#inserts').getByText('On air').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Air Spot' }).waitFor();
    const { items } = await waitFor('the line in the log', async () => {
      const log = await rig.product.api.get<{ items: { name: string; ended: string }[] }>('/api/v1/airings');
      return log.items.length > 0 && log;
    });
    expect(items).toEqual([expect.objectContaining({ name: 'Spot', ended: 'stopped' })]);
  });

  it('meters the program', async () => {
    await button(rig.cameras[0]!.id).click();
    const meter = page.getByRole('meter', { name: 'Left channel' });
    await waitFor('a beep on the meter', async () => Number(/--peak: ([\d.]+)/.exec(await meter.getAttribute('style') ?? '')?.[1]) > 0.3);
  });

  it('adds a destination, goes live, and shows what the far end acknowledged', async () => {
    await page.getByRole('button', { name: 'Add destination' }).click();
    const form = page.locator('#destinations form');
    // YouTube is nothing without a key: the form stays and asks for it.
    await form.getByRole('button', { name: 'Add destination' }).click();
    expect(await form.getByLabel('Stream key').evaluate((field: { validity: { valueMissing: boolean } }) => field.validity.valueMissing)).toBe(true);
    await form.getByLabel('Platform').selectOption('custom');
    await form.getByLabel('Name').fill('Test server');
    await form.getByLabel('Server').fill(rig.far.url);
    await form.getByLabel('Stream key').fill(canary);
    await form.getByRole('button', { name: 'Add destination' }).click();
    await page.locator('#destinations').getByText('Test server').waitFor();
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.getByText('LIVE', { exact: true }).waitFor();
    await page.locator('#destinations .state').getByText('Live').waitFor();
    await waitFor('a bitrate', async () => /\d kb\/s|Mb\/s/.test(await page.locator('#destinations .state').innerText()));
    expect(await page.content()).not.toContain(canary);
  });

  it('records, and offers the file', async () => {
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.getByRole('button', { name: /Stop recording/ }).waitFor();
    await waitFor('two seconds of it', async () => (await rig.product.api.status()).recording.durationMs > 2_000);
    await page.getByRole('button', { name: /Stop recording/ }).click();
    const link = page.locator('#recordings').getByRole('link', { name: 'Download' });
    await link.waitFor({ timeout: 60_000 });
    // On air is when the top row holds most.
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1280, height: 800 });
    const download = await Promise.all([page.waitForEvent('download'), link.click()]).then(([event]) => event);
    expect(download.suggestedFilename()).toMatch(/\.mp4$/);
    await download.delete();
  });

  it('shows and hides a camera\'s key', async () => {
    const { id, key } = rig.cameras[0]!;
    const name = await button(id).locator('.name').innerText();
    expect(await page.content()).not.toContain(key);
    await page.getByRole('button', { name: `Show the key of ${name}` }).click();
    await waitFor('the key', async () => (await page.getByLabel(`Key of ${name}`, { exact: true }).inputValue()) === key);
    await page.getByRole('button', { name: `Hide the key of ${name}` }).click();
  });

  it('asks before it ends the broadcast', async () => {
    await page.getByRole('button', { name: 'End broadcast' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect((await rig.product.api.status()).state).toBe('live');
    await page.getByRole('button', { name: 'End broadcast' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End broadcast' }).click();
    await page.getByText('Standby').waitFor();
    await waitFor('standby', async () => (await rig.product.api.status()).state === 'standby');
  });

  it('says what is wrong when a command cannot be done', async () => {
    const dead = await rig.product.api.post<{ id: string }>('/api/v1/destinations', { name: 'Nobody there', url: 'rtmp://127.0.0.1:9/live', key: 'x1' });
    await page.getByRole('button', { name: 'Go live' }).click();
    const row = page.locator(`[data-destination="${dead.id}"]`);
    await row.locator('.sentence.bad').waitFor();
    await page.getByRole('button', { name: 'End broadcast' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End broadcast' }).click();
    await page.getByText('Standby').waitFor();
    await row.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('says that the studio is away, comes back by itself, and knows what changed meanwhile', async () => {
    rig.product.kill('studio');
    await page.getByText('The studio cannot be reached. What was on air may go on without it').first().waitFor();
    await page.getByText(/^Last on program/).waitFor();
    await page.getByText('The studio cannot be reached.').first().waitFor({ state: 'detached', timeout: 15_000 });
    await rig.product.api.post('/api/v1/sources', { kind: 'color', name: 'Made afterwards', color: '#123456' });
    await page.getByRole('button', { name: /Made afterwards/ }).waitFor();
    const before = await monitor();
    await waitFor('the pictures to go on', async () => (await monitor()).sum !== before.sum, { timeoutMs: 15_000 });
  });

  it('gives every control a name, and fits a phone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    const nameless = await page.evaluate(`[...document.querySelectorAll('button, a, input, select, [role=switch], [role=meter]')]
      .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.[0]?.textContent.trim()))
      .map((node) => node.outerHTML.slice(0, 200))`);
    expect(nameless).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('goes out when told to', async () => {
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });

  it('brought about no script error and broke no policy', () => {
    // The studio was killed in between: requests were cut off or found nobody, which the browser notes as a problem.
    expect(watched.problems.filter((text) => !/net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|SOCKET_NOT_CONNECTED|EMPTY_RESPONSE)/.test(text))).toEqual([]);
  });
});
