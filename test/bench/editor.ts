/** How smoothly the timeline editor scrolls and zooms over thousands of clips, in Chromium without a graphics card, against the studio alone. */
import { Clip } from '../../src/protocol/timeline.js';
import { launchBrowser, openPage } from '../support/browser.js';
import { percentile } from '../support/pattern/analyse.js';
import { StudioProcess } from '../support/studio-process.js';
import { longTimeline } from './timeline-resolve.js';

/** Steps of each way of looking, one a frame. */
const STEPS = 240;

export interface EditorFigures {
  clips: number;
  /** From one frame of the page to the next, ms. */
  scrollP50Ms: number;
  scrollP95Ms: number;
  zoomP50Ms: number;
  zoomP95Ms: number;
  /** What the page itself takes of a frame: handling the wheel and painting. */
  workP95Ms: number;
  /** Tasks of more than 50 ms meanwhile. */
  longTasks: number;
  /** From the click on the timeline in the list to its clips on the screen. */
  openMs: number;
}

export async function measureEditor(clips: number): Promise<EditorFigures> {
  const studio = await StudioProcess.start();
  const browser = await launchBrowser();
  try {
    const { body: camera } = await studio.api('POST', '/sources', { kind: 'camera', name: 'Camera' }) as { body: { id: string } };
    const { tracks } = longTimeline(clips) as { tracks: { kind: string; clips: (Partial<Clip> & { id: string })[] }[] };
    const shown = tracks.filter(({ kind }) => kind !== 'overlay');
    const document = { name: 'Long', tracks: shown.map((track) => ({ ...track, clips: track.clips.map(({ sceneId: _, ...clip }) => ({ ...clip, sourceId: camera.id })) })) };
    // As many as were asked for, on the tracks that are left.
    const lacking = clips - document.tracks.reduce((sum, track) => sum + track.clips.length, 0);
    document.tracks.push({ kind: 'video', id: 'more', clips: Array.from({ length: lacking }, (_, i) => ({ id: `more${i}`, sourceId: camera.id, startMs: i * 7_013, durationMs: 6_000 })) } as never);
    const made = await studio.api('POST', '/timelines', document);
    if (made.status !== 201) throw new Error(`the timeline was refused: ${JSON.stringify(made.body).slice(0, 300)}`);
    const { page } = await openPage(browser, { width: 1280, height: 900 });
    await page.goto(`${studio.url}/#token=${studio.token}`);
    await page.getByRole('link', { name: 'Timelines' }).click();
    const entry = page.getByRole('button', { name: /^Long/ });
    await entry.waitFor();
    const openMs = await page.evaluate(`(async () => {
      const from = performance.now();
      [...document.querySelectorAll('.tl-open')].find((one) => one.textContent.startsWith('Long')).click();
      while (!(document.querySelector('.tl-canvas')?.height > 200)) await new Promise(requestAnimationFrame);
      return performance.now() - from;
    })()`) as number;
    // Until the check of the timeline is through, and the code is warm.
    await page.waitForTimeout(2_500);
    await page.evaluate(driver(30, 'scroll'));
    await page.evaluate(driver(30, 'zoom'));
    const scroll = await page.evaluate(driver(STEPS, 'scroll')) as Run;
    const zoom = await page.evaluate(driver(STEPS, 'zoom')) as Run;
    return {
      clips, openMs,
      scrollP50Ms: percentile(scroll.frames, 50), scrollP95Ms: percentile(scroll.frames, 95), zoomP50Ms: percentile(zoom.frames, 50), zoomP95Ms: percentile(zoom.frames, 95),
      workP95Ms: percentile([...scroll.work, ...zoom.work], 95), longTasks: scroll.long + zoom.long,
    };
  } finally {
    await browser.close();
    await studio.stop();
  }
}

interface Run {
  frames: number[];
  work: number[];
  long: number;
}

/** Turns the wheel once a frame: along the timeline and back, or in and out between all of it and a few clips. As text, for the page. */
function driver(steps: number, way: 'scroll' | 'zoom'): string {
  return `(async () => {
    const stage = document.querySelector('.tl-stage');
    const box = stage.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 2, clientY: box.top + 80, bubbles: true, cancelable: true };
    let long = 0;
    const observer = new PerformanceObserver((list) => { long += list.getEntries().length; });
    observer.observe({ entryTypes: ['longtask'] });
    if (${JSON.stringify(way)} === 'scroll') {
      // Some sixty clips of each track in view.
      document.querySelectorAll('.tl-tools button').forEach((button) => { if (button.textContent === 'Fit') button.click(); });
      for (let i = 0; i < 6; i++) stage.dispatchEvent(new WheelEvent('wheel', { ...at, ctrlKey: true, deltaY: -150 }));
    }
    const frames = [];
    const work = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < ${steps}; i++) {
      const there = Math.floor(i / 60) % 2 === 0;
      stage.dispatchEvent(new WheelEvent('wheel', ${way === 'scroll' ? '{ ...at, shiftKey: true, deltaY: there ? 120 : -120 }' : '{ ...at, ctrlKey: true, deltaY: there ? -30 : 30 }'}));
      // The page paints in its own callback, asked for by the wheel: before the one asked for here.
      const now = await new Promise(requestAnimationFrame);
      frames.push(now - last);
      work.push(performance.now() - now);
      last = now;
    }
    observer.disconnect();
    return { frames, work, long };
  })()`;
}
