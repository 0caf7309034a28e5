/** Films: when they play, and when they go back to their beginning. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Production } from '../../../src/engine/production.js';
import type { EngineDesired } from '../../../src/protocol/link.js';
import { Layer } from '../../../src/protocol/resources.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, desired, film, newestProgram, pass, places } from './doubles.js';

const x264 = { codec: 'libx264' } as const;
const fade = { kind: 'fade', durationMs: 1_000 } as const;
let core: FakeNativeCore;
let production: Production;
let program: FakeNativeProgram;

beforeEach(() => {
  core = begin();
});
afterEach(async () => {
  await Promise.all([production.stop(), pass(3_000)]);
  vi.useRealTimers();
});

function start(wanted: EngineDesired): void {
  production = new Production(core, wanted, x264, places, silentLog);
  program = newestProgram();
  production.start();
}

describe('a film', () => {
  const withFilm = (over: object = {}, wanted: Partial<EngineDesired> = {}): EngineDesired => desired({ sources: [camera('src_1'), film('src_film', over)], ...wanted });
  const rewinds = () => children.decoderOf('src_film').told.filter((line) => line === 'seek 0').length;
  const isPlaying = () => program.isPlaying('src_film');

  it('begins with the frame that first shows it', async () => {
    start(withFilm());
    await pass(1);
    program.produce('src_film');
    await pass(500);
    expect(isPlaying()).toBe(false);
    const { frame } = production.take({ sourceId: 'src_film' }, fade);
    const shown = () => program.stats().sources.find(({ id }) => id === 'src_film')!.shown;
    while (program.stats().frame < frame) await pass(10);
    expect(shown()).toBe(1);
    await pass(34);
    expect(shown()).toBe(2);
  });

  it('plays until it is out of sight, and then goes back to its beginning once', async () => {
    start(withFilm({}, { program: { sourceId: 'src_film' } }));
    await pass(1_000);
    production.take({ sourceId: 'src_1' }, fade);
    await pass(900);
    expect([isPlaying(), rewinds()]).toEqual([true, 0]);
    await pass(500);
    expect([isPlaying(), rewinds()]).toEqual([false, 1]);
    await pass(5_000);
    expect(rewinds()).toBe(1);
  });

  it('is not sent back by a look that falls between the take and its first frame', async () => {
    start(withFilm({}, { program: { sourceId: 'src_film' } }));
    await pass(1_000);
    production.take({ sourceId: 'src_1' }, fade);
    // The render thread is late, time is not.
    await vi.advanceTimersByTimeAsync(150);
    expect([isPlaying(), rewinds()]).toEqual([true, 0]);
    await pass(900);
    expect([isPlaying(), rewinds()]).toEqual([true, 0]);
    await pass(500);
    expect([isPlaying(), rewinds()]).toEqual([false, 1]);
  });

  it('plays on when it is taken again while the fade away from it runs', async () => {
    start(withFilm({}, { program: { sourceId: 'src_film' } }));
    await pass(1_000);
    production.take({ sourceId: 'src_1' }, fade);
    await pass(500);
    production.take({ sourceId: 'src_film' }, fade);
    await pass(5_000);
    expect([isPlaying(), rewinds()]).toEqual([true, 0]);
  });

  it('goes back to its beginning also when another take follows within the fade', async () => {
    start(withFilm({}, { sources: [camera('src_1'), camera('src_2'), film('src_film')], program: { sourceId: 'src_film' } }));
    await pass(1_000);
    production.take({ sourceId: 'src_1' }, fade);
    await pass(500);
    production.take({ sourceId: 'src_2' }, fade);
    await pass(5_000);
    expect([isPlaying(), rewinds()]).toEqual([false, 1]);
  });

  it('goes back to its beginning when an edit takes it off the program', async () => {
    const scene = (...ids: string[]) => [{ id: 'scn_1', layers: ids.map((sourceId) => Layer.parse({ sourceId })) }];
    start(withFilm({}, { scenes: scene('src_1', 'src_film'), program: { sceneId: 'scn_1' } }));
    await pass(1_000);
    expect(isPlaying()).toBe(true);
    production.apply(withFilm({}, { scenes: scene('src_1'), program: { sceneId: 'scn_1' } }), x264);
    await pass(500);
    expect([isPlaying(), rewinds()]).toEqual([false, 1]);
  });

  it('that an edit opens anew while it is on program is set playing again', async () => {
    start(withFilm({}, { program: { sourceId: 'src_film' } }));
    await pass(1_000);
    production.apply(withFilm({ inMs: 2_000 }, { program: { sourceId: 'src_film' } }), x264);
    await pass(500);
    expect(children.decodersOf('src_film')).toHaveLength(2);
    expect([isPlaying(), rewinds()]).toEqual([true, 0]);
  });

  it('that is not on program stays where it is when it is opened anew', async () => {
    start(withFilm());
    await pass(500);
    production.apply(withFilm({ inMs: 2_000 }), x264);
    await pass(500);
    expect([isPlaying(), rewinds()]).toEqual([false, 0]);
  });

  it('whose decoder ends is set going by the program itself, and asked nothing', async () => {
    start(withFilm({}, { program: { sourceId: 'src_film' } }));
    await pass(1_000);
    children.decoderOf('src_film').exit(1);
    await pass(500);
    expect([isPlaying(), rewinds()]).toEqual([true, 0]);
  });

  describe('that stands in for a camera', () => {
    const sources = [camera('src_1', { fallbackSourceId: 'src_film' }), camera('src_2'), film('src_film')];
    const state = () => program.stats().sources.find(({ id }) => id === 'src_film')!.state;

    it('goes back to its beginning when the camera is there, each time', async () => {
      start(desired({ sources }));
      program.produce('src_film');
      await pass(1_000);
      expect(rewinds()).toBe(0);
      program.produce('src_1');
      await pass(300);
      expect(rewinds()).toBe(1);
      await pass(5_000);
      expect(rewinds()).toBe(1);
      program.stall('src_1');
      await pass(1_000);
      expect(rewinds()).toBe(1);
      program.produce('src_1');
      await pass(300);
      expect(rewinds()).toBe(2);
    });

    it('goes back also when it was needed for two frames only', async () => {
      start(desired({ sources, program: { sourceId: 'src_2' } }));
      program.produce('src_film');
      await pass(1_000);
      production.take({ sourceId: 'src_1' }, undefined);
      await pass(67);
      program.produce('src_1');
      await pass(300);
      expect(rewinds()).toBe(1);
    });

    it('goes back though it has ended meanwhile, and is there the next time', async () => {
      start(desired({ sources }));
      program.produce('src_film', { frames: 10 });
      await pass(1_000);
      expect(state()).toBe('ended');
      program.produce('src_1');
      await pass(300);
      expect(rewinds()).toBe(1);
      program.produce('src_film', { frames: 10 });
      program.stall('src_1');
      await pass(500);
      expect(state()).toBe('live');
    });

    it('goes back when what it stood in for is no longer on program', async () => {
      start(desired({ sources }));
      program.produce('src_film');
      await pass(1_000);
      production.take({ sourceId: 'src_2' }, fade);
      await pass(900);
      expect(rewinds()).toBe(0);
      await pass(500);
      expect(rewinds()).toBe(1);
    });

    it('is not sent back before the eyes of those who still see it when it itself leaves the program', async () => {
      start(desired({ sources, program: { sourceId: 'src_film' } }));
      program.produce('src_film');
      await pass(1_000);
      production.take({ sourceId: 'src_1' }, undefined);
      await pass(2_000);
      expect(rewinds()).toBe(0);
      program.produce('src_1');
      await pass(300);
      expect([isPlaying(), rewinds()]).toEqual([false, 1]);
    });

    it('plays on when it is on program itself', async () => {
      const scene = { id: 'scn_1', layers: ['src_1', 'src_film'].map((sourceId) => Layer.parse({ sourceId })) };
      start(desired({ sources, scenes: [scene], program: { sceneId: 'scn_1' } }));
      program.produce('src_film');
      await pass(1_000);
      program.produce('src_1');
      await pass(1_000);
      expect([isPlaying(), rewinds()]).toEqual([true, 0]);
    });
  });
});

describe('a film that has ended', () => {
  const short = (wanted: Partial<EngineDesired> = {}): EngineDesired => desired({ sources: [camera('src_1'), film('src_film')], program: { sourceId: 'src_film' }, ...wanted });

  it('begins again when it is taken again, and by nothing else', async () => {
    start(short());
    program.produce('src_film', { frames: 20 });
    await pass(1_500);
    expect(program.stats().sources.find(({ id }) => id === 'src_film')).toMatchObject({ state: 'ended' });
    production.apply(short({ sources: [camera('src_1'), film('src_film', { name: 'Film' })] }), x264);
    await pass(300);
    expect(children.decoderOf('src_film').told).toEqual([]);
    production.take({ sourceId: 'src_film' }, undefined);
    await pass(20);
    expect(children.decoderOf('src_film').told).toEqual(['seek 0']);
    // What the decoder does then.
    program.produce('src_film', { frames: 20 });
    await pass(300);
    expect(program.positionOf('src_film')).toBeGreaterThan(5);
  });

  it('that has not ended goes on', async () => {
    start(short());
    program.produce('src_film', { frames: 2_000 });
    await pass(1_500);
    production.take({ sourceId: 'src_film' }, undefined);
    await pass(300);
    expect(children.decoderOf('src_film').told).toEqual([]);
  });
});
