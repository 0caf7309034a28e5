/** The list of the log: an event that comes is written, and the hundreds that stand there are left as they are. */
import { h } from 'preact';
import { afterEach, expect, it, vi } from 'vitest';
import type { StudioEvent } from '../../../../src/protocol/health.js';
import { openDesk, settled } from './desk.js';
import { shownHere } from './small_dom.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it('writes what comes, and nothing else anew', async () => {
  const desk = await openDesk();
  const at = '2026-05-01T10:00:00.000Z';
  const event = (id: number, change: Partial<StudioEvent> = {}): StudioEvent => ({ id, kind: 'source', level: 'info', code: 'SOURCE_STILL', text: `event ${id}`, by: 'Anna', at, lastAt: at, count: 1, ids: [], ...change });
  desk.rest = () => ({ items: Array.from({ length: 300 }, (_, i) => event(300 - i)), next: null });
  const { connection } = await import('../../../../src/panel/store/state.js');
  const { heard } = await import('../../../../src/panel/store/events.js');
  const { EventList } = await import('../../../../src/panel/components/health/event-list.js');
  const page = shownHere(h(EventList, {}));
  const texts = () => page.all('li').map(({ textContent }) => textContent);
  await settled();
  connection.value = 'open';
  await vi.waitFor(() => expect(texts()).toHaveLength(300), { timeout: 20_000 });
  const written = vi.spyOn(Intl.DateTimeFormat.prototype as unknown as { format: unknown }, 'format', 'get');
  heard(event(301));
  expect([texts().length, texts()[0]]).toEqual([301, expect.stringContaining('event 301 by Anna')]);
  // Its date and its time.
  expect(written.mock.calls.length).toBeLessThanOrEqual(2);
  // One that repeats itself comes to the front, with its count.
  heard(event(7, { count: 12, lastAt: '2026-05-01T11:00:00.000Z', text: 'event 7, the last time' }));
  expect([texts().length, texts()[0]]).toEqual([301, expect.stringMatching(/event 7, the last time 12 times since .* by Anna/)]);
  expect(written.mock.calls.length).toBeLessThanOrEqual(6);
  page.end();
});
