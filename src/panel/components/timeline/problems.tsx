/** What the studio finds wrong with the timeline, each with a way to its clip. */
import { clipsById } from '../../lib/timeline/document.js';
import { shown } from '../../store/timeline.js';
import { nameOf, problemCounts, problems } from '../../store/timeline-things.js';
import { reveal, select } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';

const t = texts.timelines;
const MOST = 30;

export function Problems() {
  const { errors, warnings } = problemCounts.value;
  if (problems.value.length === 0) return null;
  const index = clipsById(shown.value!);
  return (
    <details class="card tl-problems">
      <summary><span class={`state ${errors > 0 ? 'bad' : 'busy'}`}><i aria-hidden="true" />{t.problems(errors, warnings)}</span></summary>
      <ul class="list">
        {problems.value.slice(0, MOST).map(({ severity, message, clipId }, i) => {
          const clip = clipId === null ? undefined : index.get(clipId)?.clip;
          return (
            <li key={i}>
              <b class={severity === 'error' ? 'wrong' : 'odd'}>{severity === 'error' ? t.wrongMark : t.oddMark}</b>{' '}
              {clip && <button type="button" class="plain small" onClick={() => { select([clip.id], clip.id); reveal(clip.startMs); document.getElementById('clips')?.focus(); }}>{nameOf(clip)}</button>}
              <span>{message}</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
