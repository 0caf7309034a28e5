import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodecChoice } from '../../../src/engine/codec-probe.js';
import { Production } from '../../../src/engine/production.js';
import { MOST_LAYERS } from '../../../src/engine/scene-bounds.js';
import { overlayPictureId, SLATE_ID } from '../../../src/engine/scene-plan.js';
import type { EngineDesired } from '../../../src/protocol/link.js';
import { Layer, OverlayInput } from '../../../src/protocol/resources.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, desired, FakeWorker, film, newestProgram, pass, places } from './doubles.js';

const x264: CodecChoice = { codec: 'libx264' };
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

const two = (over: Partial<EngineDesired> = {}): EngineDesired => desired({ sources: [camera('src_1'), camera('src_2')], ...over });
const onProgram = () => program.sourcesOnProgram;
const fade = { kind: 'fade', durationMs: 1_000 } as const;

describe('Production', () => {
  it('starts with what is wanted: decoders, overlays, the scene on program and an encoder told its first frame', async () => {
    start(two());
    await pass(100);
    expect(children.running('vistter-decoder')).toHaveLength(2);
    expect(onProgram()).toEqual(['src_1']);
    const [encoder] = children.running('ffmpeg');
    const { firstFrame } = program.stats().feeds[0]!;
    expect(encoder!.args).toContain(`program_ms=${Math.round((firstFrame * 1000) / 30) - 200}`);
    expect(production.actual()).toMatchObject({ program: { sourceId: 'src_1', inTransition: false }, sources: [{ id: 'src_1' }, { id: 'src_2' }] });
  });

  it('has of more overlays than the compositor takes those on top on program', async () => {
    const overlays = Array.from({ length: MOST_LAYERS + 1 }, (_, n) => ({ id: `ovl_${n}`, ...OverlayInput.parse({ kind: 'clock', name: 'a', visible: true }) }));
    start(two({ overlays }));
    const shown = vi.spyOn(program, 'setOverlays');
    for (const { id } of overlays) FakeWorker.newest.draw(overlayPictureId(id));
    const ids = shown.mock.lastCall?.[0].map(({ sourceId }) => sourceId);
    expect(ids).toEqual(overlays.slice(1).map(({ id }) => overlayPictureId(id)));
    shown.mockRestore();
  });

  it('says of a take which frame first shows it and when that is due', async () => {
    start(two());
    await pass(500);
    const { frame, ptsMs } = production.take({ sourceId: 'src_2' }, undefined);
    expect(ptsMs).toBe(Math.round((frame * 1000) / 30));
    expect(program.stats().frame).toBeLessThan(frame);
    await pass(34);
    expect(program.stats()).toMatchObject({ frame, sceneId: 'src_2' });
    production.take({ sourceId: 'src_1' }, fade);
    await pass(500);
    expect(production.actual().program).toMatchObject({ sourceId: 'src_1', inTransition: true });
    await pass(600);
    expect(production.actual().program.inTransition).toBe(false);
  });

  it('is not taken back by a push that still names what was on program before a take', async () => {
    start(two());
    production.take({ sourceId: 'src_2' }, undefined);
    await pass(100);
    production.apply(two({ scenes: [] }), x264);
    await pass(100);
    expect(onProgram()).toEqual(['src_2']);
    // Said again by the studio, which has stored it meanwhile; then something else is wanted.
    production.apply(two({ program: { sourceId: 'src_2' }, take: 1 }), x264);
    expect(onProgram()).toEqual(['src_2']);
    production.apply(two({ program: { sourceId: 'src_1' }, take: 1 }), x264);
    await pass(100);
    expect(onProgram()).toEqual(['src_1']);
  });

  it('counts what it takes on from what it was told, tells it until something else is wanted, and heeds no wish that is older', async () => {
    start(two({ take: 7 }));
    expect(production.actual().taken).toBeNull();
    const reply = production.take({ sourceId: 'src_2' }, undefined, { scheduled: true });
    expect(reply.take).toBe(8);
    expect(production.actual()).toMatchObject({ program: { sourceId: 'src_2' }, taken: { ...reply, scheduled: true } });
    // A change of what is wanted, by a studio that has not heard of it: another one, after a crash.
    for (const program of [{ sceneId: 'scn_9' }, { sourceId: 'src_1' }]) production.apply(two({ program, take: 7 }), x264);
    await pass(100);
    expect(onProgram()).toEqual(['src_2']);
    // One that knows of it has the last word, said at once or later.
    production.apply(two({ program: { sourceId: 'src_2' }, take: 9 }), x264);
    production.apply(two({ program: { sourceId: 'src_1' }, take: 9 }), x264);
    await pass(100);
    expect(onProgram()).toEqual(['src_1']);
    expect(production.actual().taken).toBeNull();
    expect(production.take({ sourceId: 'src_2' }, undefined).take).toBe(10);
  });

  it('edits the scene on program in place, and leaves it alone when nothing of it changed', async () => {
    const scene = (x: number) => ({ id: 'scn_1', layers: [Layer.parse({ sourceId: 'src_1' }), Layer.parse({ sourceId: 'src_2', x, width: 0.5 })] });
    start(two({ scenes: [scene(0)], program: { sceneId: 'scn_1' } }));
    await pass(100);
    const [take, edit] = [vi.spyOn(program, 'take'), vi.spyOn(program, 'updateScene')];
    production.apply(two({ scenes: [scene(0)], program: { sceneId: 'scn_1' } }), x264);
    expect(edit).not.toHaveBeenCalled();
    production.apply(two({ scenes: [scene(0.5)], program: { sceneId: 'scn_1' } }), x264);
    await pass(100);
    expect(program.scene?.layers).toMatchObject([{ x: 0 }, { x: 0.5 }]);
    expect(take).not.toHaveBeenCalled();
  });

  it('shows the slate for a source that was deleted, and the source again once it is there', async () => {
    start(two());
    production.apply(two({ sources: [camera('src_2')] }), x264);
    await pass(100);
    expect(onProgram()).toEqual([SLATE_ID]);
    production.apply(two(), x264);
    await pass(100);
    expect(onProgram()).toEqual(['src_1']);
  });

  it('is fit for all wishes of its video format', () => {
    start(two());
    const video = (over: object) => two({ settings: { ...desired().settings, video: { ...desired().settings.video, ...over } } });
    expect(production.fits(video({}))).toBe(true);
    for (const change of [{ width: 1280 }, { height: 720 }, { fps: 29.97 }, { fps: 60 }]) expect(production.fits(video(change))).toBe(false);
    expect(production.fits(two({ settings: { ...desired().settings, audio: { ...desired().settings.audio, bitrateKbps: 96 } } }))).toBe(true);
  });

  it('has the mixer as it is wanted, and as a hand has moved it since', () => {
    const soundOf = (id: string) => newestProgram().sound.sources.find((source) => source.id === id);
    const set = (audio: object, program = {}) => two({ sources: [camera('src_1', { audio }), camera('src_2')], settings: { ...desired().settings, audio: { ...desired().settings.audio, ...program } } });
    start(set({ gainDb: -6.0206, delayMs: 40 }, { muted: true }));
    core.advance(40);
    expect(newestProgram().sound).toEqual({ gain: 0, sources: [{ id: 'src_1', gain: expect.closeTo(0.5, 4) as number, delayUs: 40_000, always: false }] });
    const before = children.all.length;
    production.mix.set({ id: 'src_2', audio: { gainDb: -60, muted: false, delayMs: 0, mode: 'follow' } });
    production.mix.set({ id: 'program', audio: { gainDb: 0, muted: false, delayMs: 0, mode: 'follow' } });
    core.advance(40);
    // The fader's lower end is silence.
    expect(soundOf('src_2')?.gain).toBe(0);
    expect(newestProgram().sound.gain).toBe(1);
    production.apply(set({ gainDb: 3, mode: 'always' }), x264);
    core.advance(40);
    expect(soundOf('src_1')).toMatchObject({ gain: expect.closeTo(1.4125, 4) as number, always: true });
    expect(soundOf('src_2')).toBeUndefined();
    // Neither a decoder nor the encoder was touched.
    expect(children.all).toHaveLength(before);
  });

  it('plays a file that is always heard from when that is wanted, on program or not, and opens it for that', () => {
    const films = Array.from({ length: 30 }, (_, i) => film(`src_film${i}`));
    const wanted = (mode: 'follow' | 'always') => two({ sources: [camera('src_1'), { ...film('src_film0'), audio: { gainDb: 0, muted: false, delayMs: 0, mode } }, ...films.slice(1)] as never });
    start(wanted('follow'));
    core.advance(100);
    expect(newestProgram().sourceIds).not.toContain('src_film0');
    production.apply(wanted('always'), x264);
    core.advance(100);
    expect(newestProgram().isPlaying('src_film0')).toBe(true);
    production.take({ sourceId: 'src_film0' }, undefined);
    production.take({ sourceId: 'src_1' }, undefined);
    core.advance(500);
    expect(newestProgram().isPlaying('src_film0')).toBe(true);
  });

  it('draws overlays over the program once they are drawn, and tells the program only of changes', async () => {
    const overlay = (id: string, visible = true) => ({ id, ...OverlayInput.parse({ kind: 'clock', name: id, visible }) });
    start(two({ overlays: [overlay('ovl_a'), overlay('ovl_b')] }));
    const set = vi.spyOn(program, 'setOverlays');
    FakeWorker.newest.draw(overlayPictureId('ovl_b'));
    FakeWorker.newest.draw(overlayPictureId('ovl_b'));
    FakeWorker.newest.draw(overlayPictureId('ovl_a'));
    await pass(100);
    expect(program.overlays).toEqual([overlayPictureId('ovl_a'), overlayPictureId('ovl_b')]);
    production.apply(two({ overlays: [overlay('ovl_a'), overlay('ovl_b')] }), x264);
    expect(set).toHaveBeenCalledTimes(2);
    production.apply(two({ overlays: [overlay('ovl_a')] }), x264);
    await pass(100);
    expect(program.overlays).toEqual([overlayPictureId('ovl_a')]);
    expect(production.actual().overlays).toEqual({ drawn: 3, failed: 0 });
  });

  it('measures how many frames a second it makes', async () => {
    start(two());
    await pass(1_000);
    production.actual();
    await pass(2_000);
    expect(production.actual().program.fps).toBeCloseTo(30, 0);
  });

  it('ends the encoder by the end of its feed, then the program, and leaves nothing open', async () => {
    start(two());
    await pass(1_000);
    const [encoder] = children.running('ffmpeg');
    const close = vi.spyOn(program, 'closeFeed').mockImplementation(() => {
      expect(program.isStopped).toBe(false);
      // An encoder reads the end of its input, and goes.
      setTimeout(() => encoder!.exit(0), 100);
    });
    const stopping = production.stop();
    expect(production.stop()).toBe(stopping);
    await pass(1_000);
    await stopping;
    expect(close).toHaveBeenCalled();
    expect(encoder!.signals).toEqual([]);
    expect(program.isStopped).toBe(true);
    expect(children.all.filter((child) => !child.ended)).toEqual([]);
    expect(core.descriptors).toEqual([]);
    expect(FakeWorker.newest.terminated).toBe(true);
  });
});
