/** Asks for the jobs of a recording that the studio begins by itself or for a person: its analysis, and its manifest a moment after the last decision. */
import type { Job, JobAskedBy, NewJob } from '../../protocol/jobs.js';
import { toProblem } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { AnalysisJobs } from '../services/analyses.js';
import type { Exports } from '../services/exports.js';
import { jobId, type Finished, type JOB_KINDS } from './graph.js';
import { Inputs, type InputsOptions } from './inputs.js';
import type { Timers } from './timers.js';
import { Turns } from './turns.js';

/** The manifest is written once for what a person decides in a row. */
const MANIFEST_AFTER_MS = 3_000;

export interface AskingOptions extends InputsOptions {
  jobs: AnalysisJobs;
  exports: Exports;
  timers: Timers;
  log: Log;
  /** Recordings that have a result. */
  analysed: ReadonlySet<string>;
  /** The last one that cuts clips of a recording. */
  exportJob(recordingId: string): Job | undefined;
  /** One was asked for. */
  onJob(job: Job): void;
}

export class Asking {
  readonly #inputs: Inputs;
  readonly #turns = new Turns();

  constructor(private readonly options: AskingOptions) {
    this.#inputs = new Inputs(options);
  }

  /** @param wanted what is asked for when its turn has come, however many asked by then; what it throws is thrown */
  analysis(recordingId: string, wanted: () => Promise<{ recording: Finished; askedBy: JobAskedBy }>): Promise<void> {
    return this.#ask('analysis', recordingId, async () => {
      const { recording, askedBy } = await wanted();
      return this.#inputs.analysis(recording, this.options.analysed, askedBy);
    });
  }

  manifestSoon(recordingId: string): void {
    const { timers, log } = this.options;
    timers.set(jobId('manifest', recordingId), MANIFEST_AFTER_MS, () => {
      void this.#manifest(recordingId).catch((error: unknown) => log.warn({ recording: recordingId, problem: toProblem(error).message }, 'the manifest of a recording could not be asked for'));
    });
  }

  async #manifest(recordingId: string): Promise<void> {
    const { model, exports, analysed, exportJob } = this.options;
    if (!model.find('recording', recordingId) || !analysed.has(recordingId)) return;
    await this.#ask('manifest', recordingId, async () => {
      const clips = await exports.list(recordingId, exportJob(recordingId));
      return this.#inputs.manifest(model.get('recording', recordingId), clips.filter(({ state }) => state === 'ready').map(({ id }) => id));
    });
  }

  /** In turn, so that what was asked last is what is done. A recording that is deleted while it is asked leaves nothing behind. */
  #ask(kind: keyof typeof JOB_KINDS, recordingId: string, job: () => Promise<NewJob>): Promise<void> {
    return this.#turns.take(jobId(kind, recordingId), async () => {
      const { model, jobs, folder, onJob } = this.options;
      try {
        const asked = await job();
        model.get('recording', recordingId);
        onJob(await jobs.submit(asked));
        model.get('recording', recordingId);
      } catch (error) {
        if (model.find('recording', recordingId)) throw error;
        const id = jobId(kind, recordingId);
        if ((await jobs.get(id))?.endedAtMs === null) await jobs.cancel(id);
        await folder.remove(recordingId);
        // Whatever failed, as a file that was written into a folder which went.
        model.get('recording', recordingId);
      }
    });
  }
}
