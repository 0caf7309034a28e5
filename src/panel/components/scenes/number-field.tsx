/** A number as a person types it: it counts when the field is left or Enter is pressed, and at each step of the arrows. */
import { useState } from 'preact/hooks';
import { Field } from '../parts.js';

export function NumberField({ label, value, min, max, step = 1, disabled, onChange }: {
  label: string; value: number; min: number; max: number; step?: number; disabled?: boolean; onChange(value: number): void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? String(value);
  const take = (text: string) => {
    setTyped(null);
    const number = Number(text);
    if (text.trim() !== '' && Number.isFinite(number) && number !== value) onChange(Math.min(Math.max(number, min), max));
  };
  return (
    <Field label={label}>
      {(field) => (
        <input
          {...field} type="number" inputMode="decimal" min={min} max={max} step={step} value={shown} disabled={disabled}
          onInput={(event) => {
            // The arrows of the field, and those of the keyboard, are no typing.
            if ((event as InputEvent).inputType === undefined || (event as InputEvent).inputType === '') take(event.currentTarget.value);
            else setTyped(event.currentTarget.value);
          }}
          onBlur={(event) => { if (typed !== null) take(event.currentTarget.value); }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && typed !== null) take(event.currentTarget.value);
            if (event.key === 'Escape') setTyped(null);
          }}
        />
      )}
    </Field>
  );
}
