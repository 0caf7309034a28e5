/**
 * What is known of the files, by path, size and time: looked at in the background, one file at a time behind whoever else asks
 * ffprobe, and kept in a file, so that a library of thousands is looked at once and not at every start.
 */
import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { MAX_MEDIA_FILES, MediaFacts } from '../../protocol/media.js';
import { Problem } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';
import type { Owner } from '../../runtime/lifecycle.js';
import { NICENESS, type MediaProbe } from '../media-probe.js';
import { factsArgs, factsOf, mediaKind, NOT_PLAYABLE, openedAs, unreadable, type Looked } from './facts.js';
import { findFile, type FileAt } from './files.js';

const LIMIT_MS = 5000;
/** What changed within this is still being written. */
const STILL_MS = 2000;
const SAVE_AFTER_MS = 3000;

const Kept = z.array(z.tuple([z.string(), z.string(), MediaFacts.nullable(), Problem.nullable()]));

export interface FactBookOptions {
  /** Where it is kept. */
  file: string;
  mediaFolder: string;
  probe: Pick<MediaProbe, 'inTurn'>;
  clock: Clock;
}

export class FactBook implements Owner {
  readonly #known = new Map<string, Looked & { version: string }>();
  readonly #end = new AbortController();
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
    for (const [path, version, facts, problem] of parsed.success ? parsed.data : []) {
      if (facts) this.#known.set(path, { version, facts, problem: null });
      else if (problem) this.#known.set(path, { version, facts: null, problem });
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#end.abort();
      if (this.#cancelSave) await this.#save();
      await this.#saving;
    })());
  }

  /** Null: it was not looked at yet. */
  of({ path, version }: FileAt): Looked | null {
    if (mediaKind(path) === 'other') return { facts: null, problem: NOT_PLAYABLE };
    const known = this.#known.get(path);
    return known?.version === version ? known : null;
  }

  /** These are the files there are: those that are not known are looked at, in this order. */
  follow(files: readonly FileAt[]): void {
    const nowMs = this.options.clock.wallMs();
    this.#wanted = files.filter((file) => this.of(file) === null && !(nowMs - file.modifiedMs >= 0 && nowMs - file.modifiedMs < STILL_MS));
    if (this.#known.size > MAX_MEDIA_FILES + 1000) {
      const there = new Set(files.map(({ path }) => path));
      for (const path of this.#known.keys()) if (!there.has(path)) this.#known.delete(path);
    }
    void this.#lookOn();
  }

  /** Looks at one file now, unless it is known. */
  async look(file: FileAt): Promise<Looked> {
    return this.of(file) ?? this.options.probe.inTurn(() => this.#probe(file));
  }

  async #lookOn(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let next = this.#wanted.shift(); next && !this.#end.signal.aborted; next = this.#wanted.shift()) await this.look(next);
    } finally {
      this.#isLooking = false;
    }
  }

  async #probe(file: FileAt): Promise<Looked> {
    // By now a link may stand in its place.
    const now = await findFile(this.options.mediaFolder, file.path).catch(() => null);
    if (now?.real !== file.real) return unreadable('It is not there any more.');
    const kind = mediaKind(file.path);
    if (kind === 'other') return { facts: null, problem: NOT_PLAYABLE };
    const args = ['-n', NICENESS, 'ffprobe', ...factsArgs(file.real, openedAs(kind))];
    const looked = await new Promise<Looked | null>((resolve) => {
      execFile('nice', args, { timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024, signal: this.#end.signal }, (error, stdout) => {
        if (!error) resolve(factsOf(stdout, openedAs(kind)));
        else if (this.#end.signal.aborted) resolve(null);
        else if (error.killed) resolve(unreadable(`It could not be opened within ${LIMIT_MS / 1000} s.`));
        else if (error.code === 'ENOENT' || error.code === 127) resolve(unreadable('There is no ffprobe on this machine to look at it.'));
        else resolve(unreadable('It is damaged, or not of a kind that can be played (playlists are not).'));
      });
    });
    if (!looked) return unreadable('The studio is just stopping.');
    this.#known.set(file.path, { ...looked, version: file.version });
    this.#cancelSave ??= this.options.clock.after(SAVE_AFTER_MS, () => void this.#save());
    return looked;
  }

  /** Best effort: what is not kept is found out again. */
  #save(): Promise<void> {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    const { file } = this.options;
    const text = JSON.stringify([...this.#known].map(([path, { version, facts, problem }]) => [path, version, facts, problem]));
    this.#saving = this.#saving.then(async () => {
      await writeFile(`${file}.new`, text, { mode: 0o640 });
      await rename(`${file}.new`, file);
    }).catch(() => undefined);
    return this.#saving;
  }
}
