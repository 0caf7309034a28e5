import { beforeEach, describe, expect, test } from 'vitest';
import { ServerError } from '../../../src/runtime/errors.js';
import { KEPT_DAYS } from '../../../src/studio/services/airing-log.js';
import { SourceInput } from '../../../src/protocol/resources.js';
import { settled } from '../../fakes/fake-clock.js';
import { IDLE_ENGINE } from '../../support/studio-process.js';
import { InsertStage } from './insert_stage.js';

let stage: InsertStage;
beforeEach(async () => {
  stage = await new InsertStage().open();
  await stage.model.change((draft) => draft.create('source', 'film', SourceInput.parse({ kind: 'media', name: 'Film', path: 'film.mp4' })));
  await stage.report();
});
const make = (change: object = {}) => stage.inserts.create({ name: 'Spot', sourceId: 'film', ...change });
const code = (wanted: string) => expect.objectContaining({ code: wanted });

describe('on command', () => {
  test('one is as long as its file, is wanted of the engine from its first frame on, and is a line when it is over', async () => {
    const { id } = await make({ inMs: 500 });
    const aired = await stage.player.air(id);
    expect(aired).toEqual({ airingId: expect.stringMatching(/^air_/), frame: stage.frame + 1, ptsMs: expect.any(Number), frames: 225 });
    await settled();
    const began = { frame: aired.frame, bootId: 'boot', wallMs: Math.round(stage.clock.wallMs() + aired.ptsMs - stage.clock.monotonicMs()) };
    expect(stage.engine().insert).toMatchObject({ airingId: aired.airingId, insertId: id, fills: true, began });
    expect(stage.model.state.airings).toHaveLength(1);
    await stage.over('whole', 225);
    await settled();
    expect(await stage.lines()).toEqual([{ airingId: aired.airingId, insertId: id, name: 'Spot', mode: 'over', startedAtMs: began.wallMs, frame: aired.frame, frames: 225, plannedFrames: 225, fps: 30, ended: 'whole', missedFrames: 0 }]);
    await settled();
    expect([stage.engine().insert, stage.model.state.airings, stage.log.counts.whole]).toEqual([null, [], 1]);
  });

  test('one at a time, none in an emergency, and none without an engine, a file or a length', async () => {
    const { id } = await make();
    await expect(stage.player.air('ins_none')).rejects.toEqual(code('NOT_FOUND'));
    await expect(stage.player.stop()).rejects.toEqual(code('CONFLICT'));
    const both = await Promise.allSettled([stage.player.air(id), stage.player.air(id)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(stage.player.air(id)).rejects.toEqual(code('CONFLICT'));
    await expect(stage.inserts.remove(id, undefined)).rejects.toEqual(code('IN_USE'));
    await stage.over('whole', 240);
    await stage.advance(9000);
    await stage.operator.control({ action: 'emergency' });
    await expect(stage.player.air(id)).rejects.toEqual(code('EMERGENCY'));
    await stage.operator.control({ action: 'release' });
    stage.isAway = true;
    await expect(stage.player.air(id)).rejects.toEqual(code('ENGINE_AWAY'));
    stage.isAway = false;
    stage.fileMs = null;
    await expect(stage.player.air(id)).rejects.toEqual(code('VALIDATION'));
    stage.fileMs = 50;
    await expect(stage.player.air(id)).rejects.toEqual(code('VALIDATION'));
    await stage.inserts.remove(id, undefined);
    expect(stage.engine().insert).toBeNull();
  });

  test('an engine that refuses leaves nothing behind, and hears what is wanted of it', async () => {
    const { id } = await make();
    stage.answer = () => { throw new ServerError('CONFLICT', 'not now'); };
    await expect(stage.player.air(id)).rejects.toEqual(code('CONFLICT'));
    expect([stage.player.isBusy, stage.retold, stage.state.airings]).toEqual([false, [{ ...stage.engine(), insert: null }], []]);
    stage.answer = () => ({ frame: 'soon' });
    await expect(stage.player.air(id)).rejects.toThrow();
    expect(stage.player.isBusy).toBe(false);
  });

  test('one whose answer was lost is ended, and can be stopped by hand while it is on air', async () => {
    const { id } = await make();
    stage.answer = (request) => {
      if (request.name !== 'insert') throw new ServerError('LINK_CLOSED', 'The engine went.');
      stage.engineAnswer(request);
      throw new ServerError('TIMEOUT', 'The engine did not answer in time.');
    };
    await expect(stage.player.air(id)).rejects.toEqual(code('TIMEOUT'));
    await settled();
    const asked = stage.requests.find(({ name }) => name === 'insert')!.payload as { airingId: string };
    expect(stage.requests.at(-1)).toMatchObject({ name: 'insert-end', payload: { airingId: asked.airingId } });
    stage.answer = undefined;
    await stage.report();
    expect(await stage.player.stop()).toMatchObject({ airingId: asked.airingId });
    expect(stage.requests.filter(({ name }) => name === 'insert-end')).toHaveLength(2);
    await stage.report({ insert: null });
    await expect(stage.player.stop()).rejects.toEqual(code('CONFLICT'));
  });

  test('stop ends it, and so does a take; the log says which', async () => {
    const { id } = await make();
    const { airingId } = await stage.player.air(id);
    await stage.clock.advance(2000);
    const stopped = await stage.player.stop();
    expect(stopped).toEqual({ airingId, frame: stage.frame + 1, ptsMs: expect.any(Number) });
    expect(stage.requests.at(-1)).toEqual({ name: 'insert-end', payload: { airingId } });
    expect([stage.engine().insert, stage.state.airings[0]!.ended]).toEqual([null, { by: 'stopped', frame: stopped.frame }]);
    await expect(stage.player.stop()).rejects.toEqual(code('CONFLICT'));
    await stage.over('stopped', 61);
    // The next may begin before the last one is in the log.
    await stage.player.air(id);
    await stage.clock.advance(1000);
    await stage.operator.take({ sourceId: 'film' });
    expect(stage.engine()).toEqual({ emergency: null, insert: null, program: { sourceId: 'film' } });
    // An engine that died before it said so.
    await stage.report({ ...IDLE_ENGINE });
    await stage.advance(5000);
    expect((await stage.lines()).map(({ ended, frames }) => [ended, frames])).toEqual([['stopped', 61], ['take', 30]]);
  });
});

describe('the log', () => {
  test('each airing once, however often it is told, and after a restart', async () => {
    const { id } = await make();
    await stage.player.air(id);
    await stage.over('whole', 240);
    for (let i = 0; i < 3; i++) await stage.report();
    const again = await new InsertStage(stage.store, stage.clock).open();
    await again.log.start();
    await again.report({ airings: stage.actual.airings });
    await settled();
    expect([await again.lines(), again.log.counts.whole]).toEqual([[expect.objectContaining({ ended: 'whole' })], 0]);
    await again.log.stop();
  });

  test('what cannot be written is written later, and is on its way until then', async () => {
    const { id } = await make();
    await stage.player.air(id);
    await settled();
    stage.store.failNext = new Error('full');
    await stage.over('whole', 240);
    await settled();
    expect([await stage.lines(), stage.state.airings.length, stage.warnings.length]).toEqual([[], 1, 1]);
    await stage.report();
    await settled();
    expect([(await stage.lines()).length, stage.state.airings]).toEqual([1, []]);
  });

  test('a studio that comes back knows what is on air, and how much of it an engine had aired that does not come back', async () => {
    const { id } = await make();
    const { airingId } = await stage.player.air(id);
    await stage.report({ insert: { ...stage.actual.insert!, aired: 200 } });
    await settled();
    const again = await new InsertStage(stage.store, stage.clock).open();
    expect(again.engine().insert).toEqual(stage.engine().insert);
    expect(again.player.isBusy).toBe(true);
    again.isAway = true;
    await again.advance(20_000);
    expect(await again.lines()).toEqual([]);
    again.isAway = false;
    await again.report();
    await settled();
    expect(await again.lines()).toEqual([expect.objectContaining({ airingId, ended: 'engine', frames: 200 })]);
  });

  test('is swept after 400 days', async () => {
    const day = 24 * 3600_000;
    const { id } = await make();
    await stage.log.start();
    await stage.player.air(id);
    await stage.over('whole', 240);
    await settled();
    await stage.clock.advance(KEPT_DAYS * day - 7 * 3600_000);
    expect(await stage.lines()).toHaveLength(1);
    await stage.clock.advance(day);
    expect(await stage.lines()).toEqual([]);
    // The engine still lists it: it does not come back.
    const again = await new InsertStage(stage.store, stage.clock).open();
    await again.report({ airings: stage.actual.airings });
    await settled();
    expect(await again.lines()).toEqual([]);
    await stage.log.stop();
  });

  test('pages, ranges and sums', async () => {
    const { id } = await make();
    const start = new Date(stage.clock.wallMs()).toISOString();
    for (let i = 0; i < 5; i++) {
      await stage.player.air(id);
      await stage.over(i === 2 ? 'take' : 'whole', 100 + i);
      await stage.advance(10_000, 10_000);
    }
    const query = { limit: 2 };
    const first = await stage.log.list(query);
    const second = await stage.log.list({ ...query, before: first.next! });
    const third = await stage.log.list({ ...query, before: second.next! });
    expect([first, second, third].map(({ items, next }) => [items.map(({ frames }) => frames), next === null])).toEqual([[[104, 103], false], [[102, 101], false], [[100], true]]);
    const pages = [];
    for await (const page of stage.log.all({})) pages.push(page);
    expect(pages).toEqual([[...first.items, ...second.items, ...third.items]]);
    expect(await stage.log.summary({ from: start })).toEqual([{ insertId: id, name: 'Spot', airings: 5, frames: 510, cut: 1, failed: 0, missedFrames: 0 }]);
    expect(await stage.log.summary({ to: start })).toEqual([]);
    expect((await stage.log.list({ limit: 10, from: first.items[0]!.startedAt })).items).toHaveLength(1);
  });
});

describe('by itself', () => {
  /** Frames aired, by the seconds since `from` at which they began. */
  const seconds = async (fromMs: number) => (await stage.lines()).map(({ name, startedAtMs }) => `${name} ${Math.floor((startedAtMs - fromMs) / 1000)}`);
  /** An engine that airs to the end; looks each second. */
  const run = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      await stage.clock.advance(500);
      const { insert } = stage.actual;
      if (insert && stage.frame >= insert.frame + insert.frames) await stage.over('whole', insert.frames);
      else if (!stage.isAway) await stage.report();
      await settled();
    }
  };

  test('every so often from when it was made, also off air, and not when it is switched off', async () => {
    const t0 = stage.clock.wallMs();
    const { id } = await make({ everyMs: 20_000, durationMs: 2000 });
    stage.clock_.start();
    await run(65_000);
    expect(await seconds(t0)).toEqual(['Spot 20', 'Spot 40', 'Spot 60']);
    expect(stage.state.insertRules.get(id)!.served).toBe(3);
    await stage.inserts.patch(id, { enabled: false }, undefined);
    await run(30_000);
    const t1 = stage.clock.wallMs();
    await stage.inserts.patch(id, { enabled: true, name: 'Again' }, undefined);
    await run(21_000);
    await run(5000);
    expect((await seconds(t1)).at(-1)).toBe('Again 20');
    expect(await stage.lines()).toHaveLength(4);
    await stage.clock_.stop();
  });

  test('two that are due at once: one after the other, in the order they were made', async () => {
    const t0 = stage.clock.wallMs();
    await make({ name: 'A', everyMs: 20_000, durationMs: 3000 });
    await make({ name: 'B', everyMs: 20_000, durationMs: 3000 });
    stage.clock_.start();
    await run(50_000);
    expect(await seconds(t0)).toEqual(['A 20', 'B 23', 'A 40', 'B 43']);
    await stage.clock_.stop();
  });

  test('what could not air in an emergency, or without an engine, airs once as soon as it can', async () => {
    const t0 = stage.clock.wallMs();
    await make({ everyMs: 10_000, durationMs: 1000 });
    stage.clock_.start();
    await stage.operator.control({ action: 'emergency' });
    await run(35_000);
    await stage.operator.control({ action: 'release' });
    await run(6500);
    stage.isAway = true;
    await run(25_000);
    stage.isAway = false;
    await run(10_000);
    const times = await seconds(t0);
    expect(times).toEqual(['Spot 35', 'Spot 40', 'Spot 67', 'Spot 70']);
    await stage.clock_.stop();
  });

  test('what cannot be played is left out once, told, and tried at its next time', async () => {
    const t0 = stage.clock.wallMs();
    await make({ everyMs: 10_000 });
    stage.fileMs = null;
    stage.clock_.start();
    await run(15_000);
    expect([stage.clock_.failed, stage.warnings.length, stage.requests]).toEqual([1, 1, []]);
    stage.fileMs = 1000;
    await run(10_000);
    expect(await seconds(t0)).toEqual(['Spot 20']);
    await stage.clock_.stop();
  });

  test('what began though the studio, or its link, died before it heard is not aired again', async () => {
    await make({ everyMs: 20_000, durationMs: 2000 });
    stage.clock_.start();
    stage.answer = (request) => {
      if (request.name === 'insert') stage.engineAnswer(request);
      throw new ServerError('LINK_CLOSED', 'The link to the engine broke.');
    };
    await run(21_000);
    expect(stage.requests.map(({ name }) => name)).toEqual(['insert', 'insert-end']);
    expect(stage.actual.insert).not.toBeNull();
    stage.answer = undefined;
    await run(15_000);
    expect(stage.requests.filter(({ name }) => name === 'insert')).toHaveLength(1);
    await stage.clock_.stop();

    // Of one that was over before the studio came back the line says when; it is not owed either.
    const { store, clock, actual } = stage;
    stage = await new InsertStage(store, clock).open();
    stage.actual = actual;
    await stage.log.start();
    await run(6000);
    stage.answer = (request) => {
      stage.engineAnswer(request);
      throw new ServerError('LINK_CLOSED', 'The studio died.');
    };
    const { id } = stage.state.inserts[0]!;
    await expect(stage.player.air(id)).rejects.toEqual(code('LINK_CLOSED'));
    await stage.over('whole', 60);
    stage.answer = undefined;
    stage.clock_.start();
    await run(10_000);
    expect(stage.requests.filter(({ name }) => name === 'insert')).toHaveLength(1);
    await stage.clock_.stop();
  });

  test('after a restart nothing is aired twice, and what was missed once', async () => {
    const t0 = stage.clock.wallMs();
    await make({ everyMs: 20_000, durationMs: 2000 });
    stage.clock_.start();
    await run(21_000);
    await stage.clock_.stop();
    await stage.program.storeTaken();
    const { store, clock, actual } = stage;
    stage = await new InsertStage(store, clock).open();
    stage.actual = actual;
    await stage.log.start();
    stage.clock_.start();
    await run(10_000);
    expect(await seconds(t0)).toEqual(['Spot 20']);
    await stage.clock_.stop();
    await clock.advance(60_000);
    stage = await new InsertStage(store, clock).open();
    await stage.log.start();
    stage.clock_.start();
    await run(5000);
    expect(await seconds(t0)).toEqual(['Spot 20', 'Spot 92']);
    await stage.clock_.stop();
  });
});

describe('the resource', () => {
  test('shows something else when that is named, and is checked as a whole', async () => {
    const { id } = await make();
    const scene = stage.state.scenes[0]!.id;
    await expect(stage.inserts.patch(id, { sceneId: scene }, undefined)).rejects.toThrow('A scene has no length of its own');
    const changed = await stage.inserts.patch(id, { sceneId: scene, durationMs: 4000 }, 1);
    expect(changed).toMatchObject({ sceneId: scene, revision: 2 });
    expect(changed).not.toHaveProperty('sourceId');
    await expect(stage.inserts.patch(id, { sceneId: scene, sourceId: 'film' }, undefined)).rejects.toEqual(code('VALIDATION'));
    await expect(stage.inserts.patch(id, { name: 'x' }, 1)).rejects.toEqual(code('STALE_REVISION'));
    expect(await stage.inserts.patch(id, { ...changed, name: 'Back' }, undefined)).toMatchObject({ name: 'Back', sceneId: scene });
    await stage.inserts.remove(id, undefined);
    expect(() => stage.inserts.get(id)).toThrow(code('NOT_FOUND'));
    expect(stage.inserts.list()).toEqual([]);
  });
});
