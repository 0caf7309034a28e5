/** The highlights of a recording, each with its picture, why it was found, and what was decided. */
import { useEffect, useRef } from 'preact/hooks';
import type { Analysis } from '../../../protocol/analysis.js';
import type { OneHighlight } from '../../lib/highlights/bounds.js';
import { clockTime } from '../../lib/timeline/time.js';
import { byWhom } from '../../lib/words.js';
import { boundsShown, canUndo, choose, chosenId, decide, pictureOf, undo } from '../../store/highlights.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card } from '../parts.js';

const t = texts.highlights;

export function HighlightList({ id, found }: { id: string; found: Analysis }) {
  const accepted = found.highlights.filter(({ decision }) => decision?.verdict === 'accepted').length;
  return (
    <Card
      id="highlights" title={t.title}
      aside={<><span class="quiet-word">{t.acceptedOf(accepted, found.highlights.length)}</span><button type="button" class="small" disabled={!canUndo() || connection.value !== 'open'} onClick={() => void undo()}>{t.undo}</button></>}
    >
      {found.highlights.length === 0 && <p class="empty">{t.nothingFound}</p>}
      <ol class="hl-list">{found.highlights.map((one) => <Item key={one.id} id={id} one={one} />)}</ol>
    </Card>
  );
}

function Item({ id, one }: { id: string; one: OneHighlight }) {
  const isChosen = one.id === chosenId.value;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => { if (isChosen) item.current?.scrollIntoView({ block: 'nearest' }); }, [isChosen]);
  const { startMs, endMs } = boundsShown(one);
  const { decision } = one;
  const from = clockTime(startMs);
  return (
    <li ref={item} class={`hl-item ${isChosen ? 'chosen' : ''} ${decision?.verdict ?? 'open'}`} data-highlight={one.id}>
      <button type="button" class="hl-choose" aria-pressed={isChosen} aria-label={t.chooseOf(from, one.reasons[0] ?? t.kinds[one.kind])} onClick={() => choose(one.id)}>
        {one.picture === null ? <span class="hl-picture none" aria-hidden="true" /> : <img class="hl-picture" src={pictureOf(id, one.picture)} alt="" loading="lazy" width="320" height="180" />}
      </button>
      <div class="hl-text">
        <p><strong class="figure">{from}–{clockTime(endMs)}</strong> <span class="hl-kind">{t.kinds[one.kind]}</span> <span class="quiet-word figure">{t.score(one.score)}</span></p>
        <ul class="hl-reasons">{one.reasons.slice(0, 4).map((reason) => <li key={reason}>{reason}</li>)}</ul>
        {decision && <p class={`sentence ${decision.verdict}`}>{t.decided[decision.verdict](byWhom(decision.by))}</p>}
      </div>
      <Decide one={one} />
    </li>
  );
}

export function Decide({ one }: { one: OneHighlight }) {
  const from = clockTime(boundsShown(one).startMs);
  const cannot = connection.value !== 'open';
  return (
    <span class="row hl-decide">
      {(['accepted', 'rejected'] as const).map((verdict) => (
        <button
          key={verdict} type="button" class={`small ${verdict}`} disabled={cannot} aria-pressed={one.decision?.verdict === verdict} aria-label={t.verbs[verdict](from)}
          onClick={() => void decide(one, verdict)}
        >{t.verb[verdict]}</button>
      ))}
    </span>
  );
}
