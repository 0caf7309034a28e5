/** The T-bar: the way from program to preview, gone by hand, by mouse, finger or arrow keys. */
import { useRef } from 'preact/hooks';
import { onPreview } from '../../store/state.js';
import { barAt, moveBar } from '../../store/switching.js';
import { texts } from '../../texts.js';

const words = texts.live.controls;

export function TBar({ disabled }: { disabled: boolean }) {
  // It has come to the other side: until it is let go, it is moved no more, as it stands on the bus that it came from again.
  const arrived = useRef(false);
  const position = barAt.value;
  const percent = Math.round(position * 100);
  const onInput = (event: Event & { currentTarget: HTMLInputElement }) => {
    const next = Number(event.currentTarget.value);
    if (!arrived.current) moveBar(next);
    if (next >= 1) arrived.current = true;
  };
  const onChange = (event: Event & { currentTarget: HTMLInputElement }) => {
    arrived.current = false;
    event.currentTarget.value = String(barAt.value);
  };
  return (
    <label class={`t-bar ${percent > 0 ? 'moving' : ''}`}>
      <span>{words.bar}</span>
      <input
        type="range" min={0} max={1} step={0.01} value={position} disabled={disabled || onPreview.value === null} onInput={onInput} onChange={onChange}
        aria-label={words.bar} aria-valuetext={percent > 0 ? words.barAt(percent) : words.barRests}
      />
    </label>
  );
}
