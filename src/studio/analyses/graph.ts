/** The jobs of a recording: which steps an analysis has, and what each is told. Pure. */
import {
  STEP_VERSIONS, type AnalysisStep, type AnalysisStepInput, type BundleInput, type CutInput, type InputFile, type ManifestInput, type SeenLayer,
} from '../../protocol/analysis-steps.js';
import type { WantedClip } from '../../protocol/analysis.js';
import type { HighlightDecision } from '../../protocol/highlights.js';
import type { JobAskedBy, NewJob, NewStep } from '../../protocol/jobs.js';
import type { Settings } from '../../protocol/resources.js';
import { choicesOf } from './chosen.js';
import type { DocumentOf, StoredAnalysis, StudioState } from '../../domain/documents.js';
import type { ProgramTarget } from '../../protocol/status.js';

export const JOB_KINDS = { analysis: 'analysis', export: 'export', manifest: 'manifest' } as const;
export const jobId = (kind: keyof typeof JOB_KINDS, recordingId: string): string => `${kind}-${recordingId}`;

/** A recording that is finished. */
export type Finished = DocumentOf<'recording'>;

interface OfRecording { recordingId: string; file: string; bytes: number; durationMs: number }
const ofRecording = ({ id, data: { path, bytes, durationMs } }: Finished): OfRecording => ({ recordingId: id, file: path ?? '', bytes: bytes ?? 0, durationMs: Math.round(durationMs ?? 0) });

const step = <N extends AnalysisStep>(name: N, input: AnalysisStepInput[N], more: Partial<NewStep> = {}): NewStep => ({ name, version: STEP_VERSIONS[name], input, ...more });

export interface AnalysisFacts {
  recording: Finished;
  settings: Settings;
  stored: StoredAnalysis;
  decisions: readonly HighlightDecision[];
  files: { moments: InputFile; decisions: InputFile; past: InputFile; chat: InputFile | null };
  /** Stretches where the program was a test card or a colour. */
  plain: { startMs: number; endMs: number }[];
  /** What was on program when it was begun, as it is called now; null: nobody knows. */
  startedWith: string | null;
}

/** All that is found in a recording. */
export function analysisJob({ recording, settings, stored, decisions, files, plain, startedWith }: AnalysisFacts, askedBy: JobAskedBy): NewJob {
  const common = ofRecording(recording);
  const { again, preset } = stored;
  const { language, most } = settings.analysis;
  const { startedAt } = recording.data;
  const { moments, past, chat } = files;
  return {
    id: jobId('analysis', recording.id), kind: JOB_KINDS.analysis, subject: { is: 'recording', recordingId: recording.id }, askedBy,
    steps: [
      step('features', { ...common, moments, chat, again }, { media: true }),
      step('transcript', { ...common, language, again }, { needs: ['features'], media: true }),
      step('find', { ...common, moments, decisions: files.decisions, most, preset, again }, { needs: ['features', 'transcript'] }),
      step('metadata', { ...common, language, channel: settings.channel.name, startedAt, startedWith, moments, past, chat, again }, { needs: ['features', 'find', 'transcript'] }),
      step('thumbnails', { ...common, plain, again }, { needs: ['features', 'find'], media: true }),
      step('manifest', manifestInput({ recording, stored, decisions }), { needs: ['features', 'find', 'transcript', 'metadata', 'thumbnails'] }),
    ],
  };
}

function manifestInput({ recording, stored: { again, chosen }, decisions }: Pick<AnalysisFacts, 'recording' | 'stored' | 'decisions'>): ManifestInput {
  const { by: _, atMs: __, choices: ___, ...fields } = chosen ?? { by: null, atMs: 0, choices: {} };
  return { ...ofRecording(recording), startedAt: recording.data.startedAt, again, decisions: [...decisions], chosen: chosen ? fields : null, choices: chosen ? choicesOf(chosen) : {} };
}

/** Cuts what is wanted and not there yet. */
export function exportJob(recording: Finished, clips: readonly { clip: WantedClip; layers: SeenLayer[] | null }[]): NewJob {
  const common = ofRecording(recording);
  return {
    id: jobId('export', recording.id), kind: JOB_KINDS.export, subject: { is: 'recording', recordingId: recording.id }, askedBy: 'operator',
    steps: clips.map(({ clip: { id, ...rest }, layers }): NewStep => step('cut', { ...common, clipId: id, ...rest, layers } satisfies CutInput, { id, media: true })),
  };
}

/** Writes down what people decided, chose and cut. */
export function manifestJob(facts: Pick<AnalysisFacts, 'recording' | 'stored' | 'decisions'>, clipIds: string[]): NewJob {
  const { recording } = facts;
  return {
    id: jobId('manifest', recording.id), kind: JOB_KINDS.manifest, subject: { is: 'recording', recordingId: recording.id }, askedBy: 'operator',
    steps: [step('bundle', { ...manifestInput(facts), clipIds } satisfies BundleInput)],
  };
}

/** What is seen of a scene, as it is arranged now; null for what is not a scene. */
export function layersOf({ scenes, sources }: Pick<StudioState, 'scenes' | 'sources'>, target: ProgramTarget | null): SeenLayer[] | null {
  const scene = target && 'sceneId' in target ? scenes.find(({ id }) => id === target.sceneId) : undefined;
  if (!scene) return null;
  return scene.data.layers.flatMap(({ sourceId, hidden, x, y, width, height }) => {
    const source = sources.find(({ id }) => id === sourceId);
    return source && !hidden ? [{ kind: source.data.kind, name: source.data.name, x, y, width, height }] : [];
  });
}
