import { describe, expect, test, vi } from 'vitest';
import { silentLog, type Log } from '../../../src/runtime/log.js';
import { DesiredState, DesiredPusher } from '../../../src/studio/desired-state.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { Sessions } from '../../../src/studio/http/sessions.js';
import type { MediaPaths } from '../../../src/studio/media-paths.js';
import { Model } from '../../../src/studio/model.js';
import { ReportBook } from '../../../src/studio/reports.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Broadcast } from '../../../src/studio/services/broadcast.js';
import { Destinations } from '../../../src/studio/services/destinations.js';
import { Program } from '../../../src/studio/services/program.js';
import { onProgramOf } from '../../../src/domain/playback.js';
import type { ProgramTarget } from '../../../src/protocol/status.js';
import { StateFeed } from '../../../src/studio/ws/state-feed.js';
import { toSnapshot } from '../../../src/domain/resources.js';
import { LowerThirdInput, SourceInput } from '../../../src/protocol/resources.js';
import { TimelineDocument } from '../../../src/protocol/timeline.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { IDLE_ENGINE } from '../../support/studio-process.js';

async function setUp(store = new MemoryStore()) {
  const clock = new FakeClock();
  const vault = new Vault(Buffer.alloc(32, 1));
  const open = async () => {
    const model = new Model(store, () => vault, clock);
    await model.start();
    return model;
  };
  const model = await open();
  if (model.isNew) await setUpNewHome(model);
  return { store, clock, model, open };
}

describe('the model', () => {
  test('what was changed is there after a restart, secrets too', async () => {
    const { model, open } = await setUp();
    await model.change((draft) => {
      draft.create('source', 'x', SourceInput.parse({ kind: 'camera', name: 'X' }));
      draft.secret('camera', 'x', 'the key');
    });
    const again = await open();
    expect(again.isNew).toBe(false);
    expect(again.state).toEqual(model.state);
    expect(again.secret('camera', 'x')).toBe('the key');
  });

  test('a long timeline is stored packed, and read again as it was; one that cannot be unpacked stops the start', async () => {
    const { store, model, open } = await setUp();
    const clips = Array.from({ length: 2_000 }, (_, i) => ({ id: `c${i}`, sourceId: 'x', startMs: i * 1_000, durationMs: 1_000 }));
    const long = TimelineDocument.parse({ name: 'Long', tracks: [{ id: 't', kind: 'video', clips }] });
    await model.change((draft) => { draft.create('timeline', 'tml_1', long); });
    const { documents } = await store.load();
    const stored = documents.find(({ kind }) => kind === 'timeline')!;
    expect(stored.json.length).toBeLessThan(JSON.stringify(long).length / 4);
    expect((await open()).state.timelines).toEqual(model.state.timelines);
    await store.apply([{ op: 'put-document', document: { ...stored, json: '{"packed":"AAAA"}' } }]);
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
  });

  test('names and captions that are not let in any more do not stop a start: what cannot be shown is shown as that', async () => {
    const { store, open } = await setUp();
    const put = (kind: string, id: string, data: object) => store.apply([{ op: 'put-document', document: { kind, id, revision: 1, createdAt: '', updatedAt: '', json: JSON.stringify(data) } }]);
    await put('destination', 'd', { name: 'd1\uD800', platform: 'custom', url: 'rtmp://h/live', enabled: true, hasKey: false });
    await put('overlay', 'o', { ...LowerThirdInput.parse({ kind: 'lower-third', name: 'x', title: 'y' }), name: '\u202Eevil', title: '\uDC00' });
    await put('timeline', 't', { ...TimelineDocument.parse({ name: 'T', tracks: [] }), tracks: [{ id: 'v', kind: 'video', name: 'a\u2066b', clips: [] }] });
    const { state } = await open();
    expect(state.destinations[0]!.data.name).toBe('d1\uFFFD');
    expect(state.overlays.find(({ id }) => id === 'o')!.data).toMatchObject({ name: '\uFFFDevil', title: '\uFFFD', subtitle: '' });
    expect(state.timelines[0]!.data).toMatchObject({ name: 'T', tracks: [{ name: 'a\uFFFDb' }] });
    await put('destination', 'd', { name: 7 });
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
  });

  test('the store never sees a secret in clear', async () => {
    const { store, model } = await setUp();
    await model.change((draft) => draft.secret('destination', 'x', 'CANARY'));
    const { secrets } = await store.load();
    expect(secrets.has('destination:x')).toBe(true);
    expect(JSON.stringify([...secrets])).not.toContain('CANARY');
  });

  test('a throw, or a store that fails, changes nothing and tells nobody; the next change works', async () => {
    const { store, model } = await setUp();
    const before = model.state;
    const heard = vi.fn();
    model.onChange(heard);
    await expect(model.change((draft) => {
      draft.put('program', { sceneId: 'x' });
      throw new Error('second thoughts');
    })).rejects.toThrow('second thoughts');
    store.failNext = Object.assign(new Error('the disk is read-only'), { code: 'EROFS' });
    await expect(model.change((draft) => draft.put('program', { sceneId: 'x' }))).rejects.toMatchObject({
      code: 'DISK_READ_ONLY', message: expect.stringMatching(/^The change could not be stored: the disk is read-only\. Nothing was changed\. .*mount it for writing again/),
    });
    store.failNext = new Error('disk full');
    await expect(model.change((draft) => draft.put('program', { sceneId: 'x' }))).rejects.toMatchObject({ code: 'DISK_ERROR' });
    expect(model.state).toEqual(before);
    expect(heard).not.toHaveBeenCalled();
    await model.change((draft) => draft.put('program', { sceneId: 'x' }));
    expect(model.state.program).toEqual({ sceneId: 'x' });
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test('of two who change the same revision at once, one is refused', async () => {
    const { model } = await setUp();
    const { id } = model.state.sources[0]!;
    const rename = (name: string) => model.change((draft) => {
      const current = draft.get('source', id);
      if (current.revision !== 1) throw new Error('stale');
      draft.update('source', id, { ...current.data, name });
    });
    const results = await Promise.allSettled([rename('first'), rename('second')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(model.find('source', id)).toMatchObject({ revision: 2, data: { name: 'first' } });
  });

  test('a change that changes nothing keeps the revision', async () => {
    const { model } = await setUp();
    const { id, data } = model.state.scenes[0]!;
    await model.change((draft) => draft.update('scene', id, structuredClone(data)));
    expect(model.find('scene', id)!.revision).toBe(1);
  });

  test('what an older version wrote is read with the defaults of this one; what cannot be read stops the start', async () => {
    const { store, open } = await setUp();
    const row = { kind: 'source', revision: 1, createdAt: '', updatedAt: '' };
    await store.apply([{ op: 'put-document', document: { ...row, id: 'old', json: '{"kind":"camera","name":"Old"}' } }]);
    expect((await open()).find('source', 'old')!.data).toEqual({ kind: 'camera', name: 'Old', fallbackSourceId: null, delayMs: 0, audio: { gainDb: 0, muted: false, delayMs: 0, mode: 'follow' } });
    await store.apply([{ op: 'put-document', document: { ...row, id: 'odd', json: '{"kind":"hologram"}' } }]);
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE', message: expect.stringContaining('odd') });
  });
});

describe('sessions', () => {
  test('only hashes are stored, and they run out', async () => {
    const { store, clock, model, open } = await setUp();
    const sessions = new Sessions(model, clock, 8080);
    const cookie = (await sessions.open(false)).split(';')[0]!;
    expect(sessions.isOpen(cookie)).toBe(true);
    expect(sessions.isOpen(`other=1; ${cookie}`)).toBe(true);
    for (const no of [undefined, '', 'vistter_session_8080=', `${cookie}x`, cookie.replace('8080', '8081')]) expect(sessions.isOpen(no)).toBe(false);
    const secret = cookie.split('=')[1]!;
    expect(JSON.stringify((await store.load()).sessions)).not.toContain(secret);
    expect(new Sessions(await open(), clock, 8080).isOpen(cookie)).toBe(true);
    clock.pass(31 * 24 * 3600 * 1000);
    expect(sessions.isOpen(cookie)).toBe(false);
    await sessions.open(false);
    expect((await store.load()).sessions).toHaveLength(1);
  });
});

describe('takes', () => {
  async function withProgram(log = silentLog) {
    const parts = await setUp();
    const { model } = parts;
    const media = { find: () => ({ is: 'missing', path: '' }) } as unknown as MediaPaths;
    const desired = new DesiredState(model, media, new ReportBook(parts.clock), '/media');
    const asked: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
    const onFailed = vi.fn();
    const program = new Program({
      model, desired, log, clock: parts.clock, bootId: 'boot', onAsked: () => undefined, onFailed, askEngine: () => new Promise((resolve, reject) => { asked.push({ resolve, reject }); }),
    });
    const [a, b] = model.state.sources.map(({ id }) => id);
    return { ...parts, desired, asked, program, onFailed, a: a!, b: b!, first: model.state.program };
  }

  test('what is sent to the engine while it plans a take does not undo it, though nothing is stored yet', async () => {
    const { model, desired, asked, program, a, first } = await withProgram();
    const take = program.take({ sourceId: a });
    await model.change((draft) => draft.put('settings', { ...model.state.settings.data, audio: { ...model.state.settings.data.audio, bitrateKbps: 128 } }));
    expect(model.state.program).toEqual(first);
    // That it is taken the engine knows better: what was before is wanted as of before.
    expect(desired.of('engine')).toMatchObject({ program: first, take: 0 });
    asked[0]!.resolve({ frame: 1, ptsMs: 33, take: 1 });
    expect(await take).toEqual({ frame: 1, ptsMs: 33 });
    expect(desired.of('engine')).toMatchObject({ program: { sourceId: a }, take: 1 });
    await vi.waitFor(() => expect(model.state.program).toEqual({ sourceId: a }));
    expect(desired.unstored).toBeUndefined();
  });

  test.each([[[0, 1]], [[1, 0]]])('two at once: the one stands that the engine took later, whatever comes back first (%j)', async (order) => {
    const { model, desired, asked, program, a, b } = await withProgram();
    const takes = [program.take({ sourceId: a }), program.take({ sourceId: b })];
    for (const i of order) {
      asked[i]!.resolve({ frame: i + 1, ptsMs: 33 * (i + 1), take: i + 1 });
      await takes[i];
    }
    expect(desired.of('engine')).toMatchObject({ program: { sourceId: b }, take: 2 });
    await vi.waitFor(() => expect([model.state.program, model.state.take]).toEqual([{ sourceId: b }, 2]));
    expect(desired.unstored).toBeUndefined();
  });

  describe('what the engine says is on program', () => {
    const shows = (program: ProgramTarget, take?: number, more: object = {}): Parameters<Program['onEngine']>[0] => ({
      program: { ...IDLE_ENGINE.program, ...program }, timeline: null, taken: take === undefined ? null : { frame: 3, ptsMs: 100, take, scheduled: false, ...more },
    });

    test('and was taken without an answer that was heard is what is wanted and stored, an override too', async () => {
      const { model, desired, program, open, a, b } = await withProgram();
      program.onEngine(shows({ sourceId: a }, 1));
      await vi.waitFor(() => expect([model.state.program, model.state.take]).toEqual([{ sourceId: a }, 1]));
      expect(desired.of('engine')).toMatchObject({ program: { sourceId: a }, take: 1 });
      const timelineId = 'tml_1';
      await model.change((draft) => draft.create('timeline', timelineId, TimelineDocument.parse({ name: 'x', loop: false, durationMs: null, filler: null, tracks: [] })));
      const playback = { is: 'playing' as const, zeroUs: 0, bootId: 'boot', zeroWallMs: 0 };
      program.onEngine(shows({ timelineId }, 2, { playback }));
      program.onEngine(shows({ sourceId: b }, 3));
      await vi.waitFor(() => expect(model.state.take).toBe(3));
      expect(model.state).toMatchObject({ program: { sourceId: b }, override: { timelineId } });
      expect(model.state.playbacks.get(timelineId)).toEqual(playback);
      expect((await open()).state).toMatchObject({ program: { sourceId: b }, take: 3 });
    });

    test('by the plan overrides nothing', async () => {
      const { model, program, a, first } = await withProgram();
      await program.put((state) => ({ ...onProgramOf(state), override: { timelineId: 'tml_1', leftPlayback: { is: 'stopped' } } }));
      program.onEngine(shows({ sourceId: a }, 1, { scheduled: true }));
      await vi.waitFor(() => expect(model.state).toMatchObject({ program: { sourceId: a }, override: null }));
      expect(first).not.toEqual({ sourceId: a });
    });

    test('is no news while something is asked for, nor what was heard already', async () => {
      const { model, asked, program, a, b } = await withProgram();
      const take = program.take({ sourceId: b });
      program.onEngine(shows({ sourceId: a }, 5));
      expect(program.state.program).not.toEqual({ sourceId: a });
      asked[0]!.resolve({ frame: 1, ptsMs: 33, take: 6 });
      await take;
      program.onEngine(shows({ sourceId: a }, 5));
      await vi.waitFor(() => expect([model.state.program, model.state.take]).toEqual([{ sourceId: b }, 6]));
      // One that was given up is, once it is there.
      const late = program.take({ sourceId: a });
      asked[1]!.reject(new Error('no answer'));
      await expect(late).rejects.toThrow();
      program.onEngine(shows({ sourceId: a }, 7));
      await vi.waitFor(() => expect(model.state.program).toEqual({ sourceId: a }));
    });

    test('and is not there any more is not wanted: what is stored is said with a number that it heeds', async () => {
      const { desired, program, first } = await withProgram();
      program.onEngine(shows({ sourceId: 'src_deleted' }, 4));
      expect(desired.of('engine')).toMatchObject({ program: first, take: 4 });
    });

    test('and nobody asked this engine for is put right: it is told once more, every three seconds', async () => {
      const { clock, program, onFailed, a, first } = await withProgram();
      for (const [ms, told] of [[0, 0], [2000, 0], [1000, 1], [1000, 1], [2000, 2]] as const) {
        clock.pass(ms);
        program.onEngine(shows({ sourceId: a }));
        expect([onFailed.mock.calls.length, program.state.program]).toEqual([told, first]);
      }
      program.onEngine(shows(first as { sourceId: string }));
      clock.pass(2000);
      program.onEngine(shows({ sourceId: a }));
      clock.pass(2000);
      program.onEngine({ ...shows({ sourceId: a }), program: IDLE_ENGINE.program });
      program.onEngine(shows({ sourceId: a }));
      expect(onFailed).toHaveBeenCalledTimes(2);
    });
  });

  test('one that fails leaves what was, and the engine is told so', async () => {
    const { desired, asked, program, onFailed, a, first } = await withProgram();
    const take = program.take({ sourceId: a });
    asked[0]!.reject(new Error('away'));
    await expect(take).rejects.toThrow('away');
    expect(desired.of('engine').program).toEqual(first);
    expect(onFailed).toHaveBeenCalledTimes(1);
    await expect(program.take({ sceneId: 'ghost' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const odd = program.take({ sourceId: a });
    asked[1]!.resolve({ frame: 'soon' });
    await expect(odd).rejects.toThrow();
  });

  test('a take that cannot be stored is on program all the same, and is stored when that works again', async () => {
    const { store, model, desired, asked, program, a, first } = await withProgram();
    store.failNext = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    const take = program.take({ sourceId: a });
    asked[0]!.resolve({ frame: 1, ptsMs: 33, take: 1 });
    expect(await take).toEqual({ frame: 1, ptsMs: 33 });
    await vi.waitFor(() => expect(store.failNext).toBeUndefined());
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(model.state.program).toEqual(first);
    expect(desired.of('engine').program).toEqual({ sourceId: a });
    expect(program.state.program).toEqual({ sourceId: a });
    await program.storeTaken();
    expect(model.state.program).toEqual({ sourceId: a });
    expect(desired.unstored).toBeUndefined();
  });

  test('on a disk that is read-only it is tried each second, and told once, with what to do; and when it is over', async () => {
    const said: unknown[][] = [];
    const log = { error: (...words: unknown[]) => said.push(words), info: (...words: unknown[]) => said.push(words), warn: () => undefined } as unknown as Log;
    const { store, asked, program, a } = await withProgram(log);
    const readOnly = (): Error => Object.assign(new Error('the disk is read-only'), { code: 'EROFS' });
    store.failNext = readOnly();
    const take = program.take({ sourceId: a });
    asked[0]!.resolve({ frame: 1, ptsMs: 33, take: 1 });
    await take;
    for (let second = 0; second < 10; second++) {
      await vi.waitFor(() => expect(store.failNext).toBeUndefined());
      store.failNext = readOnly();
      await program.storeTaken();
    }
    expect(said).toEqual([[{ problem: expect.stringMatching(/the disk is read-only\..*look what "dmesg" says.*mount it for writing again/) }, expect.stringContaining('what is on program could not be stored')]]);
    store.failNext = undefined;
    await program.storeTaken();
    await program.storeTaken();
    expect(said.slice(1)).toEqual([['what is on program is stored now']]);
  });

  test('only roles whose wishes changed are told', async () => {
    const { model, desired } = await withProgram();
    const pushed: string[] = [];
    const pusher = new DesiredPusher(desired, (role) => pushed.push(role));
    pusher.pushChanged();
    expect(pushed.splice(0)).toEqual(['ingest', 'engine', 'egress', 'sidecar']);
    await model.change((draft) => draft.put('program', { sceneId: model.state.scenes[0]!.id }));
    pusher.pushChanged();
    expect(pushed).toEqual(['engine']);
  });
});

describe('a stop on a full disk', () => {
  const full = () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  async function onAir() {
    const { store, clock, open } = await setUp();
    const said: string[] = [];
    const log = { error: (...words: unknown[]) => said.push(String(words.at(-1))), info: (...words: unknown[]) => said.push(String(words.at(-1))) } as unknown as Log;
    const model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), clock, log);
    await model.start();
    const desired = new DesiredState(model, { find: () => ({ is: 'missing' }) } as unknown as MediaPaths, new ReportBook(clock), '/m');
    const destinations = new Destinations(model);
    const ids = [];
    for (const name of ['A', 'B']) ids.push((await destinations.create({ name, platform: 'custom', url: 'rtmp://h/live', key: 'k' })).id);
    const broadcast = new Broadcast(model, new ReportBook(clock), () => undefined);
    await broadcast.start({ record: true });
    return { store, model, open, said, desired, destinations, ids, broadcast };
  }

  test('holds at once, says so, and is stored with the next that can be', async () => {
    const { store, model, open, said, desired, broadcast } = await onAir();
    const id = model.state.recordings[0]!.id;
    store.failNext = full();
    await broadcast.stop();
    expect(store.failNext).toBeUndefined();
    expect(broadcast.state).toBe('standby');
    expect(desired.of('egress')).toEqual({ destinations: [], recording: null });
    expect(model.find('recording', id)?.data.state).toBe('finishing');
    await expect(broadcast.stop()).rejects.toMatchObject({ code: 'NOT_LIVE' });
    // A studio that is killed before it could be stored goes on with what was stored.
    expect((await open()).state.broadcast.on).toBe(true);
    store.failNext = full();
    await expect(broadcast.start({})).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(model.state.broadcast.on).toBe(false);
    for (let second = 0; second < 3; second++) {
      store.failNext = full();
      await model.storeOwed();
    }
    await model.storeOwed();
    const again = (await open()).state;
    expect(again.broadcast.on).toBe(false);
    expect(again.recordings).toEqual(model.state.recordings);
    expect(said).toEqual([expect.stringContaining('could not be stored'), 'what was stopped is stored now']);
  });

  test('of a recording alone, of one destination, and as the last thing before the end', async () => {
    const { store, model, open, desired, destinations, ids, broadcast } = await onAir();
    store.failNext = full();
    const id = await broadcast.stopRecording();
    expect(desired.of('egress').recording).toBeNull();
    store.failNext = full();
    await destinations.patch(ids[0]!, { enabled: false }, undefined);
    store.failNext = full();
    await destinations.remove(ids[1]!, undefined);
    expect(desired.of('egress').destinations).toEqual([]);
    // What only changes a name waits for room as before.
    store.failNext = full();
    await expect(destinations.patch(ids[0]!, { name: 'C', enabled: false }, undefined)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await model.stop();
    const again = (await open()).state;
    expect(again.recordings.find((recording) => recording.id === id)?.data.state).toBe('finishing');
    expect(again.destinations.map(({ data }) => data)).toMatchObject([{ name: 'A', enabled: false }]);
  });

  test('is stored with another change, in its order', async () => {
    const { store, model, open, ids, destinations, broadcast } = await onAir();
    store.failNext = full();
    await broadcast.stop();
    await broadcast.start({ destinationIds: [ids[0]!] });
    await destinations.patch(ids[1]!, { name: 'D' }, undefined);
    expect((await open()).state).toEqual(model.state);
  });
});

describe('the state feed', () => {
  test('one that follows the patches has what a new snapshot has', async () => {
    const { model } = await setUp();
    const feed = new StateFeed(() => toSnapshot(model.state, 'standby', 'rtmp://h/live'), 1000, 'page');
    const { applyPatch } = (await import('fast-json-patch')).default;
    const first = feed.snapshot();
    if (!('snapshot' in first.payload)) throw new Error('no snapshot');
    let followed: unknown = structuredClone(first.payload.snapshot);
    expect(feed.update()).toBeNull();
    for (let i = 0; i < 20; i++) {
      await model.change((draft) => {
        if (i % 3 === 2) draft.remove('source', `s${i - 1}`);
        else draft.create('source', `s${i}`, SourceInput.parse({ kind: 'color', name: `S${i}` }));
        draft.update('scene', model.state.scenes[0]!.id, { name: `N${i}`, layers: [] });
      });
      const message = feed.update()!;
      if (!('patch' in message.payload)) throw new Error('no patch');
      expect(message.payload.rev).toBe(1001 + i);
      followed = applyPatch(followed, structuredClone(message.payload.patch) as never).newDocument;
    }
    const last = feed.snapshot();
    expect({ rev: 1020, page: 'page', snapshot: followed }).toEqual(last.payload);
    expect(feed.snapshot()).toBe(last);
    expect(feed.since(1020)).toEqual([]);
    expect(feed.since(1015)).toHaveLength(5);
    expect(feed.since(999)).toEqual([last]);
    expect(feed.since(5000)).toEqual([last]);
  });

  test('history is bounded: too far back means a snapshot', async () => {
    const { model } = await setUp();
    const feed = new StateFeed(() => toSnapshot(model.state, 'standby', ''), 0, 'page');
    feed.snapshot();
    for (let i = 0; i < 250; i++) {
      await model.change((draft) => draft.update('scene', model.state.scenes[0]!.id, { name: `N${i}`, layers: [] }));
      feed.update();
    }
    expect(feed.since(10)).toEqual([feed.snapshot()]);
    expect(feed.since(60)).toHaveLength(190);
  });
});
