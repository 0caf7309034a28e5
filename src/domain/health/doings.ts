/** What was done, from two states of what is stored: sentences for the log of events. Names only, never keys. Pure. */
import { destinationsOnAir } from '../broadcast.js';
import { currentRecording } from '../desired.js';
import type { Document, StudioState } from '../documents.js';
import type { EventKind, Level } from '../../protocol/health.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { Happening } from './happenings.js';
import { bytes } from './words.js';

const done = (kind: EventKind, code: string, text: string, ids: string[] = [], level: Level = 'info'): Happening => ({ level, kind, code, text, ids });

/** @param byPerson somebody asked for it: else things that change by themselves, as a folder's timeline, are not told */
export function doings(before: StudioState, now: StudioState, byPerson: boolean): Happening[] {
  return [
    ...program(before, now), ...broadcast(before, now), ...recordings(before, now), ...(byPerson ? [...settings(before, now), ...things(before, now)] : []),
  ];
}

/** What everything is called, by id. */
export function namesOf({ sources, scenes, overlays, destinations, timelines, schedule, folders, inserts }: StudioState): Map<string, string> {
  const all: readonly { id: string; data: { name: string } }[][] = [sources, scenes, overlays, destinations, timelines, schedule, folders, inserts] as never;
  return new Map(all.flat().map(({ id, data }) => [id, data.name]));
}

export const targetId = (target: ProgramTarget): string => ('sourceId' in target ? target.sourceId : 'sceneId' in target ? target.sceneId : target.timelineId);

/** Of a source, scene or timeline. */
export const nameOf = ({ sources, scenes, timelines }: StudioState, id: string): string => [...sources, ...scenes, ...timelines].find((one) => one.id === id)?.data.name ?? id;

/** What is over everything; null: nothing is. */
export function emergencyName(state: StudioState): string | null {
  const { emergency } = state;
  if (!emergency) return null;
  return 'slate' in emergency.target ? 'the slate' : nameOf(state, targetId(emergency.target));
}

/** What is over everything, whatever it is called. */
const overAll = ({ emergency }: StudioState): string | null => emergency && ('slate' in emergency.target ? 'slate' : targetId(emergency.target));

/** Where the broadcast goes. */
export function placesOnAir({ broadcast: is, destinations }: StudioState): string {
  const onAir = new Set(destinationsOnAir(is, destinations));
  return destinations.filter(({ id }) => onAir.has(id)).map(({ data }) => data.name).join(', ') || 'no destination';
}

function program(before: StudioState, now: StudioState): Happening[] {
  const told: Happening[] = [];
  const name = (id: string): string => nameOf(now, id);
  const [was, is] = [targetId(before.program), targetId(now.program)];
  if (is !== was) told.push(done('program', 'TAKE', `On program: ${name(is)}.`, [is]));
  if (overAll(now) !== overAll(before)) {
    const called = emergencyName(now);
    told.push(called === null
      ? done('program', 'EMERGENCY_OVER', 'The emergency picture was released.')
      : done('program', 'EMERGENCY', `Emergency: ${called} is over everything.`, [], 'warning'));
  }
  if (now.black !== before.black) {
    told.push(now.black ? done('program', 'BLACK', 'All that goes out was faded to black.', [], 'warning') : done('program', 'BLACK_OVER', 'Black was lifted.'));
  }
  const airing = now.airings.at(-1);
  if (airing && !before.airings.some(({ insert }) => insert.airingId === airing.insert.airingId)) told.push(done('insert', 'INSERT', `Insert on air: ${airing.name}.`, [airing.insert.insertId]));
  return told;
}

function broadcast(before: StudioState, now: StudioState): Happening[] {
  const [was, is] = [before.broadcast.on, now.broadcast.on];
  if (is && !was) return [done('broadcast', 'BROADCAST_STARTED', `The broadcast was started to ${placesOnAir(now)}.`)];
  if (!is && was) return [done('broadcast', 'BROADCAST_ENDED', 'The broadcast was ended.')];
  return is && placesOnAir(before) !== placesOnAir(now) ? [done('broadcast', 'BROADCAST_PLACES', `The broadcast goes to ${placesOnAir(now)} now.`)] : [];
}

function recordings(before: StudioState, now: StudioState): Happening[] {
  const told: Happening[] = [];
  const [was, is] = [currentRecording(before)?.id, currentRecording(now)?.id];
  if (was !== undefined && was !== is) told.push(done('recording', 'RECORDING_ENDED', 'The recording was ended.', [was]));
  if (is !== undefined && was !== is) told.push(done('recording', 'RECORDING_STARTED', 'A recording was started.', [is]));
  if (before.recordings === now.recordings) return told;
  const last = new Map(before.recordings.map(({ id, data }) => [id, data.state]));
  for (const { id, data } of now.recordings) {
    if (last.get(id) === data.state || !last.has(id)) continue;
    if (data.state === 'ready') told.push(done('recording', 'RECORDING_READY', `A recording is ready: ${clock(data.durationMs ?? 0)}, ${bytes(data.bytes ?? 0)}.`, [id]));
    if (data.state === 'failed') told.push(done('recording', 'RECORDING_FAILED', `A recording could not be finished: ${data.error?.message ?? 'it says no reason.'}`, [id], 'error'));
  }
  return told;
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function settings(before: StudioState, now: StudioState): Happening[] {
  if (before.settings.revision === now.settings.revision) return [];
  const changes = differences(before.settings.data, now.settings.data);
  return changes.length === 0 ? [] : [done('settings', 'SETTINGS', `Settings changed: ${changes.slice(0, 6).join(', ')}${changes.length > 6 ? ' and more' : ''}.`)];
}

/** `encoder.bitrateKbps 6000 → 4500`. */
function differences(before: unknown, now: unknown, path: string[] = []): string[] {
  if (typeof before === 'object' && typeof now === 'object' && before !== null && now !== null && !Array.isArray(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences((before as Record<string, unknown>)[key], (now as Record<string, unknown>)[key], [...path, key]));
  }
  const [was, is] = [text(before), text(now)];
  return was === is ? [] : [`${path.join('.')} ${was} → ${is}`];
}

function text(value: unknown): string {
  const said = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  return said.length > 40 ? `${said.slice(0, 39)}…` : said;
}

const THINGS = [
  ['sources', 'Source', 'source'], ['scenes', 'Scene', 'program'], ['overlays', 'Overlay', 'program'], ['destinations', 'Destination', 'destination'],
  ['timelines', 'Timeline', 'program'], ['schedule', 'Event', 'schedule'], ['folders', 'Folder', 'source'], ['inserts', 'Insert', 'insert'],
] as const satisfies readonly (readonly [keyof StudioState, string, EventKind])[];

function things(before: StudioState, now: StudioState): Happening[] {
  return THINGS.flatMap(([list, called, kind]): Happening[] => {
    const last = new Map((before[list] as readonly Document<{ name: string }>[]).map((one) => [one.id, one]));
    const told: Happening[] = [];
    for (const one of now[list] as readonly Document<{ name: string }>[]) {
      const was = last.get(one.id);
      last.delete(one.id);
      if (was === one) continue;
      if (!was) told.push(done(kind, `${called.toUpperCase()}_MADE`, `${called} "${one.data.name}" was made.`, [one.id]));
      else if (was.revision !== one.revision) told.push(done(kind, `${called.toUpperCase()}_CHANGED`, `${called} "${one.data.name}" was changed.`, [one.id]));
    }
    for (const [id, { data }] of last) told.push(done(kind, `${called.toUpperCase()}_DELETED`, `${called} "${data.name}" was deleted.`, [id]));
    return told;
  });
}
