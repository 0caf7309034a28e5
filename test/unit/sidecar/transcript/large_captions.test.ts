/** Captions of far more cues than anybody speaks: what they are used for stays, and they do not fill the memory. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileDoor } from '../../../../src/sidecar/transcript/file-door.js';
import { sentencesOf } from '../../../../src/sidecar/transcript/sentences.js';
import { joinWords } from '../../../../src/sidecar/transcript/transcript.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const folder = tempFolder('v-captions-');
afterAll(() => removeFolder(folder));

const LINES = ['so this is Mr. Smith', 'and here he goes again. What', 'a shot that was! Nobody saw', 'it coming, not even Ann.'];
const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

async function transcriptOf(cues: number) {
  const path = join(folder, `${cues}.vtt`);
  writeFileSync(path, `WEBVTT\n\n${Array.from({ length: cues }, (_, i) => `${time(i * 600)} --> ${time(i * 600 + 590)}\n${LINES[i % LINES.length]!}\n\n`).join('')}`);
  return fileDoor(path).transcribe({ mediaPath: '', durationMs: 86_400_000, silences: [], signal: new AbortController().signal });
}

it('words that follow each other in a cue are one; texts and the ends of sentences are as they were', async () => {
  const [large, small] = [await transcriptOf(40_000), await transcriptOf(20_000)];
  expect(small.words.length).toBe(20_000 / 4 * 22);
  expect(large.words.length).toBeLessThan(40_000 * 3);
  expect(large.cues.length).toBe(40_000);
  const wordsOfSmall = joinWords(small.words);
  expect(joinWords(large.words).slice(0, wordsOfSmall.length)).toBe(wordsOfSmall);
  expect(joinWords(small.words, 10_000).length).toBeLessThan(20_000);
  expect(sentencesOf(large).slice(0, 10_000)).toEqual(sentencesOf(small).slice(0, 10_000));
  expect(sentencesOf(small)[0]!.text).toBe('so this is Mr. Smith and here he goes again.');
});
