/** What was aired of inserts: how often each, each airing by itself, and both as a file. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AiringRecord, AiringTotal } from '../../../protocol/inserts.js';
import { sentenceOf } from '../../lib/api.js';
import type { AiringRange } from '../../lib/airings.js';
import { exportOf, readAirings, readTotals } from '../../store/inserts.js';
import { connection, snapshot, status } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, Field } from '../parts.js';

const t = texts.airings;

export function Airings() {
  const [range, setRange] = useState<AiringRange>({ from: '', to: '', insertId: '' });
  const [items, setItems] = useState<readonly AiringRecord[]>([]);
  const [totals, setTotals] = useState<readonly AiringTotal[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState('');
  const failed = (error: unknown) => setProblem(sentenceOf(error));
  const inserts = snapshot.value?.inserts ?? [];
  // One that is over is in the log.
  const airing = status.value?.insert?.airingId ?? '';
  const isOpen = connection.value === 'open';
  /** Which first page is shown: what is older belongs to that. */
  const first = useRef(0);
  useEffect(() => {
    first.current += 1;
    if (!isOpen) return undefined;
    let isShown = true;
    Promise.all([readAirings(range, null), readTotals(range)]).then(([page, sums]) => {
      if (!isShown) return;
      setItems(page.items);
      setNext(page.next);
      setTotals(sums);
      setProblem('');
    }, (error: unknown) => { if (isShown) failed(error); });
    return () => { isShown = false; };
  }, [range, airing, isOpen]);
  const older = () => {
    const asked = first.current;
    readAirings(range, next).then((page) => {
      if (asked !== first.current) return;
      setItems([...items, ...page.items]);
      setNext(page.next);
    }, failed);
  };
  const set = (fields: Partial<AiringRange>) => setRange({ ...range, ...fields });
  const nameOf = ({ insertId, name }: { insertId: string; name: string }) => (inserts.some(({ id }) => id === insertId) ? name : t.gone(name));
  return (
    <Card id="airings" title={t.title}>
      <div class="field-row">
        <Field label={t.insert}>
          {(field) => (
            <select {...field} value={range.insertId} onChange={(event) => set({ insertId: event.currentTarget.value })}>
              <option value="">{t.all}</option>
              {inserts.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.from}>{(field) => <input {...field} type="date" value={range.from} onChange={(event) => set({ from: event.currentTarget.value })} />}</Field>
        <Field label={t.to}>{(field) => <input {...field} type="date" value={range.to} onChange={(event) => set({ to: event.currentTarget.value })} />}</Field>
      </div>
      <div class="row wrap airing-files">
        <a class="button small" href={exportOf(range, 'csv')} download>{t.csv}</a>
        <a class="button small" href={exportOf(range, 'json')} download>{t.json}</a>
      </div>
      {problem !== '' && <p class="sentence bad" role="alert">{problem}</p>}
      {items.length === 0 ? problem === '' && <p class="empty">{t.none}</p> : (
        <>
          <div class="airing-table" role="region" aria-label={t.totals} tabIndex={0}>
            <table>
              <thead><tr><th scope="col">{t.insert}</th><th scope="col">{t.aired}</th><th scope="col">{t.cut}</th><th scope="col">{t.missed}</th></tr></thead>
              <tbody>
                {totals.filter(({ insertId }) => range.insertId === '' || insertId === range.insertId).map((total) => (
                  <tr key={total.insertId}><th scope="row">{nameOf(total)}</th><td>{total.airings}</td><td>{total.cut}</td><td>{total.missedFrames}</td></tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="airing-table long" role="region" aria-label={t.title} tabIndex={0}>
            <table>
              <thead><tr><th scope="col">{t.started}</th><th scope="col">{t.insert}</th><th scope="col">{t.length}</th><th scope="col">{t.ended}</th></tr></thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.airingId}>
                    <th scope="row">{new Date(one.startedAt).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' })}</th>
                    <td>{nameOf(one)}</td><td>{(one.frames / one.fps).toFixed(1)}</td><td class={one.ended === 'whole' ? '' : 'bad-word'}>{t.ends[one.ended]}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {next !== null && <button type="button" class="small" onClick={older}>{t.older}</button>}
        </>
      )}
    </Card>
  );
}
