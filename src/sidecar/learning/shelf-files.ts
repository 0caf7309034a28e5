/** The shelf as files: `<id>.json` a model, and `shelf.json`, which says what is in use. Each is there whole or not at all, whenever the power goes. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readBoundedJson } from '../../runtime/bounded-file.js';
import { makeFolder } from '../../runtime/make-folder.js';
import { writeWhole } from '../../runtime/whole-file.js';
import { Model, modelId } from './model.js';
import type { ModelShelf } from './shelf.js';

const ShelfFile = z.object({ activeId: z.string().nullable(), held: z.boolean() });
const SHELF = 'shelf.json';
const MODEL_NAME = /^[0-9a-f]{16}\.json$/;
/** A model of 100 trees is 50 kB. */
const MAX_MODEL_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 100;

/** What can be read, and a sentence for each file that cannot: it is left where it is. A folder that is not there is an empty shelf. */
export async function readShelf(folder: string): Promise<{ shelf: ModelShelf; notes: string[] }> {
  const notes: string[] = [];
  // Before the models: whoever writes meanwhile puts one there before it says that it is in use.
  const inUse = await readInUse(folder, notes);
  const names = (await readdir(folder).catch(missing<string[]>([]))).filter((name) => MODEL_NAME.test(name)).sort();
  if (names.length > MAX_FILES) notes.push(`Of ${names.length} models only ${MAX_FILES} are read: remove some of them.`);
  const models: Model[] = [];
  for (const name of names.slice(0, MAX_FILES)) {
    try {
      const read = await readBoundedJson(join(folder, name), MAX_MODEL_BYTES).catch(missing(null));
      if (read === null) continue;
      const model = Model.parse(read);
      if (`${modelId(model)}.json` !== name || modelId(model) !== model.id) throw new Error('its content is not what its name says');
      models.push(model);
    } catch (error) {
      notes.push(`Model ${name} cannot be read and is not used (${reason(error)}).`);
    }
  }
  models.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  return { shelf: { models, ...inUse }, notes };
}

async function readInUse(folder: string, notes: string[]): Promise<Omit<ModelShelf, 'models'>> {
  try {
    return ShelfFile.parse(await readBoundedJson(join(folder, SHELF), MAX_MODEL_BYTES).catch(missing<unknown>({ activeId: null, held: false })));
  } catch (error) {
    notes.push(`What model is in use cannot be read (${reason(error)}): the heuristic ranks until one is chosen.`);
    return { activeId: null, held: true };
  }
}

/** Puts `shelf` in the place of `before`, as it was read. A model is there before it is said to be in use, and goes after it no longer is. */
export async function writeShelf(folder: string, shelf: ModelShelf, before: ModelShelf): Promise<void> {
  await makeFolder(folder);
  const was = new Set(before.models.map(({ id }) => id));
  for (const model of shelf.models) if (!was.has(model.id)) await written(folder, `${model.id}.json`, model);
  await written(folder, SHELF, { activeId: shelf.activeId, held: shelf.held });
  for (const id of was) if (!shelf.models.some((model) => model.id === id)) await rm(join(folder, `${id}.json`), { force: true });
}

const written = (folder: string, name: string, content: unknown): Promise<void> => writeWhole(join(folder, name), `${JSON.stringify(content)}\n`, 0o600);

function missing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead;
    throw error;
  };
}

function reason(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues[0] ? `${error.issues[0].path.join('.') || 'it'}: ${error.issues[0].message}` : 'it is not a model';
  return error instanceof Error ? error.message : String(error);
}
