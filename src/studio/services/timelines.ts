/** Timelines: stored step by step as an operator edits them; what is wrong with one is told and, short of nonsense, not refused. */
import type { DocumentOf } from '../../domain/documents.js';
import { checkTimeline } from '../../domain/timeline/check.js';
import { withIds } from '../../domain/timeline/with-ids.js';
import { storeIssues, timelineLookup, toTimeline, toTimelineSummary, usesOfTimeline } from '../../domain/timelines.js';
import {
  TimelineInput, type Timeline, type TimelineDocument, type TimelineReport, type TimelineSaved, type TimelineSummary, type TimelineUpdate,
} from '../../protocol/timeline.js';
import { ServerError } from '../../runtime/errors.js';
import { newId } from '../ids.js';
import type { Draft, Model } from '../model.js';
import type { ReportBook } from '../reports.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, merge, withoutOwned, type ExpectedRevision } from './patch.js';
import type { Program } from './program.js';
import { patched } from './timeline-patch.js';

const OWNED = ['id', 'createdAt', 'updatedAt'];
type Stored = DocumentOf<'timeline'>;

export class Timelines {
  constructor(private readonly model: Model, private readonly program: Program, private readonly reports: ReportBook) {}

  list(): TimelineSummary[] {
    return this.model.state.timelines.map(toTimelineSummary);
  }

  /** @throws ServerError NOT_FOUND */
  get(id: string): Timeline {
    return toTimeline(this.find(id));
  }

  /** @throws ServerError VALIDATION */
  async create(body: unknown): Promise<TimelineSaved> {
    const input = withIds(parse(TimelineInput, body), newId);
    return this.#saved(await this.model.change((draft) => {
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
      return merge(TimelineInput, current.data, withoutOwned(change, toTimeline(current), OWNED));
    }));
  }

  /**
   * Changes what is at a revision: whole, or by a JSON Patch.
   * @throws ServerError NOT_FOUND, VALIDATION, and CONFLICT with the present revision when it is at another
   */
  async update({ timelineId, revision, timeline, patch }: TimelineUpdate): Promise<{ revision: number }> {
    const stored = await this.#edit(timelineId, (current) => {
      if (current.revision !== revision) {
        throw new ServerError('CONFLICT', `Somebody changed this timeline in the meantime: it is at revision ${current.revision}, not ${revision}.`, { details: { revision: current.revision } });
      }
      return timeline ?? parse(TimelineInput, patched(current.data, patch ?? []));
    });
    return { revision: stored.revision };
  }

  /** @throws ServerError NOT_FOUND, STALE_REVISION, IN_USE naming where */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      const { revision, data } = draft.get('timeline', id);
      checkRevision(revision, expected);
      const uses = usesOfTimeline({ ...this.program.state, program: this.program.target() }, id);
      if (uses.length > 0) throw new ServerError('IN_USE', `"${data.name}" is ${uses.join(', ')}. Take it out there first.`, { details: { uses } });
      draft.remove('timeline', id);
      if (draft.state.playbacks.has(id)) draft.remove('playback', id);
    });
  }

  /** All that is wrong with it now. @throws ServerError NOT_FOUND */
  async check(id: string): Promise<TimelineReport> {
    const cameras = this.reports.get('ingest')?.cameras;
    const { data } = this.find(id);
    return checkTimeline(data, {
      ...timelineLookup(this.model.state), timelineId: id,
      // While ingest is away nobody knows.
      cameraThere: (sourceId) => cameras && cameras.some((camera) => camera.id === sourceId && camera.state === 'live'),
    });
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
    const found = this.model.find('timeline', id);
    if (!found) throw new ServerError('NOT_FOUND', `There is no timeline ${id}.`);
    return found;
  }

  /** Stores what `work` makes of the present document, with ids where it has none. */
  #edit(id: string, work: (current: Stored) => TimelineInput): Promise<Stored> {
    return this.model.change((draft) => this.#store(draft, id, withIds(work(draft.get('timeline', id)), newId)));
  }

  #store(draft: Draft, id: string, document: TimelineDocument): Stored {
    rejectIssues(storeIssues(draft.state, id, document));
    return draft.update('timeline', id, document);
  }

  #saved(stored: Stored): TimelineSaved {
    return { ...toTimeline(stored), problems: this.#look(stored).problems };
  }

  /** What is seen without opening files. */
  #look({ id, data }: Stored): TimelineReport {
    return checkTimeline(data, { ...timelineLookup(this.model.state), timelineId: id });
  }
}
