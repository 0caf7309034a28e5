/** The models there are, and which is in use. Pure: each function gives the shelf that comes of it. */
import type { FeatureSchema, Model } from './model.js';
import { sameSchema } from './model.js';

export interface ModelShelf {
  /** The oldest first. */
  models: readonly Model[];
  /** Null: the heuristic alone. */
  activeId: string | null;
  /** A person chose: what is learnt from then on is kept, and does not go into use by itself. */
  held: boolean;
}

export const EMPTY_SHELF: ModelShelf = { models: [], activeId: null, held: false };

/** Kept at most; the oldest goes first, never the one in use nor its parent. */
export const MAX_MODELS = 20;

export function activeModel(shelf: ModelShelf): Model | null {
  return shelf.models.find(({ id }) => id === shelf.activeId) ?? null;
}

/** With a model that was learnt; in use at once, unless a person holds another. */
export function shelve(shelf: ModelShelf, model: Model): ModelShelf {
  const models = shelf.models.some(({ id }) => id === model.id) ? shelf.models : [...shelf.models, model];
  return bounded({ ...shelf, models, activeId: shelf.held ? shelf.activeId : model.id });
}

/** Back to what was in use before, and it is held there. With nothing before it, to the heuristic. Where that ranks already nothing changes: nobody would look for why nothing is learnt. */
export function rollBack(shelf: ModelShelf): { shelf: ModelShelf; said: string } {
  const active = activeModel(shelf);
  if (!active) return { shelf, said: 'The heuristic ranks already: there is nothing to go back from, and nothing has changed.' };
  const parent = shelf.models.find(({ id }) => id === active.parentId) ?? null;
  const why = parent || active.parentId === null ? '' : ` (model ${active.parentId} is no longer kept)`;
  return { shelf: { ...shelf, activeId: parent?.id ?? null, held: true }, said: `${parent ? `Model ${parent.id} is in use again.` : `The heuristic ranks again${why}.`} It stays so until a model is chosen.` };
}

/** Puts a model into use and holds it; `null` lets go: the newest goes into use, and each that is learnt later. */
export function choose(shelf: ModelShelf, id: string | null): { shelf: ModelShelf; said: string } {
  if (id === null) {
    const newest = shelf.models.at(-1) ?? null;
    return { shelf: { ...shelf, activeId: newest?.id ?? null, held: false }, said: newest ? `Model ${newest.id}, the newest, is in use, and each that is learnt later will be.` : 'The heuristic ranks, until a model is learnt.' };
  }
  if (!shelf.models.some((model) => model.id === id)) return { shelf, said: `There is no model ${id}: nothing has changed.` };
  return { shelf: { ...shelf, activeId: id, held: true }, said: `Model ${id} is in use. It stays so until another is chosen.` };
}

/** The model to rank vectors of this schema by, and what a person should know of it. */
export function inUse(shelf: ModelShelf, schema: FeatureSchema): { model: Model | null; why: string } {
  const model = activeModel(shelf);
  if (!model) return { model: null, why: shelf.activeId === null ? 'The heuristic ranks: no model is in use.' : `The heuristic ranks: model ${shelf.activeId} is gone.` };
  if (!sameSchema(model.schema, schema)) return { model: null, why: `The heuristic ranks: model ${model.id} was learnt from other features (version ${model.schema.version}, ${model.schema.names.length} of them) than there are now.` };
  return { model, why: model.verdict };
}

function bounded(shelf: ModelShelf): ModelShelf {
  const active = activeModel(shelf);
  const models = [...shelf.models];
  while (models.length > MAX_MODELS) models.splice(models.findIndex(({ id }) => id !== active?.id && id !== active?.parentId), 1);
  return { ...shelf, models };
}
