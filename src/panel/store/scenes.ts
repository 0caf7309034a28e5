/** What a person can do with scenes, beyond their layers. Each says what went wrong by a notice, and never throws. */
import { computed } from '@preact/signals';
import type { Layer, Scene } from '../../protocol/resources.js';
import { request } from '../lib/api.js';
import { SourcePictures } from '../lib/scenes/source-pictures.js';
import { texts } from '../texts.js';
import { attempt, notify } from './actions.js';
import { edit } from './edits.js';
import { board } from './session.js';
import { scenes, snapshot, sources } from './state.js';

/** Pictures of sources, for all canvases of the page. */
export const pictures = new SourcePictures(board);

export const sourcesById = computed(() => new Map(sources.value.map((source) => [source.id, source])));
export const overlaysById = computed(() => new Map((snapshot.value?.overlays ?? []).map((overlay) => [overlay.id, overlay])));
export const frameSize = computed(() => snapshot.value?.settings.video ?? { width: 1920, height: 1080 });

/** @returns the id of the new scene; null after a notice */
export async function createScene(name: string, layers: readonly Layer[] = []): Promise<string | null> {
  const scene = await attempt('scene', request('POST', '/scenes', { name: freeName(name), layers }));
  return (scene as { id?: string } | undefined)?.id ?? null;
}

export const duplicateScene = ({ name, layers }: Scene): Promise<string | null> => createScene(texts.scenes.copyOf(name), layers);

/** @returns whether it is called that now */
export async function renameScene({ id, revision }: Scene, name: string): Promise<boolean> {
  const answer = await edit<Scene>('scenes', id, { name }, revision);
  if (answer.is === 'failed') notify('scene', answer.message);
  if (answer.is === 'stale') notify('scene', texts.scenes.renamedMeanwhile(answer.theirs.name));
  return answer.is === 'stored';
}

export const deleteScene = ({ id }: Scene) => attempt('scene', request('DELETE', `/scenes/${encodeURIComponent(id)}`));

/** The name, or with a number behind it where there is such a scene. */
function freeName(name: string): string {
  const taken = new Set(scenes.value.map((scene) => scene.name));
  for (let n = 1; ; n++) {
    const one = n === 1 ? name : `${name} ${n}`;
    if (!taken.has(one)) return one;
  }
}

/** What a layer shows, by its name. */
export function layerName({ sourceId, overlayId }: Layer): string {
  return sourcesById.value.get(sourceId ?? '')?.name ?? overlaysById.value.get(overlayId ?? '')?.name ?? texts.scenes.gone;
}
