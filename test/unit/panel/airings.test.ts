/** What is asked of the log of airings: days as they are where the browser is, as moments. */
import { describe, expect, it } from 'vitest';
import { airingsQuery } from '../../../src/panel/lib/airings.js';
import { AiringsQuery } from '../../../src/protocol/inserts.js';

const asked = (range: Parameters<typeof airingsQuery>[0], more?: Record<string, string>) => Object.fromEntries(new URLSearchParams(airingsQuery(range, more)));

describe('the range of airings', () => {
  it('is all of it where nothing is chosen', () => {
    expect(airingsQuery({ from: '', to: '', insertId: '' })).toBe('');
  });

  it('goes from the beginning of the first day to the end of the last', () => {
    const { from, to, insertId, limit } = asked({ from: '2026-02-27', to: '2026-02-28', insertId: 'ins_a' }, { limit: '30' });
    expect(new Date(from!)).toEqual(new Date(2026, 1, 27));
    expect(new Date(to!)).toEqual(new Date(2026, 2, 1));
    expect([insertId, limit]).toEqual(['ins_a', '30']);
  });

  it('is what the studio takes', () => {
    expect(AiringsQuery.safeParse(asked({ from: '2026-12-31', to: '2026-12-31', insertId: '' })).success).toBe(true);
  });
});
