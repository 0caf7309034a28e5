/** The chosen highlight, larger: its ends are dragged, moved by keys, set to where the player is, or typed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Analysis } from '../../../protocol/analysis.js';
import { areaOf, around, boundsOf, placeOf, type Edge, type OneHighlight } from '../../lib/highlights/bounds.js';
import { framesOn, readTime, timecode } from '../../lib/timeline/time.js';
import { boundsShown, positionMs, trim, trimmed } from '../../store/highlights.js';
import { snapshot } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { Decide } from './highlight-list.js';

const t = texts.highlights;
const EDGES = ['start', 'end'] as const;

export function Trim({ one, found, onPlay, onSeek }: { one: OneHighlight; found: Analysis; onPlay(): void; onSeek(atMs: number): void }) {
  const durationMs = found.durationMs ?? 0;
  const bounds = boundsShown(one);
  // What is shown stays where it is while an end is moved.
  const view = around(boundsOf(one), durationMs);
  const place = useRef<HTMLDivElement>(null);
  const at = (edge: Edge): number => (edge === 'start' ? bounds.startMs : bounds.endMs);
  const move = (edge: Edge, toMs: number) => {
    trim(edge, toMs);
    onSeek(edge === 'start' ? boundsShown(one).startMs : boundsShown(one).endMs);
  };
  const drag = (edge: Edge) => (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const follow = (now: PointerEvent) => {
      const box = place.current!.getBoundingClientRect();
      const toMs = view.startMs + ((now.clientX - box.left) / box.width) * (view.endMs - view.startMs);
      move(edge, framesOn(toMs, 0, fps()));
    };
    const end = () => {
      handle.removeEventListener('pointermove', follow);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
    };
    handle.addEventListener('pointermove', follow);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };
  const press = (edge: Edge) => (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    move(edge, event.shiftKey ? at(edge) + by * 1000 : framesOn(at(edge), by, fps()));
  };
  return (
    <div class="hl-trim" data-highlight={one.id}>
      <div class="hl-zoom" ref={place}>
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path d={areaOf(found.curve, view)} /></svg>
        <i class="hl-inside" style={{ left: `${placeOf(bounds.startMs, view)}%`, width: `${placeOf(bounds.endMs, view) - placeOf(bounds.startMs, view)}%` }} aria-hidden="true" />
        <i class="hl-now" style={{ left: `${placeOf(positionMs.value, view)}%` }} aria-hidden="true" />
        {EDGES.map((edge) => (
          <span
            key={edge} class={`hl-handle ${edge}`} role="slider" tabIndex={0} aria-label={t.edges[edge]} aria-valuemin={0} aria-valuemax={durationMs} aria-valuenow={at(edge)} aria-valuetext={timecode(at(edge))}
            style={{ left: `${placeOf(at(edge), view)}%` }} onPointerDown={drag(edge)} onKeyDown={press(edge)}
          />
        ))}
      </div>
      <div class="row wrap hl-tools">
        <button type="button" class="primary small" onClick={onPlay}>{t.play}</button>
        {EDGES.map((edge) => (
          <span key={edge} class="row hl-edge">
            <TimeField label={t.edges[edge]} valueMs={at(edge)} onSet={(toMs) => move(edge, toMs)} />
            <button type="button" class="small" onClick={() => trim(edge, positionMs.value)}>{t.setHere[edge]}</button>
          </span>
        ))}
        <span class="grow figure">{t.length(timecode(bounds.endMs - bounds.startMs))}</span>
        {trimmed.value && <button type="button" class="plain" onClick={() => { trimmed.value = null; }}>{t.untrim}</button>}
        <Decide one={one} />
      </div>
      {trimmed.value && <p class="sentence busy" role="status">{t.notKept}</p>}
    </div>
  );
}

const fps = (): number => snapshot.value?.settings.video.fps ?? 30;

function TimeField({ label, valueMs, onSet }: { label: string; valueMs: number; onSet(ms: number): void }) {
  const [typed, setTyped] = useState<string | null>(null);
  /** Somebody meant it: half of a time is no mistake yet. */
  const [isRefused, setRefused] = useState(false);
  const put = (text: string | null) => {
    setTyped(text);
    setRefused(false);
  };
  useEffect(() => put(null), [valueMs]);
  const isWrong = typed !== null && readTime(typed) === null;
  const set = () => {
    const read = typed === null ? null : readTime(typed);
    if (read !== null) onSet(read);
    put(null);
  };
  return (
    <Field label={label} hint={isRefused ? t.wrongTime : undefined}>
      {(field) => (
        <input
          {...field} class="hl-time figure" value={typed ?? timecode(valueMs)} aria-invalid={isWrong} inputMode="decimal" onInput={(event) => put(event.currentTarget.value)} onBlur={set}
          onKeyDown={(event) => { if (event.key === 'Enter') { if (isWrong) setRefused(true); else set(); } if (event.key === 'Escape') put(null); }}
        />
      )}
    </Field>
  );
}
