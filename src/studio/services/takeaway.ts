/** All that was made of a recording, to be taken away at once: clips, pictures, captions, chapters, texts and the manifest. */
import type { Analysis, ClipStatus, ExportContents } from '../../protocol/analysis.js';
import { ServerError } from '../../runtime/errors.js';
import type { AnalysisFolder } from '../analyses/folder.js';
import { takeawayTexts } from '../analyses/takeaway-texts.js';
import type { Model } from '../model.js';
import { zipOf, type Zip, type ZipPart } from '../zip.js';
import type { Analyses } from './analyses.js';
import type { Exports } from './exports.js';

export interface TakeawayOptions {
  model: Model;
  analyses: Pick<Analyses, 'get'>;
  exports: Pick<Exports, 'file'>;
  folder: Pick<AnalysisFolder, 'within' | 'clipFile' | 'picture' | 'left'>;
}

export class Takeaway {
  constructor(private readonly options: TakeawayOptions) {}

  /** What would be in it. @throws ServerError as `zip` does */
  async contents(recordingId: string): Promise<ExportContents> {
    const { name, parts, zip } = await this.zip(recordingId);
    // Nobody reads it.
    zip.stream.destroy();
    return { name, bytes: zip.bytes, files: parts.map((part) => ({ name: part.name, bytes: 'text' in part ? Buffer.byteLength(part.text) : part.bytes })) };
  }

  /** @throws ServerError NOT_FOUND; CONFLICT while there is nothing, while clips are being cut, and where something of it is gone */
  async zip(recordingId: string): Promise<{ name: string; parts: ZipPart[]; zip: Zip }> {
    const { model, analyses } = this.options;
    const { startedAt } = model.get('recording', recordingId).data;
    const found = await analyses.get(recordingId);
    if (found.durationMs === null) throw new ServerError('CONFLICT', 'Nothing was found in this recording yet. Analyse it first.');
    refuseUnfinished(found.clips);
    const clips = await this.#clips(found);
    const files = [...clips.map(({ part }) => part), ...(await this.#pictures(found)), ...(await this.#left(found))];
    const modifiedMs = Date.parse(found.analyzedAt ?? startedAt);
    const texts = takeawayTexts(found, startedAt, clips.map(({ id, part }) => ({ id, file: part.name })));
    const parts = [...Object.entries(texts).map(([name, text]): ZipPart => ({ name, modifiedMs, text })), ...files];
    return { name: `${recordingId}.zip`, parts, zip: zipOf(parts) };
  }

  async #clips({ recordingId, clips }: Analysis): Promise<{ id: string; part: ZipPart }[]> {
    const named: { id: string; part: ZipPart }[] = [];
    const taken = new Set<string>();
    for (const { id } of clips) {
      const { path, name } = await this.options.exports.file(recordingId, id);
      // Those that begin in the same second, as one with captions and one without.
      let unlike = name;
      for (let n = 2; taken.has(unlike); n++) unlike = name.replace(/(?=\.mp4$)/, `-${n}`);
      taken.add(unlike);
      named.push({ id, part: await this.#part(recordingId, path, `clips/${unlike}`, 'The file of a clip is gone. Delete the clip, and export it again.') });
    }
    return named;
  }

  /** Those to choose the video's own from, and one of each highlight. */
  #pictures({ recordingId, highlights, thumbnails }: Analysis): Promise<ZipPart[]> {
    const names = new Set([...thumbnails.map(({ name }) => name), ...highlights.flatMap(({ picture }) => picture ?? [])]);
    return Promise.all([...names].map((name) => this.#part(recordingId, this.options.folder.picture(recordingId, name), `pictures/${name}`, 'A picture of this recording is gone. Analyse it again.')));
  }

  /** Captions where there is a transcript; the manifest once it is written, as it is after each change. */
  async #left({ recordingId, transcript }: Analysis): Promise<ZipPart[]> {
    const { folder } = this.options;
    const captions = await Promise.all((transcript ? ['vtt', 'srt'] as const : []).map((form) => this.#part(recordingId, folder.left(recordingId, `transcript.${form}`), `captions.${form}`, 'The captions of this recording are gone. Analyse it again.')));
    const manifest = await folder.within(recordingId, folder.left(recordingId, 'manifest.yaml'));
    return [...captions, ...(manifest ? [{ name: 'manifest.yaml', ...manifest }] : [])];
  }

  async #part(recordingId: string, path: string, name: string, missing: string): Promise<ZipPart> {
    const file = await this.options.folder.within(recordingId, path);
    if (!file) throw new ServerError('CONFLICT', missing);
    return { name, ...file };
  }
}

/** Half of what was asked for would look like all of it. */
function refuseUnfinished(clips: readonly ClipStatus[]): void {
  const count = (...states: ClipStatus['state'][]): number => clips.filter(({ state }) => states.includes(state)).length;
  const [open, failed] = [count('waiting', 'working'), count('failed')];
  if (open > 0) throw new ServerError('CONFLICT', `${open === 1 ? 'One clip is' : `${open} clips are`} still being cut. Wait until all are ready.`);
  if (failed > 0) throw new ServerError('CONFLICT', `${failed === 1 ? 'One clip' : `${failed} clips`} could not be cut. Delete what failed, or export it again.`);
}
