/** The files of `presets/`, as they are when somebody asks. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EncoderPreset, ScenePreset, type Presets } from '../protocol/presets.js';
import type { Log } from '../runtime/log.js';

export class PresetFiles {
  constructor(private readonly folder: string, private readonly log: Log) {}

  /** By name; a file that is none is left out and said in the log. */
  async read(): Promise<Presets> {
    const [scenes, encoder] = await Promise.all([
      this.#folder('scenes', (id, template) => ScenePreset.parse({ id, template })),
      this.#folder('encoder', (id, settings) => EncoderPreset.parse({ id, settings })),
    ]);
    return { scenes, encoder };
  }

  async #folder<T>(kind: string, parse: (id: string, json: unknown) => T): Promise<T[]> {
    const folder = join(this.folder, kind);
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    const all = await Promise.all(names.map(async (name) => {
      try {
        return [parse(name.slice(0, -'.json'.length), JSON.parse(await readFile(join(folder, name), 'utf8')))];
      } catch (error) {
        this.log.warn({ file: `${kind}/${name}`, error: error instanceof Error ? error.message : String(error) }, 'a preset cannot be read');
        return [];
      }
    }));
    return all.flat();
  }
}
