/** Coming in with the token, staying connected, and turning what the studio says into state. */
import { effect } from '@preact/signals';
import type { ServerMessage } from '../../protocol/messages.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { SoundPacket } from '../../protocol/sound-packet.js';
import { ApiError, request, sentenceOf, setReachable } from '../lib/api.js';
import { firstLogin, firstSocket } from '../lib/first.js';
import { LevelBoard } from '../lib/level-board.js';
import { applyPatch, type Operation } from '../lib/patch.js';
import { StudioSocket, type SocketLike } from '../lib/socket.js';
import { LateFilter } from '../lib/steady.js';
import { TileBoard } from '../lib/tiles.js';
import { Together } from '../lib/together.js';
import { heard, listening } from './events.js';
import { introduce } from './people.js';
import { connection, lastArm, lastTake, loginError, rev, session, silentSources, snapshot, status, targetId } from './state.js';

/** The one connection of this page. */
export const socket = new StudioSocket({
  events: { onMessage, onTile: (tile) => board.take(tile), onSound, onOpen, onClose: (wasOpen) => void onClose(wasOpen) },
  open: (from) => {
    const begun = firstSocket();
    if (begun) return begun;
    const url = new URL('/ws', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (from !== null) url.searchParams.set('rev', String(from));
    return Object.assign(new WebSocket(url), { binaryType: 'arraybuffer' }) as SocketLike;
  },
  rev: () => rev.value,
});

/** Pictures of sources, for whoever shows them. */
export const board = new TileBoard((multiview) => socket.tell('subscribe', { multiview }));

/** Levels of the program and of sources, for whoever draws them. */
export const levelBoard = new LevelBoard((ids) => { silentSources.value = ids; });

/** Pictures on their way to the screen: they are drawn with the meters, twenty times a second; without those as often by themselves. */
export const together = new Together(60);

/** Whoever plays what is listened to. */
export const soundPlayers = new Set<(packet: SoundPacket) => void>();

const lateFilter = new LateFilter();

/** Comes in with the token of the address, or the session that there is, and connects; without either the login form shows. */
export async function begin(): Promise<void> {
  effect(() => {
    if (session.value === 'open') socket.start();
    else if (session.value === 'closed') socket.stop();
  });
  effect(() => setReachable(connection.value !== 'lost'));
  effect(() => socket.tell('subscribe', { events: listening.value }));
  effect(() => introduce((name, what) => { if (connection.value === 'open') socket.tell('operator', { name, what }); }));
  document.addEventListener('visibilitychange', () => {
    const isVisible = document.visibilityState === 'visible';
    board.setVisible(isVisible);
    levelBoard.clear();
    socket.tell('subscribe', { levels: isVisible });
    if (isVisible) socket.hurry();
  });
  addEventListener('online', () => socket.hurry());
  // What failed there is asked once more, as here it can be told why.
  if (firstLogin && (await firstLogin.isIn || await logIn(firstLogin.token))) session.value = 'open';
  // Whether this browser may come in, the connection says.
  else socket.start();
}

/** @returns whether the token was right; else `loginError` says why not */
export async function logIn(token: string): Promise<boolean> {
  loginError.value = null;
  try {
    await request('POST', '/session', { token });
    session.value = 'open';
    return true;
  } catch (error) {
    loginError.value = sentenceOf(error);
    return false;
  }
}

/** Gives the cookie up. @throws ApiError when the studio did not hear of it: the cookie holds, and the session stays */
export async function logOut(): Promise<void> {
  try {
    await request('DELETE', '/session');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  snapshot.value = null;
  rev.value = null;
  status.value = null;
  session.value = 'closed';
}

/** A refused websocket does not say why: ask where an answer can be read. */
async function check(): Promise<void> {
  try {
    await request('GET', '/broadcast');
    session.value = 'open';
  } catch (error) {
    // Not reachable: it stays as it is, and whether a session holds is asked again with the next connection that fails.
    if (!(error instanceof ApiError) || error.status !== 401) return;
    session.value = 'closed';
    connection.value = 'connecting';
  }
}

function onOpen(): void {
  session.value = 'open';
  socket.tell('subscribe', { levels: document.visibilityState === 'visible', multiview: board.wishes(), events: listening.value });
}

async function onClose(wasOpen: boolean): Promise<void> {
  connection.value = 'lost';
  // What was true a moment ago is not to be taken for what is.
  status.value = null;
  levelBoard.clear();
  lastArm.value = null;
  lastTake.value = null;
  if (!wasOpen) await check();
}

function onSound(packet: SoundPacket): void {
  for (const take of soundPlayers) take(packet);
}

function onMessage(message: ServerMessage): void {
  // What was missed comes first: what is shown from now on is true.
  if (message.type !== 'state') connection.value = 'open';
  switch (message.type) {
    case 'state':
      return onState(message.payload);
    case 'broadcast:status': {
      const nowMs = performance.now();
      const { sources } = message.payload;
      status.value = { ...message.payload, sources: lateFilter.apply(sources, nowMs) };
      const take = lastTake.value;
      const { program } = message.payload;
      // The report has caught up with the take, or the engine began anew and counts from elsewhere.
      if (take && take.frame !== null && (!program || program.frame >= take.frame || (program.sourceId ?? program.sceneId ?? program.timelineId) === targetId(take.target))) lastTake.value = null;
      return;
    }
    case 'audio:levels': {
      levelBoard.take(message.payload.levels, performance.now());
      together.draw();
      return;
    }
    case 'event':
      heard(message.payload);
      return;
    case 'ack':
    case 'error':
      return;
    default:
      message satisfies never;
  }
}

/** The panel that the studio serves, as it said first: this one. */
let served: string | undefined;

function onState(payload: Extract<ServerMessage, { type: 'state' }>['payload']): void {
  if ('snapshot' in payload) {
    served ??= payload.page;
    // The studio is of another version now: its own page knows how to read what it says. The browser asks where something is not stored yet.
    if (payload.page !== served) {
      location.reload();
      return;
    }
    snapshot.value = payload.snapshot;
    rev.value = payload.rev;
    return;
  }
  try {
    if (!snapshot.value || payload.rev !== (rev.value ?? 0) + 1) throw new Error('a patch is missing');
    const before = snapshot.value;
    snapshot.value = applyPatch(before, payload.patch as Operation[]);
    rev.value = payload.rev;
    showTake(before.program, snapshot.value.program);
  } catch {
    rev.value = null;
    socket.restart();
  }
}

/** Reports that say nothing of a take for so long have caught up with it, whatever came of it. */
const REPORTED_MS = 3_000;

/** What somebody else took is shown at once, though reports come once a second; of a take of one's own the answer tells. */
function showTake(before: ProgramTarget, now: ProgramTarget): void {
  const take = lastTake.value;
  if (targetId(before) === targetId(now) || (take && (take.frame === null || targetId(take.target) === targetId(now)))) return;
  const program = status.value?.program;
  if (program) lastTake.value = { target: now, frame: program.frame + Math.round((REPORTED_MS * (snapshot.value?.settings.video.fps ?? 0)) / 1000) };
}
