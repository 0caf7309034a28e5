import { expect, test } from 'vitest';
import { DiskSight, type DiskFacts } from '../../../src/runtime/disk-sight.js';
import { FakeClock } from '../../fakes/fake-clock.js';

const FACTS: DiskFacts = { freeBytes: 5e9, sizeBytes: 1e10, isReadOnly: false };

test('a disk that does not answer is asked once, is said to be silent, and is asked again when it has answered', async () => {
  const clock = new FakeClock();
  const asked: ((facts: DiskFacts | null) => void)[] = [];
  const sight = new DiskSight('/recordings', clock, () => new Promise((resolve) => { asked.push(resolve); }));
  const look = async (): Promise<void> => {
    await clock.advance(5000);
    sight.look();
  };
  sight.look();
  expect([sight.facts, sight.isSilent]).toEqual([null, false]);
  asked[0]!(FACTS);
  await clock.advance(0);
  expect([sight.facts, sight.isSilent]).toEqual([FACTS, false]);
  for (let i = 0; i < 5; i++) await look();
  expect([asked.length, sight.facts, sight.isSilent]).toEqual([2, null, true]);
  asked[1]!({ ...FACTS, freeBytes: 1 });
  await clock.advance(0);
  expect([sight.facts?.freeBytes, sight.isSilent]).toEqual([1, false]);
  await look();
  expect(asked).toHaveLength(3);
});

test('of a folder that is gone nothing is known', async () => {
  const sight = new DiskSight('/nowhere', new FakeClock(), () => Promise.reject(new Error('ENOENT')));
  sight.look();
  await Promise.resolve().then(() => undefined).then(() => undefined);
  expect([sight.facts, sight.isSilent]).toEqual([null, false]);
});
