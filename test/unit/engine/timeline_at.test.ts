/** Takes at a moment: made ready ahead, on with the frame that is due then, and in nobody's way until then. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Production } from '../../../src/engine/production.js';
import { frameDueAt, usOf } from '../../../src/domain/timeline/rate.js';
import type { TakeReply } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import type { TimelineDocument } from '../../../src/protocol/timeline.js';
import { silentLog } from '../../../src/runtime/log.js';
import { begin, camera, children, desired, newestProgram, pass, places } from './doubles.js';
import { clip, document, known, NTSC, PAL, stall, TimelineStage } from './timeline_stage.js';

const playing = (zeroUs: number): Playback => ({ is: 'playing', zeroUs, bootId: places.bootId, zeroWallMs: 0 });
/** A take with the frame that is due at a moment, CLOCK_MONOTONIC µs. */
const scheduled = (atUs: number) => ({ way: () => undefined, shown: () => {}, atFrame: frameDueAt(atUs, PAL.rate) });
const first = (): TimelineDocument => document({ loop: true, clips: [clip('src_a', 0, 60_000)] });
const second = (): TimelineDocument => document({ loop: true, clips: [clip('src_b', 0, 2000), clip('src_c', 2000, 58_000)] });

describe('a timeline', () => {
  let stage: TimelineStage;
  beforeEach(async () => { stage = await TimelineStage.open(); });
  afterEach(() => stage.close());

  /** The first is on program, and both are known. */
  async function open(): Promise<number> {
    stage.tell({ timelines: [known('tml_1', first()), known('tml_2', second())] });
    stage.record();
    return (await stage.from(0)).frame;
  }

  const inMs = (ms: number): number => children.core.monotonicUs() + ms * 1000;

  it.each([['PAL', PAL], ['NTSC', NTSC]])('is on with that frame, at position 0, and the one before it up to there, in %s', async (_name, format) => {
    await stage.stop();
    begin();
    stage = new TimelineStage(format);
    await pass(100);
    stage.films.set('src_b', { slowMs: 2500 });
    const zero = await open();
    const atUs = inMs(3000);
    const { frame, playback } = await stage.take('tml_2', { is: 'as', playback: playing(atUs) }, undefined, atUs);
    expect(Math.abs(usOf(frame, stage.rate) - atUs)).toBeLessThanOrEqual(usOf(1, stage.rate) / 2 + 1);
    expect(playback).toMatchObject({ is: 'playing', zeroUs: usOf(frame, stage.rate) });
    await pass(4000);
    expect(stage.recorded(zero, frame)).toEqual(stage.expectedFrames(stage.compile(first()), zero, frame, zero));
    expect(stage.recorded(frame, frame + 80)).toEqual(stage.expectedFrames(stage.compile(second()), frame, frame + 80, frame));
  });

  it('from where it stood, with a transition that begins with that frame', async () => {
    await open();
    const atUs = inMs(3000);
    const { frame } = await stage.take('tml_2', { is: 'from', positionMs: 1000 }, { kind: 'fade', durationMs: 400 }, atUs);
    await pass(1500);
    const compiled = stage.compile(second());
    expect(stage.recorded(frame + 10, frame + 20)).toEqual(stage.expectedFrames(compiled, frame + 10, frame + 20, frame - 25));
    expect(stage.recorded(frame - 1, frame)[0]!.layers).toHaveLength(1);
    expect(stage.recorded(frame, frame + 1)[0]!.layers).toMatchObject({ from: expect.anything() });
  });

  it('is on in time though the event loop stands still just before, and though its film is late', async () => {
    await open();
    stage.films.set('src_b', { slowMs: 5000 });
    const atUs = inMs(3000);
    const taken = stage.take('tml_2', { is: 'as', playback: playing(atUs) }, undefined, atUs);
    const { frame } = await taken;
    await stall(400);
    expect(stage.program.stats().frame).toBeGreaterThan(frame);
    expect(Math.abs(usOf(frame, stage.rate) - atUs)).toBeLessThanOrEqual(20_001);
    expect(stage.recorded(frame, frame + 1)[0]!.layers).not.toEqual(stage.recorded(frame - 1, frame)[0]!.layers);
  });

  it('holds nobody up, and gives way to what is taken meanwhile', async () => {
    await open();
    const atUs = inMs(3000);
    const waiting = stage.timelines.take('tml_2', { is: 'as', playback: playing(atUs) }, scheduled(atUs)).then(() => 'taken', (error) => error.code as string);
    await pass(1000);
    expect(stage.timelines.status()).toMatchObject({ timelineId: 'tml_1', state: 'playing' });
    // What does not change what is on program does not disturb it; a take does.
    await stage.control('pause');
    await stage.control('play');
    expect((await stage.control('seek', 10_000)).playback).toMatchObject({ is: 'playing' });
    await pass(3000);
    expect(await waiting).toBe('CONFLICT');
    expect([stage.timelines.status()!.timelineId, stage.playing]).toEqual(['tml_1', ['src_a']]);
    // Nor is an operator's slow one disturbed before its time comes.
    stage.films.set('src_c', { slowMs: 1000 });
    const later = inMs(3000);
    const planned = stage.timelines.take('tml_1', { is: 'as', playback: playing(later) }, scheduled(later)).then(() => 'taken', (error) => error.code as string);
    expect((await stage.from(3000, 'tml_2')).playback).toMatchObject({ is: 'playing' });
    await pass(4000);
    expect([await planned, stage.timelines.status()!.timelineId]).toEqual(['CONFLICT', 'tml_2']);
  });
});

describe('a source', () => {
  it('is on with the frame that is due then', async () => {
    const core = begin();
    children.onSpawn = undefined;
    const production = new Production(core, desired({ sources: [camera('src_1'), camera('src_2')] }), { codec: 'libx264' }, places, silentLog);
    const program = newestProgram();
    production.start();
    await pass(500);
    const seen: [number, string][] = [];
    program.onFrame = (frame, to) => { seen.push([frame, JSON.stringify(to?.layers)]); };
    const atUs = core.monotonicUs() + 100_000;
    const reply: TakeReply = production.take({ sourceId: 'src_2' }, undefined, { atUs });
    expect(Math.abs((reply.frame * 1e6) / 30 - atUs)).toBeLessThan(17_000);
    await pass(500);
    expect(seen.find(([, layers]) => layers.includes('src_2'))![0]).toBe(reply.frame);
    await Promise.all([production.stop(), pass(3000)]);
    vi.useRealTimers();
  });
});
