/** The T-bar and fade to black, as the far end sees them: whatever a hand does, no frame of the program is missing. */
import { beforeAll, describe, expect, it } from 'vitest';
import { analysePicture } from '../support/pattern/analyse.js';
import type { Rig } from '../support/rig.js';
import { delay, monotonicMs } from '../support/wait.js';

const fps = 30;

/** With two cameras, and the far end `far`. */
export const twoBuses = (shared: { rig: Rig }) => describe('two buses at the far end', () => {
  let rig: Rig;

  beforeAll(async () => {
    ({ rig } = shared);
    await rig.settle(rig.cameras[0]!, 'far');
  }, 30_000);

  it('a T-bar moved by hand, and black and back, leave no hole and no frame of a camera out', async () => {
    const [from, to] = rig.cameras;
    const ask = <T>(type: string, payload: object) => rig.socket.request<T>(type, payload);
    const sinceMs = monotonicMs();
    await ask('preview:arm', { sourceId: to!.id });
    const began = await ask<{ ptsMs: number }>('program:bar', { position: 0.01, transition: { kind: 'fade', durationMs: 500 } });
    // Sixty a second, as a hand on a lever.
    for (let i = 1; i <= 40; i++) {
      await Promise.all([ask('program:bar', { position: i / 80 }), delay(1_000 / 60)]);
    }
    // Nobody touches it for a while.
    await delay(1_000);
    expect((await rig.socket.status('the bar that stands', ({ program }) => (program as { bar?: number } | null)?.bar === 0.5)).program).toMatchObject({ sourceId: from!.id });
    const taken = await ask<{ ptsMs: number }>('program:bar', { position: 1 });
    await delay(1_000);
    const dark = await ask<{ ptsMs: number }>('program:black', { on: true, durationMs: 300 });
    await delay(1_000);
    const light = await ask<{ ptsMs: number }>('program:black', { on: false, durationMs: 300 });
    await delay(1_200);
    await rig.far.nextPicture('far');
    const { frames } = await rig.far.read('far', sinceMs);
    const all = analysePicture(frames, { fps });
    expect([all.missing, all.backwards]).toEqual([0, 0]);
    expect(all.runs.map(({ camera }) => camera).slice(-3)).toEqual([0, 1, 1]);
    const [first, second, third] = all.runs.slice(-3) as [typeof all.runs[0], typeof all.runs[0], typeof all.runs[0]];
    const last = (run: typeof first) => ({ lost: analysePicture(frames, { fps, fromMs: run.fromMs, toMs: run.toMs + 1 }).lost });
    expect([last(second), last(third)]).toEqual([{ lost: 0 }, { lost: 0 }]);
    // The bar and black are where they were said to be, to within what can be read of a mixed picture.
    expect(second.fromMs - first.toMs).toBeGreaterThan(taken.ptsMs - began.ptsMs - 700);
    expect(third.fromMs - second.toMs).toBeLessThan(light.ptsMs - dark.ptsMs + 700);
    const black = frames.filter(({ luma, ptsMs }) => luma < 20 && ptsMs > second.toMs && ptsMs < third.fromMs);
    expect(black.length).toBeGreaterThan(((light.ptsMs - dark.ptsMs - 400) * fps) / 1_000);
    // What went on beneath black is not made up for, and not held up.
    expect(third.firstCounter - second.lastCounter).toBeCloseTo(((third.fromMs - second.toMs) * fps) / 1_000, -1);
    console.log(`buses: ${frames.length} frames, 0 missing; the bar was on its way for ${Math.round(taken.ptsMs - began.ptsMs)} ms, black for ${black.length} frames`);
  });
});
