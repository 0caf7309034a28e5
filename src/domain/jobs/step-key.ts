/** What names the result of a step: the same key, the same result, whichever job asks for it. */
import { createHash } from 'node:crypto';

/**
 * SHA-256, hex, over name, version, input and, by the ids under which it is handed their results, the keys of what it needs.
 * The order of an object's fields and of what it needs does not count.
 */
export function stepKey(step: { name: string; version: number; input: unknown; needs: Readonly<Record<string, string>> }): string {
  return createHash('sha256').update(canonicalJson([step.name, step.version, step.input ?? null, step.needs])).digest('hex');
}

/** Fields in the order of their UTF-16 code units, as in RFC 8785. What JSON cannot say is left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  }) ?? 'null';
}
