/** The whole recording at a glance: how strong it is over time, where highlights and chapters lie, and where the player is. */
import type { Analysis } from '../../../protocol/analysis.js';
import { areaOf, placeOf } from '../../lib/highlights/bounds.js';
import { clockTime } from '../../lib/timeline/time.js';
import { boundsShown, chosenId, positionMs } from '../../store/highlights.js';
import { texts } from '../../texts.js';

const t = texts.highlights;

export function Strip({ found, onSeek, onChoose }: { found: Analysis; onSeek(atMs: number): void; onChoose(id: string): void }) {
  const durationMs = found.durationMs ?? 0;
  const view = { startMs: 0, endMs: durationMs };
  const press = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    if (event.target instanceof Element && event.target.closest('button')) return;
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(((event.clientX - box.left) / box.width) * durationMs);
  };
  return (
    <div class="hl-strip" onClick={press} role="group" aria-label={t.strip}>
      <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path d={areaOf(found.curve, view)} /></svg>
      {found.chapters.map(({ startMs, title }) => <i key={startMs} class="hl-chapter" style={{ left: `${placeOf(startMs, view)}%` }} title={title} aria-hidden="true" />)}
      {found.highlights.map((one) => {
        const { startMs, endMs } = boundsShown(one);
        return (
          <button
            key={one.id} type="button" tabIndex={-1} class={`hl-mark ${one.decision?.verdict ?? 'open'} ${one.id === chosenId.value ? 'chosen' : ''}`} aria-label={t.markOf(clockTime(startMs))} title={one.reasons[0]}
            style={{ left: `${placeOf(startMs, view)}%`, width: `max(6px, ${placeOf(endMs, view) - placeOf(startMs, view)}%)` }} onClick={() => onChoose(one.id)}
          />
        );
      })}
      <i class="hl-now" style={{ left: `${placeOf(positionMs.value, view)}%` }} aria-hidden="true" />
    </div>
  );
}
