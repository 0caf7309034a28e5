/** A figure that is typed: Enter or leaving takes it, Escape does not. What is typed stands until then, whatever comes meanwhile. */
import { useRef, useState } from 'preact/hooks';

export function Typed({ label, text, disabled, read, onTyped, inputMode = 'text' }: {
  label: string; text: string; disabled: boolean; inputMode?: 'text' | 'numeric';
  /** null: that is none. */
  read(typed: string): number | null;
  onTyped(value: number): void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const isLeft = useRef(false);
  const done = (take: boolean) => {
    const value = take && typed !== null ? read(typed) : null;
    setTyped(null);
    if (value !== null) onTyped(value);
  };
  return (
    <input
      type="text" class="typed" inputMode={inputMode} autocomplete="off" spellcheck={false} aria-label={label} disabled={disabled} value={typed ?? text}
      aria-invalid={typed !== null && read(typed) === null}
      onFocus={(event) => { isLeft.current = false; event.currentTarget.select(); }}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => { if (!isLeft.current) done(true); }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        event.preventDefault();
        isLeft.current = true;
        done(event.key === 'Enter');
        event.currentTarget.blur();
      }}
    />
  );
}
