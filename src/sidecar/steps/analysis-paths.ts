/** Where the steps keep what they make of a recording, below `VISTTER_HOME/analysis/<recordingId>`, and how they read and write it. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { Id } from '../../protocol/ids.js';
import { readBoundedJson } from '../../runtime/bounded-file.js';
import { makeFolder as make } from '../../runtime/make-folder.js';
import { writeWhole } from '../../runtime/whole-file.js';
import { leftBy } from './lasting.js';

/** What one step leaves for another is never larger. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

export class AnalysisPaths {
  readonly folder: string;

  /** @param home VISTTER_HOME */
  constructor(private readonly home: string, recordingId: string) {
    this.folder = join(home, 'analysis', Id.parse(recordingId));
  }

  /** Of what the studio names relative to VISTTER_HOME. */
  absolute(relative: string): string {
    return join(this.home, relative);
  }

  relative(...names: string[]): string {
    return join('analysis', this.folder.slice(join(this.home, 'analysis').length + 1), ...names);
  }

  get features(): string { return join(this.folder, 'features.bin'); }
  get found(): string { return join(this.folder, 'found.json'); }
  get transcript(): string { return join(this.folder, 'transcript.json'); }
  get described(): string { return join(this.folder, 'described.json'); }
  get thumbnails(): string { return join(this.folder, 'thumbnails.json'); }
  get pictures(): string { return join(this.folder, 'pictures'); }
  get clips(): string { return join(this.folder, 'clips'); }
  get result(): string { return join(this.folder, 'result.json'); }
  get manifest(): string { return join(this.folder, 'manifest.yaml'); }
}

export async function makeFolder(path: string): Promise<void> {
  await make(path, 0o750);
}

/** JSON for another step, or for the studio. Makes the folder. */
export async function writeJson(path: string, content: unknown): Promise<void> {
  await writeText(path, JSON.stringify(content));
}

/** Makes the folder. @param text or the pieces of one */
export async function writeText(path: string, text: string | Iterable<string>): Promise<void> {
  await makeFolder(dirname(path));
  await writeWhole(path, (file) => writeFile(file, text));
}

/** @throws ServerError ANALYSIS_DAMAGED when it is not there, too large, or not what it should be */
export function readJson<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
  return leftBy((async () => schema.parse(await readBoundedJson(path, MAX_JSON_BYTES)) as z.infer<T>)());
}
