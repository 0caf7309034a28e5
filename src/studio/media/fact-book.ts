/**
 * What is known of the files, by path, size and time: looked at in the background, one file at a time behind whoever else asks
 * ffprobe. What they say of themselves is kept in a file, so that a library of thousands is looked at once and not at every start;
 * what is wrong with one is not: that may be so no more.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { MAX_MEDIA_FILES, MediaFacts } from '../../protocol/media.js';
import type { Problem } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { MediaProbe } from '../media-probe.js';
import { mediaKind, openedAs } from './facts.js';
import type { FileAt } from './files.js';

/** What changed within this is still being written. */
const STILL_MS = 2000;
const SAVE_AFTER_MS = 3000;

const Kept = z.array(z.tuple([z.string(), z.string(), MediaFacts]));

export type Known = { facts: MediaFacts; problem: null } | {
  facts: null; problem: Problem;
  /** Nothing of the file's own: it is looked at again. */
  isPassing?: true;
};

const NOT_TO_BE_PLAYED: Known = { facts: null, problem: { code: 'MEDIA_INVALID', message: 'It is not of a kind that can be played.' } };

export interface FactBookOptions {
  /** Where it is kept. */
  file: string;
  mediaFolder: string;
  probe: Pick<MediaProbe, 'facts'>;
  clock: Clock;
}

export class FactBook implements Owner {
  readonly #known = new Map<string, Known & { version: string }>();
  #isStopping = false;
  #wanted: FileAt[] = [];
  #isLooking = false;
  #cancelSave: (() => void) | undefined;
  #saving: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: FactBookOptions) {}

  /** What cannot be read of it is found out again. */
  async start(): Promise<void> {
    const text = await readFile(this.options.file, 'utf8').catch(() => '[]');
    let kept: unknown;
    try {
      kept = JSON.parse(text);
    } catch {
      return;
    }
    const parsed = Kept.safeParse(kept);
    for (const [path, version, facts] of parsed.success ? parsed.data : []) this.#known.set(path, { version, facts, problem: null });
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#isStopping = true;
      if (this.#cancelSave) await this.#save();
      await this.#saving;
    })());
  }

  /** Null: it was not looked at yet. */
  of({ path, version }: FileAt): Known | null {
    if (mediaKind(path) === 'other') return NOT_TO_BE_PLAYED;
    const known = this.#known.get(path);
    return known?.version === version ? known : null;
  }

  /** These are the files there are: those that are not known are looked at, in this order, and after them those again that could not be opened in time. */
  follow(files: readonly FileAt[]): void {
    const nowMs = this.options.clock.wallMs();
    const wanted = files.filter((file) => !isSettled(this.of(file)) && !(nowMs - file.modifiedMs >= 0 && nowMs - file.modifiedMs < STILL_MS));
    // What was never looked at comes before what is tried again.
    this.#wanted = [...wanted.filter((file) => this.of(file) === null), ...wanted.filter((file) => this.of(file) !== null)];
    if (this.#known.size > MAX_MEDIA_FILES + 1000) {
      const there = new Set(files.map(({ path }) => path));
      for (const path of this.#known.keys()) if (!there.has(path)) this.#known.delete(path);
    }
    void this.#lookOn();
  }

  /** Looks at one file now, unless it is known. */
  async look(file: FileAt): Promise<Known> {
    const kind = mediaKind(file.path);
    if (kind === 'other') return NOT_TO_BE_PLAYED;
    const known = this.of(file);
    if (isSettled(known)) return known;
    const looked = await this.options.probe.facts({ path: file.real, kind: openedAs(kind), mediaFolder: this.options.mediaFolder });
    if (looked.is === 'missing') return { facts: null, problem: { code: 'MEDIA_UNREADABLE', message: 'It is not there any more.' }, isPassing: true };
    const found: Known = looked.is === 'found'
      ? { facts: looked.facts, problem: null }
      : { facts: null, problem: { code: 'MEDIA_UNREADABLE', message: looked.message }, ...(looked.isPassing ? { isPassing: true } : {}) };
    if (this.#isStopping) return found;
    this.#known.set(file.path, { ...found, version: file.version });
    if (found.facts) this.#cancelSave ??= this.options.clock.after(SAVE_AFTER_MS, () => void this.#save());
    return found;
  }

  async #lookOn(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let next = this.#wanted.shift(); next && !this.#isStopping; next = this.#wanted.shift()) await this.look(next);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Best effort: what is not kept is found out again. */
  #save(): Promise<void> {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    const { file } = this.options;
    const text = JSON.stringify([...this.#known].flatMap(([path, { version, facts }]) => (facts ? [[path, version, facts]] : [])));
    this.#saving = this.#saving.then(async () => {
      await writeFile(`${file}.new`, text, { mode: 0o640 });
      await rename(`${file}.new`, file);
    }).catch(() => undefined);
    return this.#saving;
  }
}

const isSettled = (known: Known | null): known is Known => known !== null && !(known.problem && known.isPassing);
