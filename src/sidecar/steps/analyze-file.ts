/** The whole of an analysis of any one file, without a home: what the command does. */
import type { AnalyzedFile, RecordedMoment } from '../../protocol/highlights.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import { extractFeatures } from '../features/extract.js';
import { chatLines, momentLines } from '../features/json-lines.js';
import type { Preset } from '../finding/find.js';
import type { Model } from '../learning/model.js';
import { fileDoor, captionsBeside } from '../transcript/file-door.js';
import { changedError, watchChange } from '../unchanged.js';
import { sentences } from '../transcript/sentences.js';
import { NOTHING_SAID } from '../transcript/transcript.js';
import { described } from './described.js';
import { found } from './found.js';
import { wholeTable } from './whole-table.js';

export interface AnalyzeFileOptions {
  path: string;
  chatPath: string | null;
  momentsPath: string | null;
  /** Null: one beside the file is looked for. */
  transcriptPath: string | null;
  top: number;
  preset: Preset;
  model: Model | null;
  clock: Clock;
  signal: AbortSignal;
  onProgress(share: number, what: string): void;
}

/** @throws ServerError with a sentence for people, MEDIA_CHANGED where somebody writes to the file; the signal's reason */
export async function analyzeFile({ path, chatPath, momentsPath, transcriptPath, top, preset, model, clock, signal, onProgress }: AnalyzeFileOptions): Promise<AnalyzedFile> {
  const beganMs = clock.monotonicMs();
  const { moments, notes: ofMoments } = momentsPath === null ? { moments: [], notes: [] } : await momentLines(momentsPath, signal);
  const chat = chatPath === null ? [] : await chatLines(chatPath, signal);
  onProgress(0, 'looking and listening');
  const changeOf = await watchChange(path);
  const extracted = await extractFeatures({
    input: { path }, signal, clock, onProgress: (doneMs, totalMs) => onProgress(totalMs === null ? 0 : 0.97 * Math.min(1, doneMs / Math.max(1, totalMs)), 'looking and listening'),
  }).catch(async (error: unknown) => {
    signal.throwIfAborted();
    const change = await changeOf();
    throw change ? changedError(change, error) : unnamed(path, error) ?? error;
  });
  const change = await changeOf();
  if (change === 'written') throw changedError(change);
  const { durationMs, silences } = extracted;
  onProgress(0.97, 'finding highlights');
  const table = await wholeTable(extracted, chatPath, moments, signal);
  const captions = transcriptPath ?? await captionsBeside(path);
  // Cues are for burning in, which nobody does here.
  const transcript = captions === null ? NOTHING_SAID : { ...(await fileDoor(captions).transcribe({ mediaPath: path, durationMs, silences, signal })), cues: [] };
  const { highlights } = found(table, { top, preset, moments, sentences: sentences(transcript), model });
  onProgress(0.99, 'writing title and chapters');
  const { chapters, metadata, notes } = await described(table, { fileName: path, transcript, chat, moments, highlights }, { signal });
  onProgress(1, 'done');
  return {
    file: path, durationMs, tookMs: Math.round(clock.monotonicMs() - beganMs), peakRssBytes: process.resourceUsage().maxRSS * 1024 + extracted.peakRssBytes,
    highlights: highlights.map(({ vector: _v, picture: _p, found: _f, ...one }) => one), chapters, metadata, notes: [...table.notes, ...(change === null ? [] : [GREW]), ...ofMoments, ...outside(moments, durationMs), ...notes],
  };
}

const GREW = 'The file has grown while it was read: what was in it before was used. Analyse it again when it is complete.';

/** By another clock than the recording's they would be lost without a word. */
function outside(moments: readonly RecordedMoment[], durationMs: number): string[] {
  const count = moments.filter(({ atMs }) => atMs >= durationMs).length;
  return count === 0 ? [] : [`${count === 1 ? 'One moment lies' : `${count} moments lie`} after the end of the recording. Check that their times count from its start.`];
}

/** What is no UTF-8 in a name comes here as another character, and nothing is called so. */
function unnamed(path: string, error: unknown): ServerError | null {
  if (!path.includes('\uFFFD') || (error as { code?: unknown }).code !== 'MEDIA_MISSING') return null;
  return new ServerError('MEDIA_MISSING', 'The file does not exist, or its name is not written in UTF-8. Give it another name, and try again.', { cause: error });
}
