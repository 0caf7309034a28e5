/** All that can be a clip: dragged onto a track, or put at the cursor by its button. */
import { useState } from 'preact/hooks';
import { duration } from '../../lib/words.js';
import { connection } from '../../store/state.js';
import { isFolder, shown } from '../../store/timeline.js';
import { put, takes } from '../../store/timeline-do.js';
import { things, type Thing } from '../../store/timeline-things.js';
import { cursorMs, focused, moveCursor } from '../../store/timeline-view.js';
import { clipsById, endOf } from '../../lib/timeline/document.js';
import { texts } from '../../texts.js';
import { Card } from '../parts.js';
import { draggedThing } from './drag-ghost.js';
import { THING } from './lanes.js';

const t = texts.timelines;
/** Shown at first: a library has thousands. */
const FEW = 60;

export function Palette() {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = things.value.filter(({ name, kind }) => wanted === '' || name.toLowerCase().includes(wanted) || t.kinds[kind].toLowerCase().includes(wanted));
  return (
    <Card id="palette" title={t.palette}>
      <input type="search" value={text} aria-label={t.find} placeholder={t.find} onInput={(event) => setText(event.currentTarget.value)} />
      {things.value.length === 0 && <p class="empty">{t.nothingToAdd}</p>}
      <ul class="list tl-palette">
        {found.slice(0, FEW).map((thing) => <Entry key={thing.id} thing={thing} />)}
      </ul>
      {found.length > FEW && <p class="hint">{t.moreThings(found.length - FEW)}</p>}
    </Card>
  );
}

function Entry({ thing }: { thing: Thing }) {
  const disabled = isFolder.value || connection.value !== 'open' || !shown.value;
  /** At the cursor, on the track of the clip that has the focus where it may lie there; the cursor goes behind it. */
  const add = () => {
    const at = focused.value === null ? undefined : clipsById(shown.value!).get(focused.value);
    if (!put(thing, cursorMs.value, at && takes(at.track, thing) ? at.track.id : undefined)) return;
    const made = focused.value === null ? undefined : clipsById(shown.value!).get(focused.value);
    if (made) moveCursor(endOf(made.clip));
  };
  return (
    <li draggable={!disabled} data-thing={thing.id} onDragStart={(event) => {
      event.dataTransfer?.setData(THING, thing.id);
      draggedThing.value = thing.id;
      if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copy';
    }} onDragEnd={() => { draggedThing.value = null; }}>
      <span class="grow"><span class="name">{thing.name}</span><span class="sub">{t.kinds[thing.kind]}{thing.durationMs !== null && ` · ${duration(thing.durationMs)}`}</span></span>
      <button type="button" class="small" disabled={disabled} aria-label={t.addThing(thing.name)} onClick={add}>{t.add}</button>
    </li>
  );
}
