/**
 * One airing of an insert: a run of its document over the program, from its first frame to the one after its last. Both ends
 * are told to the compositor when it begins: what JavaScript does meanwhile moves neither.
 */
import { durationOf } from '../domain/timeline/compile.js';
import { frameAt } from '../domain/timeline/rate.js';
import type { Airing, EngineActual, EngineInsert } from '../protocol/link.js';
import { TimelineDocument } from '../protocol/timeline.js';
import { ServerError } from '../runtime/errors.js';
import type { NativeProgram, NativeTransition } from './native.js';
import { CUT, planTransition, type VideoFormat } from './scene-plan.js';
import type { TimelineRun } from './timeline/timeline-run.js';
import type { Timelines } from './timeline/timelines.js';

/** On program, or about to be on frames that are settled. */
interface OnAir {
  readonly first: number;
  /** The first one that this process shows. */
  readonly since: number;
  /** The frame after its last. */
  end: number;
  ended: Airing['ended'];
  /** Frames of the program that the clock had skipped before. */
  readonly skippedBefore: number;
}

export class InsertRun {
  /** How many frames it has, transitions included. */
  readonly frames: number;
  readonly #document: TimelineDocument;
  readonly #run: TimelineRun;
  /** Of the documents that it was compiled with. */
  #version: number;
  readonly #in: NativeTransition;
  readonly #out: NativeTransition;
  #onAir: OnAir | undefined;

  /**
   * Of one that began before this process it opens what is due by now.
   * @throws ServerError VALIDATION
   */
  constructor(readonly insert: EngineInsert, private readonly timelines: Timelines, private readonly program: NativeProgram, format: VideoFormat) {
    const document = TimelineDocument.safeParse(insert.document);
    if (!document.success) throw new ServerError('VALIDATION', `The insert's document cannot be read: ${document.error.issues[0]?.message ?? ''}`);
    this.frames = frameAt(durationOf(document.data), timelines.runs.rate);
    if (this.frames === 0) throw new ServerError('VALIDATION', 'The insert is shorter than a frame.');
    this.#in = shortened(planTransition(insert.transition, format), Math.floor(this.frames / 2));
    this.#out = shortened(planTransition(insert.transitionOut, format), this.frames - this.#in.frames);
    this.#document = document.data;
    this.#version = timelines.documents.version;
    this.#run = timelines.runs.open(`insert:${insert.airingId}`, timelines.documents.compile(document.data), 0);
    const now = timelines.runs.now();
    // Before anything is opened: a film that is opened at its beginning shows all that was missed of it, fast.
    if (insert.began) this.#run.run(now, now - insert.began.frame);
    this.#run.tend(now);
  }

  /** It has its frames. */
  get begun(): boolean {
    return this.#onAir !== undefined;
  }

  /** The frame after its last; of one that has begun. */
  get end(): number {
    return this.#onAir?.end ?? Infinity;
  }

  /** It was cut short, and what is still seen of it is on its way out. */
  get isEnding(): boolean {
    return this.#onAir !== undefined && this.#onAir.end < this.#onAir.first + this.frames;
  }

  untilReady(isWanted: () => boolean): Promise<void> {
    return this.timelines.runs.untilReady(this.#run, isWanted);
  }

  /** Puts it on program with `frame`, or the next one; gives the first that it has. */
  begin(frame: number): number {
    this.#run.run(frame, 0);
    const { frame: first } = this.program.coverAt(frame, this.#run.sceneAt(frame), this.insert.fills, this.#in);
    if (first !== frame) this.#run.run(first, 0);
    this.#goes({ first, since: first, end: first + this.frames, ended: 'whole', skippedBefore: this.program.stats().skipped });
    return first;
  }

  /** Puts it on program from `frame` on where it should be by then. What was missed of it is not made up for. */
  join(frame: number, first: number): void {
    const { frame: since } = this.program.coverAt(frame, this.#run.sceneAt(frame), this.insert.fills, CUT);
    this.#goes({ first, since, end: first + this.frames, ended: 'engine', skippedBefore: this.program.stats().skipped });
  }

  /** It goes from `frame` on, by its own way out. */
  cut(frame: number, ended: Airing['ended']): void {
    const left = Math.min(this.#out.frames, this.end - frame);
    // It goes by itself already, or is to.
    if (left < 0 || frame >= this.end - this.#out.frames) return;
    this.program.coverAt(frame, null, this.insert.fills, shortened(this.#out, left));
    this.over(frame + left, ended);
  }

  /** Something else takes its place: nothing is seen of it from `frame` on. */
  over(frame: number, ended: Airing['ended']): void {
    if (!this.#onAir || frame >= this.#onAir.end) return;
    this.#onAir.end = Math.max(frame, this.#onAir.since);
    this.#onAir.ended = ended;
  }

  /** Takes over an edit of what lies in it, as of a folder whose files come and go. */
  follow(): void {
    const { documents, runs } = this.timelines;
    if (this.#version === documents.version) return;
    this.#version = documents.version;
    this.timelines.unharmed(this.#run, () => {
      this.#run.edit(documents.compile(this.#document), runs.now() + 1);
      if (this.#onAir) runs.plan(this.#run);
    });
  }

  /** Opens and plans what is coming. */
  tend(): void {
    const { runs } = this.timelines;
    this.timelines.unharmed(this.#run, () => {
      this.#run.tend(runs.now());
      if (this.#onAir) runs.plan(this.#run);
    });
  }

  status(): EngineActual['insert'] {
    const { airingId, insertId } = this.insert;
    if (!this.#onAir) return null;
    const { aired, missed } = this.#counts(this.#onAir);
    return { airingId, insertId, frame: this.#onAir.first, aired, missed, frames: this.frames };
  }

  /** What is to be told of it, if it ended now. */
  airing(ended = this.#onAir?.ended ?? 'engine'): Airing {
    const { airingId, insertId, began } = this.insert;
    if (!this.#onAir) return { airingId, insertId, frame: began?.frame ?? 0, frames: 0, missed: 0, ended };
    const { first, since } = this.#onAir;
    const { aired, missed, blank } = this.#counts(this.#onAir);
    // What an engine before this one has shown of it nobody here knows.
    const failed = since === first && aired > 0 && blank >= aired;
    return { airingId, insertId, frame: first, frames: aired, missed, ended: failed ? 'failed' : ended === 'whole' && missed > 0 ? 'partly' : ended };
  }

  stop(): Promise<void> {
    // The compositor would keep what was planned of each airing, for months.
    this.program.plan(this.#run.sceneId, 0, []);
    return this.#run.stop();
  }

  #goes(onAir: OnAir): void {
    this.#onAir = onAir;
    this.program.coverAt(onAir.end - this.#out.frames, null, this.insert.fills, this.#out);
    this.timelines.runs.plan(this.#run);
  }

  /** Frames that were aired; of those the ones in which something of it was not there, and in which nothing of it was. */
  #counts({ since, end, skippedBefore }: OnAir): { aired: number; missed: number; blank: number } {
    const { skipped, covers } = this.program.stats();
    const aired = Math.max(0, Math.min(this.timelines.runs.now() + 1, end) - since - (skipped - skippedBefore));
    const { missed = 0, blank = 0 } = covers.find(({ sceneId }) => sceneId === this.#run.sceneId) ?? {};
    return { aired, missed: Math.min(aired, missed), blank: Math.min(aired, blank) };
  }
}

function shortened(transition: NativeTransition, most: number): NativeTransition {
  const frames = Math.min(transition.frames, most);
  return frames > 0 ? { ...transition, frames } : CUT;
}
