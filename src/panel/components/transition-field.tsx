/** How something comes in or goes: a kind, and how long it takes. */
import { TransitionKind, type Transition } from '../../protocol/resources.js';
import { texts } from '../texts.js';
import { Field, useTyped } from './parts.js';

const t = texts.timelines;
const USUAL_MS = 500;

export function TransitionField({ label, lengthLabel, value, onChange }: {
  label: string;
  /** What its length is called to a screen reader. */
  lengthLabel: string; value: Transition | null; onChange(value: Transition | null): void;
}) {
  const { setTyped, shown } = useTyped(value === null || Number.isNaN(value.durationMs) ? '' : value.durationMs / 1000);
  return (
    <Field label={label}>
      {(field) => (
        <div class="row">
          <select {...field} value={value?.kind ?? ''} onChange={(event) => {
            const kind = event.currentTarget.value;
            onChange(kind === '' ? null : { durationMs: value?.durationMs || USUAL_MS, kind: kind as TransitionKind });
          }}>
            <option value="">{t.noTransition}</option>
            {TransitionKind.options.filter((kind) => kind !== 'cut').map((kind) => <option key={kind} value={kind}>{t.transitions[kind]}</option>)}
          </select>
          {value && (
            <input
              {...shown} type="number" class="short" aria-label={lengthLabel} title={lengthLabel} required min={0.02} max={60} step="any"
              onInput={({ currentTarget: { value: text, valueAsNumber: seconds } }) => {
                setTyped(text);
                onChange({ ...value, durationMs: Math.round(seconds * 1000) });
              }}
            />
          )}
        </div>
      )}
    </Field>
  );
}
