import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { learn } from '../../../../src/sidecar/learning/learn.js';
import type { Model } from '../../../../src/sidecar/learning/model.js';
import { readShelf, writeShelf } from '../../../../src/sidecar/learning/shelf-files.js';
import { activeModel, choose, EMPTY_SHELF, inUse, MAX_MODELS, rollBack, shelve, type ModelShelf } from '../../../../src/sidecar/learning/shelf.js';
import { schemaOf, tasteful } from './decisions.js';

const schema = schemaOf(4);
const modelAt = (n: number, parentId: string | null): Model => learn({ decisions: tasteful({ seed: n, streams: 2 }), schema, createdAtMs: n, parentId });

function shelfOf(count: number): ModelShelf {
  let shelf = EMPTY_SHELF;
  for (let n = 1; n <= count; n++) shelf = shelve(shelf, modelAt(n, shelf.activeId));
  return shelf;
}

describe('a shelf', () => {
  it('uses the newest, and goes back to its parent with one command', () => {
    const shelf = shelfOf(3);
    const back = rollBack(shelf);
    expect(activeModel(shelf)).toBe(shelf.models[2]);
    expect(activeModel(back.shelf)).toBe(shelf.models[1]);
    expect(back.said).toBe(`Model ${shelf.models[1]!.id} is in use again. It stays so until a model is chosen.`);
    expect(rollBack(rollBack(back.shelf).shelf).shelf.activeId).toBeNull();
  });

  it('goes on learning when somebody goes back from nothing', () => {
    const back = rollBack(EMPTY_SHELF);
    expect(back).toEqual({ shelf: EMPTY_SHELF, said: expect.stringContaining('nothing has changed') });
    expect(shelve(back.shelf, modelAt(1, null)).activeId).not.toBeNull();
    // And what a person had chosen stays so.
    const { shelf } = rollBack(shelfOf(1));
    expect(rollBack(shelf).shelf).toEqual(shelf);
  });

  it('keeps what a person went back to though more is learnt, until they let go', () => {
    const back = rollBack(shelfOf(2)).shelf;
    const later = shelve(back, modelAt(9, back.activeId));
    expect([later.activeId, later.models.length]).toEqual([back.activeId, 3]);
    expect(choose(later, null).shelf).toMatchObject({ activeId: later.models[2]!.id, held: false });
    expect(choose(later, later.models[1]!.id).shelf).toMatchObject({ activeId: later.models[1]!.id, held: true });
    expect(choose(later, 'x')).toEqual({ shelf: later, said: 'There is no model x: nothing has changed.' });
  });

  it('is bounded, and has the same model once', () => {
    const shelf = shelfOf(MAX_MODELS + 5);
    expect(shelf.models).toHaveLength(MAX_MODELS);
    expect(activeModel(shelf)!.createdAtMs).toBe(MAX_MODELS + 5);
    expect(shelve(shelf, { ...shelf.models[4]!, createdAtMs: 999 }).models).toHaveLength(MAX_MODELS);
  });

  it('never drops the one in use nor its parent', () => {
    let shelf = choose(shelfOf(2), shelfOf(2).models[1]!.id).shelf;
    for (let n = 10; n < 40; n++) shelf = shelve(shelf, modelAt(n, shelf.activeId));
    expect(shelf.models).toHaveLength(MAX_MODELS);
    expect(activeModel(rollBack(shelf).shelf)!.createdAtMs).toBe(1);
  });

  it('refuses a model of other features in a sentence', () => {
    const shelf = shelfOf(1);
    expect(inUse(shelf, schema).model).toBe(shelf.models[0]);
    expect(inUse(shelf, { ...schema, version: 2 })).toEqual({ model: null, why: expect.stringMatching(/^The heuristic ranks: model [0-9a-f]{16} was learnt from other features/) });
    expect(inUse(shelf, schemaOf(5)).model).toBeNull();
    expect(inUse(EMPTY_SHELF, schema)).toEqual({ model: null, why: 'The heuristic ranks: no model is in use.' });
  });
});

describe('the shelf as files', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'vistter-models-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  it('is read as it was written; what fell off the shelf is gone', async () => {
    const inside = join(folder, 'models');
    expect(await readShelf(inside)).toEqual({ shelf: EMPTY_SHELF, notes: [] });
    const shelf = shelfOf(3);
    await writeShelf(inside, shelf, EMPTY_SHELF);
    expect(await readShelf(inside)).toEqual({ shelf, notes: [] });
    const fewer = { ...shelf, models: shelf.models.slice(1), held: true };
    await writeShelf(inside, fewer, shelf);
    expect(await readShelf(inside)).toEqual({ shelf: fewer, notes: [] });
    expect(readdirSync(inside)).toHaveLength(3);
  });

  it('tells of each damaged file and does without it', async () => {
    const shelf = shelfOf(5);
    await writeShelf(folder, shelf, EMPTY_SHELF);
    const [cut, changed, foreign, renamed, whole] = shelf.models.map(({ id }) => join(folder, `${id}.json`));
    writeFileSync(cut!, readFileSync(cut!, 'utf8').slice(0, 100));
    writeFileSync(changed!, readFileSync(changed!, 'utf8').replace('"names":["f0"', '"names":["loudness"'));
    writeFileSync(foreign!, readFileSync(foreign!, 'utf8').replace('"format":1', '"format":2'));
    writeFileSync(renamed!, readFileSync(renamed!, 'utf8').replace(/"id":"[0-9a-f]{16}"/, `"id":"${'0'.repeat(16)}"`));
    const read = await readShelf(folder);
    expect(read.shelf.models.map(({ id }) => join(folder, `${id}.json`))).toEqual([whole]);
    expect(read.notes).toHaveLength(4);
    expect(read.notes.join(' ')).toContain('its content is not what its name says');
    rmSync(cut!);
    execFileSync('mkfifo', [cut!]);
    expect((await readShelf(folder)).notes).toContainEqual(expect.stringContaining('It is not a file.'));
    writeFileSync(join(folder, 'shelf.json'), '{');
    expect((await readShelf(folder)).shelf).toMatchObject({ activeId: null, held: true });
    expect((await readShelf(folder)).notes).toHaveLength(5);
  });
});
