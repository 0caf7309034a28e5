import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chatLines } from '../../../../src/sidecar/steps/json-lines.js';
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

it('a chat that is a pipe is refused at once, as it would be read twice', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const reading of [() => chatLines(pipe), () => wholeTable(table, pipe, [], new AbortController().signal)]) {
    await expect(reading()).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE', message: expect.stringContaining('is not a file') });
  }
  await expect(chatLines(join(folder, 'none'))).rejects.toMatchObject({ code: 'MEDIA_MISSING', message: `${join(folder, 'none')} does not exist. Check its name.` });
});
