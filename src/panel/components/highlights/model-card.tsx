/** What was learnt from decisions: each model, which one ranks, and the way back to the one before. */
import { useEffect } from 'preact/hooks';
import type { ModelSummary } from '../../../protocol/models.js';
import { dateAndMinute } from '../../lib/when.js';
import { choose, followModels, models, rollBack, said } from '../../store/models.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, ConfirmButton } from '../parts.js';

const t = texts.highlights.models;

export function ModelCard() {
  useEffect(followModels, []);
  const found = models.value;
  if (!found) return null;
  const { items, held } = found;
  const active = items.find((model) => model.active);
  const disabled = connection.value !== 'open';
  return (
    <Card id="models" title={t.title}>
      <p class="hint">{items.length === 0 ? t.none : active ? t.ranks : t.heuristicRanks}</p>
      <ul class="list models">{items.map((model) => <Entry key={model.id} model={model} disabled={disabled} />)}</ul>
      {said.value !== null && <p class="hint" role="status">{said.value}</p>}
      {held && <p class="hint">{t.held}</p>}
      {(items.length > 0 || held) && (
        <div class="row wrap">
          {active && (
            <ConfirmButton
              label={t.rollBack} disabled={disabled} yes={t.rollBack}
              question={t.rollBackQuestion(nameOf(active), active.parent === null)} onYes={() => void rollBack()}
            />
          )}
          {held && <button type="button" disabled={disabled} onClick={() => void choose(null)}>{t.newest}</button>}
        </div>
      )}
    </Card>
  );
}

const nameOf = ({ createdAtMs }: ModelSummary): string => t.of(dateAndMinute(new Date(createdAtMs)));

function Entry({ model, disabled }: { model: ModelSummary; disabled: boolean }) {
  const { id, rows, why, active, kind } = model;
  const name = nameOf(model);
  return (
    <li data-model={id} class={active ? 'chosen' : ''}>
      <div class="row">
        <span class="grow"><strong>{name}</strong><span class="sub">{t.from(rows)}</span></span>
        {active
          ? <span class="state good"><i aria-hidden="true" />{t.inUse}</span>
          : kind !== 'heuristic' && <button type="button" class="small" aria-label={t.useThis(name)} disabled={disabled} onClick={() => void choose(id)}>{t.use}</button>}
      </div>
      <p class="hint">{why}</p>
    </li>
  );
}
