/** Health: what to act on, figures over time, the processes, and what happened. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { EventList } from '../components/health/event-list.js';
import { Figures } from '../components/health/figures.js';
import { Graph } from '../components/health/graph.js';
import { Processes } from '../components/health/processes.js';
import { Card } from '../components/parts.js';
import { OneWarning } from '../components/warnings.js';
import { GRAPHS, partsOf, type Column, type Graph as GraphName } from '../lib/health/columns.js';
import { bitrate, size } from '../lib/words.js';
import { watchHistory, type Range } from '../store/history.js';
import { destinations, sources, status } from '../store/state.js';
import { texts } from '../texts.js';
import '../styles/health.css';

const t = texts.health;
const whole = (value: number): string => String(Math.round(value * 10) / 10);
const FORMATS: Record<GraphName, (value: number) => string> = {
  bitrate, frames: whole, ages: (ms) => (ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms)} ms`), sound: (db) => `${Math.round(db)} dB`, cpu: (percent) => `${Math.round(percent)} %`,
  memory: (mb) => size(mb * 1e6), room: (mb) => size(mb * 1e6),
};

export function HealthPage() {
  const [range, setRange] = useState<Range>('hour');
  const [isTable, setTable] = useState(false);
  useEffect(() => watchHistory(range), [range]);
  const names = useMemo(() => new Map([...sources.value, ...destinations.value].map(({ id, name }) => [id, name])), [sources.value, destinations.value]);
  const label = ({ key }: Column): string => {
    const { kind, id, what } = partsOf(key);
    const of = id === undefined ? t.of[kind] ?? kind : kind === 'process' ? id : names.get(id) ?? t.gone;
    return t.what[what] === undefined ? of : `${of}${t.what[what]}`;
  };
  const warnings = status.value?.warnings ?? [];
  return (
    <>
      <h2 class="unseen">{texts.pages.health}</h2>
      <Card title={t.warnings} id="warnings">
        {warnings.length === 0
          ? <p class="empty">{t.allWell}</p>
          : <div class="warning-list">{warnings.map((warning) => <OneWarning key={[warning.code, ...warning.ids].join()} {...warning} />)}</div>}
      </Card>
      <Card
        title={t.figures} id="figures"
        aside={(
          <div class="row" role="group" aria-label={t.range}>
            {(['hour', 'day'] as const).map((one) => <button key={one} type="button" class="small" aria-pressed={range === one} onClick={() => setRange(one)}>{t.ranges[one]}</button>)}
          </div>
        )}
      >
        <div class="graphs">
          {(Object.keys(GRAPHS) as GraphName[]).map((name) => <Graph key={name} name={name} title={t.graphs[name]} label={label} format={FORMATS[name]} />)}
        </div>
        <details onToggle={(event) => setTable(event.currentTarget.open)}>
          <summary>{t.asTable}</summary>
          {isTable && <Figures label={label} formats={FORMATS} />}
        </details>
      </Card>
      <Card title={t.processes} id="processes"><Processes /></Card>
      <Card title={t.events} id="events"><EventList /></Card>
    </>
  );
}
