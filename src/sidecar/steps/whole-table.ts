/** The table of sound and picture with the columns of what was written in chat and done on air. */
import type { RecordedMoment } from '../../protocol/highlights.js';
import { readChat } from '../features/chat.js';
import { eventColumns } from '../features/events.js';
import type { FeatureName, FeatureTable } from '../features/table.js';

/**
 * @param chatPath lines of JSON; null: there is none
 * @throws ServerError MEDIA_MISSING, MEDIA_UNREADABLE when the chat cannot be read; the signal's reason
 */
export async function wholeTable(heardAndSeen: FeatureTable, chatPath: string | null, moments: readonly RecordedMoment[], signal: AbortSignal): Promise<FeatureTable> {
  const { durationMs, columns, notes } = heardAndSeen;
  const chat = chatPath === null ? null : await readChat(chatPath, durationMs, signal);
  const events = moments.length === 0 ? [] : eventColumns(moments, durationMs);
  return { ...heardAndSeen, columns: new Map([...columns, ...(chat?.columns ?? []), ...events]), notes: [...notes, ...missing(heardAndSeen), ...(chat?.notes ?? [])] };
}

/** Who wonders why so little was found is told what there was to find it by. */
function missing({ columns }: FeatureTable): string[] {
  const has = (name: FeatureName): boolean => columns.get(name)?.some((value) => !Number.isNaN(value)) ?? false;
  const [heard, seen] = [has('rmsMean'), has('brightness')];
  return [...(heard || !seen ? [] : ['There is no sound in it: moments were looked for by the picture alone.']), ...(seen || !heard ? [] : ['There is no picture in it: moments were looked for by the sound alone.'])];
}
