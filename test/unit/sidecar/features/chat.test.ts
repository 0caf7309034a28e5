import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ChatColumns, readChat } from '../../../../src/sidecar/features/chat.js';
import { readText } from '../../../../src/sidecar/features/chat-text.js';
import { eventColumns } from '../../../../src/sidecar/features/events.js';

const folder = mkdtempSync(join(tmpdir(), 'chat-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Buffer): string {
  const path = join(folder, `${Math.random()}.jsonl`);
  writeFileSync(path, content);
  return path;
}

function columns(messages: readonly (readonly [atMs: number, user: string, text: string])[], durationMs = 60_000): Record<string, number[]> {
  const chat = new ChatColumns(durationMs);
  for (const [atMs, user, text] of messages) chat.add({ atMs, user, text });
  return Object.fromEntries([...chat.columns()].map(([name, values]) => [name, [...values]]));
}

const line = (atMs: number, user: string, text: string): string => JSON.stringify({ atMs, user, text });

describe('a chat file', () => {
  test('is read in any order, with a mark at its front, Windows lines, empty ones and no newline at its end', async () => {
    const { columns: made, messages, badLines, notes } = await readChat(file(`\ufeff${line(2_500, 'ann', 'second')}\r\n\r\n${line(500, 'bob', 'first 😂')}\r\n${line(2_999, 'Ann', 'third')}`), 4_000);
    expect([...made.get('messages')!]).toEqual([1, 0, 2, 0]);
    expect([...made.get('chatters')!]).toEqual([1, 1, 2, 2]);
    expect({ messages, badLines, notes }).toEqual({ messages: 3, badLines: 0, notes: [] });
  });

  test('bad lines are counted, told and left out, also one without end', async () => {
    const bad = ['{"atMs": 1', '[]', 'null', line(1_000, 'a', 'x').replace('1000', '"soon"'), '{"atMs":5,"user":"a"}', line(1_500, 'a', 'y'.repeat(20_000))];
    const { messages, badLines, notes } = await readChat(file([...bad, line(1_000, 'a', 'fine')].join('\n')), 4_000);
    expect({ messages, badLines }).toEqual({ messages: 1, badLines: bad.length });
    expect(notes).toEqual([expect.stringMatching(/^6 lines of the chat file were left out; each must be of the form \{.*\}\. The first is line 1: /)]);
  });

  test('messages outside of the recording are told', async () => {
    const { messages, notes } = await readChat(file([line(-1, 'a', 'x'), line(4_000, 'a', 'x'), line(3_999, 'a', 'x')].join('\n')), 4_000);
    expect(messages).toBe(1);
    expect(notes[0]).toMatch(/^2 messages of the chat lie before or after the recording/);
  });

  test('a file that is missing rejects, and so does one that is given up', async () => {
    await expect(readChat(join(folder, 'nowhere'), 1_000)).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    await expect(readChat(file(line(1, 'a', 'x')), 1_000, AbortSignal.abort())).rejects.toThrow();
  });
});

describe('chat columns', () => {
  test('people are counted over ten seconds', () => {
    const { chatters } = columns([[0, 'a', 'one'], [3_000, 'b', 'two'], [3_500, 'b', 'three'], [12_000, 'c', 'four']], 24_000);
    expect(chatters).toEqual([1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  });

  test('a raid repeats, with changing ends too; many who cry out alike do not', () => {
    const crowd = Array.from({ length: 30 }, (_, i) => i);
    const raid = columns(crowd.map((i) => [5_000 + i * 100, `r${i}`, `RAID from Bobs army, follow bob ${i * 37}`]));
    const cries = ['WOW', 'no way', 'KEKW', 'gg', 'what a play', 'OMG', '🔥', 'clip it'];
    const hype = columns(crowd.map((i) => [5_000 + i * 100, `u${i}`, cries[i % cries.length]!]));
    const flood = columns(crowd.map((i) => [5_000 + i * 100, 'one', `something else ${'abcdefghijklmnopqrstuvwxyzäöüß'[i]} again`]));
    expect(raid.repetition![6]).toBeGreaterThan(0.9);
    expect(hype.repetition![6]).toBeLessThan(0.1);
    expect(flood.repetition![6]).toBeGreaterThan(0.9);
    expect([raid.chatters![7], flood.chatters![7]]).toEqual([30, 1]);
  });

  test('emotes of every kind are emotes, words are not', () => {
    for (const text of ['Kappa', 'kekw KEKW', '😂😂', '👩‍👩‍👧', '❤️', '🇩🇪', ':fire:', 'shroudWave', 'PogChamp so', 'BibleThump']) expect([text, readText(text).isEmote]).toEqual([text, true]);
    for (const text of ['hello', 'Hello there', 'what was that LUL really', '12:30', '', 'OK', 'ñandú', 'こんにちは']) expect([text, readText(text).isEmote]).toEqual([text, false]);
  });

  test('case, signs, digits and held letters make no other text', () => {
    expect(readText('GOOOOAL!!!').whole).toBe(readText('goal 1').whole);
    expect(readText('goal').whole).not.toBe(readText('gloat').whole);
    expect(readText('😂').whole).not.toBe(readText('🔥').whole);
  });

  test('whatever is said: shares are shares, and each message is counted once', () => {
    fc.assert(fc.property(fc.array(fc.record({ atMs: fc.double({ min: -10, max: 40_000, noNaN: true }), user: fc.string({ maxLength: 3 }), text: fc.string({ unit: 'binary', maxLength: 30 }) })), (said) => {
      const made = columns(said.map(({ atMs, user, text }) => [atMs, user, text] as const), 30_500);
      const inside = said.filter(({ atMs }) => atMs >= 0 && atMs < 30_500).length;
      expect(made.messages!.length).toBe(31);
      expect(made.messages!.reduce((a, b) => a + b)).toBe(inside);
      for (const share of [...made.emoteShare!, ...made.repetition!]) expect(share >= 0 && share <= 1).toBe(true);
      for (const count of made.chatters!) expect(count >= 0 && count <= inside).toBe(true);
    }), { numRuns: 40 });
  });
});

test('moments are counted in their seconds; what lies behind the end is not', () => {
  const made = eventColumns([{ atMs: 0, kind: 'take', text: 'a' }, { atMs: 999, kind: 'take', text: 'b' }, { atMs: 1_000, kind: 'marker', text: 'goal' }, { atMs: 9_000, kind: 'alert', text: '' }], 2_500);
  expect(Object.fromEntries([...made].map(([name, values]) => [name, [...values]]))).toEqual({ takes: [2, 0, 0], overrides: [0, 0, 0], markers: [0, 1, 0], alerts: [0, 0, 0], inserts: [0, 0, 0] });
});
