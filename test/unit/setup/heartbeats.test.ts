import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/media.js';

interface Look { atMs: number; thread?: { isWaiting: boolean; ranMs: number; waitedMs: number } }
interface HeartbeatsModule {
  deniedMs(before: Look, now: Look): number;
  SILENT_MS: number;
  MOST_SILENT_MS: number;
  Heartbeats: new () => { beat(role: string, nowMs: number): void; gone(role: string): void; deny(role: string, ms: number): void; tick(nowMs: number): { role: string; silentMs: number }[] };
}
const { deniedMs, Heartbeats, MOST_SILENT_MS, SILENT_MS } = await import(join(repositoryRoot, 'scripts/heartbeats.mjs')) as HeartbeatsModule;

describe('the watch for processes that hang', () => {
  let beats: InstanceType<HeartbeatsModule['Heartbeats']>;
  beforeEach(() => {
    beats = new Heartbeats();
  });
  const tick = (nowMs: number): string[] => beats.tick(nowMs).map(({ role }) => role);
  /** Ticks each second; `alive` beat just before each. */
  const run = (fromMs: number, toMs: number, alive: string[]): string[] => {
    const found: string[] = [];
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 1000) {
      for (const role of alive) beats.beat(role, nowMs - 10);
      found.push(...tick(nowMs));
    }
    return found;
  };

  it('leaves those alone that beat, and those that never came', () => {
    expect(run(0, 60_000, ['engine', 'studio'])).toEqual([]);
  });

  it('names one that is silent, once', () => {
    run(0, 10_000, ['engine', 'studio']);
    expect(run(11_000, 10_000 + SILENT_MS - 1000, ['studio'])).toEqual([]);
    expect(run(10_000 + SILENT_MS, 60_000, ['studio'])).toEqual(['engine']);
  });

  it('forgets one that is gone, until it is back', () => {
    run(0, 3000, ['engine']);
    beats.gone('engine');
    expect(run(4000, 30_000, [])).toEqual([]);
    beats.beat('engine', 30_500);
    expect(run(31_000, 40_000, [])).toEqual(['engine']);
  });

  it('blames nobody when it did not run itself, and still finds who hangs afterwards', () => {
    run(0, 10_000, ['engine', 'studio']);
    expect(tick(70_000)).toEqual([]);
    expect(run(71_000, 74_000, ['studio'])).toEqual([]);
    expect(run(75_000, 80_000, ['studio'])).toEqual(['engine']);
  });

  it('lets one wait that gets no processor, but not for ever', () => {
    beats.beat('engine', 0);
    const found = (nowMs: number): string[] => {
      beats.deny('engine', 1000);
      return tick(nowMs);
    };
    let nowMs = 1000;
    for (; nowMs <= MOST_SILENT_MS; nowMs += 1000) expect(found(nowMs)).toEqual([]);
    expect(found(nowMs)).toEqual(['engine']);
    // What it was denied before a sign of life is no excuse afterwards.
    beats.beat('engine', nowMs);
    run(nowMs + 1000, nowMs + SILENT_MS, []);
    expect(beats.tick(nowMs + SILENT_MS + 1000)).toEqual([{ role: 'engine', silentMs: SILENT_MS + 1000 }]);
  });

  it.each([
    ['waits at the look', { isWaiting: true, ranMs: 100, waitedMs: 0 }, 900],
    ['waited until just before it', { isWaiting: false, ranMs: 100, waitedMs: 800 }, 800],
    ['waited for longer than since the last look, the rest of it before that', { isWaiting: false, ranMs: 100, waitedMs: 3000 }, 900],
    ['slept', { isWaiting: false, ranMs: 1, waitedMs: 0 }, 0],
    ['ran all the while', { isWaiting: true, ranMs: 1000, waitedMs: 0 }, 0],
  ])('counts what could not be used: of one that %s', (_what, thread, ms) => {
    expect(deniedMs({ atMs: 0, thread: { isWaiting: false, ranMs: 0, waitedMs: 0 } }, { atMs: 1000, thread })).toBe(ms);
  });
});
