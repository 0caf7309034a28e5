/** What a person can do. Each says what went wrong by a notice, and never throws. */
import type { DestinationInput, PlatformInfo, Transition } from '../../protocol/resources.js';
import { request, sentenceOf } from '../lib/api.js';
import { duration } from '../lib/words.js';
import { texts } from '../texts.js';
import { keptAs } from './kept.js';
import { logOut, socket } from './session.js';
import { lastTake, notices, spoken, type Notice, type Target } from './state.js';
import { beginTake } from './takes.js';

const NOTICE_MS = 8000;
/** What takes longer is said to be under way, so that nobody asks for it again. */
const UNDER_WAY_MS = 2000;
let nextNotice = 1;

export function notify(about: string, text: string, tone: Notice['tone'] = 'bad'): void {
  const id = nextNotice++;
  notices.value = [...notices.value.filter((notice) => notice.about !== about).slice(-3), { id, tone, text, about }];
  // What is under way is told for as long as it is.
  if (tone !== 'busy') setTimeout(() => dismiss(id), NOTICE_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** What was said about earlier attempts is not true any more. Mostly there is nothing, and then nobody who shows notices is to do anything. */
function withdraw(about: string): void {
  if (notices.value.some((notice) => notice.about === about)) notices.value = notices.value.filter((notice) => notice.about !== about);
}

/** Takes back what was said about earlier attempts at the same, once one works. @returns the answer, or undefined after a notice */
export async function attempt<T>(about: string, work: Promise<T>): Promise<T | undefined> {
  const slow = setTimeout(() => notify(about, texts.errors.underWay, 'busy'), UNDER_WAY_MS);
  try {
    const answer = await work;
    withdraw(about);
    return answer;
  } catch (error) {
    notify(about, sentenceOf(error));
    return undefined;
  } finally {
    clearTimeout(slow);
  }
}

/** Logs out of this browser; says so when that did not work. */
export async function leave(): Promise<void> {
  await logOut().catch((error: unknown) => notify('session', texts.shell.stillIn(sentenceOf(error))));
}

// ---- program ------------------------------------------------------------------------------------------------------

/** What the next take uses; remembered in this browser. */
export const transition = keptAs<Transition>('transition', readTransition, JSON.stringify);

export const chooseTransition = (next: Transition): void => { transition.value = next; };

function readTransition(text: string | null): Transition {
  try {
    const { kind, durationMs } = JSON.parse(text ?? 'null') as Transition;
    if (typeof kind === 'string' && Number.isInteger(durationMs)) return { kind, durationMs };
  } catch {
    // Nothing was kept, or something else.
  }
  return { kind: 'cut', durationMs: 500 };
}

/** As it is asked for: a cut has no length. */
export const asSent = ({ kind, durationMs }: Transition): Partial<Transition> => (kind === 'cut' ? { kind } : { kind, durationMs });

/** Puts something on program at once. */
export async function take(target: Target): Promise<void> {
  const end = beginTake(target.key);
  const request = 'timelineId' in target.key
    ? socket.request('playback:control', { action: 'play', ...target.key, transition: asSent(transition.value) })
    : socket.request('camera:switch', { ...target.key, transition: asSent(transition.value) });
  if (end(await attempt('take', request))) spoken.value = texts.spoken.onProgram(target.name);
}

export const beginEmergency = () => attempt('emergency', socket.request('playback:control', { action: 'emergency' }));
/** Of the emergency first; then of what lies over a timeline, which comes back with the transition that takes have. */
export async function release(what: 'emergency' | 'timeline'): Promise<void> {
  const how = what === 'emergency' ? {} : { transition: asSent(transition.value) };
  if (await attempt(what, socket.request('playback:control', { action: 'release', ...how })) && what === 'timeline') lastTake.value = null;
}

// ---- inserts ------------------------------------------------------------------------------------------------------

export async function airInsert(insertId: string, name: string): Promise<void> {
  if (await attempt('insert', socket.request('insert:control', { action: 'air', insertId }))) spoken.value = texts.spoken.insertOnAir(name);
}
export const stopInsert = () => attempt('insert', socket.request('insert:control', { action: 'stop' }));

// ---- broadcast and recording --------------------------------------------------------------------------------------

export const startBroadcast = () => attempt('broadcast', socket.request('broadcast:control', { action: 'start' }));
export const stopBroadcast = () => attempt('broadcast', socket.request('broadcast:control', { action: 'stop' }));
export const startRecording = () => attempt('record', socket.request('broadcast:control', { action: 'record-start' }));
export const stopRecording = () => attempt('record', socket.request('broadcast:control', { action: 'record-stop' }));

/** Marks this moment of the recording. */
export async function markMoment(): Promise<void> {
  const answer = await attempt('mark', socket.request('marker:add', {})) as { recordings?: { atMs: number }[] } | undefined;
  const at = answer?.recordings?.[0];
  if (at) notify('mark', texts.live.controls.marked(duration(at.atMs)), 'good');
}

// ---- overlays -----------------------------------------------------------------------------------------------------

export const showOverlay = (overlayId: string, visible: boolean) => attempt('overlay', socket.request('overlay:control', { overlayId, visible }));

// ---- destinations -------------------------------------------------------------------------------------------------

/** Platforms with what of the encoder's settings does not suit them; none when they cannot be read. */
export async function readPlatforms(): Promise<PlatformInfo[]> {
  const answer = await attempt('platforms', request('GET', '/platforms'));
  return (answer as { items?: PlatformInfo[] } | undefined)?.items ?? [];
}

/** @returns whether it was added */
export async function addDestination(input: DestinationInput): Promise<boolean> {
  return (await attempt('destination', request('POST', '/destinations', input))) !== undefined;
}

/** @returns whether it was changed */
export async function changeDestination(id: string, fields: Partial<DestinationInput>): Promise<boolean> {
  return (await attempt('destination', request('PATCH', `/destinations/${encodeURIComponent(id)}`, fields))) !== undefined;
}

export const deleteDestination = (id: string) => attempt('destination', request('DELETE', `/destinations/${encodeURIComponent(id)}`));

// ---- cameras ------------------------------------------------------------------------------------------------------

/** @returns whether it was added */
export async function addCamera(name: string): Promise<boolean> {
  return (await attempt('camera', request('POST', '/sources', { kind: 'camera', name }))) !== undefined;
}

/** @returns whether it is called so now; false after a notice */
export async function renameSource(id: string, name: string): Promise<boolean> {
  return (await attempt('source', request('PATCH', `/sources/${encodeURIComponent(id)}`, { name }))) !== undefined;
}

/** @returns a camera's stream key; null after a notice */
export async function revealKey(id: string): Promise<string | null> {
  const answer = await attempt('camera', request('POST', `/sources/${encodeURIComponent(id)}/reveal-key`));
  const key = (answer as { ingest?: { key?: unknown } } | undefined)?.ingest?.key;
  return typeof key === 'string' ? key : null;
}
