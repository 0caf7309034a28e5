/** The edge: unknown values in, checked ones out, and one sentence about the first thing that is wrong. */
import type { z } from 'zod';
import { ServerError } from '../runtime/errors.js';
import { inWords } from './issue-words.js';
import type { Issue } from '../domain/references.js';

const MAX_DEPTH = 24;
/** Whatever stands in so few characters is read in no time. */
const SURELY_READ = 64 * 1024;
const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [...'"\\[]{}'].map((one) => one.charCodeAt(0));
/** Keys that could reach an object's prototype. No resource has such a field. */
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_ISSUES = 20;

/** @throws ServerError VALIDATION; `details` lists `{path, message}`. Values are never repeated: one may be a key. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value, { error: inWords });
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.slice(0, MAX_ISSUES).map(toIssue));
}

/** Refuses one field. */
export const invalidField = (path: string, message: string): ServerError => invalid([{ path, message }]);

/** @throws ServerError VALIDATION when there are any. */
export function rejectIssues(issues: Issue[]): void {
  if (issues.length > 0) throw invalid(issues);
}

/**
 * Text → JSON value. `onRead` is given it before its shape is checked, for what an answer needs of a request that is refused.
 * @throws ServerError BAD_REQUEST for what is not JSON, too deep, or reaches for a prototype
 */
export function parseJson(text: string, onRead?: (value: unknown) => void): unknown {
  // Megabytes of brackets would be read for many seconds, in which the studio does nothing else.
  if (text.length > SURELY_READ && isNestedDeeper(text)) throw tooDeep();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ServerError('BAD_REQUEST', 'The body is not valid JSON.');
  }
  onRead?.(value);
  checkShape(value, 0);
  return value;
}

/** Looks at brackets alone, and at those that stand in no string. */
function isNestedDeeper(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
        break;
      case OPEN_ARRAY: case OPEN_OBJECT:
        depth += 1;
        if (depth > MAX_DEPTH) return true;
        break;
      case CLOSE_ARRAY: case CLOSE_OBJECT:
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) throw tooDeep();
  // Millions of plain numbers are passed by without a word.
  if (Array.isArray(value)) {
    for (const child of value as unknown[]) if (typeof child === 'object') checkShape(child, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (DANGEROUS.has(key)) throw new ServerError('BAD_REQUEST', `"${key}" is not a field of anything.`);
    checkShape((value as Record<string, unknown>)[key], depth + 1);
  }
}

const tooDeep = (): ServerError => new ServerError('BAD_REQUEST', `The JSON is nested deeper than ${MAX_DEPTH} levels.`);

function invalid(issues: Issue[]): ServerError {
  const first = issues[0]!;
  return new ServerError('VALIDATION', first.path ? `${first.path}: ${first.message}` : first.message, { details: issues });
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return { path, message: `Unknown field ${issue.keys.map((key) => JSON.stringify(key.slice(0, 60))).join(', ')}.` };
  if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator) return { path, message: 'This is none of the known kinds.' };
  return { path, message: issue.message };
}
