import { describe, expect, it } from 'vitest';
import { Allowance } from '../../../src/studio/ws/allowance.js';

describe('what a websocket client may send', () => {
  const spend = (allowance: Allowance, times: number, fromMs: number, everyMs: number): string[] =>
    Array.from({ length: times }, (_, i) => allowance.spend(fromMs + i * everyMs));
  const count = (all: string[], what: string): number => all.filter((one) => one === what).length;

  it('is two hundred messages at once, and a hundred a second', () => {
    const allowance = new Allowance(0);
    expect(new Set(spend(allowance, 200, 0, 0))).toEqual(new Set(['fine']));
    expect(allowance.spend(0)).toBe('late');
    expect(new Set(spend(allowance, 1_000, 10, 10))).toEqual(new Set(['fine']));
  });

  it('is refused where it is too much, for as long as it is not much more than that', () => {
    const all = spend(new Allowance(0), 20_000, 0, 1000 / 200);
    expect(count(all, 'flood')).toBe(0);
    expect(count(all, 'late') / all.length).toBeCloseTo(0.5, 1);
  });

  it('comes to an end for who sends ten times as much, or all at once', () => {
    expect(count(spend(new Allowance(0), 3_000, 0, 1), 'flood')).toBeGreaterThan(0);
    const allowance = new Allowance(0);
    expect(spend(allowance, 1_201, 0, 0).at(-1)).toBe('flood');
    // Who has kept still for a while may speak again.
    expect(allowance.spend(60_000)).toBe('fine');
  });
});
