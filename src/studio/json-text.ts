/** The JSON of what is stored. A large document is compared, measured and stored within one change: it is written out once. */

/** The version before and the one after. */
const KEPT = 2;
const kept: { data: object; json: string }[] = [];

/** @param data never changed once it was passed in */
export function jsonOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return JSON.stringify(data);
  let found = kept.find((one) => one.data === data);
  if (!found) {
    kept.push((found = { data, json: JSON.stringify(data) }));
    if (kept.length > KEPT) kept.shift();
  }
  return found.json;
}
