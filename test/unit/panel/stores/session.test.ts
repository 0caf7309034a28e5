/** Coming in and leaving. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDesk, refusal, type Desk } from './desk.js';

describe('a studio that tells its state in another way', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('has its own page loaded, once this one is not the one that it has just given', async () => {
    const desk = await openDesk();
    const session = await import('../../../../src/panel/store/session.js');
    let reloads = 0;
    vi.stubGlobal('location', Object.assign(new URL('http://studio.test/'), { reload: () => { reloads += 1; } }));
    const fake = desk.connect();
    const now = vi.spyOn(performance, 'now').mockReturnValue(5_000);
    fake.say({ type: 'state', payload: { rev: 1, snapshot: {} } });
    expect(reloads).toBe(0);
    now.mockReturnValue(60_000);
    fake.say({ type: 'state', payload: { rev: 1, snapshot: {} } });
    expect(reloads).toBe(1);
    session.socket.stop();
  });
});

describe('logging out', () => {
  let desk: Desk;
  let actions: typeof import('../../../../src/panel/store/actions.js');
  let state: typeof import('../../../../src/panel/store/state.js');

  beforeEach(async () => {
    desk = await openDesk();
    actions = await import('../../../../src/panel/store/actions.js');
    state = await import('../../../../src/panel/store/state.js');
    state.session.value = 'open';
  });
  afterEach(() => { vi.unstubAllGlobals(); });

  it('gives the cookie up and shows the login form', async () => {
    await actions.leave();
    expect(desk.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['DELETE /session']);
    expect(state.session.value).toBe('closed');
  });

  it('stays and says so when the studio did not hear of it: the cookie still holds', async () => {
    for (const answer of [() => Promise.reject(new TypeError('Failed to fetch')), () => refusal(500, 'INTERNAL', 'Something went wrong.')]) {
      desk.rest = answer;
      await actions.leave();
      expect(state.session.value).toBe('open');
    }
    expect(state.notices.value.at(-1)!.text).toBe('Something went wrong. You are not logged out: whoever sits down here next can still come in.');
  });

  it('is done where the cookie does not hold any more', async () => {
    desk.rest = () => refusal(401, 'UNAUTHORIZED', 'Log in.');
    await actions.leave();
    expect([state.session.value, state.notices.value]).toEqual(['closed', []]);
  });
});
