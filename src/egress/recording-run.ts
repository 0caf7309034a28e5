/**
 * One recording from start to stop: takes the program into its own bounded queue and appends it to numbered parts. Trouble
 * with the disk closes the part and is retried for ever; the program never waits for it.
 *
 * What is lost by kill -9 is what was not written yet: a fifth of a second, and by a power cut what was not synced: one more.
 */
import { join } from 'node:path';
import type { EgressActual } from '../protocol/link.js';
import { Backoff } from '../runtime/backoff.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Disk, PartFile } from './disk.js';
import { checkSpace, toDiskProblem, type DiskProblem } from './disk-problem.js';
import type { ProgramHub } from './program-hub.js';
import type { MediaTag, ProgramMetadata, ProgramSink } from './program-tag.js';
import { findEarlierParts, partName } from './recording-parts.js';
import { RecordingStream } from './recording-stream.js';
import { TagQueue } from './tag-queue.js';

/** A disk may hang for days: in the end sound goes as well. */
const QUEUE_BOUNDS = { maxBytes: 48 * 1024 * 1024, maxMs: 30_000, maxAllMs: 120_000 };
const WRITE_EVERY_MS = 200;
const SYNC_EVERY_MS = 1000;
const CHECK_EVERY_MS = 2000;
const RETRY_MIN_MS = 2000;
const RETRY_MAX_MS = 30_000;
/** A disk that has not taken a write for so long is said to be in trouble, though it may still come back. */
const HUNG_MS = 5000;
const BATCH_BYTES = 4 * 1024 * 1024;
const DEFAULT_PART_MS = 3_600_000;

export interface RecordingRunOptions {
  id: string;
  folder: string;
  disk: Disk;
  hub: ProgramHub;
  clock: Clock;
  log: Log;
  /** Of this boot of the machine; program time does not outlive it. */
  bootId: string;
  onEvent(name: 'recording:stopped' | 'recording:resumed', payload: { id: string; code?: string; message?: string }): void;
  /** Longest part; rolled over at a keyframe. */
  partMs?: number;
}

export class RecordingRun implements ProgramSink {
  readonly #queue = new TagQueue(QUEUE_BOUNDS);
  readonly #retry = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS);
  readonly #stream: RecordingStream;
  #phase: 'starting' | 'recording' | 'trouble' | 'ended' = 'starting';
  #problem: DiskProblem | null = null;
  #number = 0;
  #bytes = 0;
  #attached = false;
  #needKeyframe = true;
  /** At the disk; before the start, because those before it are not closed yet. */
  #busySinceMs: number | null;
  #syncing: Promise<void> | null = null;
  #syncingSinceMs: number | null = null;
  #syncError: unknown = null;
  #ending = false;
  #wake: () => void = () => {};
  #done: Promise<void> | undefined;

  constructor(private readonly options: RecordingRunOptions) {
    this.#busySinceMs = options.clock.monotonicMs();
    this.#stream = new RecordingStream(options.clock, options.bootId, options.partMs ?? DEFAULT_PART_MS);
  }

  get id(): string {
    return this.options.id;
  }

  start(): void {
    this.#done ??= this.#work();
  }

  /** Writes what is queued, syncs and closes. Resolves when the file is whole; a hung disk can keep it from resolving. */
  stop(): Promise<void> {
    this.#ending = true;
    this.#detach();
    this.#wake();
    return this.#done ?? Promise.resolve();
  }

  status(): EgressActual['recording'] {
    const nowMs = this.options.clock.monotonicMs();
    const hung = [this.#busySinceMs, this.#syncingSinceMs].some((at) => at !== null && nowMs - at > HUNG_MS);
    const { zeroMs } = this.#stream;
    const problem: DiskProblem | null = this.#problem ?? (hung ? { code: 'DISK_ERROR', message: 'The disk of the recordings folder does not answer.' } : null);
    return {
      state: problem ? 'stopped' : 'recording', id: this.id, bytes: this.#bytes, durationMs: this.#stream.durationMs,
      droppedFrames: this.#queue.droppedFrames,
      ...(zeroMs === null ? {} : { zeroMs }),
      ...(problem ? { error: problem } : {}),
    };
  }

  metadata(metadata: ProgramMetadata): void {
    this.#stream.metadata = metadata;
  }

  tag(tag: MediaTag): void {
    if (this.#needKeyframe && tag.packet !== 'header') {
      if (!tag.keyframe || !this.#stream.isNext(tag)) return;
      this.#needKeyframe = false;
    }
    this.#queue.push(tag);
    if (this.#queue.bytes > BATCH_BYTES) this.#wake();
  }

  // ---- the one worker

  async #work(): Promise<void> {
    for (;;) {
      let part: PartFile | undefined;
      try {
        part = await this.#openPart();
        this.#attach();
        await this.#fill(part);
        await this.#closePart(part);
        if (this.#ending && this.#queue.length === 0) break;
      } catch (error) {
        this.#trouble(error);
        await part?.close().catch(() => undefined);
        if (this.#ending) break;
        await this.#sleep(this.#retry.nextMs());
        if (this.#ending) break;
      }
    }
    this.#detach();
    this.#phase = 'ended';
  }

  async #openPart(): Promise<PartFile> {
    const { disk, folder } = this.options;
    return this.#busy(async () => {
      await disk.makeFolder(folder);
      await checkSpace(disk, folder, this.#problem?.code === 'DISK_FULL' ? 'again' : 'going-on');
      this.#syncError = null;
      const earlier = await findEarlierParts(disk, folder);
      this.#bytes = earlier.bytes;
      this.#number = Math.max(this.#number, earlier.lastNumber) + 1;
      this.#stream.beginPart(earlier.origin);
      return disk.create(join(folder, partName(this.#number)));
    });
  }

  /** Appends until the part is long enough or the recording ends. */
  async #fill(part: PartFile): Promise<void> {
    const { clock } = this.options;
    let syncedMs = clock.monotonicMs();
    let checkedMs = syncedMs;
    for (;;) {
      const { pieces, bytes, roll } = this.#stream.take(this.#queue, BATCH_BYTES);
      if (pieces.length > 0) {
        await this.#busy(() => part.write(pieces));
        this.#bytes += bytes;
        this.#settled();
      }
      this.#heedSync();
      if (roll || (this.#ending && this.#queue.length === 0)) return;
      const nowMs = clock.monotonicMs();
      if (nowMs - syncedMs >= SYNC_EVERY_MS && this.#syncing === null) {
        syncedMs = nowMs;
        this.#sync(part);
      }
      if (nowMs - checkedMs >= CHECK_EVERY_MS) {
        checkedMs = nowMs;
        await this.#check(part);
        this.#settled();
      }
      if (this.#queue.bytes < BATCH_BYTES && !this.#ending) await this.#sleep(WRITE_EVERY_MS);
    }
  }

  /** Not waited for: a disk that syncs slowly delays nothing but the next sync. */
  #sync(part: PartFile): void {
    this.#syncingSinceMs = this.options.clock.monotonicMs();
    this.#syncing = part.sync().catch((error: unknown) => {
      this.#syncError = error;
    }).finally(() => {
      this.#syncing = null;
      this.#syncingSinceMs = null;
    });
  }

  /** What the disk could not keep is said once by the kernel: the next sync of the same file knows nothing of it. */
  #heedSync(): void {
    const error = this.#syncError;
    this.#syncError = null;
    if (error !== null) throw error;
  }

  async #check(part: PartFile): Promise<void> {
    await this.#busy(async () => {
      if (!(await part.stillThere())) throw Object.assign(new Error('The file was removed.'), { code: 'ENOENT' });
      await checkSpace(this.options.disk, this.options.folder, 'going-on');
    });
  }

  async #closePart(part: PartFile): Promise<void> {
    await this.#busy(async () => {
      await this.#syncing;
      this.#heedSync();
      await part.sync();
      await part.close();
    });
  }

  async #busy<T>(action: () => Promise<T>): Promise<T> {
    this.#busySinceMs = this.options.clock.monotonicMs();
    try {
      return await action();
    } finally {
      this.#busySinceMs = null;
    }
  }

  // ---- taking part

  #attach(): void {
    if (this.#attached || this.#ending) return;
    this.#attached = true;
    const { hub } = this.options;
    const begin = hub.begin();
    this.#stream.metadata = begin.metadata;
    for (const header of begin.headers) this.#stream.header(header);
    this.#needKeyframe = true;
    hub.attach(this);
    for (const tag of begin.tags) this.tag(tag);
  }

  #detach(): void {
    this.#attached = false;
    this.options.hub.detach(this);
  }

  #trouble(error: unknown): void {
    this.#detach();
    this.#queue.clear();
    const problem = toDiskProblem(error);
    if (this.#problem?.code !== problem.code) {
      this.options.log.error({ recording: this.id, code: problem.code }, problem.message);
      this.options.onEvent('recording:stopped', { id: this.id, ...problem });
    }
    this.#problem = problem;
    this.#phase = 'trouble';
  }

  /** The disk has shown that it works: a part that could be opened alone says little. */
  #settled(): void {
    this.#retry.reset();
    if (this.#phase === 'trouble') {
      this.options.log.info({ recording: this.id }, 'the recording goes on in a new part');
      this.options.onEvent('recording:resumed', { id: this.id });
    }
    this.#problem = null;
    this.#phase = 'recording';
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
