/** The analysis that is looked at, read anew whenever the studio says that it has changed; and what a person does with it. */
import { effect, signal } from '@preact/signals';
import { Analysis, type AnalysisSummary, type ExportInput } from '../../protocol/analysis.js';
import type { FindingPreset, HighlightDecision, VideoMetadata } from '../../protocol/highlights.js';
import { request, sentenceOf } from '../lib/api.js';
import { recordingOf } from '../lib/highlights/address.js';
import { boundsOf, moved, type Bounds, type Edge, type OneHighlight } from '../lib/highlights/bounds.js';
import { texts } from '../texts.js';
import { attempt } from './actions.js';
import { connection, snapshot, spoken } from './state.js';

/** The recording whose analysis is shown, as the address names it; null: none is. */
export const recordingId = signal<string | null>(null);
export const analysis = signal<Analysis | null>(null);
/** Why it could not be read; null: it could. */
export const problem = signal<string | null>(null);
export const chosenId = signal<string | null>(null);
/** Of the chosen highlight, as it is being trimmed; null: nobody has moved anything. */
export const trimmed = signal<Bounds | null>(null);
/** Where the player is, ms. */
export const positionMs = signal(0);

interface Done { recordingId: string; highlightId: string; before: HighlightDecision | null }
const MOST_DONE = 50;
/** What was decided here, the last one at the end. */
const done = signal<readonly Done[]>([]);
export const canUndo = () => done.value.some((one) => one.recordingId === recordingId.value);

const pathOf = (id: string, rest: string): string => `/recordings/${encodeURIComponent(id)}${rest}`;
export const pictureOf = (id: string, name: string): string => `/api/v1${pathOf(id, `/pictures/${encodeURIComponent(name)}`)}`;
export const clipOf = (id: string, clipId: string): string => `/api/v1${pathOf(id, `/clips/${encodeURIComponent(clipId)}`)}`;

export const summaryOf = (id: string): AnalysisSummary | undefined => snapshot.value?.analyses.find((one) => one.recordingId === id);
export const chosen = (): OneHighlight | undefined => analysis.value?.highlights.find(({ id }) => id === chosenId.value);
export const boundsShown = (one: OneHighlight): Bounds => (one.id === chosenId.value && trimmed.value ? trimmed.value : boundsOf(one));

/** Follows the address, and what the studio says of the analysis it names. @returns the undo */
export function followHighlights(): () => void {
  const follow = () => {
    // Where there is one only, it is that one.
    const [first, ...others] = snapshot.peek()?.recordings ?? [];
    const id = recordingOf(location.hash) ?? (others.length === 0 ? first?.id ?? null : null);
    if (id === recordingId.value) return;
    recordingId.value = id;
    analysis.value = null;
    problem.value = null;
    choose(null);
  };
  follow();
  addEventListener('hashchange', follow);
  const end = effect(() => {
    const id = recordingId.value;
    const rev = id === null ? undefined : summaryOf(id)?.rev;
    if (id !== null && connection.value === 'open') void readAnalysis(id, rev);
  });
  return () => {
    removeEventListener('hashchange', follow);
    end();
  };
}

let asked = 0;
async function readAnalysis(id: string, rev: number | undefined): Promise<void> {
  // Its answer told of that already.
  if (analysis.peek()?.recordingId === id && analysis.peek()?.rev === rev) return;
  const mine = ++asked;
  try {
    const answer = Analysis.parse(await request('GET', pathOf(id, '/analysis')));
    if (mine === asked && recordingId.peek() === id) show(answer);
  } catch (error) {
    if (mine === asked && recordingId.peek() === id && connection.peek() === 'open') problem.value = sentenceOf(error);
  }
}

function show(answer: Analysis): void {
  if (recordingId.peek() !== answer.recordingId) return;
  const known = analysis.peek();
  // Of two answers the later one stands, whichever came last.
  if (known?.recordingId === answer.recordingId && known.rev > answer.rev) return;
  analysis.value = answer;
  problem.value = null;
  if (!answer.highlights.some(({ id }) => id === chosenId.peek())) choose(answer.highlights[0]?.id ?? null);
}

export function choose(id: string | null): void {
  if (id !== chosenId.peek()) trimmed.value = null;
  chosenId.value = id;
}

/** The one so many after the chosen one. */
export function chooseNext(by: number): void {
  const all = analysis.value?.highlights ?? [];
  const at = all.findIndex(({ id }) => id === chosenId.value);
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  if (next) choose(next.id);
}

export function trim(edge: Edge, toMs: number): void {
  const one = chosen();
  if (one) trimmed.value = moved(boundsShown(one), edge, toMs, analysis.value?.durationMs ?? 0);
}

const withAnswer = async (what: string, work: Promise<unknown>): Promise<boolean> => {
  const answer = await attempt(what, work);
  if (answer === undefined) return false;
  const read = Analysis.safeParse(answer);
  if (read.success) show(read.data);
  return true;
};

export async function decide(one: OneHighlight, verdict: HighlightDecision['verdict']): Promise<void> {
  const id = recordingId.value;
  if (id === null) return;
  const bounds = boundsShown(one);
  const before = one.decision;
  const body = verdict === 'accepted' ? { verdict, ...bounds } : { verdict };
  if (!(await withAnswer('decision', request('POST', pathOf(id, `/highlights/${encodeURIComponent(one.id)}/decision`), body)))) return;
  if (one.id === chosenId.value) trimmed.value = null;
  done.value = [...done.value, { recordingId: id, highlightId: one.id, before }].slice(-MOST_DONE);
  spoken.value = verdict === 'accepted' ? texts.highlights.spoken.accepted : texts.highlights.spoken.rejected;
}

/** Takes back what was decided here last. */
export async function undo(): Promise<void> {
  const last = done.value.findLast((one) => one.recordingId === recordingId.value);
  if (!last) return;
  const path = pathOf(last.recordingId, `/highlights/${encodeURIComponent(last.highlightId)}/decision`);
  const { before } = last;
  const work = before === null ? request('DELETE', path) : request('POST', path, before.verdict === 'accepted' ? { verdict: before.verdict, startMs: before.startMs, endMs: before.endMs } : { verdict: before.verdict });
  if (!(await withAnswer('decision', work))) return;
  done.value = done.value.filter((one) => one !== last);
  choose(last.highlightId);
  trimmed.value = null;
  spoken.value = texts.highlights.spoken.undone;
}

export const analyze = (id: string, preset: FindingPreset) => attempt('analysis', request('POST', pathOf(id, '/analyze'), { preset }));
export const cancelAnalysis = (id: string) => attempt('analysis', request('POST', pathOf(id, '/analysis/cancel')));
export const exportClips = (id: string, input: ExportInput) => withAnswer('export', request('POST', pathOf(id, '/export'), input));

/** Asks first what would be in it: a download that is refused tells a person nothing. */
export async function takeAll(id: string): Promise<void> {
  if ((await attempt('export', request('GET', pathOf(id, '/export')))) === undefined) return;
  const link = Object.assign(document.createElement('a'), { href: `/api/v1${pathOf(id, '/export.zip')}`, download: '' });
  link.click();
}

export const deleteClip = (id: string, clipId: string) => attempt('clip', request('DELETE', pathOf(id, `/clips/${encodeURIComponent(clipId)}`)));
/** null: as suggested again. @returns whether it is stored */
export const chooseMetadata = (id: string, fields: { [K in keyof VideoMetadata]?: VideoMetadata[K] | null }, revision: number) =>
  withAnswer('metadata', request('PATCH', pathOf(id, '/metadata'), fields, revision));
