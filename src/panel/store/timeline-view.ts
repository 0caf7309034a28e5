/** How the open timeline is looked at: what part, what is chosen, where the cursor is, and where the program stands in it. */
import { computed, effect, signal } from '@preact/signals';
import { CURVED, type Curved } from '../../protocol/clip-rules.js';
import { onAir, placeOf, positionAfter } from '../lib/timeline/air.js';
import { clipsById, contentEnd, lengthOf } from '../lib/timeline/document.js';
import { drawnOn, pointsOf } from '../lib/timeline/keyframes.js';
import type { Copied } from '../lib/timeline/clipboard.js';
import { fitted, scrolled, withInView, zoomed, type Viewport } from '../lib/timeline/viewport.js';
import { kept } from './kept.js';
import { status } from './state.js';
import { openId, shown } from './timeline.js';

export const view = signal<Viewport>({ fromMs: 0, pxPerMs: 0.05, width: 800 });
/** Where splitting, pasting and adding happen. */
export const cursorMs = signal(0);
export const selection = signal<ReadonlySet<string>>(new Set());
/** The clip that keys act from. */
export const focused = signal<string | null>(null);
/** A span that was marked on the ruler. */
export const region = signal<{ fromMs: number; toMs: number } | null>(null);
export const clipboard = signal<Copied | null>(null);
/** Which of a clip's curves is drawn. */
export const curve = kept<Curved>('timeline.curve', CURVED, 'opacity');
/** The point of the drawn curve that is chosen, by its clip and moment from the clip's start. Then keys act on it. */
export const point = signal<{ clipId: string; atMs: number } | null>(null);

export const snapping = kept('timeline.snap', [true, false], true);
export const ripple = kept<'off' | 'track' | 'all'>('timeline.ripple', ['off', 'track', 'all'], 'off');
/** The view goes along with what is on air. */
export const following = kept('timeline.follow', [true, false], false);
/** A seek of what is on air is asked about first. */
export const asking = kept('timeline.ask', [true, false], true);

/** How far one may scroll. */
export const extentMs = computed(() => (shown.value ? Math.max(10_000, contentEnd(shown.value), shown.value.durationMs ?? 0) : 10_000));

export const scrollBy = (px: number): void => { view.value = scrolled(view.value, px, extentMs.value); };
export const zoomBy = (factor: number, x: number): void => { view.value = zoomed(view.value, factor, x, extentMs.value); };
export const fit = (): void => { view.value = fitted(view.value, 0, extentMs.value); };
export const reveal = (ms: number): void => { view.value = withInView(view.value, ms, extentMs.value); };

export function moveCursor(ms: number): void {
  cursorMs.value = Math.max(0, Math.round(ms));
  reveal(cursorMs.value);
}

export function select(ids: Iterable<string>, focus?: string | null): void {
  selection.value = new Set(ids);
  if (point.value && !selection.value.has(point.value.clipId)) point.value = null;
  if (focus !== undefined) focused.value = focus;
}

/** The report that was heard last, and when. */
const heard = signal<{ positionMs: number; atMs: number } | null>(null);

/** What the status says of the timeline that is open; null: it is not on program, nor covered there. */
export const played = computed(() => (status.value?.timeline?.timelineId === openId.value ? (status.value?.timeline ?? null) : null));
/** Something else was taken over it: what of it would be on air is not. */
export const isCovered = computed(() => played.value !== null && (played.value.overridden || status.value?.emergency === true));
/** It is on program, or comes back there on release. One that is armed is neither. */
export const isOnProgram = computed(() => {
  const now = played.value;
  return now !== null && now.state !== 'stopped' && now.state !== 'ended' && (now.overridden || status.value?.program?.timelineId === openId.value);
});

/** What the timeline goes round on air, as a place in it; null: nothing, or it is not there. */
export const round = computed(() => {
  const region = isOnProgram.value ? played.value?.region : undefined;
  const document = shown.value;
  if (!region || !document) return null;
  const fromMs = placeOf(region.fromMs, document);
  return { fromMs, toMs: fromMs + region.toMs - region.fromMs };
});

/** Keeps the selection true, and notes when reports come. @returns the undo */
export function watch(): () => void {
  const ends = [
    effect(() => {
      const positionMs = played.value?.positionMs;
      heard.value = positionMs === undefined ? null : { positionMs, atMs: performance.now() };
    }),
    effect(() => {
      const document = shown.value;
      const index = document && clipsById(document);
      const still = [...selection.peek()].filter((id) => index?.has(id));
      if (still.length !== selection.peek().size) selection.value = new Set(still);
      if (focused.peek() !== null && !index?.has(focused.peek()!)) focused.value = null;
      const at = point.peek();
      const one = at && index?.get(at.clipId);
      if (at && !(one && pointsOf(one.clip, drawnOn(one.track.kind, curve.value)).includes(at.atMs))) point.value = null;
    }),
    effect(() => {
      void openId.value;
      cursorMs.value = 0;
      region.value = null;
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** Where the program stands in the open timeline now, laps included, ms; null: nowhere. */
export function airPosition(): number | null {
  const document = shown.peek();
  const now = played.peek();
  const last = heard.peek();
  if (!document || !now || !last || !isOnProgram.peek()) return null;
  return positionAfter({ ...now, positionMs: last.positionMs }, performance.now() - last.atMs, document.loop);
}

/** The same within one lap. */
export function airPlace(): number | null {
  const position = airPosition();
  const document = shown.peek();
  return position === null || !document ? null : Math.min(placeOf(position, document), lengthOf(document));
}

/** The clips on air and the next ones, looked at anew while time goes on. */
export const air = signal(onAir({ name: '', loop: false, durationMs: null, filler: null, tracks: [] }, null));

/** Looks at what is on air. Called as often as it is drawn; the signal changes only when clips do. */
export function lookAtAir(): void {
  const document = shown.peek();
  const place = isOnProgram.peek() && !isCovered.peek() ? airPlace() : null;
  const now = document ? onAir(document, place) : { now: new Set<string>(), next: new Set<string>() };
  if (!isSame(now.now, air.peek().now) || !isSame(now.next, air.peek().next)) air.value = now;
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((id) => b.has(id));
