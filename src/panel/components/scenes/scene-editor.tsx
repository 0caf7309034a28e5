/** One scene on the desk: the picture to work on, its layers, and when what one does is stored. */
import { useEffect, useState } from 'preact/hooks';
import type { Layer, Scene } from '../../../protocol/resources.js';
import { cropped, WIDE } from '../../lib/scenes/geometry.js';
import { moveLayer, removeLayer } from '../../lib/scenes/layers.js';
import { pending } from '../../lib/scenes/draft.js';
import { layerKeys, ORDER } from '../../lib/scenes/merge.js';
import { isTyping } from '../../lib/typing.js';
import { appliesAtOnce, deskOf, onAirScenes, waiting, type SceneDesk } from '../../store/scene-desk.js';
import { frameSize, layerName, pictures } from '../../store/scenes.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { AddLayer } from './add-layer.js';
import { LayerFields } from './layer-fields.js';
import { LayerList } from './layer-list.js';
import { SceneCanvas } from './scene-canvas.js';
import { Stage, type HandMove, type StageItem } from './stage.js';

const t = texts.scenes;
/** Of the canvas that is worked on. */
const CANVAS_WIDTH = 960;
const PER_SECOND = 10;

export function SceneEditor({ scene }: { scene: Scene }) {
  const desk = deskOf(scene);
  const [safeAreas, setSafeAreas] = useState(false);
  const [snapping, setSnapping] = useState(true);
  const [keep, setKeep] = useState(true);
  const [showsTheirs, setShowsTheirs] = useState(false);
  const draft = desk.draft.value;
  const isContested = draft.contested.length > 0;
  const layers = isContested && showsTheirs && draft.theirs ? draft.theirs.layers : desk.layers.value;
  const keys = desk.keys.value;
  const chosen = keys.indexOf(desk.selected.value ?? '');
  const chosenLayer = desk.layers.value[chosen];

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event.target) || !(event.ctrlKey || event.metaKey) || document.querySelector('dialog[open]')) return;
      const key = event.key.toLowerCase();
      if (key === 'z' && !event.shiftKey) desk.undo();
      else if (key === 'y' || (key === 'z' && event.shiftKey)) desk.redo();
      else return;
      event.preventDefault();
    };
    // Wherever the focus is: it is lost with a button that goes when it was pressed.
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [desk]);

  return (
    <div class="scene-editor">
      <div class="desk-column">
        <div class="row desk-tools" role="toolbar" aria-label={t.tools}>
          <button type="button" class="small" disabled={draft.past.length === 0} onClick={() => desk.undo()} title={t.undoKeys}>{t.undo}</button>
          <button type="button" class="small" disabled={draft.future.length === 0} onClick={() => desk.redo()} title={t.redoKeys}>{t.redo}</button>
          <Toggle on={snapping} label={t.snap} title={t.snapHint} onChange={setSnapping} />
          <Toggle on={safeAreas} label={t.safeAreas} title={t.safeAreasHint} onChange={setSafeAreas} />
          <Toggle on={keep} label={t.keepProportions} title={t.keepHint} onChange={setKeep} />
          <label class="desk-choice">{t.applying}
            <select value={appliesAtOnce.value ? 'once' : 'collect'} disabled={waiting.value.size > 0} onChange={(event) => { appliesAtOnce.value = event.currentTarget.value === 'once'; }}>
              <option value="once">{t.atOnce}</option>
              <option value="collect">{t.collect}</option>
            </select>
          </label>
        </div>
        {isContested && <Contested desk={desk} showsTheirs={showsTheirs} onShow={setShowsTheirs} />}
        <Stage
          items={stageItems(desk)} selected={desk.selected.value} guides={desk.gesture.value?.guides ?? []} safeAreas={safeAreas} snapping={snapping} keepProportions={keep} cuts
          onSelect={(key) => { desk.selected.value = key; }}
          onHand={(key, move, guides) => { desk.gesture.value = { key, fields: handFields(desk, key, move), guides }; }}
          onDrop={() => desk.drop()} onCancel={() => desk.cancel()}
          onNudge={(key, place) => desk.change(key, place)} onKey={(key, event) => onLayerKey(desk, key, event)}
        >
          <SceneCanvas layers={layers} width={CANVAS_WIDTH} fps={PER_SECOND} />
        </Stage>
        <p class="hint">{t.hint}</p>
        <Storing desk={desk} />
      </div>
      <div class="layer-column">
        <div class="card-head"><h3>{t.layers}</h3><AddLayer desk={desk} /></div>
        {desk.layers.value.length === 0 && <p class="empty">{t.noLayers}</p>}
        <LayerList desk={desk} />
        {chosenLayer ? <LayerFields key={keys[chosen]} desk={desk} layer={chosenLayer} layerKey={keys[chosen]!} /> : desk.layers.value.length > 0 && <p class="hint">{t.choose}</p>}
      </div>
    </div>
  );
}

function stageItems(desk: SceneDesk): StageItem[] {
  const layers = desk.layers.value;
  return layers.map((layer, i) => ({
    key: desk.keys.value[i]!, name: layerName(layer), label: t.boxLabel(layerName(layer), i + 1, layers.length, { hidden: layer.hidden, locked: layer.locked }),
    x: layer.x, y: layer.y, width: layer.width, height: layer.height, hidden: layer.hidden, locked: layer.locked,
  }));
}

/** What the hand makes of the layer that it took hold of: always from where that was, never from where the hand had it last. */
function handFields(desk: SceneDesk, key: string, move: HandMove): Partial<Layer> {
  if ('place' in move) return move.place;
  const { layers } = desk.draft.value;
  const layer = layers[desk.keys.value.indexOf(key)];
  if (!layer) return {};
  const picture = pictures.of(layer.sourceId ?? '');
  const { width, height } = frameSize.value;
  const { handle, dx, dy } = move.cut;
  return cropped(layer, handle, dx, dy, picture ? picture.width / picture.height : WIDE, width / height);
}

function onLayerKey(desk: SceneDesk, key: string, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { layers } = desk.draft.value;
  const index = desk.keys.value.indexOf(key);
  const layer = layers[index];
  if (!layer) return;
  switch (event.key) {
    case 'Delete': case 'Backspace': desk.edit(removeLayer(layers, index)); break;
    case ']': desk.edit(moveLayer(layers, index, index + 1)); break;
    case '[': desk.edit(moveLayer(layers, index, index - 1)); break;
    case 'h': case 'H': desk.change(key, { hidden: !layer.hidden }); break;
    case 'l': case 'L': desk.change(key, { locked: !layer.locked }); break;
    default: return;
  }
  event.preventDefault();
}

function Toggle({ on, label, title, onChange }: { on: boolean; label: string; title: string; onChange(on: boolean): void }) {
  return <button type="button" class="small toggle" aria-pressed={on} title={title} onClick={() => onChange(!on)}>{label}</button>;
}

/** Whether what one did is stored and on air, and by name what waits to be. */
function Storing({ desk }: { desk: SceneDesk }) {
  const isOnAir = onAirScenes.value.has(desk.sceneId);
  const draft = desk.draft.value;
  const waits = desk.isChanged && !desk.isSending.value;
  const isContested = draft.contested.length > 0;
  const names = pending(draft).map((key) => nameOfKey(desk, key));
  const said = isContested ? t.notStored : !desk.isChanged ? t.stored : desk.isSending.value ? t.storing : appliesAtOnce.value ? t.notStored : t.notApplied(names, isOnAir);
  return (
    <div class="row storing">
      {isOnAir && <span class="tally">{t.onAir}</span>}
      <span class={`grow storing-state ${waits ? 'waits' : ''}`} role="status">{said}</span>
      {waits && !isContested && (
        <>
          <button type="button" onClick={() => desk.discard()}>{t.discard}</button>
          <button type="button" class="primary" disabled={connection.value !== 'open'} onClick={() => void desk.apply()}>{t.apply}</button>
        </>
      )}
    </div>
  );
}

/** What a layer shows, of those here, those stored and those that somebody else made. */
function nameOfKey(desk: SceneDesk, key: string): string {
  if (key === ORDER) return t.theOrder;
  const { layers, stored, theirs } = desk.draft.value;
  for (const list of [layers, stored, theirs?.layers ?? []]) {
    const layer = list[layerKeys(list).indexOf(key)];
    if (layer) return layerName(layer);
  }
  return t.gone;
}

function Contested({ desk, showsTheirs, onShow }: { desk: SceneDesk; showsTheirs: boolean; onShow(theirs: boolean): void }) {
  const { contested } = desk.draft.value;
  const names = contested.map((key) => nameOfKey(desk, key));
  return (
    <div class="contested" role="alert">
      <p>{t.contested(names.join(', '))}</p>
      <div class="row end">
        <Toggle on={showsTheirs} label={t.showTheirs} title={t.showTheirs} onChange={onShow} />
        <button type="button" onClick={() => { onShow(false); desk.takeTheirs(); }}>{texts.edits.takeTheirs}</button>
        <button type="button" class="primary" onClick={() => { onShow(false); desk.applyMine(); }}>{texts.edits.applyMine}</button>
      </div>
    </div>
  );
}
