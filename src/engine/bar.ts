/** The T-bar: a transition that has gone as far as a hand has it, and stands there for as long as that wants. */
import type { EngineDesired } from '../protocol/link.js';
import type { Transition } from '../protocol/resources.js';
import type { ProgramTarget } from '../protocol/status.js';
import { sameJson } from '../runtime/same-json.js';
import type { NativeProgram, NativeScene, NativeTransition } from './native.js';
import { planScene, planTransition, sourcesOf, type VideoFormat } from './scene-plan.js';
import type { Timelines } from './timeline/timelines.js';

export interface BarOptions {
  program: NativeProgram;
  format: VideoFormat;
  timelines: Timelines;
  /** The films among these sources, to begin with what they are in. */
  cue(ids: ReadonlySet<string>): string[];
}

interface Held {
  target: ProgramTarget;
  scene: NativeScene;
  way: NativeTransition;
  position: number;
}

export class Bar {
  #held: Held | undefined;

  constructor(private readonly options: BarOptions) {}

  /** How far it has been gone; undefined: nobody holds it. */
  get position(): number | undefined {
    return this.#held?.position;
  }

  /** Those of what it leads to. A timeline plays its own. */
  get sources(): ReadonlySet<string> {
    return !this.#held || 'timelineId' in this.#held.target ? new Set() : sourcesOf(this.#held.scene);
  }

  /**
   * Goes to a position above 0 and below 1. The first one begins the way, and another target than before takes the place of that.
   * @returns the frame that shows it, and whether something else is on its way than before
   * @throws ServerError NOT_FOUND for a timeline that nobody knows
   */
  go(position: number, target: ProgramTarget, transition: Transition | undefined, desired: EngineDesired): { frame: number; began: boolean } {
    const { program, timelines } = this.options;
    if (this.#held && sameJson(this.#held.target, target)) {
      this.#held.position = position;
      return { frame: program.bar(position, null, this.#held.way).frame, began: false };
    }
    const scene = 'timelineId' in target ? timelines.beside(target.timelineId) : planScene(target, desired);
    const before = this.#held?.target;
    const held: Held = { target, scene, way: byHand(transition, this.options.format), position };
    const { frame } = program.bar(position, scene, held.way, this.#films(held));
    if (before && 'timelineId' in before) timelines.dropBeside(frame, before.timelineId);
    this.#held = held;
    return { frame, began: true };
  }

  /** All is as it was before. */
  back(): number {
    const { frame } = this.options.program.bar(0, null, this.#held?.way ?? byHand(undefined, this.options.format));
    this.end(frame);
    return frame;
  }

  /** It has been gone to its end, if it leads there: what it leads to is on program from that frame on. */
  complete(target: ProgramTarget): { frame: number; scene: NativeScene } | undefined {
    const held = this.#held;
    if (!held || !sameJson(held.target, target)) return undefined;
    const { frame } = this.options.program.bar(1, null, held.way);
    this.#held = undefined;
    return { frame, scene: held.scene };
  }

  /** Something else was taken with `frame`: nobody holds it any more. */
  end(frame: number): void {
    const target = this.#held?.target;
    this.#held = undefined;
    if (target && 'timelineId' in target) this.options.timelines.dropBeside(frame, target.timelineId);
  }

  /** An edit of what it leads to. */
  follow(desired: EngineDesired): void {
    const held = this.#held;
    if (!held || 'timelineId' in held.target) return;
    const scene = planScene(held.target, desired);
    if (sameJson(scene, held.scene)) return;
    held.scene = scene;
    this.options.program.bar(held.position, scene, held.way, this.#films(held));
  }

  #films({ target, scene }: Held): string[] {
    return 'timelineId' in target ? [] : this.options.cue(sourcesOf(scene));
  }
}

/** There is no way to go a cut by hand: it is faded. */
function byHand(transition: Transition | undefined, format: VideoFormat): NativeTransition {
  const way = planTransition(transition, format);
  return way.kind === 'cut' ? { kind: 'fade', frames: 0 } : way;
}
