/** The events of the schedule, as operators make and change them, and the plan that comes of them. What is done is the scheduler's. */
import { eventIssues, MOST_EVENTS, toScheduleEvent } from '../../domain/schedule/events.js';
import { DAY, whenComes } from '../../domain/schedule/local-time.js';
import { MOST_PLAN_MS, planOf } from '../../domain/schedule/plan.js';
import { factsOf, type EventDocument, type ScheduleFacts } from '../../domain/schedule/windows.js';
import { PlanQuery, ScheduleEventInput, type ScheduleEvent, type SchedulePlan } from '../../protocol/schedule.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import { newId } from '../ids.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, merge, withoutOwned, type ExpectedRevision } from './patch.js';

const OWNED = ['id', 'createdAt', 'updatedAt'];
const DEFAULT_PLAN_MS = 7 * DAY;

export class Schedule {
  /** @param machineZone IANA name: of settings and events that name none */
  constructor(private readonly model: Model, private readonly clock: Clock, private readonly machineZone: string) {}

  list(): ScheduleEvent[] {
    const { state } = this.model;
    return state.schedule.map((event) => this.#shown(event, state));
  }

  /** @throws ServerError NOT_FOUND */
  get(id: string): ScheduleEvent {
    const found = this.model.find('schedule-event', id);
    if (!found) throw new ServerError('NOT_FOUND', `There is no event ${id} in the schedule.`);
    return this.#shown(found);
  }

  /** @throws ServerError VALIDATION, CONFLICT when there are too many */
  async create(body: unknown): Promise<ScheduleEvent> {
    const input = parse(ScheduleEventInput, body);
    return this.#shown(await this.model.change((draft) => {
      if (draft.state.schedule.length >= MOST_EVENTS) throw new ServerError('CONFLICT', `A schedule has at most ${MOST_EVENTS} events.`);
      rejectIssues(eventIssues(draft.state, input));
      return draft.create('schedule-event', newId('event'), input);
    }));
  }

  /** @throws ServerError NOT_FOUND, VALIDATION, STALE_REVISION */
  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<ScheduleEvent> {
    // What was read may be sent back; these have changed since of themselves.
    const { nextAt: _n, lastRun: _l, ...change } = asBody(body);
    return this.#shown(await this.model.change((draft) => {
      const current = draft.get('schedule-event', id);
      checkRevision(current.revision, expected);
      const input = merge(ScheduleEventInput, current.data, withoutOwned(change, this.#shown(current), OWNED));
      rejectIssues(eventIssues(draft.state, input));
      return draft.update('schedule-event', id, input);
    }));
  }

  /** @throws ServerError NOT_FOUND, STALE_REVISION */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      checkRevision(draft.get('schedule-event', id).revision, expected);
      draft.remove('schedule-event', id);
      if (draft.state.scheduleRuns.has(id)) draft.remove('schedule-run', id);
    });
  }

  /** @throws ServerError VALIDATION */
  plan(query: unknown): SchedulePlan {
    const { from, to } = parse(PlanQuery, query);
    const facts = this.facts();
    const moment = (text: string): number => (text.length === 10 ? whenComes(facts.timeZone, Date.parse(`${text}T00:00:00Z`)) : Date.parse(text));
    const fromMs = from === undefined ? this.clock.wallMs() : moment(from);
    const toMs = to === undefined ? fromMs + DEFAULT_PLAN_MS : moment(to);
    if (toMs <= fromMs) rejectIssues([{ path: 'to', message: 'It must be later than "from".' }]);
    if (toMs - fromMs > MOST_PLAN_MS) rejectIssues([{ path: 'to', message: 'A plan is at most 31 days long.' }]);
    return planOf(facts, fromMs, toMs);
  }

  /** What the rules are asked with. */
  facts(): ScheduleFacts {
    return factsOf(this.model.state, this.machineZone);
  }

  #shown(event: EventDocument, state = this.model.state): ScheduleEvent {
    return toScheduleEvent(state, event, state.settings.data.schedule.timeZone ?? this.machineZone, this.clock.wallMs());
  }
}
