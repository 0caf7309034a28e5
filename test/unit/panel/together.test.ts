import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Together } from '../../../src/panel/lib/together.js';

describe('what is drawn together', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('goes with what is drawn anyway, and each once', () => {
    const drawn: string[] = [];
    const together = new Together(60);
    const a = () => drawn.push('a');
    for (const one of [a, () => drawn.push('b'), a]) together.add(one);
    expect(drawn).toEqual([]);
    together.draw();
    expect(drawn).toEqual(['a', 'b']);
    together.draw();
    vi.advanceTimersByTime(1000);
    expect(drawn).toEqual(['a', 'b']);
  });

  it('is drawn by itself where nothing else is', () => {
    const drawn: string[] = [];
    const together = new Together(60);
    together.add(() => drawn.push('a'));
    vi.advanceTimersByTime(50);
    together.add(() => drawn.push('b'));
    expect(drawn).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(drawn).toEqual(['a', 'b']);
    together.add(() => drawn.push('c'));
    vi.advanceTimersByTime(60);
    expect(drawn).toEqual(['a', 'b', 'c']);
  });
});
