/** What the sidecar asks of the studio, by the names of src/protocol/asks.ts. */
import type { JobStore } from '../../domain/jobs/store.js';
import type { AskOf } from '../../protocol/asks.js';
import type { AnswerAsk } from '../../runtime/link-asks.js';
import type { Analyses } from './analyses.js';
import { answerJobAsks } from './job-asks.js';

/** @param analyses asked for when it is needed: it is made after the link */
export function answerAsks(jobs: JobStore, analyses: () => Pick<Analyses, 'facts' | 'early'>): AnswerAsk {
  const ofJobs = answerJobAsks(jobs);
  return async (name, payload, role) => {
    switch (name) {
      case 'analysis:facts': return analyses().facts((payload as AskOf<'analysis:facts'>).recordingId);
      case 'analysis:early':
        await analyses().early((payload as AskOf<'analysis:early'>).recordingId);
        return null;
      default: return ofJobs(name, payload, role);
    }
  };
}
