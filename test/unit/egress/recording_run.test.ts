import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProgramHub } from '../../../src/egress/program-hub.js';
import { Recorder } from '../../../src/egress/recorder.js';
import { partNumber, readOrigin } from '../../../src/egress/recording-parts.js';
import { RecordingRun, type RecordingRunOptions } from '../../../src/egress/recording-run.js';
import { FlvParser, TAG_SCRIPT, type FlvTag } from '../../../src/rtmp/flv.js';
import { silentLog } from '../../../src/runtime/log.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { MemoryDisk } from '../../fakes/memory-disk.js';
import { audioHeader, program, videoHeader } from './tags.js';

let clock: FakeClock;
let hub: ProgramHub;
let disk: MemoryDisk;
let events: string[];
let options: RecordingRunOptions;

beforeEach(() => {
  clock = new FakeClock();
  hub = new ProgramHub(() => clock.monotonicMs());
  disk = new MemoryDisk();
  events = [];
  options = { id: 'rec', folder: '/r/rec', disk, hub, clock, log: silentLog, bootId: 'boot-1', onEvent: (name, payload) => events.push(`${name} ${payload.code ?? ''}`.trim()) };
  hub.metadata({ width: 640, height: 360, fps: 25, videoKbps: 500, audioKbps: 96, sampleRate: 48000, stereo: true, videoCodecId: 7, audioCodecId: 10 });
  hub.tag(videoHeader(clock.monotonicMs()));
  hub.tag(audioHeader(clock.monotonicMs()));
});

/** Half a minute of program in steps of 200 ms, so that the recorder turns as it would. */
async function play(ms: number, gop = 25): Promise<void> {
  for (let at = 0; at < ms; at += 1000) {
    const nowMs = clock.monotonicMs();
    for (let part = 0; part < 1000; part += 200) {
      program(nowMs, nowMs + 1000, gop).filter((tag) => tag.timeMs >= nowMs + part && tag.timeMs < nowMs + part + 200).forEach((tag) => hub.tag(tag));
      await clock.advance(200);
    }
  }
}

function tagsOf(number: number): FlvTag[] {
  const tags: FlvTag[] = [];
  const parser = new FlvParser((tag) => tags.push(tag));
  parser.push(disk.files.get(join('/r/rec', `part-000${number}.flv`))!.bytes);
  expect(parser.atBoundary).toBe(true);
  return tags;
}
const media = (number: number): FlvTag[] => tagsOf(number).filter((tag) => tag.type !== TAG_SCRIPT && tag.payload[1] !== 0);

describe('RecordingRun', () => {
  it('writes parts that each begin whole, roll over at a keyframe, and are one stream together', async () => {
    const run = new RecordingRun({ ...options, partMs: 4000 });
    run.start();
    await settled();
    await play(10_000);
    const stopping = run.stop();
    await clock.advance(300);
    await stopping;
    expect([...disk.files.keys()]).toHaveLength(3);
    const stamps: number[] = [];
    for (const number of [1, 2, 3]) {
      expect(tagsOf(number).slice(0, 3).map((tag) => [tag.type, tag.payload[1]])).toEqual([[18, 0], [9, 0], [8, 0]]);
      expect(media(number)[0]!.payload[0]).toBe(0x17);
      stamps.push(...media(number).filter((tag) => tag.type === 9).map((tag) => tag.timestampMs));
    }
    expect(stamps).toEqual(Array.from({ length: 250 }, (_, i) => i * 40));
    for (const file of disk.files.values()) expect(file).toMatchObject({ closed: true, synced: file.bytes.length });
  });

  it('syncs every second, and writes within a fifth of a second', async () => {
    const run = new RecordingRun(options);
    run.start();
    await settled();
    await play(5000);
    const file = [...disk.files.values()][0]!;
    expect(file.bytes.length - file.synced).toBeLessThan(file.bytes.length / 4);
    expect(run.status().durationMs).toBeGreaterThanOrEqual(4600);
    expect(run.status().bytes).toBe(file.bytes.length);
  });

  it('goes on with the clock of the recording after a crash, and after a reboot by the wall', async () => {
    const first = new RecordingRun(options);
    first.start();
    await settled();
    await play(2000);
    hub.detach(first);
    await clock.advance(7000);
    const second = new RecordingRun(options);
    second.start();
    await settled();
    await play(2000);
    hub.detach(second);
    expect(media(2)[0]!.timestampMs).toBe(9000);
    await clock.advance(7000);
    const third = new RecordingRun({ ...options, bootId: 'boot-2' });
    third.start();
    await settled();
    await play(2000);
    expect(media(3)[0]!.timestampMs).toBe(18_000);
    expect(readOrigin(disk.files.get('/r/rec/part-0003.flv')!.bytes)?.bootId).toBe('boot-2');
  });

  it('stops when the disk is full, says so once, and goes on in a new part when there is twice the reserve', async () => {
    const run = new RecordingRun(options);
    run.start();
    await settled();
    await play(2000);
    disk.freeBytes = 1e8;
    await play(4000);
    expect(run.status()).toMatchObject({ state: 'stopped', error: { code: 'DISK_FULL' } });
    disk.freeBytes = 6e8;
    await play(5000);
    expect(run.status().state).toBe('stopped');
    disk.freeBytes = 2e9;
    await play(35_000);
    expect(run.status()).toMatchObject({ state: 'recording' });
    expect(run.status().error).toBeUndefined();
    expect(events).toEqual(['recording:stopped DISK_FULL', 'recording:resumed']);
    expect(media(2)[0]!.timestampMs).toBeGreaterThan(media(1).at(-1)!.timestampMs);
    expect(media(2)[0]!.payload[0]).toBe(0x17);
  });

  it('is stopped by write errors and vanished files, and does not litter the disk with parts', async () => {
    const run = new RecordingRun(options);
    run.start();
    await settled();
    await play(1000);
    disk.failWrites = 'EIO';
    await play(120_000);
    expect(run.status()).toMatchObject({ state: 'stopped', error: { code: 'DISK_ERROR' } });
    expect(disk.files.size).toBeLessThan(15);
    disk.failWrites = null;
    await play(31_000);
    expect(run.status().state).toBe('recording');
    expect(events).toEqual(['recording:stopped DISK_ERROR', 'recording:resumed']);
    for (const path of disk.files.keys()) disk.remove(path);
    for (let i = 0; i < 5 && run.status().state === 'recording'; i += 1) await play(1000);
    expect(run.status()).toMatchObject({ state: 'stopped', error: { code: 'DISK_ERROR' } });
    expect(run.status().error!.message).toContain('removed');
  });

  it('says of a disk that is read-only that it is, once', async () => {
    const run = new RecordingRun(options);
    run.start();
    await settled();
    await play(1000);
    disk.failWrites = 'EROFS';
    await play(120_000);
    expect(run.status().error).toMatchObject({ code: 'DISK_READ_ONLY', message: expect.stringMatching(/is read-only; recording has stopped.*mount it for writing again/) });
    expect(events).toEqual(['recording:stopped DISK_READ_ONLY']);
  });

  it('says that a disk hangs, and keeps its memory bounded: picture goes, sound stays', async () => {
    const run = new RecordingRun(options);
    run.start();
    await settled();
    disk.hang = true;
    await play(60_000);
    expect(run.status()).toMatchObject({ state: 'stopped', error: { code: 'DISK_ERROR' } });
    expect(run.status().droppedFrames).toBeGreaterThan(600);
  });

  it('says that a disk hangs that takes what is written and never syncs it', async () => {
    const run = new RecordingRun(options);
    run.start();
    await settled();
    await play(2000);
    disk.syncs = () => new Promise(() => undefined);
    await play(4000);
    expect(run.status().state).toBe('recording');
    await play(3000);
    expect(run.status()).toMatchObject({ state: 'stopped', error: { code: 'DISK_ERROR', message: expect.stringContaining('does not answer') } });
  });

  it('does not take a recording for whole whose last sync failed, and leaves the next part alone', async () => {
    const run = new RecordingRun({ ...options, partMs: 4000 });
    run.start();
    await settled();
    await play(2000);
    let fail = (): void => undefined;
    disk.syncs = () => new Promise((_, reject) => { fail = () => reject(Object.assign(new Error('lost'), { code: 'EIO' })); });
    await play(1000);
    disk.syncs = null;
    const stopping = run.stop();
    await clock.advance(300);
    fail();
    await clock.advance(300);
    await stopping;
    expect(events).toEqual(['recording:stopped DISK_ERROR']);
  });
});

describe('Recorder', () => {
  it('changes recordings, closes the old one, and is idle when none is wanted', async () => {
    const recorder = new Recorder({ ...options, recordingsFolder: '/r', onChange: () => undefined });
    recorder.apply({ id: 'one' });
    await settled();
    await play(1000);
    recorder.apply({ id: 'one' });
    recorder.apply({ id: 'two' });
    await settled();
    await play(1000);
    expect(recorder.status()).toMatchObject({ state: 'recording', id: 'two' });
    recorder.apply(null);
    await clock.advance(300);
    expect(recorder.status()).toMatchObject({ state: 'idle', id: null });
    expect(recorder.open()).toEqual([]);
    expect([...disk.files.entries()].map(([path, file]) => [path, file.closed])).toEqual([['/r/one/part-0001.flv', true], ['/r/two/part-0001.flv', true]]);
  });

  it('names what is not closed yet: one that waits for its disk beside the next one, which is written', async () => {
    const recorder = new Recorder({ ...options, recordingsFolder: '/r', onChange: () => undefined });
    recorder.apply({ id: 'one' });
    await settled();
    await play(1000);
    disk.syncs = () => new Promise(() => undefined);
    await play(1200);
    recorder.apply({ id: 'two' });
    await settled();
    disk.syncs = null;
    await play(1000);
    expect(recorder.status()).toMatchObject({ state: 'recording', id: 'two' });
    expect(recorder.open()).toEqual(['two', 'one']);
  });

  it('knows its own files only', () => {
    expect(['part-0001.flv', 'part-123456.flv', 'part-1.flv', 'recording.mp4', 'part-0001.flv.bak'].map(partNumber)).toEqual([1, 123456, null, null, null]);
  });
});
