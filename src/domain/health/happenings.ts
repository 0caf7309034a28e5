/** What happened between two reports, in sentences for the log of events. Pure. */
import type { EventKind, Level } from '../../protocol/health.js';
import type { BroadcastStatus, DestinationStatus } from '../../protocol/status.js';

/** What happened, without when. */
export interface Happening {
  level: Level;
  kind: EventKind;
  code: string;
  text: string;
  ids: string[];
  /** It may come and go all day without anything being wrong: the log counts it for longer, though its sentence differs from one time to the next. */
  recurs?: boolean;
}

type Look = Omit<BroadcastStatus, 'warnings' | 'machine'>;

export function happenings(before: Look, now: Look, names: ReadonlyMap<string, string>): Happening[] {
  return [
    ...destinations(before, now, names), ...encoder(before, now), ...processes(before, now), ...recording(before, now), ...schedule(before, now, names), ...broadcast(before, now),
    ...timeline(before, now, names),
  ];
}

const happening = (level: Level, kind: EventKind, code: string, text: string, ids: string[] = []): Happening => ({ level, kind, code, text, ids });

function destinations(before: Look, now: Look, names: ReadonlyMap<string, string>): Happening[] {
  const last = new Map(before.destinations.map((one) => [one.id, one]));
  return now.destinations.flatMap((is): Happening[] => {
    const was = last.get(is.id)?.state ?? 'idle';
    if (was === is.state) return [];
    const told = destination(names.get(is.id) ?? 'A destination', is, was);
    return told ? [{ ...told, kind: 'destination', ids: [is.id] }] : [];
  });
}

function destination(name: string, { state, error, reconnects }: DestinationStatus, was: DestinationStatus['state']): Omit<Happening, 'kind' | 'ids'> | null {
  const why = error ? `: ${error.message}` : '.';
  switch (state) {
    case 'live': return { level: 'info', code: 'DESTINATION_LIVE', text: reconnects > 0 ? `${name} is live again.` : `${name} is live.` };
    case 'connecting': return was === 'idle' ? { level: 'info', code: 'DESTINATION_CONNECTING', text: `${name} is being connected.` } : null;
    case 'reconnecting': return was === 'failed' ? null : { level: 'warning', code: 'DESTINATION_LOST', text: `${name} is off and is being connected again${why}` };
    case 'failed': return { level: 'error', code: 'DESTINATION_FAILED', text: `${name} failed${why}` };
    case 'idle': return was === 'connecting' ? null : { level: 'info', code: 'DESTINATION_CLOSED', text: `${name} was disconnected.` };
    default: return state satisfies never;
  }
}

function encoder({ encoder: was }: Look, { encoder: is }: Look): Happening[] {
  if (!is) return [];
  if (is.state === 'failed' && was?.state !== 'failed') return [happening('error', 'encoder', 'ENCODER_FAILED', `The encoder cannot start: ${is.error?.message ?? 'it says no reason.'}`)];
  if (!was) return [];
  if (is.restarts > was.restarts) return [happening('warning', 'encoder', 'ENCODER_RESTARTED', `The encoder had to be started again${is.error ? `: ${is.error.message}` : '.'}`)];
  if (is.state === 'running' && was.state === 'failed') return [happening('info', 'encoder', 'ENCODER_RUNNING', 'The encoder runs again.')];
  return is.codec !== was.codec && was.codec !== '' ? [happening('info', 'encoder', 'ENCODER_CODEC', `The encoder is ${is.codec} now.`)] : [];
}

function processes(before: Look, now: Look): Happening[] {
  const last = new Map(before.processes.map((one) => [one.role, one]));
  return now.processes.flatMap(({ role, connected, restarts }): Happening[] => {
    const was = last.get(role);
    if (!was) return [];
    if (restarts > was.restarts) return [happening('warning', 'process', 'PROCESS_RESTARTED', `The ${role} process was started again and is back.`, [role])];
    if (connected === was.connected) return [];
    return connected
      ? [happening('info', 'process', 'PROCESS_HERE', `The ${role} process is here.`, [role])]
      : [happening('error', 'process', 'PROCESS_AWAY', `The ${role} process does not answer.`, [role])];
  });
}

function recording({ recording: was }: Look, { recording: is }: Look): Happening[] {
  if (!is.error || is.error.message === was.error?.message) return [];
  return [happening('error', 'recording', 'RECORDING_STOPPED', `The recording stopped by itself: ${is.error.message}`, is.id === null ? [] : [is.id])];
}

function schedule({ schedule: was }: Look, { schedule: is }: Look, names: ReadonlyMap<string, string>): Happening[] {
  const told: Happening[] = [];
  if (is.problem && is.problem.message !== was.problem?.message) told.push(happening('warning', 'schedule', 'SCHEDULE_PROBLEM', `The schedule cannot do what is due: ${is.problem.message}`));
  if (is.enabled !== was.enabled) told.push(happening('info', 'schedule', 'SCHEDULE_HELD', is.enabled ? 'The schedule goes on.' : 'The schedule is held.'));
  const { now } = is;
  if (now && (now.eventId !== was.now?.eventId || now.startsAt !== was.now.startsAt) && now.eventId !== null) {
    told.push(happening('info', 'schedule', 'SCHEDULE_EVENT', `Planned now: ${names.get(now.eventId) ?? 'an event'}.`, [now.eventId]));
  } else if (was.now?.eventId && !now?.eventId) told.push(happening('info', 'schedule', 'SCHEDULE_OVER', `The time of ${names.get(was.now.eventId) ?? 'an event'} is over.`, [was.now.eventId]));
  return told;
}

/** That it was wanted is told by who wanted it. */
function broadcast({ state: was }: Look, { state: is }: Look): Happening[] {
  if (is === 'live' && was !== 'live') return [happening('info', 'broadcast', 'BROADCAST_LIVE', 'The broadcast is live.')];
  return was === 'live' && is === 'starting' ? [happening('error', 'broadcast', 'BROADCAST_LOST', 'No destination is live any more.')] : [];
}

function timeline({ timeline: was }: Look, { timeline: is }: Look, names: ReadonlyMap<string, string>): Happening[] {
  if (!is || is.timelineId !== was?.timelineId) return [];
  const name = names.get(is.timelineId) ?? 'the timeline';
  if (is.failedClips > was.failedClips) return [happening('warning', 'program', 'CLIP_FAILED', `A clip of ${name} could not be played; the filler stood in.`, [is.timelineId])];
  return is.state === 'ended' && was.state !== 'ended' ? [happening('info', 'program', 'TIMELINE_ENDED', `${name} has ended.`, [is.timelineId])] : [];
}
