/**
 * One file on its way into the media folder. It goes on by itself after a cut line and after a restart of the studio, at the byte the
 * studio names. Each piece has its digest where the browser can make one: on a page without TLS, other than of this machine itself,
 * it has no means to, and the file's size and what TCP checks have to do.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Upload } from '../../../protocol/media.js';
import { ApiError } from '../api.js';
import { PieceSize, Speed } from './pieces.js';

export interface UploadDoor {
  begin(input: { path: string; bytes: number; replace: boolean; fingerprint: string }): Promise<Upload>;
  /** null: there is no such upload any more. */
  where(id: string): Promise<Upload | null>;
  send(id: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Upload>;
  cancel(id: string): Promise<void>;
}

export type UploadState =
  | { readonly is: 'waiting' | 'sending' | 'paused' | 'done' }
  /** It goes on by itself; `message` says what it waits for. */
  | { readonly is: 'cut-off'; readonly message: string }
  /** There is a file of that name: replace it, or take another name. */
  | { readonly is: 'exists'; readonly message: string }
  | { readonly is: 'failed'; readonly message: string };

export interface FileUploadOptions {
  door: UploadDoor;
  /** `File` has them; a test's own thing as well. */
  file: Pick<Blob, 'slice' | 'size'>;
  path: string;
  fingerprint: string;
  nowMs(): number;
  /** Resolves after so long, or when the signal ends it. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** It needs the line no more: done, failed, paused or stopped. */
  onRest(): void;
  unreadable: string;
}

/** Worth another try by itself, with what the wait grows to, ms. */
const RETRIED: Readonly<Record<string, number>> = { UNREACHABLE: 8000, NOT_READY: 2000, TIMEOUT: 8000, INTERNAL: 8000, LINK_CLOSED: 8000, DISK_FULL: 15_000, DISK_ERROR: 15_000, DISK_READ_ONLY: 15_000, DIGEST_WRONG: 4000, CONFLICT: 2000 };
const FIRST_WAIT_MS = 500;
/** A piece that arrives changed again and again is no accident of the line. */
const MOST_CHANGED = 6;

/** What the studio adds to a refusal. */
const detailsOf = ({ details }: ApiError): { id?: unknown; exists?: unknown } => (typeof details === 'object' && details !== null ? details : {});

export class FileUpload {
  readonly state = signal<UploadState>({ is: 'waiting' });
  readonly offset = signal(0);
  /** Bytes a second; null while that is not known. */
  readonly perSecond = signal<number | null>(null);
  readonly path = signal('');
  readonly bytes: number;
  readonly leftMs: ReadonlySignal<number | null> = computed(() => {
    const perSecond = this.perSecond.value;
    return perSecond === null || perSecond === 0 ? null : ((this.bytes - this.offset.value) / perSecond) * 1000;
  });
  readonly #speed = new Speed();
  readonly #size = new PieceSize();
  #upload: Upload | undefined;
  #replace = false;
  #run: AbortController | undefined;
  /** Ends a wait before its time: the line is there again. */
  #nap: AbortController | undefined;
  #changed = 0;

  constructor(private readonly options: FileUploadOptions) {
    this.bytes = options.file.size;
    this.path.value = options.path;
  }

  /** Begins, or goes on after a pause. */
  start(): void {
    if (this.#run) return;
    const run = new AbortController();
    this.#run = run;
    this.state.value = { is: 'sending' };
    void this.#work(run.signal).finally(() => {
      if (this.#run === run) this.#run = undefined;
      this.#speed.stopped();
      this.perSecond.value = null;
      this.options.onRest();
    });
  }

  pause(): void {
    this.#stop();
    this.state.value = { is: 'paused' };
  }

  /** It is to go on when its turn comes. */
  queue(): void {
    this.state.value = { is: 'waiting' };
  }

  /** The line may be there again: it is tried now. */
  wake(): void {
    this.#nap?.abort();
  }

  /** Goes to the place of the file that is there, or to another name. */
  settle(how: { replace: true } | { path: string }): void {
    // What the studio has of it was begun for the other place.
    if (this.#upload) void this.options.door.cancel(this.#upload.id).catch(() => undefined);
    this.#upload = undefined;
    if ('path' in how) this.path.value = how.path;
    else this.#replace = true;
    this.queue();
  }

  /** What has come of it is removed. */
  async cancel(): Promise<void> {
    this.#stop();
    const id = this.#upload?.id;
    if (id !== undefined && this.state.value.is !== 'done') await this.options.door.cancel(id);
  }

  #stop(): void {
    this.#run?.abort();
    this.#run = undefined;
  }

  async #work(signal: AbortSignal): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    let isSure = false;
    while (!signal.aborted) {
      try {
        const before = isSure && this.#upload ? this.#upload : await this.#where();
        isSure = true;
        const upload = before.done ? before : await this.#send(before, signal);
        if (signal.aborted) return;
        this.#take(upload);
        if (this.state.value.is !== 'sending') this.state.value = { is: 'sending' };
        waitMs = FIRST_WAIT_MS;
        if (!upload.done) continue;
        this.state.value = { is: 'done' };
        return;
      } catch (error) {
        if (signal.aborted) return;
        const most = this.#afterFailure(error);
        if (most === null) return;
        isSure = false;
        this.#nap = new AbortController();
        await this.options.wait(Math.min(waitMs, most), AbortSignal.any([signal, this.#nap.signal]));
        waitMs *= 2;
      }
    }
  }

  /** @returns the longest wait before the next try; null: there is none */
  #afterFailure(error: unknown): number | null {
    const refused = error instanceof ApiError ? error : new ApiError('', this.options.unreadable, 0);
    const { code, message } = refused;
    const details = detailsOf(refused);
    if (details.exists) {
      this.state.value = { is: 'exists', message };
      return null;
    }
    const most = RETRIED[code];
    // Another one's upload of that name.
    const isOthers = code === 'CONFLICT' && details.id !== this.#upload?.id;
    if (code === 'DIGEST_WRONG') this.#changed += 1;
    if (most === undefined || isOthers || this.#changed > MOST_CHANGED) {
      this.state.value = { is: 'failed', message };
      return null;
    }
    this.#size.failed();
    this.#speed.stopped();
    this.perSecond.value = null;
    // Somebody who sends to the same upload has only moved it on.
    if (code !== 'CONFLICT') this.state.value = { is: 'cut-off', message };
    return most;
  }

  /** Asks where it stands; one that is not there any more is begun. */
  async #where(): Promise<Upload> {
    const { door } = this.options;
    const known = this.#upload && (await door.where(this.#upload.id));
    const upload = known ?? (await this.#begin());
    this.#take(upload);
    return upload;
  }

  async #begin(): Promise<Upload> {
    const { door, fingerprint } = this.options;
    this.#upload = undefined;
    try {
      return await door.begin({ path: this.path.value, bytes: this.bytes, replace: this.#replace, fingerprint });
    } catch (error) {
      // It was begun before this page was loaded, or its answer was lost: it goes on if it is this file.
      const id = error instanceof ApiError && error.code === 'CONFLICT' ? detailsOf(error).id : undefined;
      const there = typeof id !== 'string' ? null : await door.where(id);
      if (there && there.bytes === this.bytes && there.fingerprint === fingerprint) return there;
      throw error;
    }
  }

  async #send({ id, offset, chunkBytes }: Upload, signal: AbortSignal): Promise<Upload> {
    const { door, file, nowMs } = this.options;
    const piece = file.slice(offset, Math.min(this.bytes, offset + Math.min(this.#size.bytes, chunkBytes)));
    const beganMs = nowMs();
    this.#speed.began(beganMs);
    const upload = await door.send(id, offset, piece, signal);
    const doneMs = nowMs();
    this.#size.took(piece.size, doneMs - beganMs, chunkBytes);
    this.#speed.sent(piece.size, doneMs);
    this.perSecond.value = this.#speed.perSecond(doneMs);
    this.#changed = 0;
    return upload;
  }

  #take(upload: Upload): void {
    this.#upload = upload;
    this.offset.value = upload.offset;
  }
}
