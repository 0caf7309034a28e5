/** A number that is set once it is typed: what is shown around it may change meanwhile without taking back what was typed. */
import { useTyped } from '../parts.js';

export function NumberInput({ value, min, max, step, onSet }: { value: number; min: number; max: number; step: number; onSet(value: number): void }) {
  const { setTyped, shown } = useTyped(value);
  return (
    <input
      {...shown} type="number" min={min} max={max} step={step} onInput={(event) => setTyped(event.currentTarget.value)}
      onChange={(event) => {
        const read = event.currentTarget.valueAsNumber;
        setTyped(null);
        if (read >= min && read <= max && read !== value) onSet(read);
        else event.currentTarget.value = String(value);
      }}
    />
  );
}
