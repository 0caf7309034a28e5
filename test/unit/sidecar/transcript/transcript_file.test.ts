import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Transcript } from '../../../../src/sidecar/transcript/transcript.js';
import { readTranscript, transcriptPieces } from '../../../../src/sidecar/transcript/transcript-file.js';
import { nastyText, randomOf } from '../../../support/nasty_texts.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const folder = tempFolder('v-transcript-');
const path = join(folder, 'transcript.json');
afterAll(() => removeFolder(folder));

const write = (transcript: Transcript): string => {
  const text = [...transcriptPieces(transcript)].join('');
  writeFileSync(path, text);
  return text;
};

it('is JSON, and is read back as it was, one list or the other', async () => {
  const random = randomOf(1);
  for (const count of [0, 1, 999, 1_000, 1_001, 2_500]) {
    const cues = Array.from({ length: count }, (_, i) => ({ startMs: i, endMs: i + 1, text: i < 100 ? nastyText(random, 8) : `"${i}"\n],"cues":[` }));
    for (const language of [null, 'en']) {
      const transcript = { language, words: cues.slice(1), cues };
      expect(JSON.parse(write(transcript))).toEqual(transcript);
      expect(await readTranscript(path, 'words')).toEqual({ ...transcript, cues: [] });
      expect(await readTranscript(path, 'cues')).toEqual({ ...transcript, words: [] });
    }
  }
});

it('is written in pieces, none of them large', () => {
  const large = { language: null, words: [], cues: Array.from({ length: 50_000 }, (_, i) => ({ startMs: i, endMs: i, text: 'x'.repeat(80) })) };
  expect(Math.max(...[...transcriptPieces(large)].map(({ length }) => length))).toBeLessThan(200_000);
});

it.each([1, 2_000])('is read on one line, as it was written before, with %i words', async (count) => {
  const transcript = { language: 'de', words: Array.from({ length: count }, (_, i) => ({ startMs: i, endMs: i, text: 'So lang wie eine Zeile, und noch etwas mehr.' })), cues: [] };
  writeFileSync(path, JSON.stringify(transcript));
  expect(await readTranscript(path, 'words')).toEqual(transcript);
});

it('is none where it is cut short, or something else stands in it', async () => {
  const text = write({ language: null, words: [{ startMs: 1, endMs: 2, text: 'a' }, { startMs: 2, endMs: 3, text: 'b' }], cues: [] });
  for (const bytes of [0, 5, 30, 70, text.length - 3]) {
    write({ language: null, words: [{ startMs: 1, endMs: 2, text: 'a' }, { startMs: 2, endMs: 3, text: 'b' }], cues: [] });
    truncateSync(path, bytes);
    await expect(readTranscript(path, 'words'), String(bytes)).rejects.toThrow();
  }
  for (const other of [text.replace('"a"', '7'), text.replace('{"startMs":2', '{startMs:2'), 'WEBVTT\n', '{}\n']) {
    writeFileSync(path, other);
    await expect(readTranscript(path, 'words'), other).rejects.toThrow();
  }
});
