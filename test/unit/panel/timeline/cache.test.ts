import { describe, expect, it, vi } from 'vitest';
import { DrawCache, NotYet } from '../../../../src/panel/lib/timeline/cache.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A cache whose loads are answered by hand. */
function cacheOf(more: { most?: number; atOnce?: number; waiting?: number } = {}) {
  const asked: { key: string; come(value: string): void; fail(error: Error): void }[] = [];
  const gone: string[] = [];
  const onCome = vi.fn();
  const cache = new DrawCache<string>({
    most: 2, atOnce: 2, ...more, onCome, onGo: (value) => gone.push(value),
    load: (key) => new Promise((resolve, reject) => asked.push({ key, come: resolve, fail: reject })),
  });
  return { cache, asked, gone, onCome };
}

describe('what is fetched to be drawn', () => {
  it('comes a few at a time, what was wished for last first', async () => {
    const { cache, asked, onCome } = cacheOf();
    for (const key of ['a', 'b', 'c', 'd']) expect(cache.get(key)).toBeUndefined();
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b']);
    asked[0]!.come('A');
    await turn();
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'd']);
    expect(cache.get('a')).toBe('A');
    expect(onCome).toHaveBeenCalledOnce();
  });

  it('forgets the longest unused, and wishes that are too many', async () => {
    const { cache, asked, gone } = cacheOf({ waiting: 1 });
    for (const key of ['a', 'b', 'c', 'd']) cache.get(key);
    for (let i = 0; i < 3; i++) {
      asked[i]!.come(asked[i]!.key.toUpperCase());
      await turn();
    }
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'd']);
    expect(gone).toEqual(['A']);
  });

  it('asks once for what cannot be had, and again for what is not there yet', async () => {
    const { cache, asked } = cacheOf();
    cache.get('a');
    cache.get('b');
    asked[0]!.fail(new Error('no such file'));
    asked[1]!.fail(new NotYet());
    await turn();
    expect(cache.get('a')).toBeNull();
    expect(cache.get('b')).toBeUndefined();
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'b']);
  });

  it('closes what comes too late', async () => {
    const { cache, asked, gone, onCome } = cacheOf();
    cache.get('a');
    cache.close();
    asked[0]!.come('A');
    await turn();
    expect(gone).toEqual(['A']);
    expect(onCome).not.toHaveBeenCalled();
  });
});
