import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, request, requestBlob } from '../../../../src/panel/lib/api.js';
import { DrawCache } from '../../../../src/panel/lib/timeline/cache.js';

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
    // What is on its way is not fetched twice.
    expect(cache.get('a')).toBeUndefined();
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
    asked[1]!.fail(new ApiError('NOT_READY', 'Ask again.', 503));
    await turn();
    expect(cache.get('a')).toBeNull();
    expect(cache.get('b')).toBeUndefined();
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'b']);
  });

  describe('over REST', () => {
    afterEach(() => { vi.unstubAllGlobals(); });

    const broken = new Response(new ReadableStream({ pull: (stream) => stream.error(new TypeError('network error')) }), { headers: { 'Content-Type': 'application/json' } });
    it.each([
      ['a line that breaks', () => Promise.reject(new TypeError('Failed to fetch'))],
      ['no answer in time', () => Promise.reject(new DOMException('signal timed out', 'TimeoutError'))],
      ['an answer that breaks off', () => Promise.resolve(broken.clone())],
      ['a proxy whose studio is away', () => Promise.resolve(new Response('<h1>Bad gateway</h1>', { status: 502 }))],
      ['what is being made', () => Promise.resolve(Response.json({ error: { code: 'NOT_READY', message: 'Ask again.' } }, { status: 503 }))],
    ])('asks again after %s', async (_, fetched) => {
      for (const load of [(path: string, signal: AbortSignal): Promise<unknown> => requestBlob(path, signal), (path: string) => request('GET', path)]) {
        vi.stubGlobal('fetch', vi.fn(fetched));
        const cache = new DrawCache<unknown>({ most: 2, onCome: () => {}, load });
        cache.get('/media/waveform');
        await vi.waitFor(() => { expect(cache.get('/media/waveform')).toBeUndefined(); expect(fetch).toHaveBeenCalledTimes(2); });
        cache.close();
      }
    });

    it('asks once for what the studio says cannot be had', async () => {
      vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(Response.json({ error: { code: 'MEDIA_UNREADABLE', message: 'It is no film.' } }, { status: 422 }))));
      const cache = new DrawCache<unknown>({ most: 2, onCome: () => {}, load: (path) => request('GET', path) });
      cache.get('/media/waveform');
      await vi.waitFor(() => expect(cache.get('/media/waveform')).toBeNull());
      expect(fetch).toHaveBeenCalledTimes(1);
    });
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
