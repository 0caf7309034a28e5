/** One graph of figures over time. All on the page have one cursor. */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { inGraph, isOfTheWorst, thinned, type Column, type Graph as Name } from '../../lib/health/columns.js';
import { axisMinute, axisSecond } from '../../lib/when.js';
import { columns } from '../../store/history.js';
import { texts } from '../../texts.js';

const HEIGHT = 190;
const FONT = '12px Inter, system-ui, sans-serif';
/** The least step of an axis that counts: half a frame is none. */
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/** Told apart by the line too, not by its colour alone. */
const LINES = [
  ['--accent', []], ['--good', [8, 4]], ['--busy', [2, 3]], ['--bad', [10, 3, 2, 3]], ['--text', [5, 5]], ['--focus', [1, 4]], ['--soft', [12, 6]],
] as const satisfies readonly (readonly [string, readonly number[]])[];

const MOST_POINTS = 240;

/** One graph a frame, so that no task of all together holds up the page. */
const waiting = new Set<() => void>();
function inTurn(draw: () => void): void {
  if (waiting.size === 0) requestAnimationFrame(drawNext);
  waiting.add(draw);
}
function drawNext(): void {
  const [draw] = waiting;
  if (!draw) return;
  waiting.delete(draw);
  draw();
  if (waiting.size > 0) requestAnimationFrame(drawNext);
}

interface Props {
  name: Name;
  /** What a figure is called. */
  label(column: Column): string;
  format(value: number): string;
  title: string;
}

export function Graph({ name, label, format, title }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [isEmpty, setEmpty] = useState(false);
  // What things are called may be known only later, and may change while the graph stands.
  const labels = useRef(label);
  labels.current = label;
  const again = useRef(() => {});
  const called = inGraph(name, columns.peek()).map(label).join('\n');
  useEffect(() => again.current(), [called]);
  useEffect(() => {
    const place = root.current!;
    let plot: uPlot | undefined;
    let shown = '';
    const draw = () => {
      const found = inGraph(name, columns.peek());
      const names = found.map(labels.current);
      setEmpty(found.length === 0);
      const { times, values } = thinned(columns.peek().times, found, MOST_POINTS, isOfTheWorst(name));
      const data = [times.map((ms) => ms / 1000), ...values] as uPlot.AlignedData;
      // Other figures than before need another graph.
      if (shown === names.join('\n') && plot) return plot.setData(data);
      shown = names.join('\n');
      plot?.destroy();
      plot = found.length === 0 ? undefined : new uPlot(options(name, place.clientWidth, names, format), data, place);
    };
    const forget = effect(() => {
      void columns.value;
      inTurn(draw);
    });
    again.current = () => inTurn(draw);
    // The lines of its legend are coloured when it is made.
    const redraw = () => {
      shown = '';
      inTurn(draw);
    };
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', redraw);
    const size = new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: HEIGHT }));
    size.observe(place);
    return () => {
      forget();
      waiting.delete(draw);
      themes.disconnect();
      system.removeEventListener('change', redraw);
      size.disconnect();
      plot?.destroy();
    };
  }, [name]);
  return (
    <figure class="graph" data-graph={name}>
      <figcaption>{title}</figcaption>
      {isEmpty && <p class="empty">{name === 'ages' ? texts.health.noAges : texts.health.noFigures}</p>}
      <div ref={root} class="plot" role="img" aria-label={texts.health.graphLabel(title)} />
    </figure>
  );
}

const color = (property: string): string => getComputedStyle(document.documentElement).getPropertyValue(property).trim();

/** With seconds while all that is shown is a few minutes. */
function times({ scales: { x } }: uPlot, ticks: number[]): string[] {
  const isShort = (x?.max ?? 0) - (x?.min ?? 0) < 600;
  return ticks.map((tick) => (isShort ? axisSecond : axisMinute)(new Date(tick * 1000)));
}

function options(name: Name, width: number, names: readonly string[], format: (value: number) => string): uPlot.Options {
  const axis = { font: FONT, stroke: () => color('--soft'), grid: { stroke: () => color('--line'), width: 1 }, ticks: { show: false } } as const;
  return {
    width, height: HEIGHT, padding: [8, 26, 0, 0],
    cursor: { sync: { key: 'health' }, drag: { x: false, y: false }, points: { size: 6 } },
    // Room above a line that stands still.
    scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max((most ?? 0) * 1.1, (least ?? 0) < 0 ? 0 : 1)] } },
    axes: [{ ...axis, size: 34, space: 76, values: times }, { ...axis, size: 62, values: (_, ticks) => ticks.map(format), ...(name === 'frames' ? { incrs: COUNTS } : {}) }],
    series: [
      { label: texts.health.time, value: '{HH}:{mm}:{ss}' },
      ...names.map((label, i): uPlot.Series => {
        const [property, dash] = LINES[i % LINES.length]!;
        return { label, stroke: () => color(property), dash: [...dash], width: 1.5, points: { show: false }, value: (_, value) => (value === null || value === undefined ? '–' : format(value)) };
      }),
    ],
  };
}
