/** Why a moment was found, in plain words with figures. */
import type { RecordedMoment } from '../../protocol/highlights.js';
import { BIN_MS, type FeatureTable } from '../features/table.js';
import type { Found } from './candidates.js';
import type { Signals } from './modes.js';
import { meanIn, peakIn } from './series.js';

/** A mode that says less than this is no reason. */
const LEAST_SCORE = 0.12;
/** From here on something is more than usual. */
const LEAST_TIMES = 1.1;
/** Before it, what was done may have led to it. */
const LEAD_MS = 5_000;
const MOST_MOMENTS = 3;
/** What was done. An alert says what was wrong with the machine or a camera, which makes no moment worth watching. */
type Done = RecordedMoment & { kind: Exclude<RecordedMoment['kind'], 'alert'> };
/** What a person said of it first. */
const RANKS: Readonly<Record<Done['kind'], number>> = { marker: 0, override: 1, take: 2, insert: 2 };
const MOST_LETTERS = 60;
/** Beside what is nearly silent or still, everything is a hundred times as much. */
const MOST_TIMES = 20;

/** The strongest first; at least one. */
export function reasonsOf(found: Found, signals: Signals, table: FeatureTable, moments: readonly RecordedMoment[]): string[] {
  const { start, end, modes } = found;
  const told: { score: number; text: string }[] = [];
  const tell = (score: number, text: string): void => { if (score >= LEAST_SCORE) told.push({ score, text }); };
  /** Of what is no more than usual over the whole of it, as where it was loud for a moment, nobody is told that it is. */
  const tellTimes = (score: number, what: () => string, ratio: number): void => { if (ratio >= LEAST_TIMES) tell(score, `${what()} ${times(ratio)}`); };
  tellTimes(modes.sound, () => `${whoIsLoud(table, start, end)} loud`, 10 ** (meanIn(signals.riseDb, start, end) / 20));
  tellTimes(modes.picture, () => 'movement', meanIn(signals.motionRatio, start, end));
  if (modes.chat >= LEAST_SCORE) {
    const [from, to] = [start + signals.chatLagBins, end + signals.chatLagBins + 5];
    const chatters = peakIn(table.columns.get('chatters'), from, to);
    if (chatters > 0) tell(modes.chat, `${Math.round(chatters)} chatters in 10 s`);
    const ratio = peakIn(signals.messages, from, to) / Math.max(1, meanIn(signals.usualMessages, from, to));
    if (ratio >= 1.5) tell(modes.chat * 0.9, `chat ${times(ratio)}`);
    const emotes = meanIn(table.columns.get('emoteShare'), from, to);
    if (emotes >= 0.3) tell(modes.chat * 0.8, `${Math.round(emotes * 100)} % emotes`);
  }
  const during = moments.filter((one): one is Done => one.kind !== 'alert' && one.atMs >= start * BIN_MS - LEAD_MS && one.atMs < end * BIN_MS + LEAD_MS);
  for (const moment of worthTelling(during)) told.push({ score: moment.kind === 'marker' ? Math.max(0.5, modes.event) : 0.1, text: reasonInWords(moment) });
  if (told.length === 0) told.push({ score: 0, text: `stands out by ${found.kind === 'combined' ? 'more than one sign' : found.kind}` });
  return [...new Set(told.sort((a, b) => b.score - a.score).map(({ text }) => text))];
}

function worthTelling(during: readonly Done[]): Done[] {
  return during.toSorted((a, b) => RANKS[a.kind] - RANKS[b.kind] || a.atMs - b.atMs).slice(0, MOST_MOMENTS);
}

/** How a reason begins that says what was done. */
const BEGINNINGS: Readonly<Record<Done['kind'], string>> = { take: 'cut to ', override: 'taken over the timeline: ', marker: 'marker: ', insert: 'insert: ' };
/** A marker without a text. */
const MARKED = 'marked';
/** What was pressed. */
const OPERATORS_OWN = [MARKED, BEGINNINGS.take, BEGINNINGS.override, BEGINNINGS.insert];

/** What was done, as a reason says it. */
export function reasonInWords({ kind, text }: Done): string {
  const said = text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS).trimEnd()} …` : text.trim();
  return kind === 'marker' && said === '' ? MARKED : `${BEGINNINGS[kind]}${said}`;
}
/** What a video's text may say of a reason; null where that is the operator's own business. */
export function forViewers(reason: string): string | null {
  if (OPERATORS_OWN.some((words) => reason.startsWith(words.trimEnd()))) return null;
  return reason.startsWith(BEGINNINGS.marker) ? reason.slice(BEGINNINGS.marker.length) : reason;
}

/** A crowd is noise, a voice is not. */
function whoIsLoud(table: FeatureTable, start: number, end: number): string {
  const voice = meanIn(table.columns.get('voice'), start, end);
  if (voice >= 0.5) return 'voices';
  const noise = meanIn(table.columns.get('flatness'), start, end) / meanIn(table.columns.get('flatness'), start - 60, start);
  return noise >= 1 || Number.isNaN(noise) ? 'crowd' : 'sound';
}

function times(ratio: number): string {
  if (ratio > MOST_TIMES) return `×${MOST_TIMES} or more`;
  return `×${ratio < 3 ? (Math.round(ratio * 10) / 10).toFixed(1) : Math.round(ratio)}`;
}
