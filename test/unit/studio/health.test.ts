import { beforeEach, describe, expect, it } from 'vitest';
import { EventsQuery, type StudioEvent, type Warning } from '../../../src/protocol/health.js';
import type { BroadcastStatus, CameraStatus } from '../../../src/protocol/status.js';
import { DiskSight } from '../../../src/runtime/disk-sight.js';
import { silentLog } from '../../../src/runtime/log.js';
import { EventLog } from '../../../src/studio/health/event-log.js';
import { Health } from '../../../src/studio/health/health.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { studioState } from '../domain/state.js';

type Reported = Omit<BroadcastStatus, 'warnings' | 'machine'>;
const shows = (source: object): Reported => ({
  state: 'standby', uptimeMs: 0, program: null, onAir: ['cam'], encoder: null, overlays: null, sources: [{ id: 'cam', state: 'live', ageMs: 20, ...source }], destinations: [],
  recording: { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 }, timeline: null, schedule: { enabled: true, now: null, next: null, problem: null },
  emergency: false, insert: null, processes: [], operators: [], panels: 0,
});
const camera = { id: 'cam', state: 'live', ageMs: 20, video: {}, audio: {}, sinceMs: 0 } as unknown as CameraStatus;

describe('the health of the chain', () => {
  let clock: FakeClock;
  let events: EventLog;
  let told: StudioEvent[];
  let alerts: Warning[];
  let health: Health;
  let store: MemoryStore;
  const stands = async (seconds: number): Promise<void> => {
    health.look(shows({ still: true }));
    expect(health.now().warnings).toMatchObject([{ code: 'SOURCE_STILL', ids: ['cam'] }]);
    await clock.advance(seconds * 1000);
    health.look(shows({}));
    expect(health.now().warnings).toEqual([]);
    await clock.advance(1000);
  };
  const lines = async () => (await events.list(EventsQuery.parse({}))).items.map(({ text, count }) => [text, count]);

  beforeEach(() => {
    [clock, told, alerts] = [new FakeClock(), [], []];
    store = new MemoryStore();
    events = new EventLog({ store, clock, log: silentLog, onEvent: (event) => told.push(event) });
    health = new Health({ clock, store, events, log: silentLog, disk: new DiskSight('/', clock, () => Promise.resolve(null)), state: () => studioState(), cameras: () => [camera], pids: () => [], onWarning: (warning) => alerts.push(warning) });
  });

  it('warns of each slide that stands, and writes a morning of them down in two lines', async () => {
    for (let i = 0; i < 100; i++) await stands(30 + (i % 6) * 80);
    expect(await lines()).toEqual([['Over after 5 min: Camera is on program and its picture stands still.', 100], ['Camera is on program and its picture stands still.', 100]]);
    // Whoever looks is told each time; a recording of it has one alert.
    expect(told).toHaveLength(200);
    expect(alerts).toHaveLength(1);
  });

  it('tells once of a disk that takes no writes, and when it does again', async () => {
    store.isReadOnly = true;
    for (let second = 0; second < 30; second++) {
      health.look(shows({}));
      await clock.advance(1000);
    }
    expect(health.now().warnings).toMatchObject([{ code: 'DISK_READ_ONLY', level: 'error' }]);
    store.isReadOnly = false;
    health.look(shows({}));
    expect(told.map(({ code, level }) => [code, level])).toEqual([['DISK_READ_ONLY', 'error'], ['DISK_READ_ONLY', 'info']]);
  });

  it('begins a new line when it has been well for an hour', async () => {
    await stands(20);
    await clock.advance(3_600_000);
    await stands(40);
    expect(await lines()).toEqual([
      ['Over after 40 s: Camera is on program and its picture stands still.', 1], ['Camera is on program and its picture stands still.', 1],
      ['Over after 20 s: Camera is on program and its picture stands still.', 1], ['Camera is on program and its picture stands still.', 1],
    ]);
    expect(alerts).toHaveLength(2);
  });
});
