/** What can be laid into the scene: a source or an overlay, on top of what is there. */
import { addOverlay, addSource, MOST_LAYERS } from '../../lib/scenes/layers.js';
import { layerKeys } from '../../lib/scenes/merge.js';
import type { SceneDesk } from '../../store/scene-desk.js';
import { overlaysById, sourcesById } from '../../store/scenes.js';
import { texts } from '../../texts.js';

export function AddLayer({ desk }: { desk: SceneDesk }) {
  const sources = [...sourcesById.value.values()];
  const overlays = [...overlaysById.value.values()];
  const add = (id: string) => {
    const overlay = overlaysById.value.get(id);
    const { layers } = desk.draft.value;
    const next = overlay ? addOverlay(layers, overlay) : addSource(layers, id);
    desk.edit(next);
    desk.selected.value = layerKeys(next).at(-1) ?? null;
  };
  return (
    <select
      class="add-layer" aria-label={texts.scenes.addLayer} value="" disabled={desk.layers.value.length >= MOST_LAYERS}
      onChange={(event) => { const id = event.currentTarget.value; event.currentTarget.value = ''; if (id !== '') add(id); }}
    >
      <option value="">{texts.scenes.addLayer}</option>
      {sources.length > 0 && <optgroup label={texts.scenes.sources}>{sources.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</optgroup>}
      {overlays.length > 0 && <optgroup label={texts.scenes.overlays}>{overlays.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</optgroup>}
    </select>
  );
}
