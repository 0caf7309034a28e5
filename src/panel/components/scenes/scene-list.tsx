/** All scenes with their pictures: chosen, made, named, doubled and deleted. */
import { useState } from 'preact/hooks';
import type { Scene } from '../../../protocol/resources.js';
import { onAirScenes, waiting } from '../../store/scene-desk.js';
import { createScene, deleteScene, duplicateScene, renameScene } from '../../store/scenes.js';
import { openScene } from '../../store/scene-place.js';
import { connection, scenes } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, ConfirmButton } from '../parts.js';
import { SceneCanvas } from './scene-canvas.js';

const t = texts.scenes;
const CANVAS_WIDTH = 256;
/** Many small pictures at once: enough to know one by. */
const PER_SECOND = 2;

export function SceneList({ chosen, onTemplates }: { chosen: string | undefined; onTemplates(): void }) {
  return (
    <Card
      id="scene-list" title={t.title}
      aside={(
        <div class="row">
          <button type="button" class="small" disabled={connection.value !== 'open'} onClick={onTemplates}>{t.fromTemplate}</button>
          <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void createScene(t.newName).then((id) => { if (id) openScene(id); })}>{t.create}</button>
        </div>
      )}
    >
      {scenes.value.length === 0 && <p class="empty">{t.none}</p>}
      <ul class="scene-list">{scenes.value.map((scene) => <SceneRow key={scene.id} scene={scene} isChosen={scene.id === chosen} />)}</ul>
    </Card>
  );
}

function SceneRow({ scene, isChosen }: { scene: Scene; isChosen: boolean }) {
  const [naming, setNaming] = useState<string | null>(null);
  const isOnAir = onAirScenes.value.has(scene.id);
  const rename = async () => {
    const name = naming?.trim();
    setNaming(null);
    if (name && name !== scene.name) await renameScene(scene, name);
  };
  return (
    <li class={`scene-row ${isChosen ? 'chosen' : ''} ${isOnAir ? 'on' : ''}`} data-scene={scene.id}>
      <button type="button" class="scene-pick" aria-current={isChosen ? 'true' : undefined} onClick={() => openScene(scene.id)}>
        <SceneCanvas layers={scene.layers} width={CANVAS_WIDTH} fps={PER_SECOND} />
        <span class="scene-words">
          <span class="name">{scene.name}</span>
          {isOnAir && <span class="tally">{t.onAir}</span>}
          <span class="sub">{t.layerCount(scene.layers.length)}</span>
          {waiting.value.has(scene.id) && <span class="sub waits">{t.waits}</span>}
        </span>
      </button>
      {isChosen && (naming === null
        ? (
          <div class="row tools">
            <button type="button" class="plain" aria-label={t.renameScene(scene.name)} onClick={() => setNaming(scene.name)}>{t.rename}</button>
            <button type="button" class="plain" aria-label={t.duplicateScene(scene.name)} onClick={() => void duplicateScene(scene).then((id) => { if (id) openScene(id); })}>{t.duplicate}</button>
            <ConfirmButton label={t.delete} class="plain" ariaLabel={t.deleteScene(scene.name)} question={t.deleteQuestion(scene.name)} yes={t.delete} onYes={() => void deleteScene(scene)} />
          </div>
        )
        : (
          <form class="row rename" onSubmit={(event) => { event.preventDefault(); void rename(); }}>
            <input
              value={naming} maxLength={100} required aria-label={t.nameOf(scene.name)} ref={(input) => { if (input && document.activeElement !== input) input.focus(); }}
              onInput={(event) => setNaming(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === 'Escape') setNaming(null); }}
            />
            <button type="submit" class="small primary">{t.save}</button>
            <button type="button" class="small" onClick={() => setNaming(null)}>{t.cancel}</button>
          </form>
        ))}
    </li>
  );
}
