/** Inserts: each with a button that puts it on air now, and a word on whether it comes by itself. */
import type { Insert } from '../../protocol/inserts.js';
import { everySoOften } from '../lib/words.js';
import { airInsert } from '../store/actions.js';
import { connection, emergencyName, inserts, status } from '../store/state.js';
import { texts } from '../texts.js';
import { Card } from './parts.js';

const words = texts.live.inserts;

/** Nothing where there are none: they are made on the setup page. */
export function Inserts() {
  if (inserts.value.length === 0) return null;
  return (
    <Card id="inserts" title={words.title} aside={<a class="button plain" href="#/setup" aria-label={words.editLabel}>{words.edit}</a>}>
      <ul class="list">{inserts.value.map((insert) => <InsertRow key={insert.id} insert={insert} />)}</ul>
    </Card>
  );
}

function InsertRow({ insert }: { insert: Insert }) {
  const onAir = status.value?.insert;
  const isOn = onAir?.insertId === insert.id;
  const { everyMs, enabled } = insert;
  return (
    <li>
      <div class="row">
        <span class="grow">
          <strong class="name">{insert.name}</strong>
          <span class="sub">{everyMs === null ? words.onCommand : enabled ? everySoOften(everyMs) : words.off(everySoOften(everyMs))}</span>
        </span>
        {isOn
          ? <span class="tally">{words.onAir}</span>
          : (
            <button
              type="button" class="small" aria-label={words.airLabel(insert.name)} onClick={() => void airInsert(insert.id, insert.name)}
              disabled={connection.value !== 'open' || (onAir ?? null) !== null || emergencyName.value !== null}
            >{words.air}</button>
          )}
      </div>
    </li>
  );
}
