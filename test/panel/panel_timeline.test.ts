/** The timeline editor in a real browser: made by mouse, played, edited while it is on air and seen at the far end, by two people, and by keys alone. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, closePages, openPage, sharedBrowser, type Watched } from '../support/browser.js';
import { film, type Film } from '../support/pattern/film.js';
import { rigMissing } from '../support/rig.js';
import { TimelineRig } from '../support/timeline_rig.js';
import { monotonicMs, waitFor } from '../support/wait.js';

const missing = browserMissing ?? rigMissing;
if (missing) console.log(`panel_timeline: skipped, ${missing}`);

interface KeyframeBody { atMs: number; opacity?: number }
interface ClipBody { id: string; keyframes: KeyframeBody[]; sourceId: string; startMs: number; durationMs: number; inMs: number; opacity: number; transition?: { kind: string; durationMs: number } }
interface Body { id: string; name: string; loop: boolean; filler: object | null; durationMs: number | null; revision: number; tracks: { kind: string; clips: ClipBody[] }[] }

const RULER = 30;
const LANE = 58;
const CLIP_MS = 8_000;

describe.skipIf(missing)('the timeline editor', () => {
  let rig: TimelineRig;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let films: [Film, Film];
  let ids: [string, string, string];
  let timelineId: string;

  beforeAll(async () => {
    films = await Promise.all([film({ camera: 2, seconds: 10 }), film({ camera: 3, seconds: 10, firstCounter: 100_000 })]) as [Film, Film];
    [rig, browser] = await Promise.all([new TimelineRig().start(), sharedBrowser()]);
    const sources = [await rig.sourceOf(films[0]), await rig.sourceOf(films[1])] as const;
    for (const id of sources) await rig.product.api.patch(`/api/v1/sources/${id}`, { outMs: CLIP_MS });
    ids = [...sources, rig.cameras[0]!.id];
    watched = await enter();
    page = watched.page;
  }, 120_000);

  afterAll(async () => {
    await closePages(browser);
    await rig?.stop();
  }, 30_000);

  async function enter(): Promise<Watched> {
    // A picture of a film that is not made yet is asked for again; one that is deleted may just be read, or checked.
    const one = await openPage(browser, { width: 1280, height: 900 }, [/status of 40[01]/, /status of 404 .*\/timelines\/\w+(\/check)?$/, /status of 409/, /status of 503/]);
    await one.page.goto(`http://127.0.0.1:${rig.product.httpPort}/#token=${rig.product.token}`);
    await one.page.getByRole('link', { name: 'Timelines' }).click();
    await one.page.getByRole('heading', { name: 'Timelines' }).waitFor();
    return one;
  }

  const read = (): Promise<Body> => rig.product.api.get<Body>(`/api/v1/timelines/${timelineId}`);
  const stage = (on: Page = page) => on.locator('.tl-stage');
  const clipsOf = (body: Body, kind = 'video'): ClipBody[] => body.tracks.filter((track) => track.kind === kind).flatMap(({ clips }) => clips).sort((a, b) => a.startMs - b.startMs);
  /** However long what came before it took: the timeline has an end. */
  const playFrom = async (positionMs: number): Promise<void> => {
    await rig.product.api.post('/api/v1/playback', { action: 'play', timelineId, positionMs });
    await page.locator('.tl-transport').getByText('On program', { exact: true }).waitFor();
  };
  /** Where a moment lies once all of so much was brought into view. */
  const xOf = async (ms: number, extentMs: number): Promise<number> => (ms * ((await stage().boundingBox())!.width - 24)) / extentMs;
  /** How far the lanes stand below the head of their card, px. */
  const lanesAt = async (): Promise<number> => {
    const [lanes, card] = await Promise.all(['.tl-lanes', '.tl-editor'].map((name) => page.locator(name).boundingBox()));
    return lanes!.y - card!.y;
  };
  /** The middle of a row of the lanes, counted from the top: overlay, video 2, video 1, audio. */
  const yOf = (row: number): number => RULER + LANE * (row + 0.5);
  /** Waits for it, and until the page has it too: what is done next is done to that. */
  const stored = async (what: string, test: (body: Body) => boolean): Promise<Body> => {
    const found = await waitFor(what, async () => {
      const body = await read();
      return test(body) ? body : undefined;
    });
    await waitFor(`the page to have ${what}`, async () => {
      const [id, revision] = await Promise.all(['data-timeline', 'data-revision'].map((name) => stage().getAttribute(name)));
      return id !== timelineId || Number(revision) >= found.revision;
    });
    return found;
  };
  const dragBy = async (fromMs: number, toMs: number, extentMs: number, row: number, offset = 0): Promise<void> => {
    const box = (await stage().boundingBox())!;
    const [x1, x2] = [await xOf(fromMs, extentMs) + offset, await xOf(toMs, extentMs) + offset];
    await page.mouse.move(box.x + x1, box.y + yOf(row));
    await page.mouse.down();
    await page.mouse.move(box.x + (x1 + x2) / 2, box.y + yOf(row));
    await page.mouse.move(box.x + x2, box.y + yOf(row));
    await page.mouse.up();
  };

  it('makes a timeline of two films and a camera by mouse', async () => {
    await page.getByLabel('Name of a new timeline').fill('Evening');
    await page.locator('.tl-new').getByRole('button', { name: 'Add' }).click();
    await page.locator('.tl-canvas').waitFor();
    timelineId = (await rig.product.api.get<{ items: { id: string; name: string }[] }>('/api/v1/timelines')).items.find(({ name }) => name === 'Evening')!.id;
    await page.getByText('there is nothing to play').waitFor();
    expect(await page.getByRole('button', { name: 'Play on program' }).isDisabled()).toBe(true);
    // Nor is there from the live page, nor anything to take back.
    await page.getByRole('link', { name: 'Live' }).click();
    const tile = page.locator(`[data-target="${timelineId}"]`);
    await tile.getByText('Empty').waitFor();
    expect([await tile.isDisabled(), await tile.getAttribute('title')]).toEqual([true, expect.stringContaining('Put clips on it')]);
    await page.getByRole('link', { name: 'Timelines' }).click();
    await page.locator('.tl-canvas').waitFor();
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    const redo = page.getByRole('button', { name: 'Redo', exact: true });
    expect([await undo.isDisabled(), await redo.isDisabled()]).toEqual([true, true]);
    for (const [i, id] of ids.entries()) {
      // Near an edge is at it.
      await page.locator(`[data-thing="${id}"]`).dragTo(stage(), { targetPosition: { x: 15 + await xOf(i * CLIP_MS, Math.max(10_000, i * CLIP_MS)), y: yOf(2) } });
      await stored(`clip ${i + 1}`, (body) => clipsOf(body).length === i + 1);
      await page.getByRole('button', { name: 'Fit', exact: true }).click();
    }
    const clips = clipsOf(await read());
    // A second operator sees that there is something to take back, too.
    const other = await enter();
    await other.page.getByRole('button', { name: /Evening/ }).first().click();
    await waitFor('undo for both', async () => (await Promise.all([page, other.page].map((one) => one.getByRole('button', { name: 'Undo', exact: true }).isEnabled()))).every(Boolean));
    expect([await redo.isDisabled(), await other.page.getByRole('button', { name: 'Redo', exact: true }).isDisabled()]).toEqual([true, true]);
    await other.context.close();
    expect(clips.map(({ sourceId, startMs, durationMs }) => [sourceId, startMs, durationMs])).toEqual([[ids[0], 0, CLIP_MS], [ids[1], CLIP_MS, CLIP_MS], [ids[2], 2 * CLIP_MS, 10_000]]);
  });

  it('plays it, trims and moves clips while it is on air, and the far end sees it', async () => {
    const extent = 2 * CLIP_MS + 10_000;
    const lanes = await lanesAt();
    await page.getByRole('button', { name: 'Play on program' }).click();
    let from = rig.frameAfter(monotonicMs());
    await page.locator('.tl-transport').getByText('On program', { exact: true }).waitFor();
    await page.getByRole('gridcell', { name: /on air/ }).waitFor({ state: 'attached' });
    // What begins on air moves nothing under a hand, nor does what ends there, further down.
    expect(await lanesAt()).toBe(lanes);
    // The first film ends earlier; the second one comes up to it, where it catches.
    await dragBy(CLIP_MS, 5_000, extent, 2, -3);
    const trimmed = await stored('the trim', (body) => clipsOf(body)[0]!.durationMs < CLIP_MS);
    const end = clipsOf(trimmed)[0]!.durationMs;
    expect(Math.abs(end - 5_000)).toBeLessThanOrEqual(200);
    await dragBy(CLIP_MS + 3_000, end + 3_000 + 60, extent, 2);
    const moved = await stored('the move', (body) => clipsOf(body)[1]!.startMs < CLIP_MS);
    expect(clipsOf(moved)[1]!.startMs).toBe(end);

    const position = async (): Promise<number> => (await rig.product.api.status()).timeline!.positionMs;
    expect((await rig.product.api.status()).timeline).toMatchObject({ timelineId, state: 'playing' });
    // Beside another browser both edits may take longer than the first film: then it is played again with them.
    if (await position() > end - 500) {
      await waitFor('the second film', async () => await position() > end + 500);
      from = rig.frameAfter(monotonicMs());
      await playFrom(0);
    }
    await rig.passed(from + Math.round(((end + 1_500) * rig.fps) / 1_000));
    await page.getByRole('gridcell', { name: new RegExp(`0:0.*on air`) }).waitFor({ state: 'attached' });
    const { frames } = await rig.seen(from);
    const first = frames.find(({ code }) => code?.camera === 2)!;
    const second = frames.find(({ n, code }) => n > first.n && code?.camera === 3)!;
    // Each film's frames carry their numbers: where position 0 was, and so when the second one was due.
    const zero = first.n - first.code!.counter;
    expect(Math.abs(second.n - (zero + Math.round((end * rig.fps) / 1_000))), 'frames between where the second film should begin and where it did').toBeLessThanOrEqual(1);
    expect(second.code!.counter - 100_000).toBeLessThanOrEqual(1);

    await playFrom(clipsOf(moved).at(-1)!.startMs + clipsOf(moved).at(-1)!.durationMs - 1_500);
    await page.locator('.tl-transport').getByText('Ended', { exact: true }).waitFor();
    expect(await lanesAt()).toBe(lanes);
  });

  it('takes back the move and the trim, and does one again', async () => {
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    await undo.click();
    await stored('the move undone', (body) => clipsOf(body)[1]!.startMs === CLIP_MS);
    await undo.click();
    await stored('the trim undone', (body) => clipsOf(body)[0]!.durationMs === CLIP_MS);
    await page.getByRole('button', { name: 'Redo', exact: true }).click();
    await stored('the trim again', (body) => clipsOf(body)[0]!.durationMs < CLIP_MS);
    await undo.click();
    await stored('all as it was', (body) => clipsOf(body)[0]!.durationMs === CLIP_MS);
  });

  it('draws a transition out of a join', async () => {
    const extent = 2 * CLIP_MS + 10_000;
    const box = (await stage().boundingBox())!;
    await page.mouse.move(box.x + await xOf(CLIP_MS, extent) + 6, box.y + RULER + 2 * LANE + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + await xOf(CLIP_MS + 900, extent), box.y + RULER + 2 * LANE + 12);
    await page.mouse.up();
    const body = await stored('the transition', (one) => clipsOf(one)[1]!.transition !== undefined);
    expect(clipsOf(body)[1]!.transition).toMatchObject({ kind: 'fade' });
    expect(Math.abs(clipsOf(body)[1]!.transition!.durationMs - 900)).toBeLessThan(80);
  });

  it('puts a point on a curve by a double click, drags it, moves it by keys, deletes it and takes that back', async () => {
    const extent = 2 * CLIP_MS + 10_000;
    const box = (await stage().boundingBox())!;
    /** Where a value of the opacity's curve lies in the clips of the third row. */
    const curveAt = (opacity: number): number => box.y + RULER + 2 * LANE + 3 + 4 + (1 - opacity) * (LANE - 15);
    const at = async (ms: number): Promise<number> => box.x + await xOf(ms, extent);
    const points = async () => clipsOf(await read())[2]!.keyframes;
    await page.mouse.dblclick(await at(20_000), curveAt(0.5));
    const added = await stored('the point', (body) => clipsOf(body)[2]!.keyframes.length === 1);
    const [point] = clipsOf(added)[2]!.keyframes;
    expect(Math.abs(point!.atMs - 4_000)).toBeLessThan(80);
    expect(point!.opacity).toBeCloseTo(0.5, 1);
    // It comes near a second of the ruler, and catches there.
    await page.mouse.move(await at(2 * CLIP_MS + point!.atMs), curveAt(point!.opacity!));
    await page.mouse.down();
    await page.mouse.move(await at(22_000), curveAt(0.4));
    await page.mouse.move(await at(23_000) + 3, curveAt(0.2));
    await page.mouse.up();
    const dragged = await stored('the drag', (body) => clipsOf(body)[2]!.keyframes[0]!.atMs === 7_000);
    expect(clipsOf(dragged)[2]!.keyframes[0]!.opacity).toBeCloseTo(0.2, 1);
    const value = clipsOf(dragged)[2]!.keyframes[0]!.opacity!;

    await page.locator('#clips').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await stored('a second earlier', (body) => clipsOf(body)[2]!.keyframes[0]!.atMs === 6_000);
    await page.keyboard.press('ArrowUp');
    await stored('a step more', (body) => Math.abs(clipsOf(body)[2]!.keyframes[0]!.opacity! - value - 0.01) < 1e-9);
    await page.keyboard.press('Delete');
    await stored('the point gone, and the clip not', (body) => clipsOf(body).length === 3 && clipsOf(body)[2]!.keyframes.length === 0);
    await page.keyboard.press('Control+z');
    await stored('the point back', (body) => clipsOf(body)[2]!.keyframes.length === 1);
    // The keys find it, and another one is put where the cursor is.
    await page.getByRole('button', { name: 'Remove the keyframe at 0:06.000' }).waitFor();
    await page.keyboard.press('p');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Shift+ArrowRight');
    await page.keyboard.press('k');
    await stored('a second point', (body) => clipsOf(body)[2]!.keyframes.map(({ atMs }) => atMs).join() === '6000,7000');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Delete');
    await waitFor('none of them', async () => (await points()).length === 0);
  });

  it('asks before it seeks what is on air', async () => {
    await playFrom(3_000);
    await page.getByLabel('Cursor', { exact: true }).fill('0:17');
    await page.getByLabel('Cursor', { exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Seek to cursor' }).click();
    await page.getByText('Go to 0:17.000 on program now?').waitFor();
    await page.getByRole('button', { name: 'Seek', exact: true }).click();
    await waitFor('the position', async () => ((await rig.product.api.status()).timeline?.positionMs ?? 0) >= 17_000);
  });

  it('goes round a region that is marked on the ruler, frame by frame at the far end, until a second operator ends it', async () => {
    // Past the region, with time to mark it.
    await playFrom(10_000);
    const box = (await stage().boundingBox())!;
    const extent = 2 * CLIP_MS + 10_000;
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + await xOf(2_000, extent), box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + await xOf(4_000, extent), box.y + 10, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await page.getByRole('button', { name: 'Repeat the region' }).click();
    await page.getByText('What is on air is past that region. Go back to its beginning and repeat it?').waitFor();
    await page.getByRole('button', { name: 'Seek', exact: true }).click();
    await page.locator('.tl-transport').getByText(/^Repeats 0:0/).waitFor();
    const region = (await rig.product.api.status()).timeline!.region!;
    expect([Math.abs(region.fromMs - 2_000) < 200, Math.abs(region.toMs - 4_000) < 200]).toEqual([true, true]);
    const [begin, end] = [region.fromMs, region.toMs].map((ms) => Math.round((ms * rig.fps) / 1_000)) as [number, number];
    const from = rig.frameAfter(monotonicMs()) + 10;
    await rig.passed(from + 3 * (end - begin));
    const counters = (await rig.seen(from)).frames.map(({ code }) => (code?.camera === 2 ? code.counter : NaN));
    expect(counters.filter((counter) => !(counter >= begin && counter < end))).toEqual([]);
    const joins = counters.flatMap((counter, i) => (i > 0 && counter < counters[i - 1]! ? [[counters[i - 1]!, counter]] : []));
    expect(joins.length).toBeGreaterThanOrEqual(2);
    for (const [last, first] of joins) expect([end - 1 - last!, first! - begin].every((off) => off <= 1), `${last} → ${first} in ${begin}…${end}`).toBe(true);
    expect((await rig.product.api.status()).timeline).toMatchObject({ lateClips: 0, failedClips: 0 });

    const other = await enter();
    await other.page.getByRole('button', { name: /Evening/ }).first().click();
    await other.page.locator('.tl-transport').getByText(/^Repeats 0:0/).waitFor();
    await other.page.getByRole('button', { name: 'Go on past its end' }).click();
    await waitFor('the timeline past the region', async () => {
      const { timeline } = await rig.product.api.status();
      return timeline?.region === undefined && (timeline?.positionMs ?? 0) > region.toMs + 500;
    });
    await page.getByRole('button', { name: 'Go on past its end' }).waitFor({ state: 'detached' });
    await page.locator('.tl-region').getByRole('button', { name: 'Clear', exact: true }).click();
    expect(other.problems).toEqual([]);
    await other.context.close();
  });

  it('is edited by two at once: each sees the other, and nothing is overwritten blindly', async () => {
    const other = await enter();
    await other.page.getByRole('button', { name: /Evening/ }).first().click();
    await stage(other.page).waitFor();
    const [first, second] = clipsOf(await read());
    /** Chooses the n-th clip of the lower video track by keys. */
    const choose = async (on: Page, n: number) => {
      await on.locator('#clips').focus();
      await on.keyboard.press('ArrowRight');
      await on.keyboard.press('Home');
      for (let i = 1; i < n; i++) await on.keyboard.press('ArrowRight');
    };
    // One collects; the other's edit goes on air at once.
    await page.getByLabel('Edits').selectOption('collect');
    await choose(page, 1);
    await page.getByLabel('Opacity (%)').fill('50');
    await page.getByLabel('Opacity (%)').press('Tab');
    await page.getByRole('button', { name: 'Apply 1 edit' }).waitFor();
    expect(clipsOf(await read())[0]!.opacity).toBe(1);
    await choose(other.page, 2);
    await other.page.getByLabel('Opacity (%)').fill('70');
    await other.page.getByLabel('Opacity (%)').press('Tab');
    await stored('the other\'s edit', (body) => clipsOf(body)[1]!.opacity === 0.7);
    await choose(page, 2);
    await waitFor('the other\'s edit to be seen', async () => (await page.getByLabel('Opacity (%)').inputValue()) === '70');
    await page.getByRole('button', { name: 'Apply 1 edit' }).click();
    const both = await stored('both', (body) => clipsOf(body)[0]!.opacity === 0.5);
    expect(clipsOf(both)[1]!.opacity).toBe(0.7);
    // Both change the same: the later one is told, and what is stored stays.
    await choose(page, 1);
    await page.getByLabel('Opacity (%)').fill('20');
    await page.getByLabel('Opacity (%)').press('Tab');
    await choose(other.page, 1);
    await other.page.getByLabel('Opacity (%)').fill('90');
    await other.page.getByLabel('Opacity (%)').press('Tab');
    await page.getByText(/The change was not stored: somebody else changed the same clip meanwhile/).waitFor();
    expect(clipsOf(await read())[0]).toMatchObject({ id: first!.id, opacity: 0.9 });
    expect(clipsOf(await read())[1]!.id).toBe(second!.id);
    await page.getByLabel('Edits').selectOption('once');
    expect(other.problems).toEqual([]);
    await other.context.close();
  });

  it('is edited by keys alone', async () => {
    const press = async (...keys: string[]) => { for (const key of keys) await page.keyboard.press(key); };
    const before = clipsOf(await read());
    await page.locator('#clips').focus();
    await press('ArrowRight', 'End');
    const last = before.at(-1)!;
    await press('.', '.', '.');
    await stored('three frames on', (body) => clipsOf(body).at(-1)!.startMs === last.startMs + 100);
    await press('c', 'Control+Shift+ArrowRight', 's');
    await stored('the split', (body) => clipsOf(body).length === before.length + 1);
    await press('End', 'Alt+ArrowUp');
    await stored('on the upper track', (body) => body.tracks.filter(({ clips, kind }) => kind === 'video' && clips.length > 0).length === 2);
    await press('Alt+Shift+ArrowLeft');
    await stored('a second shorter', (body) => clipsOf(body).at(-1)!.durationMs === last.durationMs - 2_000);
    await press('Delete');
    await stored('deleted', (body) => clipsOf(body).length === before.length);
    await press('Control+z');
    await stored('back', (body) => clipsOf(body).length === before.length + 1);
    expect(await page.locator('#clips').getAttribute('aria-activedescendant')).toMatch(/^cell-/);
  });

  it('has a film on an audio track for its sound only, and says why a drop there is refused', async () => {
    const body = await read();
    const [first] = clipsOf(body);
    const extent = Math.max(10_000, ...body.tracks.flatMap(({ clips }) => clips.map(({ startMs, durationMs }) => startMs + durationMs)));
    const row = [...body.tracks].reverse().findIndex(({ clips }) => clips.some(({ id }) => id === first!.id));
    const drag = async (toRow: number) => {
      await page.getByRole('button', { name: 'Fit', exact: true }).click();
      const box = (await stage().boundingBox())!;
      const x = box.x + await xOf(first!.startMs + first!.durationMs / 2, extent);
      await page.mouse.move(x, box.y + yOf(row));
      await page.mouse.down();
      await page.mouse.move(x, box.y + yOf((row + toRow) / 2));
      await page.mouse.move(x, box.y + yOf(toRow), { steps: 3 });
    };
    // The rows are overlay, video, video, audio.
    await drag(0);
    await page.locator('.tl-stage').getByText(/cannot lie on this kind of track/).waitFor();
    await page.mouse.up();
    await page.locator('.notices').getByText(/cannot lie on this kind of track/).waitFor();
    expect((await read()).revision).toBe(body.revision);
    await drag(3);
    await page.locator('.tl-stage').getByText('Its sound only').waitFor();
    await page.mouse.up();
    await stored('the film among the sounds', (one) => clipsOf(one, 'audio').some(({ id, startMs }) => id === first!.id && startMs === first!.startMs));
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await stored('back among the pictures', (one) => clipsOf(one).some(({ id }) => id === first!.id) && clipsOf(one, 'audio').length === 0);
    // The same by keys: below the last video track lie the sounds.
    await page.locator('#clips').focus();
    for (const key of ['ArrowRight', 'Home', 'Alt+ArrowDown']) await page.keyboard.press(key);
    await stored('the film among the sounds by keys', (one) => clipsOf(one, 'audio').some(({ id }) => id === first!.id));
    await page.keyboard.press('Control+z');
    await stored('back again', (one) => clipsOf(one, 'audio').length === 0);
  });

  it('has a name, a loop, a filler and a length, changed on air and taken back', async () => {
    const properties = page.locator('.tl-properties');
    await properties.getByLabel('Filler').selectOption(`sourceId:${ids[2]}`);
    await stored('the filler', (body) => JSON.stringify(body.filler) === JSON.stringify({ sourceId: ids[2] }));
    await properties.getByRole('switch', { name: 'Loop' }).click();
    await stored('the loop', (body) => body.loop);
    await properties.getByLabel('Length').fill('0:30');
    await properties.getByLabel('Length').press('Enter');
    await stored('the length', (body) => body.durationMs === 30_000);
    await properties.getByLabel('Name').fill('Late evening');
    await properties.getByLabel('Name').press('Enter');
    await stored('the name', (body) => body.name === 'Late evening');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await stored('the name back', (body) => body.name === 'Evening' && body.durationMs === 30_000 && body.loop);
  });

  it('is renamed, duplicated and kept as a file, which is read again; the one on program is not deleted', async () => {
    const names = async () => (await rig.product.api.get<{ items: { name: string }[] }>('/api/v1/timelines')).items.map(({ name }) => name);
    const list = page.locator('#timelines');
    await list.getByRole('button', { name: 'Duplicate' }).click();
    await waitFor('the copy to be open', async () => (await list.locator('[aria-current]').innerText()).includes('Evening copy'));
    await list.getByRole('button', { name: 'Rename' }).click();
    await list.getByLabel('Name', { exact: true }).fill('Spare');
    await list.getByRole('button', { name: 'Save' }).click();
    await waitFor('the name', async () => (await names()).join() === 'Evening,Spare');
    const [download] = await Promise.all([page.waitForEvent('download'), list.getByRole('link', { name: 'Export' }).click()]);
    expect(download.suggestedFilename()).toBe('Spare.json');
    const file = readFileSync(await download.path(), 'utf8');

    await list.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await waitFor('it to be gone', async () => (await names()).join() === 'Evening');
    const choose = (name: string, text: string) => list.getByLabel('File of a timeline').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    const broken = JSON.parse(file) as { timeline: { tracks: { kind: string; clips: { startMs: number }[] }[] } };
    const at = broken.timeline.tracks.findIndex(({ kind, clips }) => kind === 'video' && clips.length > 1);
    broken.timeline.tracks[at]!.clips[1]!.startMs = -1;
    await choose('broken.json', JSON.stringify(broken));
    await list.getByText(`Track ${at + 1}, clip 2, “startMs”`).waitFor();
    await choose('words.json', 'no JSON at all');
    await list.getByText('This is no JSON.').waitFor();
    expect(await names()).toEqual(['Evening']);
    await choose('Spare.json', file);
    await waitFor('the timeline of the file', async () => (await names()).join() === 'Evening,Spare');
    expect(await list.getByText('was not imported').count()).toBe(0);
    const { items } = await rig.product.api.get<{ items: { id: string; name: string; clips: number }[] }>('/api/v1/timelines');
    expect(items[1]!.clips).toBe(items[0]!.clips);

    await list.getByRole('button', { name: /^Evening/ }).click();
    await list.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('"Evening" is on program. Take it out there first.').waitFor();
    expect(await names()).toHaveLength(2);
    expect(watched.problems).toEqual([]);
  });

  it('is left and come back to without an error, and films that are not open show the library\'s picture', async () => {
    for (let i = 0; i < 4; i++) {
      await page.getByRole('link', { name: 'Live', exact: true }).click();
      await page.locator('#program .screen').waitFor();
      await page.getByRole('link', { name: 'Timelines' }).click();
      await page.locator('.tl-canvas').waitFor();
    }
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    // It may be asked for several times: between them there is none in the page.
    const still = page.locator(`[data-target="${ids[0]}"] img.still`);
    await waitFor('the picture of the film', async () => still.evaluateAll((images) => images.some((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0)), { timeoutMs: 100_000 });
    expect(watched.problems).toEqual([]);
  });
});
