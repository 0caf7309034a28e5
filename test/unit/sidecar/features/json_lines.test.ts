import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chatLines, momentLines } from '../../../../src/sidecar/features/json-lines.js';
import { wholeTable } from '../../../../src/sidecar/steps/whole-table.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const table = { version: 1, bins: 1, durationMs: 1_000, columns: new Map(), shotsMs: [], silences: [], gaps: [], notes: [] };
let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));

it('keeps what is a message, and leaves out the rest', async () => {
  writeFileSync(join(folder, 'chat'), `\uFEFF{"atMs":1,"user":"a","text":"b"}\n{"atMs":NaN,"user":"a","text":"b"}\n${'x'.repeat(100_000)}\n[]\n{"atMs":2,"user":"a","text":"c"}`.concat('\n'));
  expect((await chatLines(join(folder, 'chat'))).map(({ atMs }) => atMs)).toEqual([1, 2]);
});

it('of what was done on air too, and says how many lines it left out, and why the first', async () => {
  const path = join(folder, 'moments');
  writeFileSync(path, ['{"atMs":1,"kind":"marker","text":"a"}', '', '{"atMs":2,"kind":"goal","text":"b"}', 'nonsense', '{"atMs":3,"kind":"take","text":"c"}'].join('\n'));
  const { moments, notes } = await momentLines(path);
  expect(moments.map(({ atMs }) => atMs)).toEqual([1, 3]);
  expect(notes).toEqual([expect.stringMatching(/^2 lines of the file of moments were left out; each must be of the form \{"atMs": 1234, "kind".*\. The first is line 3: "kind": .*take/)]);
  writeFileSync(path, '[]\n{"atMs":1,"kind":"marker","text":"a"}');
  expect(await momentLines(path)).toEqual({ moments: [{ atMs: 1, kind: 'marker', text: 'a' }], notes: [expect.stringMatching(/^One line .* It is line 1: /)] });
  writeFileSync(path, `${'x'.repeat(100_000)}\n`);
  expect(await momentLines(path)).toEqual({ moments: [], notes: [expect.stringMatching(/It is line 1: it is longer than 16 kB\.$/)] });
});

it('a chat that cannot be read is told in the same words by whoever reads it; a pipe at once, as it would be read twice', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const none = join(folder, 'none');
  for (const reading of [chatLines, (path: string) => wholeTable(table, path, [], new AbortController().signal)]) {
    await expect(reading(pipe)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE', message: `The chat file ${pipe} is not a file. Write what is in it into one.` });
    await expect(reading(none)).rejects.toMatchObject({ code: 'MEDIA_MISSING', message: `The chat file ${none} does not exist. Check its name.` });
    await expect(reading(join(pipe, 'inside'))).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE', message: expect.stringContaining('(ENOTDIR)') });
  }
});
