/** Title, description, tags and hashtags of a recording: by a language model where there is one, and always by what is built in. */
import type { VideoMetadata } from '../../protocol/highlights.js';
import { ServerError } from '../../runtime/errors.js';
import { llmId, llmMetadata, type LlmSettings } from './llm.js';
import { known, textFallback, type MetadataInputs } from './text-fallback.js';

export interface MadeMetadata {
  metadata: VideoMetadata;
  /** For the manifest: which model, or `built in`. Holds no secret. */
  by: string;
  /** For people: why the model that was asked did not do it. */
  notes: string[];
}

export const BUILT_IN = 'built in';

/** Always gives something; throws the signal's reason only. */
export async function makeMetadata(inputs: MetadataInputs, options: { llm?: LlmSettings | undefined; signal: AbortSignal }): Promise<MadeMetadata> {
  const { llm, signal } = options;
  signal.throwIfAborted();
  const facts = known(inputs);
  if (!llm) return { metadata: textFallback(inputs, facts), by: BUILT_IN, notes: [] };
  try {
    return { metadata: await llmMetadata(inputs, facts, llm, signal), by: llmId(llm), notes: [] };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof ServerError ? error.message : 'The language model could not be asked.';
    return { metadata: textFallback(inputs, facts), by: BUILT_IN, notes: [`${why} Title, description and tags were made without it.`] };
  }
}
