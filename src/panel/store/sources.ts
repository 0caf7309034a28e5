/** What a person can do with sources and overlays. Each says what went wrong by a notice, and never throws. */
import type { MediaFile } from '../../protocol/media.js';
import type { Overlay, OverlayInput, Source, SourceKind } from '../../protocol/resources.js';
import { request } from '../lib/api.js';
import { attempt, notify } from './actions.js';
import { mediaFiles, mediaProblem, refreshMedia } from './library.js';

type Input = Pick<Source, 'kind' | 'name'> & Record<string, unknown>;

const idOf = (answer: unknown): string | null => (answer as { id?: string } | undefined)?.id ?? null;

/** @returns its id; null after a notice */
export const createSource = async (input: Input): Promise<string | null> => idOf(await attempt('source', request('POST', '/sources', input)));

export const deleteSource = ({ id }: Source) => attempt('source', request('DELETE', `/sources/${encodeURIComponent(id)}`));

/** @returns the new key; null after a notice */
export async function rotateKey(id: string): Promise<string | null> {
  const answer = await attempt('source', request('POST', `/sources/${encodeURIComponent(id)}/rotate-key`));
  return (answer as { ingest?: { key?: string } } | undefined)?.ingest?.key ?? null;
}

/** @returns its id; null after a notice */
export const createOverlay = async (input: Pick<OverlayInput, 'kind' | 'name'> & Record<string, unknown>): Promise<string | null> => idOf(await attempt('overlay', request('POST', '/overlays', input)));

export const deleteOverlay = ({ id }: Overlay) => attempt('overlay', request('DELETE', `/overlays/${encodeURIComponent(id)}`));

const MEDIA_KINDS: Partial<Record<SourceKind, MediaFile['kind']>> = { media: 'video', image: 'image', audio: 'audio' };

/** Paths of the files in the media folder that a source of that kind plays; none after a notice. */
export async function mediaPaths(kind: SourceKind): Promise<string[]> {
  await refreshMedia();
  if (mediaProblem.value !== null) notify('media', mediaProblem.value);
  return (mediaFiles.value ?? []).filter((file) => file.kind === MEDIA_KINDS[kind]).map(({ path }) => path);
}
