/** Below the lanes: the span that is marked, and the end that was set. It comes with a drag on the lanes, which must not move for it. */
import { within } from '../../lib/timeline/hit.js';
import { timecode } from '../../lib/timeline/time.js';
import { fitted, toX } from '../../lib/timeline/viewport.js';
import { connection } from '../../store/state.js';
import { commit, isFolder, shown } from '../../store/timeline.js';
import { cutRegion } from '../../store/timeline-do.js';
import { region, select, view } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';

const t = texts.timelines;

export function Bounds() {
  const { durationMs } = shown.value!;
  return (
    <>
      {region.value && <Region />}
      {durationMs !== null && (
        <span class="row">
          <span class="hint">{t.endsAt(timecode(durationMs))}</span>
          <button type="button" class="small" disabled={isFolder.value || connection.value !== 'open'} onClick={() => commit({ ...shown.value!, durationMs: null }, t.did.end)}>{t.endWithClips}</button>
        </span>
      )}
    </>
  );
}

function Region() {
  const { fromMs, toMs } = region.value!;
  const document = shown.value!;
  const inside = () => within(document, view.value, toX(view.value, fromMs), 0, toX(view.value, toMs), Infinity);
  return (
    <span class="row wrap tl-region" role="group" aria-label={t.region}>
      <span class="figure">{t.region} {timecode(fromMs)} – {timecode(toMs)}</span>
      <button type="button" class="small" onClick={() => { view.value = fitted(view.value, fromMs, toMs); }}>{t.zoomRegion}</button>
      <button type="button" class="small" onClick={() => { const ids = inside(); select(ids, ids[0] ?? null); }}>{t.selectRegion}</button>
      <button type="button" class="small" disabled={isFolder.value} onClick={cutRegion}>{t.cutRegion}</button>
      <button type="button" class="small" disabled={isFolder.value} onClick={() => commit({ ...shown.value!, durationMs: toMs }, t.did.end)}>{t.endHere}</button>
      <button type="button" class="small plain" onClick={() => { region.value = null; }}>{t.clearRegion}</button>
    </span>
  );
}
