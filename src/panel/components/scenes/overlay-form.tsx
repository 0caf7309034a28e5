/** One overlay: on the picture by hand, and field by field; safe from being written over by two at once. */
import { useState } from 'preact/hooks';
import type { Overlay } from '../../../protocol/resources.js';
import { bounded, round, type Place } from '../../lib/scenes/geometry.js';
import type { Guide } from '../../lib/scenes/snap.js';
import { frameSize } from '../../store/scenes.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Conflict, useDraft } from '../edits.js';
import { Card, ConfirmButton, Field, Switch } from '../parts.js';
import { Shortened } from '../shortened.js';
import { NumberField } from './number-field.js';
import { OverlayPicture } from './overlays-tab.js';
import { Stage, type HandMove } from './stage.js';

const t = texts.overlayEditor;
type Fields = Overlay & { title?: string; subtitle?: string; timeZone?: string; seconds?: boolean };
const LABELS: Partial<Record<keyof Fields, string>> = {
  name: t.name, color: t.color, x: texts.scenes.x, y: texts.scenes.y, width: texts.scenes.width, height: texts.scenes.height,
  title: t.titleLine, subtitle: t.subtitleLine, timeZone: t.timeZone, seconds: t.seconds,
};

export function OverlayForm({ overlay, onDelete, onShow }: { overlay: Overlay; onDelete(): void; onShow(isShown: boolean): void }) {
  const draft = useDraft<Fields>(overlay, 'overlays');
  const { value } = draft;
  const [isSelected, setSelected] = useState(true);
  const [guides, setGuides] = useState<readonly Guide[]>([]);
  const { width: W, height: H } = frameSize.value;
  const place = (next: Partial<Place>) => {
    const { x, y, width, height } = bounded({ x: value.x, y: value.y, width: value.width, height: value.height, ...next });
    // An overlay is no larger than the frame.
    draft.set({ x: round(x), y: round(y), width: round(Math.min(width, 1)), height: round(Math.min(height, 1)) });
  };
  const px = (part: number, whole: number) => Math.round(part * whole * 10) / 10;
  const onHand = (_: string, move: HandMove, caught: readonly Guide[]) => {
    if ('place' in move) place(move.place);
    setGuides(caught);
  };
  return (
    <Card
      id="overlay" title={overlay.name}
      aside={(
        <div class="row">
          <span class={overlay.visible ? 'tally' : 'quiet-word'}>{overlay.visible ? t.shown : t.hidden}</span>
          <Switch on={overlay.visible} label={t.show(overlay.name)} disabled={connection.value !== 'open'} onChange={onShow} />
          <ConfirmButton label={texts.scenes.delete} class="plain" ariaLabel={texts.scenes.deleteScene(overlay.name)} question={t.deleteQuestion(overlay.name)} yes={texts.scenes.delete} onYes={onDelete} />
        </div>
      )}
    >
      <Stage
        items={[{ key: overlay.id, name: value.name, label: t.boxLabel(value.name), x: value.x, y: value.y, width: value.width, height: value.height }]}
        selected={isSelected ? overlay.id : null} guides={guides} safeAreas snapping keepProportions={false}
        onSelect={(key) => setSelected(key !== null)} onHand={onHand} onDrop={() => setGuides([])} onCancel={() => { setGuides([]); draft.reset(); }}
        onNudge={(_, next) => place(next)}
      >
        <OverlayPicture overlay={value} />
      </Stage>
      {overlay.visible && <p class="hint">{t.shownHint}</p>}
      <form class="fields source-form" onSubmit={(event) => { event.preventDefault(); void draft.save(); }}>
        <Field label={t.name}>{(field) => <input {...field} value={value.name} required maxLength={100} onInput={(event) => draft.set({ name: event.currentTarget.value })} />}</Field>
        {value.title !== undefined && <Field label={t.titleLine}>{(field) => <input {...field} value={value.title} maxLength={200} onInput={(event) => draft.set({ title: event.currentTarget.value } as Partial<Fields>)} />}</Field>}
        {value.subtitle !== undefined && <Field label={t.subtitleLine}>{(field) => <input {...field} value={value.subtitle} maxLength={200} onInput={(event) => draft.set({ subtitle: event.currentTarget.value } as Partial<Fields>)} />}</Field>}
        {value.title !== undefined && value.subtitle !== undefined && <Shortened overlay={{ ...value, title: value.title, subtitle: value.subtitle }} />}
        {value.timeZone !== undefined && <Field label={t.timeZone} hint={t.timeZoneHint}>{(field) => <input {...field} value={value.timeZone} required maxLength={60} spellcheck={false} onInput={(event) => draft.set({ timeZone: event.currentTarget.value } as Partial<Fields>)} />}</Field>}
        {value.seconds !== undefined && <label class="check"><input type="checkbox" checked={value.seconds} onChange={(event) => draft.set({ seconds: event.currentTarget.checked } as Partial<Fields>)} />{t.seconds}</label>}
        <Field label={t.color}>{(field) => <input {...field} type="color" value={value.color} onInput={(event) => draft.set({ color: event.currentTarget.value })} />}</Field>
        <div class="field-grid">
          <NumberField label={texts.scenes.x} value={px(value.x, W)} min={-W} max={2 * W} onChange={(n) => place({ x: n / W })} />
          <NumberField label={texts.scenes.y} value={px(value.y, H)} min={-H} max={2 * H} onChange={(n) => place({ y: n / H })} />
          <NumberField label={texts.scenes.width} value={px(value.width, W)} min={1} max={W} onChange={(n) => place({ width: n / W })} />
          <NumberField label={texts.scenes.height} value={px(value.height, H)} min={1} max={H} onChange={(n) => place({ height: n / H })} />
        </div>
        <Conflict draft={draft} labels={LABELS} />
        <div class="row end">
          {draft.isChanged && <button type="button" onClick={draft.reset}>{texts.scenes.discard}</button>}
          <button type="submit" class="primary" disabled={!draft.isChanged || draft.isBusy || draft.contested.length > 0 || connection.value !== 'open'}>{overlay.visible ? t.change : texts.scenes.save}</button>
        </div>
      </form>
    </Card>
  );
}
