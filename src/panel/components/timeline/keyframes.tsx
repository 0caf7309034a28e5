/** The keyframes of a clip: what it is at moments, and how it goes from one to the next. */
import { Easing, type Clip, type Track } from '../../../protocol/timeline.js';
import { CURVED, type Curved } from '../../../protocol/clip-rules.js';
import { valueAt, withKeyframe, withoutKeyframe } from '../../lib/timeline/keyframes.js';
import { endOf } from '../../lib/timeline/document.js';
import { timecode } from '../../lib/timeline/time.js';
import { change } from '../../store/timeline-do.js';
import { curve, cursorMs, moveCursor } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';

const t = texts.timelines;
const PERCENT: ReadonlySet<Curved> = new Set(['x', 'y', 'width', 'height', 'opacity']);
const RANGE: Record<Curved, [number, number]> = { x: [-100, 200], y: [-100, 200], width: [0.1, 300], height: [0.1, 300], opacity: [0, 100], gainDb: [-60, 12] };

/** What a clip has at a moment, keyframed or not. */
function standing(clip: Clip, property: Curved, atMs: number): number {
  return valueAt(clip.keyframes, property, atMs) ?? (property === 'gainDb' ? 0 : clip[property]);
}

export function Keyframes({ clip, track }: { clip: Clip; track: Track }) {
  const atMs = cursorMs.value - clip.startMs;
  const isInside = atMs >= 0 && cursorMs.value <= endOf(clip);
  const properties: readonly Curved[] = track.kind === 'audio' ? ['gainDb'] : CURVED;
  return (
    <div class="tl-keyframes" role="group" aria-label={t.keyframes}>
      <div class="row wrap">
        <h3>{t.keyframes}</h3>
        <label class="tl-choice">{t.drawn}
          <select value={curve.value} onChange={(event) => { curve.value = event.currentTarget.value as 'opacity' | 'gainDb'; }}>
            <option value="opacity">{t.properties.opacity}</option>
            <option value="gainDb">{t.properties.gainDb}</option>
          </select>
        </label>
      </div>
      <div class="row wrap">
        {properties.map((property) => (
          <button key={property} type="button" class="small" disabled={!isInside} title={t.keyframeHint} onClick={() => change((one) => withKeyframe(one, atMs, { [property]: standing(one, property, atMs) }), t.did.keyframe)}>
            {t.addKeyframe(t.properties[property])}
          </button>
        ))}
      </div>
      {!isInside && <p class="hint">{t.cursorOutside}</p>}
      {clip.keyframes.length > 0 && (
        <ul class="list">
          {clip.keyframes.map((keyframe) => (
            <li key={keyframe.atMs} class="row wrap">
              <button type="button" class="small plain figure" title={t.goThere} onClick={() => moveCursor(clip.startMs + keyframe.atMs)}>{timecode(keyframe.atMs)}</button>
              {CURVED.filter((property) => keyframe[property] !== undefined).map((property) => {
                const scale = PERCENT.has(property) ? 100 : 1;
                const [min, max] = RANGE[property];
                return (
                  <label key={property} class="tl-choice">{t.properties[property]}
                    <input type="number" min={min} max={max} step={scale === 100 ? 1 : 0.5} value={Number((keyframe[property]! * scale).toFixed(2))} onChange={(event) => {
                      const value = event.currentTarget.valueAsNumber;
                      if (value >= min && value <= max) change((one) => withKeyframe(one, keyframe.atMs, { [property]: value / scale }), t.did.keyframe);
                    }} />
                  </label>
                );
              })}
              <label class="tl-choice">{t.easing}
                <select value={keyframe.easing} onChange={(event) => { const easing = event.currentTarget.value as Easing; change((one) => withKeyframe(one, keyframe.atMs, { easing }), t.did.keyframe); }}>
                  {Easing.options.map((easing) => <option key={easing} value={easing}>{t.easings[easing]}</option>)}
                </select>
              </label>
              <button type="button" class="small plain" aria-label={t.removeKeyframe(timecode(keyframe.atMs))} onClick={() => change((one) => withoutKeyframe(one, keyframe.atMs), t.did.keyframe)}>{t.remove}</button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
