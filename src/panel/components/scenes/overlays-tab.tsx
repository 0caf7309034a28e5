/** Overlays over the program: their words, their colours, and their place, set by hand on the picture. */
import { useState } from 'preact/hooks';
import { Layer, type Overlay } from '../../../protocol/resources.js';
import { PROGRAM_TILE } from '../../../protocol/tile.js';
import { createOverlay, deleteOverlay } from '../../store/sources.js';
import { showOverlay } from '../../store/actions.js';
import { onAirOverlays } from '../../store/scene-desk.js';
import { connection, snapshot } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card } from '../parts.js';
import { OverlayForm } from './overlay-form.js';
import { SceneCanvas } from './scene-canvas.js';

const t = texts.overlayEditor;
const KINDS = Object.keys(t.kinds) as Overlay['kind'][];
/** The zone of whoever makes a clock is the likeliest. */
const fieldsOf = (kind: Overlay['kind']) => (kind === 'clock' ? { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone } : { title: t.newTitle });

export function OverlaysTab() {
  const overlays = snapshot.value?.overlays ?? [];
  const [chosenId, setChosen] = useState<string | null>(null);
  const chosen = overlays.find(({ id }) => id === chosenId) ?? overlays[0];
  const add = (kind: Overlay['kind']) => void createOverlay({ kind, name: t.kinds[kind], ...fieldsOf(kind) }).then((id) => { if (id !== null) setChosen(id); });
  return (
    <div class="scenes-columns overlays">
      <Card
        id="overlay-list" title={t.title}
        aside={(
          <select class="add-layer" aria-label={t.add} value="" disabled={connection.value !== 'open'} onChange={(event) => { const kind = KINDS.find((one) => one === event.currentTarget.value); event.currentTarget.value = ''; if (kind) add(kind); }}>
            <option value="">{t.add}</option>
            {KINDS.map((kind) => <option key={kind} value={kind}>{t.kinds[kind]}</option>)}
          </select>
        )}
      >
        {overlays.length === 0 && <p class="empty">{t.none}</p>}
        <ul class="source-list">{overlays.map((overlay) => <OverlayRow key={overlay.id} overlay={overlay} isChosen={overlay.id === chosen?.id} onChoose={() => setChosen(overlay.id)} />)}</ul>
      </Card>
      {chosen && (
        <OverlayForm
          key={chosen.id} overlay={chosen}
          onDelete={() => void deleteOverlay(chosen)} onShow={(isShown) => void showOverlay(chosen.id, isShown)}
        />
      )}
    </div>
  );
}

function OverlayRow({ overlay, isChosen, onChoose }: { overlay: Overlay; isChosen: boolean; onChoose(): void }) {
  const isOnAir = connection.value !== 'lost' && onAirOverlays.value.has(overlay.id);
  return (
    <li class={`source-row ${isChosen ? 'chosen' : ''} ${isOnAir ? 'on' : ''}`} data-overlay={overlay.id}>
      <button type="button" aria-current={isChosen ? 'true' : undefined} onClick={onChoose}>
        <span class="grow source-words"><span class="name">{overlay.name}</span><span class="sub">{t.kinds[overlay.kind]}</span></span>
        {isOnAir && <span class="tally">{texts.scenes.onAir}</span>}
      </button>
    </li>
  );
}

const WIDTH = 960;
const PER_SECOND = 5;

/** The program beneath, and the overlay as it would be over it. */
export function OverlayPicture({ overlay }: { overlay: Overlay }) {
  const { id, x, y, width, height, visible } = overlay;
  const program = Layer.parse({ sourceId: PROGRAM_TILE });
  // What is up is in the program's picture already.
  const own = visible ? [] : [{ ...Layer.parse({ overlayId: id, fit: 'fill' }), x, y, width, height }];
  return <SceneCanvas layers={[program, ...own]} width={WIDTH} fps={PER_SECOND} />;
}
