/** The tally of a take that is on its way, comes, or fails. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDesk, type Desk } from './desk.js';

describe('a take', () => {
  let desk: Desk;
  let actions: typeof import('../../../../src/panel/store/actions.js');
  let switching: typeof import('../../../../src/panel/store/switching.js');
  let state: typeof import('../../../../src/panel/store/state.js');
  const target = (id: string) => ({ key: { sourceId: id }, id, name: id, kind: 'camera' as const });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      desk.sockets.at(-1)!.say({ type: 'ack', payload: {} });
      await vi.advanceTimersByTimeAsync(500);
    }
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    desk = await openDesk();
    actions = await import('../../../../src/panel/store/actions.js');
    switching = await import('../../../../src/panel/store/switching.js');
    state = await import('../../../../src/panel/store/state.js');
    desk.connect();
    state.status.value = { program: { sourceId: 'x', frame: 10 }, sources: [] } as unknown as NonNullable<typeof state.status.value>;
  });
  afterEach(async () => {
    (await import('../../../../src/panel/store/session.js')).socket.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is shown at once, and stays when it is answered', async () => {
    void actions.take(target('a'));
    expect(state.onProgram.value).toBe('a');
    desk.ack('camera:switch', { frame: 20, ptsMs: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect([state.onProgram.value, state.spoken.value]).toEqual(['a', 'a is on program']);
  });

  it('that fails gives way to the one before, where that was confirmed', async () => {
    void actions.take(target('a'));
    desk.ack('camera:switch', { frame: 20, ptsMs: 1 });
    await vi.advanceTimersByTimeAsync(0);
    void actions.take(target('b'));
    desk.refuse('camera:switch', 'ENGINE_AWAY', 'The engine is away.');
    await vi.advanceTimersByTimeAsync(0);
    expect(state.onProgram.value).toBe('a');
  });

  it('that fails after another one that was not answered leaves what is reported', async () => {
    const both = [actions.take(target('a')), actions.take(target('b'))];
    expect(state.onProgram.value).toBe('b');
    await pass(31_000);
    await Promise.all(both);
    expect(state.lastTake.value).toBeNull();
    expect(state.onProgram.value).toBe('x');
    expect(state.notices.value.map(({ text }) => text)).toEqual(['The studio did not answer in time. Look whether it was done before you try again.']);
  });

  it('of what is armed does the same', async () => {
    state.lastArm.value = { target: { sourceId: 'a' } };
    const both = [switching.cut(), actions.take(target('b'))];
    state.lastArm.value = { target: { sourceId: 'c' } };
    both.push(switching.auto());
    await pass(31_000);
    await Promise.all(both);
    expect(state.lastTake.value).toBeNull();
  });

  it('is forgotten when the connection goes', async () => {
    void actions.take(target('a'));
    desk.ack('camera:switch', { frame: 20, ptsMs: 1 });
    await vi.advanceTimersByTimeAsync(0);
    void actions.take(target('b'));
    desk.sockets.at(-1)!.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(state.lastTake.value).toBeNull();
  });

  it('that takes long is shown as coming, not as what is on program; and is told to be under way until it is answered', async () => {
    void actions.take({ ...target('tl'), key: { timelineId: 'tl' }, kind: 'timeline' });
    expect([state.onProgram.value, state.coming.value]).toEqual(['tl', null]);
    await pass(1000);
    expect([state.onProgram.value, state.coming.value]).toEqual(['x', 'tl']);
    await pass(9000);
    expect(state.notices.value.map(({ text, tone }) => [text, tone])).toEqual([['The studio is still at it …', 'busy']]);
    desk.ack('playback:control', { frame: 400, ptsMs: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect([state.onProgram.value, state.coming.value, state.notices.value]).toEqual(['tl', null, []]);
  });
});
