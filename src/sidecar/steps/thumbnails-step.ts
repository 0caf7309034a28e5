/** `thumbnails`: pictures to choose the video's own from, and one of each highlight. */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ThumbnailsInput } from '../../protocol/analysis-steps.js';
import { AnalysisFile, PictureName } from '../../protocol/highlights.js';
import { readSource } from '../cutting/source.js';
import { pickThumbnails } from '../cutting/thumbnails/pick.js';
import type { StepFunction } from '../jobs/worker.js';
import { AnalysisPaths, makeFolder, readJson, writeJson } from './analysis-paths.js';
import { Found } from './found.js';
import type { StepServices } from './services.js';

/** `pictures`: by the ids of highlights; of one that is all dark there is none. */
export const Thumbnails = z.object({ thumbnails: AnalysisFile.shape.thumbnails, pictures: z.record(z.string(), PictureName) });

const COUNT = 6;
/** A highlight's picture is of its strongest moment. */
const AROUND_PEAK_MS = 3_000;

export const thumbnailsStep = ({ home }: StepServices): StepFunction => async ({ input, signal, progress }) => {
  const { recordingId, file, durationMs, plain } = ThumbnailsInput.parse(input);
  const paths = new AnalysisPaths(home, recordingId);
  progress(0, 'choosing pictures');
  const { highlights } = await readJson(paths.found, Found);
  const result: z.infer<typeof Thumbnails> = { thumbnails: [], pictures: {} };
  await makeFolder(paths.pictures);
  const path = paths.absolute(file);
  const source = await readSource(path, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    // A recording of sound alone has no pictures.
    if ((error as { code?: unknown }).code === 'MEDIA_UNREADABLE') return null;
    throw error;
  });
  if (source) {
    const folder = join(paths.pictures, '.new');
    const pick = async (startMs: number, endMs: number, count: number, nameOf: (i: number) => string): Promise<{ name: string; atMs: number }[]> => {
      if (endMs <= startMs) return [];
      const picked = await pickThumbnails({ input: path, source, startMs, endMs, count, avoid: plain, outputFolder: folder, signal });
      return Promise.all(picked.map(async ({ path: at, atMs }, i) => {
        const name = nameOf(i);
        await rename(at, join(paths.pictures, name));
        return { name, atMs: Math.round(atMs) };
      }));
    };
    try {
      result.thumbnails = await pick(0, durationMs, COUNT, (i) => `video-${i + 1}.jpg`);
      for (const [i, { id, peakMs, startMs, endMs }] of highlights.entries()) {
        progress(0.4 + (0.6 * i) / highlights.length);
        const [one] = await pick(Math.max(startMs, peakMs - AROUND_PEAK_MS), Math.min(endMs, peakMs + AROUND_PEAK_MS), 1, () => `highlight-${id}.jpg`);
        if (one) result.pictures[id] = one.name;
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  await writeJson(paths.thumbnails, result);
  return { thumbnails: result.thumbnails.length, pictures: Object.keys(result.pictures).length };
};
