import { describe, expect, test } from 'vitest';
import { factsLine, found, isHeld, rowsSeen, sourceName, thumbnailUrl, usesLine, wavePath } from '../../../../src/panel/lib/media/files.js';
import type { MediaFile } from '../../../../src/protocol/media.js';

const fileOf = (path: string, more: Partial<MediaFile> = {}): MediaFile =>
  ({ path, bytes: 1_400_000_000, modifiedAt: '2026-01-01T00:00:00.000Z', kind: 'video', facts: null, problem: null, uses: [], ...more });
const facts = { durationMs: 3_723_000, width: 1920, height: 1080, fps: 29.97, videoCodec: 'h264', audioCodec: 'aac', channels: 2, sampleRate: 48_000 };

describe('the library', () => {
  const files = [
    fileOf('shows/Part 10.mp4', { facts: { ...facts, durationMs: 1000 }, modifiedAt: '2026-03-01T00:00:00.000Z' }),
    fileOf('shows/Part 2.mp4', { facts, bytes: 1 }),
    fileOf('song.mp3', { kind: 'audio', uses: [{ kind: 'source', id: 'src_1', name: 'Song' }], modifiedAt: '2026-02-01T00:00:00.000Z' }),
  ];
  const paths = (how: Partial<Parameters<typeof found>[1]>) => found(files, { search: '', kind: 'all', sort: 'name', ...how }).map(({ path }) => path);

  test('is in the order in which a person would sort, or by what they ask', () => {
    expect(paths({})).toEqual(['shows/Part 2.mp4', 'shows/Part 10.mp4', 'song.mp3']);
    expect(paths({ sort: 'newest' })).toEqual(['shows/Part 10.mp4', 'song.mp3', 'shows/Part 2.mp4']);
    expect(paths({ sort: 'longest' })).toEqual(['shows/Part 2.mp4', 'shows/Part 10.mp4', 'song.mp3']);
    expect(paths({ sort: 'largest' }).at(-1)).toBe('shows/Part 2.mp4');
  });

  test('is searched by words, and shows one kind, or what nothing uses', () => {
    expect(paths({ search: ' PART shows 2' })).toEqual(['shows/Part 2.mp4']);
    expect(paths({ search: 'nothing' })).toEqual([]);
    expect(paths({ kind: 'audio' })).toEqual(['song.mp3']);
    expect(paths({ kind: 'unused' })).toEqual(['shows/Part 2.mp4', 'shows/Part 10.mp4']);
  });
});

test('a file in words', () => {
  expect(factsLine(fileOf('a.mp4', { facts }))).toBe('1:02:03 · 1920×1080 · 29.97 fps · h264 · aac 48 kHz stereo · 1.4 GB');
  expect(factsLine(fileOf('a.mp4'))).toBe('Not looked at yet · 1.4 GB');
  expect(factsLine(fileOf('a.mp4', { problem: { code: 'MEDIA_UNREADABLE', message: 'It is damaged.' } }))).toBe('1.4 GB');
  const used = fileOf('a.mp4', { uses: [{ kind: 'source', id: '1', name: 'Opening' }, { kind: 'timeline', id: '2', name: 'Evening' }] });
  expect(usesLine(used)).toBe('In the source “Opening”, the timeline “Evening”');
  expect([isHeld(used), isHeld(fileOf('a.mp4'))]).toEqual([true, false]);
  expect(sourceName('shows/Part 2.final.mp4')).toBe('Part 2.final');
});

test('another content has another picture', () => {
  const url = thumbnailUrl(fileOf('a b&c.mp4'), 160, 1500.4);
  expect(url).toBe('/api/v1/media/thumbnail?path=a+b%26c.mp4&width=160&v=1767225600000-1400000000&atMs=1500');
  expect(thumbnailUrl(fileOf('a b&c.mp4', { bytes: 2 }), 160)).not.toBe(thumbnailUrl(fileOf('a b&c.mp4', { bytes: 3 }), 160));
});

test('of 2,000 rows only those that are seen are drawn, and some beside them', () => {
  expect(rowsSeen({ top: 0, height: 600, rowHeight: 100, rows: 2000 })).toEqual({ from: 0, to: 10 });
  expect(rowsSeen({ top: 100_050, height: 600, rowHeight: 100, rows: 2000 })).toEqual({ from: 996, to: 1011 });
  expect(rowsSeen({ top: 199_400, height: 600, rowHeight: 100, rows: 2000 })).toEqual({ from: 1990, to: 2000 });
  // The list has become shorter meanwhile.
  expect(rowsSeen({ top: 199_400, height: 600, rowHeight: 100, rows: 3 })).toEqual({ from: 3, to: 3 });
});

test('a waveform is mirrored about its middle, and its loudest moments are kept however many there are', () => {
  expect(wavePath([], 100)).toBe('');
  expect(wavePath([0, 1], 2)).toBe('M0.0 49.5L1.0 0.0L1.0 100.0L0.0 50.5Z');
  const long = new Array<number>(10_000).fill(0);
  long[5000] = 1;
  expect(wavePath(long, 100)).toContain('50.0 0.0');
});
