import { describe, expect, it } from 'vitest';
import { doings } from '../../../../src/domain/health/doings.js';
import { happenings } from '../../../../src/domain/health/happenings.js';
import { repeats, type LoggedEvent } from '../../../../src/domain/health/fold.js';
import { Sampler } from '../../../../src/domain/health/samples.js';
import { OFF_AIR } from '../../../../src/domain/documents.js';
import { Settings, SourceInput } from '../../../../src/protocol/resources.js';
import type { BroadcastStatus, DestinationState } from '../../../../src/protocol/status.js';
import { document, recording, studioState } from '../state.js';

type Look = Omit<BroadcastStatus, 'warnings' | 'machine'>;
const destination = (state: DestinationState, change: object = {}) => ({ id: 'tw', state, kbps: 0, ackedBytes: 0, reconnects: 0, droppedFrames: 0, queueMs: 0, ...change });
const at = (change: Partial<Look> = {}): Look => ({
  state: 'standby', uptimeMs: 0, program: null, onAir: [], encoder: { state: 'running', codec: 'libx264', kbps: 6000, fps: 30, dropped: 0, restarts: 0 }, overlays: null, sources: [], destinations: [],
  recording: { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 }, timeline: null, schedule: { enabled: true, now: null, next: null, problem: null },
  emergency: false, insert: null, processes: [], operators: [], panels: 0, ...change,
});
const cameras = new Set(['cam']);
const names = new Map([['tw', 'Twitch'], ['ev', 'Morning']]);
const said = (before: Partial<Look>, now: Partial<Look>) => happenings(at(before), at(now), names).map(({ level, text }) => `${level} ${text}`);

describe('what happened', () => {
  it('is nothing while nothing does', () => {
    expect(said({}, {})).toEqual([]);
  });
  it('has each state of a destination once, with its reason', () => {
    const error = { code: 'DEST_CLOSED' as const, message: 'The far end closed the connection.' };
    const states = [destination('idle'), destination('connecting'), destination('live'), destination('reconnecting', { error }), destination('connecting', { error }), destination('live', { reconnects: 1 }), destination('idle')];
    const all = states.slice(1).flatMap((now, i) => said({ destinations: [states[i]!] }, { destinations: [now] }));
    expect(all).toEqual([
      'info Twitch is being connected.', 'info Twitch is live.', 'warning Twitch is off and is being connected again: The far end closed the connection.', 'info Twitch is live again.', 'info Twitch was disconnected.',
    ]);
  });
  it('has encoders and processes that come back', () => {
    const encoder = at().encoder!;
    expect(said({}, { encoder: { ...encoder, restarts: 1 } })).toEqual(['warning The encoder had to be started again.']);
    const one = { role: 'engine', connected: true, pid: 5, restarts: 0, unsent: 0 };
    expect(said({ processes: [one] }, { processes: [{ ...one, connected: false }] })).toEqual(['error The engine process does not answer.']);
    expect(said({ processes: [{ ...one, connected: false }] }, { processes: [{ ...one, restarts: 1 }] })).toEqual(['warning The engine process was started again and is back.']);
  });
  it('has the schedule, the broadcast and a recording that stopped', () => {
    const now = { eventId: 'ev', target: { sourceId: 'a' }, startsAt: 'x', endsAt: 'y' };
    const { schedule } = at();
    expect(said({}, { schedule: { ...schedule, now } })).toEqual(['info Planned now: Morning.']);
    expect(said({ schedule: { ...schedule, now } }, {})).toEqual(['info The time of Morning is over.']);
    expect(said({ state: 'live' }, { state: 'starting' })).toEqual(['error No destination is live any more.']);
    const error = { code: 'DISK_FULL' as const, message: 'The disk is full.' };
    expect(said({}, { recording: { ...at().recording, error } })).toEqual(['error The recording stopped by itself: The disk is full.']);
  });
});

describe('what was done', () => {
  const words = (before: Parameters<typeof studioState>[0], now: Parameters<typeof studioState>[0], byPerson = true) => doings(studioState(before), studioState(now), byPerson).map(({ text }) => text);
  it('has takes, emergencies, and going on and off air', () => {
    const base = studioState();
    const same = { sources: base.sources, scenes: base.scenes, overlays: base.overlays, destinations: base.destinations, settings: base.settings };
    expect(words(same, { ...same, program: { sourceId: 'cam' } })).toEqual(['On program: Camera.']);
    expect(words(same, { ...same, emergency: { target: { slate: true }, since: '', left: null } })).toEqual(['Emergency: the slate is over everything.']);
    // Another name is not another emergency.
    const over = (target: object) => ({ ...same, emergency: { target, since: '', left: null } as never });
    expect(words(over({ slate: true }), over({ sourceId: 'cam' }))).toEqual(['Emergency: Camera is over everything.']);
    expect(words(over({ sourceId: 'cam' }), over({ sourceId: 'cam' }))).toEqual([]);
    expect(words(same, { ...same, black: true })).toEqual(['All that goes out was faded to black.']);
    expect(words({ ...same, black: true }, same)).toEqual(['Black was lifted.']);
    expect(words(same, { ...same, broadcast: { ...OFF_AIR, on: true } })).toEqual(['The broadcast was started to YT.']);
    expect(words({ ...same, broadcast: { ...OFF_AIR, on: true } }, same)).toEqual(['The broadcast was ended.']);
  });
  it('has settings by name, and things that were made, changed and deleted, where a person did it', () => {
    const base = studioState();
    const same = { sources: base.sources, scenes: base.scenes, overlays: base.overlays, destinations: base.destinations, settings: base.settings };
    const settings = { ...document('channel', Settings.parse({ encoder: { bitrateKbps: 4500 } })), revision: 2 };
    expect(words(same, { ...same, settings })).toEqual(['Settings changed: encoder.bitrateKbps 6000 → 4500.']);
    const made = document('new', SourceInput.parse({ kind: 'camera', name: 'Left' }));
    const changed = { ...base.sources[1]!, revision: 2 };
    expect(words(same, { ...same, sources: [base.sources[0]!, changed, made] })).toEqual(['Source "Film" was changed.', 'Source "Left" was made.', 'Source "Card" was deleted.']);
    expect(words(same, { ...same, sources: [base.sources[0]!, changed, made] }, false)).toEqual([]);
  });
  it('has recordings until they are ready or failed', () => {
    const base = studioState();
    const same = { sources: base.sources, scenes: base.scenes, overlays: base.overlays, destinations: base.destinations, settings: base.settings };
    const is = (data: ReturnType<typeof recording>) => ({ ...same, recordings: [document('rec', data)] });
    expect(words(same, is(recording('recording')))).toEqual(['A recording was started.']);
    expect(words(is(recording('recording')), is(recording('finishing')))).toEqual(['The recording was ended.']);
    expect(words(is(recording('finishing')), is({ ...recording('ready'), durationMs: 3_723_000, bytes: 2.1e9 }))).toEqual(['A recording is ready: 1:02:03, 2.1 GB.']);
  });
});

describe('repetitions', () => {
  const event = (id: number, text: string, atMs: number): LoggedEvent => ({ id, atMs, lastMs: atMs, count: 1, level: 'info', kind: 'program', code: 'TAKE', text, by: null, ids: [] });
  it('are one within two minutes, behind a few others too', () => {
    const newest = [event(1, 'a', 0), event(2, 'b', 1000)];
    expect(repeats(newest, event(0, 'a', 100_000))?.id).toBe(1);
    expect(repeats(newest, event(0, 'a', 130_000))).toBeUndefined();
    expect(repeats(newest, { ...event(0, 'a', 5000), by: 'Anna' })).toBeUndefined();
  });

  it('are one within an hour where it may come and go all day, whatever the sentence says', () => {
    const stands = (text: string, atMs: number, change: Partial<LoggedEvent> = {}) => ({ ...event(1, text, atMs), code: 'SOURCE_STILL', ids: ['cam'], ...change });
    const again = (atMs: number, change: Partial<LoggedEvent> = {}) => ({ ...stands('Over after 20 s', atMs, change), recurs: true });
    expect(repeats([stands('Over after 8 s', 0)], again(3_500_000))?.id).toBe(1);
    expect(repeats([stands('Over after 8 s', 0)], again(3_700_000))).toBeUndefined();
    // Another camera, and the beginning, which is a warning.
    expect(repeats([stands('Over after 8 s', 0)], again(5000, { ids: ['two'] }))).toBeUndefined();
    expect(repeats([stands('Over after 8 s', 0)], again(5000, { level: 'warning' }))).toBeUndefined();
    // Nor where nobody would look for it.
    expect(repeats([stands('Over after 8 s', 0), ...Array.from({ length: 20 }, (_, i) => event(2 + i, `take ${i}`, 1000))], again(5000))).toBeUndefined();
  });
});

describe('figures', () => {
  it('are rates out of counters, which may begin anew, and of bytes that come in lumps', () => {
    const sampler = new Sampler();
    const program = (late: number) => ({ frame: 1, fps: 30, repeated: 0, late, skipped: 0, composeUsAvg: 1, composeUsP99: 1, inTransition: false });
    const late = [5, 8, 8, 0, 2].map((count, i) => sampler.sample(at({ program: program(count) }), null, i * 1000, cameras).get('program.late'));
    expect(late).toEqual([undefined, 3, 0, 0, 2]);
    // 750 kB a second, acknowledged each third second.
    let kbps: number | undefined;
    for (let s = 0; s < 30; s++) kbps = sampler.sample(at({ state: 'live', destinations: [destination('live', { ackedBytes: Math.floor(s / 3) * 2_250_000 })] }), null, s * 1000, cameras).get('destination.tw.kbps');
    expect(kbps).toBeGreaterThan(5000);
    expect(kbps).toBeLessThan(7300);
  });

  it('have an age of cameras alone: a photograph does not grow old', () => {
    const figures = new Sampler().sample(at({ sources: [{ id: 'cam', state: 'live', ageMs: 20 }, { id: 'photograph', state: 'live', ageMs: 90_000 }] }), null, 0, cameras);
    expect([...figures.keys()].filter((key) => key.endsWith('.age'))).toEqual(['source.cam.age']);
  });

  it('count a camera as restless for each time that it goes, not for as long as it is away', () => {
    const sampler = new Sampler();
    const states = ['live', 'late', 'gone', 'gone', 'gone', 'live', 'late', 'live', 'gone'] as const;
    const restless = states.map((state, i) => sampler.sample(at({ sources: [{ id: 'cam', state, ageMs: 1 }] }), null, i * 1000, cameras).get('source.cam.restless'));
    expect(restless).toEqual([0, 1, 1, 0, 0, 0, 1, 0, 1]);
  });
});
