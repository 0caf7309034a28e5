/** Clips that people want of a recording: what is wanted is stored, cut by the sidecar, and seen with how far it is. */
import type { DocumentOf } from '../../domain/documents.js';
import { MAX_CLIPS, type ClipStatus, type ExportInput, type WantedClip } from '../../protocol/analysis.js';
import type { AnalysisFile } from '../../protocol/highlights.js';
import type { Job } from '../../protocol/jobs.js';
import { ServerError } from '../../runtime/errors.js';
import type { AnalysisFolder } from '../analyses/folder.js';
import { exportJob, jobId, layersOf } from '../analyses/graph.js';
import { Turns } from '../analyses/turns.js';
import { newId } from '../ids.js';
import type { Model } from '../model.js';
import type { Decisions } from './decisions.js';
import type { AnalysisJobs } from './analyses.js';
import type { Moments } from './moments.js';

export interface ExportsOptions {
  model: Model;
  jobs: AnalysisJobs;
  folder: AnalysisFolder;
  decisions: Decisions;
  moments: Moments;
}

export class Exports {
  readonly #turns = new Turns();

  constructor(private readonly options: ExportsOptions) {}

  /** @param file what was found @returns the job that cuts @throws ServerError NOT_FOUND for a highlight that is none, CONFLICT for nothing that could be cut */
  async add(file: AnalysisFile, { highlightIds, shape, captions }: ExportInput): Promise<Job | null> {
    const { model } = this.options;
    if (captions && !file.transcript) throw new ServerError('CONFLICT', 'There is no transcript of this recording, so there is nothing to write as captions. Export without them, or set up transcripts and analyse it again.');
    const wanted = await this.#wanted(file, highlightIds);
    if (wanted.length === 0) throw new ServerError('CONFLICT', 'No highlight of this recording is accepted yet. Accept one, or name the highlights to export.');
    await model.change((draft) => draft.analysis(file.recordingId, (before) => {
      const clips = [...before.clips];
      for (const { highlightId, startMs, endMs } of wanted) {
        const clip: Omit<WantedClip, 'id'> = { highlightId, startMs, endMs, shape, captions };
        if (!clips.some((one) => isSame(one, clip))) clips.push({ id: newId('clip'), ...clip });
      }
      if (clips.length > MAX_CLIPS) throw new ServerError('CONFLICT', `There can be at most ${MAX_CLIPS} clips of a recording. Delete some that are not needed.`);
      return { ...before, clips };
    }));
    return this.#submit(file.recordingId);
  }

  /** @returns the job that cuts the others @throws ServerError NOT_FOUND */
  async remove(recordingId: string, clipId: string): Promise<Job | null> {
    const { model, folder } = this.options;
    this.#find(recordingId, clipId);
    // Its file first, so that what frees a full disk needs no room on it.
    await folder.removeClip(recordingId, clipId);
    await model.change((draft) => draft.analysis(recordingId, (before) => ({ ...before, clips: before.clips.filter(({ id }) => id !== clipId) })));
    return this.#submit(recordingId);
  }

  async list(recordingId: string, job: Job | undefined): Promise<ClipStatus[]> {
    return Promise.all(this.#clips(recordingId).map(async (clip): Promise<ClipStatus> => {
      const cut = await this.options.folder.clip(recordingId, clip.id);
      if (cut) return { ...clip, state: 'ready', progress: 1, error: null, cut: cut.cut, bytes: cut.bytes };
      return { ...clip, ...standOf(job?.steps.find(({ id }) => id === clip.id)?.status), cut: null, bytes: null };
    }));
  }

  /** The file of a clip, and what it is to be called. @throws ServerError NOT_FOUND, CONFLICT while it is not cut */
  async file(recordingId: string, clipId: string): Promise<{ path: string; name: string }> {
    const { folder } = this.options;
    const { shape, startMs } = this.#find(recordingId, clipId);
    if (!(await folder.clip(recordingId, clipId))) throw new ServerError('CONFLICT', 'This clip is not cut yet.');
    return { path: folder.clipFile(recordingId, clipId), name: `${recordingId}-${Math.floor(startMs / 1000)}s-${shape}.mp4` };
  }

  /** An export has ended: what was cut and is not wanted any more goes. */
  ended(recordingId: string): Promise<void> {
    return this.options.folder.keepClips(recordingId, new Set(this.#clips(recordingId).map(({ id }) => id)));
  }

  /** In turn: of two who ask at once the later one has the clips of both cut. null: there is nothing to cut, and there never was. */
  #submit(recordingId: string): Promise<Job | null> {
    return this.#turns.take(recordingId, () => this.#submitNow(recordingId));
  }

  async #submitNow(recordingId: string): Promise<Job | null> {
    const { model, jobs, folder, moments } = this.options;
    const recording = model.get('recording', recordingId);
    const clips = this.#clips(recordingId);
    const isCut = await Promise.all(clips.map(({ id }) => folder.clip(recordingId, id)));
    const toCut = clips.filter((_, at) => !isCut[at]);
    const id = jobId('export', recordingId);
    if (toCut.length === 0) {
      return (await jobs.get(id)) ? jobs.cancel(id) : null;
    }
    const targets = await moments.targetsAt(recordingId, toCut.map(({ startMs }) => startMs));
    model.get('recording', recordingId);
    return jobs.submit(exportJob(recording, toCut.map((clip, at) => ({ clip, layers: layersOf(model.state, targets[at] ?? null) }))));
  }

  async #wanted(file: AnalysisFile, highlightIds: readonly string[] | undefined): Promise<{ highlightId: string; startMs: number; endMs: number }[]> {
    const decisions = await this.options.decisions.of(file.recordingId);
    const bounds = (highlightId: string): { highlightId: string; startMs: number; endMs: number } => {
      const decided = decisions.get(highlightId);
      const found = decided?.verdict === 'accepted' ? decided : file.highlights.find(({ id }) => id === highlightId);
      if (!found) throw new ServerError('NOT_FOUND', `There is no highlight ${highlightId} in this recording.`);
      return { highlightId, startMs: found.startMs, endMs: found.endMs };
    };
    const ids = highlightIds ?? [...decisions.values()].filter(({ verdict }) => verdict === 'accepted').map(({ highlightId }) => highlightId);
    return [...new Set(ids)].map(bounds).sort((a, b) => a.startMs - b.startMs);
  }

  #clips(recordingId: string): DocumentOf<'analysis'>['data']['clips'] {
    return this.options.model.find('analysis', recordingId)?.data.clips ?? [];
  }

  #find(recordingId: string, clipId: string): WantedClip {
    this.options.model.get('recording', recordingId);
    const clip = this.#clips(recordingId).find(({ id }) => id === clipId);
    if (!clip) throw new ServerError('NOT_FOUND', `There is no clip ${clipId} of this recording.`);
    return clip;
  }
}

const isSame = (one: WantedClip, other: Omit<WantedClip, 'id'>): boolean =>
  one.highlightId === other.highlightId && one.startMs === other.startMs && one.endMs === other.endMs && one.shape === other.shape && one.captions === other.captions;

type Stand = Pick<ClipStatus, 'state' | 'progress' | 'error'>;

/** Of a clip whose file is not there. */
function standOf(status: Job['steps'][number]['status'] | undefined): Stand {
  const failed = (code: 'CLIP_MISSING', message: string): Stand => ({ state: 'failed', progress: 0, error: { code, message } });
  switch (status?.is) {
    case 'waiting': return { state: 'waiting', progress: 0, error: status.error };
    case 'running': return { state: 'working', progress: status.progress, error: null };
    case 'dead': return { state: 'failed', progress: 0, error: status.error };
    case 'cancelled': return failed('CLIP_MISSING', 'The export was cancelled. Delete the clip, and export it again.');
    case 'done':
    case undefined: return failed('CLIP_MISSING', 'The file of this clip is gone. Delete the clip, and export it again.');
    default: return status satisfies never;
  }
}
