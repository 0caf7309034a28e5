/** A template with sources in its places is a new scene's layers. Pure. */
import { Layer } from '../../../protocol/resources.js';
import type { SceneTemplate } from '../../../protocol/presets.js';

/** Under the name of its file. */
export type Template = SceneTemplate & { id: string };

/** @param chosen a source's id for each place; a place without one leaves its layers out */
export function fillTemplate({ layers }: Pick<Template, 'layers'>, chosen: readonly (string | undefined)[]): Layer[] {
  return layers.flatMap(({ place, ...rest }) => {
    const sourceId = chosen[place];
    return sourceId === undefined || sourceId === '' ? [] : [Layer.parse({ sourceId, ...rest })];
  });
}

/** What to begin with: each place another source, cameras first, for as long as there are some. */
export function proposed({ places }: Pick<Template, 'places'>, sources: readonly { id: string; kind: string }[]): string[] {
  const pictures = sources.filter(({ kind }) => kind !== 'audio');
  const ordered = [...pictures.filter(({ kind }) => kind === 'camera'), ...pictures.filter(({ kind }) => kind !== 'camera')];
  return places.map((_, i) => ordered[i]?.id ?? ordered[0]?.id ?? '');
}
