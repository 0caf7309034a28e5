/** A JSON Patch on a timeline's document. Pure. */
import { createRequire } from 'node:module';
import type { Operation, Validator } from 'fast-json-patch';
import { MAX_CLIPS, MAX_OPERATIONS, type TimelineDocument, type TimelinePatch } from '../../protocol/timeline.js';
import { ServerError } from '../../runtime/errors.js';

// CommonJS without named exports for ESM.
const { applyOperation, getValueByPointer, unescapePathComponent, validator, JsonPatchError } = createRequire(import.meta.url)('fast-json-patch') as typeof import('fast-json-patch');

/** Copies of copies grow without end: together they may be so long, characters of JSON. Two thousand clips are. */
const MAX_COPIED = 1024 * 1024;
/** What is put into a list or taken out moves what lies behind it: entries of such lists together. The most moves among the most clips fit. */
const MAX_PASSED = 2 * MAX_OPERATIONS * MAX_CLIPS;
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype']);

/** What is told of the library's own words. */
const SENTENCES: Readonly<Record<string, string>> = {
  OPERATION_PATH_CANNOT_ADD: 'There is nothing at the path to add to.',
  OPERATION_PATH_UNRESOLVABLE: 'There is nothing at the path.',
  OPERATION_PATH_ILLEGAL_ARRAY_INDEX: 'An index of a list is a whole number, or "-" for its end.',
  OPERATION_VALUE_OUT_OF_BOUNDS: 'The index lies behind the end of the list.',
  OPERATION_VALUE_REQUIRED: 'The operation needs a value.',
  OPERATION_VALUE_CANNOT_CONTAIN_UNDEFINED: 'The operation needs a value.',
  TEST_OPERATION_FAILED: 'The test found another value: nothing was changed.',
};

/**
 * All of the patch or nothing: the document that went in is left as it is, and what the patch does not touch is the very same
 * object in what comes out, which is still to be parsed.
 * @throws ServerError VALIDATION that names the operation
 */
export function patched(document: TimelineDocument, patch: TimelinePatch): unknown {
  let result: unknown = document;
  /** Made here, so that they may be changed. */
  const ours = new Set<object>();
  let copied = 0;
  let passed = 0;
  patch.forEach((operation, i) => {
    const refuse = (message: string): never => {
      throw new ServerError('VALIDATION', `patch.${i}: ${message}`, { details: [{ path: `patch.${i}`, message }] });
    };
    for (const pointer of ['from' in operation ? operation.from : '', operation.path]) {
      if (pointer.split('/').some((part) => DANGEROUS.has(unescapePathComponent(part)))) refuse('That is not a field of anything.');
    }
    try {
      const toCopy = (value: unknown): unknown => {
        // Before it is copied: what is too much is not made first.
        copied += JSON.stringify(value).length;
        if (copied > MAX_COPIED) refuse(`All copies together have at most ${MAX_COPIED} characters.`);
        return structuredClone(value);
      };
      for (const step of steps(result, operation, toCopy, refuse)) {
        if (step.op !== 'test') {
          const way = withWay(result, step.path, ours);
          result = way.root;
          if (step.op !== 'replace' && Array.isArray(way.holder)) passed += way.holder.length;
        }
        if (passed > MAX_PASSED) refuse('The patch puts too much into long lists, or takes it out: replace such a list as a whole.');
        result = applyOperation(result, step as Operation, operation.op === 'move' ? pathOnly : true, true, true, i).newDocument;
      }
    } catch (error) {
      if (error instanceof ServerError) throw error;
      refuse((error instanceof JsonPatchError && SENTENCES[error.name]) || 'It cannot be applied to this timeline.');
    }
  });
  return result;
}

type Step = { op: 'add' | 'replace' | 'test' | 'remove'; path: string; value?: unknown };

/** The library reads all of a value to see that it is one; what is moved was in the document before, and may be most of it. */
const pathOnly: Validator<unknown> = (step, index, document, existing) => validator('value' in step ? { ...step, value: null } : step, index, document, existing);

/**
 * The same with what lies on the way to a pointer's end copied, as far as there is a way and nobody has copied it yet; and what
 * that end lies in, undefined where there is no way to it.
 */
function withWay(from: unknown, pointer: string, ours: Set<object>): { root: unknown; holder: unknown } {
  const copyOf = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || ours.has(value)) return value;
    const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
    ours.add(copy);
    return copy;
  };
  const root = copyOf(from);
  let holder = root;
  for (const part of pointer.split('/').slice(1, -1).map(unescapePathComponent)) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, part)) return { root, holder: undefined };
    const above = holder as Record<string, unknown>;
    holder = above[part] = copyOf(above[part]);
  }
  return { root, holder };
}

/** The library does not look where a move or a copy goes, as it does with what is added: so they are made of that. */
function steps(document: unknown, operation: TimelinePatch[number], toCopy: (value: unknown) => unknown, refuse: (message: string) => never): Step[] {
  if (operation.op !== 'move' && operation.op !== 'copy') return [operation];
  const { op, from, path } = operation;
  if (op === 'move' && path.startsWith(`${from}/`)) refuse('A thing cannot be moved into itself.');
  let value: unknown;
  try {
    value = getValueByPointer(document, from) as unknown;
  } catch {
    value = undefined;
  }
  if (value === undefined) refuse('There is nothing at "from".');
  // What is moved stays what it is; a copy is another thing.
  if (op === 'copy') value = toCopy(value);
  return op === 'copy' ? [{ op: 'add', path, value }] : [{ op: 'remove', path: from }, { op: 'add', path, value }];
}
