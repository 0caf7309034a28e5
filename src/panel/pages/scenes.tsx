/** What is put on program and how it is arranged: scenes on a desk, the sources that they are made of, and overlays. */
import { useEffect, useState } from 'preact/hooks';
import { OverlaysTab } from '../components/scenes/overlays-tab.js';
import { SceneEditor } from '../components/scenes/scene-editor.js';
import { SceneList } from '../components/scenes/scene-list.js';
import { SourcesTab } from '../components/scenes/sources-tab.js';
import { TemplateDialog } from '../components/scenes/template-dialog.js';
import { addressOf, tabOf, TABS } from '../lib/scenes/address.js';
import { onAirScenes } from '../store/scene-desk.js';
import { followPlace, place } from '../store/scene-place.js';
import { scenes } from '../store/state.js';
import { texts } from '../texts.js';
import '../styles/scenes.css';

const t = texts.scenes;

export function ScenesPage() {
  useEffect(followPlace, []);
  const tab = tabOf(place.value);
  return (
    <div class="scenes-page">
      <nav class="tabs" aria-label={t.parts}>
        {TABS.map((one) => <a key={one} href={addressOf(one)} aria-current={tab === one ? 'true' : undefined}>{t.tabs[one]}</a>)}
      </nav>
      {tab === 'sources' ? <SourcesTab /> : tab === 'overlays' ? <OverlaysTab /> : <ScenesTab />}
    </div>
  );
}

function ScenesTab() {
  const [isChoosing, setChoosing] = useState(false);
  const scene = scenes.value.find(({ id }) => id === place.value) ?? scenes.value[0];
  const isOnAir = scene !== undefined && onAirScenes.value.has(scene.id);
  return (
    <div class="scenes-columns">
      <SceneList chosen={scene?.id} onTemplates={() => setChoosing(true)} />
      {isChoosing && <TemplateDialog onDone={() => setChoosing(false)} />}
      {scene && (
        <section class={`card scene-card ${isOnAir ? 'on' : ''}`} aria-labelledby="scene-title">
          <div class="card-head"><h2 id="scene-title">{scene.name}</h2>{isOnAir && <span class="tally">{t.onAirChanging}</span>}</div>
          <SceneEditor key={scene.id} scene={scene} />
        </section>
      )}
    </div>
  );
}
