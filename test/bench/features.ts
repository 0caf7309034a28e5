/** What it costs to analyse recordings of hours, from memory and from the disk, and one that is being made. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/runtime/clock.js';
import { extractFeatures } from '../../src/sidecar/features/extract.js';
import { RecordingTail } from '../../src/sidecar/features/recording-tail.js';
import { run } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs } from '../support/wait.js';
import type { Stage } from './stage.js';

const BASE_SECONDS = 60;
const HOURS = [1, 2, 8];
/** More than the film itself needs. */
const SPARE_BYTES = 4e9;
const LIVE_SECONDS = 30;
const WRITE_EVERY_MS = 200;

export interface FeaturesRun {
  hours: number;
  gigabytes: number;
  seconds: number;
  /** Of all threads of the child. */
  cpuSeconds: number;
  peakRssMb: number;
  /** Of the file, by how long it took; of what was read of it less. */
  mbPerSecond: number;
  gigabytesRead: number;
}

export interface FeaturesResult {
  runs: FeaturesRun[];
  /** The longest that there was room for, taken times what is missing to 8 hours; the same where that is 8 hours. */
  eightHoursSeconds: number;
  isExtrapolated: boolean;
  /** Of a core: the child alone, and with what reads the parts for it. */
  livePercent: number;
  livePercentWithReader: number;
  /** From the recording's end to the finished table. */
  liveDoneMs: number;
}

export async function measureFeatures(stage: Stage, say: (text: string) => void): Promise<FeaturesResult> {
  const folder = tempFolder('v-features-');
  try {
    const base = join(folder, 'base.mp4');
    await ffmpeg('-stream_loop', '-1', '-i', stage.cameras[0]!.path, '-stream_loop', '-1', '-i', stage.cameras[1]!.path, '-t', String(BASE_SECONDS),
      '-filter_complex', "[0:v][1:v]overlay=enable='gte(mod(t,20),10)'[v]", '-map', '[v]', '-map', '0:a', ...stage.encoderOptions(), base);
    const bytesAnHour = (statSync(base).size / BASE_SECONDS) * 3_600;
    const room = statfsSync(folder);
    const able = HOURS.filter((hours) => hours * bytesAnHour + SPARE_BYTES < room.bavail * room.bsize);
    const runs: FeaturesRun[] = [];
    for (const hours of able) {
      say(`  ${hours} h of film …`);
      const path = join(folder, 'long.mp4');
      await ffmpeg('-stream_loop', String((hours * 3_600) / BASE_SECONDS - 1), '-i', base, '-c', 'copy', path);
      runs.push(await measureFile(path, hours));
      rmSync(path);
    }
    const last = runs.at(-1);
    return {
      runs, eightHoursSeconds: last ? (last.seconds * 8) / last.hours : NaN, isExtrapolated: last?.hours !== 8,
      ...await measureLive(base, folder),
    };
  } finally {
    removeFolder(folder);
  }
}

const ffmpeg = (...args: string[]): Promise<Buffer> => run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { timeoutMs: 900_000 });

async function measureFile(path: string, hours: number): Promise<FeaturesRun> {
  const from = monotonicMs();
  const table = await extractFeatures({ input: { path }, signal: new AbortController().signal });
  const seconds = (monotonicMs() - from) / 1_000;
  // Each lap of the loop may be some milliseconds longer than the last packet says.
  if (Math.abs(table.durationMs / (hours * 3_600_000) - 1) > 0.002) throw new Error(`A film of ${hours} h was taken for one of ${table.durationMs} ms.`);
  const bytes = statSync(path).size;
  return {
    hours, gigabytes: bytes / 1e9, seconds, cpuSeconds: table.cpuMs / 1_000, peakRssMb: table.peakRssBytes / 1e6,
    mbPerSecond: bytes / 1e6 / seconds, gigabytesRead: table.bytesRead / 1e9,
  };
}

/** A part that grows as a recorder would have it, by the seconds. */
async function measureLive(base: string, folder: string): Promise<Pick<FeaturesResult, 'livePercent' | 'livePercentWithReader' | 'liveDoneMs'>> {
  const flv = join(folder, 'live.flv');
  await ffmpeg('-i', base, '-t', String(LIVE_SECONDS), '-c', 'copy', flv);
  const bytes = readFileSync(flv);
  const parts = join(folder, 'parts');
  mkdirSync(parts);
  const part = join(parts, 'part-0001.flv');
  const tail = new RecordingTail({ folder: parts, clock: systemClock });
  const cpu = process.cpuUsage();
  const from = monotonicMs();
  const extracting = extractFeatures({ input: { stream: tail }, signal: new AbortController().signal });
  for (let written = 0; written < bytes.length;) {
    const due = Math.min(bytes.length, Math.floor(((monotonicMs() - from) / (LIVE_SECONDS * 1_000)) * bytes.length));
    appendFileSync(part, bytes.subarray(written, due));
    written = due;
    await delay(WRITE_EVERY_MS);
  }
  const stopped = monotonicMs();
  tail.end();
  const table = await extracting;
  const tookMs = stopped - from;
  const own = process.cpuUsage(cpu);
  return {
    livePercent: (100 * table.cpuMs) / tookMs,
    livePercentWithReader: (100 * (table.cpuMs + (own.user + own.system) / 1_000)) / tookMs,
    liveDoneMs: monotonicMs() - stopped,
  };
}
