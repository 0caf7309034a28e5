/** Playing timelines: `playback:control`, and the same over REST. */
import { atRest, fromRest, onProgramOf, pausedAt, regionOf } from '../../domain/playback.js';
import type { PlaybackRequest, TimelineStart } from '../../protocol/link.js';
import { STOPPED, type Playback, type PlaybackControl, type PlaybackReply, type Region } from '../../protocol/playback.js';
import { ServerError } from '../../runtime/errors.js';
import { awayError } from '../../runtime/link-server.js';
import type { ReportBook } from '../reports.js';
import { invalidField } from '../validate.js';
import type { Program } from './program.js';
import type { Timelines } from './timelines.js';

/** What concerns timelines alone. */
export type PlaybackAction = PlaybackControl & { action: Exclude<PlaybackControl['action'], 'emergency'> };

export class PlaybackService {
  /** @param reports of the engine: whether it is there */
  constructor(private readonly program: Program, private readonly timelines: Timelines, private readonly reports: ReportBook) {}

  /**
   * Resolves when the engine has planned it, with the first program frame that shows it.
   * @throws ServerError NOT_FOUND, VALIDATION, TIMELINE_EMPTY, CONFLICT where there is nothing it could mean, and what a take throws
   */
  async control(m: PlaybackAction): Promise<PlaybackReply> {
    // What goes by what is on program waits for what is being put there; what names what is to be there takes its place.
    const goesBy = m.action !== 'arm' && m.action !== 'disarm' && (m.action !== 'play' || m.timelineId === undefined);
    if (goesBy && this.program.underWay) await this.program.underWay;
    const timelineId = this.#which(m);
    if (m.action === 'disarm') return this.#arm(null, undefined);
    const positionMs = m.clipId === undefined ? m.positionMs : this.timelines.clipStartMs(timelineId, m.clipId);
    if (m.action === 'seek' && positionMs === undefined) throw invalidField('positionMs', 'A seek needs a positionMs or a clipId.');
    if (m.loop !== undefined) {
      // The engine must know of the loop before it plays, and an edit stays though nobody is there to play it.
      if (this.#asksEngine(m.action, timelineId)) this.#checkEngine();
      await this.timelines.setLoop(timelineId, m.loop);
    }
    switch (m.action) {
      case 'play': return this.#play(timelineId, positionMs, m.transition);
      case 'pause':
      case 'seek':
      case 'stop': return this.#change(timelineId, m.action, positionMs, m);
      case 'region': return this.#region(timelineId, m.region ?? null);
      case 'release': return this.#release(m);
      case 'arm': return this.#arm(timelineId, positionMs);
      default: return m.action satisfies never;
    }
  }

  /** Whether that is the timeline on program; without an id, whichever is there. */
  isOnProgram(timelineId: string | undefined): boolean {
    return timelineId === undefined || this.#onProgram(timelineId);
  }

  /** The timeline that is meant; '' where none is. */
  #which({ action, timelineId }: PlaybackAction): string {
    const { program, override } = this.program.state;
    if (action === 'disarm') return '';
    if (action === 'release') {
      if (!override || (timelineId !== undefined && timelineId !== override.timelineId)) throw new ServerError('CONFLICT', 'Nothing was taken over that timeline: there is nothing to release.');
      return override.timelineId;
    }
    if (timelineId !== undefined) {
      this.timelines.find(timelineId);
      if (action === 'arm' && this.#onProgram(timelineId)) throw new ServerError('CONFLICT', 'That timeline is on program already.');
      return timelineId;
    }
    if (action === 'arm') throw invalidField('timelineId', 'Which timeline?');
    if ('timelineId' in program) return program.timelineId;
    throw new ServerError('CONFLICT', override ? 'No timeline is on program: release the one that is overridden, or name one.' : 'No timeline is on program: name the one that is meant.');
  }

  #play(timelineId: string, positionMs: number | undefined, transition: PlaybackControl['transition']): Promise<PlaybackReply> {
    const { underWay } = this.program;
    if (!underWay && this.#onProgram(timelineId) && !transition) return this.#ask({ timelineId, action: 'play', ...(positionMs === undefined ? {} : { positionMs }) });
    if (!this.#onProgram(timelineId)) this.timelines.checkPlayable(timelineId);
    const how = { ...(transition ? { transition } : {}), ...(positionMs === undefined ? {} : { start: { is: 'from', positionMs } as const }) };
    return this.#taken(this.program.takeTimeline(timelineId, how));
  }

  /** One that is not on program is changed for when it will be. */
  async #change(timelineId: string, action: 'pause' | 'seek' | 'stop', positionMs: number | undefined, { live = false, region }: Pick<PlaybackAction, 'live' | 'region'>): Promise<PlaybackReply> {
    if (this.#onProgram(timelineId)) return this.#ask({ timelineId, action, ...(positionMs === undefined ? {} : { positionMs }), ...(live ? { live } : {}), ...(region === undefined ? {} : { region }) });
    const playback = this.#changed(this.#stands(timelineId), action, positionMs ?? 0, { live, region });
    await this.program.put((state) => ({ ...onProgramOf(state), playbacks: new Map([[timelineId, playback]]) }));
    return { frame: null, ptsMs: null, playback };
  }

  #changed(stands: Playback, action: 'pause' | 'seek' | 'stop', positionMs: number, { live, region }: Pick<PlaybackAction, 'live' | 'region'>): Playback {
    switch (action) {
      case 'stop': return STOPPED;
      case 'pause': return { ...pausedAt(stands, this.program.now()), ...(live && stands.is !== 'stopped' ? { live } : {}) };
      case 'seek': {
        const round = region === undefined ? regionOf(stands) : region;
        // One that lies behind is none.
        return atRest(positionMs, round && positionMs < round.toMs ? round : undefined);
      }
      default: return action satisfies never;
    }
  }

  async #region(timelineId: string, region: Region | null): Promise<PlaybackReply> {
    if (!this.#onProgram(timelineId)) throw new ServerError('CONFLICT', 'That timeline is not on program. Play it first: then it can go round a region.');
    return this.#ask({ timelineId, action: 'region', region });
  }

  #release({ resume, transition }: PlaybackAction): Promise<PlaybackReply> {
    const override = this.program.state.override!;
    const { timelineId, leftPlayback, instead } = override;
    if (instead) return this.#taken(this.program.takeScheduled(instead, transition ? { transition } : {}));
    const stands = this.#stands(timelineId);
    // One that was paused, or stopped meanwhile, comes back as that.
    const start: TimelineStart = resume === 'left'
      ? (stands.is === 'playing' && leftPlayback.is === 'paused' ? fromRest(leftPlayback) : { is: 'as', playback: leftPlayback })
      : { is: 'as', playback: stands };
    return this.#taken(this.program.takeTimeline(timelineId, { start, ...(transition ? { transition } : {}) }));
  }

  async #arm(timelineId: string | null, positionMs: number | undefined): Promise<PlaybackReply> {
    if (timelineId !== null) this.timelines.checkPlayable(timelineId);
    const playbacks = timelineId === null || positionMs === undefined ? [] : [[timelineId, { is: 'paused', positionMs }] as const];
    await this.program.put((state) => ({ ...onProgramOf(state), armed: timelineId, ...(timelineId === null ? {} : { preview: null }), playbacks: new Map(playbacks) }));
    return { frame: null, ptsMs: null, playback: timelineId === null ? STOPPED : this.#stands(timelineId) };
  }

  #ask(request: PlaybackRequest): Promise<PlaybackReply> {
    return this.#taken(this.program.play(request));
  }

  async #taken(take: ReturnType<Program['takeTimeline']>): Promise<PlaybackReply> {
    const { frame, ptsMs, playback } = await take;
    return { frame, ptsMs, playback: playback ?? STOPPED };
  }

  #asksEngine(action: PlaybackAction['action'], timelineId: string): boolean {
    return action === 'play' || action === 'release' || (action !== 'arm' && this.#onProgram(timelineId));
  }

  #checkEngine(): void {
    if (!this.reports.get('engine')) throw awayError('engine', 'ENGINE_AWAY');
  }

  #onProgram(timelineId: string): boolean {
    const { program } = this.program.state;
    return 'timelineId' in program && program.timelineId === timelineId;
  }

  #stands(timelineId: string): Playback {
    return this.program.state.playbacks.get(timelineId) ?? STOPPED;
  }
}
