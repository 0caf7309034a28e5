/**
 * Timelines are read by their schemas at every edge. Of 10,000 clips that takes a tenth of a second, while an edit changes one:
 * so clips that were read before, which nobody changes afterwards, are known by their identity and are not read again.
 */
import { z } from 'zod';
import { Clip, ClipInput, fewEnough, MAX_CLIPS, MAX_TRACKS, TimelineDocument, TimelineInput, TOO_MANY, Track, TrackInput } from '../../protocol/timeline.js';

/** What was read, and what came of it. */
const knownClips = new WeakMap<object, Clip>();
const knownDocuments = new WeakSet<object>();

/** The clips of a document that its schema gave need not be read again. */
export function knowClips(document: TimelineDocument): void {
  if (knownDocuments.has(document)) return;
  knownDocuments.add(document);
  for (const { clips } of document.tracks) for (const clip of clips) knownClips.set(clip, clip);
}

/** As `TimelineInput` and `TimelineDocument`, with the same words for what is wrong. */
export const KnowingTimelineInput = z.strictObject({
  ...TimelineInput.shape,
  tracks: z.array(z.strictObject({ ...TrackInput.shape, clips: z.array(knowing(ClipInput)).max(MAX_CLIPS) })).max(MAX_TRACKS),
}).refine(fewEnough, TOO_MANY);
export const KnowingTimelineDocument = z.strictObject({
  ...TimelineDocument.shape,
  tracks: z.array(z.strictObject({ ...Track.shape, clips: z.array(knowing(Clip)).max(MAX_CLIPS) })).max(MAX_TRACKS),
}).refine(fewEnough, TOO_MANY);

/** One with an id is the same to both schemas. */
function knowing<C extends typeof Clip | typeof ClipInput>(schema: C): z.ZodType<z.output<C>> {
  return z.unknown().transform((value, context): z.output<C> => {
    const before = typeof value === 'object' && value !== null ? knownClips.get(value) : undefined;
    if (before) return before as z.output<C>;
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      if (parsed.data.id !== undefined) for (const one of [value as object, parsed.data]) knownClips.set(one, parsed.data as Clip);
      return parsed.data as z.output<C>;
    }
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: value } as (typeof context.issues)[number]);
    return z.NEVER;
  });
}
