/** What the sidecar would have written of a recording: a result with three highlights, its pictures, and clips. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnalysisFile, Clip, FoundHighlight } from '../../src/protocol/highlights.js';

const highlight = (id: string, startMs: number, endMs: number, score: number, change: Partial<FoundHighlight> = {}): FoundHighlight => ({
  id, startMs, endMs, peakMs: (startMs + endMs) / 2, score, kind: 'combined', reasons: ['crowd loud ×4', '38 chatters in 10 s', 'cut to camera 2'], vector: [score, 1, 0], picture: null, ...change,
});

/** Of a recording of 20 s. */
export function analysisFile(recordingId: string, change: Partial<AnalysisFile> = {}): AnalysisFile {
  return {
    version: 1, recordingId, inputsHash: 'a'.repeat(64), analyzedAtMs: Date.UTC(2026, 10, 1), durationMs: 20_000, tookMs: 900, peakRssBytes: 90_000_000,
    highlights: [
      highlight('h1', 2_000, 5_000, 0.92, { picture: 'h1.jpg' }), highlight('h2', 8_000, 11_000, 0.71, { kind: 'sound', reasons: ['loud ×3'] }),
      highlight('h3', 15_000, 18_000, 0.55, { kind: 'chat', reasons: ['12 chatters in 10 s'] }),
    ],
    kept: [],
    curve: { stepMs: 500, values: Array.from({ length: 40 }, (_, i) => 0.15 + 0.7 * Math.max(0, Math.sin(i / 3.2)) ** 2) },
    chapters: [{ startMs: 0, title: 'Camera 1' }, { startMs: 10_000, title: 'Camera 2' }],
    metadata: { title: 'An evening of chess', description: 'Two players and a clock.\n\n0:00 Camera 1\n0:10 Camera 2', tags: ['chess', 'end game'], hashtags: ['#chess'] },
    lint: { score: 82, points: [{ field: 'title', costs: 10, message: 'The title has 19 characters: 40 to 70 are read whole in search.' }, { field: 'tags', costs: 8, message: 'Two tags are few.' }] },
    thumbnails: [{ name: 'video-1.jpg', atMs: 3_000 }], transcript: false, preset: 'auto', model: null, notes: ['A part of 2 s was damaged and is left out.'],
    ...change,
  };
}

export function putResult(home: string, file: AnalysisFile, pictures: Readonly<Record<string, Buffer>> = {}): void {
  const folder = join(home, 'analysis', file.recordingId);
  mkdirSync(join(folder, 'pictures'), { recursive: true });
  for (const [name, bytes] of Object.entries(pictures)) writeFileSync(join(folder, 'pictures', name), bytes);
  writeFileSync(join(folder, 'result.tmp'), JSON.stringify(file));
  renameSync(join(folder, 'result.tmp'), join(folder, 'result.json'));
}

export function putClip(home: string, recordingId: string, clip: Pick<Clip, 'id' | 'highlightId' | 'startMs' | 'endMs' | 'shape'>, bytes: Buffer): void {
  const folder = join(home, 'analysis', recordingId, 'clips');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${clip.id}.mp4`), bytes);
  const whole: Clip = { ...clip, cut: 'copy', path: `analysis/${recordingId}/clips/${clip.id}.mp4`, bytes: bytes.length };
  writeFileSync(join(folder, `${clip.id}.json`), JSON.stringify(whole));
}
