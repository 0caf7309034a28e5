/** The keyframes of a clip: what it is at moments, and how it goes from one to the next. */
import { Easing, type Clip, type Track } from '../../../protocol/timeline.js';
import { CURVE_RANGE, CURVED, type Curved } from '../../../protocol/clip-rules.js';
import { curvesOn, drawnOn, standingAt, withKeyframe, withoutKeyframe } from '../../lib/timeline/keyframes.js';
import { endOf } from '../../lib/timeline/document.js';
import { timecode } from '../../lib/timeline/time.js';
import { change } from '../../store/timeline-do.js';
import { curve, cursorMs, moveCursor } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { NumberInput } from './number-input.js';

const t = texts.timelines;

export function Keyframes({ clip, track }: { clip: Clip; track: Track }) {
  const atMs = cursorMs.value - clip.startMs;
  const isInside = atMs >= 0 && cursorMs.value <= endOf(clip);
  const properties = curvesOn(track.kind);
  return (
    <div class="tl-keyframes" role="group" aria-label={t.keyframes}>
      <div class="row wrap">
        <h3>{t.keyframes}</h3>
        <label class="tl-choice">{t.drawn}
          <select value={drawnOn(track.kind, curve.value)} onChange={(event) => { curve.value = event.currentTarget.value as Curved; }}>
            {properties.map((property) => <option key={property} value={property}>{t.curves[property]}</option>)}
          </select>
        </label>
      </div>
      <div class="row wrap">
        {properties.map((property) => (
          <button key={property} type="button" class="small" disabled={!isInside} title={t.keyframeHint} onClick={() => change((one) => withKeyframe(one, atMs, { [property]: standingAt(one, property, atMs) }), t.did.keyframe)}>
            {t.addKeyframe(t.curves[property])}
          </button>
        ))}
      </div>
      <p class="hint">{isInside ? t.pointHint : t.cursorOutside}</p>
      {clip.keyframes.length > 0 && (
        <ul class="list">
          {clip.keyframes.map((keyframe) => (
            <li key={keyframe.atMs} class="row wrap">
              <button type="button" class="small plain figure" title={t.goThere} onClick={() => moveCursor(clip.startMs + keyframe.atMs)}>{timecode(keyframe.atMs)}</button>
              {CURVED.filter((property) => keyframe[property] !== undefined).map((property) => {
                const scale = property === 'gainDb' ? 1 : 100;
                const [min, max] = CURVE_RANGE[property].map((limit) => limit * scale) as [number, number];
                return (
                  <label key={property} class="tl-choice">{t.curves[property]}
                    <NumberInput min={min} max={max} step={scale === 100 ? 1 : 0.5} value={Number((keyframe[property]! * scale).toFixed(2))} onSet={(value) => change((one) => withKeyframe(one, keyframe.atMs, { [property]: value / scale }), t.did.keyframe)} />
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
