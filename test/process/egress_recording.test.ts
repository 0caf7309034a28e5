import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { HungDisk } from '../support/hung_disk.js';
import { hasNginxRtmp, NginxRtmp } from '../support/nginx_rtmp.js';
import { signal } from '../support/process.js';
import { startedAs } from '../support/processes.js';
import { isSequenceHeader, readTags } from '../support/rtmp/flv.js';
import { RtmpSink } from '../support/rtmp/server.js';
import { SmallDisk } from '../support/small_disk.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import { EgressRig, destination } from './egress_support.js';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function lastStampMs(path: string): number {
  return readTags(readFileSync(path)).at(-1)?.timestampMs ?? 0;
}

describe('recording', () => {
  it('stops cleanly when the disk is full, says so, goes on when there is room, and the program never notices', async (context) => {
    const home = tempFolder('v-eg-');
    cleanups.push(() => removeFolder(home));
    const small = new SmallDisk(8, { at: join(home, 'recordings') });
    cleanups.push(() => small.remove());
    if (!small.isMounted) return context.skip('mounting a small disk is not allowed here');
    const disk = small.folder;
    const rig = new EgressRig({}, home);
    cleanups.push(() => rig.stop());
    await rig.start();
    const nginx = hasNginxRtmp ? await new NginxRtmp().start() : null;
    if (nginx) cleanups.push(() => nginx.stop());
    rig.encoder({ kbps: 4000, size: '1280x720' });
    if (nginx) rig.wish({ destinations: [destination('a', nginx.url(), 'k')] });
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(5 * 1024 * 1024));
    rig.wish({ recording: { id: 'rec' } });
    await waitFor('the recorder to say the disk is full', () => rig.actual?.recording.error?.code === 'DISK_FULL');
    console.log('full:', JSON.stringify(rig.actual!.recording));
    expect(rig.actual!.recording).toMatchObject({ state: 'stopped', id: 'rec' });
    await waitFor('the event', () => rig.events.some((event) => event.name === 'recording:stopped'));
    rmSync(ballast);
    await waitFor('recording to go on', () => rig.actual?.recording.state === 'recording' && rig.events.some((event) => event.name === 'recording:resumed'), { timeoutMs: 35_000 });
    await delay(1500);
    rig.wish({ recording: null, destinations: [] });
    await waitFor('idle', () => rig.actual?.recording.state === 'idle');
    const parts = readdirSync(join(disk, 'rec')).sort();
    expect(parts.length).toBeGreaterThanOrEqual(2);
    const stamps = parts.map((part) => readTags(readFileSync(join(disk, 'rec', part)))).filter((tags) => tags.length > 0);
    stamps.slice(1).forEach((tags, i) => expect(tags[0]!.timestampMs).toBeGreaterThan(stamps[i]!.at(-1)!.timestampMs));
    if (nginx) {
      await waitFor('the end', () => nginx.events.some((event) => event.call === 'publish_done'));
      const pictures = readTags(readFileSync(nginx.lastRecording('k'))).filter((tag) => tag.type === 9 && !isSequenceHeader(tag) && tag.body.length > 5);
      expect(pictures.slice(1).every((tag, i) => tag.timestampMs - pictures[i]!.timestampMs === 40)).toBe(true);
    }
  });

  it('waits for a disk that does not answer, however often it is begun anew, and says so; destinations are looked up and go live all the same', async () => {
    const home = tempFolder('v-eg-');
    cleanups.push(() => removeFolder(home));
    const disk = new HungDisk(join(home, 'recordings'));
    cleanups.push(() => disk.remove());
    const sink = await new RtmpSink().start();
    cleanups.push(() => sink.stop());
    const rig = await new EgressRig({ ...disk.env, ...startedAs('egress').env }, home).start();
    cleanups.push(() => rig.stop());
    rig.encoder();
    rig.wish({ recording: { id: 'before' } });
    await waitFor('bytes', () => (rig.actual?.recording.bytes ?? 0) > 10_000);

    disk.hang();
    cleanups.push(() => disk.answer());
    const isSilent = (id: string): boolean => rig.actual?.recording.id === id && rig.actual.recording.error?.message === 'The disk of the recordings folder does not answer.';
    await waitFor('it to be said', () => isSilent('before'));
    for (let i = 0; i < 8; i++) {
      rig.wish({ recording: { id: `again-${i}` } });
      await waitFor('it to be taken up', () => rig.actual?.recording.id === `again-${i}`);
    }
    rig.wish({ destinations: [destination('a', `rtmp://localhost:${sink.port}/live`, 'k')] });
    await rig.until('a', 'live', 5000);
    await waitFor('it to be said of the last', () => isSilent('again-7'));

    disk.answer();
    await waitFor('the last to be recorded', () => rig.actual?.recording.state === 'recording' && rig.actual.recording.id === 'again-7' && rig.actual.recording.bytes > 10_000);
    expect(existsSync(rig.paths.recording('again-5'))).toBe(false);
  });

  it('notices that its folder is gone and makes a new one', async () => {
    const rig = await new EgressRig().start();
    cleanups.push(() => rig.stop());
    rig.encoder();
    rig.wish({ recording: { id: 'rec' } });
    await waitFor('bytes', () => (rig.actual?.recording.bytes ?? 0) > 10_000);
    renameSync(rig.paths.recordings, `${rig.paths.recordings}-away`);
    await waitFor('the trouble', () => rig.actual?.recording.error?.code === 'DISK_ERROR', { timeoutMs: 8000 });
    expect(rig.actual!.recording.error!.message).toMatch(/removed/);
    await waitFor('recording again', () => rig.actual?.recording.state === 'recording', { timeoutMs: 10_000 });
    await waitFor('a fresh part', () => existsSync(join(rig.paths.recording('rec'), 'part-0002.flv')) && lastStampMs(join(rig.paths.recording('rec'), 'part-0002.flv')) > 0, { timeoutMs: 8000 });
  });

  it('loses at most 2 s to kill -9, time after time, and every part plays', async () => {
    const rig = await new EgressRig().start();
    cleanups.push(() => rig.stop());
    rig.wish({ recording: { id: 'rec' } });
    const lost: number[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const encoder = rig.encoder();
      const path = join(rig.paths.recording('rec'), `part-${String(round).padStart(4, '0')}.flv`);
      await waitFor('the recording to grow', () => rig.actual?.recording.state === 'recording' && statSync(path).size > 40_000);
      await delay(600 + round * 130);
      const origin = Number(/program_ms\u0002\u0000.(\d+)/su.exec(readFileSync(path).toString('latin1', 0, 1000))?.[1]);
      const killedMs = monotonicMs();
      signal(rig.process!.pid, 'SIGKILL');
      await rig.process!.exited;
      await encoder.stop(0);
      lost.push(Math.round(killedMs - origin - lastStampMs(path)));
      const frames = execFileSync('ffprobe', ['-v', 'error', '-count_packets', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', path], { encoding: 'utf8' });
      expect(Number(frames)).toBeGreaterThan(10);
      await rig.startEgress();
    }
    console.log('lost to kill -9, ms (encoder delay included):', lost);
    expect(Math.max(...lost)).toBeLessThan(2000);
  });
});
