import { beforeEach, describe, expect, it } from 'vitest';
import type { Happening } from '../../../src/domain/health/happenings.js';
import { EventsQuery, type StudioEvent } from '../../../src/protocol/health.js';
import { silentLog } from '../../../src/runtime/log.js';
import { doneBy } from '../../../src/studio/actor.js';
import { EventLog } from '../../../src/studio/health/event-log.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';

const take = (name: string): Happening => ({ level: 'info', kind: 'program', code: 'TAKE', text: `On program: ${name}.`, ids: [name] });

describe('the log of events', () => {
  let clock: FakeClock;
  let store: MemoryStore;
  let told: StudioEvent[];
  let log: EventLog;
  const make = () => new EventLog({ store, clock, log: silentLog, onEvent: (event) => told.push(event) });
  const list = async (query: object = {}) => (await log.list(EventsQuery.parse(query))).items;

  beforeEach(async () => {
    [clock, store, told] = [new FakeClock(), new MemoryStore(), []];
    log = make();
    await log.start();
  });

  it('tells newest first, who did it, and goes on counting after a restart', async () => {
    doneBy('Anna', () => log.add(take('A')));
    log.add({ ...take('B'), level: 'warning' });
    expect(told.map(({ id, by }) => [id, by])).toEqual([[1, 'Anna'], [2, null]]);
    await log.stop();
    log = make();
    await log.start();
    log.add(take('C'));
    expect((await list()).map(({ id, text }) => [id, text])).toEqual([[3, 'On program: C.'], [2, 'On program: B.'], [1, 'On program: A.']]);
  });

  it('folds what repeats itself, before and after it was stored', async () => {
    for (let i = 0; i < 30; i++) log.add(take('A'));
    await clock.advance(5000);
    for (let i = 0; i < 7; i++) log.add(take('A'));
    await clock.advance(5000);
    expect(await list()).toMatchObject([{ id: 1, count: 37 }]);
    expect(told.at(-1)).toMatchObject({ id: 1, count: 37 });
    await clock.advance(130_000);
    log.add(take('A'));
    expect(await list()).toMatchObject([{ id: 2, count: 1 }, { id: 1, count: 37 }]);
  });

  it('is filtered by kind, level and text, and read by pages', async () => {
    for (let i = 0; i < 5; i++) log.add(take(`Camera ${i}`));
    log.add({ level: 'error', kind: 'machine', code: 'X', text: '100% of it_is full', ids: [] });
    await clock.advance(2000);
    doneBy('Ben', () => log.add({ ...take('Late'), level: 'warning' }));
    expect((await list({ level: 'warning' })).map(({ id }) => id)).toEqual([7, 6]);
    expect((await list({ kind: 'program', text: 'camera 3' })).map(({ id }) => id)).toEqual([4]);
    expect((await list({ text: 'ben' })).map(({ id }) => id)).toEqual([7]);
    const first = await log.list(EventsQuery.parse({ limit: 3 }));
    expect([first.items.map(({ id }) => id), first.next]).toEqual([[7, 6, 5], 5]);
    expect((await log.list(EventsQuery.parse({ limit: 4, before: 5 }))).items.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  });

  it('holds nobody up while the disk is full, has the newest in memory, and stores them when there is room', async () => {
    const put = store.putEvents.bind(store);
    store.putEvents = () => Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }));
    for (let i = 0; i < 600; i++) log.add(take(`C${i}`));
    await clock.advance(2000);
    expect((await list({ limit: 500 }))).toHaveLength(500);
    expect(log.lost).toBe(100);
    store.putEvents = put;
    await clock.advance(20_000);
    expect((await store.events({ levels: ['info'], text: '', before: Infinity, limit: 1000 }))).toHaveLength(500);
  });
});
