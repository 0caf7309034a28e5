/** Films that are cut where nobody can see it, as by splitting a clip: one player goes on over the cut. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TimelineDocument } from '../../../src/protocol/timeline.js';
import { children, pass } from './doubles.js';
import { clip, document, known, TimelineStage } from './timeline_stage.js';

let stage: TimelineStage;

beforeEach(async () => { stage = await TimelineStage.open(); });
afterEach(() => stage.close());

const showing = (of: TimelineDocument) => stage.tell({ timelines: [known('tml_1', of)] });

describe('a film that is cut where nobody can see it', () => {
  /** Its decoders since the last look. */
  const decoders = () => children.running('vistter-decoder').map(({ pid }) => pid);
  const split = (over: Record<string, unknown>[] = []) => document({ loop: true, clips: [clip('src_a', 0, 6000, { inMs: 2000 }), clip('src_a', 6000, 6000, { inMs: 8000 }), clip('src_a', 12_000, 6000, { inMs: 14_000 }), ...over] });

  it('is opened once, and anew where the loop goes back', async () => {
    showing(split());
    await pass(500);
    stage.record();
    const { frame } = await stage.from(0);
    const [first] = decoders();
    for (let i = 0; i < 13; i++) {
      await pass(1000);
      expect(decoders()).toEqual([first]);
      expect(stage.timelines.status()).toMatchObject({ open: 1 });
    }
    await pass(6000);
    expect(decoders()).toHaveLength(1);
    expect(decoders()).not.toEqual([first]);
    await pass(22_000);
    stage.expectFrames(split(), frame, frame, frame + stage.frameAt(40_000));
    expect(stage.timelines.status()).toMatchObject({ failedClips: 0, lateClips: 0 });
  });

  it('goes on when it is split on air, and the second half is opened when that is moved away', async () => {
    const whole = document({ clips: [clip('src_a', 0, 20_000)] });
    const halves = document({ clips: [clip('src_a', 0, 4000), clip('src_a', 4000, 16_000, { inMs: 4000 })] });
    const apart = document({ clips: [clip('src_a', 0, 4000), clip('src_a', 5000, 15_000, { inMs: 4000 })] });
    showing(whole);
    await pass(500);
    stage.record();
    const { frame } = await stage.from(0);
    const [first] = decoders();
    await pass(1000);
    stage.tell({ timelines: [known('tml_1', halves, 2, stage.timelines.status()!.playback)] });
    await pass(1000);
    expect(decoders()).toEqual([first]);
    stage.tell({ timelines: [known('tml_1', apart, 3, stage.timelines.status()!.playback)] });
    await pass(1000);
    expect(decoders()).toHaveLength(2);
    await pass(5000);
    expect(decoders()).toHaveLength(1);
    expect(decoders()).not.toEqual([first]);
    stage.expectFrames(apart, frame, frame, frame + stage.frameAt(7000));
  });

  it('has a player for each of two tracks that go on with it at once', async () => {
    const both = document({ tracks: [
      { kind: 'video', clips: [clip('src_a', 0, 3000), clip('src_a', 3000, 9000, { inMs: 3000 })] },
      { kind: 'video', clips: [clip('src_a', 3000, 9000, { inMs: 3000, width: 0.5, height: 0.5 })] },
    ] });
    showing(both);
    await pass(500);
    stage.record();
    const { frame } = await stage.from(0);
    await pass(5000);
    expect(decoders()).toHaveLength(2);
    stage.expectFrames(both, frame, frame, frame + stage.frameAt(4500));
  });

  it('that cannot be decoded any more is tried anew at the cut', async () => {
    showing(split());
    await stage.from(0);
    const [child] = children.running('vistter-decoder');
    child!.say({ event: 'error', code: 'MEDIA_BROKEN', message: 'Nothing more in the file could be decoded.' });
    await pass(3500);
    expect(decoders()).toHaveLength(2);
  });
});
