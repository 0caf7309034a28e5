/** PATCH: what is given replaces, what is left out stays, and the whole is checked again. */
import type { z } from 'zod';
import { ServerError } from '../../runtime/errors.js';
import { sameJson } from '../../runtime/same-json.js';
import { invalidField, parse } from '../validate.js';

/** What a caller must have seen for its change to count; undefined: whatever there is. */
export type ExpectedRevision = number | undefined;

/** @throws ServerError STALE_REVISION */
export function checkRevision(current: number, expected: ExpectedRevision): void {
  if (expected !== undefined && expected !== current) {
    throw new ServerError('STALE_REVISION', `Somebody changed this in the meantime: it is at revision ${current}, not ${expected}. Read it again, then change it.`, { details: { revision: current } });
  }
}

/** @param uses where something else needs it @throws ServerError IN_USE naming them */
export function checkUnused(name: string, uses: readonly string[], remedy = 'Take it out there first.'): void {
  if (uses.length > 0) throw new ServerError('IN_USE', `"${name}" is ${uses.join(', ')}. ${remedy}`, { details: { uses } });
}

export type Body = Record<string, unknown>;

/** @throws ServerError VALIDATION */
export function asBody(value: unknown): Body {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  throw new ServerError('VALIDATION', 'The body must be a JSON object.');
}

/**
 * Takes out the fields that the server owns. They may come along unchanged, so that a thing that was read can be edited and
 * sent back; `revision` then counts as `If-Match` does.
 * @throws ServerError VALIDATION or STALE_REVISION
 */
export function withoutOwned(body: Body, resource: object, owned: readonly string[]): Body {
  const current = resource as Body;
  if ('revision' in body) {
    if (typeof body.revision !== 'number') throw invalidField('revision', 'It must be a number.');
    checkRevision(current.revision as number, body.revision);
  }
  const rest: Body = {};
  for (const [key, value] of Object.entries(body)) {
    if (key === 'revision') continue;
    if (!owned.includes(key)) rest[key] = value;
    else if (!sameJson(value, current[key])) throw invalidField(key, 'It cannot be changed.');
  }
  return rest;
}

/** One level deep, as resources are; `parse` has the last word. */
export function merge<S extends z.ZodType>(schema: S, current: object, change: Body): z.output<S> {
  return parse(schema, { ...current, ...change });
}

/** All the way down objects; lists, plain values and what only names a thing by its id are replaced. */
export function mergeDeep(current: unknown, change: unknown): unknown {
  if (!isObject(current) || !isObject(change) || isReference(current)) return change;
  const result: Body = { ...current };
  for (const [key, value] of Object.entries(change)) result[key] = key in current ? mergeDeep(current[key], value) : value;
  return result;
}

/** Such as `{sceneId}`: with the id of another kind beside it, it would name two things. */
function isReference(value: Body): boolean {
  const [key, ...more] = Object.keys(value);
  return key !== undefined && more.length === 0 && key.endsWith('Id');
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
