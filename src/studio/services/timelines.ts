/** Timelines: stored step by step as an operator edits them; what is wrong with one is told and, short of nonsense, not refused. */
import { isDeepStrictEqual } from 'node:util';
import type { DocumentOf } from '../../domain/documents.js';
import { folderOf, folderSources } from '../../domain/folders.js';
import { importTimeline, timelineFile } from '../../domain/timeline-file.js';
import { checkTimeline } from '../../domain/timeline/check.js';
import { knowClips, KnowingTimelineInput } from '../../domain/timeline/read.js';
import { withIds } from '../../domain/timeline/with-ids.js';
import { isEmpty, storeIssues, timelineLookup, timelineSummaries, toTimeline, usesOfTimeline } from '../../domain/timelines.js';
import {
  TimelineFile, TimelineInput, type Timeline, type TimelineDocument, type TimelineImported, type TimelineReport, type TimelineSaved, type TimelineSummary, type TimelineUpdate, type TimelineUpdated,
} from '../../protocol/timeline.js';
import { ServerError } from '../../runtime/errors.js';
import { newId } from '../ids.js';
import { jsonOf } from '../json-text.js';
import type { MediaPaths } from '../media-paths.js';
import type { FileKind } from '../media/facts.js';
import type { MediaProbe } from '../media-probe.js';
import type { Model } from '../model.js';
import type { ReportBook } from '../reports.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, checkUnused, merge, withoutOwned, type ExpectedRevision } from './patch.js';
import type { Program } from './program.js';
import { forget, remember, step } from './timeline-history.js';
import { patched } from './timeline-patch.js';

const OWNED = ['id', 'createdAt', 'updatedAt', 'folderId'];
type Stored = DocumentOf<'timeline'>;

/** Files that one check looks at. */
const MAX_PROBED = 500;
/** A line between the processes has 16 MiB. */
const MAX_STORED_BYTES = 15 * 1024 * 1024;

export interface TimelinesOptions {
  model: Model;
  program: Program;
  reports: ReportBook;
  media: MediaPaths;
  probe: MediaProbe;
}

export class Timelines {
  constructor(private readonly options: TimelinesOptions) {}

  list(): TimelineSummary[] {
    return timelineSummaries(this.options.model.state);
  }

  /** @throws ServerError NOT_FOUND */
  get(id: string): Timeline {
    return this.#shown(this.find(id));
  }

  /** One that is to be played needs something to play. @throws ServerError NOT_FOUND, TIMELINE_EMPTY */
  checkPlayable(id: string): void {
    const timeline = this.find(id);
    if (isEmpty(this.options.model.state, timeline)) {
      throw new ServerError('TIMELINE_EMPTY', `"${timeline.data.name}" has no clips and no filler: there is nothing to play. Put clips on it in the timeline editor, or give it a filler.`);
    }
  }

  /** @throws ServerError VALIDATION */
  async create(body: unknown): Promise<TimelineSaved> {
    const input = withIds(parse(TimelineInput, body), newId);
    checkSize(input);
    return this.#saved(await this.options.model.change((draft) => {
      rejectIssues(storeIssues(draft.state, null, input));
      return draft.create('timeline', newId('timeline'), input);
    }));
  }

  /** Fields at the top replace those that are there. @throws ServerError NOT_FOUND, VALIDATION, STALE_REVISION */
  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<TimelineSaved> {
    // What the last change was answered with may be sent back.
    const { problems: _, ...change } = asBody(body);
    return this.#saved(await this.#edit(id, (current) => {
      checkRevision(current.revision, expected);
      return merge(TimelineInput, current.data, withoutOwned(change, this.#shown(current), OWNED));
    }));
  }

  /**
   * Changes what is at a revision: whole, or by a JSON Patch. On program, it tells the first frame that shows it.
   * @throws ServerError NOT_FOUND, VALIDATION, and CONFLICT with the present revision when it is at another
   */
  async update({ timelineId, revision, timeline, patch }: TimelineUpdate): Promise<TimelineUpdated> {
    const stored = await this.#edit(timelineId, (current) => {
      if (current.revision !== revision) {
        throw new ServerError('CONFLICT', `Somebody changed this timeline in the meantime: it is at revision ${current.revision}, not ${revision}.`, { details: { revision: current.revision } });
      }
      if (timeline) return timeline;
      knowClips(current.data);
      return parse(KnowingTimelineInput, patched(current.data, patch ?? []));
    });
    return { revision: stored.revision, ...await this.options.program.edited({ timelineId, revision: stored.revision }) };
  }

  /** @throws ServerError NOT_FOUND, STALE_REVISION, IN_USE naming where */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.options.model.change((draft) => {
      const { revision, data } = draft.get('timeline', id);
      checkRevision(revision, expected);
      const folder = folderOf(draft.state, id);
      if (folder) throw new ServerError('IN_USE', `"${data.name}" is what the folder "${folder.data.name}" plays. Delete the folder.`, { details: { uses: [`of folder "${folder.data.name}"`] } });
      const uses = usesOfTimeline({ ...this.options.program.state, program: this.options.program.target() }, id);
      checkUnused(data.name, uses);
      draft.remove('timeline', id);
      if (draft.state.playbacks.has(id)) draft.remove('playback', id);
      forget(draft, id);
    });
  }

  /**
   * Takes back the last edit, or what was taken back; a new revision in any case.
   * @throws ServerError NOT_FOUND, STALE_REVISION, CONFLICT when there is nothing to go to
   */
  async step(id: string, from: 'undo' | 'redo', expected: ExpectedRevision): Promise<TimelineSaved> {
    return this.#saved(await this.options.model.change((draft) => {
      const current = draft.get('timeline', id);
      checkRevision(current.revision, expected);
      this.#checkFolder(id);
      const document = step(draft, id, from, current.data);
      if (!document) throw new ServerError('CONFLICT', from === 'undo' ? 'There is no earlier version to go back to.' : 'Nothing was taken back that could be done again.');
      rejectIssues(storeIssues(draft.state, id, document));
      return draft.update('timeline', id, document);
    }));
  }

  /** All that is wrong with it now: files are opened, and cameras looked for. @throws ServerError NOT_FOUND */
  async check(id: string): Promise<TimelineReport> {
    const { model, reports, probe } = this.options;
    const before = this.find(id).data;
    const states = await probe.look(await this.#files(before));
    const cameras = reports.get('ingest')?.cameras;
    return checkTimeline(before, {
      ...timelineLookup(model.state), timelineId: id,
      media: (sourceId) => states.get(sourceId),
      // While ingest is away nobody knows.
      cameraThere: (sourceId) => cameras && cameras.some((camera) => camera.id === sourceId && camera.state === 'live'),
    });
  }

  /** @throws ServerError NOT_FOUND */
  export(id: string): { name: string; file: TimelineFile } {
    const timeline = this.find(id);
    return { name: timeline.data.name, file: timelineFile(this.options.model.state, timeline) };
  }

  /** Makes the timelines of a file, all or none. @throws ServerError VALIDATION */
  async import(body: unknown): Promise<TimelineImported> {
    const file = parse(TimelineFile, body);
    const { stored, unmatched } = await this.options.model.change((draft) => {
      const { top, nested, unmatched: missing } = importTimeline(draft.state, file, newId);
      const all = [...nested, top];
      const later = all.map(({ id, document }) => ({ id, revision: 1, createdAt: draft.now, updatedAt: draft.now, data: document }));
      const state = { ...draft.state, timelines: [...draft.state.timelines, ...later] };
      for (const { id, document } of all) {
        checkSize(document);
        rejectIssues(storeIssues(state, id, document));
      }
      const [made] = all.map(({ id, document }) => draft.create('timeline', id, document)).reverse();
      return { stored: made!, unmatched: missing };
    });
    return { timeline: this.#saved(stored), unmatched };
  }

  /** @throws ServerError NOT_FOUND */
  async setLoop(id: string, loop: boolean): Promise<void> {
    await this.#edit(id, ({ data }) => ({ ...data, loop }));
  }

  /** Where a clip begins, ms from the timeline's start. @throws ServerError NOT_FOUND */
  clipStartMs(id: string, clipId: string): number {
    for (const { clips } of this.find(id).data.tracks) {
      const clip = clips.find((candidate) => candidate.id === clipId);
      if (clip) return clip.startMs;
    }
    throw new ServerError('NOT_FOUND', `There is no clip ${clipId} in that timeline.`);
  }

  /** @throws ServerError NOT_FOUND */
  find(id: string): Stored {
    return this.options.model.get('timeline', id);
  }

  /** Stores what `work` makes of the present document, with ids where it has none. */
  #edit(id: string, work: (current: Stored) => TimelineInput): Promise<Stored> {
    return this.options.model.change((draft) => {
      const before = draft.get('timeline', id);
      const document = withIds(work(before), newId);
      const isFolder = folderOf(draft.state, id) !== undefined;
      if (isFolder && (!isDeepStrictEqual(document.tracks, before.data.tracks) || document.durationMs !== before.data.durationMs)) this.#checkFolder(id);
      checkSize(document);
      rejectIssues(storeIssues(draft.state, id, document));
      const after = draft.update('timeline', id, document);
      // What a folder's timeline was cannot come back: its files are what they are.
      if (after !== before && !isFolder) remember(draft, id, before.data);
      return after;
    });
  }

  /** The files that are seen or heard in a document and in what lies in it. */
  async #files(document: TimelineDocument): Promise<Map<string, { path: string; kind: FileKind }>> {
    const { model, media } = this.options;
    const { sources } = timelineFile(model.state, { ...NO_META, data: document });
    const inFolders = folderSources(model.state);
    const files = new Map<string, { path: string; kind: FileKind }>();
    for (const { id } of sources) {
      const data = model.find('source', id)?.data ?? inFolders(id);
      if (!data || !('path' in data) || files.size >= MAX_PROBED) continue;
      // A path that leads out is refused where it is used; an address is not a file.
      await media.check(data.path).catch(() => undefined);
      const location = media.find(data.path);
      if (location.is !== 'refused' && !location.path.includes('://')) files.set(id, { path: location.path, kind: data.kind });
    }
    return files;
  }

  #saved(stored: Stored): TimelineSaved {
    return { ...this.#shown(stored), problems: this.#look(stored).problems };
  }

  #shown(stored: Stored): Timeline {
    return toTimeline(stored, folderOf(this.options.model.state, stored.id)?.id);
  }

  /** @throws ServerError CONFLICT for a timeline whose clips are the files of a folder */
  #checkFolder(id: string): void {
    const folder = folderOf(this.options.model.state, id);
    if (folder) throw new ServerError('CONFLICT', `The clips of this timeline are the files of the folder "${folder.data.name}". Change the folder, or its files.`);
  }

  /** What is seen without opening files. */
  #look({ id, data }: Stored): TimelineReport {
    return checkTimeline(data, { ...timelineLookup(this.options.model.state), timelineId: id });
  }
}

const NO_META = { id: '', revision: 1, createdAt: '', updatedAt: '' };

/** @throws ServerError TOO_LARGE for what would not fit on one line to the engine */
function checkSize(document: TimelineDocument): void {
  const json = jsonOf(document);
  // A character has three bytes at most: most need not be counted.
  if (json.length * 3 <= MAX_STORED_BYTES) return;
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_STORED_BYTES) throw new ServerError('TOO_LARGE', `A timeline has at most ${MAX_STORED_BYTES} bytes as JSON with all its fields; this one has ${bytes}.`);
}
