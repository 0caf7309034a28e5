/** The sound mixer in a real browser: what is done at the desk is measured on program, and what is on solo is heard here and not there. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePages, openPage, type Watched } from '../support/browser.js';
import type { Product } from '../support/product.js';
import type { StudioSocket } from '../support/product_client.js';
import type { Rig } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

/** Listens to what the page sends to the loudspeaker: its loudness of the last fifth of a second, dBFS. */
const EAR = `(() => {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      const ear = new AnalyserNode(this.context, { fftSize: 8192 });
      connect.call(this, ear);
      window.loudness = () => {
        const samples = new Float32Array(ear.fftSize);
        ear.getFloatTimeDomainData(samples);
        return 20 * Math.log10(Math.max(1e-5, Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length)));
      };
    }
    return connect.call(this, to, ...rest);
  };
})()`;

/** Without a camera. */
export const soundMixer = (shared: { rig: Rig; browser: Browser }) => describe('the sound mixer', () => {
  let product: Product;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let socket: StudioSocket;
  let tone: string;
  let silent: string;

  beforeAll(async () => {
    ({ rig: { product }, browser } = shared);
    const add = async (name: string, withTone: boolean) => (await product.api.post<{ id: string }>('/api/v1/sources', { kind: 'test', name, tone: withTone })).id;
    tone = await add('Tone', true);
    silent = await add('Silence', false);
    await product.sourceState(tone, ['live']);
    socket = await product.socket();
    await socket.request('subscribe', { levels: true });
    await socket.switchTo({ sourceId: tone });
    watched = await openPage(browser, { width: 1280, height: 800 }, [/AudioContext was not allowed to start/]);
    page = watched.page;
    page.setDefaultTimeout(8_000);
    await page.addInitScript(EAR);
    await page.goto(`http://127.0.0.1:${product.httpPort}/#token=${product.token}`);
    await page.getByRole('heading', { name: 'Program' }).waitFor();
    await page.goto(`http://127.0.0.1:${product.httpPort}/#/sound`);
    await page.getByRole('heading', { name: 'Sound mixer' }).waitFor();
  }, 90_000);

  afterAll(() => closePages(browser));

  const strip = (id: string) => page.locator(`[data-strip="${id}"]`);
  const rms = (id: string) => socket.lastLevels?.find((level) => level.id === id)?.rms[0] ?? -100;
  const loudness = () => page.evaluate('window.loudness ? window.loudness() : -100') as Promise<number>;
  const reaches = (what: string, read: () => number, db: number) => waitFor(what, () => Math.abs(read() - db) < 1)
    .catch((error: Error) => { throw new Error(`${error.message}: ${read()} dB and not ${db}`); });
  /** What a person reads off the scale beside a meter, and what it says to a screen reader: both at one moment. */
  const readOff = (id: string) => page.evaluate(`(() => {
    const meter = document.querySelector('[data-strip="${id}"] [role=meter]');
    const marks = [...meter.querySelectorAll('.dbfs span')].map((mark) => {
      const { top, height } = mark.getBoundingClientRect();
      return { db: Number(mark.textContent.replace('\u2212', '-')), y: top + height / 2 };
    });
    const { top } = meter.querySelector('.peak').getBoundingClientRect();
    const below = marks.findIndex(({ y }) => y >= top);
    const [a, b] = [marks[below - 1], marks[below]];
    return { read: a && b ? a.db + ((b.db - a.db) * (top - a.y)) / (b.y - a.y) : NaN, said: Number(meter.getAttribute('aria-valuenow')) };
  })()`) as Promise<{ read: number; said: number }>;
  let full = 0;

  it('moves the level of the program by its fader, which says where it is', async () => {
    // Both as a whole: a part of a tone, as at its beginning, is as many dB less.
    await waitFor('the tone on program', () => {
      full = rms(tone);
      return full > -40 && Math.abs(rms('program') - full) < 0.1;
    });
    const fader = strip(tone).getByRole('slider', { name: 'Fader of Tone' });
    await fader.focus();
    for (const key of ['PageDown', 'PageDown', 'ArrowDown']) await page.keyboard.press(key);
    expect(await fader.getAttribute('aria-valuetext')).toBe('−6.5 dB');
    await reaches('the program', () => rms('program'), full - 6.5);
    // What comes in is as it was.
    expect(Math.abs(rms(tone) - full)).toBeLessThan(1);
    await strip(tone).getByText('On air', { exact: true }).waitFor();
    // By hand, and back by pressing twice.
    const box = (await fader.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 60, { steps: 12 });
    await page.mouse.up();
    await waitFor('a lower program', () => rms('program') < full - 9);
    await fader.dblclick();
    await reaches('the program at 0 dB', () => rms('program'), full);
    // Typed, and seen by the others and by REST.
    await strip(tone).getByLabel('Level of the fader of Tone').fill('-12');
    await page.keyboard.press('Enter');
    await reaches('the program', () => rms('program'), full - 12);
    await waitFor('what is stored', async () => (await product.api.get<{ audio: { gainDb: number } }>(`/api/v1/sources/${tone}`)).audio.gainDb === -12);
  });

  it('mutes, and the meter still shows what comes in', async () => {
    await strip(tone).getByRole('button', { name: 'Mute Tone' }).click();
    await waitFor('silence on program', () => rms('program') <= -90);
    expect(rms(tone)).toBeGreaterThan(-40);
    await strip(tone).getByText('On air, muted').waitFor();
    await waitFor('its meter', async () => Number(await strip(tone).getByRole('meter').getAttribute('aria-valuenow')) > -40);
    // As another operator lets it go.
    await product.api.patch(`/api/v1/sources/${tone}`, { audio: { muted: false, gainDb: 0 } });
    await waitFor('its button', async () => (await strip(tone).getByRole('button', { name: 'Mute Tone' }).getAttribute('aria-pressed')) === 'false');
    await reaches('the program', () => rms('program'), full);
    await strip('program').getByRole('button', { name: 'Mute Program' }).click();
    await waitFor('silence on program', () => rms('program') <= -90);
    await strip('program').getByRole('button', { name: 'Mute Program' }).click();
    await reaches('the program', () => rms('program'), full);
  });

  it('has a scale of its own beside each meter, on a phone too', async () => {
    for (const viewport of [{ width: 390, height: 480 }, { width: 1280, height: 800 }]) {
      await page.setViewportSize(viewport);
      const peak = socket.lastLevels!.find(({ id }) => id === tone)!.peak[0]!;
      await waitFor(`${peak} dB on the scale`, async () => {
        const { read, said } = await readOff(tone);
        return Math.abs(read - peak) < 1 && Math.abs(said - peak) < 1;
      });
      // No figure stands on another.
      const tops = await strip(tone).locator('.dbfs span').evaluateAll((marks) => marks.map((mark) => (mark as unknown as { getBoundingClientRect(): { top: number } }).getBoundingClientRect().top)) as number[];
      expect(Math.min(...tops.slice(1).map((top, i) => top - tops[i]!))).toBeGreaterThanOrEqual(10);
    }
  });

  it('plays what is on solo here, and the program has none of it', async () => {
    await socket.switchTo({ sourceId: silent });
    await waitFor('silence on program', () => rms('program') <= -90);
    await strip(tone).getByRole('button', { name: 'Listen to Tone' }).click();
    await page.getByText('You hear: Tone').waitFor();
    await page.getByLabel('Volume here').fill('1');
    await waitFor('the tone in the browser', async () => Math.abs((await loudness()) - full) < 2);
    expect(rms('program')).toBeLessThanOrEqual(-90);
    // Of the program, which is silent, nothing is heard.
    await strip(tone).getByRole('button', { name: 'Listen to Tone' }).click();
    await strip('program').getByRole('button', { name: 'Listen to Program' }).click();
    await waitFor('silence in the browser', async () => (await loudness()) < -80);
    await socket.switchTo({ sourceId: tone });
    await waitFor('the program in the browser', async () => Math.abs((await loudness()) - full) < 2);
    await page.getByRole('button', { name: 'Stop listening' }).click();
    await page.getByText('You hear nothing here').waitFor();
  });

  it('is heard whatever is on program, where that is set', async () => {
    await socket.switchTo({ sourceId: silent });
    await waitFor('silence on program', () => rms('program') <= -90);
    await strip(tone).getByRole('button', { name: 'Tone is heard whatever is on program' }).click();
    await reaches('the program', () => rms('program'), full);
    await strip(tone).getByRole('button', { name: 'Tone is heard whatever is on program' }).click();
    await waitFor('silence on program', () => rms('program') <= -90);
  });

  it('fits a phone, and nothing went wrong in the browser', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    const fader = strip('program').getByRole('slider');
    expect(await fader.isVisible()).toBe(true);
    expect(watched.problems).toEqual([]);
  });
});
