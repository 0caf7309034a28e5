/** The fields of a folder: where it is, and in what order and how its files are played. */
import { useId } from 'preact/hooks';
import { FolderOrder, type FolderInput } from '../../../protocol/folder.js';
import { mediaFolders } from '../../store/library.js';
import { texts } from '../../texts.js';
import { Field, useTyped } from '../parts.js';
import { TransitionField } from '../transition-field.js';

const t = texts.folders;
const MOST_SEED = 2 ** 31 - 1;
/** Of those that are drawn here: short enough to be read out. */
const SEEDS = 100_000;

export function FolderFields({ value, set }: { value: FolderInput; set(fields: Partial<FolderInput>): void }) {
  const list = useId();
  const whole = (input: HTMLInputElement) => input.valueAsNumber;
  const still = useTyped(Number.isNaN(value.stillMs) ? '' : value.stillMs / 1000);
  return (
    <>
      <Field label={t.name}>{(field) => <input {...field} required maxLength={100} value={value.name} onInput={(event) => set({ name: event.currentTarget.value })} />}</Field>
      <Field label={t.path} hint={t.pathHint}>
        {(field) => (
          <>
            <input {...field} value={value.path} maxLength={1024} spellcheck={false} autocapitalize="off" list={list} onInput={(event) => set({ path: event.currentTarget.value })} />
            <datalist id={list}>{mediaFolders.value.map((path) => <option key={path} value={path} />)}</datalist>
          </>
        )}
      </Field>
      <label class="row tick"><input type="checkbox" checked={value.recursive} onChange={(event) => set({ recursive: event.currentTarget.checked })} />{t.recursive}</label>
      <div class="field-row">
        <Field label={t.order} hint={value.order === 'shuffle' ? t.shuffleHint : undefined}>
          {(field) => (
            <select {...field} value={value.order} onChange={(event) => set({ order: event.currentTarget.value as FolderOrder })}>
              {FolderOrder.options.map((order) => <option key={order} value={order}>{t.orders[order]}</option>)}
            </select>
          )}
        </Field>
        {value.order === 'shuffle' && (
          <Field label={t.seed}>
            {(field) => (
              <div class="row">
                <input {...field} type="number" required min={0} max={MOST_SEED} step={1} value={Number.isNaN(value.seed) ? '' : value.seed} onInput={(event) => set({ seed: whole(event.currentTarget) })} />
                <button type="button" class="small" onClick={() => set({ seed: crypto.getRandomValues(new Uint32Array(1))[0]! % SEEDS })}>{t.newSeed}</button>
              </div>
            )}
          </Field>
        )}
      </div>
      <Field label={t.still} hint={t.stillHint}>
        {(field) => (
          <input
            {...field} {...still.shown} type="number" required min={0} max={24 * 3600} step="any"
            onInput={(event) => {
              still.setTyped(event.currentTarget.value);
              set({ stillMs: Math.round(whole(event.currentTarget) * 1000) });
            }}
          />
        )}
      </Field>
      <TransitionField label={t.transition} lengthLabel={t.transitionLength} value={value.transition} onChange={(transition) => set({ transition })} />
      <label class="row tick"><input type="checkbox" checked={value.loop} onChange={(event) => set({ loop: event.currentTarget.checked })} />{t.loop}</label>
    </>
  );
}
