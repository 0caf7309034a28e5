import { sameJson } from '../runtime/same-json.js';

/**
 * Whether a wish has to be met by doing something. What was asked for here is answered before the studio has stored it, so a push in
 * between still says what was wanted before: only a change counts, and only where it is not so already.
 */
export function isNewWish<T>(wanted: T, before: T, is: T): boolean {
  return !sameJson(wanted, before) && !sameJson(wanted, is);
}
