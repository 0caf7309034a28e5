/** What a person does to the files of the media library, and the files on their way into it. */
import { computed, effect, signal } from '@preact/signals';
import { Waveform, type Upload } from '../../protocol/media.js';
import type { SourceInput } from '../../protocol/resources.js';
import { ApiError, isPassing, readJson, request, send, type Sending } from '../lib/api.js';
import { FileUpload, type UploadDoor } from '../lib/media/file-upload.js';
import { fingerprintOf, fitFileName, otherName, SAMPLE_BYTES } from '../lib/media/pieces.js';
import { texts } from '../texts.js';
import { attempt, notify } from './actions.js';
import { mediaFiles, refreshMedia } from './library.js';
import { connection } from './state.js';

const WAVEFORM_TRIES = 90;

export async function deleteMedia(path: string): Promise<void> {
  await attempt('media', request('DELETE', `/media?path=${encodeURIComponent(path)}`));
  await refreshMedia();
}

/** @returns whether it was made */
export async function makeSource(input: SourceInput): Promise<boolean> {
  const made = await attempt('media', request('POST', '/sources', input));
  if (made !== undefined) notify('media', texts.media.sourceMade(input.name), 'good');
  await refreshMedia();
  return made !== undefined;
}

export async function deleteRecording(id: string): Promise<void> {
  await attempt('recording', request('DELETE', `/recordings/${encodeURIComponent(id)}`));
}

/**
 * How loud a file is over its length. For a long one that takes a while, in which it is asked for again.
 * @throws ApiError when there is no sound, or the signal ends it
 */
export async function waveformOf(file: { path: string; v: string }, signal: AbortSignal): Promise<Waveform> {
  const query = new URLSearchParams(file).toString();
  for (let tries = 1; ; tries++) {
    try {
      return Waveform.parse(await readJson(await send('GET', `/media/waveform?${query}`, { signal })));
    } catch (error) {
      if (signal.aborted || tries === WAVEFORM_TRIES || !isPassing(error)) throw error;
    }
    await waited(2000, signal);
  }
}

// ---- uploads ------------------------------------------------------------------------------------------------------

/** In the order in which they were chosen; one sends at a time. */
export const uploads = signal<readonly FileUpload[]>([]);
/** Begun earlier, by this browser or another one, and not known to this page: to be gone on with by choosing the file again. */
export const interrupted = signal<readonly Upload[]>([]);
const isUploading = computed(() => uploads.value.some(({ state }) => ['waiting', 'sending', 'cut-off'].includes(state.value.is)));

const PIECE_LIMIT_MS = 75_000;

async function answered(method: string, path: string, sending: Sending = {}): Promise<Upload> {
  try {
    return (await readJson(await send(method, path, { ...sending, limitMs: PIECE_LIMIT_MS }))) as Upload;
  } catch (error) {
    // What stands before the studio says that it is away, or nobody says anything: the upload waits for it.
    if (!(error instanceof ApiError) || isPassing(error) && error.code !== 'NOT_READY') throw new ApiError('UNREACHABLE', texts.media.cutOff, 0);
    throw error;
  }
}

const door: UploadDoor = {
  begin: (input) => answered('POST', '/uploads', { body: JSON.stringify(input), headers: { 'Content-Type': 'application/json' } }),
  where: (id) => answered('GET', `/uploads/${id}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'NOT_FOUND') return null;
    throw error;
  }),
  async send(id, offset, piece, signal) {
    const bytes = await piece.arrayBuffer();
    const digest = await digestOf(bytes);
    return answered('PUT', `/uploads/${id}?offset=${offset}`, {
      body: bytes, signal, headers: { 'Content-Type': 'application/octet-stream', ...(digest === null ? {} : { 'Content-Digest': `sha-256=:${digest}:` }) },
    });
  },
  cancel: (id) => attempt('upload', request('DELETE', `/uploads/${id}`)).then(() => undefined),
};

/** null: a page without TLS has no means to. */
async function digestOf(bytes: ArrayBuffer): Promise<string | null> {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (!subtle) return null;
  return btoa(String.fromCharCode(...new Uint8Array(await subtle.digest('SHA-256', bytes))));
}

/** @param folder below the media folder; empty: itself */
export async function addFiles(files: readonly File[], folder: string): Promise<void> {
  for (const file of files) {
    const path = [folder, fitFileName(file.name)].filter(Boolean).join('/');
    if (uploads.value.some((other) => other.path.value === path && !['done', 'failed'].includes(other.state.value.is))) continue;
    const fingerprint = await sampled(file).catch(() => null);
    if (fingerprint === null) {
      notify('upload', texts.media.unreadable(file.name));
      continue;
    }
    const upload = new FileUpload({
      door, file, path, fingerprint, nowMs: () => performance.now(), wait: waited, unreadable: texts.media.unreadable(file.name),
      onRest: () => { next(); if (upload.state.value.is === 'done') void refreshMedia(); },
    });
    uploads.value = [...uploads.value.filter((other) => other.path.value !== path), upload];
    interrupted.value = interrupted.value.filter((other) => other.path !== path);
  }
  next();
}

async function sampled(file: File): Promise<string> {
  const sample = async (from: number) => new Uint8Array(await file.slice(from, from + SAMPLE_BYTES).arrayBuffer());
  return fingerprintOf(file.size, await sample(0), await sample(Math.max(0, file.size - SAMPLE_BYTES)));
}

/** The next that waits begins, when none is on its way. */
function next(): void {
  const all = uploads.value;
  if (all.some(({ state }) => state.value.is === 'sending' || state.value.is === 'cut-off')) return;
  all.find(({ state }) => state.value.is === 'waiting')?.start();
}

export function resumeUpload(upload: FileUpload): void {
  upload.queue();
  next();
}

export function replaceFile(upload: FileUpload): void {
  upload.settle({ replace: true });
  next();
}

export function keepBoth(upload: FileUpload): void {
  const taken = new Set([...(mediaFiles.value ?? []).map(({ path }) => path), ...uploads.value.map(({ path }) => path.value)]);
  upload.settle({ path: otherName(upload.path.value, (path) => taken.has(path)) });
  next();
}

/** Takes it off the list; what has come of it is removed, unless it is done. */
export async function dropUpload(upload: FileUpload): Promise<void> {
  uploads.value = uploads.value.filter((other) => other !== upload);
  await upload.cancel();
  next();
}

export async function dropInterrupted({ id }: Upload): Promise<void> {
  interrupted.value = interrupted.value.filter((other) => other.id !== id);
  await attempt('upload', request('DELETE', `/uploads/${id}`));
}

/** Looks what was begun and is not known here. */
export async function findInterrupted(): Promise<void> {
  const answer = (await request('GET', '/uploads').catch(() => null)) as { items: Upload[] } | null;
  const here = new Set(uploads.value.map(({ path }) => path.value));
  if (answer) interrupted.value = answer.items.filter(({ path }) => !here.has(path));
}

// When the studio is there again nobody waits on.
effect(() => {
  if (connection.value === 'open') for (const upload of uploads.peek()) upload.wake();
});

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timeout = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** A page that is left while files are on their way asks first. */
effect(() => {
  if (typeof addEventListener === 'undefined') return undefined;
  if (!isUploading.value) return undefined;
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener('beforeunload', ask);
  return () => removeEventListener('beforeunload', ask);
});
