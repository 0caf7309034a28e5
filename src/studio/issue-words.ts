/** What is wrong with a value, in words for the person who sent it; where a schema has a sentence of its own, that counts. */
import type { z } from 'zod';

const KINDS: Record<string, string> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object', null: 'null',
};

/** For `safeParse`: undefined where zod's own words do. Values are never repeated: one may be a key. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'This is missing.' : `This must be ${KINDS[issue.expected] ?? issue.expected}.`;
    case 'invalid_value':
      return issue.values.length === 1 ? `This must be ${String(issue.values[0])}.` : `Use one of ${issue.values.map(String).join(', ')}.`;
    case 'too_small':
      return bound(issue.origin, Number(issue.minimum), issue.inclusive ?? true, 'at least', 'more than');
    case 'too_big':
      return bound(issue.origin, Number(issue.maximum), issue.inclusive ?? true, 'at most', 'less than');
    default:
      return undefined;
  }
}

function bound(origin: string, limit: number, inclusive: boolean, within: string, beyond: string): string {
  const amount = `${inclusive ? within : beyond} ${limit}`;
  if (origin === 'string') return limit === 1 && within === 'at least' ? 'This must not be empty.' : `This must have ${amount} characters.`;
  if (origin === 'array' || origin === 'set') return `This must have ${amount} ${limit === 1 ? 'item' : 'items'}.`;
  return `This must be ${amount}.`;
}
