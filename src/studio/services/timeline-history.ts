/** What timelines were before: steps back and, until the next edit, forward again. */
import type { DocumentOf, StoredVersion } from '../../domain/documents.js';
import { TimelineDocument } from '../../protocol/timeline.js';
import { newId } from '../ids.js';
import { packedOf, unpacked } from '../json-text.js';
import type { Draft } from '../model.js';

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
  return unpack(latest.data.packed);
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

function unpack(packed: string): TimelineDocument {
  return TimelineDocument.parse(JSON.parse(unpacked(packed)));
}
