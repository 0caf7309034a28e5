/** JSON Patch (RFC 6902), as far as the studio speaks it: add, remove and replace. What a patch does not touch stays the same object. */

export interface Operation {
  op: 'add' | 'remove' | 'replace';
  path: string;
  value?: unknown;
}

/**
 * Gives the document with all operations done; the one given is left as it was.
 * @throws Error when a path does not exist: then the copy here is not the studio's, and a snapshot is due
 */
export function applyPatch<T>(document: T, operations: readonly Operation[]): T {
  return operations.reduce<unknown>((current, operation) => change(current, segments(operation.path), operation), document) as T;
}

function segments(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw new Error(`not a pointer: ${path}`);
  return path.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function change(node: unknown, [key, ...rest]: string[], operation: Operation): unknown {
  if (key === undefined) {
    if (operation.op === 'remove') throw new Error('the whole document cannot be removed');
    return operation.value;
  }
  if (Array.isArray(node)) return changeArray(node, key, rest, operation);
  if (typeof node !== 'object' || node === null) throw new Error(`nothing at ${operation.path}`);
  const record = node as Record<string, unknown>;
  const exists = Object.hasOwn(record, key);
  if (!exists && (rest.length > 0 || operation.op !== 'add')) throw new Error(`nothing at ${operation.path}`);
  if (rest.length > 0) return { ...record, [key]: change(record[key], rest, operation) };
  if (operation.op === 'remove') {
    const { [key]: _, ...left } = record;
    return left;
  }
  return { ...record, [key]: operation.value };
}

function changeArray(list: readonly unknown[], key: string, rest: string[], operation: Operation): unknown[] {
  const isInsert = rest.length === 0 && operation.op === 'add';
  const index = key === '-' && isInsert ? list.length : /^(0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > list.length || (index === list.length && !isInsert)) throw new Error(`nothing at ${operation.path}`);
  if (rest.length > 0) return list.with(index, change(list[index], rest, operation));
  switch (operation.op) {
    case 'add':
      return list.toSpliced(index, 0, operation.value);
    case 'remove':
      return list.toSpliced(index, 1);
    case 'replace':
      return list.with(index, operation.value);
  }
}
