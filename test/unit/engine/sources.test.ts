import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sources } from '../../../src/engine/sources.js';
import type { EngineSource } from '../../../src/protocol/link.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, film, newestProgram, pass, places, settle, source } from './doubles.js';

let core: FakeNativeCore;
let program: FakeNativeProgram;
let sources: Sources;

beforeEach(() => {
  core = begin();
  core.createProgram({ width: 640, height: 360, fpsNum: 30, fpsDen: 1 });
  program = newestProgram();
  sources = new Sources(core, program, places, silentLog);
});
afterEach(async () => {
  await Promise.all([sources.stop(), pass(2_000)]);
  vi.useRealTimers();
});

/** Calls that would be seen on air. */
function watchCalls(): () => string[] {
  const calls: string[] = [];
  for (const name of ['addSource', 'removeSource', 'updateSource', 'openRing', 'setPlaying'] as const) {
    const original = program[name].bind(program) as (...args: unknown[]) => unknown;
    vi.spyOn(program, name).mockImplementation(((...args: unknown[]) => {
      calls.push(`${name} ${(args[0] as { id?: string }).id ?? String(args[0])}`);
      return original(...args);
    }) as never);
  }
  return () => calls.splice(0);
}

const all = (): EngineSource[] => [
  camera('src_cam'), film('src_film'), source({ id: 'src_song', kind: 'audio', path: '/media/src_song.mp3' }),
  source({ id: 'src_logo', kind: 'image', path: '/media/src_logo.png' }), source({ id: 'src_blue', kind: 'color', color: '#0000ff' }), source({ id: 'src_card', kind: 'test' }),
];
const states = () => Object.fromEntries(sources.status(program.stats().sources).map(({ id, state }) => [id, state]));

describe('Sources', () => {
  it('has a place and a decoder for each that is wanted, and keeps no descriptor of its own', async () => {
    sources.apply(all());
    await pass(100);
    expect(program.stats().sources.map(({ id }) => id)).toEqual(all().map(({ id }) => id));
    expect(children.running('vistter-decoder')).toHaveLength(6);
    expect(core.descriptors).toHaveLength(6);
    expect(program.sourceOptions('src_cam')).toMatchObject({ mode: 'live', soundOnly: false });
    expect(program.sourceOptions('src_film')).toMatchObject({ mode: 'file' });
    expect(program.sourceOptions('src_song')).toMatchObject({ mode: 'file', soundOnly: true });
    expect(program.sourceOptions('src_logo')!.slots).toBeLessThan(program.sourceOptions('src_cam')!.slots);
  });

  it('starts what is needed at once and the others one in a turn, so that a hundred of them are not taken for a hang', async () => {
    const cards = Array.from({ length: 6 }, (_, i) => source({ id: `src_card${i}`, kind: 'test' }));
    cards[4]!.fallbackSourceId = 'src_card2';
    sources.apply(cards, undefined, ['src_card4']);
    // With what stands in for it.
    expect(children.running('vistter-decoder')).toHaveLength(2);
    // One that is taken does not wait for its turn, one that is taken out never has one.
    sources.open(new Set(['src_card3']));
    expect(children.running('vistter-decoder')).toHaveLength(3);
    sources.apply(cards.slice(1), undefined, ['src_card5']);
    expect(children.running('vistter-decoder')).toHaveLength(4);
    await pass(100);
    expect(children.all).toHaveLength(5);
    expect(states()).toMatchObject({ src_card1: 'waiting', src_card5: 'waiting' });
  });

  it('does not touch those that did not change, in whatever order they come', async () => {
    sources.apply(all());
    await pass(100);
    const calls = watchCalls();
    sources.apply(structuredClone(all()).reverse());
    await pass(100);
    expect(calls()).toEqual([]);
    expect(children.all).toHaveLength(6);
    expect(children.all.every((child) => !child.ended && child.told.length === 0)).toBe(true);
  });

  it('does not open one anew that only has another name', async () => {
    sources.apply([film('src_film')]);
    const calls = watchCalls();
    sources.apply([film('src_film', { name: 'Opening titles' })]);
    await pass(100);
    expect(calls()).toEqual([]);
  });

  it('changes fallback and delay in place', async () => {
    sources.apply([camera('src_cam', { delayMs: 101 }), film('src_film')]);
    await pass(100);
    const calls = watchCalls();
    sources.apply([camera('src_cam', { delayMs: 101, fallbackSourceId: 'src_film' }), film('src_film')]);
    await pass(100);
    expect(program.sourceOptions('src_cam')).toMatchObject({ fallbackId: 'src_film', delayUs: 101_000 });
    sources.apply([camera('src_cam', { delayMs: 116 }), film('src_film')]);
    await pass(100);
    expect(program.sourceOptions('src_cam')).toMatchObject({ fallbackId: null, delayUs: 116_000 });
    expect(calls()).toEqual(['updateSource src_cam', 'updateSource src_cam']);
  });

  it('opens one anew whose delay needs more slots', async () => {
    sources.apply([camera('src_cam')]);
    await pass(100);
    const { slots } = program.sourceOptions('src_cam')!;
    const calls = watchCalls();
    sources.apply([camera('src_cam', { delayMs: 500 })]);
    await pass(100);
    expect(calls()).toEqual(['removeSource src_cam', 'addSource src_cam', 'openRing src_cam']);
    expect(program.sourceOptions('src_cam')!.slots).toBeGreaterThan(slots);
  });

  it('has slots enough to wait out any delay there may be, at 60 pictures a second', async () => {
    sources.apply([camera('src_cam', { delayMs: 1000 })]);
    await pass(100);
    // 200 ms for jitter, four that are drawn, shown and sent, six that its decoder may refer to.
    expect(program.sourceOptions('src_cam')!.slots).toBeGreaterThanOrEqual(72 + 4 + 6);
  });

  it('opens one anew that changed, and no other', async () => {
    sources.apply(all());
    await pass(100);
    const [old, other] = [children.decoderOf('src_film'), children.decoderOf('src_cam')];
    const calls = watchCalls();
    sources.apply(all().map((one) => (one.id === 'src_film' ? film('src_film', { inMs: 5_000 }) : one)));
    await pass(100);
    expect(calls()).toEqual(['removeSource src_film', 'addSource src_film', 'openRing src_film']);
    expect(old.ended).toBe(true);
    expect(other.ended).toBe(false);
    expect(children.decoderOf('src_film').args).toEqual(expect.arrayContaining(['--in-us', '5000000']));
    expect(children.running('vistter-decoder')).toHaveLength(6);
  });

  it('opens one anew that became something else', async () => {
    sources.apply([camera('src_x')]);
    sources.apply([film('src_x')]);
    await pass(100);
    expect(program.sourceOptions('src_x')).toMatchObject({ mode: 'file' });
    expect(children.decoderOf('src_x').args[0]).toBe('file');
  });

  it('lets go of those that are no longer wanted', async () => {
    sources.apply(all());
    await pass(100);
    sources.apply([camera('src_cam')]);
    await pass(100);
    expect(program.stats().sources.map(({ id }) => id)).toEqual(['src_cam']);
    expect(children.running('vistter-decoder')).toHaveLength(1);
    expect(core.descriptors).toHaveLength(1);
  });

  it('reports each as the program sees it, with what its decoder knows', async () => {
    sources.apply([camera('src_cam'), film('src_film')]);
    children.decoderOf('src_cam').say({ event: 'format', width: 1280, height: 720, fps: 25 });
    await settle();
    // Before the program's first frame.
    expect(sources.status([])).toEqual([
      { id: 'src_cam', state: 'waiting', ageMs: -1, width: 1280, height: 720, fps: 25 }, { id: 'src_film', state: 'waiting', ageMs: -1 },
    ]);
    program.produce('src_cam');
    await pass(200);
    expect(states()).toEqual({ src_cam: 'live', src_film: 'waiting' });
    children.decoderOf('src_film').say({ event: 'error', code: 'MEDIA_MISSING', message: 'It is not there.' });
    // A passing complaint of one that gives pictures is none.
    children.decoderOf('src_cam').say({ event: 'error', code: 'STREAM_BROKEN', message: 'A bad packet.' });
    await pass(50);
    expect(sources.status(program.stats().sources)).toMatchObject([
      { id: 'src_cam', state: 'live' }, { id: 'src_film', state: 'failed', error: { code: 'MEDIA_MISSING', message: 'It is not there.' } },
    ]);
    expect(sources.status(program.stats().sources)[0]).not.toHaveProperty('error');
    program.stall('src_cam');
    await pass(500);
    expect(states().src_cam).toBe('failed');
  });

  it('reports one as failed whose pictures are refused, though it is live by its sound', async () => {
    sources.apply([film('src_film')]);
    const [decoder] = children.all;
    program.produce('src_film', { width: 0, height: 0 });
    await pass(200);
    expect(states()).toEqual({ src_film: 'live' });
    const error = { code: 'VIDEO_CODEC', message: 'There is no decoder for vvc.' };
    decoder!.fallSilent().say({ event: 'error', ...error });
    decoder!.say({ event: 'stats', bytesRead: 1e5, framesDecoded: 0, audioWritten: 48_000, pictureStepMs: 0 });
    await pass(50);
    expect(sources.status(program.stats().sources)).toMatchObject([{ id: 'src_film', state: 'failed', error }]);
    decoder!.say({ event: 'stats', bytesRead: 2e5, framesDecoded: 25, audioWritten: 96_000, pictureStepMs: 0 });
    await pass(50);
    expect(states()).toEqual({ src_film: 'live' });
  });

  it('stops every decoder', async () => {
    sources.apply(all());
    await pass(100);
    await Promise.all([sources.stop(), pass(2_000)]);
    expect(children.running('vistter-decoder')).toEqual([]);
    expect(core.descriptors).toEqual([]);
  });
});
