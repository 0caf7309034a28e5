import { describe, expect, test } from 'vitest';
import { airingNow, endMs, readReport, wantedInsert } from '../../../src/domain/airings.js';
import type { StoredAiring, StudioState } from '../../../src/domain/documents.js';
import { afterEmergency, afterInsert, afterPause, afterStop, afterTake, withOnProgram, type Moment } from '../../../src/domain/playback.js';
import { InsertInput } from '../../../src/protocol/inserts.js';
import type { EngineActual } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import { document, studioState } from './state.js';

/** Frame 30·s is due at s seconds of the boot; the wall clock is 1,000 s ahead. */
const at = (seconds: number, bootId = 'boot'): Moment => ({ monotonicMs: seconds * 1000, bootId, wallMs: 1_000_000 + seconds * 1000 });
/** On air from second 100 to second 110. */
const airing = (change: Partial<StoredAiring> = {}): StoredAiring => ({
  insert: { airingId: 'a1', insertId: 'ins', document: {}, mode: 'over', fills: true, began: { frame: 3000, bootId: 'boot', wallMs: 1_100_000 } },
  name: 'Spot', frames: 300, fps: 30, holds: null, aired: 0, missed: 0, engine: null, ended: null, ...change,
});
/** Position 0 was at `zeroS`. */
const playing = (zeroS: number): Playback => ({ is: 'playing', zeroUs: zeroS * 1e6, bootId: 'boot', zeroWallMs: 1_000_000 + zeroS * 1000 });
/** A timeline that stands at 60 s between second 100 and 110. */
const between = studioState({
  program: { timelineId: 't' }, playbacks: new Map([['t', playing(50)]]),
  airings: [airing({ holds: 't', insert: { ...airing().insert, mode: 'between' } })],
});
const over = studioState({ airings: [airing()] });
const apply = (state: StudioState, change: Parameters<typeof withOnProgram>[1]) => withOnProgram(state, change);

describe('an airing', () => {
  test('is on air from its first frame to its last, in another boot by the wall clock', () => {
    expect(endMs(airing(), at(0))).toBe(110_000);
    expect(airingNow(over, at(109.9))).toBe(over.airings[0]);
    expect(airingNow(over, at(110))).toBeUndefined();
    const rebooted = { monotonicMs: 5000, bootId: 'next', wallMs: 1_107_000 };
    expect(endMs(airing(), rebooted)).toBe(8000);
    expect(airingNow(over, rebooted)).toBeDefined();
    expect(endMs(airing({ fps: 29.97, insert: { ...airing().insert, began: { frame: 30_000_000, bootId: 'boot', wallMs: 0 } } }), at(0))).toBeCloseTo(1_001_000_000 + 10_010, 3);
  });

  test('is wanted of the engine until that said how it ended, unless the operator ended it', () => {
    expect(wantedInsert(over)).toBe(over.airings[0]!.insert);
    expect(wantedInsert({ airings: [airing({ ended: { by: 'take', frame: 3100 } })] })).toBeNull();
    expect(wantedInsert({ airings: [] })).toBeNull();
  });

  test('a take cuts it short on the take\'s frame; one at its end does not', () => {
    const state = apply(over, afterTake(over, { sourceId: 'cam' }, {}, at(104)));
    expect(state.airings[0]!.ended).toEqual({ by: 'take', frame: 3120 });
    expect(apply(over, afterTake(over, { sourceId: 'cam' }, {}, at(110))).airings[0]!.ended).toBeNull();
    expect(apply(state, afterTake(state, { sourceId: 'card' }, {}, at(105))).airings).toEqual(state.airings);
    expect(afterPause(between, 't', { is: 'paused', positionMs: 60_000 })).toMatchObject({ airings: between.airings, playbacks: new Map([['t', { is: 'paused', positionMs: 60_000 }]]) });
  });

  test('a timeline that stood still runs from the frame on which it was cut short, and was left where it stood', () => {
    const taken = apply(between, afterTake(between, { sourceId: 'cam' }, {}, at(104)));
    // 60 s at second 104.
    expect(taken.playbacks.get('t')).toEqual(playing(44));
    expect(taken.override).toEqual({ timelineId: 't', leftPlayback: { is: 'paused', positionMs: 60_000 } });
    // The engine knows to the frame.
    const told = apply(between, afterTake(between, { sourceId: 'cam' }, { left: { timelineId: 't', playback: playing(44.1) } }, at(104)));
    expect([told.playbacks.get('t'), told.override!.leftPlayback]).toEqual([playing(44.1), { is: 'paused', positionMs: 59_900 }]);
    expect(apply(between, afterEmergency(between, { slate: true }, at(104), { playback: playing(44.1) })).playbacks.get('t')).toEqual(playing(44.1));
    const other = apply(between, afterTake(between, { timelineId: 'u' }, { playback: playing(104) }, at(104)));
    expect(other.playbacks.get('t')).toEqual({ is: 'paused', positionMs: 60_000 });
    const emergency = apply(between, afterEmergency(between, { slate: true }, at(104), {}));
    expect(emergency.airings[0]!.ended).toEqual({ by: 'emergency', frame: 3120 });
    expect(emergency.playbacks.get('t')).toEqual(playing(44));
    expect(emergency.emergency).toEqual({ target: { slate: true }, since: '1970-01-01T00:18:24.000Z', left: { timelineId: 't', playback: { is: 'paused', positionMs: 60_000 } } });
    const stopped = apply(between, afterStop(between, 'a1', undefined, at(104)));
    expect([stopped.airings[0]!.ended, stopped.playbacks.get('t')]).toEqual([{ by: 'stopped', frame: 3120 }, playing(44)]);
    expect(apply(between, afterStop(between, 'a1', playing(43), at(104))).playbacks.get('t')).toEqual(playing(43));
    expect(apply(between, afterStop(between, 'another', playing(43), at(104)))).toEqual(between);
  });

  test('of one timeline on program again the engine says how it stands', () => {
    expect(apply(between, afterTake(between, { timelineId: 't' }, { playback: playing(90) }, at(104))).playbacks.get('t')).toEqual(playing(90));
  });

  test('begins with what the engine says of the timeline, and the rule it served', () => {
    const rule = { everyMs: 60_000, anchor: at(40), served: 0 };
    const state = studioState({ program: { timelineId: 't' }, playbacks: new Map([['t', playing(40)]]), insertRules: new Map([['ins', rule]]) });
    const next = apply(state, afterInsert(state, airing({ holds: 't' }), playing(50), { insertId: 'ins', rule: { ...rule, served: 1 } }));
    expect([next.airings.length, next.playbacks.get('t'), next.insertRules.get('ins')!.served]).toEqual([1, playing(50), 1]);
    // A rule that counts anew meanwhile is another one.
    const anew = { ...state, insertRules: new Map([['ins', { ...rule, anchor: at(99) }]]) };
    expect(apply(anew, afterInsert(anew, airing(), undefined, { insertId: 'ins', rule: { ...rule, served: 1 } })).insertRules.get('ins')!.served).toBe(0);
  });
});

test('an emergency in place of another keeps when and where it began; its release leaves the rest', () => {
  const first = apply(over, afterEmergency(over, { sourceId: 'cam' }, at(104), {}));
  const second = apply(first, afterEmergency(first, { slate: true }, at(200), {}));
  expect(second.emergency).toEqual({ ...first.emergency, target: { slate: true } });
  expect(apply(second, afterEmergency(second, null, at(300), {}))).toEqual({ ...first, emergency: null });
});

describe('what a report means', () => {
  const nothing: Pick<EngineActual, 'insert' | 'airings'> = { insert: null, airings: [] };
  const told = (ended: EngineActual['airings'][number]['ended'], frames: number, airingId = 'a1', missed = 0) => ({ airingId, insertId: 'ins', frame: 3000, frames, missed, ended });
  const read = (state: StudioState, report: Partial<typeof nothing>, now: Moment, logged: string[] = [], pid = 1) => readReport({ ...nothing, ...report }, { state, pid, now, isLogged: (id) => logged.includes(id) });
  const line = { airingId: 'a1', insertId: 'ins', name: 'Spot', mode: 'over', startedAtMs: 1_100_000, frame: 3000, plannedFrames: 300, fps: 30, missedFrames: 0 };

  test('what the engine says is over is a line, and not on its way any more', () => {
    expect(read(over, { airings: [told('whole', 300)] }, at(111))).toEqual({ lines: [{ ...line, frames: 300, ended: 'whole' }], airings: [], unstoredInserts: [] });
    const taken = studioState({ airings: [airing({ ended: { by: 'take', frame: 3120 } })] });
    expect(read(taken, { airings: [told('take', 119)] }, at(105)).lines).toEqual([{ ...line, frames: 119, ended: 'take' }]);
  });

  test('what is in the log is no line again, unless it is still on its way here', () => {
    expect(read(studioState(), { airings: [told('whole', 300)] }, at(111), ['a1'])).toEqual({ lines: [], airings: [], unstoredInserts: [] });
    expect(read(over, { airings: [told('whole', 300)] }, at(111), ['a1'])).toEqual({ lines: [expect.objectContaining({ airingId: 'a1' })], airings: [], unstoredInserts: [] });
  });

  test('one that the studio did not come to store is logged by what is known of it', () => {
    const state = studioState({ inserts: [document('ins', InsertInput.parse({ name: 'Now called so', sourceId: 'film', mode: 'between' }))] });
    const { lines } = read(state, { airings: [told('stopped', 12, 'lost')] }, at(150));
    expect(lines).toEqual([{ ...line, airingId: 'lost', name: 'Now called so', mode: 'between', frames: 12, plannedFrames: 12, ended: 'stopped' }]);
    expect(read(studioState(), { airings: [told('stopped', 12)] }, at(150)).lines[0]!.name).toBe('ins');
    // Its due time is done with, whether it is over or on air.
    expect(read(state, { airings: [told('stopped', 12, 'lost')] }, at(150)).unstoredInserts).toEqual(['ins']);
    expect(read(state, { airings: [told('stopped', 12, 'lost')] }, at(150), ['lost']).unstoredInserts).toEqual([]);
    const onAir = { airingId: 'lost', insertId: 'ins', frame: 3000, aired: 12, missed: 0, frames: 300 };
    expect(read(state, { insert: onAir }, at(101))).toEqual({ lines: [], airings: [], unstoredInserts: ['ins'] });
  });

  test('one on air is counted; one of which nothing is known waits until it must be over', () => {
    const going = read(over, { insert: { airingId: 'a1', insertId: 'ins', frame: 3000, aired: 120, missed: 0, frames: 300 } }, at(104));
    expect(going).toEqual({ lines: [], airings: [airing({ engine: { pid: 1, aired: 120, missed: 0 } })], unstoredInserts: [] });
    const later = studioState({ airings: going.airings });
    expect(read(later, {}, at(112.9))).toEqual({ lines: [], airings: going.airings, unstoredInserts: [] });
    expect(read(later, {}, at(113))).toEqual({ lines: [{ ...line, frames: 120, ended: 'engine' }], airings: [], unstoredInserts: [] });
    expect(read(later, {}, at(104)).airings).toEqual(going.airings);
    // Never fewer than were seen, when the engine that comes after knows less.
    expect(read(later, { airings: [told('engine', 0)] }, at(111)).lines[0]).toMatchObject({ frames: 120, ended: 'engine' });
    const rebooted = { monotonicMs: 5000, bootId: 'next', wallMs: 1_000_000 + 114_000 };
    expect(read(later, {}, rebooted).lines).toEqual([{ ...line, frames: 120, ended: 'engine' }]);
  });

  test('frames of an engine that died and of the one that joined in add up', () => {
    const one = studioState({ airings: [airing({ engine: { pid: 1, aired: 120, missed: 0 } })] });
    const joined = read(one, { insert: { airingId: 'a1', insertId: 'ins', frame: 3000, aired: 5, missed: 0, frames: 300 } }, at(106), [], 2).airings;
    expect(joined).toEqual([airing({ aired: 120, engine: { pid: 2, aired: 5, missed: 0 } })]);
    const two = studioState({ airings: joined });
    expect(read(two, { airings: [told('engine', 90)] }, at(111), [], 2).lines).toEqual([{ ...line, frames: 210, ended: 'engine' }]);
    // The second one ended it before it was heard of.
    expect(read(one, { airings: [told('take', 90)] }, at(111), [], 2).lines[0]!.frames).toBe(210);
    expect(read(two, {}, at(113), [], 3).lines[0]).toMatchObject({ frames: 125, ended: 'engine' });
    expect(read(two, { airings: [told('engine', 300)] }, at(111), [], 2).lines[0]!.frames).toBe(300);
  });

  test('frames without its own picture are counted beside those that were aired, over engines as well', () => {
    const onAir = (aired: number, missed: number) => ({ insert: { airingId: 'a1', insertId: 'ins', frame: 3000, aired, missed, frames: 300 } });
    const first = read(over, onAir(120, 20), at(104)).airings;
    const second = read(studioState({ airings: first }), onAir(50, 50), at(107), [], 2).airings;
    expect(second).toEqual([airing({ aired: 120, missed: 20, engine: { pid: 2, aired: 50, missed: 50 } })]);
    const state = studioState({ airings: second });
    expect(read(state, { airings: [told('engine', 80, 'a1', 80)] }, at(111), [], 2).lines).toEqual([{ ...line, frames: 200, ended: 'engine', missedFrames: 100 }]);
    // One that died knows no more than it had told.
    expect(read(state, {}, at(113), [], 3).lines).toEqual([{ ...line, frames: 170, ended: 'engine', missedFrames: 70 }]);
    for (const ended of ['partly', 'failed'] as const) expect(read(over, { airings: [told(ended, 300, 'a1', 210)] }, at(111)).lines).toEqual([{ ...line, frames: 300, ended, missedFrames: 210 }]);
  });

  test('an emergency while there is no engine ends it where it was last seen', () => {
    const known = { ...between, airings: [{ ...between.airings[0]!, engine: { pid: 1, aired: 90, missed: 0 } }] };
    const state = apply(known, afterEmergency(known, { slate: true }, at(104), null));
    expect(state.airings[0]!.ended).toEqual({ by: 'emergency', frame: 3090 });
    expect(state.playbacks.get('t')).toEqual(playing(44));
  });

  test('one that was cut short by an engine that then died is a line of what the operator did', () => {
    const taken = studioState({ airings: [airing({ ended: { by: 'take', frame: 3120 }, engine: { pid: 1, aired: 90, missed: 0 } })] });
    expect(read(taken, {}, at(106))).toMatchObject({ lines: [], airings: [{}] });
    expect(read(taken, {}, at(107.1))).toEqual({ lines: [{ ...line, frames: 120, ended: 'take' }], airings: [], unstoredInserts: [] });
  });

  test('the next one stays when the one before is over', () => {
    const second = airing({ insert: { ...airing().insert, airingId: 'a2' } });
    const two = studioState({ airings: [airing({ ended: { by: 'take', frame: 3120 } }), second] });
    expect(read(two, { airings: [told('take', 120)], insert: { airingId: 'a2', insertId: 'ins', frame: 3000, aired: 0, missed: 0, frames: 300 } }, at(105))).toMatchObject({ lines: [{ airingId: 'a1' }], airings: [{ ...second, engine: { pid: 1, aired: 0, missed: 0 } }] });
  });
});
