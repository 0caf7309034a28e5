import { expect, test } from 'vitest';
import { CountedOnce } from '../../../src/engine/timeline/counted-once.js';

test('each is counted once while it may be seen again, and months of others are not remembered', () => {
  const counted = new CountedOnce();
  for (let lap = 0; lap < 5_000; lap++) {
    for (let look = 0; look < 3; look++) {
      counted.add(`a@${lap}`);
      counted.add(`b@${lap}`);
    }
  }
  expect(counted.count).toBe(10_000);
  counted.add('a@4900');
  expect(counted.count).toBe(10_000);
  // Long forgotten.
  counted.add('a@0');
  expect(counted.count).toBe(10_001);
});
