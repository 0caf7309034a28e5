/** The schedule: what is planned now and next, and its events, to be added, changed, switched off and taken out. */
import { useState } from 'preact/hooks';
import type { ScheduleEvent } from '../../../protocol/schedule.js';
import type { ProgramTarget } from '../../../protocol/status.js';
import { addEvent, deleteEvent, switchEvent } from '../../store/schedule.js';
import { findTarget, snapshot, status, targetId } from '../../store/state.js';
import { texts } from '../../texts.js';
import { useDraft } from '../edits.js';
import { Card, ConfirmButton, Switch } from '../parts.js';
import { DraftForm, NewForm } from '../stored-forms.js';
import { ComingWeek } from './coming-week.js';
import { EventFields, newEvent } from './event-form.js';

const t = texts.setup.events;
const clock = (at: string) => new Date(at).toLocaleString([], { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const nameOf = (target: ProgramTarget) => findTarget(targetId(target))?.name ?? '';

export function Events() {
  const [adding, setAdding] = useState(false);
  const events = snapshot.value?.schedule ?? [];
  return (
    <Card id="events" title={t.title} aside={!adding && <button type="button" class="small" onClick={() => setAdding(true)}>{t.add}</button>}>
      <NowAndNext />
      {adding && <NewForm first={newEvent} fields={(value, set) => <EventFields value={value} set={set} />} add={addEvent} label={t.add} onDone={() => setAdding(false)} />}
      {events.length === 0 && !adding && <p class="empty">{t.none}</p>}
      <ul class="list">{events.map((event) => <EventRow key={event.id} event={event} />)}</ul>
      {events.length > 0 && <ComingWeek />}
    </Card>
  );
}

function NowAndNext() {
  const schedule = status.value?.schedule;
  if (!schedule || (snapshot.value?.schedule.length ?? 0) === 0) return null;
  const { now, next, problem } = schedule;
  const eventName = snapshot.value?.schedule.find(({ id }) => id === next?.eventId)?.name;
  return (
    <div class="plan-now">
      <p>{now ? t.now(nameOf(now.target), now.endsAt && clock(now.endsAt)) : t.nothingNow}</p>
      <p>{next ? t.next(clock(next.at), next.action === 'play' ? eventName ?? '' : t.actions[next.action]) : t.nothingNext}</p>
      {problem && <p class="sentence bad">{problem.message}</p>}
    </div>
  );
}

function EventRow({ event }: { event: ScheduleEvent }) {
  const [editing, setEditing] = useState(false);
  const draft = useDraft(event, 'schedule');
  const { name, enabled, when, do: action, lastRun, nextAt } = event;
  const does = action.action === 'play' ? t.play(nameOf({ timelineId: action.timelineId })) : t.actions[action.action];
  return (
    <li>
      <div class="row">
        <span class="grow">
          <strong class="name">{name}</strong>
          <span class="sub">{t.inWords(when)} · {does}</span>
          <span class="sub">{nextAt ? t.nextAt(clock(nextAt)) : t.never}</span>
        </span>
        <Switch on={enabled} label={t.enable(name)} onChange={(on) => void switchEvent(event.id, on)} />
      </div>
      {lastRun && lastRun.result !== 'done' && <p class={`sentence ${lastRun.result === 'failed' ? 'bad' : ''}`}>{t.lastRun(clock(lastRun.dueAt), t.results[lastRun.result], lastRun.problem)}</p>}
      {editing
        ? (
          <DraftForm draft={draft} labels={t.labels} save={texts.setup.save} onDone={() => setEditing(false)}>
            <EventFields value={draft.value} set={draft.set} />
          </DraftForm>
        )
        : (
          <div class="row tools">
            <button type="button" class="plain" onClick={() => setEditing(true)} aria-label={t.editLabel(name)}>{t.edit}</button>
            <ConfirmButton label={t.remove} class="plain" ariaLabel={t.removeLabel(name)} yes={t.remove} question={t.askRemove(name)} onYes={() => void deleteEvent(event.id)} />
          </div>
        )}
    </li>
  );
}
