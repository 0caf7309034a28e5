/** What /metrics says of the status: a thing is in one of its states, whichever that is. */
import { expect, test } from 'vitest';
import { TimelineStatus } from '../../../src/protocol/playback.js';
import type { BroadcastStatus } from '../../../src/protocol/status.js';
import { Metrics } from '../../../src/studio/metrics.js';

const status: BroadcastStatus = {
  state: 'standby', uptimeMs: 0, program: null, onAir: [], encoder: null, overlays: null, sources: [], destinations: [],
  recording: { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 }, timeline: null,
  schedule: { enabled: true, now: null, next: null, problem: null }, emergency: false, insert: null, processes: [], operators: [], panels: 0, warnings: [], machine: null,
};
const textOf = (over: Partial<BroadcastStatus>): Promise<string> => new Metrics({
  status: () => ({ ...status, ...over }), reports: () => ({}), clients: () => ({ connected: 0, evicted: 0, tilesSkipped: 0, tilesLeftOut: 0, soundSkipped: 0 }),
  media: () => ({ made: 0, dropped: 0, uploads: 0 }), attempts: () => ({ refused: 0, blocked: 0 }), wallMs: () => 0,
  inserts: () => ({ airings: {} as never, failed: 0 }), analyses: () => ({ states: {} as never, decisions: {}, moments: {} as never, momentsLost: 0 }),
  jobs: { counts: () => Promise.reject(new Error('no store')), sums: () => new Map() }, disk: () => ({ freeBytes: 5e9, sizeBytes: null }),
}).text();

test.each(TimelineStatus.shape.state.options)('a timeline is %s, and nothing else', async (state) => {
  const timeline = { timelineId: 'tml_1', revision: 1, state, overridden: false, positionMs: 0, durationMs: 1000, lap: 0, failedClips: 0, lateClips: 0, open: 0 };
  const states = [...(await textOf({ timeline })).matchAll(/^vistter_timeline_state\{timeline="tml_1",state="(\w+)"\} 1$/gm)].map(([, name]) => name);
  expect(states).toEqual([state]);
});
