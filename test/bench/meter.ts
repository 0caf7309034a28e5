/** Processor time and memory of a running contestant, and what the far end saw of it meanwhile. */
import { analysePicture, analyseSync, percentile, type PictureFault } from '../support/pattern/analyse.js';
import { fullFrame } from '../support/pattern/read.js';
import { anonymousBytes, commandLine, machineCpuSeconds, type ProcessInfo, processTree, stolenSeconds, treeCpuSeconds, treeMemoryBytes } from '../support/procfs.js';
import type { StatusView } from '../support/product_client.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import type { Contestant, Running } from './contestants.js';
import { fps, pipPlace, type Stage } from './stage.js';

export interface Measured {
  name: string;
  seconds: number;
  /** Cores: CPU seconds a second. */
  cores: number;
  /** The same with what it needs beside it. */
  coresWithBesides: number;
  /** What the machine did besides: more than a little spoils the figures. */
  othersCores: number;
  /** The benchmark's own cameras and far end. */
  benchCores: number;
  /** Time the machine itself was not given, seconds. */
  stolenSeconds: number;
  /** How late the cameras sent at worst: jitter that the product did not make. */
  camerasLateMs: number;
  /** When a camera sent late (was not steady), and when the far end saw a loss or repetition; seconds into the window. */
  stalls: { at: number; lateMs: number }[];
  faults: { at: number; kind: PictureFault['kind']; frames: number }[];
  /** Memory at the end of the window, and the slope of what is its own over it. */
  pssMb: number;
  rssMb: number;
  slopeMbPerMinute: number;
  /** By how much what is its own grew from the first third of the window to the last (medians), by part of the product. */
  growthMb?: Record<string, number>;
  frames: number;
  lost: number;
  repeated: number;
  reordered: number;
  missing: number;
  unreadable: number;
  pip: { lost: number; repeated: number; unreadable: number } | null;
  syncP50Ms: number;
  syncP99Ms: number;
  syncMaxMs: number;
  lightP50Ms: number;
  lightP99Ms: number;
  status?: Pick<StatusView, 'program' | 'encoder'> & { lateInWindow: number; skippedInWindow: number };
  /** CPU of each part of the product, cores. */
  byProcess?: Record<string, number>;
  complaint: string;
}

/** Starts a contestant, lets it settle, measures for `seconds`, stops it and reads the far end. */
export async function measure(contestant: Contestant, stage: Stage, seconds: number, settleSeconds: number): Promise<Measured> {
  const running = await contestant.start(stage);
  try {
    return await measureRunning(contestant, running, stage, seconds, settleSeconds);
  } finally {
    await running.stop();
  }
}

export async function measureRunning(contestant: Pick<Contestant, 'name' | 'key' | 'mixes'>, running: Running, stage: Stage, seconds: number, settleSeconds: number): Promise<Measured> {
  await waitFor(`pictures of ${contestant.name}`, () => stage.far.sink.current(contestant.key)?.tags.some((tag) => tag.type === 9), { timeoutMs: 30_000 })
    .catch((error: Error) => { throw new Error(`${error.message}: ${running.complaint()}`); });
  await delay(settleSeconds * 1_000);
  const statusBefore = await running.status?.();
  for (const pusher of running.pushers) Object.assign(pusher, { latestMs: 0, stalls: [] });
  const fromMs = monotonicMs();
  const machine = machineCpuSeconds();
  const stolen = stolenSeconds();
  const own = process.cpuUsage();
  const cpu = treeCpuSeconds(running.roots());
  const besides = running.besides ? treeCpuSeconds(running.besides.roots()) : 0;
  const before = running.status ? cpuByProgram(running.roots()) : new Map<string, number>();
  const memory: { atMs: number; own: number; byProgram: Map<string, number> }[] = [];
  while (monotonicMs() - fromMs < seconds * 1_000) {
    await delay(Math.min(5_000, seconds * 1_000 - (monotonicMs() - fromMs) + 1));
    const byProgram = sumByProgram(running.roots(), ({ pid }) => anonymousBytes(pid));
    memory.push({ atMs: monotonicMs(), own: [...byProgram.values()].reduce((sum, own) => sum + own, 0), byProgram });
  }
  const toMs = monotonicMs();
  const wall = (toMs - fromMs) / 1_000;
  const { user, system } = process.cpuUsage(own);
  const benchCores = (user + system) / 1e6 / wall;
  const machineCores = (machineCpuSeconds() - machine) / wall;
  const camerasLateMs = running.pushers.length > 0 ? Math.max(...running.pushers.map((pusher) => pusher.latestMs)) : NaN;
  const stalls = running.pushers.flatMap((pusher) => pusher.stalls.map(({ atMs, lateMs }) => ({ at: (atMs - fromMs) / 1_000, lateMs })));
  const cores = (treeCpuSeconds(running.roots()) - cpu) / wall;
  const besidesCores = running.besides ? (treeCpuSeconds(running.besides.roots()) - besides) / wall : 0;
  const byProcess = running.status
    ? Object.fromEntries([...cpuByProgram(running.roots())].map(([name, seconds]) => [name, (seconds - (before.get(name) ?? 0)) / wall]))
    : undefined;
  const status = await running.status?.();
  const { pss, rss } = treeMemoryBytes(running.roots());
  const growthMb = Object.fromEntries([...(memory.at(-1)?.byProgram.keys() ?? [])].map((name) => [name, growth(memory.map((one) => one.byProgram.get(name) ?? 0)) / 1e6]));
  // What was sent at the end must have arrived before the far end is read.
  await delay(1_500);
  const seen = await readFarEnd(contestant, running, stage, fromMs, toMs);
  return {
    name: contestant.name, seconds: wall, cores, coresWithBesides: cores + besidesCores,
    othersCores: Math.max(0, machineCores - cores - besidesCores - benchCores), benchCores, stolenSeconds: stolenSeconds() - stolen, camerasLateMs, stalls,
    pssMb: pss / 1e6, rssMb: rss / 1e6, slopeMbPerMinute: slope(memory.map(({ atMs, own }) => [atMs / 60_000, own / 1e6])),
    ...seen,
    ...(status && statusBefore ? {
      status: {
        program: status.program, encoder: status.encoder,
        lateInWindow: (status.program?.late ?? 0) - (statusBefore.program?.late ?? 0),
        skippedInWindow: (status.program?.skipped ?? 0) - (statusBefore.program?.skipped ?? 0),
      },
    } : {}),
    ...(byProcess ? { byProcess, growthMb } : {}),
    complaint: running.complaint(),
  };
}

/** A figure summed up by what a process is: the product's by role, its children by program. */
function sumByProgram(roots: readonly number[], figure: (info: ProcessInfo) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const info of roots.flatMap((root) => processTree(root))) {
    const name = /dist\/src\/(\w+)\/main/.exec(commandLine(info.pid))?.[1] ?? info.comm;
    sums.set(name, (sums.get(name) ?? 0) + figure(info));
  }
  return sums;
}

const cpuByProgram = (roots: readonly number[]): Map<string, number> => sumByProgram(roots, ({ ownCpuSeconds }) => ownCpuSeconds);

/** Median of the last third less median of the first. */
function growth(values: readonly number[]): number {
  const third = Math.ceil(values.length / 3);
  return percentile(values.slice(-third), 50) - percentile(values.slice(0, third), 50);
}

async function readFarEnd(contestant: Pick<Contestant, 'key' | 'mixes'>, running: Running, stage: Stage, fromMs: number, toMs: number) {
  const { far } = stage;
  // Before it is read: while that keeps this process busy the far end does not answer, and a publisher that has left it and come back publishes anew.
  const window = { fromMs: far.mediaTimeMs(contestant.key, fromMs), toMs: far.mediaTimeMs(contestant.key, toMs) };
  const arrivals = new Map(far.pictureArrivals(contestant.key).map(({ mediaMs, arrivedMs }) => [Math.round(mediaMs), arrivedMs]));
  const reading = await far.read(contestant.key, fromMs, { regions: contestant.mixes ? [fullFrame, pipPlace] : [fullFrame], timeoutMs: 600_000 });
  const loops = stage.cameras.map((camera) => camera.frames);
  const picture = analysePicture(reading.frames, { fps, loopFrames: loops[0], ...window });
  const pip = contestant.mixes ? analysePicture(reading.frames, { fps, loopFrames: loops[1], region: 1, ...window }) : null;
  const sync = analyseSync(reading, window);
  const [pusher] = running.pushers;
  const lightMs = reading.frames.filter((frame) => frame.ptsMs >= window.fromMs && frame.ptsMs < window.toMs).flatMap((frame) => {
    const code = frame.codes[0];
    const arrivedMs = arrivals.get(Math.round(frame.ptsMs));
    if (!code || arrivedMs === undefined || !pusher) return [];
    // The counter says which frame of its round it is; the round is the one that brings it nearest before its arrival.
    const roundMs = (loops[0]! * 1_000) / fps;
    const age = arrivedMs - pusher.sentAtMs(code.counter);
    return [((age % roundMs) + roundMs) % roundMs];
  });
  return {
    frames: picture.frames, lost: picture.lost, repeated: picture.repeated, reordered: picture.reordered, missing: picture.missing, unreadable: picture.unreadable,
    faults: [picture, ...(pip ? [pip] : [])].flatMap(({ faults }) => faults.map(({ kind, atMs, frames }) => ({ at: (atMs - window.fromMs) / 1_000, kind, frames }))),
    pip: pip && { lost: pip.lost, repeated: pip.repeated, unreadable: pip.unreadable },
    syncP50Ms: sync.p50Ms, syncP99Ms: sync.p99Ms, syncMaxMs: sync.maxMs,
    lightP50Ms: percentile(lightMs, 50), lightP99Ms: percentile(lightMs, 99),
  };
}

/** Least squares, y a unit of x. */
export function slope(points: readonly (readonly [number, number])[]): number {
  if (points.length < 2) return NaN;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
