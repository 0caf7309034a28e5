/** `cut`: one clip, and a file beside it that says what it is, written last. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CutInput } from '../../protocol/analysis-steps.js';
import { Clip } from '../../protocol/highlights.js';
import type { Clock } from '../../runtime/clock.js';
import { cutClip } from '../cutting/cut-clip.js';
import { toCutError } from '../cutting/errors.js';
import { readSource, type Source } from '../cutting/source.js';
import type { StepFunction } from '../jobs/worker.js';
import { readTranscript } from '../transcript/transcript-file.js';
import { AnalysisPaths, makeFolder, writeJson } from './analysis-paths.js';
import { leftBy } from './lasting.js';
import { layoutOf } from './layout.js';
import type { StepServices } from './services.js';

export const cutStep = ({ home, clock }: StepServices): StepFunction => {
  const sources = new LastSource(clock);
  return async ({ input, signal, progress }) => {
    const { recordingId, file, clipId, highlightId, startMs, endMs, shape, captions, layers } = CutInput.parse(input);
    const paths = new AnalysisPaths(home, recordingId);
    progress(0, 'cutting a clip');
    await makeFolder(paths.clips);
    const output = join(paths.clips, `${clipId}.mp4`);
    const layout = shape === 'vertical' ? layoutOf(layers) : null;
    const path = paths.absolute(file);
    const { cut, bytes, frames, lufs, truePeakDb, notes } = await cutClip({
      input: path, source: await sources.of(path, signal), startMs, endMs, output, shape, signal, onProgress: (share) => progress(share),
      ...(captions ? { captions: (await leftBy(readTranscript(paths.transcript, 'cues'))).cues } : {}), ...(layout ? { layout } : {}),
    });
    const clip: Clip = { id: clipId, highlightId, startMs, endMs, shape, cut, path: paths.relative('clips', `${clipId}.mp4`), bytes };
    await writeJson(join(paths.clips, `${clipId}.json`), clip);
    return { cut, bytes, frames, lufs, truePeakDb, notes };
  };
};

/** A recording's index has some MB an hour: it is let go when nothing was cut for so long. */
const KEPT_MS = 120_000;

/** Clips are exported by the dozen of one recording: what it is, and its index, is read once for all of them. */
class LastSource {
  #last: { key: string; source: Source } | null = null;
  #cancel: (() => void) | null = null;

  constructor(private readonly clock: Clock) {}

  /** @throws ServerError as `readSource` does */
  async of(path: string, signal: AbortSignal): Promise<Source> {
    const info = await stat(path).catch(() => null);
    const key = info && `${path} ${info.ino} ${info.size} ${info.mtimeMs}`;
    this.#cancel?.();
    this.#cancel = this.clock.after(KEPT_MS, () => { this.#last = null; });
    if (key !== null && this.#last?.key === key) return this.#last.source;
    const source = await readSource(path, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw toCutError(error);
    });
    if (key !== null) this.#last = { key, source };
    return source;
  }
}
