/** The shelf of models on disk, written by one at a time: what is learnt goes there, and a summary of it for whoever may not read models. */
import { join } from 'node:path';
import type { ModelsFile } from '../../protocol/models.js';
import type { DecisionsFile, ModelsInput } from '../../protocol/analysis-steps.js';
import { ServerError } from '../../runtime/errors.js';
import { lockFile } from '../../runtime/file-lock.js';
import { DECISIONS_NEEDED, learn } from '../learning/learn.js';
import type { Model } from '../learning/model.js';
import { hashOfRows, lastWords } from '../learning/rows.js';
import { activeModel, choose, inUse, rollBack, shelve, type ModelShelf } from '../learning/shelf.js';
import { readShelf, writeShelf } from '../learning/shelf-files.js';
import { makeFolder, writeJson } from './analysis-paths.js';
import { VECTORS } from './found.js';

/** Whoever holds the shelf learns for a second, and on a busy machine for some. */
const WAIT_MS = 20_000;

const HEURISTIC = VECTORS.names.indexOf('score.all');

/** The model to rank by, which has learnt from these decisions where there are enough of them. */
export async function learnFrom(folder: string, { rows, of }: DecisionsFile, nowMs: number): Promise<{ model: Model | null; why: string; notes: string[] }> {
  // What people saw may have been ranked by a model: none learns from its own scores.
  const byHeuristic = rows.map((row) => ({ ...row, score: row.vector[HEURISTIC] ?? row.score }));
  const sorted = lastWords(byHeuristic, VECTORS.names.length);
  const hash = hashOfRows(sorted);
  const isKnown = ({ models }: ModelShelf): boolean => sorted.length < DECISIONS_NEEDED || models.some((model) => model.rows.hash === hash);
  const read = await readShelf(folder);
  if (isKnown(read.shelf)) return { ...inUse(read.shelf, VECTORS), notes: read.notes };
  return change(folder, ({ shelf, notes }) => {
    // Another may have learnt it meanwhile.
    const after = isKnown(shelf) ? shelf : shelve(shelf, learn({ decisions: byHeuristic, of, schema: VECTORS, createdAtMs: nowMs, parentId: activeModel(shelf)?.id ?? null }));
    return { shelf: after, said: { ...inUse(after, VECTORS), notes } };
  });
}

/** What a person asks of the shelf. @returns a sentence on what was done @throws ServerError MODELS_BUSY */
export function changeShelf(folder: string, wish: { action: 'roll-back' } | Extract<ModelsInput, { action: 'choose' }>): Promise<string> {
  return change(folder, ({ shelf }) => (wish.action === 'roll-back' ? rollBack(shelf) : choose(shelf, wish.id)));
}

export async function summaryOf(folder: string): Promise<ModelsFile> {
  return summary((await readShelf(folder)).shelf);
}

/** From what lies there to what is to lie there, while nobody else writes: the sidecar and the command are two. @throws ServerError MODELS_BUSY */
async function change<T>(folder: string, work: (read: Awaited<ReturnType<typeof readShelf>>) => { shelf: ModelShelf; said: T }): Promise<T> {
  await makeFolder(folder);
  const release = await lockFile(join(folder, 'shelf.lock'), WAIT_MS);
  if (!release) throw new ServerError('MODELS_BUSY', 'Models are being changed by another program. Try again in a minute.');
  try {
    const read = await readShelf(folder);
    const { shelf, said } = work(read);
    if (shelf !== read.shelf) await writeShelf(folder, shelf, read.shelf);
    // Also where nothing has changed: whoever changed it last may have been killed before it was told.
    await writeJson(join(folder, 'summary.json'), summary(shelf));
    return said;
  } finally {
    release();
  }
}

function summary({ models, activeId, held }: ModelShelf): ModelsFile {
  return {
    held,
    models: models.map(({ id, kind, createdAtMs, rows, metrics, parentId, verdict }) => ({
      id, kind, createdAtMs, rows: rows.count, parent: parentId, active: id === activeId, why: verdict,
      metrics: metrics ? figuresOf(metrics) : {},
    })),
  };
}

const figuresOf = ({ ndcg, learned, heuristic, choice }: NonNullable<Model['metrics']>): Record<string, number> => ({
  ndcg10: ndcg.learned, ndcg10Heuristic: ndcg.heuristic, pairs: learned.mean, pairsHeuristic: heuristic.mean, blend: choice.blend,
});
