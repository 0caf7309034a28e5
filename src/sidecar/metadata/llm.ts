/** The door to a language model: an OpenAI-compatible `POST …/chat/completions` that answers by a JSON schema. It has no tools, and what it says is checked. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { VideoMetadata } from '../../protocol/highlights.js';
import type { Clock } from '../../runtime/clock.js';
import { ask, endpoint, type Patience } from '../outside.js';
import { oneLine, paragraphs } from './limits.js';
import { promptFor } from './llm-prompt.js';
import { assembled, type Known, type MetadataInputs } from './text-fallback.js';

export interface LlmSettings {
  /** Such as http://127.0.0.1:11434/v1. */
  baseUrl: string;
  model: string;
  apiKey?: string | undefined;
  patience?: Partial<Patience>;
  clock?: Clock;
}

/** A small machine writes some hundred words in minutes. */
const PATIENCE: Patience = { timeoutMs: 300_000, tries: 3, firstWaitMs: 1_000, longestWaitMs: 30_000 };
const MAX_ANSWER_BYTES = 1024 * 1024;
const NAME = 'The language model';

const Written = z.object({
  title: z.string().min(1).max(400), description: z.string().max(20_000),
  tags: z.array(z.string().max(200)).max(100), hashtags: z.array(z.string().max(200)).max(50),
});
type Written = z.infer<typeof Written>;

/** As `strict` wants it: every field required, and none besides. */
const SCHEMA = {
  type: 'object', additionalProperties: false, required: ['title', 'description', 'tags', 'hashtags'],
  properties: { title: { type: 'string' }, description: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } }, hashtags: { type: 'array', items: { type: 'string' } } },
};

const Completion = z.object({
  choices: z.array(z.object({
    finish_reason: z.string().nullish(),
    message: z.object({ content: z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]).nullish(), refusal: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }),
  })).min(1),
});

export const llmId = ({ baseUrl, model }: LlmSettings): string => `${endpoint(NAME, baseUrl, '').host} ${model}`;

/**
 * Metadata by a language model, within the limits, without links and handles that the channel itself does not use.
 * @throws OutsideError; the signal's reason
 */
export async function llmMetadata(inputs: MetadataInputs, facts: Known, settings: LlmSettings, signal: AbortSignal): Promise<VideoMetadata> {
  const url = endpoint(NAME, settings.baseUrl, 'chat/completions');
  const { messages, mark } = promptFor(inputs, facts);
  // Neither a bound of tokens nor a temperature: each is refused by models that others need it for.
  const body = Buffer.from(JSON.stringify({
    model: settings.model, messages, stream: false, response_format: { type: 'json_schema', json_schema: { name: 'video_metadata', strict: true, schema: SCHEMA } },
  }));
  return ask({ name: NAME, url, apiKey: settings.apiKey }, { contentType: 'application/json', bytes: body.length, body: () => Readable.from([body]) },
    (answer) => checked(writtenIn(answer, mark), inputs, facts), {
      patience: { ...PATIENCE, ...settings.patience }, maxAnswerBytes: MAX_ANSWER_BYTES, signal, ...(settings.clock ? { clock: settings.clock } : {}),
    });
}

/** @throws when there is no such object in it */
function writtenIn(answer: unknown, mark: string): Written {
  const [choice] = Completion.parse(answer).choices;
  const { content, refusal, tool_calls: calls } = choice!.message;
  if (refusal || (calls && calls.length > 0) || choice!.finish_reason === 'length') throw new Error('no answer');
  const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
  if (text.includes(mark)) throw new Error('it repeats what it was told');
  // Some models think aloud first, or wrap what they write.
  const from = text.lastIndexOf('</think>') + 1;
  return Written.parse(JSON.parse(text.slice(text.indexOf('{', from), text.lastIndexOf('}') + 1)));
}

/** @throws when nothing is left of its title */
function checked(written: Written, inputs: MetadataInputs, facts: Known): VideoMetadata {
  // A line that begins with a time would be taken for a chapter.
  const text = paragraphs(written.description).split('\n').filter((line) => !/^\W*\d{1,2}:\d\d/.test(line)).join('\n').replace(/(?<!\S)#[\p{L}\p{N}_]+/gu, '');
  if (!/[\p{L}\p{N}]/u.test(oneLine(written.title))) throw new Error('no title');
  return assembled({ title: written.title, text: paragraphs(text), tags: written.tags, hashtags: written.hashtags }, inputs, facts);
}
