/** The panel's stores without a browser: what REST answers and what the websocket says is up to the test. */
import { vi } from 'vitest';
import { FakeSocket } from '../fake_socket.js';

export interface Asked {
  method: string;
  /** Below /api/v1. */
  path: string;
  body: unknown;
  headers: Headers;
}

/** What a test answers: JSON, a Response of its own, or a rejection as of a line that broke. */
export type Rest = (asked: Asked) => unknown;

export interface Desk {
  /** Those that were opened, the last is the one in use. */
  sockets: FakeSocket[];
  rest: Rest;
  /** Everything that was asked over REST. */
  asked: Asked[];
  /** Opens the websocket, and has the studio say something. @returns it */
  connect(): FakeSocket;
  /** What was asked over the websocket that is open, of one kind. */
  sent(type: string): FakeSocket['sent'];
  /** Answers the last request of that kind, or the one that is given. */
  ack(type: string, payload: unknown, which?: FakeSocket['sent'][0]): void;
  refuse(type: string, code: string, message: string): void;
}

export const refusal = (status: number, code: string, message: string): Response => Response.json({ error: { code, message } }, { status });

/**
 * A page that has just been loaded: modules of the panel that are imported after it are new ones.
 * Whoever calls it undoes `vi.unstubAllGlobals()` afterwards.
 */
export async function openDesk(): Promise<Desk> {
  vi.resetModules();
  const sockets: FakeSocket[] = [];
  vi.stubGlobal('location', new URL('http://studio.test/'));
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
  vi.stubGlobal('WebSocket', class extends FakeSocket {
    constructor() {
      super(null);
      sockets.push(this);
    }
  });
  const desk: Desk = {
    sockets, asked: [], rest: () => new Response(null, { status: 204 }),
    connect() {
      socket.start();
      const fake = sockets.at(-1)!;
      fake.open();
      fake.say({ type: 'ack', payload: {} });
      connection.value = 'open';
      return fake;
    },
    sent: (type) => sockets.at(-1)!.sent.filter((message) => message.type === type),
    ack: (type, payload, which = desk.sent(type).at(-1)!) => sockets.at(-1)!.say({ type: 'ack', id: which.id, payload }),
    refuse: (type, code, message) => sockets.at(-1)!.say({ type: 'error', id: desk.sent(type).at(-1)!.id, payload: { code, message } }),
  };
  vi.stubGlobal('fetch', async (url: string, { method = 'GET', body, headers, signal }: RequestInit = {}) => {
    const one: Asked = { method, path: url.replace('/api/v1', ''), body: typeof body === 'string' ? JSON.parse(body) : body, headers: new Headers(headers) };
    desk.asked.push(one);
    const ended = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    const answer = await Promise.race([desk.rest(one), ended]);
    return answer instanceof Response ? answer : Response.json(answer);
  });
  const { socket } = await import('../../../../src/panel/store/session.js');
  const { connection } = await import('../../../../src/panel/store/state.js');
  return desk;
}

/** Promises that are settled have been heard of. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
