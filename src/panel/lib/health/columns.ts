/** Figures over time as they are drawn: columns that are followed, and what stands in a table beside them. Pure. */
export type Value = number | null;

export interface Column {
  key: string;
  unit: string;
  values: Value[];
  min?: Value[];
  max?: Value[];
}

export interface Columns {
  /** Unix time, ms. */
  times: number[];
  series: Column[];
}

export const NOTHING: Columns = { times: [], series: [] };

/** Reads `GET /history`: by hand, as a schema takes longer for the 100,000 numbers of an hour than a page may stand still. null: it is something else. */
export function readColumns(value: unknown): Columns | null {
  const { times, series } = (value ?? {}) as { times?: unknown; series?: unknown };
  if (!isNumbers(times, false) || !Array.isArray(series)) return null;
  const read: Column[] = [];
  for (const one of series as unknown[]) {
    const { key, unit, values, min, max } = (one ?? {}) as Record<string, unknown>;
    if (typeof key !== 'string' || typeof unit !== 'string') return null;
    if (![values, min ?? values, max ?? values].every((list) => isNumbers(list, true) && list.length === times.length)) return null;
    read.push({ key, unit, values: values as Value[], ...(min === undefined ? {} : { min: min as Value[] }), ...(max === undefined ? {} : { max: max as Value[] }) });
  }
  return { times: times as number[], series: read };
}

function isNumbers(list: unknown, orNull: boolean): list is Value[] {
  return Array.isArray(list) && list.every((value) => typeof value === 'number' || (orNull && value === null));
}

/** What came since, behind what was there; no more than the newest `most`. What is new in one is unknown in the other. */
export function follow(before: Columns, more: Columns, most: number): Columns {
  if (more.times.length === 0) return before;
  const drop = Math.max(0, before.times.length + more.times.length - most);
  const keys = new Map([...before.series, ...more.series].map(({ key, unit }) => [key, unit]));
  const joined = (key: string, pick: (column: Column) => Value[] | undefined): Value[] | undefined => {
    const [old, next] = [before, more].map(({ series, times }) => {
      const column = series.find((one) => one.key === key);
      return { values: column ? pick(column) : undefined, length: times.length };
    }) as [{ values?: Value[]; length: number }, { values?: Value[]; length: number }];
    if (!old.values && !next.values) return undefined;
    return [...(old.values ?? nulls(old.length)), ...(next.values ?? nulls(next.length))].slice(drop);
  };
  const series = [...keys].map(([key, unit]): Column => {
    const [values, min, max] = [joined(key, (one) => one.values)!, joined(key, (one) => one.min), joined(key, (one) => one.max)];
    return { key, unit, values, ...(min ? { min } : {}), ...(max ? { max } : {}) };
  });
  // Of what is gone for as long as is shown nothing is left.
  return { times: [...before.times, ...more.times].slice(drop), series: series.filter(({ values }) => values.some((value) => value !== null)) };
}

const nulls = (count: number): null[] => Array<null>(count).fill(null);

export interface Figure {
  now: Value;
  min: Value;
  mean: Value;
  max: Value;
}

export function figureOf({ values, min, max }: Column): Figure {
  let [least, most, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    sum += value;
    count += 1;
    least = Math.min(least, min?.[i] ?? value);
    most = Math.max(most, max?.[i] ?? value);
  }
  return count === 0 ? { now: null, min: null, mean: null, max: null } : { now: values.at(-1) ?? null, min: least, mean: sum / count, max: most };
}

/** Which graph a figure is in; the last part of its name says what it is of. */
export const GRAPHS = {
  bitrate: /\.kbps$/, frames: /^(program\.(late|skipped|repeated)|encoder\.dropped|recording\.dropped|destination\..+\.dropped)$/, ages: /^source\..+\.age$/, sound: /^program\.peak$/,
  cpu: /^process\..+\.cpu$/, memory: /^process\..+\.memory$/, room: /^(disk\.free|machine\.available)$/,
} as const;
export type Graph = keyof typeof GRAPHS;

/** Its figures, in the order in which they came. A minute's mean hides what must be seen: of lost frames and ages the worst is drawn. */
export function inGraph(graph: Graph, { series }: Columns): Column[] {
  const isWorst = graph === 'frames' || graph === 'ages';
  return series.filter(({ key }) => GRAPHS[graph].test(key)).map((one) => (isWorst && one.max ? { ...one, values: one.max } : one));
}

/**
 * No more points than can be told apart: an hour of seconds in seven graphs takes a browser that draws by itself most of a second. Of the values
 * that become one the largest stands where the worst counts, else their mean. Which do depends on the time alone, so that a line that is
 * followed stays as it is.
 */
export function thinned(times: readonly number[], columns: readonly Column[], most: number, isWorst: boolean): { times: number[]; values: Value[][] } {
  const spanMs = Math.max(1, Math.ceil(((times.at(-1) ?? 0) - (times[0] ?? 0)) / most / 1000)) * 1000;
  const starts = times.flatMap((ms, i) => (i === 0 || Math.floor(ms / spanMs) !== Math.floor(times[i - 1]! / spanMs) ? [i] : []));
  const one = (values: readonly Value[], from: number, to: number): Value => {
    let [sum, count, largest] = [0, 0, -Infinity];
    for (let i = from; i < to; i++) {
      const value = values[i];
      if (value === null || value === undefined) continue;
      [sum, count, largest] = [sum + value, count + 1, Math.max(largest, value)];
    }
    return count === 0 ? null : isWorst ? largest : sum / count;
  };
  return { times: starts.map((at) => times[at]!), values: columns.map(({ values }) => starts.map((at, i) => one(values, at, starts[i + 1] ?? times.length))) };
}

/** Graphs in which the worst counts. */
export const isOfTheWorst = (graph: Graph): boolean => graph === 'frames' || graph === 'ages' || graph === 'cpu';

/** `kind` and, of many, the id of a name such as `destination.ID.kbps`. */
export function partsOf(key: string): { kind: string; id: string | undefined; what: string } {
  const [kind = '', ...rest] = key.split('.');
  return { kind, id: rest.length > 1 ? rest.slice(0, -1).join('.') : undefined, what: rest.at(-1) ?? '' };
}
