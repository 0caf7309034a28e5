/** Rows 5, 7, 9, 12, 13, 14, 24, 28 of the faults: a process is killed, goes mad or is replaced in the middle of a broadcast. */
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { analysePicture } from '../support/pattern/analyse.js';
import { repositoryRoot } from '../support/media.js';
import { commandLine, machineCpuSeconds, processInfo, processTree } from '../support/procfs.js';
import type { Role } from '../support/product.js';
import { signal } from '../support/process.js';
import { fallbackMs, Rig, rigMissing, type RigCamera } from '../support/rig.js';
import { expectSteady, expectWhole, unrest, watchCameras } from '../support/steady.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`killed processes: skipped, ${rigMissing}`);

interface InTurn {
  IN_TURN: Role[];
  answering(runFolder: string, role: Role): Promise<number | undefined>;
  beginAnew(runFolder: string, role: Role): Promise<number>;
}
const { IN_TURN, answering, beginAnew } = await import(join(repositoryRoot, 'scripts/in-turn.mjs')) as InTurn;

const fps = 30;
const round = (ms: number | undefined): string => `${Math.round(ms ?? NaN)} ms`;

describe.skipIf(rigMissing)('processes on air', () => {
  const folder = tempFolder();
  const madFile = join(folder, 'mad');
  let rig: Rig;
  let a: RigCamera;
  let b: RigCamera;

  beforeAll(async () => {
    const preload = pathToFileURL(join(repositoryRoot, 'test/fakes/mad-sidecar.mjs')).href;
    rig = await new Rig({ farKeys: ['far', 'other'], env: { NODE_OPTIONS: `--import=${preload}`, MAD_SIDECAR: madFile } }).start();
    [a, b] = rig.cameras as [RigCamera, RigCamera];
  }, 90_000);
  afterAll(async () => {
    await rig?.stop();
    removeFolder(folder);
  }, 30_000);

  beforeEach(() => watchCameras([a.pusher, b.pusher]));

  /** The far end from a moment on, and when its frames were due relative to it. */
  async function seen(sinceMs: number): Promise<{ reading: Awaited<ReturnType<Rig['far']['read']>>; fromMs: number }> {
    return { reading: await rig.far.read('far', sinceMs), fromMs: rig.far.mediaTimeMs('far', sinceMs) };
  }

  /** The first frame of a camera that moves again after a moment of the recording, by its arrival. */
  function movingAgainMs(reading: Awaited<ReturnType<typeof seen>>['reading'], camera: number, afterMs: number, counterAfter: number): number {
    const frame = reading.frames.find((one) => one.ptsMs >= afterMs && one.codes[0]?.camera === camera && one.codes[0].counter > counterAfter);
    return frame ? rig.far.arrivalMs('far', frame.ptsMs) : NaN;
  }

  it('row 5: a decoder', async () => {
    await rig.settle(a, 'far');
    const decoder = rig.product.decoders().find(({ pid }) => commandLine(pid).includes(a.id));
    expect(decoder, 'a decoder that names its source').toBeDefined();
    const killedMs = monotonicMs();
    signal(decoder!.pid, 'SIGKILL');
    await waitFor('the next decoder', () => rig.product.decoders().some(({ pid }) => pid !== decoder!.pid && commandLine(pid).includes(a.id)));
    await delay(2_000);
    const { reading, fromMs } = await seen(killedMs);
    const picture = analysePicture(reading.frames, { fps, fromMs });
    // Back: the first picture of this camera that left it after the kill.
    const counterAtKill = Math.floor(((killedMs - a.pusher.startMs) * fps) / 1_000) % (64 * fps);
    const backMs = movingAgainMs(reading, 0, fromMs, counterAtKill) - killedMs;
    const away = fallbackMs(reading, 0, fromMs);
    console.log(`row 5: fallback ${away === undefined ? 'not needed' : round(away)}, longest freeze ${round(picture.longestFreezeMs)}, back ${round(backMs)}, output frames missing ${picture.missing}`);
    expect(picture).toMatchObject({ missing: 0, backwards: 0, black: 0 });
    expect(picture.longestFreezeMs).toBeLessThanOrEqual(500);
    expect(backMs).toBeLessThanOrEqual(3_000);
    expect(rig.far.accepted('far')).toBe(1);
  });

  it('row 7: the encoder', async () => {
    await rig.settle(b, 'far');
    const [encoder] = rig.product.encoders();
    expect(encoder).toBeDefined();
    const killedMs = monotonicMs();
    signal(encoder!.pid, 'SIGKILL');
    await rig.far.nextPicture('far');
    await delay(1_500);
    const gap = rig.far.longestGap('far', killedMs - 1_000);
    console.log(`row 7: far-end gap ${round(gap.mediaMs)} (line silent ${round(gap.arrivalMs)}), ended by a keyframe: ${gap.endedByKeyframe}, connections ${rig.far.accepted('far')}`);
    expect(gap.mediaMs).toBeLessThanOrEqual(3_000);
    expect(gap.endedByKeyframe).toBe(true);
    expect(rig.far.accepted('far')).toBe(1);
    expect(rig.far.accepted('other')).toBe(1);
    const { reading } = await seen(killedMs);
    expect(analysePicture(reading.frames, { fps })).toMatchObject({ backwards: 0 });
  });

  it('row 9: egress', async () => {
    await rig.settle(a, 'far');
    const before = rig.far.accepted('far');
    const killedMs = rig.product.kill('egress');
    await waitFor('the destination to be connected again', () => rig.far.accepted('far') > before && rig.far.accepted('other') > before, { timeoutMs: 15_000 });
    await rig.far.nextPicture('far');
    const connectedMs = rig.far.publication('far').acceptedMs! - killedMs;
    const pictureMs = rig.far.publication('far').tags.find((tag) => tag.type === 9)!.arrivedMs - killedMs;
    await delay(3_000);
    const picture = await rig.far.picture('far', monotonicMs() - 2_000);
    console.log(`row 9: destinations connected again after ${round(connectedMs)}, picture after ${round(pictureMs)}, then ${expectWhole(picture, [a.pusher])}`);
    expect(pictureMs).toBeLessThanOrEqual(3_000);
  });

  it('row 12: the studio', async () => {
    await rig.settle(b, 'far');
    const before = await rig.product.api.get<{ items: unknown[] }>('/api/v1/sources');
    const connections = rig.far.accepted('far');
    const killedMs = rig.product.kill('studio');
    await delay(300);
    await rig.product.ready();
    const backMs = monotonicMs() - killedMs;
    await delay(1_500);
    const picture = await rig.far.picture('far', killedMs - 500);
    const status = await rig.product.api.status();
    console.log(`row 12: studio answers after ${round(backMs)}, program ${expectWhole(picture, [b.pusher])}; state ${status.state}`);
    expect(picture).toMatchObject({ black: 0 });
    expect(picture.runs.map((run) => run.camera)).toEqual([1]);
    expect(rig.far.accepted('far')).toBe(connections);
    expect(await rig.product.api.get('/api/v1/sources')).toEqual(before);
    expect(status.state).toBe('live');
    expect(status.program?.sourceId).toBe(b.id);
    rig.socket = await rig.product.socket();
  });

  it('row 13: ingest', async () => {
    await rig.settle(a, 'far');
    const killedMs = rig.product.kill('ingest');
    await waitFor('the camera to push again', () => a.pusher.resumedMs > killedMs && b.pusher.resumedMs > killedMs);
    const pushedMs = a.pusher.resumedMs;
    await rig.product.sourceState(a.id, ['live']);
    await delay(2_000);
    const { reading, fromMs } = await seen(killedMs);
    const picture = analysePicture(reading.frames, { fps, fromMs });
    const counterAtKill = Math.floor(((killedMs - a.pusher.startMs) * fps) / 1_000) % (64 * fps);
    const backMs = movingAgainMs(reading, 0, fromMs, counterAtKill) - pushedMs;
    console.log(`row 13: cameras push again ${round(pushedMs - killedMs)} after the kill, on program ${round(backMs)} later; longest freeze ${round(picture.longestFreezeMs)}, output missing ${picture.missing}`);
    expect(picture).toMatchObject({ missing: 0, backwards: 0 });
    expect(picture.longestFreezeMs).toBeLessThanOrEqual(500);
    expect(backMs).toBeLessThanOrEqual(3_000);
  });

  it.each(['SIGKILL', 'SIGSEGV'] as const)('row 14: the engine, by %s', async (name) => {
    await rig.settle(b, 'far');
    const connections = rig.far.accepted('far');
    const others = rig.product.starts('egress');
    const killedMs = rig.product.kill('engine', name);
    await delay(200);
    await rig.far.nextPicture('far');
    await rig.product.ready();
    await rig.product.sourceState(b.id, ['live']);
    await waitFor('a second of it at the far end', () => rig.far.isSteady('far', 1_000));
    const gap = rig.far.longestGap('far', killedMs - 1_000);
    const { reading, fromMs } = await seen(killedMs);
    const onAir = reading.frames.find((frame) => frame.ptsMs >= fromMs + gap.mediaMs - 1_000 && frame.codes[0]?.camera === 1 && rig.far.arrivalMs('far', frame.ptsMs) > killedMs + 500);
    const cameraMs = onAir ? rig.far.arrivalMs('far', onAir.ptsMs) - killedMs : NaN;
    console.log(`row 14, ${name}: on air again after ${round(gap.mediaMs)}, the camera on program after ${round(cameraMs)}, connections ${rig.far.accepted('far') - connections} new, ended by a keyframe: ${gap.endedByKeyframe}`);
    expect(rig.product.restarts.at(-1)).toMatchObject({ role: 'engine', why: name });
    expect(rig.product.starts('egress')).toBe(others);
    expect(gap.mediaMs).toBeLessThanOrEqual(5_000);
    expect(cameraMs).toBeLessThanOrEqual(8_000);
    expect(rig.far.accepted('far')).toBe(connections);
    expect(analysePicture(reading.frames, { fps }).backwards).toBe(0);
  });

  it('row 24: a sidecar that takes all the processors', async () => {
    await rig.settle(a, 'far');
    const pid = rig.product.pid('sidecar');
    const spent = (): number => processInfo(pid)?.ownCpuSeconds ?? 0;
    const before = spent();
    writeFileSync(madFile, 'child');
    const child = await waitFor('a child that takes what it gets', () => processTree(pid).find((info) => commandLine(info.pid).includes('mad-sidecar.mjs') && info.ownCpuSeconds > 0.3));
    writeFileSync(madFile, 'child, sidecar');
    await waitFor('the sidecar itself to take what it gets', () => spent() - before > 0.3);
    watchCameras([a.pusher, b.pusher]);
    const from = { atMs: monotonicMs(), cpu: machineCpuSeconds(), connections: rig.far.accepted('far') };
    await delay(5_000);
    const taken = ((machineCpuSeconds() - from.cpu) * 1_000) / (monotonicMs() - from.atMs) / availableParallelism();
    rmSync(madFile);
    rig.product.kill('sidecar');
    await waitFor('its child to end with it', () => processInfo(child.pid) === undefined);
    // Read now: what reads would itself wait for the processors.
    const picture = await rig.far.picture('far', from.atMs);
    // Somebody always waits for a processor here: that excuses nothing.
    const text = expectSteady(picture, [a.pusher, b.pusher], { ...unrest([a.pusher, b.pusher]), waitingShare: 0 });
    console.log(`row 24: processors ${(100 * taken).toFixed(0)} % taken, ${picture.frames} frames, ${text}`);
    expect(taken).toBeGreaterThan(0.9);
    expect(rig.far.accepted('far')).toBe(from.connections);
  });

  it('row 28: an upgrade, by which all but egress begin anew one after another', async () => {
    await rig.settle(a, 'far');
    await rig.product.sourceState(b.id, ['live']);
    const { product, far } = rig;
    const run = join(product.home, 'run');
    // One that is still starting would not be asked to end.
    await waitFor('all to answer', async () => !(await Promise.all(IN_TURN.map((role) => answering(run, role)))).includes(undefined));
    const count = (): unknown => ({ connections: ['far', 'other'].map((key) => far.accepted(key)), egress: product.starts('egress') });
    const before = count();
    const startsBefore = IN_TURN.map((role) => product.starts(role));
    const beganMs = monotonicMs();
    const away: string[] = [];
    for (const role of IN_TURN) away.push(`${role} ${round(await beginAnew(run, role))}`);
    await far.nextPicture('far');
    await product.ready();
    await rig.product.sourceState(a.id, ['live']);
    await waitFor('a second of it at the far end', () => far.isSteady('far', 1_000));
    const gaps = ['far', 'other'].map((key) => far.longestGap(key, beganMs - 1_000));
    const reading = await far.read('far', beganMs);
    console.log(`row 28: away ${away.join(', ')}; far-end gap ${round(gaps[0]!.mediaMs)} (line silent ${round(gaps[0]!.arrivalMs)}), ended by a keyframe: ${gaps[0]!.endedByKeyframe}`);
    expect(IN_TURN.map((role) => product.starts(role))).toEqual(startsBefore.map((starts) => starts + 1));
    expect(count()).toEqual(before);
    for (const { mediaMs, endedByKeyframe } of gaps) {
      expect(mediaMs).toBeLessThanOrEqual(3_000);
      expect(endedByKeyframe).toBe(true);
    }
    expect(analysePicture(reading.frames, { fps }).backwards).toBe(0);
    const status = await product.api.status();
    expect(status).toMatchObject({ state: 'live', program: { sourceId: a.id } });
  });
});
