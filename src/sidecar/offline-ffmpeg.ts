/** Offline FFmpeg jobs. The only file that imports fluent-ffmpeg (archived upstream: replaceable here, in one place). */
import type { Readable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';

const NICENESS = 15;

/** A copy job that runs. `done` rejects with FFmpeg's own last words; `kill` ends it at once. */
export interface OfflineJob {
  done: Promise<void>;
  kill(): void;
}

/** Copies an FLV stream into an MP4 whose index stands in front, so that it plays while it still loads. Nothing is encoded. */
export function copyToMp4(input: Readable, outputPath: string): OfflineJob {
  const command = ffmpeg({ niceness: NICENESS })
    .input(input)
    .inputFormat('flv')
    .inputOptions(['-fflags', '+genpts'])
    .outputOptions(['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-movflags', '+faststart', '-threads', '1', '-y'])
    .format('mp4')
    .output(outputPath);
  const done = new Promise<void>((resolve, reject) => {
    command.on('end', () => resolve());
    command.on('error', (error: Error, _stdout: unknown, stderr: unknown) => reject(jobError(error, stderr)));
  });
  // FFmpeg is spawned some turns later; until then there is nothing that could be killed.
  let state: 'starting' | 'running' | 'killed' = 'starting';
  command.on('start', () => {
    if (state === 'killed') command.kill('SIGKILL');
    else state = 'running';
  });
  command.run();
  return {
    done,
    kill: () => {
      if (state === 'running') command.kill('SIGKILL');
      state = 'killed';
    },
  };
}

/** How long a media file says it plays, ms. */
export function mediaDurationMs(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    ffmpeg.ffprobe(path, (error: unknown, data) => {
      if (error) reject(error instanceof Error ? jobError(error, '') : new Error('ffprobe failed.'));
      else resolve(Math.round((data.format.duration ?? 0) * 1000));
    });
  });
}

/** Whether a job failed because something else ended it, as the kernel does where memory runs out. It says nothing about the input. */
export function wasKilled(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'KILLED';
}

/** What FFmpeg says of a full disk is rarely its last word. */
function jobError(error: Error, stderr: unknown): Error {
  // fluent-ffmpeg tells a signal in words only.
  const killed = /^ff(?:mpeg|probe) was killed with signal \w+/.exec(error.message)?.[0];
  if (killed !== undefined) return Object.assign(new Error(`${killed}.`), { code: 'KILLED' });
  const said = `${error.message}\n${typeof stderr === 'string' ? stderr : ''}`;
  const isFull = /No space left on device|Disk quota exceeded/.test(said);
  return Object.assign(new Error(lastLine(error.message)), isFull ? { code: 'ENOSPC' } : {});
}

/** FFmpeg's last words as a sentence. */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
