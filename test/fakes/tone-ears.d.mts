export const RATE: number;
export const WORD_MS: number;
export function wordName(i: number): string;
export function speak(startsMs: readonly number[], durationMs: number): Buffer;
export function samplesOf(wav: Buffer): Int16Array;
export function listen(samples: Int16Array): { text: string; startMs: number; endMs: number }[];
export function listenToWav(path: string): { text: string; startMs: number; endMs: number }[];
