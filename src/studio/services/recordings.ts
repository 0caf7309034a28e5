/** Recordings: what was written, where it lies, and the bookkeeping from "recording" over "finishing" to "ready". */
import { rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { currentRecording } from '../../domain/desired.js';
import { toRecording } from '../../domain/resources.js';
import type { EgressActual, SidecarActual } from '../../protocol/link.js';
import type { Recording } from '../../protocol/resources.js';
import { ServerError } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { Paths } from '../../runtime/paths.js';
import type { Model } from '../model.js';

export class Recordings {
  /** Stops and finishes that are being stored, so that a report a second later does not store them again. */
  readonly #underWay = new Set<string>();

  constructor(
    private readonly model: Model,
    private readonly paths: Paths,
    private readonly log: Log,
  ) {}

  /** Newest first. */
  list(): Recording[] {
    return this.model.state.recordings.map(toRecording).reverse();
  }

  get(id: string): Recording {
    const found = this.model.find('recording', id);
    if (!found) throw new ServerError('NOT_FOUND', `There is no recording ${id}.`);
    return toRecording(found);
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

  /** Deletes it with its files. @throws ServerError IN_USE while it is being written */
  async remove(id: string): Promise<void> {
    const { path } = await this.model.change((draft) => {
      const { data } = draft.get('recording', id);
      if (data.state === 'recording' || data.state === 'finishing') throw new ServerError('IN_USE', 'This recording is still being written. Stop it, and wait until it is ready.');
      draft.remove('recording', id);
      return data;
    });
    await rm(this.paths.recording(id), { recursive: true, force: true });
    const file = path === null ? null : join(this.paths.home, path);
    if (file?.startsWith(this.paths.recordings + sep)) await rm(file, { force: true });
  }

  /**
   * Egress cannot write, as on a full disk. The recording stays wanted, since egress goes on in a new part as soon as it
   * can; that something is missing from it is kept with it.
   */
  onEgress({ recording }: EgressActual): void {
    const running = currentRecording(this.model.state);
    if (!running || recording.state !== 'stopped' || recording.id !== running.id) return;
    const error = recording.error ?? { code: 'DISK_ERROR', message: 'The recorder stopped.' };
    if (this.model.find('recording', running.id)?.data.error?.code === error.code) return;
    this.#once(running.id, () => this.model.change((draft) => {
      const { data } = draft.get('recording', running.id);
      if (data.state === 'recording') draft.update('recording', running.id, { ...data, error });
    }));
  }

  /** The sidecar has finished some, or could not. */
  onSidecar({ recordings }: SidecarActual): void {
    for (const report of recordings) {
      const known = this.model.find('recording', report.recordingId);
      if (report.state === 'working' || known?.data.state !== 'finishing') continue;
      this.#once(known.id, () => this.model.change((draft) => {
        const { data } = draft.get('recording', known.id);
        draft.update('recording', known.id, {
          ...data, state: report.state === 'ready' ? 'ready' : 'failed', durationMs: report.durationMs, bytes: report.bytes,
          path: report.path, error: report.error ?? data.error,
        });
      }));
    }
  }

  #once(id: string, work: () => Promise<unknown>): void {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    work()
      .catch((error: unknown) => this.log.error({ err: error, recording: id }, 'the end of a recording could not be stored'))
      .finally(() => this.#underWay.delete(id));
  }
}
