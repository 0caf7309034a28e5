/** `VISTTER_HOME/analysis`: what the sidecar makes of recordings, read by schema, and what its steps are told in files. */
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CHAT_NAME, type InputFile } from '../../protocol/analysis-steps.js';
import { AnalysisFile, Clip, MAX_ANALYSIS_BYTES } from '../../protocol/highlights.js';
import { Id } from '../../protocol/ids.js';
import { openFile, readBoundedJson } from '../../runtime/bounded-file.js';
import { makeFolder } from '../../runtime/make-folder.js';
import { diskRefusal } from '../../runtime/scarcity.js';
import { writeWhole } from '../../runtime/whole-file.js';
import { followed } from '../media-paths.js';

export type ReadResult = { is: 'none' } | { is: 'read'; file: AnalysisFile } | { is: 'damaged' };

/** Results kept in memory as they were read. */
const MOST_KEPT = 8;
const MAX_CLIP_BYTES = 64 * 1024;

export class AnalysisFolder {
  /** By recording, the one asked for last at the end. */
  readonly #read = new Map<string, { stamp: string; result: ReadResult }>();

  /** @param home VISTTER_HOME */
  constructor(private readonly home: string) {}

  /** What was found in a recording. A file that is too large, or not what it should be, is damaged. */
  async result(recordingId: string): Promise<ReadResult> {
    const path = join(this.#of(recordingId), 'result.json');
    const stamp = await stampOf(path);
    if (stamp === null) return { is: 'none' };
    const known = this.#read.get(recordingId);
    this.#read.delete(recordingId);
    const result = known?.stamp === stamp ? known.result : await readResult(path, recordingId);
    this.#read.set(recordingId, { stamp, result });
    if (this.#read.size > MOST_KEPT) this.#read.delete(this.#read.keys().next().value!);
    return result;
  }

  async hasResult(recordingId: string): Promise<boolean> {
    return (await stampOf(join(this.#of(recordingId), 'result.json'))) !== null;
  }

  /** A clip that is cut; null: it is not, or not whole. */
  async clip(recordingId: string, clipId: string): Promise<Clip | null> {
    try {
      const path = join(this.#clips(recordingId), `${clipId}.json`);
      const clip = Clip.parse(await readBoundedJson(path, MAX_CLIP_BYTES));
      return (await stat(this.clipFile(recordingId, clipId))).size === clip.bytes ? clip : null;
    } catch {
      return null;
    }
  }

  clipFile(recordingId: string, clipId: string): string {
    return join(this.#clips(recordingId), `${clipId}.mp4`);
  }

  async removeClip(recordingId: string, clipId: string): Promise<void> {
    await rm(join(this.#clips(recordingId), `${clipId}.json`), { force: true });
    await rm(this.clipFile(recordingId, clipId), { force: true });
  }

  /** Clips that nobody wants any more, as of an export that was cancelled while one was cut. */
  async keepClips(recordingId: string, clipIds: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#clips(recordingId)).catch(() => [])) {
      if (!clipIds.has(name.replace(/\..*$/, ''))) await rm(join(this.#clips(recordingId), name), { force: true, recursive: true });
    }
  }

  picture(recordingId: string, name: string): string {
    return join(this.#of(recordingId), 'pictures', name);
  }

  /** Where an analysis leaves what people take away as it is. */
  left(recordingId: string, name: 'manifest.yaml' | 'transcript.vtt' | 'transcript.srt'): string {
    return join(this.#of(recordingId), name);
  }

  /**
   * A file of a recording's analysis, looked at.
   * @returns null: it is not there, is no file, or a link leads out of the folder
   */
  async within(recordingId: string, path: string): Promise<{ path: string; bytes: number; modifiedMs: number } | null> {
    try {
      const { real, isInside } = await followed(this.#of(recordingId), path);
      const info = await stat(real);
      return isInside && info.isFile() ? { path: real, bytes: info.size, modifiedMs: info.mtimeMs } : null;
    } catch {
      return null;
    }
  }

  /** Writes a file for a step beside its place, and puts it there: whoever reads it reads a whole one. @param name without a folder @param owner of one recording; null: of all @throws ServerError DISK_FULL, DISK_READ_ONLY */
  async writeInput(owner: string | null, name: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<InputFile> {
    const folder = owner === null ? join(this.home, 'analysis') : join(this.#of(owner), 'inputs');
    const hash = createHash('sha256');
    try {
      await makeFolder(folder, 0o750);
      await writeWhole(join(folder, name), async (file) => {
        for await (const chunk of chunks) {
          hash.update(chunk);
          await file.writeFile(chunk);
        }
      });
    } catch (cause) {
      throw diskRefusal(cause, 'for what an analysis needs') ?? cause;
    }
    return { file: owner === null ? `analysis/${name}` : `analysis/${owner}/inputs/${name}`, sha256: hash.digest('hex') };
  }

  /** The chat that lies beside a recording's file; null: there is none. @param recording relative to VISTTER_HOME */
  async chatBeside(recording: string): Promise<InputFile | null> {
    const file = join(dirname(recording), CHAT_NAME);
    const hash = createHash('sha256');
    try {
      await pipeline((await openFile(join(this.home, file))).createReadStream(), hash);
    } catch {
      return null;
    }
    return { file, sha256: hash.digest('hex') };
  }

  /** Recordings that something lies here of. */
  async recordings(): Promise<string[]> {
    const entries = await readdir(join(this.home, 'analysis'), { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory() && Id.safeParse(entry.name).success).map(({ name }) => name);
  }

  async remove(recordingId: string): Promise<void> {
    this.#read.delete(recordingId);
    await rm(this.#of(recordingId), { recursive: true, force: true, maxRetries: 3 });
  }

  #of(recordingId: string): string {
    return join(this.home, 'analysis', Id.parse(recordingId));
  }

  #clips(recordingId: string): string {
    return join(this.#of(recordingId), 'clips');
  }
}

/** Tells one file of a name from the next; null: there is none. */
async function stampOf(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  return info?.isFile() ? `${info.mtimeMs} ${info.size} ${info.ino}` : null;
}

async function readResult(path: string, recordingId: string): Promise<ReadResult> {
  try {
    const file = AnalysisFile.parse(await readBoundedJson(path, MAX_ANALYSIS_BYTES));
    return file.recordingId === recordingId ? { is: 'read', file } : { is: 'damaged' };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { is: 'none' } : { is: 'damaged' };
  }
}
