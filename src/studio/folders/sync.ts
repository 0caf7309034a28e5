/** Brings a folder's timeline in step with its files, and where it is played along with it, in one change of the store. */
import { airingNow } from '../../domain/airings.js';
import { DOCUMENT_SCHEMAS } from '../../domain/documents.js';
import { nextFolder, type FolderNext } from '../../domain/folder/document.js';
import { positionMsAt, type Moment } from '../../domain/playback.js';
import { movedRegion } from '../../domain/timeline/region.js';
import type { StoredFolderFile } from '../../protocol/folder.js';
import type { Playback } from '../../protocol/playback.js';
import { ServerError } from '../../runtime/errors.js';
import type { DesiredState } from '../desired-state.js';
import type { Draft } from '../draft.js';
import type { Model } from '../model.js';

export interface SyncOptions {
  model: Model;
  desired: DesiredState;
  now(): Moment;
}

export interface Followed {
  /** It is all in order now; else it is to be done again soon. */
  readonly settled: boolean;
  /** Ids of files for which the timeline has no room; undefined: it was not come to. */
  readonly leftOut?: ReadonlySet<string>;
}

export class Sync {
  constructor(private readonly options: SyncOptions) {}

  /**
   * @param ready files that are to be on the folder's timeline
   * @throws ServerError INTERNAL when what came of it could not be read again; then nothing is changed
   */
  follow(folderId: string, ready: readonly StoredFolderFile[]): Promise<Followed> {
    const { model, desired } = this.options;
    return model.change((draft) => {
      // Deleted meanwhile.
      if (!model.find('folder', folderId)) return { settled: true };
      const folder = draft.get('folder', folderId).data;
      const timeline = draft.get('timeline', folder.timelineId);
      const files = draft.get('folder-files', folderId);
      const { unstored } = desired;
      // What was taken and is not stored yet would undo where it is played now.
      if (unstored?.playbacks.has(timeline.id) || unstored?.override?.timelineId === timeline.id) return { settled: false };
      const now = this.options.now();
      // It stands still for an insert, elsewhere than its anchor says.
      if (airingNow(draft.state, now)?.holds === timeline.id) return { settled: false };
      const playback = draft.state.playbacks.get(timeline.id);
      const positionMs = playback && playback.is !== 'stopped' ? Math.round(positionMsAt(playback, now)) : null;
      const next = nextFolder({ before: timeline.data, beforeFiles: files.data.files, ready, rules: folder, positionMs });
      draft.update('folder-files', folderId, { files: [...next.files] });
      if (draft.update('timeline', timeline.id, next.document) !== timeline && playback) {
        draft.playback(timeline.id, movedBy(playback, next, now));
        moveOverride(draft, timeline.id, next, now);
      }
      checkReadable(draft);
      return { settled: next.settled, leftOut: new Set(next.leftOut.map(({ id }) => id)) };
    });
  }

  /**
   * Takes files away at once, be they on air: nobody is to open them any more. Their clips show the slate until `follow`, which
   * may have to wait, has laid out the others.
   */
  drop(folderId: string, ids: ReadonlySet<string>): Promise<void> {
    const { model } = this.options;
    return model.change((draft) => {
      if (!model.find('folder-files', folderId)) return;
      const { files } = draft.get('folder-files', folderId).data;
      draft.update('folder-files', folderId, { files: files.filter(({ id }) => !ids.has(id)) });
    });
  }
}

/** Nobody typed it, so nobody could put it right: one document that cannot be read again, and the studio would not start any more. */
function checkReadable({ edits }: Draft): void {
  for (const edit of edits) {
    if (edit.op !== 'put') continue;
    const issue = DOCUMENT_SCHEMAS[edit.kind].safeParse(edit.document.data).error?.issues[0];
    if (issue) throw new ServerError('INTERNAL', `What would come of the folder's files cannot be stored (${edit.kind} ${issue.path.join('.')}: ${issue.message}). Its timeline stays as it was.`);
  }
}

/** What is on air is where it is: the anchor goes with it. */
function movedBy(playback: Playback, next: FolderNext, now: Moment): Playback {
  switch (playback.is) {
    case 'stopped': return playback;
    case 'paused': {
      const positionMs = Math.max(0, next.moved(playback.positionMs));
      return withRegion({ ...playback, positionMs }, positionMs - playback.positionMs);
    }
    case 'playing': {
      const positionMs = Math.round(positionMsAt(playback, now));
      const movedMs = next.moved(positionMs) - positionMs;
      return withRegion({ ...playback, zeroUs: playback.zeroUs - movedMs * 1000, zeroWallMs: playback.zeroWallMs - movedMs }, movedMs);
    }
    default: return playback satisfies never;
  }
}

/** A region stays about the same clips, as long as there is enough of it. */
function withRegion({ region, ...playback }: Exclude<Playback, { is: 'stopped' }>, movedMs: number): Playback {
  const moved = region && movedRegion(region, movedMs);
  return moved ? { ...playback, region: moved } : playback;
}

function moveOverride(draft: Draft, timelineId: string, next: FolderNext, now: Moment): void {
  const { override } = draft.state;
  if (override?.timelineId === timelineId) draft.put('override', { ...override, leftPlayback: movedBy(override.leftPlayback, next, now) });
}
