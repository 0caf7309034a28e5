/** The shelf of models, changed by the sidecar and by the command at once: one after the other, and none is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFile } from '../../src/runtime/file-lock.js';
import { learn } from '../../src/sidecar/learning/learn.js';
import { readShelf, writeShelf } from '../../src/sidecar/learning/shelf-files.js';
import { EMPTY_SHELF, MAX_MODELS, shelve, type ModelShelf } from '../../src/sidecar/learning/shelf.js';
import { VECTORS } from '../../src/sidecar/steps/found.js';
import { changeShelf, learnFrom } from '../../src/sidecar/steps/models.js';
import { repositoryRoot } from '../support/media.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { schemaOf, tasteful } from '../unit/sidecar/learning/decisions.js';

let folder: string;
beforeEach(() => { folder = tempFolder('v-shelf-'); });
afterEach(() => removeFolder(folder));

async function filled(): Promise<ModelShelf> {
  let shelf = EMPTY_SHELF;
  for (let n = 1; n <= MAX_MODELS; n++) shelf = shelve(shelf, learn({ decisions: tasteful({ seed: n, streams: 2 }), schema: schemaOf(4), createdAtMs: n, parentId: shelf.activeId }));
  await writeShelf(folder, shelf, EMPTY_SHELF);
  return shelf;
}
const summary = () => JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as { held: boolean; models: { id: string; active: boolean }[] };
/** A process of its own that runs this text as a module. */
const child = (text: string) => spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] });

describe('the shelf of models', () => {
  it('goes back by one step for each of two programs that ask at once', async () => {
    const { models } = await filled();
    const steps = 7;
    const text = `const { changeShelf } = await import('./dist/src/sidecar/steps/models.js'); for (let i = 0; i < ${steps}; i++) await changeShelf(${JSON.stringify(folder)}, { action: 'roll-back' });`;
    const ended = await Promise.all([child(text), child(text)].map((one) => once(one, 'exit')));
    expect(ended.map(([code]) => code as number)).toEqual([0, 0]);
    const { shelf, notes } = await readShelf(folder);
    expect([shelf.activeId, shelf.models.length, notes]).toEqual([models[MAX_MODELS - 1 - 2 * steps]!.id, MAX_MODELS, []]);
    expect(summary().models.find(({ active }) => active)!.id).toBe(shelf.activeId);
  }, 30_000);

  it('has all that is learnt at once, each on the one before, and holds what a person went back to', async () => {
    const rows = (seed: number) => tasteful({ seed, streams: 4 }).map((row) => ({ ...row, vector: VECTORS.names.map((_, f) => row.vector[f] ?? 0) }));
    await Promise.all([1, 2, 3, 4].map((seed) => learnFrom(folder, { rows: rows(seed), of: 40 }, seed)));
    const { models } = (await readShelf(folder)).shelf;
    expect(models).toHaveLength(4);
    expect(new Set(models.map(({ parentId }) => parentId)).size).toBe(4);
    await Promise.all([learnFrom(folder, { rows: rows(5), of: 40 }, 5), changeShelf(folder, { action: 'roll-back' }), learnFrom(folder, { rows: rows(5), of: 40 }, 6), learnFrom(folder, { rows: rows(6), of: 40 }, 7)]);
    const { shelf } = await readShelf(folder);
    expect([shelf.models.length, shelf.held, summary().held]).toEqual([6, true, true]);
  }, 30_000);

  it('is free again when whoever changed it is killed', async () => {
    const file = join(folder, 'shelf.lock');
    const holder = child(`const { lockFile } = await import('./dist/src/runtime/file-lock.js'); await lockFile(${JSON.stringify(file)}, 0); console.log('held'); setInterval(() => {}, 1000);`);
    await once(holder.stdout, 'data');
    expect(await lockFile(file, 0)).toBeNull();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const release = await lockFile(file, 0);
    expect(release).not.toBeNull();
    release!();
  }, 30_000);
});
