/** The page of highlights in a real browser, on a small film and on a result as the sidecar writes it: played, trimmed by mouse and keys, decided by two, exported, and its texts edited. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYSIS_STEPS } from '../../src/protocol/analysis-steps.js';
import { EARLY } from '../../src/protocol/highlights.js';
import { analysisFile, putClip, putResult } from '../support/analysis.js';
import { browserMissing, closePages, openPage, sharedBrowser, type Watched } from '../support/browser.js';
import { repositoryRoot } from '../support/media.js';
import { run } from '../support/process.js';
import { productBuilt } from '../support/product.js';
import { IDLE_EGRESS, IDLE_ENGINE, type Peer, StudioProcess } from '../support/studio-process.js';
import { waitFor } from '../support/wait.js';

const missing = browserMissing ?? (productBuilt() ? null : 'the product is not built (npm run build)');
if (missing) console.log(`panel, highlights: skipped, ${missing}`);
const axe = missing ? '' : readFileSync(join(repositoryRoot, 'node_modules/axe-core/axe.min.js'), 'utf8');

describe.skipIf(missing)('the page of highlights', () => {
  let studio: StudioProcess;
  let sidecar: Peer<'sidecar'>;
  const others: { stop(): Promise<void> }[] = [];
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let recordingId: string;
  const api = async (method: string, path: string, body?: unknown) => (await studio.api(method, path, body)).body;
  const path = (rest: string): string => `/recordings/${recordingId}${rest}`;
  const item = (id: string) => page.locator(`.hl-item[data-highlight="${id}"]`);
  const decision = async (id: string) => (await api('GET', path('/analysis'))).highlights.find((one: any) => one.id === id).decision;
  /** Does what is ready, as a worker would. @returns what was asked, by the names of the steps */
  const work = async (cut?: Buffer): Promise<Record<string, unknown>> => {
    const inputs: Record<string, unknown> = {};
    for (;;) {
      const taken = await sidecar.link.ask('jobs:take', { worker: { name: 'stand-in', life: 'one' }, names: Object.keys(ANALYSIS_STEPS) });
      if (!taken) return inputs;
      inputs[taken.name] = taken.input;
      if (taken.name === 'cut' && cut) {
        const { clipId, highlightId, startMs, endMs, shape } = taken.input as { clipId: string; highlightId: string; startMs: number; endMs: number; shape: 'wide' };
        putClip(studio.home, recordingId, { id: clipId, highlightId, startMs, endMs, shape }, cut);
      }
      await sidecar.link.ask('jobs:complete', { lease: taken.lease, result: {} });
    }
  };

  beforeAll(async () => {
    [studio, browser] = await Promise.all([StudioProcess.start(), sharedBrowser()]);
    sidecar = studio.peer('sidecar', { recordings: [] });
    const [engine, egress] = [studio.peer('engine', IDLE_ENGINE), studio.peer('egress', IDLE_EGRESS)];
    others.push(sidecar, engine, egress);
    await egress.wanted('the start', () => true);
    recordingId = (await api('POST', '/recording/start')).id;
    await api('POST', '/recording/stop');
    await sidecar.wanted('the finishing', ({ finish }) => (finish?.length ?? 0) > 0);
    mkdirSync(studio.paths.recording(recordingId), { recursive: true });
    const film = join(studio.paths.recording(recordingId), 'recording.mp4');
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=20', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30', '-movflags', '+faststart', '-y', film]);
    await run('ffmpeg', ['-v', 'error', '-ss', '3', '-i', film, '-frames:v', '1', '-y', join(studio.home, 'h1.jpg')]);
    sidecar.report({ recordings: [{ recordingId, state: 'ready', durationMs: 20_000, bytes: statSync(film).size, path: `recordings/${recordingId}/recording.mp4` }] });
    watched = await openPage(browser, { width: 1400, height: 1000 }, [/status of (404|409)/]);
    page = watched.page;
    await page.goto(`${studio.url}/#token=${studio.token}`);
    await page.getByRole('banner').waitFor();
    await page.evaluate("location.hash = '#/highlights'");
  }, 60_000);

  afterAll(async () => {
    await closePages(browser);
    await Promise.all(others.map((other) => other.stop()));
    await studio?.stop();
  }, 30_000);

  it('shows how far an analysis is, and then what it found', async () => {
    await page.locator(`[data-recording="${recordingId}"] a`).click();
    await page.getByText('The analysis waits for its turn.').waitFor();
    const taken = await waitFor('a step', () => sidecar.link.ask('jobs:take', { worker: { name: 'stand-in', life: 'one' }, names: ['features'] }));
    await sidecar.link.ask('jobs:heartbeat', { lease: taken!.lease, progress: { progress: 0.4, text: 'Listening and looking: 8 of 20 s' } });
    await page.locator('.standing').getByText('Listening and looking').waitFor();
    await sidecar.link.ask('jobs:complete', { lease: taken!.lease, result: {} });
    const picture = readFileSync(join(studio.home, 'h1.jpg'));
    putResult(studio.home, analysisFile(recordingId), { 'h1.jpg': picture, 'video-1.jpg': picture });
    await work();
    await page.getByText('3 highlights were found.').waitFor();
    expect(await page.locator('.hl-item').count()).toBe(3);
    expect(await item('h1').innerText()).toMatch(/0:02–0:05[^]*by several[^]*92 points[^]*crowd loud ×4/);
    await waitFor('its picture', () => page.evaluate("document.querySelector('.hl-item img')?.naturalWidth > 100") as Promise<boolean>);
    // The player shows how the chosen one begins.
    await waitFor('the player', () => page.evaluate("Math.abs(document.querySelector('video').currentTime - 2) < 0.05") as Promise<boolean>);
  });

  it('plays a highlight from its start to its end', async () => {
    await page.getByRole('button', { name: 'Play from start to end' }).click();
    await waitFor('the end', () => page.evaluate("(() => { const v = document.querySelector('video'); return v.paused && v.currentTime >= 5 && v.currentTime < 5.4; })()") as Promise<boolean>, { timeoutMs: 15_000 });
  });

  it('is trimmed by dragging, by keys and by typing, and accepted within these bounds', async () => {
    const handle = page.getByRole('slider', { name: 'End' });
    const box = (await handle.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 60, box.y + 20, { steps: 4 });
    await page.mouse.up();
    const dragged = Number(await handle.getAttribute('aria-valuenow'));
    expect(dragged).toBeGreaterThan(5_400);
    await handle.focus();
    await page.keyboard.press('ArrowLeft');
    expect(dragged - Number(await handle.getAttribute('aria-valuenow'))).toBeGreaterThan(30);
    expect(dragged - Number(await handle.getAttribute('aria-valuenow'))).toBeLessThan(36);
    await page.keyboard.press('Shift+ArrowRight');
    await page.locator('.hl-tools').getByLabel('Start').fill('soon');
    await page.keyboard.press('Enter');
    await page.getByText('Type it as 1:23.4').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Type it as 1:23.4').waitFor({ state: 'detached' });
    await page.locator('.hl-tools').getByLabel('Start').fill('2.5');
    await page.keyboard.press('Enter');
    await page.locator('.hl-tools').getByLabel('End').fill('0:04.500');
    await page.keyboard.press('Enter');
    await page.getByText('Moved, and not kept yet').waitFor();
    await item('h1').getByRole('button', { name: 'Accept' }).click();
    await item('h1').getByText('Accepted at a panel').waitFor();
    expect(await decision('h1')).toMatchObject({ verdict: 'accepted', startMs: 2_500, endMs: 4_500 });
  });

  it('is gone through by keys alone, undone, and another person\'s word is seen at once', async () => {
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('j');
    await item('h2').and(page.locator('.chosen')).waitFor();
    await page.keyboard.press('r');
    await item('h2').getByText('Rejected at a panel').waitFor();
    await page.keyboard.press('u');
    await item('h2').getByText('Rejected at a panel').waitFor({ state: 'detached' });
    expect(await decision('h2')).toBeNull();
    await studio.api('POST', path('/highlights/h3/decision'), { verdict: 'accepted' }, { 'X-Operator': 'Ben' });
    await item('h3').getByText('Accepted by Ben').waitFor();
    await page.getByText('2 of 3 accepted').waitFor();
  });

  it('says what counted, and searches again by what is chosen to count', async () => {
    const standing = page.locator('.standing');
    await standing.getByText('What counted in this list: everything together.').waitFor();
    const choice = standing.getByLabel('What counts');
    await choice.focus();
    // Come to by keys, as arrows elsewhere go through the highlights.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowDown');
    await standing.getByText('Picture, chat and what was marked do not count.').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The analysis waits for its turn.').waitFor();
    putResult(studio.home, analysisFile(recordingId, { preset: 'sound' }));
    expect((await work()).find).toMatchObject({ preset: 'sound' });
    await standing.getByText('What counted in this list: sound alone.').waitFor();
    // The next search is as this one was, and what was decided is kept.
    expect(await choice.inputValue()).toBe('sound');
    await page.getByText('2 of 3 accepted').waitFor();
  });

  it('exports what is accepted, and offers the files', async () => {
    expect(await page.getByLabel('Captions in the picture').isDisabled()).toBe(true);
    await page.getByLabel('Form').selectOption('vertical');
    await page.getByRole('button', { name: 'Export all accepted (2)' }).click();
    await waitFor('the clips', async () => (await page.locator('[data-clip]').count()) === 2);
    await work(readFileSync(join(studio.paths.recording(recordingId), 'recording.mp4')));
    await waitFor('both ready', async () => (await page.locator('[data-clip][data-state="ready"]').count()) === 2);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /^Download the clip/ }).first().click()]);
    expect(download.suggestedFilename()).toBe(`${recordingId}-2s-vertical.mp4`);
    // All at once, as a person would take it home; what is not whole is refused with a sentence.
    const [all] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download everything' }).click()]);
    expect(all.suggestedFilename()).toBe(`${recordingId}.zip`);
    const zip = readFileSync(await all.path());
    for (const name of [`clips/${recordingId}-2s-vertical.mp4`, 'pictures/video-1.jpg', 'chapters.txt', 'title and description.txt', 'metadata.json']) expect(zip.includes(name), name).toBe(true);
    const picture = join(studio.home, 'analysis', recordingId, 'pictures', 'video-1.jpg');
    renameSync(picture, `${picture}.away`);
    await page.getByRole('button', { name: 'Download everything' }).click();
    await page.getByText('A picture of this recording is gone').waitFor();
    renameSync(`${picture}.away`, picture);
    await page.getByRole('button', { name: /^Delete the clip/ }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await waitFor('one clip', async () => (await page.locator('[data-clip]').count()) === 1);
  });

  it('has texts with what could be better, and keeps those that are chosen within the limits', async () => {
    const title = page.locator('[data-field="title"]');
    await title.getByText('40 to 70 are read whole').waitFor();
    await title.getByRole('textbox').fill('x'.repeat(101));
    await title.getByText('101 of 100 characters').waitFor();
    expect(await page.locator('#metadata button[type=submit]').isDisabled()).toBe(true);
    await title.getByRole('textbox').fill('An evening of chess <b>');
    await title.getByText('It cannot have').waitFor();
    await title.getByRole('textbox').fill('An evening of chess with Anna');
    await page.locator('#metadata button[type=submit]').click();
    await page.getByText('Changed at a panel').waitFor();
    expect((await api('GET', path('/analysis'))).metadata.chosen).toMatchObject({ title: 'An evening of chess with Anna' });
    await page.getByRole('button', { name: 'All as suggested' }).click();
    await page.getByText('Changed at a panel').waitFor({ state: 'detached' });
    expect(await title.getByRole('textbox').inputValue()).toBe('An evening of chess');
  });

  it.each([['dark', 1400], ['light', 1400], ['dark', 390], ['light', 390]] as const)('has nothing serious in axe\'s eyes and fits: %s, %i wide', async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 1000 });
    await page.evaluate(`typeof axe === 'undefined' ? ${JSON.stringify(axe)} : ''`).then((text) => (text === '' ? undefined : page.evaluate(axe)));
    const violations = await page.evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })
      .then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => id + ': ' + html.slice(0, 160) + ' ' + (any[0]?.message ?? ''))))`);
    expect(violations).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('lists what was learnt, rolls back after a question, and undoes that by another one chosen', async () => {
    await page.setViewportSize({ width: 1400, height: 1000 });
    const model = (id: string, parent: string | null, active: boolean) => ({ id, kind: 'linear', createdAtMs: 1_700_000_000_000 + 86_400_000 * Number(id.at(-1)), rows: 40, metrics: {}, parent, active, why: `Of 40 decisions, as ${id} has it.` });
    const put = (active: string, held: boolean) => {
      mkdirSync(join(studio.home, 'models'), { recursive: true });
      writeFileSync(join(studio.home, 'models', 'summary.json'), JSON.stringify({ models: [model('m1', null, active === 'm1'), model('m2', 'm1', active === 'm2')], held }));
    };
    /** As the sidecar does it. */
    const change = async (active: string, said: string) => {
      const taken = await waitFor('what was asked', () => sidecar.link.ask('jobs:take', { worker: { name: 'stand-in', life: 'one' }, names: ['models'] }));
      put(active, true);
      await sidecar.link.ask('jobs:complete', { lease: taken!.lease, result: { said } });
      return taken!.input;
    };
    const card = page.locator('#models');
    await card.getByText('Nothing was learnt yet').waitFor();
    put('m2', false);
    await page.reload();
    await page.locator('[data-model="m2"]').getByText('In use').waitFor();
    expect(await page.locator('[data-model]').evaluateAll((items) => items.map((one) => (one as unknown as { dataset: { model: string } }).dataset.model))).toEqual(['m2', 'm1']);
    await card.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByText(/go back to the model that was in use before it\?/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    expect(await change('m1', 'The model m1 is in use again.')).toMatchObject({ action: 'roll-back' });
    await page.locator('[data-model="m1"]').getByText('In use').waitFor();
    await card.getByText('The model m1 is in use again.').waitFor();
    await card.getByText('does not go into use by itself').waitFor();
    await page.locator('[data-model="m2"]').getByRole('button').click();
    expect(await change('m2', 'The model m2 is in use.')).toMatchObject({ action: 'choose', id: 'm2' });
    await page.locator('[data-model="m2"]').getByText('In use').waitFor();
  });

  it('is led to from a recording, and a moment of one under way is marked by a key', async () => {
    await page.setViewportSize({ width: 1400, height: 1000 });
    await page.evaluate("location.hash = '#/media'");
    await page.locator(`[data-recording="${recordingId}"]`).getByRole('link', { name: 'Highlights' }).click();
    await page.locator('main.highlights').waitFor();
    const { id } = await api('POST', '/recording/start');
    await page.evaluate("location.hash = '#/live'");
    await page.getByRole('button', { name: 'Mark moment' }).waitFor();
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('m');
    await page.getByText(/^Marked at 0:\d\d\.$/).waitFor();
    expect((await api('GET', `/recordings/${id}/moments`)).items).toContainEqual({ atMs: expect.any(Number), kind: 'marker', text: '' });
    await page.evaluate(`location.hash = '#/highlights/${recordingId}'`);
    await page.locator('.hl-item').first().waitFor();
  });

  it('shows the first list of a recording that has just stopped, and plays it once its file is there', async () => {
    const { id } = await api('POST', '/recording/stop');
    putResult(studio.home, analysisFile(id, { inputsHash: EARLY }));
    await sidecar.link.ask('analysis:early', { recordingId: id });
    await page.locator(`[data-recording="${id}"] a`).click();
    await page.getByText('The file of this recording is still being made').waitFor();
    expect(await page.locator('.hl-item').count()).toBe(3);
    expect(await page.locator('video').count()).toBe(0);
    mkdirSync(studio.paths.recording(id), { recursive: true });
    copyFileSync(join(studio.paths.recording(recordingId), 'recording.mp4'), join(studio.paths.recording(id), 'recording.mp4'));
    const both = [recordingId, id].map((one) => ({ recordingId: one, state: 'ready' as const, durationMs: 20_000, bytes: statSync(join(studio.paths.recording(one), 'recording.mp4')).size, path: `recordings/${one}/recording.mp4` }));
    sidecar.report({ recordings: both });
    await page.locator('video').waitFor();
    await waitFor('the film', () => page.locator('video').evaluate((video) => (video as unknown as { readyState: number }).readyState > 0));
    await page.evaluate(`location.hash = '#/highlights/${recordingId}'`);
    await page.locator('.hl-item').first().waitFor();
  });

  it('says what is wrong and what to do, and brought about no script error', async () => {
    await page.setViewportSize({ width: 1400, height: 1000 });
    putResult(studio.home, { ...analysisFile(recordingId), version: 2 } as never);
    await page.reload();
    await page.getByText('damaged. Analyse the recording again.').waitFor();
    await page.getByRole('button', { name: 'Analyse again' }).click();
    await page.getByText('The analysis waits for its turn.').waitFor();
    expect(watched.problems).toEqual([]);
  });
});
