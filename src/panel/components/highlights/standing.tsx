/** Where the analysis of a recording stands, what counted in it, what went wrong, and what to do next. */
import { useState } from 'preact/hooks';
import type { Analysis } from '../../../protocol/analysis.js';
import { FindingPreset } from '../../../protocol/highlights.js';
import { analyze, cancelAnalysis, summaryOf } from '../../store/highlights.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';

const t = texts.highlights;

export function Standing({ found }: { found: Analysis }) {
  const id = found.recordingId;
  const summary = summaryOf(id);
  // The snapshot may be ahead of what was read.
  const { state, progress, text, error } = summary && summary.rev > found.rev ? summary : found;
  const isBusy = state === 'waiting' || state === 'working';
  const hasResult = found.durationMs !== null;
  return (
    <section class={`card standing ${state}`} aria-label={t.analysis} data-state={state}>
      <div class="row wrap">
        <p class="grow" role="status">{isBusy ? t.busy(state, text) : state === 'failed' ? t.failed : hasResult ? t.found(found.highlights.length) : t.notAnalysed}</p>
        {isBusy && <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void cancelAnalysis(id)}>{t.stop}</button>}
      </div>
      {isBusy && <progress value={progress} max={1} aria-label={t.progress} />}
      {state === 'failed' && error && <p class="sentence bad">{error.message}</p>}
      {hasResult && found.notes.map((note) => <p key={note} class="sentence">{note}</p>)}
      {found.preset !== null && <p class="sentence" data-testid="counted">{t.countedIn(t.presets[found.preset])} {found.model ? t.rankedBy(found.model.why) : t.rankedByHeuristic}</p>}
      {!isBusy && <Begin id={id} found={found} isFirst={!hasResult && state !== 'failed'} />}
    </section>
  );
}

/** What is to count, and the button that begins. */
function Begin({ id, found, isFirst }: { id: string; found: Analysis; isFirst: boolean }) {
  const [chosen, setChosen] = useState<FindingPreset | null>(null);
  const preset = chosen ?? found.preset ?? 'auto';
  return (
    <div class="hl-begin">
      <Field label={t.preset} hint={t.counts[preset]}>
        {(field) => (
          <select {...field} value={preset} onChange={(event) => setChosen(FindingPreset.parse(event.currentTarget.value))}>
            {FindingPreset.options.map((one) => <option key={one} value={one}>{t.presets[one]}</option>)}
          </select>
        )}
      </Field>
      <button type="button" class={isFirst ? 'primary' : ''} disabled={connection.value !== 'open'} onClick={() => void analyze(id, preset)}>{isFirst ? t.analyze : t.again}</button>
    </div>
  );
}
