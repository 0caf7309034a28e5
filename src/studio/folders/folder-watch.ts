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
import type { MediaProbe } from '../media-probe.js';
import type { Model } from '../model.js';
import { countsOf, listed, roomMessage, type Listing, type Probed } from './listing.js';
import { leadingOut, scanFolder, type FoundFile, type Scan } from './scan.js';
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

export class FolderWatch implements Owner {
  #sightings: Sightings = new Map();
  readonly #probed = new Map<string, Probed>();
  #scanning: Promise<Scan> | undefined;
  #ready: StoredFolderFile[] = [];
  #settled = false;
  #synced = '';
  #syncedAtMs = -Infinity;
  /** Ids of ready files for which the timeline has no room. */
  #leftOut: ReadonlySet<string> = new Set();
  #missing: string | undefined;
  /** Why the last look failed. */
  #problem: string | undefined;
  #watcher: FSWatcher | undefined;
  #watched = '';
  #files: FolderFile[] = [];
  #counts: FolderView['counts'] = countsOf([]);
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
    const message = this.#missing ?? this.#problem ?? roomMessage(this.#leftOut.size);
    return { state: this.#missing === undefined ? 'watching' : 'missing', ...(message === undefined ? {} : { message }), counts: this.#counts };
  }

  /** All of its files, as of the last look: those that are ready as they are played, then the others. */
  get files(): readonly FolderFile[] {
    return this.#files;
  }

  async #turn(): Promise<void> {
    this.#turning = true;
    this.#dueMs = Infinity;
    let waitMs = LOOK_EVERY_MS;
    try {
      waitMs = await this.#look();
      this.#problem = undefined;
    } catch (error) {
      const { message } = toProblem(error);
      if (message !== this.#problem) this.options.log.warn({ folder: this.options.id, problem: message }, 'a folder could not be followed; it is tried again');
      this.#problem = message;
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
    if (this.#stopped) return LOOK_EVERY_MS;
    const refused = scan.is === 'found' ? scan.refused : [];
    const out = leadingOut(scan, this.#stored());
    if (out.size > 0) await this.#drop(out, refused);
    const stored = this.#stored();
    const gone = scan.is !== 'found' ? scan.message
      : scan.files.length === 0 && stored.length > 0 ? 'There is nothing in the folder any more. What was in it stays on the timeline.' : undefined;
    if (this.#stopped) return LOOK_EVERY_MS;
    if (gone !== this.#missing) this.options.log.warn({ folder: id }, gone === undefined ? `the folder "${folder.data.name}" is there again` : `the folder "${folder.data.name}": ${gone}`);
    this.#missing = gone;
    if (scan.is !== 'found' || gone !== undefined) {
      // Another folder of that name is another one to the system.
      this.#unwatch();
      await this.#keep(refused);
      return this.#settled ? LOOK_EVERY_MS : LOOK_SOON_MS;
    }
    const found = scan.files.filter(({ kind }) => kind === 'media' || stillMs > 0);

    this.#sightings = sightingsAfter(this.#sightings, found, atMs);
    const known = new Map(stored.map((file) => [file.path, file]));
    const there = new Set(found.map((file) => file.path));
    for (const one of this.#probed.keys()) if (!there.has(one)) this.#probed.delete(one);
    const unknown = found.filter((file) => known.get(file.path)?.version !== file.version && !this.#isSettled(file));
    const whole = unknown.filter((file) => isWhole(this.#sightings.get(file.path), atMs)).sort((a, b) => this.#triedAtMs(a) - this.#triedAtMs(b));
    const batch = stored.length === 0 ? FIRST_BATCH : PROBE_BATCH;
    const untried = whole.filter((file) => this.#triedAtMs(file) === 0).length;
    await this.#probe(whole.slice(0, batch));
    if (this.#stopped) return LOOK_EVERY_MS;
    this.#ready = found.flatMap((file) => this.#readyFile(file, known));
    this.#more = untried > batch;
    await this.#follow(this.#more, found, refused);
    return this.#more ? 0 : unknown.length > whole.length || !this.#settled ? LOOK_SOON_MS : LOOK_EVERY_MS;
  }

  /** Links lead these out of the media folder now. They leave before anything else is done: probing may take a minute. */
  async #drop(ids: ReadonlySet<string>, refused: Listing['refused']): Promise<void> {
    const dropping = this.options.sync.drop(this.options.id, ids);
    this.#following = dropping;
    await dropping;
    await this.#keep(refused);
  }

  /** The timeline is to have what is stored; nothing else is known to be there. */
  async #keep(refused: Listing['refused']): Promise<void> {
    this.#ready = [...this.#stored()];
    await this.#follow(false, [], refused);
  }

  #readyFile(file: FoundFile, known: ReadonlyMap<string, StoredFolderFile>): StoredFolderFile[] {
    const stored = known.get(file.path);
    if (stored?.version === file.version) return [stored];
    const probed = this.#probed.get(file.path);
    return probed?.version === file.version && probed.is === 'ready' ? [probed.file] : [];
  }

  /** Whether it was found out what it is. */
  #isSettled({ path, version }: FoundFile): boolean {
    const probed = this.#probed.get(path);
    return probed?.version === version && probed.is !== 'later';
  }

  /** When it could not be opened last, as of a disk that is slow; 0: it was not tried. Those wait behind the others. */
  #triedAtMs({ path, version }: FoundFile): number {
    const probed = this.#probed.get(path);
    return probed?.version === version && probed.is === 'later' ? probed.atMs : 0;
  }

  async #probe(files: readonly FoundFile[]): Promise<void> {
    if (files.length === 0) return;
    const { id, probe, mediaFolder, clock } = this.options;
    const states = await probe.look(new Map(files.map(({ path, real, kind }) => [path, { path: real, kind, mediaFolder }])));
    for (const { path, kind, version, modifiedMs } of files) {
      const state = states.get(path);
      if (this.#stopped || !state) return;
      const durationMs = state.is === 'ok' ? (state.pictureMs ?? state.durationMs) : null;
      if (state.is === 'missing') continue;
      if (state.is === 'unreadable' && state.isPassing) this.#probed.set(path, { version, is: 'later', message: state.message, atMs: clock.monotonicMs() });
      else if (state.is === 'unreadable') this.#probed.set(path, { version, is: 'refused', message: state.message });
      else if (kind === 'media' && !durationMs) this.#probed.set(path, { version, is: 'refused', message: 'It does not say how long it is.' });
      else this.#probed.set(path, { version, is: 'ready', file: { id: fileId(id, path, version), path, kind, durationMs, version, modifiedMs } });
    }
  }

  /** Brings the timeline in step with what is ready, and tells of both, also when that fails. */
  async #follow(more: boolean, found: readonly FoundFile[], refused: Listing['refused']): Promise<void> {
    try {
      await this.#sync(more);
    } finally {
      this.#files = listed({ found, refused, stored: this.#stored(), ready: this.#ready, leftOut: this.#leftOut, probed: this.#probed });
      this.#counts = countsOf(this.#files);
    }
  }

  /** The timeline, when there is something to change. */
  async #sync(more: boolean): Promise<void> {
    const { id, model, sync, clock } = this.options;
    const rules = model.find('folder', id)?.data;
    // Whether it loops is its timeline's, and decides how its first clip and its last one meet.
    const loop = rules && model.find('timeline', rules.timelineId)?.data.loop;
    const wanted = JSON.stringify([this.#ready.map((file) => file.id), rules, loop]);
    const now = clock.monotonicMs();
    if ((wanted === this.#synced && this.#settled) || (more && this.#stored().length > 0 && now - this.#syncedAtMs < SYNC_EVERY_MS)) return;
    const following = sync.follow(id, this.#ready);
    this.#following = following;
    const { settled, leftOut } = await following;
    this.#settled = settled;
    if (leftOut) this.#leftOut = leftOut;
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
