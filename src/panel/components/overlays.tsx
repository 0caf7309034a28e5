/** Overlays over the program: shown, hidden, and the lower third's words. */
import { useEffect, useState } from 'preact/hooks';
import type { Overlay } from '../../protocol/resources.js';
import { NOT_KNOWN } from '../lib/words.js';
import { changeOverlay, showOverlay } from '../store/actions.js';
import { connection, snapshot } from '../store/state.js';
import { texts } from '../texts.js';
import { Card, Field, Switch } from './parts.js';

export function Overlays() {
  const overlays = snapshot.value?.overlays ?? [];
  return (
    <Card id="overlays" title={texts.overlays.title}>
      {overlays.length === 0 && <p class="empty">{texts.overlays.none}</p>}
      <ul class="list">{overlays.map((overlay) => <OverlayRow key={overlay.id} overlay={overlay} />)}</ul>
    </Card>
  );
}

function OverlayRow({ overlay }: { overlay: Overlay }) {
  return (
    <li class={overlay.visible ? 'shown' : ''}>
      <div class="row">
        <span class="grow"><strong>{overlay.name}</strong></span>
        {connection.value === 'lost'
          ? <span class="quiet-word">{NOT_KNOWN.word}</span>
          : <span class={overlay.visible ? 'tally' : 'quiet-word'}>{overlay.visible ? texts.overlays.onProgram : texts.overlays.hidden}</span>}
        <Switch
          on={overlay.visible} label={texts.overlays.show(overlay.name)} disabled={connection.value !== 'open'}
          onChange={(visible) => void showOverlay(overlay.id, visible)}
        />
      </div>
      {overlay.kind === 'lower-third' && <LowerThirdText overlay={overlay} />}
    </li>
  );
}

function LowerThirdText({ overlay }: { overlay: Extract<Overlay, { kind: 'lower-third' }> }) {
  const [title, setTitle] = useState(overlay.title);
  const [subtitle, setSubtitle] = useState(overlay.subtitle);
  // Somebody else changed it, or the studio put it into shape.
  useEffect(() => { setTitle(overlay.title); setSubtitle(overlay.subtitle); }, [overlay.title, overlay.subtitle]);
  const isChanged = title !== overlay.title || subtitle !== overlay.subtitle;
  const submit = (event: Event) => {
    event.preventDefault();
    void changeOverlay(overlay.id, { title, subtitle });
  };
  return (
    <form class="fields" onSubmit={submit}>
      <Field label={texts.overlays.firstLine}>{(field) => <input {...field} value={title} maxLength={200} onInput={(event) => setTitle(event.currentTarget.value)} />}</Field>
      <Field label={texts.overlays.secondLine}>{(field) => <input {...field} value={subtitle} maxLength={200} onInput={(event) => setSubtitle(event.currentTarget.value)} />}</Field>
      <button type="submit" disabled={!isChanged}>{overlay.visible ? texts.overlays.change : texts.overlays.save}</button>
    </form>
  );
}
