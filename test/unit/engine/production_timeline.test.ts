/** A program whose target is a timeline: taken, left, come back to, and wanted from the start. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodecChoice } from '../../../src/engine/codec-probe.js';
import { Production } from '../../../src/engine/production.js';
import { SLATE_ID } from '../../../src/engine/scene-plan.js';
import type { EngineDesired, TakeReply } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, desired, film, newestProgram, pass, places, sourceOf, type FakeChild } from './doubles.js';
import { clip, document, known } from './timeline_stage.js';

const x264: CodecChoice = { codec: 'libx264' };
const FPS = 30;
let core: FakeNativeCore;
let production: Production;
let program: FakeNativeProgram;
let slowMs: number;

beforeEach(() => {
  core = begin();
  slowMs = 50;
  children.onSpawn = fill;
});
afterEach(async () => {
  await Promise.all([production.stop(), pass(3_000)]);
  expect(children.all.filter((child) => !child.ended)).toEqual([]);
  expect(core.descriptors).toEqual([]);
  vi.useRealTimers();
});

/** Cameras come at once, files when they have been found their place in. */
function fill(child: FakeChild): void {
  if (child.program !== 'vistter-decoder') return;
  const at = sourceOf(child)!;
  const from = child.args.includes('--from-us') ? Number(child.args[child.args.indexOf('--from-us') + 1]) : 0;
  setTimeout(() => child.ended || at.program.produce(at.id, { from: Math.floor((from * FPS) / 1e6 + 1e-3) }), child.args[0] === 'file' ? slowMs : 50);
}

const line = document({ loop: true, clips: [clip('src_film', 0, 10_000), clip('src_2', 10_000, 5000)] });
const wish = (over: Partial<EngineDesired> = {}, playback?: Playback): EngineDesired => desired({
  sources: [camera('src_1'), camera('src_2'), film('src_film')], timelines: [known('tml_1', line, 1, playback)], ...over,
});

function start(wanted: EngineDesired): void {
  production = new Production(core, wanted, x264, places, silentLog);
  program = newestProgram();
  production.start();
}

const onProgram = () => program.sourcesOnProgram;
/** The film frame that the only clip on program shows. */
const filmFrame = () => program.positionOf(onProgram()[0]!);
const fade = { kind: 'fade', durationMs: 1_000 } as const;

async function during<T>(what: Promise<T>): Promise<T> {
  let over = false;
  const done = what.finally(() => { over = true; });
  done.catch(() => {});
  for (let i = 0; !over && i < 500; i++) await pass(10);
  return done;
}
const takeTimeline = (over: { id?: string; transition?: typeof fade; positionMs?: number } = {}): Promise<TakeReply> =>
  during(production.takeTimeline(over.id ?? 'tml_1', over.transition, { start: { is: 'from', positionMs: over.positionMs ?? 0 } }));

describe('Production with a timeline', () => {
  it('keeps what is on program until the timeline is ready, then shows it, and says so', async () => {
    slowMs = 700;
    start(wish());
    await pass(500);
    const taking = production.takeTimeline('tml_1', undefined, { start: { is: 'from', positionMs: 0 } });
    await pass(400);
    expect(production.actual().program).toMatchObject({ sourceId: 'src_1' });
    const { frame, ptsMs, playback } = await during(taking);
    expect(ptsMs).toBe(Math.round((frame * 1000) / FPS));
    expect(playback).toMatchObject({ is: 'playing', bootId: 'boot-1' });
    expect(production.actual()).toMatchObject({ program: { timelineId: 'tml_1' } });
    await pass(2_000);
    expect(filmFrame()).toBe(program.stats().frame - frame);
    expect(production.actual().timeline).toMatchObject({ timelineId: 'tml_1', state: 'playing', open: 1, failedClips: 0, lateClips: 0 });
    expect(production.actual().program).not.toHaveProperty('sourceId');
  });

  it('sends a film that it comes over back to its beginning', async () => {
    start(wish({ program: { sourceId: 'src_film' } }));
    await pass(1_000);
    expect(program.isPlaying('src_film')).toBe(true);
    const own = children.decodersOf('src_film')[0]!;
    await takeTimeline({ transition: fade });
    await pass(500);
    expect([program.isPlaying('src_film'), own.told]).toEqual([true, []]);
    await pass(1_500);
    expect([program.isPlaying('src_film'), own.told]).toEqual([false, ['seek 0']]);
  });

  it('cuts away from it at once, and closes what it had open when that is out of sight', async () => {
    start(wish());
    await pass(500);
    await takeTimeline();
    await pass(1_000);
    production.take({ sourceId: 'src_2' }, fade);
    await pass(600);
    expect(program.sourceIds.filter((id) => id.startsWith('clip:'))).toHaveLength(1);
    expect(production.actual()).toMatchObject({ program: { sourceId: 'src_2', inTransition: true }, timeline: null });
    await pass(1_000);
    expect(onProgram()).toEqual(['src_2']);
    expect(program.sourceIds.filter((id) => id.startsWith('clip:'))).toEqual([]);
  });

  it('shows what was taken last when a cut follows on the heels of a timeline', async () => {
    start(wish());
    await pass(500);
    const { frame } = await takeTimeline();
    // Before the timeline's first frame.
    expect(program.stats().frame).toBeLessThan(frame);
    production.take({ sourceId: 'src_2' }, undefined);
    await pass(1_000);
    expect(onProgram()).toEqual(['src_2']);
    expect(production.actual().program).toMatchObject({ sourceId: 'src_2' });
  });

  it('shows what was taken last when a cut comes while the timeline is made ready', async () => {
    slowMs = 1_000;
    start(wish());
    await pass(500);
    const taking = production.takeTimeline('tml_1', undefined, { start: { is: 'from', positionMs: 0 } });
    taking.catch(() => {});
    await pass(300);
    production.take({ sourceId: 'src_2' }, undefined);
    await expect(during(taking)).rejects.toMatchObject({ code: 'CONFLICT' });
    await pass(2_000);
    expect(onProgram()).toEqual(['src_2']);
    expect(production.actual()).toMatchObject({ program: { sourceId: 'src_2' }, timeline: null });
  });

  it('comes back where it would be by now', async () => {
    start(wish());
    await pass(500);
    const { frame, playback } = await takeTimeline();
    await pass(2_000);
    production.take({ sourceId: 'src_2' }, undefined);
    await pass(3_000);
    const back = await during(production.takeTimeline('tml_1', undefined, { start: { is: 'as', playback: playback! } }));
    await pass(500);
    expect(filmFrame()).toBe(program.stats().frame - frame);
    expect(program.stats().frame).toBeGreaterThan(back.frame);
  });

  it('is paused and played', async () => {
    start(wish());
    await takeTimeline();
    await pass(2_000);
    const { frame } = await production.playback({ timelineId: 'tml_1', action: 'pause' });
    await pass(2_000);
    const at = filmFrame();
    await pass(1_000);
    expect(filmFrame()).toBe(at);
    expect(production.actual().timeline).toMatchObject({ state: 'paused', positionMs: Math.round((at * 1000) / FPS) });
    const again = await production.playback({ timelineId: 'tml_1', action: 'play' });
    await pass(1_000);
    expect(filmFrame()).toBe(at + program.stats().frame - again.frame);
    expect(again.frame - frame).toBeGreaterThan(80);
    await expect(production.playback({ timelineId: 'tml_2', action: 'play' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is not taken back by a push that still names what was on program before, nor taken twice by one that names it', async () => {
    start(wish());
    await pass(500);
    slowMs = 500;
    const taking = takeTimeline();
    await pass(100);
    production.apply(wish({ program: { sourceId: 'src_1' } }), x264);
    production.apply(wish({ program: { timelineId: 'tml_1' } }), x264);
    const { frame } = await taking;
    production.apply(wish({ program: { timelineId: 'tml_1' } }), x264);
    await pass(2_000);
    expect(filmFrame()).toBe(program.stats().frame - frame);
    expect(children.decodersOf('src_film')).toHaveLength(2);
    // The studio wants something else: a restore.
    production.apply(wish({ program: { sourceId: 'src_2' }, take: 1 }), x264);
    await pass(500);
    expect(onProgram()).toEqual(['src_2']);
  });

  it('follows edits that are pushed, and leaves everything alone in a push that changes nothing of it', async () => {
    start(wish());
    await takeTimeline();
    await pass(1_000);
    const plan = vi.spyOn(program, 'plan');
    const next = program.stats().frame + 1;
    const other = document({ loop: true, clips: [clip('src_2', 0, 5000)] });
    production.apply(wish({ timelines: [known('tml_1', other, 2)], program: { timelineId: 'tml_1' } }), x264);
    expect(plan).toHaveBeenCalledWith(expect.stringMatching(/^timeline:tml_1/), next, expect.anything());
    await pass(34);
    expect(onProgram()).toEqual(['src_2']);
    plan.mockClear();
    production.apply(wish({ timelines: [known('tml_1', other, 2, { is: 'paused', positionMs: 1 })], program: { timelineId: 'tml_1' } }), x264);
    expect(plan).not.toHaveBeenCalled();
  });

  it.each([0, 200])('is wanted from the start: the slate until it is ready, then where it should be by now (decoders take %d ms)', async (slow) => {
    slowMs = slow;
    const zeroFrame = Math.round((core.monotonicUs() * FPS) / 1e6) - 4 * FPS;
    const playback: Playback = { is: 'playing', bootId: 'boot-1', zeroUs: Math.round((zeroFrame * 1e6) / FPS), zeroWallMs: 0 };
    start(wish({ program: { timelineId: 'tml_1' } }, playback));
    const seen: { frame: number; film: number }[] = [];
    program.onFrame = (frame, to) => {
      if (to?.id.startsWith('timeline:')) seen.push({ frame, film: filmFrame() });
    };
    await pass(40);
    expect(onProgram()).toEqual([SLATE_ID]);
    await pass(1_500);
    // From the first frame that shows it.
    expect(seen.length).toBeGreaterThan(20);
    expect(seen).toEqual(seen.map(({ frame }) => ({ frame, film: frame - zeroFrame })));
    expect(production.actual().program).toMatchObject({ timelineId: 'tml_1' });
  });

  it('says in the log what is wrong when a timeline that is wanted cannot be put on program', async () => {
    const warn = vi.spyOn(silentLog, 'warn');
    start(wish({ program: { timelineId: 'tml_9' } }));
    await pass(500);
    expect(warn).toHaveBeenCalledWith(expect.objectContaining({ timeline: 'tml_9' }), expect.any(String));
    expect(onProgram()).toEqual([SLATE_ID]);
    warn.mockRestore();
  });

  it('ends with a timeline on program, one armed and one being made ready, and leaves nothing', async () => {
    start(wish({ timelines: ['tml_1', 'tml_2', 'tml_3'].map((id) => known(id, line)), armed: 'tml_2' }));
    await takeTimeline();
    await pass(500);
    slowMs = 1_500;
    const taking = takeTimeline({ id: 'tml_3' }).catch((error: unknown) => error);
    await pass(200);
    expect(children.running('vistter-decoder').length).toBeGreaterThanOrEqual(6);
    await Promise.all([production.stop(), pass(3_000)]);
    expect(await taking).toMatchObject({ code: 'CONFLICT' });
    expect(program.isStopped).toBe(true);
  });
});
