/** What public/first.js began before this code was here: coming in with the token of the address, and the connection. */
import type { SocketLike } from './socket.js';

interface First {
  /** It was taken out of the address; null: there was none. */
  token: string | null;
  /** Whether the studio took it. */
  loggedIn: Promise<boolean> | null;
  socket: WebSocket | null;
  /** What came over it, from the first word on. */
  heard: MessageEvent[];
}

const page = globalThis as { vistterFirst?: First };
const first = page.vistterFirst ?? { token: null, loggedIn: null, socket: null, heard: [] };
delete page.vistterFirst;

/** The token that the address brought, and whether it was right; undefined: it brought none. */
export const firstLogin = first.token === null ? undefined : { token: first.token, isIn: first.loggedIn ?? Promise.resolve(false) };

const OPEN = 1;

/** The connection, for the first who asks; undefined: there is none, or none any more. */
export function firstSocket(): SocketLike | undefined {
  const { socket, heard } = first;
  first.socket = null;
  if (!socket || socket.readyState > OPEN) return undefined;
  return Object.assign(socket, {
    catchUp() {
      if (socket.readyState !== OPEN) return;
      (socket as SocketLike).onopen?.(undefined as never);
      for (const event of heard.splice(0)) (socket as SocketLike).onmessage?.(event);
    },
  }) as SocketLike;
}
