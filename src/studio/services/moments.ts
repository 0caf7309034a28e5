/**
 * What is done and what happens while something is recorded, kept with the recording: takes, overrides, inserts, alerts and marks. Each is written at once;
 * a mark is on the disk before it is answered.
 */
import { currentRecording } from '../../domain/desired.js';
import { noted, recordedAtMs, recordedMoments, spansWith, targetAt, type Noted, type StoredMoment } from '../../domain/moments.js';
import type { Moment } from '../../domain/playback.js';
import type { StudioState } from '../../domain/documents.js';
import { MAX_MOMENTS, type MarkerAdd, type MarkerAdded, type RecordedMoment } from '../../protocol/highlights.js';
import type { ProgramTarget } from '../../protocol/status.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { Model } from '../model.js';
import { unstored } from '../store/fault.js';
import type { Store } from '../store/store.js';

/** What finds no room on a full disk waits in memory. */
const MOST_WAITING = 500;
const LONGEST_TEXT = 200;

export interface MomentsOptions {
  store: Pick<Store, 'putMoments' | 'moments' | 'keepMomentsOf'>;
  model: Model;
  log: Log;
  now(): Moment;
}

export class Moments implements Owner {
  #waiting: StoredMoment[] = [];
  #writing: Promise<void> | undefined;
  #isTold = false;
  #stopped: Promise<void> | undefined;
  /** Since the start of the studio: those kept, by kind; and those given up, as there was no room for so long, or the recording had as many as it may. */
  readonly kept: Record<Noted['kind'], number> = { take: 0, override: 0, marker: 0, alert: 0, insert: 0 };
  lost = 0;

  constructor(private readonly options: MomentsOptions) {}

  /** Those of recordings that were deleted while nobody could tidy up. */
  async start(): Promise<void> {
    await this.#tidy();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.settled());
  }

  /** Resolves when all that waits is written, or cannot be. */
  async settled(): Promise<void> {
    await this.#writing;
    await this.#begin();
  }

  /** Something came on program, or over it. */
  onProgram(before: StudioState, now: StudioState, at: Moment): void {
    for (const one of noted(before, now)) this.#note(one, at);
  }

  /** Something that a person should act on. */
  alert(text: string): void {
    this.#note({ kind: 'alert', text, target: null }, this.options.now());
  }

  /** Puts a mark on this moment of the recording. @throws ServerError CONFLICT when nothing is recorded, or it has as many moments as it may; DISK_FULL, DISK_ERROR */
  async mark({ text }: MarkerAdd): Promise<MarkerAdded> {
    const { model, store, now } = this.options;
    const at = now();
    const running = currentRecording(model.state);
    if (!running) throw new ServerError('CONFLICT', 'Nothing is being recorded, so there is nothing to mark. Start a recording first.');
    const moment: StoredMoment = { recordingId: running.id, at, kind: 'marker', text: text ?? '', target: null };
    const written = await store.putMoments([moment], MAX_MOMENTS).catch((cause: unknown) => { throw unstored(cause, 'The mark'); });
    if (written === 0) throw new ServerError('CONFLICT', `This recording has ${MAX_MOMENTS} moments already: no more are kept.`);
    this.kept.marker += 1;
    return { recordings: [{ recordingId: running.id, atMs: recordedAtMs(model.get('recording', running.id).data, at) }] };
  }

  /** @throws ServerError NOT_FOUND */
  async list(recordingId: string): Promise<RecordedMoment[]> {
    const { data } = this.options.model.get('recording', recordingId);
    return recordedMoments(data, await this.#of(recordingId));
  }

  /** What was on program at moments of a recording's file; null: nobody knows. */
  async targetsAt(recordingId: string, atMs: readonly number[]): Promise<(ProgramTarget | null)[]> {
    const { data } = this.options.model.get('recording', recordingId);
    const moments = await this.#of(recordingId);
    return atMs.map((one) => targetAt(data, moments, one));
  }

  /** Stretches of a recording's file in which such a one was on program, by time. */
  async spansWith(recordingId: string, isWanted: (target: ProgramTarget | null) => boolean): Promise<{ startMs: number; endMs: number }[]> {
    const { data } = this.options.model.get('recording', recordingId);
    return spansWith(data, await this.#of(recordingId), isWanted);
  }

  /** A recording was deleted. */
  async forget(): Promise<void> {
    await this.#tidy().catch((error: unknown) => this.options.log.warn({ problem: toProblem(error).message }, 'moments of deleted recordings could not be removed; the next start tries again'));
  }

  async #of(recordingId: string): Promise<StoredMoment[]> {
    await this.settled();
    return [...(await this.options.store.moments(recordingId)), ...this.#waiting.filter((one) => one.recordingId === recordingId)];
  }

  #tidy(): Promise<void> {
    const { store, model } = this.options;
    return store.keepMomentsOf(model.state.recordings.map(({ id }) => id));
  }

  #note(one: Noted, at: Moment): void {
    const running = currentRecording(this.options.model.state);
    if (!running || this.#stopped) return;
    this.#waiting.push({ ...one, text: one.text.slice(0, LONGEST_TEXT), recordingId: running.id, at });
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.lost += 1;
    }
    void this.#begin();
  }

  /** One at a time. */
  #begin(): Promise<void> {
    return (this.#writing ??= this.#write().finally(() => { this.#writing = undefined; }));
  }

  /** What could not be written waits for the next moment, or for whoever reads. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = [...this.#waiting];
      try {
        const written = await this.options.store.putMoments(batch, MAX_MOMENTS);
        this.lost += batch.length - written;
      } catch (error) {
        if (!this.#isTold) this.options.log.warn({ problem: toProblem(error).message }, 'moments of the recording cannot be stored; the newest are kept in memory');
        this.#isTold = true;
        return;
      }
      this.#isTold = false;
      for (const { kind } of batch) this.kept[kind] += 1;
      this.#waiting = this.#waiting.filter((one) => !batch.includes(one));
    }
  }
}
