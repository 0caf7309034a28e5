/** What lies over the program: the emergency picture and inserts, to the frame, and what becomes of the timeline beneath. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SLATE_ID } from '../../../src/engine/scene-plan.js';
import type { EngineInsert } from '../../../src/protocol/link.js';
import { Layer } from '../../../src/protocol/resources.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { FPS, at, covered, during, fade, fill, insert, playing, production, program, range, seen, setUp, slow, sources, start, tearDown, watch, wish, x264 } from './covers_stage.js';
import { children, pass, sourceOf } from './doubles.js';
import { clip, document, known, stall } from './timeline_stage.js';

beforeEach(setUp);
afterEach(tearDown);

describe('the emergency', () => {
  it('is over everything with the next frame, in the midst of a transition too, and goes as fast', async () => {
    start(wish());
    await pass(500);
    production.take({ sourceId: 'src_2' }, fade(1_000));
    await pass(300);
    const before = program.stats().frame;
    const on = production.emergency({ slate: true }, undefined);
    expect(on).toEqual({ frame: before + 1, ptsMs: Math.round(((before + 1) * 1000) / FPS) });
    expect(production.actual()).toMatchObject({ emergency: true, program: { sourceId: 'src_2', inTransition: true } });
    await pass(200);
    expect(program.cover.to.fills).toBe(true);
    const off = production.emergency(null, undefined);
    await pass(200);
    expect(seen.filter(({ cover }) => cover === SLATE_ID).map(({ frame }) => frame)).toEqual(range(on.frame, off.frame));
    expect(production.actual()).toMatchObject({ emergency: false, program: { inTransition: true } });
    await pass(1_000);
    expect(program.stats()).toMatchObject({ inTransition: false, sceneId: 'src_2' });
  });

  it('leaves the timeline beneath where its time is', async () => {
    const { frame: zero } = await playing();
    production.emergency({ sourceId: 'src_2' }, undefined);
    await pass(2_000);
    production.emergency(null, fade(300));
    await pass(500);
    const { frame } = program.stats();
    expect(at(frame).program).toBe(String(frame - zero));
    expect(seen.filter((one) => one.frame > zero && one.program !== String(one.frame - zero))).toEqual([]);
  });

  it('begins its film with its first frame, and sends it back to the beginning when it is out of sight', async () => {
    start(wish({ scenes: [{ id: 'scn_1', layers: [Layer.parse({ sourceId: 'src_alarm' })] }] }));
    await pass(500);
    const { frame } = production.emergency({ sceneId: 'scn_1' }, undefined);
    await pass(1_000);
    expect(program.positionOf('src_alarm')).toBe(program.stats().frame - frame);
    production.emergency(null, fade(1_000));
    await pass(900);
    expect(children.decoderOf('src_alarm').told).toEqual([]);
    await pass(500);
    expect([program.isPlaying('src_alarm'), children.decoderOf('src_alarm').told]).toEqual([false, ['seek 0']]);
  });

  it('does not stop a film that is on program as well', async () => {
    start(wish({ program: { sourceId: 'src_alarm' } }));
    await pass(500);
    production.emergency({ sourceId: 'src_alarm' }, undefined);
    await pass(300);
    production.emergency(null, undefined);
    await pass(500);
    expect([program.isPlaying('src_alarm'), children.decoderOf('src_alarm').told]).toEqual([true, []]);
  });

  it('is the slate when what was prepared is not there, or not any more', async () => {
    start(wish());
    await pass(500);
    production.emergency({ sceneId: 'scn_gone' }, undefined);
    await pass(100);
    expect(program.sourcesOfCover).toEqual([SLATE_ID]);
    production.emergency({ sourceId: 'src_2' }, undefined);
    await pass(100);
    expect(program.sourcesOfCover).toEqual(['src_2']);
    production.apply(wish({ sources: sources.filter(({ id }) => id !== 'src_2'), emergency: null }), x264);
    await pass(100);
    expect(program.sourcesOfCover).toEqual([SLATE_ID]);
  });

  it('is wanted from the start: over the first frame, and released by a push', async () => {
    start(wish({ emergency: { sourceId: 'src_2' } }));
    await pass(500);
    expect(seen.every(({ cover }) => cover === 'src_2')).toBe(true);
    expect(seen.length).toBeGreaterThan(10);
    production.apply(wish({ emergency: null }), x264);
    await pass(100);
    expect(seen.at(-1)).toMatchObject({ cover: '', program: 'src_1' });
  });

  it('is not undone by a push that still says what was before', async () => {
    start(wish());
    await pass(500);
    production.emergency({ slate: true }, undefined);
    production.apply(wish(), x264);
    production.apply(wish({ emergency: { slate: true } }), x264);
    await pass(100);
    expect(production.actual().emergency).toBe(true);
    production.emergency(null, undefined);
    production.apply(wish({ emergency: { slate: true } }), x264);
    await pass(100);
    expect(production.actual().emergency).toBe(false);
  });

  it('is nothing to release when it is not on', async () => {
    start(wish());
    await pass(500);
    await during(production.insert(insert()));
    await pass(300);
    production.emergency(null, undefined);
    await pass(300);
    expect(production.actual().insert).toMatchObject({ airingId: 'air_1' });
  });

  it('lets takes happen beneath', async () => {
    start(wish());
    await pass(500);
    production.emergency({ slate: true }, undefined);
    production.take({ sourceId: 'src_2' }, undefined);
    await pass(200);
    expect(seen.at(-1)).toMatchObject({ program: 'src_2', cover: SLATE_ID });
  });
});

describe('an insert over the program', () => {
  it('leaves nothing behind of what was planned of it, aired or not', async () => {
    start(wish());
    await pass(500);
    for (let n = 0; n < 3; n++) {
      await during(production.insert(insert({ airingId: `air_${n}`, document: document({ clips: [clip('src_spot', 0, 1_000), clip('src_alarm', 1_000, 1_000)] }) })));
      await pass(200);
      expect(program.plannedScenes).not.toEqual([]);
      if (n === 1) production.endInsert('air_1');
      await pass(4_000);
      expect(program.plannedScenes).toEqual([]);
    }
  });

  it('airs exactly its frames, while the timeline goes on', async () => {
    const { frame: zero } = await playing();
    const { frame, ptsMs, frames, playback } = await during(production.insert(insert()));
    expect([frames, ptsMs, playback]).toEqual([60, Math.round((frame * 1000) / FPS), undefined]);
    await pass(500);
    expect(production.actual().insert).toEqual({ airingId: 'air_1', insertId: 'ins_1', frame, aired: program.stats().frame + 1 - frame, missed: 0, frames: 60 });
    await pass(2_500);
    expect(covered()).toEqual(range(frame, frame + 60));
    expect(covered().map((n) => at(n).cover)).toEqual(range(0, 60).map(String));
    expect(seen.filter((one) => one.frame >= zero && one.program !== String(one.frame - zero))).toEqual([]);
    expect(production.actual()).toMatchObject({ insert: null, airings: [{ airingId: 'air_1', insertId: 'ins_1', frame, frames: 60, missed: 0, ended: 'whole' }] });
    expect(children.running('vistter-decoder').map((child) => child.args.join(' ')).filter((args) => args.includes('src_spot'))).toHaveLength(1);
  });

  it('comes and goes by its transitions within its frames, also when they are longer than it is', async () => {
    start(wish());
    await pass(500);
    const first = await during(production.insert(insert({ transition: fade(300), transitionOut: fade(500) })));
    await pass(3_000);
    expect(covered()).toEqual(range(first.frame, first.frame + 60));
    expect(covered().filter((n) => at(n).cover.startsWith('~'))).toEqual([...range(first.frame, first.frame + 9), ...range(first.frame + 45, first.frame + 60)]);
    watch();
    const second = await during(production.insert(insert({ airingId: 'air_2', transition: fade(900), transitionOut: fade(900) }, 1_000)));
    await pass(3_000);
    expect(covered()).toEqual(range(second.frame, second.frame + 30));
    expect(production.actual().airings.map(({ frames, ended }) => [frames, ended])).toEqual([[60, 'whole'], [30, 'whole']]);
  });

  describe('told in the log when its own picture was not there', () => {
    const air = async (over: Partial<EngineInsert>): Promise<unknown[]> => {
      const { frame, frames } = await during(production.insert(insert(over)));
      expect(frames).toBe(60);
      await pass(3_000);
      expect(covered().filter((n) => n >= frame)).toEqual(range(frame, frame + 60));
      const { missed, ended, frames: aired } = production.actual().airings.at(-1)!;
      return [aired, missed, ended];
    };
    /** What the spot's decoder does. */
    const spot = (does: (at: NonNullable<ReturnType<typeof sourceOf>>) => void): void => {
      children.onSpawn = (child) => {
        const of = child.program === 'vistter-decoder' ? sourceOf(child) : undefined;
        if (of && child.args.join(' ').includes('src_spot')) does(of);
        else fill(child);
      };
    };

    it('a film that ends before it does, on its frame', async () => {
      await playing();
      spot(({ program, id }) => program.produce(id, { frames: 18 }));
      expect(await air({})).toEqual([60, 42, 'partly']);
    });

    it('a film that stalls: what it stands for longer than a stutter', async () => {
      await playing();
      let of: { program: FakeNativeProgram; id: string } | undefined;
      spot((found) => (of = found).program.produce(found.id));
      const { frame } = await during(production.insert(insert()));
      await pass(1_000);
      const stalled = program.stats().frame;
      of!.program.stall(of!.id);
      await pass(2_500);
      // Six frames are a stutter.
      expect(production.actual().airings).toMatchObject([{ frames: 60, missed: frame + 60 - stalled - 1 - 6, ended: 'partly' }]);
    });

    it('one that cannot be opened, and a camera that is away: it has failed, also when it was cut short', async () => {
      children.onSpawn = (child) => { if (sourceOf(child)?.id !== 'src_2') fill(child); };
      await playing();
      const away = document({ clips: [clip('src_2', 0, 2_000)] });
      expect(await air({ document: away })).toEqual([60, 60, 'failed']);
      spot(() => undefined);
      const { frame } = await during(production.insert(insert({ airingId: 'air_2' })));
      await pass(500);
      expect(production.actual().insert).toMatchObject({ aired: program.stats().frame + 1 - frame, missed: program.stats().frame + 1 - frame });
      production.endInsert('air_2');
      await pass(500);
      expect(production.actual().airings.at(-1)).toMatchObject({ ended: 'failed', missed: expect.any(Number) });
    });

    it('one of two pictures of a scene: each frame, but it has not failed', async () => {
      await playing();
      spot(() => undefined);
      const both = document({ tracks: [{ kind: 'video', clips: [clip('src_1', 0, 2_000)] }, { kind: 'video', clips: [clip('src_spot', 0, 2_000, { width: 0.5, height: 0.5 })] }] });
      expect(await air({ document: both })).toEqual([60, 60, 'partly']);
    });

    it('sound alone that never came', async () => {
      await playing();
      spot(() => undefined);
      const asSound = document({ tracks: [{ kind: 'audio', clips: [clip('src_spot', 0, 2_000)] }] });
      expect(await air({ document: asSound, fills: false })).toEqual([60, 60, 'failed']);
      children.onSpawn = fill;
      expect(await air({ airingId: 'air_2', document: asSound, fills: false })).toEqual([60, 0, 'whole']);
    });
  });

  it('leaves the program in sight when it does not fill the frame', async () => {
    start(wish());
    await pass(500);
    await during(production.insert(insert({ fills: false, document: document({ clips: [clip('src_spot', 0, 2_000, { x: 0.5, width: 0.5, height: 0.5 })] }) })));
    await pass(500);
    expect(program.cover.to).toMatchObject({ fills: false, scene: { layers: [{ x: 0.5, width: 0.5, height: 0.5 }] } });
  });

  it('waits until its film is ready, and refuses another meanwhile', async () => {
    slow(600);
    start(wish());
    await pass(1_500);
    const asked = program.stats().frame;
    const inserting = production.insert(insert());
    await expect(production.insert(insert({ airingId: 'air_2' }))).rejects.toMatchObject({ code: 'CONFLICT' });
    const { frame } = await during(inserting);
    expect(frame - asked).toBeGreaterThan(17);
    await pass(100);
    expect(at(frame).cover).toBe('0');
    await expect(production.insert(insert({ airingId: 'air_2' }))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused under the emergency, and when it cannot be read', async () => {
    start(wish());
    await pass(500);
    await expect(production.insert(insert({ document: { clips: 'all' } }))).rejects.toMatchObject({ code: 'VALIDATION' });
    production.emergency({ slate: true }, undefined);
    await expect(production.insert(insert())).rejects.toMatchObject({ code: 'EMERGENCY' });
  });

  it('that the compositor refuses is in nobody\'s way', async () => {
    start(wish());
    await pass(500);
    const refuse = vi.spyOn(program, 'coverAt').mockImplementation(() => { throw new TypeError('no'); });
    await expect(during(production.insert(insert()))).rejects.toThrow('no');
    refuse.mockRestore();
    expect(production.actual()).toMatchObject({ insert: null, airings: [] });
    await during(production.insert(insert({ airingId: 'air_2' })));
    expect(production.actual().insert).toMatchObject({ airingId: 'air_2' });
  });

  it('makes way for a take, by the transition of that', async () => {
    start(wish());
    await pass(500);
    const { frame } = await during(production.insert(insert()));
    await pass(500);
    const cut = production.take({ sourceId: 'src_2' }, undefined);
    await pass(1_000);
    expect(covered()).toEqual(range(frame, cut.frame));
    expect([at(cut.frame - 1).program, at(cut.frame).program]).toEqual(['src_1', 'src_2']);
    const second = await during(production.insert(insert({ airingId: 'air_2' })));
    await pass(500);
    const faded = production.take({ sourceId: 'src_1' }, fade(500));
    await pass(2_000);
    expect(covered().filter((n) => n >= second.frame)).toEqual(range(second.frame, faded.frame + 15));
    // Beneath, it is a cut.
    expect([at(faded.frame - 1).program, at(faded.frame).program]).toEqual(['src_2', 'src_1']);
    expect(production.actual().airings).toMatchObject([{ frames: cut.frame - frame, ended: 'take' }, { frames: faded.frame + 15 - second.frame, ended: 'take' }]);
  });

  it('makes way for the emergency, and is not there afterwards', async () => {
    start(wish());
    await pass(500);
    const { frame } = await during(production.insert(insert()));
    await pass(500);
    const on = production.emergency({ slate: true }, undefined);
    await pass(500);
    production.emergency(null, undefined);
    await pass(500);
    expect(covered().filter((n) => at(n).cover !== SLATE_ID)).toEqual(range(frame, on.frame));
    expect(production.actual()).toMatchObject({ insert: null, airings: [{ frames: on.frame - frame, ended: 'emergency' }] });
    expect(at(program.stats().frame).cover).toBe('');
  });

  it('is stopped by its own way out', async () => {
    start(wish());
    await pass(500);
    const { frame } = await during(production.insert(insert({ transitionOut: fade(200) })));
    await pass(500);
    const { frame: gone } = production.endInsert('air_1');
    expect(() => production.endInsert('air_9')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await pass(1_000);
    expect(covered()).toEqual(range(frame, gone + 6));
    expect(production.actual().airings).toMatchObject([{ frames: gone + 6 - frame, ended: 'stopped' }]);
    expect(() => production.endInsert('air_1')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('that is not ready yet is not put on program after a take, and of it there is nothing to tell', async () => {
    slow(1_000);
    start(wish());
    await pass(1_500);
    const inserting = production.insert(insert());
    inserting.catch(() => {});
    await pass(200);
    production.take({ sourceId: 'src_2' }, undefined);
    await expect(during(inserting)).rejects.toMatchObject({ code: 'CONFLICT' });
    await pass(1_500);
    expect([covered(), production.actual().airings]).toEqual([[], []]);
  });

  it('ends when the studio does not want it any more', async () => {
    start(wish());
    await pass(500);
    const { frame } = await during(production.insert(insert()));
    const began = { frame, bootId: 'boot-1', wallMs: Date.now() };
    production.apply(wish(), x264);
    await pass(200);
    production.apply(wish({ insert: insert({ began }) }), x264);
    await pass(200);
    expect(production.actual().insert).not.toBeNull();
    production.apply(wish(), x264);
    await pass(500);
    expect(production.actual()).toMatchObject({ insert: null, airings: [{ ended: 'stopped' }] });
  });
});

describe('an insert in between', () => {
  /** The film frame that a frame of the program should show when it stood still for a while. */
  const filmAt = (zero: number, from: number, to: number) => (n: number) => String(n <= from ? n - zero : Math.max(from, n - (to - from)) - zero);

  it('has the timeline stand still for exactly its frames', async () => {
    const { frame: zero } = await playing();
    const { frame, frames, playback } = await during(production.insert(insert({ mode: 'between' })));
    await pass(4_000);
    const expected = filmAt(zero, frame, frame + frames);
    expect(covered()).toEqual(range(frame, frame + 60));
    expect(seen.filter((one) => one.frame >= zero && one.program !== expected(one.frame))).toEqual([]);
    expect(at(frame + 60).program).toBe(String(Number(at(frame - 1).program) + 1));
    expect(playback).toMatchObject({ is: 'playing', zeroUs: Math.round(((zero + 60) * 1e6) / FPS), bootId: 'boot-1' });
    expect(production.actual().timeline).toMatchObject({ state: 'playing', playback: { zeroUs: Math.round(((zero + 60) * 1e6) / FPS) } });
  });

  it.each([1_000, 1_700])('does so while JavaScript stands still for %d ms around either end', async (ms) => {
    const { frame: zero } = await playing();
    const { frame, frames } = await during(production.insert(insert({ mode: 'between', transition: fade(200), transitionOut: fade(200) })));
    await stall(ms);
    await pass(2_000 - ms - 300);
    await stall(ms);
    await pass(2_000);
    const expected = filmAt(zero, frame, frame + frames);
    expect(covered()).toEqual(range(frame, frame + 60));
    expect(seen.filter((one) => one.frame >= zero && one.program !== expected(one.frame))).toEqual([]);
  });

  it('goes over a join of clips, and opens none early or late', async () => {
    const two = document({ clips: [clip('src_film', 0, 1_500), clip('src_2', 1_500, 500), clip('src_alarm', 2_000, 5_000)] });
    const { frame: zero } = await playing({ timelines: [known('tml_1', two)] });
    const { frame } = await during(production.insert(insert({ mode: 'between' }, 6_000)));
    await pass(9_000);
    const position = (n: number) => Number(filmAt(zero, frame, frame + 180)(n));
    const shows = (p: number) => (p < 45 ? String(p) : p < 60 ? 'src_2' : String(p - 60));
    expect(seen.filter((one) => one.frame >= zero && position(one.frame) < 200 && one.program !== shows(position(one.frame)))).toEqual([]);
  });

  it('is as one over it when no timeline runs on program', async () => {
    start(wish());
    await pass(500);
    expect(await during(production.insert(insert({ mode: 'between' })))).not.toHaveProperty('playback');
    await pass(3_000);
    expect(production.actual().airings).toMatchObject([{ frames: 60, ended: 'whole' }]);
  });

  it('lets the timeline go on when it is stopped', async () => {
    const { frame: zero } = await playing();
    const { frame } = await during(production.insert(insert({ mode: 'between', transitionOut: fade(200) })));
    await pass(500);
    const { frame: gone, playback } = production.endInsert('air_1');
    await pass(2_000);
    const expected = filmAt(zero, frame, gone + 6);
    expect(seen.filter((one) => one.frame >= zero && one.program !== expected(one.frame))).toEqual([]);
    expect(playback).toMatchObject({ is: 'playing', zeroUs: Math.round(((zero + gone + 6 - frame) * 1e6) / FPS) });
  });

  it('that is stopped before its first frame leaves no trace', async () => {
    const { frame: zero } = await playing();
    await during(production.insert(insert({ mode: 'between' })));
    production.emergency({ slate: true }, undefined);
    await pass(100);
    production.emergency(null, undefined);
    await pass(2_000);
    expect(seen.filter((one) => one.frame >= zero && one.program !== String(one.frame - zero))).toEqual([]);
    expect(production.actual().airings).toMatchObject([{ frames: 0, ended: 'emergency' }]);
  });

  it('lets the timeline go on under the emergency', async () => {
    const { frame: zero } = await playing();
    const { frame } = await during(production.insert(insert({ mode: 'between' })));
    await pass(500);
    const on = production.emergency({ slate: true }, undefined);
    await pass(1_500);
    production.emergency(null, undefined);
    await pass(500);
    const expected = filmAt(zero, frame, on.frame);
    expect(seen.filter((one) => one.frame >= zero && one.program !== expected(one.frame))).toEqual([]);
    expect(on.playback).toMatchObject({ zeroUs: Math.round(((zero + on.frame - frame) * 1e6) / FPS) });
  });

  it('tells with a take where it left the timeline', async () => {
    const { frame: zero } = await playing();
    const { frame } = await during(production.insert(insert({ mode: 'between' })));
    await pass(500);
    const cut = production.take({ sourceId: 'src_2' }, undefined);
    expect(cut.left).toMatchObject({ timelineId: 'tml_1', playback: { is: 'playing', zeroUs: Math.round(((zero + cut.frame - frame) * 1e6) / FPS) } });
    await pass(200);
    expect(production.take({ sourceId: 'src_1' }, undefined)).not.toHaveProperty('left');
  });

  it('makes way for playback: a seek, and a play', async () => {
    await playing();
    const first = await during(production.insert(insert({ mode: 'between' })));
    await pass(500);
    const sought = await during(production.playback({ timelineId: 'tml_1', action: 'seek', positionMs: 5_000 }));
    await pass(500);
    expect(covered()).toEqual(range(first.frame, sought.frame));
    expect(at(sought.frame).program).toBe('150');
    watch();
    await during(production.insert(insert({ mode: 'between', airingId: 'air_2' })));
    await pass(500);
    const before = seen.at(-1)!.program;
    const { frame } = await during(production.playback({ timelineId: 'tml_1', action: 'play' }));
    await pass(300);
    expect([at(frame - 1).program, at(frame).program, at(frame + 1).program]).toEqual([before, before, String(Number(before) + 1)]);
    expect(production.actual().airings.map(({ ended }) => ended)).toEqual(['take', 'take']);
  });

  it('leaves a timeline paused that was paused meanwhile', async () => {
    const { frame: zero } = await playing();
    const { frame } = await during(production.insert(insert({ mode: 'between' })));
    await pass(500);
    await during(production.playback({ timelineId: 'tml_1', action: 'pause' }));
    await pass(3_000);
    expect(covered()).toEqual(range(frame, frame + 60));
    expect(seen.at(-1)!.program).toBe(String(frame - zero));
  });
});
