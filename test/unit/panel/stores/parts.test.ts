/** Who shows a part of the state has work to do when that part changes, and none with each take or report. */
import { effect } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDesk, type Desk } from './desk.js';

const PARTS = ['settings', 'broadcast', 'isBlack', 'sources', 'scenes', 'overlays', 'destinations', 'recordings', 'timelines', 'inserts', 'targets', 'timelineTargets'] as const;

describe('a take', () => {
  let desk: Desk;
  let state: typeof import('../../../../src/panel/store/state.js');
  let actions: typeof import('../../../../src/panel/store/actions.js');

  beforeEach(async () => {
    desk = await openDesk();
    state = await import('../../../../src/panel/store/state.js');
    actions = await import('../../../../src/panel/store/actions.js');
    desk.connect();
    const thing = { createdAt: '2026-05-01T10:00:00.000Z' };
    state.snapshot.value = {
      sources: [{ id: 'a', name: 'A', kind: 'camera', ...thing }, { id: 'b', name: 'B', kind: 'camera', ...thing }], scenes: [], overlays: [], destinations: [], recordings: [], timelines: [], inserts: [],
      settings: { video: { fps: 30 } }, broadcast: { state: 'standby' }, black: false, program: { sourceId: 'a' }, preview: null, emergency: null, override: null,
    } as unknown as NonNullable<typeof state.snapshot.value>;
    state.rev.value = 1;
  });
  afterEach(async () => {
    (await import('../../../../src/panel/store/session.js')).socket.stop();
    vi.unstubAllGlobals();
  });

  it('is told to who shows what is on program, and to nobody else', async () => {
    const told: string[] = [];
    const ends = [...PARTS, 'notices' as const].map((part) => effect(() => {
      void state[part].value;
      told.push(part);
    }));
    ends.push(effect(() => { told.push(`on program: ${state.onProgram.value}`); }));
    told.length = 0;
    const taken = actions.take({ key: { sourceId: 'b' }, id: 'b', name: 'B', kind: 'camera' });
    desk.ack('camera:switch', { frame: 20, ptsMs: 1 });
    await taken;
    desk.sockets.at(-1)!.say({ type: 'state', payload: { rev: 2, patch: [{ op: 'replace', path: '/program/sourceId', value: 'b' }] } });
    expect([state.snapshot.value?.program, told]).toEqual([{ sourceId: 'b' }, ['on program: b']]);
    // And what does change is told.
    desk.sockets.at(-1)!.say({ type: 'state', payload: { rev: 3, patch: [{ op: 'replace', path: '/settings/video/fps', value: 25 }] } });
    expect(told).toEqual(['on program: b', 'settings']);
    for (const end of ends) end();
  });

  it('changes what is on air, and a report that says the same does not', () => {
    const told: string[][] = [];
    const report = (onAir: string[]) => { state.status.value = { program: { timelineId: 'evening', frame: 1 }, onAir, sources: [] } as unknown as NonNullable<typeof state.status.value>; };
    report(['a', 'b']);
    const end = effect(() => { told.push([...state.onAirSources.value]); });
    for (const onAir of [['a', 'b'], ['b', 'a'], ['b'], ['b'], ['a']]) report(onAir);
    expect(told).toEqual([['a', 'b'], ['b'], ['a']]);
    end();
  });
});
