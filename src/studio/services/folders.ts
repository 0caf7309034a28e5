/** Folders: their rules are stored here, and their timelines made and deleted with them; their files come by themselves. */
import { toFolder } from '../../domain/folders.js';
import type { DocumentOf } from '../../domain/documents.js';
import { usesOfTimeline } from '../../domain/timelines.js';
import { FOLDER_PAGE, FolderInput, type Folder, type FolderWithFiles } from '../../protocol/folder.js';
import { TimelineDocument } from '../../protocol/timeline.js';
import type { FolderWatcher } from '../folders/folder-watcher.js';
import { newId } from '../ids.js';
import type { Model } from '../model.js';
import { parse } from '../validate.js';
import { asBody, checkRevision, checkUnused, merge, withoutOwned, type ExpectedRevision } from './patch.js';
import type { Program } from './program.js';
import { forget } from './timeline-history.js';

const OWNED = ['id', 'createdAt', 'updatedAt', 'timelineId'];

export class Folders {
  constructor(private readonly model: Model, private readonly program: Pick<Program, 'state' | 'target'>, private readonly watcher: FolderWatcher) {}

  list(): Folder[] {
    return this.model.state.folders.map((folder) => this.#shown(folder));
  }

  /** @throws ServerError NOT_FOUND */
  get(id: string): Folder {
    return this.#shown(this.model.get('folder', id));
  }

  /** @param from of its files, the first that is listed. @throws ServerError NOT_FOUND */
  withFiles(id: string, from = 0): FolderWithFiles {
    return { ...this.get(id), files: this.watcher.files(id).slice(from, from + FOLDER_PAGE) };
  }

  async create(body: unknown): Promise<Folder> {
    const { loop, ...rules } = parse(FolderInput, body);
    const timelineId = newId('timeline');
    const document = TimelineDocument.parse({ name: rules.name, loop, tracks: [{ id: newId('track'), kind: 'video', clips: [] }] });
    return this.#shown(await this.model.change((draft) => {
      draft.create('timeline', timelineId, document);
      const folder = draft.create('folder', newId('folder'), { ...rules, timelineId });
      draft.create('folder-files', folder.id, { files: [] });
      return folder;
    }));
  }

  /** @throws ServerError NOT_FOUND, VALIDATION, STALE_REVISION */
  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Folder> {
    // What a read was answered with may be sent back.
    const { state: _, message: __, counts: ___, files: ____, ...change } = asBody(body);
    return this.#shown(await this.model.change((draft) => {
      const current = draft.get('folder', id);
      checkRevision(current.revision, expected);
      const { timelineId, ...before } = current.data;
      const timeline = draft.get('timeline', timelineId);
      const { loop, ...rules } = merge(FolderInput, { ...before, loop: timeline.data.loop }, withoutOwned(change, this.#shown(current), OWNED));
      const name = timeline.data.name === before.name ? rules.name : timeline.data.name;
      draft.update('timeline', timelineId, { ...timeline.data, name, loop });
      return draft.update('folder', id, { ...rules, timelineId });
    }));
  }

  /** With its timeline. @throws ServerError NOT_FOUND, STALE_REVISION, IN_USE naming where */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      const { revision, data: { name, timelineId } } = draft.get('folder', id);
      checkRevision(revision, expected);
      const uses = usesOfTimeline({ ...this.program.state, program: this.program.target() }, timelineId);
      checkUnused(name, uses);
      draft.remove('folder', id);
      draft.remove('folder-files', id);
      draft.remove('timeline', timelineId);
      if (draft.state.playbacks.has(timelineId)) draft.remove('playback', timelineId);
      forget(draft, timelineId);
    });
  }

  #shown(folder: DocumentOf<'folder'>): Folder {
    return toFolder(folder, this.model.find('timeline', folder.data.timelineId)?.data.loop ?? true, this.watcher.view(folder.id));
  }
}
