/** The schedule as it will be for seven days, overlaps resolved; read anew whenever it changes. */
import { useEffect, useState } from 'preact/hooks';
import type { SchedulePlan } from '../../../protocol/schedule.js';
import { sentenceOf } from '../../lib/api.js';
import { planLines, type PlanLine } from '../../lib/plan.js';
import { clockMinute } from '../../lib/when.js';
import { readPlan } from '../../store/schedule.js';
import { connection, snapshot } from '../../store/state.js';
import { texts } from '../../texts.js';

const t = texts.setup.events;
/** A week of a short rule has many: as many as somebody reads. */
const MOST = 100;

const day = (at: string) => new Date(at).toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'short' });
const time = (at: string) => clockMinute(new Date(at));

/** What a person should look at stands there at once; the week itself when it is asked for. */
export function ComingWeek() {
  const [isOpen, setOpen] = useState(false);
  const { plan, problem } = usePlan();
  const warnings = [...new Set((plan?.warnings ?? []).map(({ message }) => message))];
  return (
    <>
      {warnings.map((message) => <p key={message} class="setup-warning">{message}</p>)}
      <details class="coming-week" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t.week}</summary>
        {isOpen && problem !== '' && <p class="sentence bad" role="alert">{problem}</p>}
        {isOpen && problem === '' && !plan && <p class="empty" role="status">{texts.page.loading}</p>}
        {isOpen && problem === '' && plan && <Week plan={plan} />}
      </details>
    </>
  );
}

function usePlan(): { plan: SchedulePlan | null; problem: string } {
  const [plan, setPlan] = useState<SchedulePlan | null>(null);
  const [problem, setProblem] = useState('');
  const isThere = connection.value === 'open';
  // Whatever a plan follows from: the events, what fills it, and how long the timelines are.
  const { schedule, settings, timelines } = snapshot.value ?? {};
  const version = [...(schedule ?? []), ...(timelines ?? []), ...(settings ? [settings] : [])].map(({ revision }) => revision).join() + (schedule ?? []).map(({ nextAt }) => nextAt).join();
  useEffect(() => {
    if (!isThere) return undefined;
    let isShown = true;
    readPlan().then((read) => {
      if (!isShown) return;
      setPlan(read);
      setProblem('');
    }, (error: unknown) => { if (isShown) setProblem(sentenceOf(error)); });
    return () => { isShown = false; };
  }, [version, isThere]);
  return { plan, problem };
}

function Week({ plan }: { plan: SchedulePlan }) {
  const all = planLines(plan);
  const lines = all.slice(0, MOST);
  const days = [...new Set(lines.map(({ at }) => day(at)))];
  return (
    <>
      {lines.length === 0 && <p class="empty">{t.nothingInWeek}</p>}
      {days.map((one) => (
        <section key={one} aria-label={one}>
          <h3>{one}</h3>
          <ul>{lines.filter(({ at }) => day(at) === one).map((line) => <Line key={`${line.at}${line.eventId}${line.does}`} line={line} />)}</ul>
        </section>
      ))}
      {all.length > MOST && <p class="hint">{t.weekCut(all.length - MOST)}</p>}
    </>
  );
}

function Line({ line: { at, until, eventId, does } }: { line: PlanLine }) {
  const name = snapshot.value?.schedule.find(({ id }) => id === eventId)?.name ?? '';
  const what = does === 'play' ? name : does === 'filler' ? t.actions.filler : `${t.actions[does]}: ${name}`;
  return <li><span class="figure">{until === null ? time(at) : t.fromTo(time(at), day(until) === day(at) ? time(until) : `${day(until)} ${time(until)}`)}</span> {what}</li>;
}
