/**
 * What an operator did, in the log: on air and off it, recording, emergencies, inserts, and what was put on program; by names, never by keys.
 * And which processes come and go, as long as the product is not being stopped.
 */
import { destinationsOnAir } from '../domain/broadcast.js';
import { currentRecording } from '../domain/desired.js';
import type { StudioState } from '../domain/documents.js';
import type { Role } from '../protocol/link.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { Model } from './model.js';

/** What a line is about, as it stands in a state. */
interface Doings {
  on: boolean;
  /** Names of the destinations on air. */
  places: string;
  recordingId: string | null;
  program: string;
  /** What is over everything; null: nothing is. */
  emergency: string | null;
  /** The insert on air, or last on air: its airing, and what it is called. */
  insert: { airingId: string; name: string } | null;
}

/** The last to be started, so that it is the first to know of a stop. */
export class OperatorLog implements Owner {
  #last: Doings | undefined;
  #forget: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly model: Model, private readonly log: Log) {}

  /** Says what goes on again after a stop. */
  start(): void {
    const now = doings(this.model.state);
    this.#last = now;
    this.#forget = this.model.onChange(() => this.#changed(this.model.state));
    if (now.emergency !== null) this.log.info(`emergency: ${now.emergency} is over everything (as before the stop)`);
    if (now.on) this.log.info(`on air again to ${now.places} (as before the stop)`);
    if (now.recordingId !== null) this.log.info({ recording: now.recordingId }, 'recording again (as before the stop)');
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#forget?.()));
  }

  onPresence(role: Role, connected: boolean): void {
    // All of them go when the product is stopped: nothing to tell.
    if (this.#stopped) return;
    this.log.info({ process: role }, connected ? `the ${role} process is here` : `the ${role} process went away`);
  }

  /** Says what differs from the state before. */
  #changed(state: StudioState): void {
    const before = this.#last;
    const now = doings(state);
    this.#last = now;
    if (!before) return;
    if (now.emergency !== before.emergency) this.log.info(now.emergency === null ? 'the emergency picture is released' : `emergency: ${now.emergency} is over everything`);
    if (now.insert && now.insert.airingId !== before.insert?.airingId) this.log.info({ airing: now.insert.airingId }, `insert on air: ${now.insert.name}`);
    if (now.program !== before.program) this.log.info(`program: ${now.program}`);
    if (now.on && !before.on) this.log.info(`broadcast started to ${now.places}`);
    else if (now.on && now.places !== before.places) this.log.info(`the broadcast goes to ${now.places} now`);
    else if (!now.on && before.on) this.log.info('broadcast ended');
    if (now.recordingId === before.recordingId) return;
    if (before.recordingId !== null) this.log.info({ recording: before.recordingId }, 'recording ended');
    if (now.recordingId !== null) this.log.info({ recording: now.recordingId }, 'recording started');
  }
}

function doings(state: StudioState): Doings {
  const { broadcast, destinations, emergency } = state;
  const airing = state.airings.at(-1);
  const onAir = new Set(destinationsOnAir(broadcast, destinations));
  const names = destinations.filter(({ id }) => onAir.has(id)).map(({ data }) => data.name);
  return {
    on: broadcast.on, places: names.join(', ') || 'no destination', recordingId: currentRecording(state)?.id ?? null, program: nameOf(state, state.program) ?? 'nothing',
    emergency: emergency && ('slate' in emergency.target ? 'the slate' : (nameOf(state, emergency.target) ?? 'the slate')),
    insert: airing ? { airingId: airing.insert.airingId, name: airing.name } : null,
  };
}

/** Of what is on program, or over it. */
function nameOf({ sources, scenes, timelines }: StudioState, program: ProgramTarget): string | undefined {
  const named = <T extends { name: string }>(list: readonly { id: string; data: T }[], wanted: string) => list.find(({ id }) => id === wanted)?.data.name;
  if ('sourceId' in program) return named(sources, program.sourceId);
  return 'sceneId' in program ? named(scenes, program.sceneId) : named(timelines, program.timelineId);
}
