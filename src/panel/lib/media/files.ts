/** The library as it is shown: searched, sorted, and in words. Pure. */
import type { MediaFile, MediaKind } from '../../../protocol/media.js';
import { texts } from '../../texts.js';
import { duration, size } from '../words.js';

const t = texts.media;

export type SortBy = 'name' | 'newest' | 'largest' | 'longest';
export const SORTS: readonly SortBy[] = ['name', 'newest', 'largest', 'longest'];
export const KINDS: readonly MediaKind[] = ['video', 'audio', 'image', 'other'];

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const COMPARE: Record<SortBy, (a: MediaFile, b: MediaFile) => number> = {
  name: (a, b) => natural.compare(a.path, b.path),
  newest: (a, b) => Date.parse(b.modifiedAt) - Date.parse(a.modifiedAt),
  largest: (a, b) => b.bytes - a.bytes,
  longest: (a, b) => (b.facts?.durationMs ?? -1) - (a.facts?.durationMs ?? -1),
};

/** Each word of the search must be in the path. */
export function found(files: readonly MediaFile[], { search, kind, sort }: { search: string; kind: MediaKind | 'all' | 'unused'; sort: SortBy }): MediaFile[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return files
    .filter((file) => (kind === 'all' || (kind === 'unused' ? file.uses.length === 0 : file.kind === kind)) && words.every((word) => file.path.toLowerCase().includes(word)))
    .sort((a, b) => COMPARE[sort](a, b) || COMPARE.name(a, b));
}

/** `1:02:03 · 1920×1080 · 29.97 fps · h264 · aac 48 kHz stereo · 1.2 GB`; what is not known is left out. */
export function factsLine({ bytes, facts, problem }: MediaFile): string {
  if (!facts) return [problem ? '' : t.notLookedAt, size(bytes)].filter(Boolean).join(' · ');
  return [lengthOf(facts.durationMs), pictureOf(facts), facts.videoCodec, soundOf(facts), size(bytes)].filter(Boolean).join(' · ');
}

export const lengthOf = (ms: number | null): string => (ms === null ? '' : duration(ms));

export function pictureOf({ width, height, fps }: NonNullable<MediaFile['facts']>): string {
  return [width && height ? `${width}×${height}` : '', fps ? t.perSecond(Number(fps.toFixed(2))) : ''].filter(Boolean).join(' · ');
}

export function soundOf({ audioCodec, channels, sampleRate }: NonNullable<MediaFile['facts']>): string {
  if (audioCodec === null) return '';
  return [audioCodec, sampleRate ? `${sampleRate / 1000} kHz` : '', channels ? (t.channels[channels as 1 | 2] ?? t.manyChannels(channels)) : ''].filter(Boolean).join(' ');
}

/** `In the source “Opening”, the timeline “Evening”`; empty: in nothing. */
export function usesLine({ uses }: Pick<MediaFile, 'uses'>): string {
  return uses.length === 0 ? '' : t.usedIn(uses.map(({ kind, name }) => t.use[kind](name)).join(', '));
}

/** What the studio does not let go. */
export const isHeld = ({ uses }: Pick<MediaFile, 'uses'>): boolean => uses.some(({ kind }) => kind === 'source' || kind === 'folder');

/** The name of a file's source: what it is called, without the folder and what it is. */
export function sourceName(path: string): string {
  const name = path.split('/').at(-1)!;
  return (name.replace(/\.[^.]+$/, '') || name).slice(0, 100);
}

/** Another content has another one: pictures of it may be kept. */
export const versionOf = ({ modifiedAt, bytes }: Pick<MediaFile, 'modifiedAt' | 'bytes'>): string => `${Date.parse(modifiedAt)}-${bytes}`;

export function thumbnailUrl(file: Pick<MediaFile, 'path' | 'modifiedAt' | 'bytes'>, width: number, atMs?: number): string {
  const query = new URLSearchParams({ path: file.path, width: String(width), v: versionOf(file), ...(atMs === undefined ? {} : { atMs: String(Math.round(atMs)) }) });
  return `/api/v1/media/thumbnail?${query.toString()}`;
}

/** The same of a file of which nothing but its path is known. */
export const stillUrl = (path: string, width: number): string => `/api/v1/media/thumbnail?${new URLSearchParams({ path, width: String(width) }).toString()}`;

/** A list of which only what is seen is drawn: the rows from and to, with some above and below. */
export function rowsSeen({ top, height, rowHeight, rows }: { top: number; height: number; rowHeight: number; rows: number }): { from: number; to: number } {
  const more = 4;
  const from = Math.max(0, Math.min(rows, Math.floor(top / rowHeight) - more));
  return { from, to: Math.min(rows, Math.ceil((top + height) / rowHeight) + more) };
}

/** A waveform as the path of a drawing, 100 high and `width` wide, mirrored about its middle. */
export function wavePath(peaks: readonly number[], width: number): string {
  const columns = Math.min(width, peaks.length);
  if (columns === 0) return '';
  const loudest = Array.from({ length: columns }, (_, i) => {
    const from = Math.floor((i * peaks.length) / columns);
    const to = Math.max(from + 1, Math.floor(((i + 1) * peaks.length) / columns));
    return Math.max(...peaks.slice(from, to));
  });
  const step = width / columns;
  const place = (i: number, y: number): string => `${(i * step).toFixed(1)} ${y.toFixed(1)}`;
  const above = loudest.map((peak, i) => place(i, 50 - Math.max(0.5, peak * 50)));
  const below = loudest.map((peak, i) => place(i, 50 + Math.max(0.5, peak * 50))).reverse();
  return `M${[...above, ...below].join('L')}Z`;
}
