import { expect, it } from 'vitest';
import { Latest } from '../../../src/panel/lib/latest.js';

/** A far end that answers, and a time that passes, when told to. */
function rig() {
  const sent: number[] = [];
  const answers: ((worked: boolean) => void)[] = [];
  const waits: (() => void)[] = [];
  const latest = new Latest<number>(
    (value) => {
      sent.push(value);
      return new Promise((done, fail) => { answers.push((worked) => (worked ? done(undefined) : fail(new Error('refused')))); });
    }, 33, () => new Promise((done) => { waits.push(done); }),
  );
  const settle = () => new Promise((done) => setTimeout(done));
  return { latest, sent, answer: async (worked = true) => { answers.shift()!(worked); await settle(); }, pass: async () => { waits.shift()!(); await settle(); } };
}

it('sends the first at once, and of those that follow the newest, when both the answer and the time are there', async () => {
  const { latest, sent, answer, pass } = rig();
  latest.put(1);
  latest.put(2);
  latest.put(3);
  expect(sent).toEqual([1]);
  await answer();
  expect(sent).toEqual([1]);
  await pass();
  expect(sent).toEqual([1, 3]);
  await pass();
  await answer();
  expect(sent).toEqual([1, 3]);
  latest.put(4);
  expect(sent).toEqual([1, 3, 4]);
});

it('goes on after one that was refused', async () => {
  const { latest, sent, answer, pass } = rig();
  latest.put(1);
  latest.put(2);
  await answer(false);
  await pass();
  expect(sent).toEqual([1, 2]);
});
