import { beforeEach, describe, expect, test } from 'vitest';
import { TimelineInput, type TimelineDocument } from '../../../src/protocol/timeline.js';
import { InsertStage } from './insert_stage.js';

let stage: InsertStage;
beforeEach(async () => {
  stage = await new InsertStage().open();
  await stage.report();
  await stage.model.change((draft) => draft.create('timeline', 'tl', TimelineInput.parse({ name: 'Show', durationMs: 60_000, tracks: [] }) as TimelineDocument));
});
const code = (wanted: string) => expect.objectContaining({ code: wanted });
/** Revision, loop, and how many steps can be taken back. */
const stored = (): Promise<unknown[]> => stage.model.change((draft) => {
  const { revision, data } = draft.get('timeline', 'tl');
  return [revision, data.loop, draft.all('timeline-version').length];
});

describe('loop, switched with a playback:control', () => {
  test('is known to the engine before it plays', async () => {
    const known: unknown[] = [];
    stage.answer = (request) => {
      known.push(stage.desired.of('engine').timelines.map(({ revision, document }) => [revision, (document as TimelineDocument).loop]));
      return stage.engineAnswer(request);
    };
    await stage.operator.control({ action: 'play', timelineId: 'tl', loop: true, positionMs: 60_000 });
    expect([known, await stored()]).toEqual([[[[2, true]]], [2, true, 1]]);
    await stage.operator.control({ action: 'pause', loop: false });
    expect(known[1]).toEqual([[3, false]]);
  });

  test('stays what it was while the engine is away, with all that only the engine can do', async () => {
    stage.isAway = true;
    stage.reports.drop('engine');
    await expect(stage.operator.control({ action: 'play', timelineId: 'tl', loop: true })).rejects.toEqual(code('ENGINE_AWAY'));
    expect(await stored()).toEqual([1, false, 0]);
    stage.isAway = false;
    await stage.report();
    await stage.operator.control({ action: 'play', timelineId: 'tl' });
    stage.isAway = true;
    // It hangs.
    await stage.clock.advance(6000);
    for (const action of ['play', 'pause', 'stop', 'seek'] as const) {
      await expect(stage.operator.control({ action, positionMs: 0, loop: true })).rejects.toEqual(code('ENGINE_AWAY'));
    }
    expect(await stored()).toEqual([1, false, 0]);
  });

  test('stays what it was when the timeline cannot be armed, and needs no engine for one that is not on program', async () => {
    await stage.operator.control({ action: 'play', timelineId: 'tl' });
    await expect(stage.operator.control({ action: 'arm', timelineId: 'tl', loop: true })).rejects.toEqual(code('CONFLICT'));
    expect(await stored()).toEqual([1, false, 0]);
    await stage.operator.take({ sourceId: stage.state.sources[0]!.id });
    stage.reports.drop('engine');
    expect((await stage.operator.control({ action: 'seek', timelineId: 'tl', positionMs: 500, loop: true })).playback).toEqual({ is: 'paused', positionMs: 500 });
    expect(await stored()).toEqual([2, true, 1]);
  });
});
