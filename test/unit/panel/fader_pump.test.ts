import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FaderPump, type Change } from '../../../src/panel/lib/fader-pump.js';

let sent: [string, Change][];
let told: [string, boolean, unknown][];
let answers: { resolve(): void; reject(error: Error): void }[];
let pump: FaderPump;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, told, answers] = [[], [], []];
  pump = new FaderPump((id, change) => {
    sent.push([id, change]);
    return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
  }, (...args) => told.push([args[0], args[1], args[2]]));
});
afterEach(() => vi.useRealTimers());
const answer = async () => {
  answers.shift()!.resolve();
  await vi.advanceTimersByTimeAsync(20);
};

it('sends the first at once, of those after it the newest, and the last in any case', async () => {
  for (let i = 0; i < 100; i++) pump.move('a', { gainDb: -i });
  expect(sent).toEqual([['a', { gainDb: -0 }]]);
  await answer();
  expect(sent.slice(1)).toEqual([['a', { gainDb: -99 }]]);
  await answer();
  expect(sent).toHaveLength(2);
  expect(told).toEqual([['a', true, undefined], ['a', false, undefined]]);
});

it('keeps what is set of one together, and other faders wait for none', async () => {
  pump.move('a', { gainDb: 1 });
  pump.move('a', { muted: true });
  pump.move('a', { gainDb: 2 });
  pump.move('b', { gainDb: 3 });
  await vi.advanceTimersByTimeAsync(50);
  expect(sent).toEqual([['a', { gainDb: 1 }], ['b', { gainDb: 3 }]]);
  await answer();
  expect(sent[2]).toEqual(['a', { muted: true, gainDb: 2 }]);
});

it('sends fewer than the studio takes, however many hands there are', async () => {
  pump = new FaderPump((id, change) => { sent.push([id, change]); return Promise.resolve(); }, () => {});
  for (let ms = 0; ms < 1000; ms += 5) {
    for (const id of ['a', 'b', 'c', 'd', 'e']) pump.move(id, { gainDb: -ms / 100 });
    await vi.advanceTimersByTimeAsync(5);
  }
  expect(sent.length).toBeLessThan(80);
  expect(new Set(sent.map(([id]) => id)).size).toBe(5);
});

it('leaves the rest of a movement that is refused, and tells why', async () => {
  pump.move('a', { gainDb: 1 });
  pump.move('a', { gainDb: 2 });
  const error = new Error('away');
  answers.shift()!.reject(error);
  await vi.advanceTimersByTimeAsync(50);
  expect(sent).toHaveLength(1);
  expect(told).toEqual([['a', false, error]]);
  pump.move('a', { gainDb: 3 });
  expect(sent).toHaveLength(2);
});
