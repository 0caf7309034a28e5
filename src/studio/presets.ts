/** The files below presets/, read once, when they are first asked for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { EncoderProfile, SceneTemplate, type Presets } from '../protocol/presets.js';
import type { Log } from '../runtime/log.js';

export class PresetFiles {
  #read: Presets | undefined;

  constructor(private readonly folder: string, private readonly log: Log) {}

  /** In the order of their names. A file that cannot be used is told in the log and left out. */
  all(): Presets {
    return (this.#read ??= { scenes: this.#folder('scenes', SceneTemplate), encoder: this.#folder('encoder', EncoderProfile) });
  }

  #folder<S extends z.ZodObject>(name: string, schema: S): ({ id: string } & z.output<S>)[] {
    const files = attempt(() => readdirSync(join(this.folder, name)).filter((file) => file.endsWith('.json')).sort());
    if (files instanceof Error) {
      this.log.warn({ folder: name, reason: files.message }, 'presets cannot be read');
      return [];
    }
    return files.flatMap((file) => {
      const preset = attempt(() => schema.parse(JSON.parse(readFileSync(join(this.folder, name, file), 'utf8'))));
      if (!(preset instanceof Error)) return [{ id: file.slice(0, -'.json'.length), ...preset }];
      this.log.warn({ file: `${name}/${file}`, reason: preset.message }, 'a preset cannot be used');
      return [];
    });
  }
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
