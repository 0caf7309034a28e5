/** How long it takes to cut clips of a recording, and by which way; a vertical one; and thumbnails. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cutClip, type CutResult } from '../../src/sidecar/cutting/cut-clip.js';
import { readSource } from '../../src/sidecar/cutting/source.js';
import { pickThumbnails } from '../../src/sidecar/cutting/thumbnails/pick.js';
import { run } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { monotonicMs } from '../support/wait.js';
import type { Stage } from './stage.js';

const CLIPS = 10;
const CLIP_MS = 30_000;
/** So many are cut at a time: the machine that the figures are for has two cores. */
const AT_ONCE = 2;
const RECORDING_SECONDS = 600;

export interface ClipsResult {
  clips: number;
  seconds: number;
  ways: Record<CutResult['cut'], number>;
  /** LUFS beside what was wanted, the worst; and the highest true peak. */
  loudnessOff: number;
  truePeakDb: number;
  /** Of a vertical clip, by how long it is: 1 is as long as it plays. */
  verticalShare: number;
  thumbnailsSeconds: number;
  thumbnailsMostBytes: number;
}

export async function measureClips(stage: Stage): Promise<ClipsResult> {
  const folder = tempFolder('v-clips-');
  try {
    const input = join(folder, 'recording.mp4');
    const base = join(folder, 'base.mp4');
    const { encoder } = stage.settings;
    await run('ffmpeg', ['-v', 'error', '-i', stage.cameras[0]!.path, '-t', '60', '-vf', `scale=${stage.settings.video.width}:${stage.settings.video.height}`, '-c:v', 'libx264', '-preset', 'veryfast',
      '-b:v', `${encoder.bitrateKbps}k`, '-g', '60', '-keyint_min', '60', '-sc_threshold', '0', '-bf', '2', '-c:a', 'aac', base]);
    await run('ffmpeg', ['-v', 'error', '-stream_loop', String(RECORDING_SECONDS / 60 - 1), '-i', base, '-c', 'copy', '-movflags', '+faststart', input]);
    const beganMs = monotonicMs();
    const source = await readSource(input);
    const results: CutResult[] = [];
    // At odd places: only one in sixty begins with a keyframe by chance.
    const starts = Array.from({ length: CLIPS }, (_, i) => 7_000 + i * 55_000 + ((i * 7_919) % 2_000));
    const queue = starts.map((startMs, i) => () => cutClip({ input, source, startMs, endMs: startMs + CLIP_MS, output: join(folder, `${i}.mp4`), shape: 'wide' }));
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) results.push(await next());
    }));
    const seconds = (monotonicMs() - beganMs) / 1_000;
    const verticalMs = monotonicMs();
    await cutClip({ input, source, startMs: 100_000, endMs: 100_000 + CLIP_MS, output: join(folder, 'vertical.mp4'), shape: 'vertical', threads: 2 });
    const verticalShare = (monotonicMs() - verticalMs) / CLIP_MS;
    const thumbnailsMs = monotonicMs();
    const outputFolder = join(folder, 'thumbnails');
    mkdirSync(outputFolder);
    const thumbnails = await pickThumbnails({ input, source, startMs: 100_000, endMs: 100_000 + CLIP_MS, count: 3, outputFolder });
    const count = (way: CutResult['cut']): number => results.filter(({ cut }) => cut === way).length;
    return {
      clips: CLIPS, seconds, ways: { copy: count('copy'), smart: count('smart'), full: count('full') },
      loudnessOff: Math.max(...results.map(({ lufs }) => Math.abs((lufs ?? -14) + 14))), truePeakDb: Math.max(...results.map(({ truePeakDb }) => truePeakDb ?? -99)),
      verticalShare, thumbnailsSeconds: (monotonicMs() - thumbnailsMs) / 1_000, thumbnailsMostBytes: Math.max(0, ...thumbnails.map(({ path }) => statSync(path).size)),
    };
  } finally {
    removeFolder(folder);
  }
}
