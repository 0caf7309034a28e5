/** What the steps of a recording's jobs are told: gathered from what is stored, and written to files where it is long. */
import { NOTHING_WANTED, type StudioState } from '../../domain/documents.js';
import { nameOf, targetId } from '../../domain/health/doings.js';
import { MAX_PLAIN_SPANS, type InputFile } from '../../protocol/analysis-steps.js';
import type { VideoMetadata } from '../../protocol/highlights.js';
import type { JobAskedBy, NewJob } from '../../protocol/jobs.js';
import type { ProgramTarget } from '../../protocol/status.js';
import type { Model } from '../model.js';
import { toDecision, type Decisions } from '../services/decisions.js';
import type { Moments } from '../services/moments.js';
import { withChosen } from './chosen.js';
import type { AnalysisFolder } from './folder.js';
import { analysisJob, manifestJob, type AnalysisFacts, type Finished } from './graph.js';

const MOST_PAST = 50;
const PLAIN_KINDS: readonly unknown[] = ['test', 'color'];
/** Of one recording, the newest: what a step can be told. */
const MOST_DECISIONS = 200;

/** What was on program when a recording was begun, as it is called now; null: nobody knows. */
export function startedWithName(state: StudioState, { startedWith }: Finished['data']): string | null {
  if (!startedWith) return null;
  const [id, name] = [targetId(startedWith), nameOf(state, targetId(startedWith))];
  // Of one that was deleted since there is only its id.
  return name === id ? null : name;
}

export interface InputsOptions {
  model: Model;
  folder: AnalysisFolder;
  decisions: Decisions;
  moments: Moments;
}

export class Inputs {
  constructor(private readonly options: InputsOptions) {}

  /** @param analysed recordings that have a result @throws Error where the files cannot be written */
  async analysis(recording: Finished, analysed: ReadonlySet<string>, askedBy: JobAskedBy): Promise<NewJob> {
    const { folder, decisions, moments } = this.options;
    const all = [
      moments.list(recording.id).then((list) => folder.writeInput(recording.id, 'moments.json', [JSON.stringify({ moments: list })])), decisions.file(), this.#past(recording.id, analysed),
      recording.data.path === null ? null : folder.chatBeside(recording.data.path), this.#plain(recording.id),
    ] as const;
    // When one fails, none is still writing: the recording may be deleted, and its folder is removed next.
    await Promise.allSettled(all);
    const [momentsFile, decisionsFile, past, chat, plain] = await Promise.all(all);
    return analysisJob({ ...(await this.#facts(recording)), files: { moments: momentsFile, decisions: decisionsFile, past, chat }, plain, startedWith: startedWithName(this.options.model.state, recording.data) }, askedBy);
  }

  async manifest(recording: Finished, clipIds: string[]): Promise<NewJob> {
    return manifestJob(await this.#facts(recording), clipIds);
  }

  async #facts(recording: Finished): Promise<Omit<AnalysisFacts, 'files' | 'plain' | 'startedWith'>> {
    const { model, decisions } = this.options;
    const stored = model.find('analysis', recording.id)?.data ?? NOTHING_WANTED;
    return { recording, stored, settings: model.state.settings.data, decisions: [...(await decisions.of(recording.id)).values()].map(toDecision).slice(-MOST_DECISIONS) };
  }

  /** Where a source that shows nothing was on program. What it is now counts: of one that was deleted since nobody knows. */
  async #plain(recordingId: string): Promise<AnalysisFacts['plain']> {
    const { model, moments } = this.options;
    const kinds = new Map(model.state.sources.map(({ id, data }) => [id, data.kind]));
    const isPlain = (target: ProgramTarget | null): boolean => target !== null && 'sourceId' in target && PLAIN_KINDS.includes(kinds.get(target.sourceId));
    return (await moments.spansWith(recordingId, isPlain)).slice(0, MAX_PLAIN_SPANS);
  }

  /** What earlier recordings are called by now. */
  async #past(recordingId: string, analysed: ReadonlySet<string>): Promise<InputFile> {
    const { model, folder } = this.options;
    const videos: VideoMetadata[] = [];
    for (const { id } of [...model.state.recordings].reverse()) {
      if (id === recordingId || !analysed.has(id)) continue;
      if (videos.length >= MOST_PAST) break;
      const read = await folder.result(id);
      if (read.is === 'read') videos.push(withChosen(read.file.metadata, model.find('analysis', id)?.data.chosen ?? null));
    }
    return folder.writeInput(recordingId, 'past.json', [JSON.stringify({ videos })]);
  }
}
