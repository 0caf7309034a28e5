import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { BoundedLookup, CONNECT_TIMEOUT_MS } from '../../../src/rtmp/bounded-lookup.js';

type Answer = Parameters<LookupFunction>[2];

function rig() {
  const asked: { name: string; answer: Answer }[] = [];
  const answered: string[] = [];
  const time = { nowMs: 0 };
  const bounded = new BoundedLookup({ nowMs: () => time.nowMs, resolve: (name, _options, answer) => { asked.push({ name, answer }); } });
  const ask = (name: string): void => bounded.lookup(name, {}, (error, address) => { answered.push(`${name} ${error?.code ?? String(address)}`); });
  return { asked, answered, time, bounded, ask };
}

test('two at a time, the others in turn', () => {
  const { asked, answered, ask, bounded } = rig();
  for (const name of ['a', 'b', 'c']) ask(name);
  expect(asked.map(({ name }) => name)).toEqual(['a', 'b']);
  asked[0]!.answer(null, '127.0.0.1', 4);
  expect(asked.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(answered).toEqual(['a 127.0.0.1']);
  expect(bounded.dropped).toBe(0);
});

test('who waited longer than a connection may take is not looked up any more', () => {
  const { asked, answered, ask, bounded, time } = rig();
  for (const name of ['a', 'b', 'old']) ask(name);
  time.nowMs = CONNECT_TIMEOUT_MS + 1;
  ask('new');
  asked[0]!.answer(null, '127.0.0.1', 4);
  expect(asked.map(({ name }) => name)).toEqual(['a', 'b', 'new']);
  expect(answered).toContain('old EAI_AGAIN');
  expect(bounded.dropped).toBe(1);
});

test('a dead name server does not make a queue without end', () => {
  const { answered, ask, bounded } = rig();
  for (let i = 0; i < 100; i++) ask(`n${i}`);
  expect(bounded.dropped).toBe(100 - 2 - 64);
  expect(answered[0]).toBe('n2 EAI_AGAIN');
});
