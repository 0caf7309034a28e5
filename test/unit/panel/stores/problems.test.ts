/** What the studio finds wrong with a timeline, in words of the panel. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Clip } from '../../../../src/protocol/timeline.js';
import { openDesk, settled, type Desk } from './desk.js';

let desk: Desk;
beforeEach(async () => { desk = await openDesk(); });
afterEach(() => { vi.unstubAllGlobals(); });

it('calls clips and sources by their names, and leaves the rest as it is', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const state = await import('../../../../src/panel/store/state.js');
  const timeline = await import('../../../../src/panel/store/timeline.js');
  const things = await import('../../../../src/panel/store/timeline-things.js');
  const clips = ['a', 'b'].map((id, i) => Clip.parse({ id, sourceId: 'cam_1', startMs: i * 900, durationMs: 1000 }));
  desk.rest = () => ({
    errors: 2, warnings: 0, problems: [
      { path: 'tracks.0.clips.1', code: 'overlap', severity: 'error', message: '"b" (tracks.0.clips.1) begins 100 ms before "a" (tracks.0.clips.0) ends.', names: [{ said: '"b" (tracks.0.clips.1)', id: 'b' }, { said: '"a" (tracks.0.clips.0)', id: 'a' }] },
      { path: 'tracks.0.clips.0.sourceId', code: 'camera-away', severity: 'error', message: 'The camera cam_1 is not there now, nor is cam_2.', names: [{ said: 'cam_1', id: 'cam_1' }, { said: 'cam_2', id: 'cam_2' }] },
    ],
  });
  state.snapshot.value = { sources: [{ id: 'cam_1', name: 'Altar', kind: 'camera' }], scenes: [], overlays: [], timelines: [] } as unknown as NonNullable<typeof state.snapshot.value>;
  state.connection.value = 'open';
  timeline.openId.value = 't';
  timeline.stored.value = { id: 't', revision: 1, folderId: undefined, document: { name: 't', loop: false, durationMs: null, filler: null, tracks: [{ id: 'v', kind: 'video', name: '', enabled: true, clips }] } as unknown as NonNullable<typeof timeline.stored.value>['document'] };
  const { setReachable } = await import('../../../../src/panel/lib/api.js');
  setReachable(true);
  const end = things.check();
  vi.runOnlyPendingTimers();
  vi.useRealTimers();
  await settled();
  await settled();
  end();
  expect(things.problems.value).toEqual([
    { severity: 'error', message: '"Altar" begins 100 ms before "Altar" ends.', clipId: 'b' },
    { severity: 'error', message: 'The camera "Altar" is not there now, nor is cam_2.', clipId: 'a' },
  ]);
});
