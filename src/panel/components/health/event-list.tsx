/** The log of events: filtered, read by pages, and followed as things happen. */
import { useEffect, useState } from 'preact/hooks';
import { EventKind, Events, Level, type StudioEvent } from '../../../protocol/health.js';
import { request } from '../../lib/api.js';
import { isWanted, query, together, type Wanted } from '../../lib/health/events.js';
import { listening, told } from '../../store/events.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';

const t = texts.health;
const TYPED_MS = 300;

export function EventList() {
  const [wanted, setWanted] = useState<Wanted>({ kind: '', level: 'info', text: '' });
  const [read, setRead] = useState<StudioEvent[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState('');
  const load = async (before: number | null, isCurrent: () => boolean) => {
    try {
      const page = Events.parse(await request('GET', query(wanted, before)));
      if (!isCurrent()) return;
      setRead((have) => (before === null ? page.items : [...have, ...page.items]));
      setNext(page.next);
      setProblem('');
    } catch (error) {
      if (isCurrent()) setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  useEffect(() => {
    listening.value = true;
    told.value = [];
    return () => { listening.value = false; };
  }, []);
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => void load(null, () => isCurrent), wanted.text === '' ? 0 : TYPED_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [wanted]);

  const shown = together(read, told.value.filter((event) => isWanted(event, wanted)));
  return (
    <>
      <div class="event-filter">
        <Field label={t.kind}>
          {(described) => (
            <select {...described} value={wanted.kind} onChange={(event) => setWanted({ ...wanted, kind: event.currentTarget.value as Wanted['kind'] })}>
              <option value="">{t.allKinds}</option>
              {EventKind.options.map((kind) => <option key={kind} value={kind}>{t.kinds[kind]}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.level}>
          {(described) => (
            <select {...described} value={wanted.level} onChange={(event) => setWanted({ ...wanted, level: event.currentTarget.value as Level })}>
              {Level.options.map((level) => <option key={level} value={level}>{t.levels[level]}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.search}>
          {(described) => <input {...described} type="search" value={wanted.text} maxLength={100} onInput={(event) => setWanted({ ...wanted, text: event.currentTarget.value })} />}
        </Field>
      </div>
      {problem !== '' && <p class="sentence bad" role="status">{problem}</p>}
      {shown.length === 0 ? <p class="empty">{t.noEvents}</p> : <ol class="events">{shown.map((event) => <Line key={event.id} {...event} />)}</ol>}
      {next !== null && <button type="button" onClick={() => void load(next, () => true)}>{t.older}</button>}
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
        {by !== null && <span class="hint"> {t.by(by)}</span>}
      </span>
    </li>
  );
}

function moment(iso: string): string {
  const date = new Date(iso);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString([], { day: '2-digit', month: '2-digit' })} ${time}`;
}
