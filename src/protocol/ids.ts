import { z } from 'zod';

/** Ids are short and url-safe; ours are `<kind>_<random>`, and they end up in socket file names. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'An id has 1 to 40 letters, digits, "_" or "-".');

/** A person's name for a thing: one line, shown as text. */
export const Name = z
  .string()
  .trim()
  .min(1, 'A name cannot be empty.')
  .max(100, 'A name has at most 100 characters.')
  .refine((s) => !/\p{Cc}/u.test(s), 'A name is one line without control characters.');
