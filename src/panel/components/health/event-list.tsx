/** The log of events: filtered, by pages, and as things happen. */
import { useEffect, useMemo } from 'preact/hooks';
import { EventKind, Level, type StudioEvent } from '../../../protocol/health.js';
import type { Wanted } from '../../lib/health/events.js';
import { clockSecond, dayOfMonth } from '../../lib/when.js';
import { byWhom } from '../../lib/words.js';
import { followEvents, hasOlder, problem, readOlder, shown, wanted } from '../../store/events.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';

const t = texts.health;

const want = (fields: Partial<Wanted>): void => { wanted.value = { ...wanted.value, ...fields }; };

export function EventList() {
  useEffect(followEvents, []);
  const { kind: wantedKind, level, text } = wanted.value;
  const today = new Date().toDateString();
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
      {shown.value.length === 0 ? <p class="empty">{t.noEvents}</p> : <ol class="events">{shown.value.map((event) => <Line key={event.id} event={event} today={today} />)}</ol>}
      {hasOlder.value && <button type="button" onClick={() => void readOlder()}>{t.older}</button>}
    </>
  );
}

/** One that comes leaves the hundreds that are there as they are. */
function Line({ event, today }: { event: StudioEvent; today: string }) {
  return useMemo(() => {
    const { id, at, lastAt, count, level, text, by } = event;
    return (
      <li class={level} data-event={id}>
        <time dateTime={lastAt}>{moment(lastAt, today)}</time>
        <span class="event-level">{t.levelWords[level]}</span>
        <span class="event-text">
          {text}
          {count > 1 && <span class="hint"> {t.times(count, moment(at, today))}</span>}
          {by !== null && <span class="hint"> {byWhom(by)}</span>}
        </span>
      </li>
    );
  }, [event, today]);
}

function moment(iso: string, today: string): string {
  const date = new Date(iso);
  return date.toDateString() === today ? clockSecond(date) : `${dayOfMonth(date)} ${clockSecond(date)}`;
}
