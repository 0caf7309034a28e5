/** The emergency picture: over everything in one frame, and away again. It always works: what was prepared and is not there is the slate. */
import { afterEmergency, fromRest, type Moment } from '../../domain/playback.js';
import type { StudioState } from '../../domain/documents.js';
import { TakeReply, type EmergencyTarget, type TimelineStart } from '../../protocol/link.js';
import { STOPPED, type PlaybackControl, type PlaybackReply } from '../../protocol/playback.js';
import type { Transition } from '../../protocol/resources.js';
import { ServerError } from '../../runtime/errors.js';
import type { DesiredState } from '../desired-state.js';
import type { Program, ProgramOptions } from './program.js';

/** The engine cannot show anything now, or nobody knows whether it does: it comes back with what is wanted of it. */
const AWAY = new Set(['ENGINE_AWAY', 'LINK_CLOSED', 'TIMEOUT']);
export const isAway = (error: unknown): boolean => error instanceof ServerError && AWAY.has(error.code);

export class Emergency {
  #asked = 0;
  #answered = 0;

  constructor(private readonly program: Program, private readonly desired: DesiredState, private readonly options: Pick<ProgramOptions, 'askEngine' | 'onFailed' | 'clock'>) {}

  /** One is on, or about to be. */
  get isOn(): boolean {
    const { emergency } = this.desired;
    return emergency === undefined ? this.program.state.emergency !== null : emergency !== null;
  }

  /** At the operator's doors: takes wait for the release. The schedule goes on beneath. @throws ServerError EMERGENCY */
  checkNone(): void {
    if (this.isOn) throw new ServerError('EMERGENCY', 'The emergency picture is on program. Release it first.');
  }

  /**
   * Puts what is named, else what is prepared, over everything; in place of another one as well. While the engine is away it is
   * what the engine comes back with, and the reply has no frame.
   * @throws ServerError NOT_FOUND for a target that is named and not there, or what the engine answered
   */
  async begin({ sourceId, sceneId, transition }: Pick<PlaybackControl, 'sourceId' | 'sceneId' | 'transition'>): Promise<PlaybackReply> {
    const { state } = this.program;
    const isThere = (target: EmergencyTarget): boolean =>
      'sourceId' in target ? state.sources.some(({ id }) => id === target.sourceId) : 'sceneId' in target && state.scenes.some(({ id }) => id === target.sceneId);
    const named: EmergencyTarget | null = sourceId !== undefined ? { sourceId } : sceneId !== undefined ? { sceneId } : null;
    if (named && !isThere(named)) throw new ServerError('NOT_FOUND', `There is no ${sourceId !== undefined ? `source ${sourceId}` : `scene ${sceneId}`}.`);
    const prepared = state.settings.data.emergency;
    const target: EmergencyTarget = named ?? (prepared && isThere(prepared) ? prepared : { slate: true });
    return this.#reply(await this.#ask(target, transition));
  }

  /**
   * Takes it away: the program is where it would be by now, or the timeline on it where it was `left`.
   * @throws ServerError CONFLICT when none is on, or what the engine answered: then it stays
   */
  async release({ resume, transition }: Pick<PlaybackControl, 'resume' | 'transition'>): Promise<PlaybackReply> {
    if (!this.isOn) throw new ServerError('CONFLICT', 'No emergency picture is on program: there is nothing to release.');
    const left = this.program.state.emergency?.left;
    // Beneath the picture, so that nobody sees it jump. Something else may have come on there meanwhile.
    if (resume === 'left' && left && playing(this.program.state) === left.timelineId) {
      const { playback } = left;
      const start: TimelineStart = this.#playback().is === 'playing' && playback.is === 'paused' ? fromRest(playback) : { is: 'as', playback };
      const { ptsMs } = await this.program.takeTimeline(left.timelineId, { start });
      // A cover comes off with the next frame, and the take is some frames ahead.
      await new Promise<void>((done) => { this.options.clock.after(Math.max(0, ptsMs - this.program.now().monotonicMs), done); });
    }
    return this.#reply(await this.#ask(null, transition));
  }

  /** Of two at once the later one stands, whatever comes back first. @returns null from an engine that is away */
  async #ask(target: EmergencyTarget | null, transition: Transition | undefined): Promise<TakeReply | null> {
    const { desired, program, options } = this;
    const mine = ++this.#asked;
    const keep = (at: Moment, reply: TakeReply | null): void => {
      if (mine < this.#answered) return;
      this.#answered = mine;
      program.keep((state) => afterEmergency(state, target, at, reply), at);
    };
    desired.emergency = target;
    try {
      const reply = TakeReply.parse(await options.askEngine({ name: 'emergency', payload: { target, ...(transition ? { transition } : {}) } }));
      keep(program.momentOf(reply.ptsMs), reply);
      if (mine === this.#asked) desired.emergency = undefined;
      return reply;
    } catch (error) {
      const holds = target !== null && isAway(error);
      if (holds) keep(program.now(), null);
      if (mine === this.#asked) {
        desired.emergency = undefined;
        options.onFailed();
      }
      if (holds) return null;
      throw error;
    }
  }

  #playback(): PlaybackReply['playback'] {
    const { state } = this.program;
    const id = playing(state) ?? state.override?.timelineId;
    return (id === undefined ? undefined : state.playbacks.get(id)) ?? STOPPED;
  }

  #reply(reply: TakeReply | null): PlaybackReply {
    return { frame: reply?.frame ?? null, ptsMs: reply?.ptsMs ?? null, playback: this.#playback() };
  }
}

/** The timeline on program. */
function playing({ program }: StudioState): string | undefined {
  return 'timelineId' in program ? program.timelineId : undefined;
}
