/** An encoder that stands still for a moment and goes on, or is lost: the time stamps that destinations and the recording get. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signal, startProcess } from '../support/process.js';
import { Rig, rigMissing } from '../support/rig.js';
import { isSequenceHeader, readTags, type Tag } from '../support/rtmp/flv.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`encoder stalls: skipped, ${rigMissing}`);

const VIDEO = 9;
const AUDIO = 8;
const stampsOf = (tags: Tag[], type: number): number[] => tags.filter((tag) => tag.type === type && !isSequenceHeader(tag)).map((tag) => tag.timestampMs);
const steps = (times: number[]): number[] => times.slice(1).map((time, i) => time - times[i]!);

describe.skipIf(rigMissing)('time stamps over an encoder that stands still', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await new Rig({ farKeys: ['far'], destinations: ['nginx'], cameras: [{}], record: true }).start();
    await rig.settle(rig.cameras[0]!, 'far');
  }, 90_000);
  afterAll(() => rig?.stop(), 30_000);

  /** What has come to the far end since, and shortly before; its stamps grow, picture and sound each. */
  function sinceThen(what: string, fromMs: number): { picture: number[]; sound: number[] } {
    const tags = rig.far.publication('far').tags.filter((tag) => tag.arrivedMs >= fromMs - 200);
    const [picture, sound] = [stampsOf(tags, VIDEO), stampsOf(tags, AUDIO)];
    let lead = 0;
    let soundMs = -Infinity;
    for (const tag of tags.filter((one) => !isSequenceHeader(one))) {
      if (tag.type === AUDIO) soundMs = tag.timestampMs;
      else if (tag.type === VIDEO) lead = Math.max(lead, soundMs - tag.timestampMs);
    }
    console.log(`${what}: ${picture.length} pictures, steps ${Math.min(...steps(picture))} to ${Math.max(...steps(picture))} ms; sound steps ${Math.min(...steps(sound))} to ${Math.max(...steps(sound))} ms; picture up to ${lead} ms after later sound; line silent ${rig.far.longestGap('far', fromMs - 200).arrivalMs.toFixed(0)} ms`);
    expect(Math.min(...steps(picture))).toBeGreaterThan(0);
    expect(Math.min(...steps(sound))).toBeGreaterThan(0);
    return { picture, sound };
  }

  it('a second and a half: no picture shares its stamp with another, and there is no hole', async () => {
    const fromMs = monotonicMs();
    const [encoder] = rig.product.encoders();
    signal(encoder!.pid, 'SIGSTOP');
    await delay(1_500);
    signal(encoder!.pid, 'SIGCONT');
    await delay(2_500);
    expect(rig.product.encoders().map(({ pid }) => pid)).toEqual([encoder!.pid]);
    const { picture, sound } = sinceThen('encoder stopped for 1.5 s', fromMs);
    expect(Math.max(...steps(picture))).toBeLessThanOrEqual(40);
    expect(Math.max(...steps(sound))).toBeLessThanOrEqual(45);
  });

  it('an engine that stands still for 4 s, or is killed', async () => {
    for (const how of ['stopped for 4 s', 'killed'] as const) {
      const fromMs = monotonicMs();
      const engine = rig.product.pid('engine');
      signal(engine, how === 'killed' ? 'SIGKILL' : 'SIGSTOP');
      if (how !== 'killed') {
        await delay(4_000);
        signal(engine, 'SIGCONT');
      }
      await rig.far.nextPicture('far', 20_000);
      await delay(2_500);
      sinceThen(`engine ${how}`, fromMs);
    }
    expect(rig.far.accepted('far')).toBe(1);
  });

  it('the recording and what nginx wrote have the same, and the finished file decodes without a complaint', async () => {
    await rig.finish(['nginx'], false);
    const { id } = (await rig.product.api.get<{ items: { id: string }[] }>('/api/v1/recordings')).items[0]!;
    const ready = await waitFor('the finished file', async () => {
      const recording = await rig.product.api.get<{ state: string; error: unknown }>(`/api/v1/recordings/${id}`);
      return ['ready', 'failed'].includes(recording.state) && recording;
    }, { timeoutMs: 30_000 });
    expect(ready).toMatchObject({ state: 'ready', error: null });
    const folder = join(rig.product.home, 'recordings', id);
    const parts = readdirSync(folder).filter((name) => name.endsWith('.flv')).sort().map((name) => join(folder, name));
    for (const path of [...parts, ...rig.nginx.recordings('nginx')]) {
      for (const type of [VIDEO, AUDIO]) {
        const found = steps(stampsOf(readTags(readFileSync(path)), type));
        expect(found.length).toBeGreaterThan(10);
        expect(Math.min(...found), path).toBeGreaterThan(0);
      }
    }
    const decoding = startProcess('nice', ['ffmpeg', '-nostdin', '-v', 'error', '-i', join(folder, 'recording.mp4'), '-f', 'null', '-']);
    expect((await decoding.exited).code).toBe(0);
    expect(decoding.stderr()).toBe('');
  });
});
