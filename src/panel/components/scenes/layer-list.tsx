/** The layers of a scene, the one on top first: chosen, moved, hidden, locked and taken out. */
import { useState } from 'preact/hooks';
import type { Layer } from '../../../protocol/resources.js';
import { moveLayer, removeLayer } from '../../lib/scenes/layers.js';
import type { SceneDesk } from '../../store/scene-desk.js';
import { layerName } from '../../store/scenes.js';
import { texts } from '../../texts.js';

const t = texts.scenes;

export function LayerList({ desk }: { desk: SceneDesk }) {
  const layers = desk.layers.value;
  const keys = desk.keys.value;
  /** The row in the hand, and the one that it is over, by their places in the scene. */
  const [held, setHeld] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const letGo = () => {
    setHeld(null);
    setOver(null);
  };
  const drop = () => {
    if (held !== null && over !== null && held !== over) desk.edit(moveLayer(layers, held, over));
    letGo();
  };
  return (
    <ul class="layer-list" aria-label={t.layers}>
      {layers.map((layer, index) => (
        <LayerRow
          key={keys[index]} desk={desk} layer={layer} layerKey={keys[index]!} index={index} count={layers.length} isOver={over === index && held !== null && held !== index}
          onHold={() => setHeld(index)} onOver={() => setOver(index)} onDrop={drop} onLetGo={letGo}
        />
      )).reverse()}
    </ul>
  );
}

function LayerRow({ desk, layer, layerKey, index, count, isOver, onHold, onOver, onDrop, onLetGo }: {
  desk: SceneDesk; layer: Layer; layerKey: string; index: number; count: number; isOver: boolean; onHold(): void; onOver(): void; onDrop(): void; onLetGo(): void;
}) {
  const name = layerName(layer);
  const isChosen = desk.selected.value === layerKey;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      desk.edit(moveLayer(desk.draft.value.layers, index, index + (event.key === 'ArrowUp' ? 1 : -1)));
    } else if (event.key === 'Delete') desk.edit(removeLayer(desk.draft.value.layers, index));
  };
  return (
    <li
      class={`layer-row ${isChosen ? 'chosen' : ''} ${isOver ? 'over' : ''} ${layer.hidden ? 'hidden-layer' : ''}`} data-layer={layerKey} draggable
      onDragStart={(event) => { event.dataTransfer?.setData('text/plain', name); onHold(); }}
      onDragOver={(event) => { event.preventDefault(); onOver(); }} onDrop={(event) => { event.preventDefault(); onDrop(); }} onDragEnd={onLetGo}
    >
      <button type="button" class="layer-name" aria-pressed={isChosen} title={t.layerKeys} onClick={() => { desk.selected.value = layerKey; }} onKeyDown={onKeyDown}>{name}</button>
      <button type="button" class="plain" disabled={index === count - 1} aria-label={t.raise(name)} title={t.raise(name)} onClick={() => desk.edit(moveLayer(desk.draft.value.layers, index, index + 1))}>↑</button>
      <button type="button" class="plain" disabled={index === 0} aria-label={t.lower(name)} title={t.lower(name)} onClick={() => desk.edit(moveLayer(desk.draft.value.layers, index, index - 1))}>↓</button>
      <button type="button" class="plain" aria-pressed={layer.hidden} aria-label={t.toggle(layer.hidden ? t.hidden : t.shown, t.hideLayer(name))} onClick={() => desk.change(layerKey, { hidden: !layer.hidden })}>{layer.hidden ? t.hidden : t.shown}</button>
      <button type="button" class="plain" aria-pressed={layer.locked} aria-label={t.toggle(layer.locked ? t.locked : t.free, t.lockLayer(name))} onClick={() => desk.change(layerKey, { locked: !layer.locked })}>{layer.locked ? t.locked : t.free}</button>
      <button type="button" class="plain" aria-label={t.removeLayer(name)} title={t.removeLayer(name)} onClick={() => desk.edit(removeLayer(desk.draft.value.layers, index))}>×</button>
    </li>
  );
}
