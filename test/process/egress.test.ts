import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { hasNginxRtmp, NginxRtmp } from '../support/nginx_rtmp.js';
import { signal } from '../support/process.js';
import { isSequenceHeader, readTags, type Tag } from '../support/rtmp/flv.js';
import { delay, waitFor } from '../support/wait.js';
import { EgressRig, destination } from './egress_support.js';

/** Frames, longest step, and whether time ever stepped back, of what a far end recorded. */
function measure(path: string) {
  const tags = readTags(readFileSync(path)).filter((tag) => !isSequenceHeader(tag) && tag.body.length > 5);
  const pictures = tags.filter((tag) => tag.type === 9);
  const steps = (of: Tag[]): number[] => of.slice(1).map((tag, i) => tag.timestampMs - of[i]!.timestampMs);
  const pictureSteps = steps(pictures);
  const soundSteps = steps(tags.filter((tag) => tag.type === 8));
  return {
    frames: pictures.length, firstMs: tags[0]?.timestampMs ?? -1, beginsWithKeyframe: (pictures[0]?.body[0] ?? 0) >> 4 === 1,
    longestPictureStepMs: Math.max(...pictureSteps), shortestPictureStepMs: Math.min(...pictureSteps),
    longestSoundStepMs: Math.max(...soundSteps), shortestSoundStepMs: Math.min(...soundSteps),
    longestStepMs: Math.max(...steps(tags)), shortestStepMs: Math.min(...steps(tags)), durationMs: tags.at(-1)!.timestampMs - tags[0]!.timestampMs,
  };
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
async function startRig(env: Record<string, string> = {}): Promise<EgressRig> {
  const rig = new EgressRig(env);
  cleanups.push(() => rig.stop());
  return rig.start();
}
async function startNginx(options: ConstructorParameters<typeof NginxRtmp>[0] = {}): Promise<NginxRtmp> {
  const nginx = new NginxRtmp(options);
  cleanups.push(() => nginx.stop());
  return nginx.start();
}

describe.skipIf(!hasNginxRtmp)('egress to nginx', () => {
  it('adds and removes destinations on air without touching the others, and sends every frame', async () => {
    const rig = await startRig();
    const nginx = await startNginx();
    rig.encoder();
    const a = destination('a', nginx.url(), 'CANARYkeyA');
    const b = destination('b', nginx.url(), 'CANARYkeyB');
    rig.wish({ destinations: [a] });
    const liveMs = await rig.until('a', 'live');
    rig.wish({ destinations: [a, b] });
    await rig.until('b', 'live');
    await delay(2500);
    rig.wish({ destinations: [{ ...a, name: 'renamed' }] });
    await waitFor('b to be gone', () => rig.actual?.destinations.length === 1);
    await delay(1500);
    expect(rig.destination('a')).toMatchObject({ state: 'live', reconnects: 0, droppedFrames: 0 });
    expect(rig.destination('a')!.kbps).toBeGreaterThan(400);
    rig.wish({ destinations: [] });
    await waitFor('both to end', () => nginx.events.filter((event) => event.call === 'publish_done').length === 2);
    expect(nginx.events.filter((event) => event.call === 'publish').map((event) => event.key)).toEqual(['CANARYkeyA', 'CANARYkeyB']);
    for (const key of ['CANARYkeyA', 'CANARYkeyB']) {
      const seen = measure(nginx.lastRecording(key));
      console.log(`live after ${liveMs} ms; far end of ${key}:`, seen);
      expect(seen).toMatchObject({ beginsWithKeyframe: true, firstMs: 0, longestPictureStepMs: 40, shortestPictureStepMs: 40 });
      expect(seen.shortestStepMs).toBeGreaterThanOrEqual(0);
    }
    expect(rig.log).not.toContain('CANARY');
    expect(readFileSync(`/proc/${rig.process!.pid}/cmdline`, 'utf8')).not.toContain('CANARY');
  });

  it('goes from one encoder to the next, overlapping or after a crash, on the same connection', async () => {
    const rig = await startRig();
    const nginx = await startNginx();
    const first = rig.encoder();
    rig.wish({ destinations: [destination('a', nginx.url(), 'hot')] });
    await rig.until('a', 'live');
    const onAir = (count: number) => waitFor(`encoder ${count} to be on air`, () => rig.actual?.input.switches === count);
    await delay(1000);
    const second = rig.encoder({ hz: 880, kbps: 1200 });
    await onAir(2);
    await delay(1000);
    await first.stop(0);
    await delay(500);
    signal(second.pid, 'SIGKILL');
    await second.stop(0);
    await delay(800);
    rig.encoder();
    await onAir(3);
    await delay(1500);
    expect(rig.destination('a')).toMatchObject({ state: 'live', reconnects: 0 });
    rig.wish({ destinations: [] });
    await waitFor('the end', () => nginx.events.some((event) => event.call === 'publish_done'));
    const seen = measure(nginx.lastRecording('hot'));
    console.log('hot switch, then a crash with 0.8 s until the next encoder starts:', seen);
    expect(nginx.events.filter((event) => event.call === 'publish')).toHaveLength(1);
    const tags = readTags(readFileSync(nginx.lastRecording('hot'))).filter((tag) => tag.type === 9 && !isSequenceHeader(tag) && tag.body.length > 5);
    const gaps = tags.slice(1).map((tag, i) => tag.timestampMs - tags[i]!.timestampMs).filter((ms) => ms > 80 || ms <= 0);
    // The one gap is the crash; the hot switch left none.
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toBeLessThan(3000);
    // Each kind only grows; where encoders meet, sound that closes the gap may follow the picture that it lies before.
    expect(seen.shortestPictureStepMs).toBeGreaterThan(0);
    expect(seen.shortestSoundStepMs).toBeGreaterThan(0);
    expect(seen.shortestStepMs).toBeGreaterThan(-100);
  });

  it('sees a frozen far end within 8 s, connects again when it thaws, and loses nothing elsewhere', async () => {
    const rig = await startRig();
    const frozen = await startNginx({ record: false });
    const fine = await startNginx();
    rig.encoder({ kbps: 2000 });
    rig.wish({ destinations: [destination('frozen', frozen.url(), 'f'), destination('fine', fine.url(), 'g')] });
    await rig.until('frozen', 'live');
    await rig.until('fine', 'live');
    await delay(2000);
    frozen.signal('SIGSTOP');
    const seenMs = await rig.until('frozen', 'reconnecting', 12_000);
    expect(rig.destination('frozen')!.error?.code).toBe('DEST_STALLED');
    await delay(3000);
    expect(rig.destination('frozen')!.state).toBe('reconnecting');
    frozen.signal('SIGCONT');
    const backMs = await rig.until('frozen', 'live', 40_000);
    console.log(`frozen far end seen after ${seenMs} ms; live again ${backMs} ms after it thawed`);
    expect(seenMs).toBeLessThanOrEqual(8000);
    rig.wish({ destinations: [] });
    await waitFor('the end', () => fine.events.some((event) => event.call === 'publish_done'));
    expect(measure(fine.lastRecording('g'))).toMatchObject({ longestPictureStepMs: 40, shortestPictureStepMs: 40 });
  });

  it('is back after a kill -9, with what the studio wants', async () => {
    const rig = await startRig();
    const nginx = await startNginx();
    rig.encoder();
    rig.wish({ destinations: [destination('a', nginx.url(), 'k')], recording: { id: 'rec' } });
    await rig.until('a', 'live');
    await delay(2000);
    const killedMs = performance.now();
    signal(rig.process!.pid, 'SIGKILL');
    await rig.process!.exited;
    await rig.startEgress();
    rig.encoder();
    await rig.until('a', 'live');
    const backMs = Math.round(performance.now() - killedMs);
    // Within three seconds, where others leave it the time: test/fault has that.
    console.log(`on air ${backMs} ms after kill -9 of egress (with a fresh encoder)`);
    // The recording goes on in a second part, later on the same clock.
    await waitFor('the second part', () => {
      const path = `${rig.paths.recording('rec')}/part-0002.flv`;
      const tags = readTags(readFileSync(path));
      return tags.some((tag) => tag.type === 9 && tag.timestampMs > 2000) && tags;
    }, { timeoutMs: 5000 });
    const part1 = measure(`${rig.paths.recording('rec')}/part-0001.flv`);
    const part2 = measure(`${rig.paths.recording('rec')}/part-0002.flv`);
    console.log('parts:', part1.durationMs, part2.firstMs);
    expect(part2.firstMs).toBeGreaterThan(part1.firstMs + part1.durationMs);
    expect(part2.beginsWithKeyframe).toBe(true);
  });

  it('goes on when the studio dies, and stops cleanly in under 2 s', async () => {
    const rig = await startRig();
    const nginx = await startNginx();
    rig.encoder();
    rig.wish({ destinations: [destination('a', nginx.url(), 'k')], recording: { id: 'rec' } });
    await rig.until('a', 'live');
    await rig.link!.stop();
    await delay(1500);
    await rig.startStudio();
    await waitFor('a report', () => rig.actual?.destinations[0]?.state === 'live');
    expect(rig.destination('a')!.reconnects).toBe(0);
    const fromMs = performance.now();
    const exit = await rig.process!.stop(3000);
    console.log(`stopped in ${Math.round(performance.now() - fromMs)} ms`);
    expect(exit.code).toBe(0);
    expect(performance.now() - fromMs).toBeLessThan(2000);
    expect(nginx.events.filter((event) => event.call === 'publish')).toHaveLength(1);
  });
});
