import { z } from 'zod';

/** Ids are short and url-safe; ours are `<kind>_<random>`, and they end up in socket file names. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'An id has 1 to 40 letters, digits, "_" or "-".');

/**
 * What no name or caption holds: control characters, halves of a surrogate pair, and what turns the direction of all that is
 * written after it, as in a line of the log. Plain marks of direction (U+200E, U+200F) may stay.
 */
const UNFIT = '\\p{Cc}\\p{Cs}\\u202A-\\u202E\\u2066-\\u2069';
const unfit = new RegExp(`[${UNFIT}]`, 'u');
const allUnfit = new RegExp(`[${UNFIT}]`, 'gu');

/** A line of text as an operator writes it. */
export const isFitLine = (text: string): boolean => !unfit.test(text);
/** The same with `instead` for each character that is not fit. */
export const fitLine = (text: string, instead: string): string => text.replace(allUnfit, instead);

/** A person's name for a thing: one line, shown as text. */
export const Name = z
  .string()
  .trim()
  .min(1, 'A name cannot be empty.')
  .max(100, 'A name has at most 100 characters.')
  .refine(isFitLine, 'A name is one line of whole characters, without control characters and those that turn its direction (U+202A to U+202E, U+2066 to U+2069).');
