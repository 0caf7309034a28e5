/** What is shown of an analysis: where it stands by its job, and its highlights with what was decided. Pure. */
import type { Analysis, AnalysisSummary } from '../../protocol/analysis.js';
import type { AnalysisFile } from '../../protocol/highlights.js';
import type { Job } from '../../protocol/jobs.js';
import { toDecision } from '../services/decisions.js';
import type { StoredDecision } from '../store/decision-table.js';

type Standing = Pick<AnalysisSummary, 'state' | 'progress' | 'text' | 'error'>;

const at = (state: Standing['state'], more: Partial<Standing> = {}): Standing => ({ state, progress: state === 'ready' ? 1 : 0, text: '', error: null, ...more });
const DAMAGED = { code: 'ANALYSIS_DAMAGED', message: 'The result of the analysis is missing or damaged. Analyse the recording again.' } as const;

/** @param job the last one that was to analyse it */
export function standing(job: Job | undefined, hasResult: boolean, isDamaged: boolean): Standing {
  switch (job?.state) {
    case 'waiting': return at('waiting', { progress: job.progress, text: job.text });
    case 'running': return at('working', { progress: job.progress, text: job.text });
    case 'failed': return at('failed', { error: job.error });
    case 'done': return hasResult && !isDamaged ? at('ready') : at('failed', { error: DAMAGED });
    case 'cancelled':
    case undefined:
      if (isDamaged) return at('failed', { error: DAMAGED });
      return at(hasResult ? 'ready' : 'none');
    default: return job!.state satisfies never;
  }
}

/** By time. Those that people accepted stay, whatever a later analysis finds. */
export function highlightsOf(file: AnalysisFile | null, decisions: ReadonlyMap<string, StoredDecision>): Analysis['highlights'] {
  const found = (file?.highlights ?? []).map(({ vector: _, found: __, ...highlight }): Analysis['highlights'][number] => {
    const decided = decisions.get(highlight.id);
    return { ...highlight, decision: decided ? toDecision(decided) : null };
  });
  const ids = new Set(found.map(({ id }) => id));
  const kept = [...decisions.values()].filter(({ highlightId, verdict }) => verdict === 'accepted' && !ids.has(highlightId)).map((decided): Analysis['highlights'][number] => {
    const { highlightId: id, foundStartMs, foundEndMs, score, kind } = decided;
    const was = file?.kept.find((one) => one.id === id);
    return {
      id, startMs: foundStartMs, endMs: foundEndMs, peakMs: was?.peakMs ?? foundStartMs, score, kind,
      reasons: [...(was?.reasons ?? []), 'accepted when an earlier analysis found it'], picture: was?.picture ?? null, decision: toDecision(decided),
    };
  });
  return [...found, ...kept].sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
}
