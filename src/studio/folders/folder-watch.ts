/**
 * One folder: looks what is in it, waits until files are whole, has them probed, and keeps the folder's timeline in step. Told of
 * changes by the system where it tells, and looking by itself all the same: disks on a network say nothing.
 */
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { fileId } from '../../domain/folder/order.js';
import { isWhole, sightingsAfter, type Sightings } from '../../domain/folder/sightings.js';
import type { FolderView } from '../../domain/folders.js';
import type { FolderFile, StoredFolderFile } from '../../protocol/folder.js';
import type { Clock } from '../../runtime/clock.js';
import { toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import { NO_TIME, type MediaProbe } from '../media-probe.js';
import type { Model } from '../model.js';
import { scanFolder, type FoundFile, type Scan } from './scan.js';
import type { Sync } from './sync.js';

const LOOK_EVERY_MS = 3000;
/** While a file is not whole, or the timeline not in order. */
const LOOK_SOON_MS = 1000;
/** After the system has told of a change, of which one seldom comes alone. */
const TOLD_MS = 200;
/** Between two looks at least this, and so many times what the last one took: of 5,000 files one takes a third of a second. */
const LEAST_REST_MS = 300;
const REST_SHARE = 20;
const MOST_REST_MS = 15_000;
/** While there is much to probe, what was seen counts for this long. */
const SEEN_MS = 10_000;
/** A disk that has not answered by then is taken for one that is not there. */
const SCAN_LIMIT_MS = 10_000;
/** Files probed between two looks: few at first, so that there is something to play soon; */
const FIRST_BATCH = 8;
const PROBE_BATCH = 40;
/** and the timeline follows no faster than this while there are more to probe. */
const SYNC_EVERY_MS = 5000;

export interface FolderWatchOptions {
  id: string;
  model: Model;
  probe: MediaProbe;
  sync: Sync;
  mediaFolder: string;
  clock: Clock;
  log: Log;
}

/** What a probe found of a file at a version. */
type Probed = { version: string } & ({ is: 'ready'; file: StoredFolderFile } | { is: 'refused'; message: string });

export class FolderWatch implements Owner {
  #sightings: Sightings = new Map();
  readonly #probed = new Map<string, Probed>();
  #scanning: Promise<Scan> | undefined;
  #ready: StoredFolderFile[] = [];
  #settled = false;
  #synced = '';
  #syncedAtMs = -Infinity;
  #missing: string | undefined;
  #watcher: FSWatcher | undefined;
  #watched = '';
  #files: FolderFile[] = [];
  #counts: FolderView['counts'] = { ready: 0, waiting: 0, refused: 0 };
  /** The next look, when one is planned, and what a look may not come before: it may cost as little as this. */
  #dueMs = Infinity;
  #restUntilMs = 0;
  #scanTookMs = 0;
  #seen: { scan: Scan; atMs: number; revision: number } = { scan: { is: 'found', files: [], refused: [] }, atMs: -Infinity, revision: 0 };
  /** There is more to probe of what was seen. */
  #more = false;
  #cancel: (() => void) | undefined;
  #turning = false;
  #again = false;
  #stopped: Promise<void> | undefined;
  #following: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FolderWatchOptions) {}

  start(): void {
    this.wake(0);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#cancel?.();
      this.#unwatch();
      // A disk that hangs, and a probe, are not waited for; what is being stored is.
      await this.#following.catch(() => undefined);
    })());
  }

  /** Something may be different: look soon. */
  wake(afterMs: number): void {
    if (this.#stopped) return;
    if (this.#turning) {
      this.#again = true;
      return;
    }
    const now = this.options.clock.monotonicMs();
    const dueMs = Math.max(now + afterMs, this.#restUntilMs);
    // Told again and again, as of a file that is being copied, it is not put off for ever.
    if (dueMs >= this.#dueMs) return;
    this.#cancel?.();
    this.#dueMs = dueMs;
    this.#cancel = this.options.clock.after(dueMs - now, () => void this.#turn());
  }

  get view(): FolderView {
    return { state: this.#missing === undefined ? 'watching' : 'missing', ...(this.#missing === undefined ? {} : { message: this.#missing }), counts: this.#counts };
  }

  /** All of its files, as of the last look: those that are ready as they are played, then the others. */
  get files(): readonly FolderFile[] {
    return this.#files;
  }

  #tell(found: readonly FoundFile[], refused: readonly { path: string; message: string }[]): void {
    const ready = new Set(this.#ready.map(({ id }) => id));
    const stored = this.#stored();
    const inOrder = stored.filter(({ id }) => ready.has(id));
    const played = new Set(inOrder.map(({ id }) => id));
    const all = [...inOrder, ...this.#ready.filter(({ id }) => !played.has(id))].map(({ path, durationMs }): FolderFile => ({ path, state: 'ready', durationMs }));
    const known = new Set(all.map(({ path }) => path));
    const others = found.filter(({ path }) => !known.has(path)).map(({ path, version }): FolderFile => {
      const probed = this.#probed.get(path);
      return probed?.version === version && probed.is === 'refused'
        ? { path, state: 'refused', durationMs: null, message: probed.message }
        : { path, state: 'waiting', durationMs: null, message: 'It is not whole yet, or not looked at yet.' };
    });
    this.#files = [...all, ...others, ...refused.map(({ path, message }): FolderFile => ({ path, state: 'refused', durationMs: null, message }))];
    this.#counts = { ready: 0, waiting: 0, refused: 0 };
    for (const { state } of this.#files) this.#counts[state] += 1;
  }

  async #turn(): Promise<void> {
    this.#turning = true;
    this.#dueMs = Infinity;
    let waitMs = LOOK_EVERY_MS;
    try {
      waitMs = await this.#look();
    } catch (error) {
      this.options.log.warn({ folder: this.options.id, problem: toProblem(error).message }, 'a folder could not be followed; it is tried again');
    } finally {
      this.#turning = false;
      this.#restUntilMs = this.options.clock.monotonicMs() + Math.min(MOST_REST_MS, REST_SHARE * this.#scanTookMs + LEAST_REST_MS);
    }
    if (this.#again) waitMs = Math.min(waitMs, TOLD_MS);
    this.#again = false;
    this.wake(waitMs);
  }

  /** @returns when to look again, ms */
  async #look(): Promise<number> {
    const { id, model, clock, mediaFolder } = this.options;
    const folder = model.find('folder', id);
    if (!folder) return LOOK_EVERY_MS;
    const { path, recursive, stillMs } = folder.data;
    this.#watch(join(mediaFolder, path));
    const beganMs = clock.monotonicMs();
    const isSeen = this.#more && beganMs - this.#seen.atMs < SEEN_MS && this.#seen.revision === folder.revision;
    if (!isSeen) this.#seen = { scan: await this.#scanned({ mediaFolder, path, recursive }), atMs: beganMs, revision: folder.revision };
    this.#more = false;
    // Of that moment: a file that was not looked at since may have grown.
    const { scan, atMs } = this.#seen;
    this.#scanTookMs = clock.monotonicMs() - beganMs;
    const stored = this.#stored();
    const gone = scan.is === 'missing' ? scan.message
      : scan.files.length === 0 && stored.length > 0 ? 'There is nothing in the folder any more. What was in it stays on the timeline.' : undefined;
    if (this.#stopped) return LOOK_EVERY_MS;
    if (gone !== this.#missing) this.options.log.warn({ folder: id }, gone === undefined ? `the folder "${folder.data.name}" is there again` : `the folder "${folder.data.name}": ${gone}`);
    this.#missing = gone;
    if (scan.is === 'missing' || gone !== undefined) {
      // Another folder of that name is another one to the system.
      this.#unwatch();
      return LOOK_EVERY_MS;
    }
    const found = scan.files.filter(({ kind }) => kind === 'media' || stillMs > 0);

    this.#sightings = sightingsAfter(this.#sightings, found, atMs);
    const known = new Map(stored.map((file) => [file.path, file]));
    const there = new Set(found.map((file) => file.path));
    for (const one of this.#probed.keys()) if (!there.has(one)) this.#probed.delete(one);
    const unknown = found.filter((file) => known.get(file.path)?.version !== file.version && this.#probed.get(file.path)?.version !== file.version);
    const whole = unknown.filter((file) => isWhole(this.#sightings.get(file.path), atMs));
    const batch = stored.length === 0 ? FIRST_BATCH : PROBE_BATCH;
    await this.#probe(whole.slice(0, batch));
    if (this.#stopped) return LOOK_EVERY_MS;
    this.#ready = found.flatMap((file) => this.#readyFile(file, known));
    this.#more = whole.length > batch;
    await this.#follow(this.#more);
    this.#tell(found, scan.refused);
    return this.#more ? 0 : unknown.length > whole.length || !this.#settled ? LOOK_SOON_MS : LOOK_EVERY_MS;
  }

  #readyFile(file: FoundFile, known: ReadonlyMap<string, StoredFolderFile>): StoredFolderFile[] {
    const stored = known.get(file.path);
    if (stored?.version === file.version) return [stored];
    const probed = this.#probed.get(file.path);
    return probed?.version === file.version && probed.is === 'ready' ? [probed.file] : [];
  }

  async #probe(files: readonly FoundFile[]): Promise<void> {
    if (files.length === 0) return;
    const { id, probe, mediaFolder } = this.options;
    const states = await probe.look(new Map(files.map(({ path, kind }) => [path, { path: join(mediaFolder, path), kind }])));
    for (const { path, kind, version, modifiedMs } of files) {
      const state = states.get(path);
      if (this.#stopped || !state) return;
      const durationMs = state.is === 'ok' ? (state.pictureMs ?? state.durationMs) : null;
      if (state.is === 'missing' || state === NO_TIME) continue;
      if (state.is === 'unreadable') this.#probed.set(path, { version, is: 'refused', message: state.message });
      else if (kind === 'media' && !durationMs) this.#probed.set(path, { version, is: 'refused', message: 'It does not say how long it is.' });
      else this.#probed.set(path, { version, is: 'ready', file: { id: fileId(id, path, version), path, kind, durationMs, version, modifiedMs } });
    }
  }

  /** The timeline, when there is something to change. */
  async #follow(more: boolean): Promise<void> {
    const { id, model, sync, clock } = this.options;
    const rules = model.find('folder', id)?.data;
    // Whether it loops is its timeline's, and decides how its first clip and its last one meet.
    const loop = rules && model.find('timeline', rules.timelineId)?.data.loop;
    const wanted = JSON.stringify([this.#ready.map((file) => file.id), rules, loop]);
    const now = clock.monotonicMs();
    if ((wanted === this.#synced && this.#settled) || (more && this.#stored().length > 0 && now - this.#syncedAtMs < SYNC_EVERY_MS)) return;
    const following = sync.follow(id, this.#ready);
    this.#following = following;
    this.#settled = await following;
    this.#synced = wanted;
    this.#syncedAtMs = clock.monotonicMs();
  }

  #stored(): readonly StoredFolderFile[] {
    return this.options.model.find('folder-files', this.options.id)?.data.files ?? [];
  }

  #scanned(where: Parameters<typeof scanFolder>[0]): Promise<Scan> {
    // One that hangs is waited for, not asked again.
    this.#scanning ??= scanFolder(where).finally(() => { this.#scanning = undefined; });
    const scanning = this.#scanning;
    return new Promise((resolve, reject) => {
      const cancel = this.options.clock.after(SCAN_LIMIT_MS, () => resolve({ is: 'missing', message: 'The disk does not answer.' }));
      scanning.then(resolve, reject).finally(cancel);
    });
  }

  #watch(path: string): void {
    if (this.#watched === path && this.#watcher) return;
    this.#unwatch();
    this.#watched = path;
    try {
      this.#watcher = watch(path, { persistent: false }, () => this.wake(TOLD_MS));
      this.#watcher.on('error', () => this.#unwatch());
    } catch {
      // Not there, or on a disk that tells nothing: looking is enough.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
