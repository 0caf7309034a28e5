/**
 * Going on air and off it, and recording: stores what is wanted, and follows what the destinations report. A stop does not wait for
 * the store: nobody is kept on air by a disk.
 */
import { destinationsOnAir, settleBroadcast } from '../../domain/broadcast.js';
import { currentRecording } from '../../domain/desired.js';
import { OFF_AIR } from '../../domain/documents.js';
import type { BroadcastStart } from '../../protocol/messages.js';
import type { BroadcastState } from '../../protocol/status.js';
import type { z } from 'zod';
import { ServerError } from '../../runtime/errors.js';
import { newRecordingId } from '../ids.js';
import type { Draft } from '../draft.js';
import type { Model } from '../model.js';
import type { ReportBook } from '../reports.js';

export class Broadcast {
  #state: BroadcastState = 'standby';

  constructor(
    private readonly model: Model,
    private readonly reports: ReportBook,
    private readonly onState: (state: BroadcastState) => void,
  ) {}

  get state(): BroadcastState {
    return this.#state;
  }

  /** Called whenever something was reported or stored. */
  settle(): void {
    const { state } = this.model;
    const reported = this.reports.get('egress')?.destinations ?? [];
    const onAir = new Set(destinationsOnAir(state.broadcast, state.destinations));
    const next = settleBroadcast(this.#state, {
      wanted: state.broadcast.on,
      anyLive: reported.some(({ id, state: s }) => onAir.has(id) && s === 'live'),
      anyOpen: reported.some(({ state: s }) => s === 'live' || s === 'connecting' || s === 'reconnecting'),
    });
    if (next === this.#state) return;
    this.#state = next;
    this.onState(next);
  }

  /**
   * Goes on air. While on air already it adds what is new: destinations that were not part of it, or a recording.
   * @throws ServerError NOT_FOUND, NO_DESTINATION, ALREADY_LIVE
   */
  async start(request: z.output<typeof BroadcastStart>): Promise<void> {
    await this.model.change((draft) => {
      const { broadcast, destinations } = draft.state;
      for (const id of request.destinationIds ?? []) draft.get('destination', id);
      const before = destinationsOnAir(broadcast, destinations);
      const enabled = destinations.filter(({ data }) => data.enabled).map(({ id }) => id);
      const wanted = request.destinationIds ?? enabled;
      if (wanted.length === 0) {
        throw new ServerError('NO_DESTINATION', 'There is no enabled destination to go live to. Add one, or enable one, then start again.');
      }
      const added = wanted.filter((id) => !before.includes(id));
      const record = request.record === true && !currentRecording(draft.state);
      if (broadcast.on && added.length === 0 && !record) throw new ServerError('ALREADY_LIVE', 'The broadcast is on already.');

      const recordingId = record ? beginRecording(draft) : broadcast.recordingId;
      // "Whatever is enabled" holds as long as nobody names destinations.
      const destinationIds = !request.destinationIds && (!broadcast.on || broadcast.destinationIds === null) ? null : [...new Set([...before, ...wanted])];
      draft.put('broadcast', { on: true, startedAt: broadcast.startedAt ?? draft.now, destinationIds, recordingId });
    });
    this.settle();
  }

  /** @throws ServerError NOT_LIVE */
  async stop(): Promise<void> {
    await this.model.changeAtOnce((draft) => {
      const { broadcast } = draft.state;
      if (!broadcast.on) throw new ServerError('NOT_LIVE', 'There is no broadcast to stop.');
      if (broadcast.recordingId && currentRecording(draft.state)?.id === broadcast.recordingId) endRecording(draft, broadcast.recordingId, this.reports);
      draft.put('broadcast', OFF_AIR);
    });
    this.settle();
  }

  /** @throws ServerError CONFLICT when one is running */
  async startRecording(): Promise<string> {
    return this.model.change((draft) => {
      if (currentRecording(draft.state)) throw new ServerError('CONFLICT', 'A recording is running already.');
      return beginRecording(draft);
    });
  }

  /** @throws ServerError CONFLICT when none is running */
  async stopRecording(): Promise<string> {
    return this.model.changeAtOnce((draft) => {
      const running = currentRecording(draft.state);
      if (!running) throw new ServerError('CONFLICT', 'Nothing is being recorded.');
      endRecording(draft, running.id, this.reports);
      return running.id;
    });
  }
}

function beginRecording(draft: Draft): string {
  const id = newRecordingId(new Date(draft.now));
  draft.create('recording', id, {
    state: 'recording', startedAt: draft.now, endedAt: null, durationMs: null, bytes: null, path: null, error: null,
    zeros: [], pauses: [], startedWith: draft.state.program,
  });
  return id;
}

/** Hands a recording over to be finished. */
function endRecording(draft: Draft, id: string, reports: ReportBook): void {
  const { data } = draft.get('recording', id);
  const reported = reports.get('egress')?.recording;
  const measured = reported?.id === id ? { durationMs: reported.durationMs, bytes: reported.bytes } : {};
  draft.update('recording', id, { ...data, ...measured, state: 'finishing', endedAt: draft.now });
}
