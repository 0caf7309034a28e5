/** Which function does which step, and which are done beside which. */
import { join } from 'node:path';
import { z } from 'zod';
import { ANALYSIS_STEPS, ModelsInput, type AnalysisStep } from '../../protocol/analysis-steps.js';
import type { Lane, StepFunction } from '../jobs/worker.js';
import { withLasting } from './lasting.js';
import { cutStep } from './cut-step.js';
import { featuresStep } from './features-step.js';
import { findStep } from './find-step.js';
import { bundleStep, manifestStep } from './manifest-step.js';
import { metadataStep } from './metadata-step.js';
import { changeShelf } from './models.js';
import type { StepServices } from './services.js';
import { thumbnailsStep } from './thumbnails-step.js';
import { transcriptStep } from './transcript-step.js';
import { unchanged } from '../unchanged.js';

/**
 * Steps that use the processor are done one after another. Those that wait for somebody else's answer, for minutes, hold up none of them; and
 * clips, which a person waits for, are cut two at a time while nothing is on air.
 */
export function analysisLanes({ transcript, llm }: Pick<StepServices, 'transcript' | 'llm'>, isOnAir: () => boolean): Lane[] {
  const waiting: AnalysisStep[] = [...(transcript.server ? ['transcript' as const] : []), ...(llm ? ['metadata' as const] : [])];
  const own = Object.keys(ANALYSIS_STEPS).filter((name) => !waiting.some((one) => one === name));
  return [{ names: own }, ...(waiting.length > 0 ? [{ names: waiting }] : []), { names: ['cut'], isOpen: () => !isOnAir() }];
}

/** They read the recording itself. */
const OF_FILE: readonly string[] = ['features', 'transcript', 'thumbnails', 'cut'] satisfies AnalysisStep[];
const OfFile = z.object({ file: z.string() });

/** What is found in a file that is written to meanwhile is not handed in, and is looked for once more. */
const withUnchanged = (home: string, step: StepFunction): StepFunction => async (run) => {
  const { success, data } = OfFile.safeParse(run.input);
  return success ? unchanged(join(home, data.file), () => step(run)) : step(run);
};

export function analysisSteps(services: StepServices): Readonly<Record<AnalysisStep, StepFunction>> {
  const steps: Record<AnalysisStep, StepFunction> = {
    features: featuresStep(services), find: findStep(services), transcript: transcriptStep(services), metadata: metadataStep(services), thumbnails: thumbnailsStep(services),
    manifest: manifestStep(services), cut: cutStep(services), bundle: bundleStep(services),
    models: async ({ input }) => ({ said: await changeShelf(services.modelsFolder, ModelsInput.parse(input)) }),
  };
  for (const [name, step] of Object.entries(steps)) steps[name as AnalysisStep] = withLasting(OF_FILE.includes(name) ? withUnchanged(services.home, step) : step);
  return steps;
}
