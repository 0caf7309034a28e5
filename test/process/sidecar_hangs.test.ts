/** Children of the sidecar that somebody stops: each is ended and its work can be done again, while one that only gets no processor goes on. */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/clock.js';
import { toCutError } from '../../src/sidecar/cutting/errors.js';
import { extractFeatures } from '../../src/sidecar/features/extract.js';
import { RecordingTail } from '../../src/sidecar/features/recording-tail.js';
import { mediaDurationMs } from '../../src/sidecar/offline/duration.js';
import { runOffline } from '../../src/sidecar/offline/run.js';
import { copyToMp4, wasKilled } from '../../src/sidecar/offline-ffmpeg.js';
import { writeSoundPiece } from '../../src/sidecar/transcript/sound-piece.js';
import { signal as send } from '../support/process.js';
import { commandLine, isAlive, processTree } from '../support/procfs.js';
import { quickClock } from '../support/quick_clock.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const folder = tempFolder('v-hangs-');
const at = (name: string): string => join(folder, name);
const signal = new AbortController().signal;
/** A second in place of twenty. */
const clock = quickClock(20);
/** Called as FFmpeg is by fluent-ffmpeg. What is asked of it besides what it is to do would never be answered, and stands here. */
const asked = at('asked');
process.env.FFMPEG_PATH = at('ffmpeg');

beforeAll(() => {
  writeFileSync(at('ffmpeg'), `#!/bin/sh\ncase "$*" in *" -i "*) exec ffmpeg "$@";; esac\necho "$*" >> ${asked}\nexec sleep 600\n`, { mode: 0o755 });
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=60', '-f', 'lavfi', '-i', 'sine=d=60', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-c:a', 'aac', at('film.flv')]);
}, 60_000);
afterAll(() => removeFolder(folder));

/** What a child is called, before it is what was asked for as well. */
const NAMES = ['vistter-launch', 'nice', 'ffmpeg', 'vistter-feature'];

/** Stops the child as soon as it is there. @param named in its command line */
async function stopChild(named: string, not = 0): Promise<number> {
  const { pid } = await waitFor('a child', () => processTree(process.pid).find(({ comm, pid: its }) => NAMES.includes(comm) && its !== not && commandLine(its).includes(named)), { everyMs: 1 });
  send(pid, 'SIGSTOP');
  return pid;
}

describe('a child that was stopped is ended, and that is told:', () => {
  it('one that analyses a file', async () => {
    const running = extractFeatures({ input: { path: at('film.flv') }, signal, clock });
    const [pid] = await Promise.all([stopChild('film.flv'), expect(running).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringMatching(/^The analysis has not gone on for 20 s and was ended\. /) })]);
    expect(isAlive(pid)).toBe(false);
  });

  it('one that analyses what is being recorded, and has nothing to read', async () => {
    const tail = new RecordingTail({ folder: at('nowhere'), clock: systemClock });
    const running = extractFeatures({ input: { stream: tail }, signal, clock });
    const ended = expect(running).rejects.toMatchObject({ code: 'TIMEOUT' });
    const pid = await stopChild('vistter-features');
    await waitFor('its end', () => !isAlive(pid));
    tail.end();
    await ended;
  });

  it('FFmpeg that cuts or looks', async () => {
    const running = runOffline({ program: 'ffmpeg', args: ['-v', 'error', '-nostdin', '-re', '-i', at('film.flv'), '-f', 'null', '-'], clock });
    const ended = running.catch((error: unknown) => error);
    await stopChild('film.flv');
    const error = await ended;
    expect(error).toMatchObject({ code: 'STALLED', message: 'ffmpeg did nothing for 20 s and was ended.' });
    expect(toCutError(error)).toMatchObject({ code: 'CUT_KILLED' });
  });

  it('FFmpeg that makes one file of a recording\'s parts', async () => {
    const job = copyToMp4(createReadStream(at('film.flv'), { highWaterMark: 1_000 }), at('copy.mp4'), clock);
    const ended = job.done.catch((error: unknown) => error);
    await stopChild('copy.mp4');
    const error = await ended;
    expect(wasKilled(error), String(error)).toBe(true);
    expect(error).toMatchObject({ message: 'ffmpeg did nothing for 20 s and was ended.' });
  });
});

it('a child that waits for what it is given is let wait', async () => {
  const input = new PassThrough();
  const film = readFileSync(at('film.flv'));
  input.write(film.subarray(0, film.length / 2));
  const job = copyToMp4(input, at('whole.mp4'), clock);
  // By that clock, half a minute.
  await new Promise<void>((resolve) => { clock.after(30_000, resolve); });
  input.end(film.subarray(film.length / 2));
  await job.done;
  expect(existsSync(asked)).toBe(false);
  expect(Math.abs(await mediaDurationMs(at('whole.mp4')) - 60_000)).toBeLessThan(200);
});

describe('the sound of a piece', () => {
  it('is taken out anew where FFmpeg hung', async () => {
    const writing = writeSoundPiece(at('film.flv'), { startMs: 0, endMs: 50_000 }, 'flac', at('piece.flac'), signal, clock);
    const first = await stopChild('piece.flac');
    expect(await writing).toBe(true);
    expect(isAlive(first)).toBe(false);
    expect(existsSync(at('piece.flac'))).toBe(true);
    expect(Math.abs(await mediaDurationMs(at('piece.flac')) - 50_000)).toBeLessThan(100);
  });

  it('is given up where it hangs each time', async () => {
    const writing = expect(writeSoundPiece(at('film.flv'), { startMs: 0, endMs: 50_000 }, 'flac', at('none.flac'), signal, clock)).rejects.toMatchObject({ code: 'TIMEOUT' });
    let last = 0;
    for (let i = 0; i < 3; i += 1) last = await stopChild('none.flac', last);
    await writing;
  });
});
