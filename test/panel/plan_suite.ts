/** What is set up to happen by itself, in a real browser: a weekly plan, spots and the log of them, and settings that a platform would not take. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePages, openPage, type Watched } from '../support/browser.js';
import type { Product } from '../support/product.js';
import type { Rig } from '../support/rig.js';
import { waitFor } from '../support/wait.js';

interface Items<T> { items: T[] }

/** With a test card. */
export const pageOfSetup = (shared: { rig: Rig; browser: Browser }) => describe('the page of setup', () => {
  let product: Product;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let card: string;

  beforeAll(async () => {
    ({ rig: { product }, browser } = shared);
    card = (await product.api.get<Items<{ id: string; kind: string }>>('/api/v1/sources')).items.find(({ kind }) => kind === 'test')!.id;
    await product.api.post('/api/v1/timelines', { name: 'Evening', tracks: [{ kind: 'video', clips: [{ sourceId: card, startMs: 0, durationMs: 60_000 }] }] });
    await product.api.post('/api/v1/destinations', { name: 'My Twitch', platform: 'twitch', key: 'live_panel_plan', enabled: true });
    watched = await openPage(browser, { width: 1280, height: 900 }, [/status of (401|409)/]);
    page = watched.page;
    await page.goto(`http://127.0.0.1:${product.httpPort}/#token=${product.token}`);
    await page.getByRole('link', { name: 'Setup' }).click();
    await page.getByRole('heading', { name: 'Events of the schedule' }).waitFor();
  }, 60_000);

  afterAll(() => closePages(browser));

  const answered = async (yes: string): Promise<void> => page.getByRole('dialog').getByRole('button', { name: yes, exact: true }).click();

  it('plans a weekly show, shows the week as it will be, changes the plan and takes it out', async () => {
    const events = page.locator('#events');
    // In the other half of the day: one that is just on would stand in the week once more.
    const { half, at, later } = new Date().getHours() < 12 ? { half: 'PM', at: '20:15', later: '21:00' } : { half: 'AM', at: '08:15', later: '09:00' };
    await events.getByRole('button', { name: 'Add event' }).click();
    await events.getByLabel('Name').fill('Show');
    await events.locator('[name=event-what]').selectOption({ label: 'Play Evening' });
    await events.locator('[name=event-when]').selectOption('weekly');
    await events.getByRole('checkbox', { name: 'Fri' }).check();
    await events.locator('[name=event-at]').fill(at);
    await events.getByRole('button', { name: 'Add event' }).click();
    await events.getByText(`Mon, Fri at ${at}`).waitFor();
    const stored = async () => (await product.api.get<Items<{ name: string; when: unknown }>>('/api/v1/schedule')).items;
    expect(await stored()).toMatchObject([{ name: 'Show', when: { kind: 'weekly', days: ['mon', 'fri'], at } }]);

    await events.getByText('The coming week').click();
    const runs = events.locator('.coming-week li');
    await waitFor('both runs of the week', async () => (await runs.allInnerTexts()).filter((text) => new RegExp(`0?8:15 ${half}.*Show`, 's').test(text)).length === 2);
    expect((await events.locator('.coming-week h3').allInnerTexts()).map((text) => text.split(',')[0]).sort()).toEqual(['Friday', 'Monday']);

    await events.getByRole('button', { name: 'Edit Show' }).click();
    await events.locator('[name=event-at]').fill(later);
    await events.getByRole('checkbox', { name: 'Fri' }).uncheck();
    await events.getByRole('button', { name: 'Save' }).click();
    await events.getByText(`Mon at ${later}`).waitFor();
    await waitFor('the one run that is left', async () => (await runs.allInnerTexts()).map((text) => new RegExp(`0?9:00 ${half}.*Show`, 's').test(text)).join() === 'true');

    await events.getByRole('button', { name: 'Delete Show' }).click();
    await answered('Delete');
    await events.getByText('Nothing is planned.').waitFor();
    expect(await stored()).toEqual([]);
  });

  it('says what a platform would not take while it is typed, and not what was taken back', async () => {
    const form = page.locator('#encoding form');
    const bitrate = form.getByLabel('Picture, kb/s');
    const before = await bitrate.inputValue();
    await form.getByText('Every enabled destination takes what is stored now.').waitFor();
    await bitrate.fill('8000');
    await form.getByText(/My Twitch Twitch takes at most 6000 kb\/s/).waitFor();
    await bitrate.fill('5000');
    await form.getByText('Every enabled destination would take this.').waitFor();
    await form.getByRole('button', { name: 'Undo' }).click();
    await form.getByText('Every enabled destination takes what is stored now.').waitFor();
    expect(await bitrate.inputValue()).toBe(before);
  });

  it('makes a spot, changes it, and does not let it go while it is on air', async () => {
    const inserts = page.locator('#insert-list');
    await inserts.getByRole('button', { name: 'Add insert' }).click();
    await inserts.getByLabel('Name').fill('Sponsor');
    await inserts.locator('[name=insert-what]').selectOption({ label: 'Test card' });
    await inserts.locator('[name=insert-length]').fill('600');
    await inserts.locator('[name=insert-every]').fill('15');
    await inserts.getByLabel('Fills the picture').uncheck();
    await inserts.getByRole('button', { name: 'Add insert' }).click();
    await inserts.getByText('Test card · over the program · 10:00 · Every 15 min').waitFor();
    const stored = async () => (await product.api.get<Items<{ id: string; sourceId: string; durationMs: number; everyMs: number | null; mode: string; width: number; enabled: boolean }>>('/api/v1/inserts')).items;
    expect(await stored()).toMatchObject([{ sourceId: card, durationMs: 600_000, everyMs: 900_000, mode: 'over', width: 0.3, enabled: true }]);
    await inserts.getByRole('switch', { name: 'Sponsor comes by itself' }).click();
    await waitFor('it to be off', async () => (await stored())[0]?.enabled === false);

    await inserts.getByRole('button', { name: 'Edit the insert Sponsor' }).click();
    await inserts.locator('[name=insert-mode]').selectOption('between');
    await inserts.locator('[name=insert-every]').fill('');
    await inserts.getByRole('button', { name: 'Save' }).click();
    await inserts.getByText('Test card · in between · 10:00 · On command').waitFor();
    expect(await stored()).toMatchObject([{ everyMs: null, mode: 'between', durationMs: 600_000 }]);

    await page.getByRole('link', { name: 'Live' }).click();
    await page.getByRole('button', { name: 'Air Sponsor' }).click();
    await page.locator('#inserts').getByText('On air', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Make and edit inserts' }).click();
    await inserts.getByRole('button', { name: 'Delete the insert Sponsor' }).click();
    await answered('Delete');
    await page.getByText('"Sponsor" is on air. Stop it first.').waitFor();
    expect(await stored()).toHaveLength(1);
  });

  it('shows what was aired and gives it as a file, also of a spot that is gone', async () => {
    const log = page.locator('#airings');
    await product.api.post('/api/v1/inserts/stop');
    await log.getByRole('cell', { name: 'Stopped by hand' }).waitFor();
    await log.getByRole('row', { name: 'Sponsor 1 1 0' }).waitFor();
    const inserts = page.locator('#insert-list');
    await inserts.getByRole('button', { name: 'Delete the insert Sponsor' }).click();
    await answered('Delete');
    await inserts.getByText('There are no inserts yet.').waitFor();
    await log.getByRole('cell', { name: 'Sponsor (deleted)' }).waitFor();
    const [csv] = await Promise.all([page.waitForEvent('download'), log.getByRole('link', { name: 'Download CSV' }).click()]);
    expect(csv.suggestedFilename()).toBe('airings.csv');
    const json = await page.evaluate(`fetch(${JSON.stringify(await log.getByRole('link', { name: 'Download JSON' }).getAttribute('href'))}).then((answer) => answer.json())`) as Items<object>;
    expect(json.items).toMatchObject([{ name: 'Sponsor', ended: 'stopped' }]);
    // Nothing is in a day that is long gone.
    await log.getByLabel('To').fill('2020-01-01');
    await log.getByText('Nothing was aired in this time.').waitFor();
    expect(watched.problems).toEqual([]);
  });
});
