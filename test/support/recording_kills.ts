/** Row 21: recordings in the middle of which something is killed with -9, and what is in them afterwards. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analysePicture, analyseSync, percentile } from './pattern/analyse.js';
import { readPattern, type Reading } from './pattern/read.js';
import { signal } from './process.js';
import type { Rig, RigCamera } from './rig.js';
import { delay, monotonicMs, waitFor } from './wait.js';

export const victims = ['egress', 'encoder', 'engine', 'studio', 'everything'] as const;
export type Victim = (typeof victims)[number];

/** The cheapest program whose code can still be read, so that fifty kills take minutes. */
export const cheapSettings = {
  video: { width: 320, height: 180, fps: 30 },
  encoder: { codec: 'libx264', preset: 'ultrafast', bitrateKbps: 500, keyframeIntervalMs: 1_000 },
  audio: { bitrateKbps: 64 },
};

export interface KillReport {
  victim: Victim;
  /** What the camera had sent last before the kill and is not in the recording, ms; the way through the product included. */
  tailMs: number;
  /** From the last picture before the kill to the first after it, in the recording's time; one frame where nothing is missing. */
  holeMs: number;
}

export interface RecordingReport {
  kills: KillReport[];
  parts: number;
  frames: number;
  /** Of the finished file: how far a picture lies from where the program's time has it, at worst, ms. */
  offTimeMs: number;
  /** Sound against picture in the finished file, ms. */
  syncP50Ms: number;
}

/** Loop of the test cameras' footage, ms. */
const loopMs = 64_000;
/** A camera that is back after a kill may be shown this much earlier or later than before, ms. */
const delayChangeMs = 250;
/** A decoder that begins shows the keyframe it begins with, which may be a second old, until it has decoded the rest. */
const firstPictures = 2;

/**
 * Makes one recording, kills the victims one after the other in the middle of it, ends it, and reads what is there: every
 * part and the finished file. Throws where something cannot be played, goes back in time or has lost the program's time.
 */
export async function recordThrough(rig: Rig, camera: RigCamera, killed: readonly Victim[], beforeKillMs: (i: number) => number): Promise<RecordingReport> {
  const { api } = rig.product;
  const { id } = await api.post<{ id: string }>('/api/v1/recording/start');
  const kills: { victim: Victim; atMs: number }[] = [];
  let recordedMs = 1_000;
  for (const [i, victim] of killed.entries()) {
    await recordedUntil(rig, id, recordedMs);
    // The camera is how it is seen what is missing.
    await rig.product.sourceState(camera.id, ['live']);
    await delay(beforeKillMs(i));
    const { durationMs } = (await api.status()).recording;
    const atMs = await kill(rig, victim);
    kills.push({ victim, atMs });
    // In program time: also where the recording goes on after seconds.
    recordedMs = durationMs + 1_500;
  }
  await recordedUntil(rig, id, recordedMs);
  await rig.product.sourceState(camera.id, ['live']);
  await delay(1_000);
  await api.request('POST', '/api/v1/recording/stop');
  const finished = await waitFor(`recording ${id} to be finished`, async () => {
    const one = await api.get<{ state: string; path: string | null; durationMs: number; error: unknown }>(`/api/v1/recordings/${id}`);
    if (one.state === 'failed') throw new Error(JSON.stringify(one.error));
    return one.state === 'ready' ? one : undefined;
  }, { timeoutMs: 60_000 });

  const parts = await readParts(join(rig.product.home, 'recordings', id));
  const whole = await readPattern(join(rig.product.home, finished.path!));
  const fail = (what: string): never => { throw new Error(`recording ${id} (killed: ${killed.join(', ')}): ${what}`); };
  if (whole.warnings !== '') fail(`the finished file does not decode cleanly: ${whole.warnings.slice(0, 500)}`);
  const picture = analysePicture(whole.frames, { fps: 30 });
  if (picture.backwards > 0) fail('time goes back');
  const endMs = (whole.frames.at(-1)?.ptsMs ?? 0) - (whole.frames[0]?.ptsMs ?? 0);
  if (Math.abs(finished.durationMs - endMs) > 500) fail(`it says that it plays ${finished.durationMs} ms and has pictures of ${endMs} ms`);
  if (whole.frames.length < parts.frames) fail(`${parts.frames} pictures are in its parts and ${whole.frames.length} in the finished file`);

  const shown = whole.frames.flatMap(({ ptsMs, codes: [code] }) => (code?.camera === camera.number ? [{ ptsMs, counter: code.counter }] : []));
  const sentMs = (counter: number, aboutMs: number): number => {
    const first = camera.pusher.startMs + (counter * 1_000) / 30;
    return first + Math.round((aboutMs - first) / loopMs) * loopMs;
  };
  // Where the file's time 0 lies on the camera's: from its first picture, which no kill has touched.
  const first = shown[0] ?? fail('the camera is not in it');
  const zeroMs = sentMs(first.counter, kills[0]!.atMs) - first.ptsMs;
  const offMs = ({ ptsMs, counter }: typeof first): number => Math.abs(sentMs(counter, zeroMs + ptsMs) - zeroMs - ptsMs);
  const astray = shown.filter((one) => offMs(one) > delayChangeMs);
  const offTimeMs = Math.max(...shown.filter((one) => !astray.includes(one)).map(offMs));
  if (astray.length > firstPictures * kills.length) {
    fail(`${astray.length} pictures lie up to ${Math.max(...astray.map(offMs)).toFixed(0)} ms from where the program's time has them, from ${astray[0]!.ptsMs.toFixed(0)} to ${astray.at(-1)!.ptsMs.toFixed(0)} ms; `
      + `killed at ${kills.map(({ atMs }) => (atMs - zeroMs).toFixed(0)).join(', ')} ms`);
  }

  return {
    kills: kills.map(({ victim, atMs }) => {
      const before = shown.findLast(({ ptsMs, counter }) => sentMs(counter, zeroMs + ptsMs) <= atMs) ?? fail(`nothing from before the kill of ${victim}`);
      const around = whole.frames.filter(({ ptsMs }) => Math.abs(ptsMs - before.ptsMs) < 15_000);
      const steps = around.slice(1).map((frame, i) => ({ atMs: around[i]!.ptsMs, ms: frame.ptsMs - around[i]!.ptsMs }));
      // The encoder's or egress's hole begins within what was under way at the kill.
      const holeMs = Math.max(...steps.filter((step) => step.atMs > before.ptsMs - 1_000 && step.atMs < before.ptsMs + 1_000).map((step) => step.ms));
      return { victim, tailMs: atMs - sentMs(before.counter, atMs), holeMs };
    }),
    parts: parts.count, frames: whole.frames.length, offTimeMs, syncP50Ms: analyseSync(whole).p50Ms,
  };
}

/** p50, p99 and the worst of all kills, and of each kind of them, for a person to read. */
export function describeKills(reports: readonly RecordingReport[]): string {
  const kills = reports.flatMap((report) => report.kills);
  const line = (of: string, some: KillReport[]): string => {
    const figures = (values: number[]): string => [50, 99, 100].map((p) => percentile(values, p).toFixed(0)).join(' / ');
    return `${of}: ${some.length} kills, tail lost p50/p99/max ${figures(some.map((one) => one.tailMs))} ms, hole ${figures(some.map((one) => one.holeMs))} ms`;
  };
  const kinds = victims.filter((victim) => kills.some((one) => one.victim === victim));
  const worst = (of: (report: RecordingReport) => number): string => Math.max(...reports.map(of)).toFixed(0);
  return [
    line('all', kills), ...kinds.map((victim) => line(victim, kills.filter((one) => one.victim === victim))),
    `${reports.length} recordings of ${reports.reduce((sum, one) => sum + one.parts, 0)} parts and ${reports.reduce((sum, one) => sum + one.frames, 0)} pictures play to their end; `
      + `at most ${worst((one) => one.offTimeMs)} ms off the program's time, sound p50 ${worst((one) => one.syncP50Ms)} ms`,
  ].join('\n  ');
}

async function kill(rig: Rig, victim: Victim): Promise<number> {
  if (victim === 'encoder') {
    const [encoder] = rig.product.encoders();
    if (!encoder) throw new Error('there is no encoder to kill');
    signal(encoder.pid, 'SIGKILL');
    return monotonicMs();
  }
  if (victim !== 'everything') return rig.product.kill(victim);
  const atMs = monotonicMs();
  await rig.product.killEverything();
  rig.product.startProcesses();
  return atMs;
}

/** Waits until the recording has something of this moment of its time, and the studio can be asked. */
async function recordedUntil(rig: Rig, id: string, ms: number): Promise<void> {
  await waitFor(`${ms} ms to be recorded`, async () => {
    const { recording } = await rig.product.api.status();
    if (recording.error) throw new Error(JSON.stringify(recording.error));
    return recording.id === id && recording.durationMs >= ms;
  }, { timeoutMs: 30_000 }).catch((error: Error) => { throw new Error(`${error.message}\n${rig.product.logTail(1_500)}`); });
}

/** Each part must play by itself; one in which nothing was written yet is none. */
async function readParts(folder: string): Promise<{ count: number; frames: number }> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.flv') && lstatSync(join(folder, name)).size > 0);
  let frames = 0;
  for (const name of names) {
    const part: Reading = await readPattern(join(folder, name), { sound: false });
    if (part.frames.length === 0) throw new Error(`${name} of ${folder} has no picture`);
    if (analysePicture(part.frames, { fps: 30 }).backwards > 0) throw new Error(`time goes back in ${name} of ${folder}`);
    frames += part.frames.length;
  }
  return { count: names.length, frames };
}
