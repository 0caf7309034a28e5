/** The plan of the next seven days as it will be, overlaps resolved, and what a person should look at in it. */
import { useEffect, useState } from 'preact/hooks';
import { type PlanWindow, SchedulePlan } from '../../../protocol/schedule.js';
import { request } from '../../lib/api.js';
import { snapshot, targetId, targets } from '../../store/state.js';
import { texts } from '../../texts.js';

const t = texts.setup.events;
const WEEK_MS = 7 * 24 * 3_600_000;
/** A plan is worked out anew by the server after each change; a week of many events is cut here. */
const MOST_ROWS = 60;

const day = (at: string) => new Date(at).toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'short' });
const time = (at: string) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

interface Row {
  at: string;
  text: string;
}

export function WeekAhead() {
  const state = snapshot.value;
  const [plan, setPlan] = useState<SchedulePlan | null>(null);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    const from = new Date();
    const query = new URLSearchParams({ from: from.toISOString(), to: new Date(from.getTime() + WEEK_MS).toISOString() });
    request('GET', `/schedule/plan?${query}`).then(
      (answer) => { if (isCurrent) setPlan(SchedulePlan.parse(answer)); },
      () => { if (isCurrent) setPlan(null); },
    );
    return () => { isCurrent = false; };
  }, [state?.schedule, state?.settings.schedule, state?.timelines]);
  if (!plan || (state?.schedule.length ?? 0) === 0) return null;
  const warnings = [...new Set(plan.warnings.map(({ message }) => message))];
  const rows = isOpen ? rowsOf(plan) : [];
  return (
    <div class="week-ahead">
      {warnings.map((message) => <p key={message} class="sentence bad">{message}</p>)}
      <button type="button" class="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? t.hideWeek : t.showWeek}</button>
      {isOpen && (
        <ul class="list">
          {rows.slice(0, MOST_ROWS).map((row, i) => (
            <li key={`${row.at} ${row.text}`}>
              {day(row.at) !== (i > 0 ? day(rows[i - 1]!.at) : '') && <strong>{day(row.at)}</strong>}
              <span class="sub">{row.text}</span>
            </li>
          ))}
          {rows.length > MOST_ROWS && <li class="sub">{t.moreRows(rows.length - MOST_ROWS)}</li>}
        </ul>
      )}
    </div>
  );
}

function rowsOf({ windows, points }: SchedulePlan): Row[] {
  const all = [
    ...windows.map((window) => ({ at: window.startsAt, text: t.stretch(time(window.startsAt), time(window.endsAt), nameOf(window)) })),
    ...points.map(({ at, action }) => ({ at, text: t.point(time(at), t.actions[action]) })),
  ];
  return all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function nameOf({ target, eventId }: PlanWindow): string {
  if (!target) return t.nothing;
  const name = [...targets.value, ...(snapshot.value?.timelines ?? [])].find(({ id }) => id === targetId(target))?.name ?? '';
  return eventId === null ? t.fills(name) : name;
}
