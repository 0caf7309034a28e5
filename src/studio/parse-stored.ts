/** Reading what an earlier version stored. */
import type { z } from 'zod';
import { fitLine } from '../protocol/ids.js';

const LINES = new Set(['name', 'title', 'subtitle']);

/** As the schema reads it; characters that earlier versions let into names and captions are shown as such that cannot be shown. */
export function parseStored<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed : schema.safeParse(withFitLines(value));
}

function withFitLines(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFitLines);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [
    key, LINES.has(key) && typeof field === 'string' ? fitLine(field, '\uFFFD') : withFitLines(field),
  ]));
}
