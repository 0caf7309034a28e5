/** The panel: how fast it is there, how fast a key is answered, and what two hundred of them cost. */
import type { Browser } from 'playwright-core';
import { WebSocket } from 'ws';
import { browserMissing, launchBrowser, openPage } from '../support/browser.js';
import { percentile } from '../support/pattern/analyse.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import { startProduct, type ProductRun } from './contestants.js';
import type { Stage } from './stage.js';

const PRESSES = 200;
const CLIENTS = 200;
const SWITCHES = 200;

export interface PanelResult {
  /** What the first load transfers, and until a source can be pressed. */
  firstLoadKb: number;
  usableMs: number;
  /** From the key's event to the acknowledgement's, in the page. */
  keyP50Ms: number;
  keyP99Ms: number;
  presses: number;
  clients: number;
  switchP50Ms: number;
  switchP99Ms: number;
  /** Program frames meanwhile: late by more than one, and not made at all. */
  late: number;
  skipped: number;
  /** Messages that each of them got a second. */
  messagesEach: number;
}

export async function measurePanel(stage: Stage): Promise<PanelResult> {
  if (browserMissing) throw new Error(browserMissing);
  const run = await startProduct(stage, { broadcast: false });
  try {
    await delay(5_000);
    const page = await measurePage(run);
    const crowd = await measureCrowd(run);
    return { ...page, ...crowd };
  } finally {
    await run.stop();
  }
}

/** Notes when a key came and when its command was answered. Text, as it runs in the page. */
const WATCH_KEYS = `
  localStorage.setItem('vistter.mode', 'direct');
  window.answered = [];
  let pressedAt = 0;
  const asked = new Map();
  addEventListener('keydown', (event) => { pressedAt = event.timeStamp; }, true);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const { id, type } = JSON.parse(data);
    if (type === 'camera:switch') asked.set(String(id), pressedAt);
    if (!this.isWatched) {
      this.isWatched = true;
      this.addEventListener('message', (event) => {
        if (typeof event.data !== 'string' || !event.data.startsWith('{"type":"ack"')) return;
        const at = asked.get(String(JSON.parse(event.data).id));
        if (at !== undefined) window.answered.push(performance.now() - at);
      });
    }
    return send.call(this, data);
  };`;

async function measurePage(run: ProductRun): Promise<Pick<PanelResult, 'firstLoadKb' | 'usableMs' | 'keyP50Ms' | 'keyP99Ms' | 'presses'>> {
  const browser = await launchBrowser();
  try {
    await useOnce(browser, run);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(WATCH_KEYS);
    const page = await context.newPage();
    let bytes = 0;
    page.on('requestfinished', (request) => { void request.sizes().then(({ responseBodySize, responseHeadersSize }) => { bytes += responseBodySize + responseHeadersSize; }); });
    await page.goto(`http://127.0.0.1:${run.product.httpPort}/#token=${run.product.token}`, { waitUntil: 'commit' });
    // The page's policy lets nothing be evaluated in it that would wait there by itself.
    const usableMs = await waitFor('the buttons', async () => Number(await page.evaluate('document.querySelector("[data-target]:enabled") ? performance.now() : 0')) || undefined, { timeoutMs: 30_000, everyMs: 5 });
    await page.waitForLoadState('networkidle');
    await delay(1_000);
    const keys = await Promise.all(run.cameraIds.slice(0, 2).map((id) => page.locator(`[data-target="${id}"] kbd`).innerText()));
    const count = () => page.evaluate('window.answered.length') as Promise<number>;
    for (let i = 0; i < PRESSES; i++) {
      await page.keyboard.press(keys[i % 2]!);
      await waitFor('the answer to a key', async () => (await count()) > i, { timeoutMs: 5_000, everyMs: 5 });
      await delay(40 + Math.random() * 80);
    }
    const answered = await page.evaluate('window.answered') as number[];
    return { firstLoadKb: bytes / 1_000, usableMs, keyP50Ms: percentile(answered, 50), keyP99Ms: percentile(answered, 99), presses: answered.length };
  } finally {
    await browser.close();
  }
}

/** The browser has shown pages before: what is measured is the panel, which comes whole in a context of its own, and not how a browser comes off the disk. */
async function useOnce(browser: Browser, run: ProductRun): Promise<void> {
  const { context, page } = await openPage(browser, { width: 1280, height: 800 });
  await page.goto(`http://127.0.0.1:${run.product.httpPort}/#token=${run.product.token}`);
  await page.locator('[data-target]:enabled').first().waitFor({ timeout: 30_000 });
  await context.close();
}

/** Two hundred clients with meters and status, and one that switches. */
async function measureCrowd(run: ProductRun): Promise<Pick<PanelResult, 'clients' | 'switchP50Ms' | 'switchP99Ms' | 'late' | 'skipped' | 'messagesEach'>> {
  let messages = 0;
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => joinCrowd(run, () => { messages += 1; })));
  try {
    await delay(3_000);
    const before = (await run.product.api.status()).program;
    const fromMs = monotonicMs();
    messages = 0;
    const acks: number[] = [];
    for (let i = 0; i < SWITCHES; i++) {
      await delay(60 + Math.random() * 120);
      const { sentMs } = await run.socket.switchTo({ sourceId: run.cameraIds[i % 2]! });
      acks.push(monotonicMs() - sentMs);
    }
    const seconds = (monotonicMs() - fromMs) / 1_000;
    const after = (await run.product.api.status()).program;
    return {
      clients: clients.filter((client) => client.readyState === client.OPEN).length, switchP50Ms: percentile(acks, 50), switchP99Ms: percentile(acks, 99),
      late: (after?.late ?? NaN) - (before?.late ?? NaN), skipped: (after?.skipped ?? NaN) - (before?.skipped ?? NaN), messagesEach: messages / seconds / CLIENTS,
    };
  } finally {
    for (const client of clients) client.terminate();
  }
}

function joinCrowd(run: ProductRun, onMessage: () => void): Promise<WebSocket> {
  return new Promise((done, fail) => {
    const client = new WebSocket(`ws://127.0.0.1:${run.product.httpPort}/ws`, { headers: { authorization: `Bearer ${run.product.token}` } });
    client.on('message', onMessage);
    client.once('error', fail);
    client.once('open', () => {
      client.send(JSON.stringify({ type: 'subscribe', payload: { levels: true } }));
      done(client);
    });
  });
}
