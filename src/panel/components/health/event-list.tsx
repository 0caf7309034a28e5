/** The log of events: filtered, by pages, and as things happen. */
import { useEffect } from 'preact/hooks';
import { EventKind, Level, type StudioEvent } from '../../../protocol/health.js';
import type { Wanted } from '../../lib/health/events.js';
import { byWhom } from '../../lib/words.js';
import { followEvents, hasOlder, problem, readOlder, shown, wanted } from '../../store/events.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';

const t = texts.health;

const want = (fields: Partial<Wanted>): void => { wanted.value = { ...wanted.value, ...fields }; };

export function EventList() {
  useEffect(followEvents, []);
  const { kind: wantedKind, level, text } = wanted.value;
  return (
    <>
      <div class="event-filter">
        <Field label={t.kind}>
          {(described) => (
            <select {...described} value={wantedKind} onChange={(event) => want({ kind: event.currentTarget.value as Wanted['kind'] })}>
              <option value="">{t.allKinds}</option>
              {EventKind.options.map((kind) => <option key={kind} value={kind}>{t.kinds[kind]}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.level}>
          {(described) => (
            <select {...described} value={level} onChange={(event) => want({ level: event.currentTarget.value as Level })}>
              {Level.options.map((level) => <option key={level} value={level}>{t.levels[level]}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.search}>
          {(described) => <input {...described} type="search" value={text} maxLength={100} onInput={(event) => want({ text: event.currentTarget.value })} />}
        </Field>
      </div>
      {problem.value !== '' && <p class="sentence bad" role="status">{problem.value}</p>}
      {shown.value.length === 0 ? <p class="empty">{t.noEvents}</p> : <ol class="events">{shown.value.map((event) => <Line key={event.id} {...event} />)}</ol>}
      {hasOlder.value && <button type="button" onClick={() => void readOlder()}>{t.older}</button>}
    </>
  );
}

function Line({ id, at, lastAt, count, level, text, by }: StudioEvent) {
  return (
    <li class={level} data-event={id}>
      <time dateTime={lastAt}>{moment(lastAt)}</time>
      <span class="event-level">{t.levelWords[level]}</span>
      <span class="event-text">
        {text}
        {count > 1 && <span class="hint"> {t.times(count, moment(at))}</span>}
        {by !== null && <span class="hint"> {byWhom(by)}</span>}
      </span>
    </li>
  );
}

function moment(iso: string): string {
  const date = new Date(iso);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString([], { day: '2-digit', month: '2-digit' })} ${time}`;
}
