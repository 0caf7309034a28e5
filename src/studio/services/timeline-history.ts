/** What timelines were before: steps back and, until the next edit, forward again. */
import type { DocumentOf, StoredVersion } from '../../domain/documents.js';
import { knowClips, KnowingTimelineDocument } from '../../domain/timeline/read.js';
import type { TimelineDocument } from '../../protocol/timeline.js';
import { newId } from '../ids.js';
import { knowPacked, packedOf, unpacked } from '../json-text.js';
import type { Draft } from '../draft.js';
import { parseStored } from '../parse-stored.js';

/** Steps back that are kept of a timeline, */
export const MAX_VERSIONS = 50;
/** and how long they may be together, characters. */
const MAX_PACKED = 8 * 1024 * 1024;

type Version = DocumentOf<'timeline-version'>;

/** An edit is about to replace `before`: it can be taken back, and what was taken back before cannot be done again. */
export function remember(draft: Draft, timelineId: string, before: TimelineDocument): void {
  const versions = of(draft, timelineId);
  for (const { id, data } of versions) if (data.stack === 'redo') draft.remove('timeline-version', id);
  push(draft, timelineId, 'undo', before, versions);
}

/**
 * Takes the latest of one stack, puts what is there now onto the other one.
 * @returns null when there is nothing to go to
 */
export function step(draft: Draft, timelineId: string, from: StoredVersion['stack'], now: TimelineDocument): TimelineDocument | null {
  const versions = of(draft, timelineId);
  const latest = versions.findLast(({ data }) => data.stack === from);
  if (!latest) return null;
  draft.remove('timeline-version', latest.id);
  push(draft, timelineId, from === 'undo' ? 'redo' : 'undo', now, versions);
  return unpack(latest.data.packed, now);
}

/** The timeline goes, and its history with it. */
export function forget(draft: Draft, timelineId: string): void {
  for (const { id } of of(draft, timelineId)) draft.remove('timeline-version', id);
}

function of(draft: Draft, timelineId: string): Version[] {
  return draft.all('timeline-version').filter(({ data }) => data.timelineId === timelineId);
}

function push(draft: Draft, timelineId: string, stack: StoredVersion['stack'], document: TimelineDocument, versions: readonly Version[]): void {
  const packed = packedOf(document);
  draft.create('timeline-version', newId('version'), { timelineId, stack, packed });
  let count = 1;
  let size = packed.length;
  for (const { id, data } of versions.filter((version) => version.data.stack === stack).reverse()) {
    count += 1;
    size += data.packed.length;
    if (count > MAX_VERSIONS || size > MAX_PACKED) draft.remove('timeline-version', id);
  }
}

/** The clips that are as they are `now` are the very same objects, so that none of them is read, written out or sent again. */
function unpack(packed: string, now: TimelineDocument): TimelineDocument {
  const text = unpacked(packed);
  const read = JSON.parse(text) as TimelineDocument;
  knowClips(now);
  const known = new Map(now.tracks.flatMap(({ clips }) => clips.map((clip) => [clip.id, clip])));
  for (const track of read.tracks) {
    track.clips = track.clips.map((clip) => {
      const same = known.get(clip.id);
      return same && isSame(same, clip) ? same : clip;
    });
  }
  const parsed = parseStored(KnowingTimelineDocument, read);
  if (!parsed.success) throw parsed.error;
  knowPacked(parsed.data, text, packed);
  return parsed.data;
}

/** Of two values as JSON has them. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
