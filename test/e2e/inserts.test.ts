/** Emergencies and inserts where a platform would stand: films with frame counters, each program frame compared with what it must show. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AiringRecord } from '../../src/protocol/inserts.js';
import type { Playback } from '../../src/protocol/playback.js';
import { findBeeps } from '../support/pattern/analyse.js';
import { isFlash, type Code } from '../support/pattern/code.js';
import { patternFile } from '../support/pattern/generate.js';
import { fullFrame, type Region } from '../support/pattern/read.js';
import { Rig, rigMissing } from '../support/rig.js';
import { unrest, watchCameras } from '../support/steady.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import { folders } from './folders_suite.js';

if (rigMissing) console.log(`inserts: skipped, ${rigMissing}`);

const fps = 30;
const dueMs = (frame: number): number => (frame * 1_000) / fps;
const frameOf = (ms: number): number => Math.round((ms * fps) / 1_000);
/** Which film is which, by the number that its code carries. */
const MAIN = 1;
const SPOT = 2;
const STANDBY = 3;
/** What is left out at the end of a reading, and more: the last pictures may be half there. */
const TAIL_MS = 500;
/** Where a small insert lies: below the strip of what it lies on. */
const corner: Region = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };

const shared = {} as { rig: Rig };
beforeAll(async () => { shared.rig = await new Rig({ cameras: [], farKeys: ['far'] }).start(); }, 120_000);
afterAll(async () => { await shared.rig?.stop(); }, 30_000);

describe.skipIf(rigMissing)('before there are inserts', () => { folders(shared); });

type Seen = Map<number, (Code | null)[]>;
type Shows = { film: number; at?: (frame: number) => number };

describe.skipIf(rigMissing)('over the program at the far end', () => {
  let rig: Rig;
  let main: string;
  let spot: string;
  let spotPath: string;
  let card: string;
  let loop: string;
  /** The stream's time of a frame is program time and this. */
  let offsetMs: number;
  /** The program frame of the timeline's position 0. */
  let zero: number;

  const control = <T = { frame: number; playback: Playback }>(payload: object): Promise<T> => rig.socket.request<T>('playback:control', payload, 10_000);
  const air = (insertId: string) => rig.socket.request<{ airingId: string; frame: number; frames: number }>('insert:control', { action: 'air', insertId }, 10_000);
  const insert = async (more: object): Promise<string> => (await rig.product.api.post<{ id: string }>('/api/v1/inserts', { name: 'Spot', sourceId: spot, ...more })).id;
  const zeroOf = (playback: Playback): number => (playback.is === 'playing' ? frameOf(playback.zeroUs / 1_000) : NaN);
  const untilFrame = (frame: number): Promise<void> => delay(Math.max(0, dueMs(frame) - monotonicMs()));
  const line = (airingId: string): Promise<AiringRecord> => waitFor('the line in the log', async () => {
    const { items } = await rig.product.api.get<{ items: AiringRecord[] }>('/api/v1/airings');
    return items.find((one) => one.airingId === airingId);
  }, { timeoutMs: 15_000 });
  const play = async (): Promise<void> => {
    const { playback } = await control({ action: 'play', timelineId: loop, positionMs: 0 });
    zero = zeroOf(playback);
    await untilFrame(zero + 10);
  };

  /** What the far end saw of these program frames, by their number. */
  async function seen(from: number, to: number): Promise<Seen> {
    await waitFor('the frames at the far end', () => (rig.far.pictureArrivals('far').at(-1)?.mediaMs ?? 0) > offsetMs + dueMs(to) + TAIL_MS, { timeoutMs: 30_000 });
    const { frames } = await rig.far.read('far', dueMs(from) - 500, { regions: [fullFrame, corner], sound: false });
    const all = frames.map(({ ptsMs, codes }) => [frameOf(ptsMs - offsetMs), codes] as const);
    return new Map(all.filter(([frame]) => frame >= from && frame < to));
  }

  /** Each frame of a stretch shows one film, and of it the picture that it must; a busy test machine may make some late. */
  function expectShows(frames: Seen, from: number, to: number, { film, at }: Shows, region = 0): void {
    const stretch = Array.from({ length: to - from }, (_, i) => from + i);
    const missing = stretch.filter((frame) => !frames.has(frame));
    const other = stretch.filter((frame) => frames.has(frame) && frames.get(frame)![region]?.camera !== film);
    const wrong = at ? stretch.filter((frame) => frames.get(frame)?.[region]?.camera === film && frames.get(frame)![region]!.counter !== at(frame)) : [];
    const tell = (list: number[]): string => list.slice(0, 8).map((frame) => `${frame - from}: ${JSON.stringify(frames.get(frame)?.[region])} for ${at?.(frame)}`).join(', ');
    const spare = unrest([]).waitingShare > 0.25 ? Math.ceil(stretch.length / 10) : 0;
    expect(other.length, `frames of another picture than ${film} among ${from}..${to}: ${tell(other)}`).toBe(0);
    expect(missing.length, `missing among ${from}..${to}`).toBeLessThanOrEqual(spare);
    expect(wrong.length, `another moment of film ${film} among ${from}..${to}: ${tell(wrong)}`).toBeLessThanOrEqual(spare);
  }
  const timeline = (z = zero): Shows => ({ film: MAIN, at: (frame) => frame - z });
  const spotFrom = (first: number): Shows => ({ film: SPOT, at: (frame) => frame - first });
  /** Of an insert, how many frames were seen. */
  const count = (frames: Seen, film: number, region = 0): number => [...frames.values()].filter((codes) => codes[region]?.camera === film).length;

  beforeAll(async () => {
    const films = await Promise.all([MAIN, SPOT, STANDBY].map((camera) => patternFile({ camera })));
    ({ rig } = shared);
    const sources: string[] = [];
    for (const [i, { path }] of films.entries()) {
      copyFileSync(path, join(rig.product.home, 'media', basename(path)));
      sources.push((await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: `Film ${i + 1}`, kind: 'media', path: basename(path), loop: i === 2 })).id);
    }
    [main, spot] = sources as [string, string];
    spotPath = films[1]!.path;
    await rig.product.api.patch('/api/v1/settings', { emergency: { sourceId: sources[2] } });
    card = (await rig.product.api.get<{ items: { id: string; kind: string }[] }>('/api/v1/sources')).items.find(({ kind }) => kind === 'test')!.id;
    loop = (await rig.product.api.post<{ id: string }>('/api/v1/timelines', {
      name: 'Loop', loop: true, tracks: [{ kind: 'video', clips: [{ sourceId: main, startMs: 0, durationMs: 64_000 }] }],
    })).id;
    await play();
    await delay(2_500);
    const { frames } = await rig.far.read('far', dueMs(zero) - 500, { sound: false });
    // By most of its first two seconds: a single frame may have come late.
    const offsets = frames.flatMap(({ ptsMs, codes: [code] }) => (code?.camera === MAIN && code.counter < 60 ? [ptsMs - dueMs(zero + code.counter)] : [])).sort((a, b) => a - b);
    offsetMs = offsets[Math.floor(offsets.length / 2)]!;
  }, 120_000);
  beforeEach(() => watchCameras([]));

  it('an insert over it, by fades: exactly its frames, the timeline goes on beneath, and the line in the log says so', async () => {
    await play();
    const id = await insert({ durationMs: 2_000, transition: { kind: 'fade', durationMs: 300 }, transitionOut: { kind: 'fade', durationMs: 300 } });
    const { airingId, frame, frames } = await air(id);
    expect(frames).toBe(60);
    const all = await seen(frame - 5, frame + 70);
    expectShows(all, frame - 5, frame, timeline());
    expectShows(all, frame + 10, frame + 49, spotFrom(frame));
    expectShows(all, frame + 60, frame + 70, timeline());
    // In between is neither alone.
    for (const mixed of [frame + 4, frame + 55]) expect(all.get(mixed)?.[0] ?? null).toBeNull();
    expect(await line(airingId)).toMatchObject({ frame, frames: 60, plannedFrames: 60, fps: 30, ended: 'whole', mode: 'over', name: 'Spot' });
    const { startedAt } = await line(airingId);
    expect(Math.abs(Date.parse(startedAt) - (Date.now() - monotonicMs() + dueMs(frame)))).toBeLessThan(50);
  });

  it('an insert between: the timeline goes on where it was left, to the frame', async () => {
    await play();
    const id = await insert({ durationMs: 1_500, mode: 'between', inMs: 2_000 });
    await delay(700);
    const { airingId, frame, frames } = await air(id);
    const all = await seen(frame - 10, frame + 60);
    expectShows(all, frame - 10, frame, timeline());
    expectShows(all, frame, frame + 45, { film: SPOT, at: (n) => 60 + n - frame });
    expectShows(all, frame + 45, frame + 60, timeline(zero + 45));
    expect([frames, count(all, SPOT), (await line(airingId)).frames]).toEqual([45, 45, 45]);
    zero += 45;
  });

  it('a film that breaks off: the log has the frames in which it was not seen, and no advertiser takes it for whole', async () => {
    await play();
    // Its index is whole, and says that it is: what is missing is pictures.
    const broken = join(rig.product.home, 'media', 'broken.mp4');
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', spotPath, '-t', '6', '-c', 'copy', '-movflags', '+faststart', broken]);
    truncateSync(broken, Math.round(statSync(broken).size * 0.3));
    const { id: sourceId } = await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: 'Broken', kind: 'media', path: 'broken.mp4' });
    const { airingId, frame, frames } = await air(await insert({ sourceId, durationMs: 3_500 }));
    expect(frames).toBe(105);
    const all = await seen(frame - 5, frame + 110);
    const were = count(all, SPOT);
    const { ended, frames: aired, missedFrames } = await line(airingId);
    console.log(`  ${were} of ${frames} frames seen, ${missedFrames} logged as missed (${ended})`);
    expect([ended, aired]).toEqual(['partly', 105]);
    // A last picture that stands counts as seen for no longer than a stutter.
    const shown = [...all.values()].map((codes) => codes[0]).filter((code) => code?.camera === SPOT);
    const moving = new Set(shown.map((code) => code!.counter)).size;
    expect(missedFrames).toBeGreaterThan(30);
    expect(Math.abs(105 - missedFrames! - moving)).toBeLessThanOrEqual(8);
  });

  it('a film with a length that it has not, and one that is not there', async () => {
    await play();
    const { airingId, frame } = await air(await insert({ inMs: 63_000, durationMs: 2_000 }));
    const all = await seen(frame, frame + 65);
    const { ended, frames, missedFrames } = await line(airingId);
    console.log(`  ${count(all, SPOT)} of ${frames} frames seen, ${missedFrames} logged as missed (${ended})`);
    expect([ended, frames, frames - missedFrames!]).toEqual(['partly', 60, count(all, SPOT)]);
    const { id: sourceId } = await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: 'None', kind: 'media', path: 'none.mp4' });
    await expect(air(await insert({ sourceId, durationMs: 2_000 }))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
  });

  it('a small one lies over the program, which stays; stopped, it is as long as it was seen', async () => {
    await play();
    const id = await insert({ durationMs: 20_000, ...corner });
    const { airingId, frame } = await air(id);
    await untilFrame(frame + 30);
    const { frame: gone } = await rig.socket.request<{ frame: number }>('insert:control', { action: 'stop' });
    const all = await seen(frame - 5, gone + 10);
    expectShows(all, frame - 5, gone + 10, timeline());
    expectShows(all, frame, gone, spotFrom(frame), 1);
    expect([all.get(frame - 1)?.[1], all.get(gone)?.[1]]).toEqual([null, null]);
    expect(await line(airingId)).toMatchObject({ frames: gone - frame, plannedFrames: 600, ended: 'stopped' });
    expect(count(all, SPOT, 1)).toBe(gone - frame);
  });

  it('one of sound alone is heard to the sample over the program, whose picture and sound stay', async () => {
    await play();
    const sourceId = (await rig.product.api.post<{ id: string }>('/api/v1/sources', { name: 'Jingle', kind: 'audio', path: basename(spotPath) })).id;
    // Sound is ready at once, and what is looked at begins before it.
    await untilFrame(zero + 60);
    const { airingId, frame, frames } = await air(await insert({ sourceId, durationMs: 3_000 }));
    expect(frames).toBe(90);
    const all = await seen(frame - 40, frame + 120);
    expectShows(all, frame - 40, frame + 120, timeline());
    const beeps = findBeeps(await rig.far.read('far', dueMs(frame - 40) - 500, {}), [MAIN, SPOT]);
    /** How much later than it is due each beep is heard, ms. */
    const off = (camera: number, from: number, to: number, counter: (n: number) => number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
      .filter((n) => isFlash(counter(n), fps))
      .map((n) => beeps.filter((beep) => beep.camera === camera).map(({ onsetMs }) => onsetMs - offsetMs - dueMs(n)).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? NaN);
    const spots = off(SPOT, frame, frame + 90, (n) => n - frame);
    expect(spots.length).toBeGreaterThanOrEqual(3);
    // Sound alone begins with its file's first sample, which the encoder put 21 ms before the picture.
    for (const ms of spots) expect(ms > -2 && ms < 24, `the jingle is ${ms} ms off`).toBe(true);
    expect(Math.max(...spots) - Math.min(...spots)).toBeLessThan(2);
    for (const ms of off(MAIN, frame - 30, frame + 110, (n) => n - zero)) expect(Math.abs(ms)).toBeLessThan(20);
    const heard = beeps.filter(({ camera }) => camera === SPOT).map(({ onsetMs }) => onsetMs - offsetMs);
    for (const ms of heard) expect(ms > dueMs(frame) - 20 && ms < dueMs(frame + 90)).toBe(true);
    expect(await line(airingId)).toMatchObject({ frames: 90, plannedFrames: 90, ended: 'whole' });
  });

  it('an emergency in the middle of a fade is there in one frame; releases bring back what was taken, and the timeline where it would be', async () => {
    await play();
    await rig.socket.switchTo({ sourceId: card }, { kind: 'fade', durationMs: 2_000 });
    await delay(800);
    const askedMs = monotonicMs();
    const { frame } = await control({ action: 'emergency' });
    expect(dueMs(frame) - askedMs).toBeLessThan(500);
    await expect(rig.socket.switchTo({ sourceId: main })).rejects.toMatchObject({ code: 'EMERGENCY' });
    await untilFrame(frame + 45);
    const { frame: back } = await control({ action: 'release' });
    await untilFrame(back + 15);
    const released = await control({ action: 'release' });
    expect(zeroOf(released.playback)).toBe(zero);
    const all = await seen(frame - 10, released.frame + 15);
    for (let n = frame - 10; n < frame; n++) expect(all.get(n)?.[0]?.camera).not.toBe(STANDBY);
    const first = all.get(frame)![0]!.counter;
    expectShows(all, frame, back, { film: STANDBY, at: (n) => first + n - frame });
    for (let n = back; n < released.frame; n++) expect(all.get(n)?.[0] ?? null).toBeNull();
    expectShows(all, released.frame, released.frame + 15, timeline());
  });

  it('an emergency ends an insert on its frame; the timeline comes back where it would be, or where it was left', async () => {
    await play();
    const { airingId, frame } = await air(await insert({ durationMs: 20_000 }));
    await untilFrame(frame + 20);
    const { frame: begun } = await control({ action: 'emergency' });
    await untilFrame(begun + 30);
    const { frame: now } = await control({ action: 'release' });
    const all = await seen(frame, now + 10);
    expectShows(all, frame, begun, spotFrom(frame));
    expectShows(all, begun, now, { film: STANDBY });
    expectShows(all, now, now + 10, timeline());
    expect(await line(airingId)).toMatchObject({ frames: begun - frame, ended: 'emergency' });

    const { frame: again } = await control({ action: 'emergency' });
    await delay(1_500);
    const left = await control({ action: 'release', resume: 'left' });
    const later = await seen(again, left.frame + 10);
    expectShows(later, again, left.frame, { film: STANDBY });
    const shift = later.get(left.frame)![0]!.counter - (again - zero);
    console.log(`  left: ${shift} frames on`);
    expect(shift).toBeGreaterThanOrEqual(0);
    expect(shift).toBeLessThan(30);
    expectShows(later, left.frame, left.frame + 10, timeline(zeroOf(left.playback)));
  });

  it('one comes by itself every ten seconds', async () => {
    await play();
    const made = frameOf(monotonicMs());
    const id = await insert({ name: 'Regular', durationMs: 1_000, everyMs: 10_000 });
    const mine = async (): Promise<AiringRecord[]> => (await rig.product.api.get<{ items: AiringRecord[] }>(`/api/v1/airings?insertId=${id}`)).items;
    // That the next one comes as long after it is the studio's own test's.
    const [one] = await waitFor('an airing', async () => { const items = await mine(); return items.length === 1 && items; }, { timeoutMs: 30_000 }) as [AiringRecord];
    await rig.product.api.patch(`/api/v1/inserts/${id}`, { enabled: false });
    console.log(`  ${one.frame - made} frames after it was made`);
    // Once the studio has looked, and the engine has the film open.
    expect([one.frame - made >= 295, one.frame - made < 390]).toEqual([true, true]);
    const all = await seen(one.frame - 5, one.frame + 35);
    expectShows(all, one.frame, one.frame + 30, spotFrom(one.frame));
    expectShows(all, one.frame + 30, one.frame + 35, timeline());
    expect([one.frames, one.ended, count(all, SPOT)]).toEqual([30, 'whole', 30]);
  });

  it('kill -9 of the engine in mid-insert: it is joined where it should be, and the timeline then goes on where it was left', async () => {
    await play();
    const id = await insert({ durationMs: 9_000, mode: 'between' });
    await delay(500);
    const { airingId, frame } = await air(id);
    await untilFrame(frame + 30);
    const killed = frameOf(rig.product.kill('engine'));
    await waitFor('the engine', async () => (await rig.product.api.status()).program?.fps, { timeoutMs: 15_000 });
    await untilFrame(frame + 290);
    const all = await seen(frame - 5, frame + 290);
    const joined = [...all.keys()].sort((a, b) => a - b).find((n) => n > killed + 5 && all.get(n)?.[0]?.camera === SPOT)!;
    console.log(`  killed at frame ${killed - frame} of 270, joined at ${joined - frame}`);
    expect(joined - killed).toBeLessThan(5 * fps);
    // It is joined with its first picture; on a machine with much to do its decoder has the next ones later.
    expectShows(all, joined + 1.5 * fps, frame + 270, spotFrom(frame));
    expectShows(all, frame + 275, frame + 290, timeline(zero + 270));
    zero += 270;
    const { ended, frames } = await line(airingId);
    const were = count(all, SPOT);
    console.log(`  ${frames} frames logged, ${were} at the far end`);
    expect([ended, Math.abs(frames - were) < 45]).toEqual(['engine', true]);
  });

  it('kill -9 of the engine, then of the studio, in mid-emergency: it comes back with it, and nothing else is seen', async () => {
    await play();
    const { frame } = await control({ action: 'emergency' });
    await untilFrame(frame + 30);
    const killed = frameOf(rig.product.kill('engine'));
    await waitFor('the engine to be gone', () => rig.product.restarts.some(({ role, atMs }) => role === 'engine' && atMs >= dueMs(killed) - 50));
    await waitFor('the emergency again', async () => {
      const status = await rig.product.api.get<{ emergency: boolean; program: { fps: number } | null }>('/api/v1/broadcast');
      return status.emergency && status.program !== null && status.program.fps > 0;
    }, { timeoutMs: 15_000 });
    rig.product.kill('studio');
    await delay(500);
    await rig.product.ready();
    rig.socket = await rig.product.socket();
    await waitFor('the emergency with the new studio', async () => (await rig.product.api.get<{ emergency: boolean }>('/api/v1/broadcast')).emergency, { timeoutMs: 15_000 });
    await expect(rig.socket.switchTo({ sourceId: main })).rejects.toMatchObject({ code: 'EMERGENCY' });
    const { frame: back } = await control({ action: 'release' });
    const all = await seen(frame, back + 15);
    const others = [...all].filter(([n, codes]) => n < back && codes[0]?.camera !== STANDBY).map(([n]) => n - frame);
    console.log(`  ${all.size} frames of ${back + 15 - frame}, killed at ${killed - frame}; not the emergency picture: ${others.join(' ') || 'none'}`);
    expect([...all].filter(([n, codes]) => n < back && codes[0]?.camera === MAIN)).toEqual([]);
    // The film's decoder has to start anew: the slate stands in.
    expect(others.length).toBeLessThan(60);
    expectShows(all, back, back + 15, timeline());
  });
});
