import { beforeEach, describe, expect, test } from 'vitest';
import { usesOfScene, usesOfSource } from '../../../src/domain/references.js';
import { TimelineInput, type TimelineDocument } from '../../../src/protocol/timeline.js';
import { settled } from '../../fakes/fake-clock.js';
import { InsertStage } from './insert_stage.js';

let stage: InsertStage;
let camera: string, other: string, scene: string, card: string;
beforeEach(async () => {
  stage = await new InsertStage().open();
  [camera, other, card] = stage.state.sources.map(({ id }) => id) as [string, string, string];
  scene = stage.state.scenes[0]!.id;
});
const code = (wanted: string) => expect.objectContaining({ code: wanted });
const arm = (target: object) => stage.preview.arm(target);
const take = (more: object = {}) => stage.preview.take(more);
const stands = () => ({ program: stage.state.program, preview: stage.preview.target });

async function stored(): Promise<InsertStage> {
  await settled();
  await settled();
  return new InsertStage(stage.store, stage.clock).open();
}

describe('what is armed on preview', () => {
  test('is one thing at a time, which the engine hears of, and which is there after a restart', async () => {
    expect(stage.preview.target).toBeNull();
    await arm({ sourceId: camera });
    expect(stage.desired.of('engine').preview).toEqual({ sourceId: camera });
    await arm({ sceneId: scene });
    expect((await stored()).preview.target).toEqual({ sceneId: scene });
    await arm({});
    expect((await stored()).preview.target).toBeNull();
    expect(stage.requests).toEqual([]);
    await expect(arm({ sourceId: 'src_none' })).rejects.toEqual(code('NOT_FOUND'));
  });

  test('is the timeline that is held ready, when it is one', async () => {
    await stage.model.change((draft) => draft.create('timeline', 'tl', TimelineInput.parse({ name: 'Loop', durationMs: 60_000, tracks: [] }) as TimelineDocument));
    await arm({ sourceId: camera });
    await arm({ timelineId: 'tl' });
    expect(stage.desired.of('engine')).toMatchObject({ armed: 'tl', preview: { timelineId: 'tl' } });
    await arm({ sourceId: camera });
    expect(stage.desired.of('engine')).toMatchObject({ armed: null, preview: { sourceId: camera } });
    await stage.operator.control({ action: 'arm', timelineId: 'tl' });
    expect(stage.preview.target).toEqual({ timelineId: 'tl' });
    expect((await stored()).preview.target).toEqual({ timelineId: 'tl' });
  });

  test('cannot be deleted meanwhile', async () => {
    await arm({ sourceId: camera });
    expect(usesOfSource(stage.state, camera)).toContain('armed on preview');
    await arm({ sceneId: scene });
    expect(usesOfSource(stage.state, camera)).not.toContain('armed on preview');
    expect(usesOfScene(stage.state, scene)).toContain('armed on preview');
  });
});

describe('a take of what is armed', () => {
  test('puts it on program, and what was there on preview', async () => {
    await arm({ sourceId: camera });
    const reply = await take({ transition: { kind: 'fade', durationMs: 400 } });
    expect(reply).toEqual({ frame: stage.frame + 1, ptsMs: expect.any(Number) });
    expect(stage.requests).toEqual([{ name: 'take', payload: { target: { sourceId: camera }, transition: { kind: 'fade', durationMs: 400 } } }]);
    expect(stands()).toEqual({ program: { sourceId: camera }, preview: { sourceId: card } });
    const again = await stored();
    expect(again.state.program).toEqual({ sourceId: camera });
    expect(again.preview.target).toEqual({ sourceId: card });
  });

  test('pressed twice takes it back, however fast', async () => {
    await arm({ sceneId: scene });
    await Promise.all([take(), take()]);
    expect(stage.requests.map(({ payload }) => (payload as { target: object }).target)).toEqual([{ sceneId: scene }, { sourceId: card }]);
    expect(stands()).toEqual({ program: { sourceId: card }, preview: { sceneId: scene } });
  });

  test('of a source over a timeline is an override, and a take of that timeline brings it back', async () => {
    await stage.model.change((draft) => draft.create('timeline', 'tl', TimelineInput.parse({ name: 'Loop', durationMs: 60_000, tracks: [] }) as TimelineDocument));
    await arm({ timelineId: 'tl' });
    await take();
    expect(stands()).toEqual({ program: { timelineId: 'tl' }, preview: { sourceId: card } });
    await take();
    expect(stands()).toEqual({ program: { sourceId: card }, preview: { timelineId: 'tl' } });
    expect(stage.state.override?.timelineId).toBe('tl');
    await take();
    expect(stands()).toEqual({ program: { timelineId: 'tl' }, preview: { sourceId: card } });
    expect(stage.state.override).toBeNull();
  });

  test('is refused with nothing armed and during an emergency, and changes nothing where the engine refuses', async () => {
    await expect(take()).rejects.toEqual(code('CONFLICT'));
    await arm({ sourceId: other });
    await stage.operator.control({ action: 'emergency' });
    await expect(take()).rejects.toEqual(code('EMERGENCY'));
    await stage.operator.control({ action: 'release' });
    stage.isAway = true;
    await expect(take()).rejects.toEqual(code('ENGINE_AWAY'));
    expect(stands()).toEqual({ program: { sourceId: card }, preview: { sourceId: other } });
  });

  test('a switch past preview leaves it as it is', async () => {
    await arm({ sourceId: other });
    await stage.operator.take({ sourceId: camera });
    expect(stands()).toEqual({ program: { sourceId: camera }, preview: { sourceId: other } });
  });
});

describe('the T-bar', () => {
  const bar = (position: number, more: object = {}) => stage.preview.bar({ position, ...more });

  test('asks the engine alone until its end, which is a take', async () => {
    await arm({ sourceId: camera });
    await bar(0.5, { transition: { kind: 'fade', durationMs: 500 } });
    await bar(0);
    expect(stands()).toEqual({ program: { sourceId: card }, preview: { sourceId: camera } });
    await bar(1);
    expect(stands()).toEqual({ program: { sourceId: camera }, preview: { sourceId: card } });
    expect(stage.requests.map(({ name, payload }) => [name, (payload as { position: number }).position])).toEqual([['bar', 0.5], ['bar', 0], ['bar', 1]]);
  });

  test('can be taken back though nothing is armed any more, and leads nowhere then', async () => {
    await arm({ sourceId: camera });
    await bar(0.5);
    await arm({});
    await expect(bar(0.6)).rejects.toEqual(code('CONFLICT'));
    await expect(bar(1)).rejects.toEqual(code('CONFLICT'));
    await bar(0);
    expect(stage.requests.at(-1)).toEqual({ name: 'bar', payload: { position: 0, target: null } });
  });

  test('is refused during an emergency', async () => {
    await arm({ sourceId: camera });
    await stage.operator.control({ action: 'emergency' });
    await expect(bar(0.5)).rejects.toEqual(code('EMERGENCY'));
  });
});

describe('black', () => {
  const fade = (on: boolean) => stage.black.fade({ on, durationMs: 300 });

  test('is asked first and stored afterwards, and is there after a restart; takes go on beneath', async () => {
    expect(await fade(true)).toEqual({ frame: stage.frame + 1, ptsMs: expect.any(Number) });
    expect(stage.state.black).toBe(true);
    await stage.operator.take({ sourceId: camera });
    expect(stage.state.black).toBe(true);
    const again = await stored();
    expect([again.state.black, again.desired.of('engine').black, again.state.program]).toEqual([true, true, { sourceId: camera }]);
    await fade(false);
    expect((await stored()).state.black).toBe(false);
  });

  test('is what an engine that is away comes back with, and stays as it was where it was refused', async () => {
    stage.isAway = true;
    expect(await fade(true)).toEqual({ frame: null, ptsMs: null });
    expect(stage.desired.of('engine').black).toBe(true);
    stage.isAway = false;
    stage.answer = () => { throw new Error('no'); };
    await expect(fade(false)).rejects.toThrow('no');
    expect(stage.desired.of('engine').black).toBe(true);
  });

  test('of two at once the later one stands', async () => {
    await Promise.all([fade(true), fade(false)]);
    expect(stage.state.black).toBe(false);
    // Also where the engine answers the later one first.
    const answers: ((reply: object) => void)[] = [];
    stage.answer = () => new Promise<object>((done) => { answers.push(done); });
    const [first, second] = [fade(true), fade(false)];
    while (answers.length < 2) await settled();
    answers[1]!({ frame: 8, ptsMs: 267 });
    await second;
    answers[0]!({ frame: 7, ptsMs: 233 });
    await first;
    expect(stage.state.black).toBe(false);
  });

  test('comes back after an emergency, which is seen over it, and does not begin during one', async () => {
    await fade(true);
    await stage.operator.control({ action: 'emergency' });
    expect(stage.state.black).toBe(true);
    await expect(fade(true)).rejects.toEqual(code('EMERGENCY'));
    await stage.operator.control({ action: 'release' });
    expect(stage.state.black).toBe(true);
    await stage.operator.control({ action: 'emergency' });
    await fade(false);
    expect(stage.state.black).toBe(false);
  });
});
