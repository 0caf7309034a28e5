/** A timeline where a platform would stand: films and cameras that carry frame counters, each compared with what its position says. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { film, type Film } from '../support/pattern/film.js';
import { ratesFilms, timelineFilms } from '../support/pattern/usual.js';
import { rigMissing } from '../support/rig.js';
import { compareSound, compareWithLine, type Line, type Placed } from '../support/timeline_reading.js';
import { TimelineRig } from '../support/timeline_rig.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import { twoBuses } from './buses_suite.js';
import { settingsOnAir } from './handover_suite.js';
import { joins } from './joins_suite.js';
import { schedule } from './schedule_suite.js';

if (rigMissing) console.log(`timeline: skipped, ${rigMissing}`);

const fps = 30;
const shared = {} as { rig: TimelineRig };
beforeAll(async () => { shared.rig = await new TimelineRig().start(); }, 120_000);
afterAll(async () => { await shared.rig?.stop(); }, 30_000);

describe.skipIf(rigMissing)('before a process is killed', () => {
  twoBuses(shared);
  settingsOnAir(shared);
  joins(shared);
  schedule(shared);
});

const frames = (ms: number): number => Math.round((ms * fps) / 1_000);

describe.skipIf(rigMissing)('a timeline at the far end', () => {
  let rig: TimelineRig;
  let long: Film;
  let under: Film;
  let other: Film;

  beforeAll(async () => {
    [long, under, other] = await Promise.all([film(timelineFilms.long), film(timelineFilms.under), film(timelineFilms.other)]);
    ({ rig } = shared);
  }, 120_000);
  beforeEach(() => rig.watch());

  it('loops: each of three laps shows every frame that its position says, and a camera runs through the join', async () => {
    const vp9 = await film(timelineFilms.vp9);
    const clips: Placed[] = [
      { camera: 0, startMs: 0, durationMs: 550 },
      { film: long, startMs: 550, durationMs: 1_150, inMs: 1_033 },
      { film: other, startMs: 1_700, durationMs: 1_150, inMs: 933 },
      { film: vp9, startMs: 2_850, durationMs: 1_150, inMs: 2_017 },
      { camera: 0, startMs: 4_000, durationMs: 400 },
    ];
    const line: Line = { clips, loopMs: 4_400 };
    const { id } = await rig.timeline('Loop', [clips], { loop: true });
    const { frame, zero } = await rig.play(id);
    await rig.passed(zero + frames(3 * 4_400) + 10);
    const { timeline } = await rig.product.api.status();
    const { picture, sound } = await rig.compare(line, zero, frame, zero + frames(3 * 4_400) + 10);
    rig.expectExact(picture, 'three laps');
    console.log(`  sound against picture p99 ${sound.p99Ms.toFixed(1)}, max ${sound.maxMs.toFixed(1)} ms over ${sound.offsetsMs.length} beeps, ${sound.silent} silent`);
    expect(sound.offsetsMs.length).toBeGreaterThanOrEqual(9);
    expect([sound.p99Ms <= 20, sound.silent]).toEqual([true, 0]);
    expect(timeline).toMatchObject({ failedClips: 0, lateClips: 0, state: 'playing', lap: 3 });
  });

  it('shows of films at other rates the frame of the nearest time, and then its filler', async () => {
    const clips: Placed[] = [];
    for (const [i, options] of ratesFilms.entries()) {
      clips.push({ film: await film(options), startMs: i * 1_600, durationMs: 1_600, inMs: 817 });
    }
    const { id } = await rig.timeline('Rates', [clips], { filler: { sourceId: rig.cameras[1]!.id } });
    const { frame, zero } = await rig.play(id);
    const line: Line = { clips: [{ camera: 1, startMs: 0, durationMs: 60_000 }, ...clips], loopMs: null };
    const { picture, sound } = await rig.compare(line, zero, frame, zero + frames(8_000) + 15);
    rig.expectExact(picture, ratesFilms.map(({ rate: [num, den] }) => (num / den).toFixed(3)).join(', '));
    console.log(`  sound against picture max ${sound.maxMs.toFixed(1)} ms over ${sound.offsetsMs.length} beeps, ${sound.silent} silent`);
    expect([sound.p99Ms <= 20, sound.silent, sound.offsetsMs.length >= 5]).toEqual([true, 0, true]);
  });

  it('is edited on air: what an edit leaves alone loses no frame, and what it changes is seen at once', async () => {
    const upper: Placed[] = [{ film: long, startMs: 0, durationMs: 20_000 }, { film: other, startMs: 20_000, durationMs: 5_000 }];
    const lower: Placed[] = [{ film: under, startMs: 0, durationMs: 30_000 }];
    const { id } = await rig.timeline('Edited', [lower, upper]);
    const { frame, zero } = await rig.play(id);
    const lines: { line: Line; what: string; sent: number; named: number }[] = [{ line: { clips: [...lower, ...upper], loopMs: null }, what: 'as it was', sent: frame, named: frame }];
    let revision = 1;
    /** Stores a patch that makes the upper track what `clips` says. */
    const edit = async (what: string, clips: Placed[], ...patch: object[]): Promise<void> => {
      const sent = rig.frameAfter(monotonicMs());
      const ack = await rig.socket.request<{ revision: number; frame: number }>('timeline:update', { timelineId: id, revision, patch });
      ({ revision } = ack);
      lines.push({ line: { clips: [...lower, ...clips], loopMs: null }, what, sent, named: ack.frame });
    };
    const at = (i: number): string => `/tracks/1/clips/${i}`;
    const set = (i: number, field: string, value: unknown): object => ({ op: 'replace', path: `${at(i)}/${field}`, value });
    const position = (ms: number): Promise<void> => delay(Math.max(0, rig.dueMs(zero + frames(ms)) - monotonicMs()));

    // Shorter at its end, with what comes behind it; shorter at its start, behind which nothing moves; one more behind.
    await position(1_200);
    const opened = rig.product.decoders().map(({ pid }) => pid);
    const behind = { film: other, startMs: 5_000, durationMs: 4_000 };
    await edit('trimmed at its end', [{ film: long, startMs: 0, durationMs: 5_000 }, behind], set(0, 'durationMs', 5_000), set(1, 'startMs', 5_000), set(1, 'durationMs', 4_000));
    await position(1_600);
    await edit('trimmed at its start', [{ film: long, startMs: 500, durationMs: 4_500, inMs: 500 }, behind], set(0, 'startMs', 500), set(0, 'inMs', 500), set(0, 'durationMs', 4_500));
    await position(2_000);
    const added = { film: other, startMs: 11_000, durationMs: 1_000, inMs: 3_000 };
    await edit('added to behind', [{ film: long, startMs: 500, durationMs: 4_500, inMs: 500 }, behind, added], { op: 'add', path: at(2), value: await rig.clip(added) });
    await position(2_800);
    const still = rig.product.decoders().map(({ pid }) => pid);
    // What is on air goes; the next one comes on its frame all the same, and is moved away while it is on air.
    await edit('deleted', [behind, added], { op: 'remove', path: at(0) });
    await position(6_000);
    const moved = { ...behind, startMs: 7_300 };
    await edit('moved', [moved, added], set(0, 'startMs', 7_300));
    const end = zero + frames(7_300) + 20;
    await rig.passed(end);
    const { reading, frames: all } = await rig.seen(frame);
    expect(still.filter((pid) => opened.includes(pid)), 'decoders that went on').toEqual(opened);

    const changes: string[] = [];
    let from = frame;
    for (const [i, { line, what, named }] of lines.entries()) {
      const next = lines[i + 1];
      // The first frame that is not as this version has it shows the next one; where both are alike, the one that was named.
      const first = next && all.find(({ n }) => n >= next.sent && compareWithLine(all, line, zero, fps, n, n + 1).wrong > 0)?.n;
      const to = next ? Math.min(first ?? Infinity, next.named + 2) : end;
      rig.expectExact(compareWithLine(all, line, zero, fps, from, to), what);
      if (next && (next.what === 'deleted' || next.what === 'moved') && first !== undefined) changes.push(`${next.what}: seen ${first - next.sent} frames after it was sent, ${first - next.named} after the one that was named`);
      if (what === 'deleted' || what === 'moved') expect([0, 1], `${what}: frames from the one that was named to the change`).toContain(from - named);
      from = to;
    }
    console.log(`  ${changes.join('; ')}`);
    expect(changes).toHaveLength(2);
    expect(compareSound(reading, all, lines[0]!.line, zero, fps, frame, lines[4]!.sent).silent).toBe(0);
  });

  it('pauses, seeks, plays and jumps to a clip on the frames that are acknowledged', async () => {
    const clips: Placed[] = [{ film: long, startMs: 0, durationMs: 15_000 }, { film: other, startMs: 15_000, durationMs: 5_000, inMs: 1_000 }];
    const line: Line = { clips, loopMs: null };
    const { id, tracks: [bodies] } = await rig.timeline('Controlled', [clips]);
    const { frame, zero } = await rig.play(id, 2_000);
    await delay(700);
    const pause = await rig.control('pause');
    await delay(400);
    const seek = await rig.control('seek', { positionMs: 8_000 });
    await delay(400);
    const play = await rig.control('play');
    await delay(500);
    const on = await rig.control('seek', { positionMs: 3_333 });
    await delay(500);
    const jump = await rig.control('seek', { clipId: bodies![1]!.id });
    const end = jump.frame + 15;
    await rig.passed(end);
    const { frames: all } = await rig.seen(frame);
    /** Every frame in [from, to) is the one of a position. */
    const stands = (position: number, from: number, to: number, what: string): void => {
      const held = all.filter(({ n }) => n >= from && n < to);
      const wrong = held.flatMap((one) => compareWithLine([{ ...one, n: position }], line, 0, fps, position, position + 1).examples);
      console.log(`${what}: ${held.length} frames, wrong ${wrong.length}`);
      expect([held.length, wrong.slice(0, 3)]).toEqual([to - from, []]);
    };
    rig.expectExact(compareWithLine(all, line, zero, fps, frame, pause.frame), 'played');
    const pausedAt = pause.frame - zero;
    stands(pausedAt, pause.frame, seek.frame, 'paused');
    stands(frames(8_000), seek.frame, play.frame, 'sought while paused');
    rig.expectExact(compareWithLine(all, line, play.frame - frames(8_000), fps, play.frame, on.frame), 'sought while paused, then played');
    rig.expectExact(compareWithLine(all, line, on.frame - frames(3_333), fps, on.frame, jump.frame), 'sought while playing');
    rig.expectExact(compareWithLine(all, line, jump.frame - frames(15_000), fps, jump.frame, end), 'jumped to a clip');
  });

  it('gives way to another timeline by a fade, to a camera by a cut, and comes back where it would be, or was', async () => {
    const first: Placed[] = [{ film: long, startMs: 0, durationMs: 25_000 }];
    const second: Placed[] = [{ film: under, startMs: 0, durationMs: 25_000 }];
    const [one, two] = [await rig.timeline('One', [first]), await rig.timeline('Two', [second])];
    const a = await rig.play(one.id, 1_000);
    await delay(500);
    const b = await rig.play(two.id, 4_000, { transition: { kind: 'fade', durationMs: 500 } });
    await delay(1_000);
    const cut = await rig.socket.switchTo({ sourceId: rig.cameras[0]!.id });
    await delay(500);
    const now = await rig.control('release');
    await delay(500);
    const away = await rig.socket.switchTo({ sourceId: rig.cameras[1]!.id });
    await delay(700);
    const left = await rig.control('release', { resume: 'left' });
    const end = left.frame + 20;
    await rig.passed(end);
    const { frames: all } = await rig.seen(a.frame);
    const is = (line: readonly Placed[], zero: number, from: number, to: number, what: string): void =>
      rig.expectExact(compareWithLine(all, { clips: line, loopMs: null }, zero, fps, from, to), what);
    is(first, a.zero, a.frame, b.frame, 'the first');
    const mixed = all.filter(({ n }) => n >= b.frame && n < b.frame + frames(500));
    expect([mixed.length, mixed.filter(({ luma }) => luma < 20).length]).toEqual([frames(500), 0]);
    is(second, b.zero, b.frame + frames(500), cut.frame, 'the second, behind the fade');
    is([{ camera: 0, startMs: 0, durationMs: 1e6 }], cut.frame, cut.frame, now.frame, 'a camera over it');
    is(second, b.zero, now.frame, away.frame, 'back where it would be');
    is([{ camera: 1, startMs: 0, durationMs: 1e6 }], away.frame, away.frame, left.frame, 'another camera over it');
    is(second, left.frame - (away.frame - b.zero), left.frame, end, 'back where it was left');
  });

  it('of wishes that follow each other at once the last one is on program, and the studio says so, killed right after or not', async () => {
    const { id } = await rig.timeline('Race', [[{ film: long, startMs: 0, durationMs: 20_000 }]], { loop: true });
    const state = async () => (await rig.product.api.get<{ program: object }>('/api/v1/state')).program;
    const shown = async (): Promise<object> => {
      const { sourceId, timelineId } = (await rig.product.api.get<{ program: { sourceId?: string; timelineId?: string } | null }>('/api/v1/broadcast')).program ?? {};
      return sourceId === undefined ? { timelineId } : { sourceId };
    };
    const [camera, second] = [{ sourceId: rig.cameras[0]!.id }, { sourceId: rig.cameras[1]!.id }];
    const play = () => rig.socket.request('playback:control', { action: 'play', timelineId: id }, 10_000);
    const cut = (to: object) => rig.socket.request('camera:switch', to, 10_000);
    const both = async (last: object): Promise<void> => {
      await delay(1_200);
      expect([await state(), await shown()]).toEqual([last, last]);
    };
    // Many more are the studio's own test's.
    for (let i = 0; i < 2; i++) {
      const overtaken = play();
      overtaken.catch(() => undefined);
      await cut(camera);
      await both(camera);
      cut(second).catch(() => undefined);
      await play();
      await both({ timelineId: id });
    }
    for (const to of [second, camera]) {
      await cut(to);
      rig.product.kill('studio');
      await delay(300);
      await rig.product.ready();
      rig.socket = await rig.product.socket();
      await waitFor('both to say the same', async () => JSON.stringify([await state(), await shown()]) === JSON.stringify([to, to]), { timeoutMs: 10_000 });
    }
    const killed = monotonicMs();
    rig.product.kill('engine');
    await waitFor('the engine again', () => rig.product.restarts.some(({ role, atMs }) => role === 'engine' && atMs >= killed - 50));
    await waitFor('it to show the same', async () => JSON.stringify([await state(), await shown()]) === JSON.stringify([camera, camera]), { timeoutMs: 15_000 });
  });

  it('plays on while the studio is killed, and an engine that is killed is back on the frame where it should be', async () => {
    const clips: Placed[] = [
      { film: long, startMs: 0, durationMs: 2_000, inMs: 3_000 }, { camera: 0, startMs: 2_000, durationMs: 500 }, { film: other, startMs: 2_500, durationMs: 2_500 },
    ];
    const line: Line = { clips, loopMs: 5_000 };
    const { id } = await rig.timeline('Killed', [clips], { loop: true });
    const { frame, zero } = await rig.play(id);
    await waitFor('the studio to have stored it', async () => (await rig.product.api.get<{ program: { timelineId?: string } }>('/api/v1/state')).program.timelineId === id);
    rig.product.kill('studio');
    await delay(300);
    await rig.product.ready();
    rig.socket = await rig.product.socket();
    const back = rig.frameAfter(monotonicMs());
    await delay(300);
    const studio = await rig.compare(line, zero, frame, back);
    rig.expectExact(studio.picture, 'the studio killed');
    expect(studio.sound.silent).toBe(0);

    const killedMs = rig.product.kill('engine');
    await delay(200);
    await rig.far.nextPicture('far');
    await delay(3_000);
    const to = rig.frameAfter(monotonicMs());
    await rig.passed(to);
    const { frames: all } = await rig.seen(rig.frameAfter(killedMs));
    const gap = rig.far.longestGap('far', killedMs - 1_000);
    // From the first film's frame on that was shown after the kill, all is as the position says.
    const resumed = all.find(({ n, code }) => n > rig.frameAfter(killedMs) && code !== null && compareWithLine(all, line, zero, fps, n, n + 1).wrong === 0 && n >= rig.frameAfter(killedMs + gap.mediaMs - 500))?.n ?? NaN;
    const firstMs = rig.far.arrivalMs('far', all.find(({ n }) => n === resumed)?.ptsMs ?? NaN) - killedMs;
    console.log(`engine killed: line silent for ${gap.arrivalMs.toFixed(0)} ms, the timeline at the far end after ${firstMs.toFixed(0)} ms`);
    expect(firstMs).toBeLessThanOrEqual(5_000);
    rig.expectExact(compareWithLine(all, line, zero, fps, resumed, to), 'the engine killed');
    expect(rig.far.accepted('far')).toBe(1);
  });
});
