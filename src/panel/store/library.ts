/** The media library as this page knows it: read once for all who ask, and anew only when something in it changed. */
import { computed, signal } from '@preact/signals';
import { z } from 'zod';
import { MediaFile } from '../../protocol/media.js';
import { readJson, send, sentenceOf } from '../lib/api.js';
import { connection } from './state.js';

/** null: not asked yet. */
export const mediaFiles = signal<readonly MediaFile[] | null>(null);
/** Why the list could not be had; null: it could, or the studio is out of reach. */
export const mediaProblem = signal<string | null>(null);
/** Folders below the media folder in which there are files. */
export const mediaFolders = computed(() => [...new Set((mediaFiles.value ?? []).flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])))].sort());

const LOOK_EVERY_MS = 5000;
/** While there are files that were not looked at yet. */
const LOOK_SOON_MS = 1500;
const LIMIT_MS = 15_000;
const Listed = z.object({ items: z.array(MediaFile) });

let etag = '';
/** Of several at once the answer counts that was asked for last. */
let asked = 0;
let heard = 0;
/** Who looks now: a page that was left and shown again looks once. */
let watch = 0;

/** Follows the library while somebody looks at it. @returns the undo */
export function followMedia(): () => void {
  const mine = ++watch;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async (): Promise<void> => {
    if (document.visibilityState === 'visible') await refreshMedia();
    if (watch !== mine) return;
    timer = setTimeout(() => void look(), (mediaFiles.value ?? []).every(isLookedAt) ? LOOK_EVERY_MS : LOOK_SOON_MS);
  };
  void look();
  return () => {
    watch += 1;
    clearTimeout(timer);
  };
}

/** Whether it is known what the file is, or that it cannot be played. */
export const isLookedAt = ({ facts, problem }: MediaFile): boolean => facts !== null || problem !== null;

/** Reads the list; `mediaProblem` says why that did not work. */
export async function refreshMedia(): Promise<void> {
  const mine = ++asked;
  try {
    const response = await send('GET', '/media', { headers: etag === '' ? {} : { 'If-None-Match': etag }, limitMs: LIMIT_MS });
    const items = response.status === 304 ? null : Listed.parse(await readJson(response)).items;
    if (mine < heard) return;
    heard = mine;
    if (items) {
      mediaFiles.value = items;
      etag = response.headers.get('ETag') ?? '';
    }
    mediaProblem.value = null;
  } catch (error) {
    mediaProblem.value = connection.value === 'lost' ? null : sentenceOf(error);
  }
}
