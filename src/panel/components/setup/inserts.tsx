/** Inserts: made, changed, switched and taken out. They are put on air from the live page. */
import { useState } from 'preact/hooks';
import type { Insert } from '../../../protocol/inserts.js';
import { duration, everySoOften } from '../../lib/words.js';
import { addInsert, deleteInsert, switchInsert } from '../../store/inserts.js';
import { connection, findTarget, snapshot, status } from '../../store/state.js';
import { texts } from '../../texts.js';
import { useDraft } from '../edits.js';
import { Card, ConfirmButton, Switch } from '../parts.js';
import { DraftForm, NewForm } from '../stored-forms.js';
import { InsertFields, newInsert, whatOf } from './insert-form.js';

const t = texts.inserts;

export function InsertsCard() {
  const [adding, setAdding] = useState(false);
  const inserts = snapshot.value?.inserts ?? [];
  return (
    <Card id="insert-list" title={t.title} aside={!adding && <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => setAdding(true)}>{t.add}</button>}>
      <p class="hint">{t.hint}</p>
      {adding && (
        <NewForm first={newInsert} fields={(value, set) => <InsertFields value={value} set={set} />} add={addInsert} label={t.add} disabled={connection.value !== 'open'} onDone={() => setAdding(false)} />
      )}
      {inserts.length === 0 && !adding && <p class="empty">{t.none}</p>}
      <ul class="list">{inserts.map((insert) => <InsertRow key={insert.id} insert={insert} />)}</ul>
    </Card>
  );
}

function InsertRow({ insert }: { insert: Insert }) {
  const [editing, setEditing] = useState(false);
  const draft = useDraft(insert, 'inserts');
  const { id, name, mode, durationMs, everyMs, enabled } = insert;
  const what = whatOf(insert);
  return (
    <li data-insert={id}>
      <div class="row">
        <span class="grow">
          <strong class="name">{name}</strong>
          <span class="sub">{t.summary(findTarget(what.id)?.name ?? texts.timelines.unknownThing, mode, durationMs === null ? null : duration(durationMs), everyMs === null ? texts.live.inserts.onCommand : everySoOften(everyMs))}</span>
        </span>
        {status.value?.insert?.insertId === id && <span class="tally">{texts.live.inserts.onAir}</span>}
        {everyMs !== null && <Switch on={enabled} label={t.enable(name)} disabled={connection.value !== 'open'} onChange={(on) => void switchInsert(id, on)} />}
      </div>
      {editing
        ? (
          <DraftForm
            draft={draft} labels={t.labels} show={(value) => (typeof value === 'object' ? JSON.stringify(value) : findTarget(String(value))?.name ?? String(value))} save={t.save}
            disabled={connection.value !== 'open'} onDone={() => setEditing(false)}
          >
            <InsertFields value={draft.value} set={draft.set} />
          </DraftForm>
        )
        : (
          <div class="row tools">
            <button type="button" class="plain" onClick={() => setEditing(true)} aria-label={t.editLabel(name)}>{t.edit}</button>
            <ConfirmButton label={t.remove} class="plain" ariaLabel={t.removeLabel(name)} yes={t.remove} question={t.askRemove(name)} onYes={() => void deleteInsert(id)} />
          </div>
        )}
    </li>
  );
}
