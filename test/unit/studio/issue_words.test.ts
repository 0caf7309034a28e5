import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ServerError } from '../../../src/runtime/errors.js';
import { parse } from '../../../src/studio/validate.js';

const Schema = z.strictObject({
  preset: z.enum(['fast', 'slow']), width: z.int().min(16).max(64), name: z.string().min(1).max(4), kind: z.literal('color'),
  list: z.array(z.number()).max(1), on: z.boolean(), gain: z.number().gt(0, 'A gain of nothing is a mute.'),
});
const good = { preset: 'fast', width: 16, name: 'n', kind: 'color', list: [], on: true, gain: 1 };
const said = (change: object): string => {
  try {
    parse(Schema, { ...good, ...change });
  } catch (error) {
    if (error instanceof ServerError) return error.message;
  }
  return 'nothing';
};

describe('what is wrong with a value', () => {
  it.each([
    [{ preset: 'fats' }, 'preset: Use one of fast, slow.'],
    [{ width: '20' }, 'width: This must be a number.'],
    [{ width: 20.5 }, 'width: This must be a whole number.'],
    [{ width: 8 }, 'width: This must be at least 16.'],
    [{ width: 80 }, 'width: This must be at most 64.'],
    [{ name: '' }, 'name: This must not be empty.'],
    [{ name: 'longer' }, 'name: This must have at most 4 characters.'],
    [{ name: undefined }, 'name: This is missing.'],
    [{ kind: 'colour' }, 'kind: This must be color.'],
    [{ list: [1, 2] }, 'list: This must have at most 1 item.'],
    [{ on: 'yes' }, 'on: This must be true or false.'],
    [{ gain: 0 }, 'gain: A gain of nothing is a mute.'],
    [{ more: 1 }, 'Unknown field "more".'],
  ])('%o: %s', (change, sentence) => {
    expect(said(change)).toBe(sentence);
  });
});
