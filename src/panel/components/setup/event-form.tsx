/** The fields of an event of the schedule: what happens, and when. */
import type { ScheduleAction, ScheduleEventInput, ScheduleWhen } from '../../../protocol/schedule.js';
import { Weekday } from '../../../protocol/schedule.js';
import { isUnderWay, localMoment } from '../../lib/under-way.js';
import { snapshot } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field, useTyped } from '../parts.js';
import { Choice } from './settings-form.js';

const t = texts.setup.events;
const KINDS = ['daily', 'weekly', 'once', 'cron'] as const;
const MINUTE_MS = 60_000;

/** Now, as the clocks of an event show it; where the server's own zone holds, this browser's stands for it. */
const nowOf = (timeZone: string | null) => localMoment(new Date(), timeZone ?? snapshot.value?.settings.schedule.timeZone ?? null);

/** One without a length lasts as long as its timeline; one that loops has no end. */
function lasting(event: ScheduleEventInput): ScheduleEventInput {
  const { do: action } = event;
  if (action.action !== 'play' || action.forMs !== null) return event;
  const timeline = snapshot.value?.timelines.find(({ id }) => id === action.timelineId);
  return timeline && !timeline.loop ? { ...event, do: { ...action, forMs: timeline.durationMs } } : event;
}

/** What one does first with an event that is new. It starts today at the earliest: what began yesterday would be on at once. */
export function newEvent(): ScheduleEventInput {
  const timeline = snapshot.value?.timelines[0];
  return {
    name: '', enabled: true, timeZone: null, when: { kind: 'daily', at: '20:00' }, fromDate: nowOf(null).date, untilDate: null, priority: 0, endsOverride: false, graceMs: 5 * MINUTE_MS,
    do: timeline ? { action: 'play', timelineId: timeline.id, forMs: null, align: 'start' } : { action: 'broadcast-start' },
  };
}

export function EventFields({ value, set }: { value: ScheduleEventInput; set(fields: Partial<ScheduleEventInput>): void }) {
  const { when, do: action } = value;
  const minutes = useTyped(action.action !== 'play' || action.forMs === null ? '' : action.forMs / MINUTE_MS);
  return (
    <>
      <Field label={t.name}>{(field) => <input {...field} name="event-name" required maxLength={100} value={value.name} onInput={(event) => set({ name: event.currentTarget.value })} />}</Field>
      <Field label={t.what}>
        {(field) => (
          <Choice
            described={field} name="event-what" value={action.action === 'play' ? action.timelineId : action.action}
            options={[...(snapshot.value?.timelines ?? []).map(({ id, name }) => [id, t.play(name)] as const), ['broadcast-start', t.actions['broadcast-start']], ['broadcast-stop', t.actions['broadcast-stop']]]}
            onChange={(chosen) => set({ do: actionOf(chosen, action) })}
          />
        )}
      </Field>
      {action.action === 'play' && (
        <div class="field-row">
          <Field label={t.minutes} hint={t.minutesHint}>
            {(field) => (
              <input
                {...field} {...minutes.shown} type="number" name="event-minutes" min={1} max={366 * 24 * 60} step="any"
                onInput={({ currentTarget: { value: text, valueAsNumber: number } }) => {
                  minutes.setTyped(text);
                  set({ do: { ...action, forMs: Number.isNaN(number) ? null : Math.round(number * MINUTE_MS) } });
                }}
              />
            )}
          </Field>
          <Field label={t.priority} hint={t.priorityHint}>
            {(field) => <input {...field} type="number" name="event-priority" required min={-100} max={100} step={1} value={Number.isNaN(value.priority) ? '' : value.priority} onInput={(event) => set({ priority: event.currentTarget.valueAsNumber })} />}
          </Field>
        </div>
      )}
      {action.action === 'broadcast-start' && (
        <label class="row tick"><input type="checkbox" checked={action.record === true} onChange={(event) => set({ do: { ...action, record: event.currentTarget.checked } })} />{t.record}</label>
      )}
      <div class="field-row">
        <Field label={t.when}>
          {(field) => <Choice described={field} name="event-when" value={when.kind} options={KINDS.map((kind) => [kind, t.kinds[kind]] as const)} onChange={(kind) => set({ when: whenOf(kind, when), ...(kind === 'once' ? { fromDate: null, untilDate: null } : when.kind === 'once' ? { fromDate: nowOf(value.timeZone).date } : {}) })} />}
        </Field>
        <When when={when} set={(next) => set({ when: next })} />
      </div>
      {when.kind === 'weekly' && <Days days={when.days} set={(days) => set({ when: { ...when, days } })} />}
      {when.kind !== 'once' && (
        <div class="field-row">
          <Field label={t.fromDate}>
            {(field) => <input {...field} type="date" name="event-from" value={value.fromDate ?? ''} onInput={(event) => set({ fromDate: event.currentTarget.value || null })} />}
          </Field>
          <Field label={t.untilDate} hint={t.untilHint}>
            {(field) => <input {...field} type="date" name="event-until" value={value.untilDate ?? ''} onInput={(event) => set({ untilDate: event.currentTarget.value || null })} />}
          </Field>
        </div>
      )}
      {isUnderWay(lasting(value), nowOf(value.timeZone)) && <p role="status" class="sentence bad">{t.beginsAtOnce}</p>}
    </>
  );
}

function When({ when, set }: { when: ScheduleWhen; set(when: ScheduleWhen): void }) {
  if (when.kind === 'cron') {
    return <Field label={t.cron} hint={t.cronHint}>{(field) => <input {...field} name="event-cron" required maxLength={200} spellcheck={false} value={when.expression} onInput={(event) => set({ kind: 'cron', expression: event.currentTarget.value })} />}</Field>;
  }
  const type = when.kind === 'once' ? 'datetime-local' : 'time';
  return <Field label={t.at}>{(field) => <input {...field} type={type} name="event-at" required value={when.at} onInput={(event) => set({ ...when, at: event.currentTarget.value })} />}</Field>;
}

function Days({ days, set }: { days: readonly Weekday[]; set(days: Weekday[]): void }) {
  return (
    <fieldset class="days">
      <legend>{t.days}</legend>
      {Weekday.options.map((day) => (
        <label key={day} class="tick"><input type="checkbox" checked={days.includes(day)} onChange={(event) => set(Weekday.options.filter((one) => (one === day ? event.currentTarget.checked : days.includes(one))))} />{t.dayNames[day]}</label>
      ))}
    </fieldset>
  );
}

function actionOf(chosen: string, before: ScheduleAction): ScheduleAction {
  if (chosen === 'broadcast-start' || chosen === 'broadcast-stop') return { action: chosen };
  return { forMs: null, align: 'start', ...(before.action === 'play' ? before : {}), action: 'play', timelineId: chosen };
}

function whenOf(kind: (typeof KINDS)[number], before: ScheduleWhen): ScheduleWhen {
  const time = 'at' in before ? before.at.slice(-5) : '20:00';
  switch (kind) {
    case 'daily':
      return { kind, at: time };
    case 'weekly':
      return { kind, days: ['mon'], at: time };
    case 'once':
      return { kind, at: `${new Date().toLocaleDateString('sv')}T${time}` };
    case 'cron':
      return { kind, expression: '0 20 * * *' };
  }
}
