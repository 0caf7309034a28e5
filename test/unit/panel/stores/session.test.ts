/** Coming in and leaving. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSocket } from '../fake_socket.js';
import { openDesk, refusal, settled, type Desk } from './desk.js';

/** What public/first.js has begun by the time that the page's own code comes. */
async function begun(first: { token: string | null; isIn?: boolean; socket?: FakeSocket; heard?: { data: string }[] }): Promise<{ desk: Desk; state: typeof import('../../../../src/panel/store/state.js'); session: typeof import('../../../../src/panel/store/session.js') }> {
  vi.stubGlobal('vistterFirst', { token: first.token, loggedIn: first.isIn === undefined ? null : Promise.resolve(first.isIn), socket: first.socket ?? null, heard: first.heard ?? [] });
  const desk = await openDesk();
  return { desk, state: await import('../../../../src/panel/store/state.js'), session: await import('../../../../src/panel/store/session.js') };
}

describe('coming in', () => {
  let stop = () => {};
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
  });

  it('takes over the connection that was begun before, and what was said over it is there at once', async () => {
    const socket = new FakeSocket(null);
    socket.readyState = 1;
    const { desk, state, session } = await begun({ token: null, socket, heard: [{ data: '{"type":"state","payload":{"rev":3,"patch":[]}}' }, { data: '{"type":"event","payload":{}}' }] });
    stop = () => session.socket.stop();
    void session.begin();
    expect([desk.sockets, state.session.value]).toEqual([[], 'open']);
    expect(socket.sent.map(({ type }) => type)).toContain('subscribe');
    // A patch without a snapshot before it: a whole one is asked for over a connection of its own.
    expect(socket.readyState).toBe(3);
    expect(desk.asked).toEqual([]);
  });

  it('waits for a connection that is not open yet', async () => {
    const socket = new FakeSocket(null);
    const { desk, state, session } = await begun({ token: null, socket });
    stop = () => session.socket.stop();
    void session.begin();
    expect([desk.sockets, state.session.value]).toEqual([[], 'checking']);
    socket.open();
    expect(state.session.value).toBe('open');
  });

  it('asks for the token where the connection is refused, and connects once it is given', async () => {
    const { desk, state, session } = await begun({ token: null, socket: Object.assign(new FakeSocket(null), { readyState: 3 }) });
    stop = () => session.socket.stop();
    desk.rest = ({ method }) => (method === 'GET' ? refusal(401, 'UNAUTHORIZED', 'Log in.') : {});
    void session.begin();
    desk.sockets[0]!.close();
    await settled();
    await settled();
    expect([state.session.value, state.connection.value]).toEqual(['closed', 'connecting']);
    await session.logIn('right');
    expect(desk.sockets).toHaveLength(2);
    desk.sockets[1]!.open();
    expect(state.session.value).toBe('open');
  });

  it('takes the login with the address\'s token for done, and tries once more where it was not', async () => {
    const socket = new FakeSocket(null);
    const { desk, state, session } = await begun({ token: 'right', isIn: true, socket });
    await session.begin();
    expect([desk.asked, desk.sockets, state.session.value]).toEqual([[], [], 'open']);
    session.socket.stop();
    vi.unstubAllGlobals();
    const other = await begun({ token: 'wrong', isIn: false });
    stop = () => other.session.socket.stop();
    other.desk.rest = () => refusal(401, 'UNAUTHORIZED', 'This is not the operator\'s token.');
    await other.session.begin();
    expect(other.desk.asked.map(({ method, path, body }) => [method, path, body])).toEqual([['POST', '/session', { token: 'wrong' }]]);
    expect(other.state.loginError.value).toBe('This is not the operator\'s token.');
    other.desk.sockets[0]!.close();
    await settled();
    await settled();
    expect(other.state.session.value).toBe('closed');
  });
});

describe('a studio that has another panel than the one it had', () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it('has that one loaded; one that is the same when it is back has not', async () => {
    const { desk, session } = await begun({ token: null });
    let reloads = 0;
    vi.stubGlobal('location', Object.assign(new URL('http://studio.test/'), { reload: () => { reloads += 1; } }));
    const fake = desk.connect();
    const seen: number[] = [];
    for (const page of ['a', 'a', 'b']) {
      fake.say({ type: 'state', payload: { rev: 1, page, snapshot: {} } });
      seen.push(reloads);
    }
    expect(seen).toEqual([0, 0, 1]);
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
