/** Offline FFmpeg jobs. The only file that imports fluent-ffmpeg (archived upstream: replaceable here, in one place). */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import { systemClock, type Clock } from '../runtime/clock.js';
import { diskCodeIn } from '../runtime/scarcity.js';
import { HangWatch } from './offline/hang-watch.js';

const NICENESS = 15;

/** A copy job that runs. `done` rejects with FFmpeg's own last words; `kill` ends it at once. */
export interface OfflineJob {
  done: Promise<void>;
  kill(): void;
}

/**
 * What fluent-ffmpeg asks FFmpeg before each command (`-formats`, `-encoders`), by children that nobody could end and that nothing bounds: one that hung
 * there would hold the recording for ever. FFmpeg itself says what it cannot do.
 */
const NOTHING_ASKED = {
  _checkCapabilities: (done: (error: null) => void): void => done(null),
  availableEncoders: (done: (error: null, encoders: object) => void): void => done(null, {}),
};

/** Copies an FLV stream into an MP4 whose index stands in front, so that it plays while it still loads. Nothing is encoded. A copy that hangs is ended. */
export function copyToMp4(input: Readable, outputPath: string, clock: Clock = systemClock): OfflineJob {
  const command = Object.assign(ffmpeg({ niceness: NICENESS }), NOTHING_ASKED)
    .input(input)
    .inputFormat('flv')
    .inputOptions(['-fflags', '+genpts'])
    .outputOptions(['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-movflags', '+faststart', '-threads', '1', '-y'])
    .format('mp4')
    .output(outputPath);
  let watch: HangWatch | null = null;
  let hungMs: number | null = null;
  const done = new Promise<void>((resolve, reject) => {
    command.on('end', () => resolve());
    command.on('error', (error: Error, _stdout: unknown, stderr: unknown) => reject(hungMs === null ? jobError(error, stderr) : hung(hungMs)));
  }).finally(() => watch?.stop());
  // FFmpeg is spawned some turns later; until then there is nothing that could be killed.
  let state: 'starting' | 'running' | 'killed' = 'starting';
  command.on('start', () => {
    if (state === 'killed') command.kill('SIGKILL');
    else state = 'running';
    // Known to fluent-ffmpeg by then, and to nobody by its types.
    const { pid, stdin } = (command as unknown as { ffmpegProc: ChildProcess }).ffmpegProc;
    watch = new HangWatch({
      pid, clock, patienceMs: Infinity, mayWait: () => stdin !== null && !stdin.writableEnded && stdin.writableLength === 0,
      onHang: (forMs) => {
        hungMs = forMs;
        command.kill('SIGKILL');
      },
    });
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

/** Whether a job failed because something else ended it, as the kernel does where memory runs out, or because it hung. It says nothing about the input. */
export function wasKilled(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'KILLED' || code === 'STALLED';
}

const hung = (forMs: number): Error => Object.assign(new Error(`ffmpeg did nothing for ${forMs / 1000} s and was ended.`), { code: 'STALLED' });

/** What FFmpeg says of a disk that takes no more is rarely its last word. */
function jobError(error: Error, stderr: unknown): Error {
  // fluent-ffmpeg tells a signal in words only.
  const killed = /^ffmpeg was killed with signal \w+/.exec(error.message)?.[0];
  if (killed !== undefined) return Object.assign(new Error(`${killed}.`), { code: 'KILLED' });
  const said = `${error.message}\n${typeof stderr === 'string' ? stderr : ''}`;
  const code = diskCodeIn(said);
  return Object.assign(new Error(lastLine(error.message)), code ? { code } : {});
}

/** FFmpeg's last words as a sentence. */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
