/** Encoder settings that change on air, as the far end sees it: no frame lost, none twice, no hole in the sound. */
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSettings } from '../support/product.js';
import type { Rig } from '../support/rig.js';
import { isSequenceHeader, pictureTimeMs } from '../support/rtmp/flv.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

const FRAME_MS = 1_000 / 30;
const SOUND_MS = 1_024 / 48;
const steps = (times: number[]) => times.slice(1).map((time, i) => time - times[i]!);

/** With a camera, and the far end `far`. */
export const settingsOnAir = (shared: { rig: Rig }) => describe('settings that change on air', () => {
  let rig: Rig;

  beforeAll(async () => {
    ({ rig } = shared);
    await rig.settle(rig.cameras[0]!, 'far');
  }, 30_000);

  it('cost the far end nothing, and the old encoder goes when the new one is on air', async () => {
    const beganMs = monotonicMs();
    const overlapsMs: number[] = [];
    // The last is what the rig began with.
    for (const bitrateKbps of [1_000, 3_000, smallSettings.encoder.bitrateKbps]) {
      await rig.product.api.patch('/api/v1/settings', { encoder: { bitrateKbps } });
      await waitFor('the new encoder', () => rig.product.encoders().length === 2);
      const twoMs = monotonicMs();
      await waitFor('the old encoder to be gone', () => rig.product.encoders().length === 1, { timeoutMs: 20_000 });
      overlapsMs.push(Math.round(monotonicMs() - twoMs));
      await delay(500);
    }
    const tags = rig.far.publication('far').tags.filter((tag) => tag.arrivedMs >= beganMs && !isSequenceHeader(tag));
    // Frames before the first keyframe and after the last one may be pictures whose neighbours in time lie outside.
    const pictures = tags.filter(({ type }) => type === 9).map(pictureTimeMs).sort((a, b) => a - b).slice(3, -3);
    const sound = tags.filter(({ type }) => type === 8).map(({ timestampMs }) => timestampMs);
    const odd = steps(pictures).filter((ms) => Math.abs(ms - FRAME_MS) > 2);
    console.log(`settings on air: both encoders ran for ${overlapsMs.join(', ')} ms; of ${pictures.length} frames ${odd.length} came at an odd time; sound steps ${Math.min(...steps(sound))} to ${Math.max(...steps(sound))} ms; line silent ${rig.far.longestGap('far', beganMs).arrivalMs.toFixed(0)} ms at most`);
    expect(odd).toEqual([]);
    // AAC frames of the two do not lie in step: the first of the new one comes up to half a frame early or late.
    for (const ms of steps(sound)) expect(Math.abs(ms - SOUND_MS)).toBeLessThan(SOUND_MS / 2 + 2);
    // Not the limit of 3.5 s and more, but when egress had changed over.
    expect(Math.min(...overlapsMs)).toBeLessThan(3_000);
    expect(rig.far.accepted('far')).toBe(1);
    expect(rig.product.restarts).toEqual([]);
  });
});
