/** The program's sound, left and right. Twenty reports a second go past the components, straight to two bars. */
import { useEffect, useRef } from 'preact/hooks';
import { Falling, FLOOR_DB, part } from '../lib/meter.js';
import { levelBoard } from '../store/session.js';
import { texts } from '../texts.js';

const words = texts.live.meters;

export function Meters() {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const rows = [...root.current!.querySelectorAll<HTMLElement>('.meter')];
    const falling = rows.map(() => new Falling());
    let spokenAt = 0;
    return levelBoard.show('program', ({ peak, rms }) => {
      const now = performance.now();
      const speak = now - spokenAt > 1000;
      if (speak) spokenAt = now;
      rows.forEach((row, channel) => {
        const db = peak[channel] ?? -100;
        const held = falling[channel]!.take(db, now);
        row.style.setProperty('--peak', String(part(held)));
        row.style.setProperty('--rms', String(part(rms[channel] ?? -100)));
        row.classList.toggle('hot', held > -1);
        if (speak) {
          row.setAttribute('aria-valuenow', String(Math.round(Math.max(db, FLOOR_DB))));
          row.setAttribute('aria-valuetext', db <= FLOOR_DB ? words.silent : words.db(Math.round(db)));
        }
      });
    });
  }, []);
  return (
    <div class="meters" ref={root}>
      {[words.left, words.right].map((name) => (
        <div key={name} class="meter" role="meter" aria-label={name} aria-valuemin={FLOOR_DB} aria-valuemax={0} aria-valuenow={FLOOR_DB}>
          <i class="rms" /><i class="peak" />
        </div>
      ))}
      <p class="scale" aria-hidden="true">{[-60, -48, -36, -24, -12, 0].map((db) => <span key={db}>{db}</span>)}</p>
    </div>
  );
}
