/** Recordings: what was written, where it lies, and the bookkeeping from "recording" over "finishing" to "ready". */
import { rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { currentRecording, isToBeFinished } from '../../domain/desired.js';
import type { DocumentOf } from '../../domain/documents.js';
import { toRecording } from '../../domain/resources.js';
import type { EgressActual, SidecarActual } from '../../protocol/link.js';
import type { Recording } from '../../protocol/resources.js';
import type { Problem } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { Paths } from '../../runtime/paths.js';
import type { Model } from '../model.js';

/** What cannot be stored is tried again at each report, and complained of this often. */
const COMPLAIN_EVERY_MS = 60_000;
/** Boots of the machine that one recording outlives. */
const MOST_ZEROS = 50;

export class Recordings {
  /** Stops and finishes that are being stored, so that a report a second later does not store them again. */
  readonly #underWay = new Set<string>();
  #complainedAtMs = -Infinity;

  constructor(
    private readonly model: Model,
    private readonly paths: Paths,
    private readonly log: Log,
    private readonly clock: Clock,
    /** Of this boot of the machine. */
    private readonly bootId: string,
    /** What else there is of it is to go. */
    private readonly onRemoved: (id: string) => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Newest first. */
  list(): Recording[] {
    return this.model.state.recordings.map(toRecording).reverse();
  }

  get(id: string): Recording {
    return toRecording(this.model.get('recording', id));
  }

  /** Absolute path of the finished file. @throws ServerError CONFLICT while there is none */
  file(id: string): string {
    const { state, path, error } = this.get(id);
    if (path === null && error?.code === 'RECORDING_EMPTY') throw new ServerError('CONFLICT', error.message);
    if (path === null) throw new ServerError('CONFLICT', state === 'failed' ? 'This recording could not be finished; what was written lies in its folder.' : 'This recording is not finished yet.');
    const file = join(this.paths.home, path);
    if (!file.startsWith(this.paths.recordings + sep)) throw new ServerError('NOT_FOUND', 'The file of this recording is not in the recordings folder.');
    return file;
  }

  /**
   * Deletes it with its files; one whose files are gone already as well. The files go first: so what frees a full disk needs no room
   * on it, and what lies on the disk is in the list as long as any of it is there.
   * @throws ServerError IN_USE while it is being written, DISK_ERROR when its files cannot be deleted
   */
  async remove(id: string): Promise<void> {
    const found = this.model.get('recording', id);
    assertRemovable(found);
    await this.#removeFiles(found);
    await this.model.change((draft) => {
      draft.remove('recording', id);
      draft.remove('analysis', id);
    });
    await this.onRemoved(id);
  }

  async #removeFiles({ id, data: { path } }: DocumentOf<'recording'>): Promise<void> {
    const folder = this.paths.recording(id);
    try {
      // The sidecar may be about to end its work in it.
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      const file = path === null ? null : join(this.paths.home, path);
      if (file?.startsWith(this.paths.recordings + sep)) await rm(file, { force: true });
    } catch (cause) {
      throw new ServerError('DISK_ERROR', `The recording could not be deleted: ${(cause as Error).message}. Its files lie in ${folder}; try again, or delete that folder and then the recording.`, { cause });
    }
  }

  /**
   * Egress cannot write, as on a full disk. The recording stays wanted, since egress goes on in a new part as soon as it
   * can; that something is missing from it is kept with it.
   */
  onEgress({ recording }: EgressActual): void {
    const running = currentRecording(this.model.state);
    // Also of one that is being closed: it may have been too short for an earlier report.
    if (recording.id !== null && recording.zeroMs !== undefined) this.#begins(recording.id, recording.zeroMs);
    if (!running || recording.state !== 'stopped' || recording.id !== running.id) return;
    const error = recording.error ?? { code: 'DISK_ERROR', message: 'The recorder stopped.' };
    if (this.model.find('recording', running.id)?.data.error?.code === error.code) return;
    this.#once(running.id, 'that the recorder had to stop', () => this.model.change((draft) => {
      const { data } = draft.get('recording', running.id);
      if (data.state === 'recording') draft.update('recording', running.id, { ...data, error });
    }));
  }

  /** The sidecar has finished some, or could not, or waits to try again. */
  onSidecar({ recordings }: SidecarActual): void {
    for (const report of recordings) {
      const known = this.model.find('recording', report.recordingId);
      if (!known || !isToBeFinished(known.data)) continue;
      const { state, path } = report;
      if (state === 'working') {
        if (report.error || known.data.state === 'failed') this.#waits(known, report.error ?? null);
        continue;
      }
      if (state === known.data.state && report.error?.code === known.data.error?.code) continue;
      this.#once(known.id, 'that a recording is finished', () => this.model.change((draft) => {
        const { data } = draft.get('recording', known.id);
        // What was wrong on the way, as a full disk, is over when there is a file.
        const error = report.error ?? (state === 'ready' ? null : data.error);
        // What the recorder had written is still there where no file could be made of it.
        const partsAreKept = state === 'failed' && error?.code !== 'RECORDING_EMPTY';
        const { durationMs, bytes } = partsAreKept ? data : report;
        draft.update('recording', known.id, { ...data, state, durationMs, bytes, path, error, pauses: report.pauses ?? data.pauses });
      }));
    }
  }

  /** The recorder says when its first frame was due. */
  #begins(id: string, programMs: number): void {
    const bootId = this.bootId;
    const known = this.model.find('recording', id);
    if (!known || known.data.zeros.some((zero) => zero.bootId === bootId && zero.programMs === programMs)) return;
    this.#once(id, 'when a recording begins', () => this.model.change((draft) => {
      const { data } = draft.get('recording', id);
      draft.update('recording', id, { ...data, zeros: [...data.zeros.filter((zero) => zero.bootId !== bootId), { bootId, programMs }].slice(-MOST_ZEROS) });
    }));
  }

  #waits({ id, data: { state, error: before } }: DocumentOf<'recording'>, error: Problem | null): void {
    if (state === 'finishing' && before?.code === error?.code && before?.message === error?.message) return;
    this.#once(id, 'why a recording is not finished yet', () => this.model.change((draft) => {
      const { data } = draft.get('recording', id);
      if (isToBeFinished(data)) draft.update('recording', id, { ...data, state: 'finishing', error });
    }));
  }

  #once(id: string, what: string, work: () => Promise<unknown>): void {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    work()
      .catch((error: unknown) => {
        const nowMs = this.clock.monotonicMs();
        if (nowMs - this.#complainedAtMs < COMPLAIN_EVERY_MS) return;
        this.#complainedAtMs = nowMs;
        this.log.error({ problem: toProblem(error).message, recording: id }, `${what} could not be stored; it is tried again`);
      })
      .finally(() => this.#underWay.delete(id));
  }
}

/** What the finishing waits for; the recording may go meanwhile. */
const WAITING = ['DISK_FULL', 'DISK_READ_ONLY', 'REMUX_KILLED'];

/** @throws ServerError IN_USE */
function assertRemovable({ data: { state, error } }: DocumentOf<'recording'>): void {
  if (state === 'recording' || (state === 'finishing' && !WAITING.includes(error?.code ?? ''))) {
    throw new ServerError('IN_USE', 'This recording is still being written. Stop it, and wait until it is ready.');
  }
}
