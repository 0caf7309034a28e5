/** Whether two values are the same written down as JSON: a field that is undefined is one that is left out. Keys count in their order. */
export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
