/** What a person can do. Each says what went wrong by a notice, and never throws. */
import { signal } from '@preact/signals';
import type { DestinationInput, PlatformInfo, Transition } from '../../protocol/resources.js';
import { request } from '../lib/api.js';
import { namingFields } from '../lib/words.js';
import { texts } from '../texts.js';
import { socket } from './session.js';
import { lastTake, notices, spoken, type Notice, type Target } from './state.js';

const NOTICE_MS = 8000;
let nextNotice = 1;

export function notify(about: string, text: string, tone: Notice['tone'] = 'bad'): void {
  const id = nextNotice++;
  notices.value = [...notices.value.filter((notice) => notice.about !== about).slice(-3), { id, tone, text, about }];
  setTimeout(() => dismiss(id), NOTICE_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Takes back what was said about earlier attempts at the same, once one works. @returns the answer, or undefined after a notice */
export async function attempt<T>(about: string, work: Promise<T>): Promise<T | undefined> {
  try {
    const answer = await work;
    notices.value = notices.value.filter((notice) => notice.about !== about);
    return answer;
  } catch (error) {
    notify(about, namingFields(error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}

// ---- program ------------------------------------------------------------------------------------------------------

const STORED = 'vistter.transition';

/** What the next take uses; remembered in this browser. */
export const transition = signal<Transition>(readTransition());

export function chooseTransition(next: Transition): void {
  transition.value = next;
  try {
    localStorage.setItem(STORED, JSON.stringify(next));
  } catch {
    // A browser that keeps nothing: it holds for this visit.
  }
}

function readTransition(): Transition {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? 'null');
    const { kind, durationMs } = stored as Transition;
    if (typeof kind === 'string' && Number.isInteger(durationMs)) return { kind, durationMs };
  } catch {
    // Nothing stored, or something else.
  }
  return { kind: 'cut', durationMs: 500 };
}

/** As it is asked for: a cut has no length. */
export const asSent = ({ kind, durationMs }: Transition): Partial<Transition> => (kind === 'cut' ? { kind } : { kind, durationMs });

/** Puts something on program at once. */
export async function take(target: Target): Promise<void> {
  const before = lastTake.value;
  const wanted = { target: target.key, frame: null };
  lastTake.value = wanted;
  const request = 'timelineId' in target.key
    ? socket.request('playback:control', { action: 'play', ...target.key, transition: asSent(transition.value) })
    : socket.request('camera:switch', { ...target.key, transition: asSent(transition.value) });
  const answer = await attempt('take', request);
  // A later take has come in between: it says what is on program.
  if (lastTake.value !== wanted) return;
  const frame = (answer as { frame?: unknown } | undefined)?.frame;
  lastTake.value = typeof frame === 'number' ? { target: target.key, frame } : before;
  if (typeof frame === 'number') spoken.value = texts.spoken.onProgram(target.name);
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

// ---- overlays -----------------------------------------------------------------------------------------------------

export const showOverlay = (overlayId: string, visible: boolean) => attempt('overlay', socket.request('overlay:control', { overlayId, visible }));
export const changeOverlay = (id: string, fields: object) => attempt('overlay', request('PATCH', `/overlays/${encodeURIComponent(id)}`, fields));

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

/** @returns a camera's stream key; null after a notice */
export async function revealKey(id: string): Promise<string | null> {
  const answer = await attempt('camera', request('POST', `/sources/${encodeURIComponent(id)}/reveal-key`));
  const key = (answer as { ingest?: { key?: unknown } } | undefined)?.ingest?.key;
  return typeof key === 'string' ? key : null;
}
