/**
 * Analyses of recordings: begun when a recording is ready, seen with how far they are and what was found, and taken away with the recording. The work itself
 * is the sidecar's, step by step by the jobs.
 */
import { z } from 'zod';
import type { DocumentOf } from '../../domain/documents.js';
import type { JobStore } from '../../domain/jobs/store.js';
import { MetadataPatch, type Analysis, type AnalysisSummary, type AnalyzeInput, type DecisionInput, type ExportInput } from '../../protocol/analysis.js';
import { EARLY, MetadataLint, type AnalysisFile } from '../../protocol/highlights.js';
import type { RecordingFacts } from '../../protocol/asks.js';
import type { Job } from '../../protocol/jobs.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import { actor } from '../actor.js';
import { Asking } from '../analyses/asking.js';
import { chosenAfter } from '../analyses/chosen.js';
import type { AnalysisFolder, ReadResult } from '../analyses/folder.js';
import { JOB_KINDS, jobId } from '../analyses/graph.js';
import { startedWithName } from '../analyses/inputs.js';
import { Timers } from '../analyses/timers.js';
import { highlightsOf, standing } from '../analyses/view.js';
import type { Model } from '../model.js';
import { parse } from '../validate.js';
import type { Decisions } from './decisions.js';
import type { Exports } from './exports.js';
import type { Moments } from './moments.js';
import { checkRevision, type ExpectedRevision } from './patch.js';

export interface AnalysisJobs extends Pick<JobStore, 'submit' | 'cancel' | 'get' | 'list' | 'results'> {
  /** Calls back with the ids of jobs that have changed; returns the way to end that. */
  onChange(listener: (ids: readonly string[]) => void): () => void;
}

export interface AnalysesOptions {
  model: Model;
  jobs: AnalysisJobs;
  folder: AnalysisFolder;
  decisions: Decisions;
  exports: Exports;
  moments: Moments;
  clock: Clock;
  log: Log;
  /** What browsers see of analyses has changed. */
  onChange(): void;
}

/** Of recordings that are in the snapshot. */
const MOST_SHOWN = 100;
/** What could not be begun is tried again after this long, while the studio runs. */
const AGAIN_MS = 60_000;
/** A recording that ended longer ago was not forgotten by a studio that died: nobody wanted it analysed by itself. */
const FORGOTTEN_MS = 24 * 3600_000;
/** A step that was cancelled may write on for so long. */
const LETTING_GO_MS = 5_000;

/** By their ids. */
const OURS = new RegExp(`^(${Object.keys(JOB_KINDS).join('|')})-`);
/** What `bundle` hands back. */
const BundleResult = z.object({ lint: MetadataLint.nullable().optional() });

export class Analyses implements Owner {
  /** The last job of each kind, by its id. */
  readonly #jobs = new Map<string, Job>();
  readonly #hasResult = new Set<string>();
  readonly #revs = new Map<string, number>();
  #lastRev = 0;
  /** What is to count in those that people asked for and whose turn has not come: what was asked last. */
  readonly #wanted = new Map<string, AnalyzeInput['preset']>();
  /** Those that are ready, so that one that becomes so is seen. */
  #ready = new Set<string>();
  readonly #timers: Timers;
  readonly #asking: Asking;
  #endings: (() => void)[] = [];
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: AnalysesOptions) {
    this.#timers = new Timers(options.clock);
    this.#asking = new Asking({
      ...options, timers: this.#timers, analysed: this.#hasResult, exportJob: (id) => this.#jobs.get(jobId('export', id)), onJob: (job) => this.#onJob(job),
    });
  }

  /** Takes up what was left when the studio was last stopped, or killed. */
  async start(): Promise<void> {
    const { model, jobs, folder, clock, log } = this.options;
    this.#lastRev = clock.wallMs();
    const known = new Set(model.state.recordings.map(({ id }) => id));
    for (const id of await folder.recordings()) {
      const hasResult = await folder.hasResult(id);
      if (known.has(id)) {
        if (hasResult) this.#hasResult.add(id);
      } else if (hasResult) {
        // As behind a database that was restored or begun anew: clips and manifests are not made again.
        log.info({ recording: id }, 'there is an analysis of a recording that is not known; it is left where it is');
      } else {
        await folder.remove(id);
      }
    }
    for (const job of [...(await jobs.list({ limit: 200 })), ...(await jobs.list({ open: true, limit: 200 }))]) {
      if (job.subject.is !== 'recording') continue;
      if (known.has(job.subject.recordingId)) this.#jobs.set(job.id, job);
      else if (job.endedAtMs === null) await jobs.cancel(job.id);
    }
    const ready = this.#readyOnes();
    this.#ready = new Set(ready.map(({ id }) => id));
    this.#endings = [jobs.onChange((ids) => void this.#look(ids)), model.onChange(() => this.#onModel())];
    for (const { id, data } of ready) {
      const isNew = clock.wallMs() - Date.parse(data.endedAt ?? data.startedAt) < FORGOTTEN_MS;
      if (isNew && !this.#jobs.has(jobId('analysis', id)) && !(await this.#isAnalysed(id))) this.#byItself(id);
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => {
      for (const end of this.#endings) end();
      this.#timers.stop();
    }));
  }

  /** Of the newest recordings that have any, or could have. */
  summaries(): AnalysisSummary[] {
    return this.options.model.state.recordings.slice(-MOST_SHOWN).reverse().filter(({ id, data }) => data.state === 'ready' || this.#hasResult.has(id)).map(({ id }) => this.#summary(id));
  }

  /** How many recordings are in which state of it. */
  counts(): Record<AnalysisSummary['state'], number> {
    const counts = { none: 0, waiting: 0, working: 0, ready: 0, failed: 0 };
    for (const { id } of this.#readyOnes()) counts[this.#summary(id).state] += 1;
    return counts;
  }

  /** @throws ServerError NOT_FOUND */
  async get(recordingId: string): Promise<Analysis> {
    const { model, folder, decisions, exports } = this.options;
    model.get('recording', recordingId);
    const document = model.find('analysis', recordingId);
    const chosen = document?.data.chosen ?? null;
    const [read, decided, clips, lint] = await Promise.all([
      folder.result(recordingId), decisions.of(recordingId), exports.list(recordingId, this.#jobs.get(jobId('export', recordingId))), chosen ? this.#chosenLint(recordingId) : null,
    ]);
    const file = read.is === 'read' ? read.file : null;
    return {
      ...this.#summary(recordingId, read), revision: document?.revision ?? 0,
      durationMs: file?.durationMs ?? null, analyzedAt: file && new Date(file.analyzedAtMs).toISOString(),
      highlights: highlightsOf(file, decided), curve: file?.curve ?? null, chapters: file?.chapters ?? [],
      metadata: file && { suggested: file.metadata, chosen }, lint: lint ?? file?.lint ?? null, thumbnails: file?.thumbnails ?? [],
      transcript: file?.transcript ?? false, clips, notes: file?.notes ?? [], preset: file?.preset ?? null, model: file?.model ?? null,
    };
  }

  /** What the sidecar needs for a first list of a recording that it has watched. @throws ServerError NOT_FOUND */
  async facts(recordingId: string): Promise<RecordingFacts> {
    const { model, moments } = this.options;
    const { data } = model.get('recording', recordingId);
    const { analysis: { most, language }, channel } = model.state.settings.data;
    await moments.settled();
    return { moments: await moments.list(recordingId), most, language, channel: channel.name, startedAt: data.startedAt, startedWith: startedWithName(model.state, data) };
  }

  /** There is a first list of a recording whose file is still being made. */
  early(recordingId: string): Promise<void> {
    return this.#lookForResult(recordingId);
  }

  /**
   * Begins it, or does it once more. One that goes on is gone on with, by what is to count now: however often it is asked for, there is one of a recording.
   * @param preset what is to count when highlights are found @throws ServerError NOT_FOUND, CONFLICT while the recording is not ready, and what the jobs refuse
   */
  async analyze(recordingId: string, { preset }: AnalyzeInput = { preset: 'auto' }): Promise<AnalysisSummary> {
    this.#finished(recordingId);
    this.#wanted.set(recordingId, preset);
    await this.#submit(recordingId);
    return this.#summary(recordingId);
  }

  /** Ends what is being done of it. @throws ServerError NOT_FOUND, CONFLICT */
  async cancel(recordingId: string): Promise<AnalysisSummary> {
    this.options.model.get('recording', recordingId);
    const job = this.#jobs.get(jobId('analysis', recordingId));
    if (job?.endedAtMs !== null) throw new ServerError('CONFLICT', 'This recording is not being analysed.');
    this.#onJob(await this.options.jobs.cancel(job.id));
    return this.#summary(recordingId);
  }

  /** @throws ServerError NOT_FOUND, VALIDATION, CONFLICT before there is a result */
  async decide(recordingId: string, highlightId: string, input: DecisionInput): Promise<Analysis> {
    await this.options.decisions.decide(await this.#result(recordingId), highlightId, input);
    return this.#changed(recordingId);
  }

  /** As if nobody had decided. @throws ServerError NOT_FOUND */
  async withdraw(recordingId: string, highlightId: string): Promise<Analysis> {
    this.options.model.get('recording', recordingId);
    if (!(await this.options.decisions.of(recordingId)).has(highlightId)) throw new ServerError('NOT_FOUND', `Nobody has decided about a highlight ${highlightId} of this recording.`);
    await this.options.decisions.withdraw(recordingId, highlightId);
    return this.#changed(recordingId);
  }

  /** @throws ServerError NOT_FOUND, CONFLICT */
  async export(recordingId: string, input: ExportInput): Promise<Analysis> {
    this.#finished(recordingId);
    this.#hear(await this.options.exports.add(await this.#result(recordingId), input));
    return this.#changed(recordingId);
  }

  /** @throws ServerError NOT_FOUND */
  async removeClip(recordingId: string, clipId: string): Promise<void> {
    this.#hear(await this.options.exports.remove(recordingId, clipId));
    await this.#changed(recordingId);
  }

  /** What is given is chosen, what is left out stays, null goes back to what is suggested. @throws ServerError NOT_FOUND, VALIDATION, STALE_REVISION */
  async chooseMetadata(recordingId: string, body: unknown, expected: ExpectedRevision): Promise<Analysis> {
    const { model, clock } = this.options;
    model.get('recording', recordingId);
    const change = parse(MetadataPatch, body);
    await model.change((draft) => {
      draft.get('recording', recordingId);
      checkRevision(model.find('analysis', recordingId)?.revision ?? 0, expected);
      draft.analysis(recordingId, (before) => ({ ...before, chosen: chosenAfter(before.chosen, change, actor() ?? 'the studio', clock.wallMs()) }));
    });
    return this.#changed(recordingId);
  }

  /** A recording was deleted: what is done of it ends, and what was made of it goes. */
  async forget(recordingId: string): Promise<void> {
    const { jobs, folder, moments, log } = this.options;
    const remove = (): Promise<void> => folder.remove(recordingId).catch((error: unknown) => log.warn({ recording: recordingId, problem: toProblem(error).message }, 'what an analysis had made could not be deleted; the next start tries again'));
    for (const kind of Object.keys(JOB_KINDS) as (keyof typeof JOB_KINDS)[]) {
      const id = jobId(kind, recordingId);
      this.#timers.cancel(id);
      await jobs.get(id).then((job) => (job?.endedAtMs === null ? jobs.cancel(id) : undefined)).catch((error: unknown) => log.warn({ job: id, problem: toProblem(error).message }, 'a job of a deleted recording could not be cancelled'));
      this.#jobs.delete(id);
    }
    this.#hasResult.delete(recordingId);
    this.#revs.delete(recordingId);
    await remove();
    await moments.forget();
    this.#timers.set(`forget-${recordingId}`, LETTING_GO_MS, () => void remove());
    this.options.onChange();
  }

  #summary(recordingId: string, read?: ReadResult): AnalysisSummary {
    const hasResult = read ? read.is !== 'none' : this.#hasResult.has(recordingId);
    return { recordingId, ...standing(this.#jobs.get(jobId('analysis', recordingId)), hasResult, read?.is === 'damaged'), rev: this.#revs.get(recordingId) ?? 0 };
  }

  #onModel(): void {
    const now = this.#readyOnes();
    const fresh = now.filter(({ id }) => !this.#ready.has(id));
    this.#ready = new Set(now.map(({ id }) => id));
    for (const { id } of fresh) this.#byItself(id);
  }

  /** Jobs have changed; those of this service are called after recordings. */
  async #look(ids: readonly string[]): Promise<void> {
    for (const id of ids.filter((one) => OURS.test(one))) {
      const job = await this.options.jobs.get(id).catch(() => null);
      if (job) this.#onJob(job);
    }
  }

  #hear(job: Job | null): void {
    if (job) this.#onJob(job);
  }

  #onJob(job: Job): void {
    if (job.subject.is !== 'recording' || this.#stopped) return;
    const { recordingId } = job.subject;
    if (!this.options.model.find('recording', recordingId)) return;
    const hasEnded = job.endedAtMs !== null && this.#jobs.get(job.id)?.endedAtMs !== job.endedAtMs;
    this.#jobs.set(job.id, job);
    this.#touch(recordingId);
    if (!hasEnded) return;
    if (job.kind === JOB_KINDS.analysis) {
      void this.#lookForResult(recordingId);
      // What people decided while it was made is not in its manifest yet.
      if (job.state === 'done') this.#asking.manifestSoon(recordingId);
    }
    if (job.kind === JOB_KINDS.export) {
      this.#asking.manifestSoon(recordingId);
      void this.options.exports.ended(recordingId).catch(() => undefined);
    }
  }

  /** A first list, from while it was recorded, is not the whole. */
  async #isAnalysed(recordingId: string): Promise<boolean> {
    if (!this.#hasResult.has(recordingId)) return false;
    const read = await this.options.folder.result(recordingId);
    return read.is !== 'read' || read.file.inputsHash !== EARLY;
  }

  async #lookForResult(recordingId: string): Promise<void> {
    if (await this.options.folder.hasResult(recordingId)) this.#hasResult.add(recordingId);
    else this.#hasResult.delete(recordingId);
    this.#touch(recordingId);
  }

  /** Without being asked, where the settings allow it; what cannot be begun now is tried again. */
  #byItself(recordingId: string): void {
    const { model, log } = this.options;
    if (this.#stopped || !model.state.settings.data.analysis.auto || model.find('recording', recordingId)?.data.state !== 'ready') return;
    this.#submit(recordingId).catch((error: unknown) => {
      log.warn({ recording: recordingId, problem: toProblem(error).message }, 'the analysis of a recording could not be begun; it is tried again in a minute');
      this.#timers.set(jobId('analysis', recordingId), AGAIN_MS, () => this.#byItself(recordingId));
    });
  }

  /** What people want by then, else what is done by itself. */
  #submit(recordingId: string): Promise<void> {
    return this.#asking.analysis(recordingId, async () => {
      const preset = this.#wanted.get(recordingId);
      this.#wanted.delete(recordingId);
      if (preset !== undefined) {
        const goesOn = (await this.options.jobs.get(jobId('analysis', recordingId)))?.endedAtMs === null;
        await this.options.model.change((draft) => draft.analysis(recordingId, (before) => ({ ...before, preset, again: before.again + (goesOn ? 0 : 1) })));
      }
      return { recording: this.#finished(recordingId), askedBy: preset === undefined ? 'automatic' : 'operator' };
    });
  }

  async #chosenLint(recordingId: string): Promise<MetadataLint | null> {
    const id = jobId('manifest', recordingId);
    if (this.#jobs.get(id)?.state !== 'done') return null;
    return BundleResult.safeParse((await this.options.jobs.results(id)).bundle).data?.lint ?? null;
  }

  #changed(recordingId: string): Promise<Analysis> {
    this.#touch(recordingId);
    this.#asking.manifestSoon(recordingId);
    return this.get(recordingId);
  }

  /** Whoever has read it reads it again. */
  #touch(recordingId: string): void {
    this.#revs.set(recordingId, ++this.#lastRev);
    this.options.onChange();
  }

  /** @throws ServerError NOT_FOUND, CONFLICT */
  async #result(recordingId: string): Promise<AnalysisFile> {
    this.options.model.get('recording', recordingId);
    const read = await this.options.folder.result(recordingId);
    if (read.is === 'read') return read.file;
    throw new ServerError('CONFLICT', read.is === 'none' ? 'This recording was not analysed yet. Analyse it first.' : 'The result of the analysis is damaged. Analyse the recording again.');
  }

  /** @throws ServerError NOT_FOUND, CONFLICT */
  #finished(recordingId: string): DocumentOf<'recording'> {
    const recording = this.options.model.get('recording', recordingId);
    if (recording.data.state !== 'ready' || recording.data.path === null) throw new ServerError('CONFLICT', 'This recording is not finished, so it cannot be analysed yet.');
    return recording;
  }

  #readyOnes(): DocumentOf<'recording'>[] {
    return this.options.model.state.recordings.filter(({ data }) => data.state === 'ready');
  }
}
