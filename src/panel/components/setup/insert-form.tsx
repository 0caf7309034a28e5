/** The fields of an insert: what it shows, for how long, where in the picture, and how often by itself. */
import { InsertInput, InsertMode } from '../../../protocol/inserts.js';
import { snapshot, targets } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field, useTyped } from '../parts.js';
import { TransitionField } from '../transition-field.js';
import { Choice } from './settings-form.js';
import { choicesOf, keyOf, targetOf } from './targets.js';

const t = texts.inserts;
const MINUTE_MS = 60_000;
const PLACES = ['x', 'y', 'width', 'height'] as const;
const FULL = { x: 0, y: 0, width: 1, height: 1 };
/** Where a spot that does not fill the picture lies at first: the lower right. */
const CORNER = { x: 0.66, y: 0.66, width: 0.3, height: 0.3 };

type What = Pick<InsertInput, 'sourceId' | 'sceneId' | 'timelineId'>;

export function whatOf({ sourceId, sceneId, timelineId }: What): { key: string; id: string } {
  if (sourceId !== undefined) return { key: keyOf({ sourceId }), id: sourceId };
  if (sceneId !== undefined) return { key: keyOf({ sceneId }), id: sceneId };
  return { key: keyOf({ timelineId: timelineId! }), id: timelineId! };
}

/** What one does first: the first thing that there is. */
export function newInsert(): InsertInput {
  const [first] = choicesOf(targets.value, snapshot.value?.timelines ?? []);
  return InsertInput.parse({ name: t.newName, durationMs: 10_000, ...targetOf(first?.[0] ?? 'sourceId:none') });
}

export function InsertFields({ value, set }: { value: InsertInput; set(fields: Partial<InsertInput>): void }) {
  const { durationMs, inMs, mode, everyMs, opacity, audio } = value;
  const isFull = value.x <= 0 && value.y <= 0 && value.x + value.width >= 1 && value.y + value.height >= 1;
  const what = whatOf(value);
  const choices = choicesOf(targets.value, snapshot.value?.timelines ?? []);
  return (
    <>
      <Field label={t.name}>{(field) => <input {...field} name="insert-name" required maxLength={100} value={value.name} onInput={(event) => set({ name: event.currentTarget.value })} />}</Field>
      <Field label={t.what}>
        {(field) => (
          <Choice
            described={field} name="insert-what" value={what.key} options={choices.some(([key]) => key === what.key) ? choices : [[what.key, texts.timelines.unknownThing], ...choices]}
            onChange={(key) => set({ sourceId: undefined, sceneId: undefined, timelineId: undefined, ...targetOf(key) })}
          />
        )}
      </Field>
      <div class="field-row">
        <Field label={t.length} hint={t.lengthHint}>
          {(field) => <Figure field={field} name="insert-length" value={durationMs} scale={1000} min={0.1} max={86_400} onChange={(ms) => set({ durationMs: ms === null ? null : Math.round(ms) })} />}
        </Field>
        <Field label={t.from} hint={t.fromHint}>
          {(field) => <Figure field={field} name="insert-from" value={inMs} scale={1000} min={0} max={2_592_000} onChange={(ms) => set({ inMs: Math.round(ms ?? 0) })} />}
        </Field>
        <Field label={t.every} hint={t.everyHint}>
          {(field) => <Figure field={field} name="insert-every" value={everyMs} scale={MINUTE_MS} min={10 / 60} max={43_200} onChange={(ms) => set({ everyMs: ms === null ? null : Math.round(ms) })} />}
        </Field>
      </div>
      <Field label={t.mode}>
        {(field) => <Choice described={field} name="insert-mode" value={mode} options={InsertMode.options.map((one) => [one, t.modes[one]] as const)} onChange={(chosen) => set({ mode: chosen })} />}
      </Field>
      <div>
        <label class="row tick"><input type="checkbox" checked={isFull} onChange={(event) => set(event.currentTarget.checked ? FULL : CORNER)} />{t.full}</label>
        <p class="hint">{t.fullHint}</p>
      </div>
      <div class="field-row">
        {!isFull && PLACES.map((place) => (
          <Field key={place} label={t[place]}>
            {(field) => <Figure field={field} name={`insert-${place}`} value={value[place]} scale={0.01} min={place === 'x' || place === 'y' ? -100 : 0.1} max={place === 'x' || place === 'y' ? 200 : 300} onChange={(share) => set({ [place]: share ?? NaN })} />}
          </Field>
        ))}
        <Field label={t.opacity}>{(field) => <Figure field={field} name="insert-opacity" value={opacity} scale={0.01} min={0} max={100} onChange={(share) => set({ opacity: share ?? NaN })} />}</Field>
        <Field label={t.gain}>{(field) => <Figure field={field} name="insert-gain" value={audio.gainDb} scale={1} min={-60} max={12} onChange={(gainDb) => set({ audio: { ...audio, gainDb: gainDb ?? NaN } })} />}</Field>
      </div>
      <div class="field-row">
        <TransitionField label={t.comesIn} lengthLabel={t.comesInLength} value={value.transition} onChange={(transition) => set({ transition })} />
        <TransitionField label={t.goes} lengthLabel={t.goesLength} value={value.transitionOut} onChange={(transitionOut) => set({ transitionOut })} />
      </div>
    </>
  );
}

/** A number that is stored in other units; empty where it may be. @param scale stored = shown · scale */
function Figure({ field, name, value, scale, min, max, onChange }: { field: object; name: string; value: number | null; scale: number; min: number; max: number; onChange(value: number | null): void }) {
  const { setTyped, shown } = useTyped(value === null || Number.isNaN(value) ? '' : Number((value / scale).toFixed(4)));
  return (
    <input
      {...field} {...shown} type="number" name={name} min={min} max={max} step="any" required={name !== 'insert-length' && name !== 'insert-every'}
      onInput={({ currentTarget: { value: text, valueAsNumber: number } }) => {
        setTyped(text);
        onChange(Number.isNaN(number) ? null : Number((number * scale).toFixed(6)));
      }}
    />
  );
}
