/** The T-bar, fade to black, and what the small pictures of preview and of scenes are made of. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodecChoice } from '../../../src/engine/codec-probe.js';
import { Production } from '../../../src/engine/production.js';
import type { EngineDesired, TakeReply } from '../../../src/protocol/link.js';
import { Layer } from '../../../src/protocol/resources.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, desired, film, newestProgram, pass, places, sourceOf, type FakeChild } from './doubles.js';
import { clip, document, known } from './timeline_stage.js';

const x264: CodecChoice = { codec: 'libx264' };
let core: FakeNativeCore;
let production: Production;
let program: FakeNativeProgram;

beforeEach(() => {
  core = begin();
  children.onSpawn = (child: FakeChild) => {
    if (child.program !== 'vistter-decoder') return;
    const at = sourceOf(child)!;
    const from = child.args.includes('--from-us') ? Number(child.args[child.args.indexOf('--from-us') + 1]) : 0;
    setTimeout(() => child.ended || at.program.produce(at.id, { from: Math.floor((from * 30) / 1e6 + 1e-3) }), 50);
  };
});
afterEach(async () => {
  await Promise.all([production.stop(), pass(3_000)]);
  expect(children.all.filter((child) => !child.ended)).toEqual([]);
  vi.useRealTimers();
});

const line = document({ loop: true, clips: [clip('src_film', 0, 10_000), clip('src_2', 10_000, 5000)] });
const wish = (over: Partial<EngineDesired> = {}): EngineDesired => desired({
  sources: [camera('src_1'), camera('src_2'), film('src_film')], scenes: [{ id: 'scn_1', layers: [Layer.parse({ sourceId: 'src_2' })] }],
  timelines: [known('tml_1', line, 1)], ...over,
});
const film_ = { sourceId: 'src_film' }, second = { sourceId: 'src_2' }, timeline = { timelineId: 'tml_1' };

async function start(wanted: EngineDesired): Promise<void> {
  production = new Production(core, wanted, x264, places, silentLog);
  program = newestProgram();
  production.start();
  await pass(500);
}
/** The timeline is taken from its beginning. */
async function play(): Promise<void> {
  const taking = production.takeTimeline('tml_1', undefined, { start: { is: 'from', positionMs: 0 } });
  for (let i = 0; i < 50; i++) await pass(10);
  await taking;
}
const onProgram = () => production.actual().program;
const bar = (position: number, target: Parameters<Production['bar']>[1] = second) => production.bar(position, target, { kind: 'wipe', durationMs: 500 }) as TakeReply;

describe('the T-bar', () => {
  it('mixes as far as it is moved and changes nothing of what is on program, until it is at its end', async () => {
    await start(wish());
    const { frame, take } = bar(0.4);
    expect([frame, take]).toEqual([program.stats().frame + 1, undefined]);
    await pass(3_000);
    expect(program.barPosition).toBe(0.4);
    expect(onProgram()).toMatchObject({ sourceId: 'src_1', bar: 0.4, inTransition: true });
    bar(0.9);
    const done = bar(1);
    expect(done.take).toBe(1);
    await pass(100);
    expect(onProgram()).toMatchObject({ sourceId: 'src_2', inTransition: false });
    expect(onProgram()).not.toHaveProperty('bar');
    expect(production.actual().taken).toMatchObject({ take: 1, frame: done.frame });
  });

  it('taken back leaves all as it was, and its film goes back to its beginning', async () => {
    await start(wish({ preview: film_ }));
    bar(0.2, film_);
    await pass(500);
    expect(program.isPlaying('src_film')).toBe(true);
    bar(0);
    await pass(500);
    expect(onProgram()).toMatchObject({ sourceId: 'src_1', inTransition: false });
    expect(program.isPlaying('src_film')).toBe(false);
    expect(production.actual().taken).toBeNull();
  });

  it('is ended by a take, and by what is adopted', async () => {
    await start(wish());
    bar(0.5, film_);
    production.take({ sceneId: 'scn_1' }, undefined);
    await pass(100);
    expect([onProgram().sceneId, onProgram().bar, program.barPosition]).toEqual(['scn_1', undefined, null]);
    bar(0.5, { sourceId: 'src_1' });
    production.apply(wish({ program: second, take: 9 }), x264);
    await pass(100);
    expect([onProgram().sourceId, onProgram().bar, program.barPosition]).toEqual(['src_2', undefined, null]);
  });

  it('follows what is armed and its edits while it is held', async () => {
    await start(wish());
    bar(0.5, film_);
    await pass(100);
    bar(0.5, { sceneId: 'scn_1' });
    await pass(100);
    expect(program.sourcesOnProgram).toEqual(['src_2']);
    production.apply(wish({ scenes: [{ id: 'scn_1', layers: [Layer.parse({ sourceId: 'src_1' })] }] }), x264);
    await pass(100);
    expect(program.sourcesOnProgram).toEqual(['src_1']);
    expect([onProgram().sourceId, onProgram().bar]).toEqual(['src_1', 0.5]);
  });

  it('thrown over at once is a take', async () => {
    await start(wish());
    expect(bar(1).take).toBe(1);
    await pass(100);
    expect(onProgram().sourceId).toBe('src_2');
  });

  it('plays an armed timeline from its first position, and goes on with it when it is taken', async () => {
    await start(wish({ armed: 'tml_1', preview: timeline }));
    await pass(500);
    const { frame } = bar(0.3, timeline);
    await pass(1_000);
    expect(onProgram()).toMatchObject({ sourceId: 'src_1', bar: 0.3 });
    const done = bar(1, timeline);
    expect(done).toMatchObject({ take: 1, playback: { is: 'playing' } });
    await pass(1_000);
    expect(onProgram()).toMatchObject({ timelineId: 'tml_1' });
    expect(program.positionOf(program.sourcesOnProgram[0]!)).toBeCloseTo(program.stats().frame - frame, -1);
    // What it began with plays on to its second clip.
    await pass(9_000);
    expect(program.sourcesOnProgram).toEqual(['src_2']);
  });

  it('taken back lets an armed timeline stand where it stood, ready again', async () => {
    await start(wish({ armed: 'tml_1', preview: timeline }));
    await pass(500);
    bar(0.3, timeline);
    await pass(1_000);
    bar(0, timeline);
    await pass(2_000);
    expect(production.actual()).toMatchObject({ program: { sourceId: 'src_1' }, timeline: { timelineId: 'tml_1', state: 'paused', positionMs: 0 } });
    // The player of before is gone.
    expect(children.running('vistter-decoder').filter((child) => child.args[0] === 'file')).toHaveLength(2);
  });

  it('leads away from a timeline, which goes on until it is over', async () => {
    await start(wish());
    await play();
    bar(0.5);
    await pass(10_000);
    expect(onProgram()).toMatchObject({ timelineId: 'tml_1', bar: 0.5 });
    bar(1);
    await pass(1_000);
    expect(onProgram()).toMatchObject({ sourceId: 'src_2' });
    expect(production.actual().timeline).toBeNull();
  });

  it('a timeline that is overridden and armed runs on in preview, and comes back without a wait', async () => {
    await start(wish());
    await play();
    const { playback } = production.actual().timeline!;
    production.take({ sourceId: 'src_1' }, undefined);
    production.apply(wish({ program: { sourceId: 'src_1' }, take: 2, armed: 'tml_1', preview: timeline, timelines: [known('tml_1', line, 1, playback)] }), x264);
    await pass(2_000);
    const before = program.stats().frame;
    const taking = production.takeTimeline('tml_1', undefined);
    await pass(100);
    const { frame } = await taking;
    expect(frame - before).toBeLessThan(6);
    await pass(200);
    // Almost three seconds after its beginning.
    expect(program.positionOf(program.sourcesOnProgram[0]!)).toBeGreaterThan(70);
  });
});

describe('fade to black', () => {
  it('is faded in its time, and told', async () => {
    await start(wish());
    const { frame } = production.black(true, 1_000);
    expect(frame).toBe(program.stats().frame + 1);
    await pass(500);
    expect(onProgram().black).toBeCloseTo(0.5, 1);
    await pass(700);
    expect(onProgram()).toMatchObject({ black: 1, sourceId: 'src_1' });
    production.take(second, undefined);
    production.black(false, 0);
    await pass(100);
    expect(onProgram()).toMatchObject({ black: 0, sourceId: 'src_2' });
  });

  it('is there from the first frame of an engine that comes back, and follows what is wanted', async () => {
    await start(wish({ black: true }));
    expect(program.black).toBeDefined();
    expect(onProgram().black).toBe(1);
    production.apply(wish({ black: false }), x264);
    await pass(1_000);
    expect(onProgram().black).toBe(0);
    // Asked for here, and not stored yet.
    production.black(true, 0);
    production.apply(wish({ black: false }), x264);
    await pass(1_000);
    expect(onProgram().black).toBe(1);
  });

  it('hides an emergency least of all', async () => {
    await start(wish({ black: true, emergency: second }));
    expect(program.cover.to.scene).toMatchObject({ id: 'emergency', overBlack: true });
  });
});

describe('the tiles', () => {
  const wished = () => program.tilesWished.map(({ id, scene, overlays }) => [id, scene?.layers.map((layer) => ('mix' in layer ? 'mix' : layer.sourceId)), overlays]);
  const wishes = ['program', 'preview', 'scn_1', 'src_1', 'nobody'].map((id) => ({ id, width: 320, fps: 5 }));

  it('of preview and of scenes are drawn of their layers', async () => {
    await start(wish({ preview: film_ }));
    production.wishTiles(wishes);
    expect(wished()).toEqual([['program', undefined, undefined], ['preview', ['src_film'], true], ['scn_1', ['src_2'], undefined], ['src_1', undefined, undefined], ['nobody', undefined, undefined]]);
    production.apply(wish({ preview: null }), x264);
    production.wishTiles(wishes);
    expect(wished().map(([id]) => id)).toEqual(['program', 'scn_1', 'src_1', 'nobody']);
  });

  it('of an armed timeline show its first picture', async () => {
    await start(wish({ armed: 'tml_1', preview: timeline }));
    production.wishTiles(wishes);
    await pass(500);
    production.takeTiles();
    const [layer] = program.tilesWished.find(({ id }) => id === 'preview')!.scene!.layers;
    expect(program.sourceOptions((layer as { sourceId: string }).sourceId)).toMatchObject({ mode: 'file' });
  });
});

it('what is armed on preview is open', async () => {
  const many = Array.from({ length: 30 }, (_, i) => film(`src_f${i}`));
  await start(wish({ sources: [camera('src_1'), camera('src_2'), ...many], timelines: [], preview: { sourceId: 'src_f0' } }));
  expect(program.sourceIds).toContain('src_f0');
  expect(program.sourceIds).not.toContain('src_f1');
});
