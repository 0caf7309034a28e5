import { beforeEach, describe, expect, test } from 'vitest';
import { TimelineInput, type TimelineDocument } from '../../../src/protocol/timeline.js';
import { ServerError } from '../../../src/runtime/errors.js';
import { settled } from '../../fakes/fake-clock.js';
import { InsertStage } from './insert_stage.js';

let stage: InsertStage;
let scene: string;
let camera: string;
beforeEach(async () => {
  stage = await new InsertStage().open();
  scene = stage.state.scenes[0]!.id;
  camera = stage.state.sources[0]!.id;
});
const code = (wanted: string) => expect.objectContaining({ code: wanted });
const begin = (more: object = {}) => stage.operator.control({ action: 'emergency', ...more });
const release = (more: object = {}) => stage.operator.control({ action: 'release', ...more });
const targets = () => stage.requests.flatMap((request) => (request.name === 'emergency' ? [request.payload.target] : []));

/** A timeline on program since a second ago. */
async function play(): Promise<void> {
  await stage.model.change((draft) => draft.create('timeline', 'tl', TimelineInput.parse({ name: 'Loop', durationMs: 60_000, tracks: [] }) as TimelineDocument));
  stage.answer = (request) => {
    const reply = stage.engineAnswer(request) as { ptsMs: number };
    if (request.name !== 'take') return reply;
    const { start } = request.payload;
    const positionMs = start?.is === 'from' ? start.positionMs : 0;
    return { ...reply, playback: { is: 'playing', bootId: 'boot', zeroUs: (reply.ptsMs - positionMs) * 1000, zeroWallMs: stage.clock.wallMs() - positionMs } };
  };
  await stage.operator.control({ action: 'play', timelineId: 'tl' });
  await stage.clock.advance(1000);
}

describe('an emergency', () => {
  test('shows what is named, else what is prepared, else the slate', async () => {
    await begin();
    await stage.settings.patch({ emergency: { sceneId: scene } }, undefined);
    await begin();
    await begin({ sourceId: camera, transition: { kind: 'fade', durationMs: 200 } });
    expect(targets()).toEqual([{ slate: true }, { sceneId: scene }, { sourceId: camera }]);
    expect(stage.requests.at(-1)!.payload).toHaveProperty('transition');
    expect(stage.engine().emergency).toEqual({ sourceId: camera });
    await expect(begin({ sourceId: 'src_none' })).rejects.toEqual(code('NOT_FOUND'));
    expect(stage.engine().emergency).toEqual({ sourceId: camera });
    // What was prepared is replaced, not mixed.
    expect((await stage.settings.patch({ emergency: { sourceId: camera } }, undefined)).emergency).toEqual({ sourceId: camera });
    await expect(stage.settings.patch({ emergency: { sourceId: 'src_none' } }, undefined)).rejects.toEqual(code('VALIDATION'));
    expect((await stage.settings.patch({ emergency: null }, undefined)).emergency).toBeNull();
  });

  test('is stored after it was answered, and is there after a restart', async () => {
    const reply = await begin();
    expect(reply).toMatchObject({ frame: stage.frame + 1, playback: { is: 'stopped' } });
    expect(stage.model.state.emergency).toBeNull();
    await settled();
    await settled();
    expect(stage.model.state.emergency).toMatchObject({ target: { slate: true }, left: null });
    const again = await new InsertStage(stage.store, stage.clock).open();
    expect(again.engine().emergency).toEqual({ slate: true });
    expect(again.emergency.isOn).toBe(true);
  });

  test('while the engine is asked, what is sent to it says the same', async () => {
    stage.answer = (request) => {
      expect(stage.engine().emergency).toEqual({ slate: true });
      return stage.engineAnswer(request);
    };
    await begin();
    stage.answer = (request) => {
      expect(stage.engine().emergency).toBeNull();
      return stage.engineAnswer(request);
    };
    await release();
    expect(stage.engine().emergency).toBeNull();
  });

  test.each(['ENGINE_AWAY', 'LINK_CLOSED', 'TIMEOUT'] as const)('is what the engine comes back with after %s', async (away) => {
    stage.answer = () => { throw new ServerError(away, 'x'); };
    expect(await begin()).toEqual({ frame: null, ptsMs: null, playback: { is: 'stopped' } });
    expect([stage.engine().emergency, stage.retold]).toEqual([{ slate: true }, [expect.objectContaining({ emergency: { slate: true } })]]);
    await expect(release()).rejects.toEqual(code(away));
    expect(stage.engine().emergency).toEqual({ slate: true });
  });

  test('is not on when the engine refuses it', async () => {
    stage.answer = () => { throw new ServerError('INTERNAL', 'x'); };
    await expect(begin()).rejects.toEqual(code('INTERNAL'));
    expect([stage.emergency.isOn, stage.engine().emergency]).toEqual([false, null]);
  });

  test('refuses the operator\'s takes and nothing else; the schedule takes beneath it', async () => {
    await play();
    await begin();
    for (const action of ['play', 'pause', 'seek', 'stop'] as const) {
      await expect(stage.operator.control({ action, positionMs: 0 }), action).rejects.toEqual(code('EMERGENCY'));
      await expect(stage.operator.control({ action, timelineId: 'tl', positionMs: 0 }), action).rejects.toEqual(code('EMERGENCY'));
    }
    await expect(stage.operator.take({ sourceId: camera })).rejects.toEqual(code('EMERGENCY'));
    await stage.model.change((draft) => draft.create('timeline', 'next', TimelineInput.parse({ name: 'Next', durationMs: 60_000, tracks: [] }) as TimelineDocument));
    await expect(stage.operator.control({ action: 'play', timelineId: 'next' })).rejects.toEqual(code('EMERGENCY'));
    for (const action of ['arm', 'disarm', 'seek', 'pause', 'stop'] as const) await stage.operator.control({ action, timelineId: 'next', positionMs: 5 });
    await stage.program.take({ sourceId: camera });
    expect(stage.engine()).toMatchObject({ emergency: { slate: true }, program: { sourceId: camera } });
    await release();
    // Now the release of what was taken over the timeline.
    await release();
    expect(stage.state.program).toEqual({ timelineId: 'tl' });
    await expect(release()).rejects.toEqual(code('CONFLICT'));
  });

  test('two at once: the later one stands, whichever is answered first', async () => {
    const answers: (() => void)[] = [];
    stage.answer = async (request) => {
      await new Promise<void>((done) => { answers.push(done); });
      return stage.engineAnswer(request);
    };
    const [on, off] = [begin(), begin({ sourceId: camera })];
    await settled();
    answers[1]!();
    await off;
    answers[0]!();
    await on;
    expect(stage.engine().emergency).toEqual({ sourceId: camera });
  });
});

describe('the release of one over a timeline', () => {
  test('leaves it where it would be by now', async () => {
    await play();
    const before = stage.state.playbacks.get('tl');
    await begin();
    await stage.clock.advance(5000);
    const asked = stage.requests.length;
    expect((await release({ transition: { kind: 'fade', durationMs: 100 } })).playback).toEqual(before);
    expect(stage.requests.slice(asked)).toEqual([{ name: 'emergency', payload: { target: null, transition: { kind: 'fade', durationMs: 100 } } }]);
  });

  test('or takes it, beneath the picture, from where it was', async () => {
    await play();
    await begin();
    const { left } = stage.state.emergency!;
    expect(left).toMatchObject({ timelineId: 'tl', playback: { is: 'paused' } });
    await stage.clock.advance(5000);
    const asked = stage.requests.length;
    const released = release({ resume: 'left' });
    await settled();
    await settled();
    // Not before the frame on which the timeline is taken.
    expect(stage.requests.slice(asked).map(({ name }) => name)).toEqual(['take']);
    await stage.clock.advance(100);
    await released;
    expect(stage.requests.slice(asked).map(({ name }) => name)).toEqual(['take', 'emergency']);
    const { positionMs } = left!.playback as { positionMs: number };
    expect(Math.abs(positionMs - 1000)).toBeLessThan(100);
    expect(stage.requests[asked]!.payload).toEqual({ target: { timelineId: 'tl' }, start: { is: 'from', positionMs } });
    expect(stage.emergency.isOn).toBe(false);
  });

  test('does not take one that is not on program any more', async () => {
    await play();
    await begin();
    await stage.program.take({ sourceId: camera });
    const asked = stage.requests.length;
    await release({ resume: 'left' });
    expect(stage.requests.slice(asked).map(({ name }) => name)).toEqual(['emergency']);
  });
});
