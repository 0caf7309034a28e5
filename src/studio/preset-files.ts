/** The files of `presets/`, as they are when somebody asks. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EncoderPreset, type Presets } from '../protocol/presets.js';
import type { Log } from '../runtime/log.js';

export class PresetFiles {
  constructor(private readonly folder: string, private readonly log: Log) {}

  /** By name; a file that is none is left out and said in the log. */
  async read(): Promise<Presets> {
    const folder = join(this.folder, 'encoder');
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    const all = await Promise.all(names.map(async (name) => {
      try {
        return [EncoderPreset.parse({ id: name.slice(0, -'.json'.length), settings: JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown })];
      } catch (error) {
        this.log.warn({ file: `encoder/${name}`, error: error instanceof Error ? error.message : String(error) }, 'a preset cannot be read');
        return [];
      }
    }));
    return { encoder: all.flat() };
  }
}
