import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/runtime/log.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { Model } from '../../../src/studio/model.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Moments } from '../../../src/studio/services/moments.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { studioState } from '../domain/state.js';

describe('moments of a recording', () => {
  let clock: FakeClock;
  let store: MemoryStore;
  let model: Model;
  let moments: Moments;
  const now = () => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs(), bootId: 'boot' });
  const make = () => new Moments({ store, model, log: silentLog, now });
  const record = (id: string) => model.change((draft) => draft.create('recording', id, {
    state: 'recording', startedAt: new Date(clock.wallMs()).toISOString(), endedAt: null, durationMs: null, bytes: null, path: null, error: null,
    zeros: [{ bootId: 'boot', programMs: clock.monotonicMs() }], pauses: [], startedWith: null,
  }));

  beforeEach(async () => {
    [clock, store] = [new FakeClock(), new MemoryStore()];
    model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), clock);
    await model.start();
    await setUpNewHome(model);
    moments = make();
    await moments.start();
  });

  it('are none while nothing is recorded, and a mark says so', async () => {
    moments.alert('The disk fills.');
    await expect(moments.mark({ text: 'goal' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await record('r');
    expect(await moments.list('r')).toEqual([]);
  });

  it('are kept with what came on program by them, over a restart, and go with the recording', async () => {
    await record('r');
    clock.pass(2_000);
    const before = studioState({ program: { sourceId: 'film' } });
    moments.onProgram(before, studioState({ program: { sourceId: 'cam' } }), now());
    clock.pass(1_000);
    expect(await moments.mark({ text: 'goal' })).toEqual({ recordings: [{ recordingId: 'r', atMs: 3_000 }] });
    moments.alert('The disk fills.');
    await moments.stop();
    moments = make();
    await moments.start();
    expect(await moments.list('r')).toEqual([
      { atMs: 2_000, kind: 'take', text: 'Camera' }, { atMs: 3_000, kind: 'marker', text: 'goal' }, { atMs: 3_000, kind: 'alert', text: 'The disk fills.' },
    ]);
    expect(await moments.targetsAt('r', [1_000, 2_500])).toEqual([null, { sourceId: 'cam' }]);
    await model.change((draft) => draft.remove('recording', 'r'));
    await moments.forget();
    expect(await store.moments('r')).toEqual([]);
  });

  it('have no text longer than may be read again', async () => {
    await record('r');
    moments.alert('x'.repeat(201));
    expect((await moments.list('r')).map(({ text }) => text)).toEqual(['x'.repeat(200)]);
  });

  it('wait in memory while the disk is full, a bounded number of them; a mark is refused', async () => {
    await record('r');
    const put = store.putMoments.bind(store);
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }));
    store.putMoments = full;
    for (let i = 0; i < 600; i++) moments.alert(`alert ${i}`);
    await expect(moments.mark({})).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect((await moments.list('r')).length).toBe(500);
    expect(moments.lost).toBe(100);
    store.putMoments = put;
    expect((await moments.list('r')).at(-1)!.text).toBe('alert 599');
    expect((await store.moments('r')).length).toBe(500);
  });
});
