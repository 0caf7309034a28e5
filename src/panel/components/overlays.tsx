/** Overlays over the program: shown, hidden, and the lower third's words. */
import type { Overlay } from '../../protocol/resources.js';
import { NOT_KNOWN } from '../lib/words.js';
import { showOverlay } from '../store/actions.js';
import { connection, overlays } from '../store/state.js';
import { texts } from '../texts.js';
import { Conflict, useDraft } from './edits.js';
import { Card, Field, Switch } from './parts.js';
import { Shortened } from './shortened.js';

export function Overlays() {
  return (
    <Card id="overlays" title={texts.overlays.title}>
      {overlays.value.length === 0 && <p class="empty">{texts.overlays.none}</p>}
      <ul class="list">{overlays.value.map((overlay) => <OverlayRow key={overlay.id} overlay={overlay} />)}</ul>
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
  // What is being typed stays, whatever somebody else changes of the overlay meanwhile.
  const draft = useDraft(overlay, 'overlays');
  const { title, subtitle } = draft.value;
  const submit = (event: Event) => {
    event.preventDefault();
    void draft.save();
  };
  return (
    <form class="fields" onSubmit={submit}>
      <Field label={texts.overlays.firstLine}>{(field) => <input {...field} value={title} maxLength={200} onInput={(event) => draft.set({ title: event.currentTarget.value })} />}</Field>
      <Field label={texts.overlays.secondLine}>{(field) => <input {...field} value={subtitle} maxLength={200} onInput={(event) => draft.set({ subtitle: event.currentTarget.value })} />}</Field>
      <Shortened overlay={draft.value} />
      <Conflict draft={draft} labels={{ title: texts.overlays.firstLine, subtitle: texts.overlays.secondLine }} />
      <button type="submit" disabled={!draft.isChanged || draft.isBusy || draft.contested.length > 0}>{overlay.visible ? texts.overlays.change : texts.overlays.save}</button>
    </form>
  );
}
