/**
 * The JSON of what is stored. A large document is compared, measured and stored within one change: it is written out once. Of a
 * timeline most clips are those that it had before, the very same objects: so they are written out once in their life.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { TimelineDocument } from '../protocol/timeline.js';

/** The version before and the one after. */
const KEPT = 2;
const kept: { data: object; json: string }[] = [];
const clips = new WeakMap<object, string>();
const packed = new WeakMap<object, string>();

/** @param data never changed once it was passed in */
export function jsonOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return JSON.stringify(data);
  let found = kept.find((one) => one.data === data);
  if (!found) {
    kept.push((found = { data, json: isTimeline(data) ? timelineJson(data) : JSON.stringify(data) }));
    if (kept.length > KEPT) kept.shift();
  }
  return found.json;
}

/**
 * The same deflated, in base64: 10,000 clips have megabytes as JSON, and SQLite takes 50 ms to write those. The version that is
 * stored now is the one that the next edit keeps for undo: it is packed once.
 * @param data never changed once it was passed in
 */
export function packedOf(data: object): string {
  let text = packed.get(data);
  if (text === undefined) packed.set(data, (text = deflateRawSync(jsonOf(data), { level: 1 }).toString('base64')));
  return text;
}

/** The text that `packedOf` made of the same is known: it need not be made again. */
export function knowPacked(data: object, json: string, text: string): void {
  if (jsonOf(data) === json) packed.set(data, text);
}

/** What `packedOf` packed, as JSON. @throws Error for anything else */
export function unpacked(text: string): string {
  return inflateRawSync(Buffer.from(text, 'base64')).toString('utf8');
}

function isTimeline(data: object): data is TimelineDocument {
  return 'tracks' in data && Array.isArray(data.tracks);
}

/** What `JSON.stringify` makes of it. */
function timelineJson({ tracks, ...rest }: TimelineDocument): string {
  // The tracks come last in the schema's order, and the clips last in a track.
  const texts = tracks.map(({ clips: list, ...track }) => `${JSON.stringify(track).slice(0, -1)},"clips":[${list.map(clipJson).join(',')}]}`);
  return `${JSON.stringify(rest).slice(0, -1)},"tracks":[${texts.join(',')}]}`;
}

function clipJson(clip: object): string {
  let json = clips.get(clip);
  if (json === undefined) clips.set(clip, (json = JSON.stringify(clip)));
  return json;
}
