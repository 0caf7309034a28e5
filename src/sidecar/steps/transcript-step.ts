/** `transcript`: what is said, by captions beside the recording or whoever is configured to listen. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TranscriptInput } from '../../protocol/analysis-steps.js';
import { toProblem } from '../../runtime/errors.js';
import { makeFolder } from '../../runtime/make-folder.js';
import { readTableHead } from '../features/table-file.js';
import type { StepFunction } from '../jobs/worker.js';
import { srtPieces, vttPieces } from '../transcript/captions-write.js';
import { noDoor, transcribe } from '../transcript/doors.js';
import { NOTHING_SAID } from '../transcript/transcript.js';
import { transcriptPieces } from '../transcript/transcript-file.js';
import { AnalysisPaths, writeText } from './analysis-paths.js';
import { leftBy } from './lasting.js';
import type { StepServices } from './services.js';

/** What it hands on; `isAny`: clips can have captions. */
export const TranscriptResult = z.object({ by: z.string(), words: z.number(), isAny: z.boolean(), /** Why there is none, for people. */ note: z.string().nullable() });

export const transcriptStep = ({ home, scratchFolder, transcript: doors }: StepServices): StepFunction => async ({ input, signal, progress }) => {
  const { recordingId, file, durationMs, language } = TranscriptInput.parse(input);
  const paths = new AnalysisPaths(home, recordingId);
  progress(0, 'listening for words');
  // What a life before this one left.
  await rm(scratchFolder, { recursive: true, force: true });
  await makeFolder(scratchFolder, 0o700);
  const { silences } = await leftBy(readTableHead(paths.features));
  // A server that does not answer, which was asked more than once by then, is no reason to have neither title nor chapters.
  const { transcript, by, note } = await transcribe(
    { mediaPath: paths.absolute(file), durationMs, silences, ...(language === null ? {} : { language: language.split('-')[0]! }), signal, onProgress: (share) => progress(share) },
    { ...doors, scratchFolder },
  ).then((done) => ({ ...done, note: null }), (error: unknown) => {
    signal.throwIfAborted();
    return { transcript: NOTHING_SAID, by: noDoor.id, note: `${toProblem(error).message} There is no transcript; analyse the recording again to try once more.` };
  });
  await writeText(paths.transcript, transcriptPieces(transcript));
  for (const [name, write] of [['transcript.vtt', vttPieces], ['transcript.srt', srtPieces]] as const) {
    const captions = join(paths.folder, name);
    if (transcript.cues.length > 0) await writeText(captions, write(transcript.cues));
    // What an earlier analysis wrote is not what this one found.
    else await rm(captions, { force: true });
  }
  return { by, words: transcript.words.length, isAny: by !== noDoor.id && transcript.cues.length > 0, note } satisfies z.infer<typeof TranscriptResult>;
};
