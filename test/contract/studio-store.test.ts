/** What every store must do; the fake that other tests stand on and the real one run the same suite. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoggedAiring } from '../../src/domain/airings.js';
import type { LoggedEvent } from '../../src/domain/health/fold.js';
import type { StoredMoment } from '../../src/domain/moments.js';
import type { Minute } from '../../src/studio/health/history.js';
import type { StoredDecision } from '../../src/studio/store/decision-table.js';
import type { Change, Store, StoredDocument } from '../../src/studio/store/store.js';
import { Reserve } from '../../src/studio/store/reserve.js';
import { HomeLock } from '../../src/studio/store/home-lock.js';
import { SqliteStore } from '../../src/studio/store/sqlite-store.js';
import { writeRefusal } from '../../src/studio/store/write-refusal.js';
import { MemoryStore } from '../fakes/memory-store.js';
import { canMount, SmallDisk } from '../support/small_disk.js';
import { removeFolder, tempFolder } from '../support/temp.js';

const document = (id: string, revision = 1, json = '{}', kind = 'source'): StoredDocument => ({
  kind, id, revision, json, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: `2026-01-01T00:00:0${revision}.000Z`,
});
/** `startedAtMs` is also its first frame. */
const airing = (airingId: string, startedAtMs: number, change: Partial<LoggedAiring> = {}): LoggedAiring => ({
  airingId, insertId: 'spot', name: 'Spot', mode: 'over', startedAtMs, frame: startedAtMs, frames: 300, plannedFrames: 300, fps: 29.97, ended: 'whole', missedFrames: 0, ...change,
});
const logged = (...airings: LoggedAiring[]): Change[] => airings.map((one) => ({ op: 'put-airing', airing: one }));
const put = (d: StoredDocument): Change => ({ op: 'put-document', document: d });

describe.each([
  ['memory', () => ({ open: (store?: Store) => store ?? new MemoryStore(), drop: () => undefined })],
  ['SQLite', () => {
    const folder = tempFolder();
    return { open: (_: Store | undefined) => new SqliteStore(join(folder, 'studio.db')), drop: () => removeFolder(folder) };
  }],
])('the store in %s', (_name, make) => {
  let home: { open(store?: Store): Store; drop(): void };
  let store: Store;
  beforeEach(async () => {
    home = make();
    store = home.open(undefined);
    await store.start();
  });
  afterEach(async () => {
    await store.stop();
    home.drop();
  });
  const reopen = async (): Promise<void> => {
    await store.stop();
    store = home.open(store);
    await store.start();
  };

  test('is empty at first', async () => {
    expect(await store.load()).toEqual({ documents: [], secrets: new Map(), sessions: [] });
  });

  test('keeps the newest events and minutes, an event with its last count, and finds them by what they say', async () => {
    const event = (id: number, change: Partial<LoggedEvent> = {}): LoggedEvent => ({ id, atMs: id * 1000, lastMs: id * 1000, count: 1, level: 'info', kind: 'program', code: 'TAKE', text: `Take 5%_${id}`, by: null, ids: ['a'], ...change });
    const all = { levels: ['info', 'warning', 'error'], text: '', before: Infinity, limit: 10 } as const;
    expect(await store.lastEventId()).toBe(0);
    await store.putEvents([event(1), event(2, { level: 'error', kind: 'source' }), event(3, { by: 'Anna' })], 3);
    const again = event(3, { count: 4, lastMs: 9000, by: 'Anna', text: 'Take 5%_3, the last time' });
    await store.putEvents([again, event(4)], 3);
    await reopen();
    expect(await store.lastEventId()).toBe(4);
    expect(await store.events(all)).toEqual([event(4), again, event(2, { level: 'error', kind: 'source' })]);
    const ids = async (change: object) => (await store.events({ ...all, ...change })).map(({ id }) => id);
    expect(await ids({ levels: ['error'] })).toEqual([2]);
    expect(await ids({ kind: 'program', before: 4 })).toEqual([3]);
    expect(await ids({ text: 'TAKE 5%_3' })).toEqual([3]);
    expect(await ids({ text: 'e%5' })).toEqual([]);
    expect(await ids({ text: 'anna' })).toEqual([3]);
    expect(await ids({ limit: 2 })).toEqual([4, 3]);

    const minute = (atMs: number): Minute => ({ atMs, values: { 'encoder.kbps': [1, 2.5, atMs] } });
    for (const atMs of [60_000, 120_000, 120_000, 180_000]) await store.putMinute(minute(atMs), 2);
    await reopen();
    expect(await store.minutes(0, 200_000)).toEqual([minute(120_000), minute(180_000)]);
    expect(await store.minutes(120_000, 200_000)).toEqual([minute(180_000)]);
    expect(await store.minutes(0, 150_000)).toEqual([minute(120_000)]);
  });

  test('keeps moments of recordings, as many as a recording may have, and those of recordings that are there', async () => {
    const moment = (recordingId: string, monotonicMs: number, change: Partial<StoredMoment> = {}): StoredMoment =>
      ({ recordingId, at: { monotonicMs, bootId: 'boot', wallMs: 1_700_000_000_000.5 }, kind: 'marker', text: 'goal', target: null, ...change });
    const take = moment('a', 2.5, { kind: 'take', text: 'Camera', target: { sceneId: 'duo' } });
    expect(await store.putMoments([moment('a', 1), take, moment('b', 1), moment('a', 3)], 2)).toBe(3);
    expect(await store.putMoments([moment('a', 4)], 2)).toBe(0);
    await reopen();
    expect(await store.moments('a')).toEqual([moment('a', 1), take]);
    await store.keepMomentsOf(['b', 'c']);
    expect([await store.moments('a'), await store.moments('b')]).toEqual([[], [moment('b', 1)]]);
  });

  test('keeps the last word on each highlight, of all recordings', async () => {
    const row = (stream: string, highlightId: string, atMs: number, change: Partial<StoredDecision> = {}): StoredDecision =>
      ({ stream, highlightId, verdict: 'accepted', startMs: 1, endMs: 2, foundStartMs: 1, foundEndMs: 2, score: 0.5, kind: 'sound', vector: [0.25, -1], atMs, by: 'Anna', ...change });
    for (const one of [row('a', 'h1', 1), row('a', 'h2', 2), row('b', 'h1', 3), row('a', 'h1', 4, { verdict: 'rejected', by: 'Ben' })]) await store.putDecision(one);
    await reopen();
    expect(await store.decisions('a')).toEqual([row('a', 'h2', 2), row('a', 'h1', 4, { verdict: 'rejected', by: 'Ben' })]);
    expect((await store.decisionTexts(0, 10)).map((text) => (JSON.parse(text) as StoredDecision).highlightId)).toEqual(['h2', 'h1', 'h1']);
    expect(JSON.parse((await store.decisionTexts(1, 1))[0]!)).toEqual({ ...row('b', 'h1', 3), by: undefined });
    expect(await store.countDecisions()).toBe(3);
    await store.deleteDecision('a', 'h1');
    expect([(await store.decisions('a')).map(({ highlightId }) => highlightId), await store.countDecisions()]).toEqual([['h2'], 2]);
  });

  test('gives back what was put, in the order in which it was first put, after a restart as well', async () => {
    await store.apply([put(document('b')), put(document('a')), put(document('c', 1, '{"text":"ä🎥\\u0000"}'))]);
    await store.apply([put(document('b', 2, '{"n":1}'))]);
    await reopen();
    const { documents } = await store.load();
    expect(documents).toEqual([document('b', 2, '{"n":1}'), document('a'), document('c', 1, '{"text":"ä🎥\\u0000"}')]);
  });

  test('tells kinds apart, and deletes', async () => {
    await store.apply([put(document('x', 1, '{}', 'source')), put(document('x', 1, '{}', 'scene'))]);
    await store.apply([{ op: 'delete-document', kind: 'source', id: 'x' }, { op: 'delete-document', kind: 'source', id: 'never was' }]);
    expect((await store.load()).documents.map(({ kind }) => kind)).toEqual(['scene']);
  });

  test('what is put again after it was deleted is listed last', async () => {
    await store.apply([put(document('a')), put(document('b'))]);
    await store.apply([{ op: 'delete-document', kind: 'source', id: 'a' }]);
    await store.apply([put(document('a'))]);
    expect((await store.load()).documents.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  test('keeps secrets and sessions', async () => {
    await store.apply([
      { op: 'put-secret', id: 'camera:a', sealed: 'one' }, { op: 'put-secret', id: 'camera:a', sealed: 'two' }, { op: 'put-secret', id: 'camera:b', sealed: 'three' },
      { op: 'put-session', session: { hash: 'h', expiresAtMs: 4_000_000_000_000 } }, { op: 'put-session', session: { hash: 'i', expiresAtMs: 1 } },
      { op: 'delete-secret', id: 'camera:b' }, { op: 'delete-session', hash: 'i' },
    ]);
    await reopen();
    const { secrets, sessions } = await store.load();
    expect([...secrets]).toEqual([['camera:a', 'two']]);
    expect(sessions).toEqual([{ hash: 'h', expiresAtMs: 4_000_000_000_000 }]);
  });

  test('makes all of a change or none of it', async () => {
    await store.apply([put(document('a')), { op: 'put-secret', id: 'camera:a', sealed: 'one' }, { op: 'put-session', session: { hash: 'h', expiresAtMs: 1 } }]);
    const before = await store.load();
    const broken = { ...document('b'), revision: null as unknown as number };
    const changes: Change[] = [
      put(document('a', 2, '{"n":1}')), put(document('c')), { op: 'delete-document', kind: 'source', id: 'a' },
      { op: 'put-secret', id: 'camera:a', sealed: 'two' }, { op: 'delete-session', hash: 'h' },
    ];
    for (const last of [put(broken), { op: 'put-secret', id: 'camera:b', sealed: null as unknown as string }] satisfies Change[]) {
      await expect(store.apply([...changes, last])).rejects.toThrow();
      expect(await store.load()).toEqual(before);
    }
    await reopen();
    expect(await store.load()).toEqual(before);
    await store.apply(changes);
    expect(await store.load()).toEqual({ documents: [document('c')], secrets: new Map([['camera:a', 'two']]), sessions: [] });
  });

  test('is not changed by what becomes of what was put or loaded', async () => {
    const mine = document('a', 1, '{"n":1}');
    await store.apply([put(mine)]);
    mine.json = 'mine';
    const loaded = await store.load();
    expect(loaded.documents).toEqual([document('a', 1, '{"n":1}')]);
    loaded.documents[0]!.json = 'loaded';
    loaded.secrets.set('x', 'y');
    expect(await store.load()).toEqual({ documents: [document('a', 1, '{"n":1}')], secrets: new Map(), sessions: [] });
  });

  test('takes nothing once it is stopped, and may be stopped twice', async () => {
    await store.stop();
    await store.stop();
    await expect(store.apply([put(document('a'))])).rejects.toThrow('not open');
    await expect(store.load()).rejects.toThrow('not open');
    await expect((async () => store.airings({}, { limit: 1 }))()).rejects.toThrow('not open');
    await expect((async () => store.airingTotals({}))()).rejects.toThrow('not open');
    await reopen();
    expect((await store.load()).documents).toEqual([]);
  });

  test('keeps airings, each as it was first written, newest first and after a restart as well', async () => {
    const all = [airing('b', 2000, { mode: 'between', ended: 'take', frames: 17, missedFrames: 12 }), airing('a', 1_790_000_000_000), airing('c', 1000, { name: '=1+1;"ä🎥\n', missedFrames: null })];
    await store.apply(logged(...all));
    await store.apply(logged(airing('b', 2000, { frames: 0, ended: 'engine' })));
    await reopen();
    expect(await store.airings({}, { limit: 10 })).toEqual([all[1], all[0], all[2]]);
    expect((await store.load()).documents).toEqual([]);
  });

  test('gives airings of a range, page by page, those of one moment in one order', async () => {
    await store.apply(logged(...Array.from({ length: 25 }, (_, i) => airing(`a${String(i).padStart(2, '0')}`, 1000 * Math.floor(i / 3), i % 2 ? { insertId: 'other' } : {}))));
    const whole = await store.airings({}, { limit: 100 });
    expect(whole.map(({ airingId }) => airingId)).toEqual(Array.from({ length: 25 }, (_, i) => `a${String(24 - i).padStart(2, '0')}`));
    const paged: LoggedAiring[] = [];
    for (let page = await store.airings({}, { limit: 4 }); page.length > 0; page = await store.airings({}, { limit: 4, before: page.at(-1)!.airingId })) paged.push(...page);
    expect(paged).toEqual(whole);
    const ranged = await store.airings({ fromMs: 2000, toMs: 4000, insertId: 'spot' }, { limit: 100 });
    expect(ranged).toEqual(whole.filter(({ startedAtMs, insertId }) => startedAtMs >= 2000 && startedAtMs < 4000 && insertId === 'spot'));
    expect(ranged).toHaveLength(3);
    expect(await store.airings({}, { limit: 4, before: 'never was' })).toEqual([]);
  });

  test('sums airings up by insert, under its last name', async () => {
    expect(await store.airingTotals({})).toEqual([]);
    await store.apply(logged(
      airing('a', 1000, { name: 'Old' }), airing('b', 2000, { frames: 100, ended: 'stopped', missedFrames: null }), airing('c', 3000, { insertId: 'other', name: 'Other' }), airing('d', 4000, { name: 'New', frames: 50, ended: 'failed', missedFrames: 50 }),
    ));
    expect(await store.airingTotals({})).toEqual([{ insertId: 'spot', name: 'New', airings: 3, frames: 450, cut: 2, failed: 1, missedFrames: 50 }, { insertId: 'other', name: 'Other', airings: 1, frames: 300, cut: 0, failed: 0, missedFrames: 0 }]);
    expect(await store.airingTotals({ fromMs: 1000, toMs: 2000 })).toEqual([{ insertId: 'spot', name: 'New', airings: 1, frames: 300, cut: 0, failed: 0, missedFrames: 0 }]);
  });

  test('sweeps airings that are old', async () => {
    await store.apply(logged(airing('a', 1000), airing('b', 2000), airing('c', 3000)));
    await store.apply([{ op: 'delete-airings', beforeMs: 2000 }]);
    expect((await store.airings({}, { limit: 10 })).map(({ airingId }) => airingId)).toEqual(['c', 'b']);
  });

  test('a broken airing undoes the rest of its change', async () => {
    await expect(store.apply([put(document('a')), ...logged(airing('a', 1000, { name: null as unknown as string }))])).rejects.toThrow();
    expect([(await store.load()).documents, await store.airings({}, { limit: 10 })]).toEqual([[], []]);
  });

  test('takes a change of nothing', async () => {
    await store.apply([]);
    expect((await store.load()).documents).toEqual([]);
  });
});

/** To the last byte. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'ballast'), 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096, 1));
  } catch {
    closeSync(file);
  }
}

describe('SQLite', () => {
  let folder: string;
  beforeEach(() => { folder = tempFolder(); });
  afterEach(() => removeFolder(folder));

  test('a database of a later version is refused with a sentence', async () => {
    const file = join(folder, 'studio.db');
    const store = new SqliteStore(file);
    await store.start();
    await store.stop();
    const database = new Database(file);
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01')");
    database.close();
    await expect(new SqliteStore(file).start()).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE', message: expect.stringContaining('use the version') });
  });

  test('airings of a version that did not count what was missed are there as they were', async () => {
    const file = join(folder, 'studio.db');
    const before = new SqliteStore(file);
    await before.start();
    await before.apply(logged(airing('a', 1000, { ended: 'take', frames: 17 })));
    await before.stop();
    const database = new Database(file);
    database.exec("alter table airings drop column missed_frames; drop table events; drop table minutes; drop table jobs; drop table job_steps; drop table job_works; drop table job_needs; drop table moments; drop table decisions; delete from kysely_migration where name >= '0003'");
    database.close();
    const store = new SqliteStore(file);
    await store.start();
    expect(await store.airings({}, { limit: 10 })).toEqual([airing('a', 1000, { ended: 'take', frames: 17, missedFrames: null })]);
    expect(await store.airingTotals({})).toEqual([{ insertId: 'spot', name: 'Spot', airings: 1, frames: 17, cut: 1, failed: 0, missedFrames: 0 }]);
    await store.stop();
  });

  test('a year of airings is read and summed up in a moment', async () => {
    const file = join(folder, 'studio.db');
    const store = new SqliteStore(file);
    await store.start();
    await store.apply(logged(airing('like this', -1)));
    // Written at one stroke: one by one, as a year writes them, they take half a minute.
    const database = new Database(file);
    database.exec(`with recursive seconds(n) as (select 0 union all select n + 1 from seconds where n < 99999)
      insert into airings (airing_id, insert_id, name, mode, started_at_ms, frame, frames, planned_frames, fps, ended, missed_frames)
      select 'air_' || (n / 1000) || '_' || (n % 1000), 'ins_' || (n % 1000 % 7), name, mode, n, n, frames, planned_frames, fps, ended, missed_frames from seconds, airings where airing_id = 'like this'`);
    database.close();
    await store.apply([{ op: 'delete-airings', beforeMs: 0 }]);
    const before = performance.now();
    expect(await store.airings({ insertId: 'ins_3' }, { limit: 1000, before: 'air_50_3' })).toHaveLength(1000);
    expect((await store.airingTotals({})).reduce((sum, { airings }) => sum + airings, 0)).toBe(100_000);
    expect(performance.now() - before).toBeLessThan(2000);
    await store.stop();
  });

  test('that it is full is what it says, not what became of its rollback; it works on when there is room', async () => {
    const store = new SqliteStore(join(folder, 'studio.db'), 'max_page_count = 12');
    await store.start();
    rmSync(join(folder, 'reserve'));
    const big = put(document('big', 1, JSON.stringify('x'.repeat(100_000))));
    await expect(store.apply([put(document('a')), big])).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    expect((await store.load()).documents).toEqual([]);
    await store.apply([put(document('a'))]);
    expect((await store.load()).documents).toEqual([document('a')]);
    await store.stop();
  });

  test('a disk that takes no writes is told apart from one that fails, until it takes some again', async () => {
    let refusal: { code?: string } = { code: 'EROFS' };
    const file = join(folder, 'studio.db');
    const store = new SqliteStore(file, 'query_only = 1', () => refusal);
    await store.start();
    for (const write of [store.apply([put(document('a'))]), store.putMinute({ atMs: 0, values: {} }, 10)]) {
      await expect(write).rejects.toMatchObject({ code: 'EROFS', message: 'the disk is read-only' });
    }
    // Reading goes on, and says nothing of it.
    expect((await store.load()).documents).toEqual([]);
    expect(await store.jobs.read(() => Promise.resolve('read'))).toBe('read');
    expect(await store.jobs.write(() => Promise.resolve('nothing to write'))).toBe('nothing to write');
    expect(store.isReadOnly).toBe(true);
    refusal = {};
    await expect(store.apply([put(document('a'))])).rejects.toMatchObject({ code: expect.stringMatching(/^SQLITE_READONLY/) });
    await store.stop();
    const again = new SqliteStore(file);
    await again.start();
    for (const write of [() => again.apply([put(document('a'))]), () => again.putMinute({ atMs: 0, values: {} }, 10)]) {
      again.isReadOnly = true;
      await write();
      expect(again.isReadOnly).toBe(false);
    }
    await again.stop();
  });

  test.skipIf(!canMount)('why a folder cannot be written is what its disk says; a reserve on it cannot be given up', () => {
    const mount = join(folder, 'disk');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', mount]);
    try {
      expect(writeRefusal(mount)).toMatchObject({ code: 'EROFS' });
      expect(writeRefusal(folder)).toEqual({});
      expect(readdirSync(folder)).toEqual(['disk']);
      execFileSync('mount', ['-o', 'remount,rw', mount]);
      writeFileSync(join(mount, 'reserve'), 'kept');
      execFileSync('mount', ['-o', 'remount,ro', mount]);
      expect(new Reserve(join(mount, 'reserve')).giveUp()).toBe(false);
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  test.skipIf(!canMount)('a full disk: the reserve lets changes through, also after a new start, and is made again', async () => {
    const disk = new SmallDisk(16, { at: folder });
    try {
      const file = join(folder, 'studio.db');
      let store = new SqliteStore(file);
      await store.start();
      expect(statSync(join(folder, 'reserve')).size).toBe(1024 * 1024);
      fill(folder);
      let stored = 0;
      const more = (): Promise<void> => store.apply([put(document(`d${stored}`, 1, JSON.stringify('x'.repeat(2_000))))]);
      for (; stored < 20; stored += 1) await more();
      // What is on program is stored as often as it changes: it needs no room of its own.
      for (let revision = 2; revision < 1_000; revision += 1) await store.apply([put(document('d0', revision, `"${revision}"`))]);
      expect((await store.load()).documents.find(({ id }) => id === 'd0')).toMatchObject({ revision: 999 });
      expect(existsSync(join(folder, 'reserve'))).toBe(false);
      await expect((async () => { for (; stored < 2_000; stored += 1) await more(); })()).rejects.toMatchObject({ code: 'SQLITE_FULL' });
      const all = (await store.load()).documents.length;
      expect(all).toBe(stored);
      rmSync(join(folder, 'ballast'));
      await more();
      expect(statSync(join(folder, 'reserve')).size).toBe(1024 * 1024);
      fill(folder);
      await store.stop();
      store = new SqliteStore(file);
      await store.start();
      expect((await store.load()).documents).toHaveLength(all + 1);
      await store.apply([put(document('last'))]);
      await store.stop();
    } finally {
      disk.remove();
    }
  });

  test('one studio a home: the lock is free again when its holder is gone', async () => {
    const file = join(folder, 'lock');
    const first = new HomeLock(file, folder, 0);
    await first.start();
    await expect(new HomeLock(file, folder, 100).start()).rejects.toMatchObject({ code: 'HOME_IN_USE' });
    await first.stop();
    const second = new HomeLock(file, folder, 0);
    await second.start();
    await second.stop();
  });
});
