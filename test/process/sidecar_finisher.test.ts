/** The finisher on real files and a real FFmpeg: what the studio changes its mind about, and a disk that is full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/runtime/log.js';
import { RecordingFinisher } from '../../src/sidecar/recording-finisher.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { run } from '../support/process.js';
import { canMount } from '../support/small_disk.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor } from '../support/wait.js';

let root: string;
let clock: FakeClock;
let free: number;
/** How often it was asked for the room on the disk. */
let askedRoom: number;
let finisher: RecordingFinisher;
/** Every state and error that was reported of one, in order, without repetitions. */
let seen: string[];

beforeEach(() => {
  root = tempFolder();
  clock = new FakeClock();
  free = 1e12;
  askedRoom = 0;
  seen = [];
  finisher = new RecordingFinisher({
    recordingsFolder: root, clock, log: silentLog, freeBytes: () => Promise.resolve((askedRoom += 1, free)),
    onChange: () => {
      const [report] = finisher.reports();
      const now = [report?.state, report?.error?.code].filter(Boolean).join(' ');
      if (seen.at(-1) !== now) seen.push(now);
    },
  });
});
afterEach(async () => {
  await finisher.stop();
  removeFolder(root);
});

const names = (id: string): string[] => readdirSync(join(root, id)).sort();
const want = (...ids: string[]): void => finisher.apply({ finish: ids.map((recordingId) => ({ recordingId })) });
const state = (): string | undefined => finisher.reports()[0]?.state;

async function makeRecording(id: string, seconds = 20): Promise<void> {
  mkdirSync(join(root, id));
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${seconds}`,
    '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-f', 'flv', join(root, id, 'part-0001.flv')]);
}

describe('what the studio changes its mind about', () => {
  test.each([0, 1, 3])('one that is given up and wanted again %i ms later is made, and has not failed', async (ms) => {
    await makeRecording('rec1');
    want('rec1');
    await waitFor('work to begin', () => names('rec1').some((name) => name.endsWith('.tmp.mp4')), { everyMs: 1 });
    want();
    if (ms > 0) await delay(ms);
    want('rec1');
    await waitFor('an end', () => state() === 'ready' || state() === 'failed');
    expect(finisher.reports()[0]).toMatchObject({ state: 'ready', path: 'recordings/rec1/recording.mp4' });
    expect(seen).not.toContain('failed REMUX_FAILED');
    expect(names('rec1')).toEqual(['part-0001.flv', 'recording.mp4']);
  });

  test('a studio that does not know yet ends nothing and begins nothing', async () => {
    await makeRecording('rec1');
    finisher.apply({ finish: null });
    expect(finisher.reports()).toEqual([]);
    want('rec1');
    finisher.apply({ finish: null });
    await waitFor('the file', () => state() === 'ready');
    expect(seen).toEqual(['working', 'ready']);
  });

  test('one that is no longer wanted leaves no file behind', async () => {
    await makeRecording('rec1');
    want('rec1');
    await waitFor('work to begin', () => names('rec1').some((name) => name.endsWith('.tmp.mp4')), { everyMs: 1 });
    want();
    await finisher.stop();
    expect(finisher.reports()).toEqual([]);
    expect(names('rec1')).toEqual(['part-0001.flv']);
  });
});

test('what was damaged on the disk is left out, what follows it is there, and that is told with the file', async () => {
  await makeRecording('rec1');
  const path = join(root, 'rec1', 'part-0001.flv');
  const bytes = readFileSync(path);
  const tags: number[] = [];
  for (let tag = 13; tag < bytes.length; tag += 15 + bytes.readUIntBE(tag + 1, 3)) tags.push(tag);
  bytes.fill(0, tags[100], tags[110]);
  bytes.writeUIntBE(0xff_ff_ff, tags[300]! + 1, 3);
  writeFileSync(path, bytes);
  want('rec1');
  await waitFor('the file', () => state() === 'ready' || state() === 'failed');
  const [report] = finisher.reports();
  expect(report).toMatchObject({
    state: 'ready', error: { code: 'RECORDING_DAMAGED', message: expect.stringMatching(/^What was written is damaged at 0:0[34], 0:1[12]: \d+ kB could not be used, /) },
  });
  expect(Math.abs(report!.durationMs - 20_000)).toBeLessThan(200);
  const pictures = (await run('ffprobe', ['-v', 'error', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', join(root, 'rec1', 'recording.mp4')])).toString();
  expect(Number(pictures)).toBe(500 - 11);
});

describe('a full disk', () => {
  test('is waited for, longer each time, and finished when there is room; the others go on', async () => {
    await makeRecording('big', 4);
    await makeRecording('small', 1);
    const waits = (): boolean => finisher.reports().some(({ recordingId, error }) => recordingId === 'big' && error?.code === 'DISK_FULL');
    free = 1;
    want('big');
    await waitFor('the refusal', waits);
    expect(finisher.reports()[0]).toMatchObject({ state: 'working', error: { message: expect.stringContaining('when there is room') } });
    expect(names('big')).toEqual(['part-0001.flv']);
    // Once more refused, and waiting again before there is room.
    const [asked, timers] = [askedRoom, clock.timersMade];
    await clock.advance(2_000);
    await waitFor('the second refusal', () => askedRoom > asked && clock.timersMade > timers);
    free = 1e12;
    // The second wait is longer than the first.
    await clock.advance(3_900);
    want('big', 'small');
    await waitFor('the other one', () => finisher.reports().some(({ recordingId, state: its }) => recordingId === 'small' && its === 'ready'));
    expect(waits()).toBe(true);
    await clock.advance(200);
    await waitFor('the file', () => finisher.reports().every(({ state: its }) => its === 'ready'));
    expect(finisher.reports().find(({ recordingId }) => recordingId === 'big')!.error).toBeUndefined();
    expect(names('big')).toEqual(['part-0001.flv', 'recording.mp4']);
  });

  test.skipIf(!canMount)('that is read-only is waited for as well, in words', async () => {
    await makeRecording('rec1', 1);
    const folder = join(root, 'rec1');
    execFileSync('mount', ['--bind', folder, folder]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
      want('rec1');
      await waitFor('the refusal', () => finisher.reports()[0]?.error);
      expect(finisher.reports()[0]).toMatchObject({ state: 'working', error: { code: 'DISK_READ_ONLY', message: expect.stringContaining('mount it for writing again') } });
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
    await clock.advance(2_000);
    await waitFor('the file', () => state() === 'ready');
  });

  test('is told from bad parts when the copy fails, and one that is no longer wanted is not tried again', async () => {
    mkdirSync(join(root, 'rec1'));
    writeFileSync(join(root, 'rec1', 'part-0001.flv'), 'this is no film');
    want('rec1');
    await waitFor('the failure', () => state() === 'failed');
    want();
    // Room for the 15 bytes, and no more after the copy.
    free = 20;
    want('rec1');
    await waitFor('the refusal', () => finisher.reports()[0]?.error?.code === 'DISK_FULL');
    expect(names('rec1')).toEqual(['part-0001.flv']);
    want();
    await clock.advance(100_000);
    expect(finisher.reports()).toEqual([]);
  });
});
