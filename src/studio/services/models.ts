/** Models that rank highlights, as the sidecar keeps them: read from its summary, and changed by asking it, which knows what may go into use. */
import { join } from 'node:path';
import { z } from 'zod';
import { STEP_VERSIONS, type ModelsInput } from '../../protocol/analysis-steps.js';
import type { Job } from '../../protocol/jobs.js';
import { ModelsFile, type ModelChoice, type Models as Shown } from '../../protocol/models.js';
import { readBoundedJson } from '../../runtime/bounded-file.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import type { AnalysisJobs } from './analyses.js';

const JOB_ID = 'models';
const MOST_BYTES = 1024 * 1024;
/** What takes longer is done later: the answer then is how it is by now. */
const ANSWER_MS = 5_000;
const Said = z.object({ said: z.string().max(1_000) });

export interface ModelsOptions {
  /** VISTTER_HOME */
  home: string;
  jobs: AnalysisJobs;
  clock: Clock;
  /** `rev` is another. */
  onChange(): void;
}

export class Models {
  #rev = 0;
  /** They wait for the end of what they asked. */
  readonly #waiting = new Set<(job: Job | null) => void>();

  constructor(private readonly options: ModelsOptions) {
    options.jobs.onChange((ids) => { if (ids.includes(JOB_ID)) void this.#look(); });
  }

  /** Another whenever what a person asked for was done, however late. */
  get rev(): number {
    return this.#rev;
  }

  async list(said: string | null = null): Promise<Shown> {
    const { models, held } = await this.#read();
    return { items: [...models].reverse(), held, said };
  }

  /** Back to what was in use before, and held there. @throws ServerError as the jobs do */
  rollBack(): Promise<Shown> {
    return this.#ask({ action: 'roll-back', askedAtMs: this.options.clock.wallMs() });
  }

  /** @throws ServerError NOT_FOUND */
  async choose({ id }: ModelChoice): Promise<Shown> {
    if (id !== null && !(await this.#read()).models.some((model) => model.id === id)) throw new ServerError('NOT_FOUND', `There is no model ${id}.`);
    return this.#ask({ action: 'choose', id, askedAtMs: this.options.clock.wallMs() });
  }

  async #ask(input: ModelsInput): Promise<Shown> {
    const { steps } = await this.options.jobs.submit({ id: JOB_ID, kind: 'models', subject: { is: 'file', path: 'models/summary.json' }, askedBy: 'operator', steps: [{ name: 'models', version: STEP_VERSIONS.models, input }] });
    const job = await this.#ended(steps[0]!.key);
    if (job?.error) throw new ServerError(job.error.code, job.error.message);
    return this.list(job?.state === 'done' ? (Said.safeParse((await this.options.jobs.results(JOB_ID)).models).data?.said ?? null) : null);
  }

  /** Read once for all who wait now: whoever asks while it is read is not told of what was before. */
  async #look(): Promise<void> {
    const waiting = [...this.#waiting];
    const job = await this.options.jobs.get(JOB_ID).catch(() => undefined);
    if (job === undefined) return;
    for (const hear of waiting) hear(job);
    if (!job || job.endedAtMs === null) return;
    this.#rev += 1;
    this.options.onChange();
  }

  /**
   * The job is one, whoever asks for what: that it has ended is told of what was asked before as well.
   * @param key of its step, as it was asked @returns undefined: it takes longer, or something else was asked since
   */
  #ended(key: string): Promise<Job | undefined> {
    return new Promise((resolve) => {
      const end = (job: Job | undefined): void => {
        this.#waiting.delete(hear);
        cancel();
        resolve(job);
      };
      const hear = (job: Job | null): void => {
        if (job?.steps[0]?.key !== key) end(undefined);
        else if (job.endedAtMs !== null) end(job);
      };
      const cancel = this.options.clock.after(ANSWER_MS, () => end(undefined));
      this.#waiting.add(hear);
      void this.#look();
    });
  }

  /** What cannot be read is as if nothing had been learnt. */
  async #read(): Promise<ModelsFile> {
    try {
      return ModelsFile.parse(await readBoundedJson(join(this.options.home, 'models', 'summary.json'), MOST_BYTES));
    } catch {
      return NONE;
    }
  }
}

const NONE: ModelsFile = { models: [], held: false };
