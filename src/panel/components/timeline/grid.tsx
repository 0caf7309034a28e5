/** The clips as a grid that keys move in and screen readers read: a row a track, of which those near the focus are there. */
import { clipsById, endOf, inOrder } from '../../lib/timeline/document.js';
import { rowsOf } from '../../lib/timeline/hit.js';
import { timecode } from '../../lib/timeline/time.js';
import type { Clip, Track } from '../../../protocol/timeline.js';
import { shown } from '../../store/timeline.js';
import { nameOf, problemsByClip, thingOf } from '../../store/timeline-things.js';
import { air, focused, selection } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { trackName } from './heads.js';

const t = texts.timelines;
/** Clips to each side of the focus that are there to be read. */
const AROUND = 6;

export function ClipGrid({ height, onKeyDown }: { height: number; onKeyDown(event: KeyboardEvent): void }) {
  const document = shown.value!;
  const at = focused.value === null ? undefined : clipsById(document).get(focused.value);
  const rows = rowsOf(document);
  return (
    <div
      class="tl-grid" role="grid" tabIndex={0} id="clips" style={{ height: `${height}px` }} aria-label={t.clips} aria-describedby="clips-keys" aria-multiselectable="true"
      aria-rowcount={rows.length} aria-activedescendant={at ? `cell-${at.clip.id}` : undefined} onKeyDown={onKeyDown}
    >
      {rows.map((track, row) => (
        <div key={track.id} role="row" class="unseen" aria-rowindex={row + 1} aria-label={trackName(document, track)}>
          {near(track, at).map(({ clip, index }) => (
            <div key={clip.id} role="gridcell" id={`cell-${clip.id}`} aria-colindex={index + 1} aria-selected={selection.value.has(clip.id)}>{describe(clip)}</div>
          ))}
          {track.clips.length === 0 && <div role="gridcell">{t.noClips}</div>}
        </div>
      ))}
    </div>
  );
}

function near(track: Track, at: { track: Track; clip: Clip } | undefined): { clip: Clip; index: number }[] {
  const list = inOrder(track);
  const middle = at?.track.id === track.id ? list.findIndex(({ id }) => id === at.clip.id) : 0;
  const from = Math.max(0, middle - AROUND);
  return list.slice(from, middle + AROUND).map((clip, i) => ({ clip, index: from + i }));
}

/** All that the eye sees of a clip. */
function describe(clip: Clip): string {
  const thing = thingOf(clip);
  const parts = [
    nameOf(clip), thing ? t.kinds[thing.kind] : '', t.fromTo(timecode(clip.startMs), timecode(endOf(clip))),
    air.value.now.has(clip.id) ? t.onAirNow : air.value.next.has(clip.id) ? t.nextUp : '',
    ...(problemsByClip.value.get(clip.id) ?? []).map(({ message }) => message),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
