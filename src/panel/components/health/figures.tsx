/** The same figures as the graphs, to be read. */
import { figureOf, GRAPHS, inGraph, type Column, type Graph } from '../../lib/health/columns.js';
import { columns } from '../../store/history.js';
import { texts } from '../../texts.js';

const t = texts.health;

export function Figures({ label, formats }: { label(column: Column): string; formats: Record<Graph, (value: number) => string> }) {
  const rows = (Object.keys(GRAPHS) as Graph[]).flatMap((graph) => inGraph(graph, columns.value).map((column) => ({ graph, column })));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t.figures}>
      <table class="figures-table">
        <thead><tr><th scope="col">{t.figure}</th><th scope="col">{t.now}</th><th scope="col">{t.min}</th><th scope="col">{t.mean}</th><th scope="col">{t.max}</th></tr></thead>
        <tbody>
          {rows.map(({ graph, column }) => {
            const { now, min, mean, max } = figureOf(column);
            return (
              <tr key={column.key}>
                <th scope="row">{t.graphs[graph]}: {label(column)}</th>
                {[now, min, mean, max].map((value, i) => <td key={i}>{value === null ? '–' : formats[graph](value)}</td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
