/** A number that is set once it is typed: what is shown around it may change meanwhile without taking back what was typed. */
import { useState } from 'preact/hooks';

export function NumberInput({ value, min, max, step, onSet }: { value: number; min: number; max: number; step: number; onSet(value: number): void }) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      type="number" min={min} max={max} step={step} value={typed ?? value} onInput={(event) => setTyped(event.currentTarget.value)} onBlur={() => setTyped(null)}
      onChange={(event) => {
        const read = event.currentTarget.valueAsNumber;
        setTyped(null);
        if (read >= min && read <= max && read !== value) onSet(read);
        else event.currentTarget.value = String(value);
      }}
    />
  );
}
