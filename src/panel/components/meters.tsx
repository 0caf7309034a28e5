/** The program's sound, left and right. Twenty reports a second go past the components, straight to two bars. */
import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { levels } from '../store/state.js';

const FLOOR_DB = -60;
/** How fast a bar falls back, dB a second, so that a short peak can be seen. */
const FALL_DB = 26;

/** 0 … 1 of the scale. */
function part(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

export function Meters() {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const rows = [...root.current!.querySelectorAll<HTMLElement>('.meter')];
    const shown = rows.map(() => FLOOR_DB);
    let last = performance.now();
    let spokenAt = 0;
    return effect(() => {
      const { peak, rms } = levels.value;
      const now = performance.now();
      const fall = (FALL_DB * Math.min(1000, now - last)) / 1000;
      last = now;
      const speak = now - spokenAt > 1000;
      if (speak) spokenAt = now;
      rows.forEach((row, channel) => {
        const db = peak[channel] ?? -100;
        const held = Math.max(db, shown[channel]! - fall, FLOOR_DB);
        shown[channel] = held;
        row.style.setProperty('--peak', String(part(held)));
        row.style.setProperty('--rms', String(part(rms[channel] ?? -100)));
        row.classList.toggle('hot', held > -1);
        if (speak) {
          row.setAttribute('aria-valuenow', String(Math.round(Math.max(db, FLOOR_DB))));
          row.setAttribute('aria-valuetext', db <= FLOOR_DB ? 'silent' : `${Math.round(db)} dB`);
        }
      });
    });
  }, []);
  return (
    <div class="meters" ref={root}>
      {['Left', 'Right'].map((name) => (
        <div key={name} class="meter" role="meter" aria-label={`${name} channel`} aria-valuemin={FLOOR_DB} aria-valuemax={0} aria-valuenow={FLOOR_DB}>
          <i class="rms" /><i class="peak" />
        </div>
      ))}
      <p class="scale" aria-hidden="true">{[-60, -48, -36, -24, -12, 0].map((db) => <span key={db}>{db}</span>)}</p>
    </div>
  );
}
