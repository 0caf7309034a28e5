/** Inserts on air: putting one there, and taking it away before its time. The engine is asked first and the disk afterwards, as with takes. */
import { airingNow } from '../../domain/airings.js';
import type { DocumentOf, StoredAiring, StoredInsertRule } from '../../domain/documents.js';
import { engineInsert, fileOf, insertIssues, lengthMs } from '../../domain/inserts.js';
import { afterInsert, afterStop } from '../../domain/playback.js';
import type { MediaState } from '../../domain/timeline/check.js';
import type { InsertAired, InsertControl, InsertStopped } from '../../protocol/inserts.js';
import { InsertReply, TakeReply, type EngineInsert } from '../../protocol/link.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { DesiredState } from '../desired-state.js';
import { newId } from '../ids.js';
import type { MediaPaths } from '../media-paths.js';
import type { FileKind } from '../media/facts.js';
import type { MediaProbe } from '../media-probe.js';
import type { ReportBook } from '../reports.js';
import { invalidField, rejectIssues } from '../validate.js';
import type { Emergency } from './emergency.js';
import type { Program, ProgramOptions } from './program.js';

/** Shorter ones are none. */
const SHORTEST_MS = 100;

export interface InsertPlayerOptions extends Pick<ProgramOptions, 'askEngine' | 'onAsked' | 'onFailed'> {
  program: Program;
  desired: DesiredState;
  emergency: Emergency;
  media: MediaPaths;
  probe: MediaProbe;
  reports: Pick<ReportBook, 'get'>;
}

export class InsertPlayer {
  #asking = false;

  constructor(private readonly options: InsertPlayerOptions) {}

  /** One is on air, or about to be. */
  get isBusy(): boolean {
    return this.#asking || this.#onAir !== undefined || this.#unstoredAiring !== undefined;
  }

  control(message: InsertControl): Promise<InsertAired | InsertStopped> {
    return message.action === 'air' ? this.air(message.insertId) : this.stop();
  }

  /**
   * Resolves when the engine has planned it.
   * @param rule by which it comes by itself, to be stored with it
   * @throws ServerError NOT_FOUND, EMERGENCY, CONFLICT while one is on air, ENGINE_AWAY, TIMEOUT, or what is wrong with its file or length
   */
  async air(insertId: string, rule?: StoredInsertRule): Promise<InsertAired> {
    const { emergency } = this.options;
    const insert = this.#find(insertId);
    emergency.checkNone();
    if (this.isBusy) throw new ServerError('CONFLICT', 'An insert is on air already. Stop it first, or wait until it is over.');
    this.#asking = true;
    try {
      const durationMs = await this.#lengthMs(insert);
      emergency.checkNone();
      const asked = engineInsert(this.options.program.state, insert, newId('airing'), durationMs);
      return await this.#ask(asked, insert.data.name, rule);
    } finally {
      this.#asking = false;
    }
  }

  /** @throws ServerError CONFLICT when none is on air, or what the engine answered: then it goes on */
  async stop(): Promise<InsertStopped> {
    const { program, askEngine } = this.options;
    const airingId = this.#onAir?.insert.airingId ?? this.#unstoredAiring;
    if (airingId === undefined) throw new ServerError('CONFLICT', 'No insert is on air.');
    const { frame, ptsMs, playback } = TakeReply.parse(await askEngine({ name: 'insert-end', payload: { airingId } }));
    program.keep((state) => afterStop(state, airingId, playback, program.momentOf(ptsMs)));
    return { airingId, frame, ptsMs };
  }

  get #onAir(): StoredAiring | undefined {
    const { program } = this.options;
    return airingNow(program.state, program.now());
  }

  /** The id of an airing on air of which only the engine knows: its answer was lost on its way, or the studio that had asked for it died. */
  get #unstoredAiring(): string | undefined {
    const { program, reports } = this.options;
    const reported = reports.get('engine')?.insert;
    return reported && !program.state.airings.some(({ insert }) => insert.airingId === reported.airingId) ? reported.airingId : undefined;
  }

  async #ask(asked: EngineInsert, name: string, rule: StoredInsertRule | undefined): Promise<InsertAired> {
    const { program, desired, askEngine, onAsked, onFailed } = this.options;
    // The timeline in it is to be known before.
    desired.coming = asked;
    onAsked();
    try {
      const { frame, ptsMs, frames, playback } = InsertReply.parse(await askEngine({ name: 'insert', payload: asked }));
      const at = program.momentOf(ptsMs);
      const { bootId, wallMs } = at;
      program.keep((state) => {
        const holds = playback && 'timelineId' in state.program ? state.program.timelineId : null;
        const fps = state.settings.data.video.fps;
        const insert = { ...asked, began: { frame, bootId, wallMs: Math.round(wallMs) } };
        return afterInsert(state, { insert, name, frames, fps, holds, aired: 0, missed: 0, engine: null, ended: null }, playback, rule && { insertId: asked.insertId, rule });
      }, at);
      return { airingId: asked.airingId, frame, ptsMs, frames };
    } catch (error) {
      desired.coming = undefined;
      onFailed();
      const { code } = toProblem(error);
      // It may have begun though nobody has heard of it: then it would be aired again.
      if (code === 'TIMEOUT' || code === 'LINK_CLOSED') askEngine({ name: 'insert-end', payload: { airingId: asked.airingId } }).catch(() => undefined);
      throw error;
    } finally {
      desired.coming = undefined;
    }
  }

  /** @throws ServerError VALIDATION, MEDIA_MISSING, MEDIA_UNREADABLE */
  async #lengthMs({ data }: DocumentOf<'insert'>): Promise<number> {
    const { program } = this.options;
    rejectIssues(insertIssues(program.state, data));
    const file = fileOf(program.state, data);
    // Also where it has a length of its own: what cannot be shown is not to be aired.
    const media = file ? await this.#look(file) : undefined;
    const length = lengthMs(program.state, data, media);
    if (length === null) throw invalidField('durationMs', 'Its file does not say how long it is: say how long the insert is.');
    if (length < SHORTEST_MS) throw invalidField('inMs', 'The insert begins where what it shows is over.');
    return length;
  }

  async #look({ path, kind }: { path: string; kind: FileKind }): Promise<MediaState> {
    const { media, probe } = this.options;
    await media.check(path);
    const location = media.find(path);
    if (location.is === 'refused') throw new ServerError('PATH_NOT_ALLOWED', location.message);
    // An address is not a file: nobody knows how long it is.
    if (location.path.includes('://')) return { is: 'ok', durationMs: null };
    const state = (await probe.look(new Map([['file', { path: location.path, kind }]]))).get('file')!;
    if (state.is === 'missing') throw new ServerError('MEDIA_MISSING', `There is no file ${path} in the media folder.`);
    if (state.is === 'unreadable') throw new ServerError('MEDIA_UNREADABLE', `${path}: ${state.message}`);
    return state;
  }

  #find(id: string): DocumentOf<'insert'> {
    const found = this.options.program.state.inserts.find((insert) => insert.id === id);
    if (!found) throw new ServerError('NOT_FOUND', `There is no insert ${id}.`);
    return found;
  }
}
