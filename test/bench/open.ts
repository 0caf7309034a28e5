/** A panel that is left open on the Live page, with meters and pictures: whether its memory stays, and whether anything in it takes long. */
import { launchBrowser, openPage } from '../support/browser.js';
import { delay } from '../support/wait.js';
import { startProduct } from './contestants.js';
import { slope } from './meter.js';
import type { Stage } from './stage.js';

const LOOK_EVERY_MS = 30_000;
/** Until the code is warm and all that is kept for later is there. */
const WARM_MS = 60_000;

export interface OpenResult {
  seconds: number;
  /** Of the page's own memory after a collection: at the start, at the end, and its trend between. */
  fromMb: number;
  toMb: number;
  mbPerHour: number;
  nodesFrom: number;
  nodesTo: number;
  /** Tasks of more than 50 ms. */
  longTasks: number;
  longestMs: number;
}

/** As text, for the page. */
const WATCH_TASKS = `
  window.longTasks = [];
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longTasks.push(duration); }).observe({ type: 'longtask' });`;

export async function measureOpen(stage: Stage, seconds: number): Promise<OpenResult> {
  const run = await startProduct(stage, { broadcast: false });
  const browser = await launchBrowser();
  try {
    const { context, page } = await openPage(browser, { width: 1280, height: 800 });
    await context.addInitScript(WATCH_TASKS);
    await page.goto(`http://127.0.0.1:${run.product.httpPort}/#token=${run.product.token}`);
    await page.locator('[data-target]:enabled').first().waitFor({ timeout: 30_000 });
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    const look = async (): Promise<{ mb: number; nodes: number }> => {
      await cdp.send('HeapProfiler.collectGarbage');
      const { metrics } = await cdp.send('Performance.getMetrics');
      const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? NaN;
      return { mb: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes') };
    };
    await delay(WARM_MS);
    const looks = [{ ...await look(), atHours: 0 }];
    // A collection that was asked for is no task of the page's own.
    const tasks: number[] = [];
    for (let passedMs = 0; passedMs < seconds * 1_000; passedMs += LOOK_EVERY_MS) {
      await page.evaluate('window.longTasks.length = 0');
      await delay(LOOK_EVERY_MS);
      tasks.push(...await page.evaluate('window.longTasks') as number[]);
      looks.push({ ...await look(), atHours: (passedMs + LOOK_EVERY_MS) / 3_600_000 });
    }
    const [first, last] = [looks[0]!, looks.at(-1)!];
    return {
      seconds, fromMb: first.mb, toMb: last.mb, mbPerHour: slope(looks.map(({ atHours, mb }) => [atHours, mb])), nodesFrom: first.nodes, nodesTo: last.nodes,
      longTasks: tasks.length, longestMs: Math.max(0, ...tasks),
    };
  } finally {
    await browser.close();
    await run.stop();
  }
}
