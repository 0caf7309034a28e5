/** Debian's Chromium for tests: no network of its own, an empty profile each time. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { removeFolder, tempFolder } from './temp.js';

const executable = '/usr/bin/chromium';

/** Why browser tests cannot run here; null when they can. */
export const browserMissing: string | null = existsSync(executable) ? null : 'Debian\'s chromium is not installed';

/** @param handleSIGTERM whether it is asked to close when this process is to end, which may take it a second */
export async function launchBrowser({ handleSIGTERM = true } = {}): Promise<Browser> {
  // A Chromium that is killed leaves its sockets' folder behind.
  const folder = tempFolder('v-browser-');
  const browser = await chromium.launch({
    handleSIGTERM,
    env: { ...process.env, TMPDIR: folder },
    executablePath: executable,
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required',
    ],
  });
  browser.once('disconnected', () => removeFolder(folder));
  process.once('exit', () => removeFolder(folder));
  return browser;
}

let shared: Promise<Browser> | undefined;

/**
 * The browser of all files that are worked on in this process, one after the other; it ends with the process. Each opens pages of its
 * own, which know nothing of those before, and closes them with `closePages`.
 */
export async function sharedBrowser(): Promise<Browser> {
  const isThere = (await shared?.catch(() => undefined))?.isConnected();
  if (!isThere) {
    // A worker has half a second to end. With `exit` it is killed at once, and its profile is removed.
    if (!shared) process.once('SIGTERM', () => process.exit(143));
    shared = launchBrowser({ handleSIGTERM: false });
  }
  return shared!;
}

export async function closePages(browser: Browser | undefined): Promise<void> {
  await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
}

export interface Watched {
  context: BrowserContext;
  page: Page;
  /** Errors of scripts and of the console, policy violations among them. */
  problems: string[];
}

/**
 * A page whose every complaint is kept; `expected` are those that a test brings about itself. The first steps, which a studio without a
 * destination shows above everything, are put away unless they are what the test is about.
 */
export async function openPage(browser: Browser, viewport: { width: number; height: number }, expected: RegExp[] = [], { firstSteps = false } = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport });
  if (!firstSteps) await context.addInitScript('try { localStorage.setItem("vistter.first-steps", "away"); } catch { /* A page without storage. */ }');
  const page = await context.newPage();
  const problems: string[] = [];
  const note = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) problems.push(text);
  };
  page.on('pageerror', (error) => note(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(`${message.text()} ${message.location().url}`);
  });
  return { context, page, problems };
}

export interface Sample {
  time: number;
  width: number;
  /** Mean luma of the picture, 0 to 255, and how far pixels lie from it. */
  mean: number;
  spread: number;
  /** A checksum of the pixels. */
  sum: number;
}

/** Looks at what a video element shows now. */
export const sampleVideo = (page: Page): Promise<Sample> => samplePicture(page, 'video');

/** The same of a video or canvas element by its selector; a canvas has no time of its own. Runs in the page. */
export function samplePicture(page: Page, selector: string): Promise<Sample> {
  // As text: this file is checked without a browser's types.
  return page.evaluate(`(() => {
    const video = document.querySelector(${JSON.stringify(selector)});
    const canvas = document.createElement('canvas');
    canvas.width = 160;
    canvas.height = 90;
    const ctx = canvas.getContext('2d', { willReadFrequently: true });
    ctx.drawImage(video, 0, 0, 160, 90);
    const { data } = ctx.getImageData(0, 0, 160, 90);
    let total = 0;
    let squares = 0;
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) {
      const y = 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
      total += y;
      squares += y * y;
      sum = (sum * 31 + data[i] + data[i + 1] * 7 + data[i + 2] * 13) >>> 0;
    }
    const n = data.length / 4;
    const mean = total / n;
    return { time: video.currentTime ?? 0, width: video.videoWidth ?? video.width, mean, spread: Math.sqrt(Math.max(0, squares / n - mean * mean)), sum };
  })()`);
}
