/**
 * Stands in for a speech recogniser, so that what reaches one can be checked without a model: a word is a tone, and its pitch says which.
 * A word that the file's edge cuts is heard wrongly, as real ones hear it.
 */
import { readFileSync } from 'node:fs';

export const RATE = 16_000;
export const WORD_MS = 400;
const STEP_HZ = 25;
const FIRST_HZ = 400;

export const wordName = (i) => `Word${i}${i % 5 === 4 ? '.' : ''}`;

/** PCM (s16le, mono, 16 kHz) of words that begin at these moments. */
export function speak(startsMs, durationMs) {
  const samples = new Int16Array((durationMs * RATE) / 1000);
  startsMs.forEach((startMs, i) => {
    const from = Math.round((startMs * RATE) / 1000);
    const hz = FIRST_HZ + STEP_HZ * i;
    for (let n = 0; n < (WORD_MS * RATE) / 1000 && from + n < samples.length; n++) samples[from + n] = Math.round(12_000 * Math.sin((2 * Math.PI * hz * n) / RATE));
  });
  return Buffer.from(samples.buffer);
}

/** The samples of a WAV as FFmpeg writes it. */
export function samplesOf(wav) {
  const at = wav.indexOf('data') + 8;
  return new Int16Array(wav.buffer.slice(wav.byteOffset + at, wav.byteOffset + at + Math.floor((wav.length - at) / 2) * 2));
}

/** Words with their times, ms from the first sample. */
export function listen(samples) {
  const WINDOW = 160;
  const words = [];
  let from = -1;
  for (let n = 0; n <= samples.length; n += WINDOW) {
    const window = samples.subarray(n, Math.min(n + WINDOW, samples.length));
    const isLoud = window.length > 0 && window.reduce((sum, value) => sum + Math.abs(value), 0) / window.length > 1_500;
    if (isLoud && from < 0) from = n;
    if (!isLoud && from >= 0) {
      const lengthMs = ((n - from) * 1000) / RATE;
      if (lengthMs >= 40) {
        const inner = samples.subarray(from + WINDOW, n - WINDOW);
        let crossings = 0;
        for (let i = 1; i < inner.length; i++) if ((inner[i - 1] < 0) !== (inner[i] < 0)) crossings += 1;
        const isCut = lengthMs < WORD_MS * 0.8;
        const i = Math.round(((crossings * RATE) / (2 * inner.length) - FIRST_HZ) / STEP_HZ);
        words.push({ text: isCut ? 'uh' : wordName(i), startMs: (from * 1000) / RATE, endMs: (n * 1000) / RATE });
      }
      from = -1;
    }
  }
  return words;
}

export const listenToWav = (path) => listen(samplesOf(readFileSync(path)));
