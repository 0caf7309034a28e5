/** A fader's scale: where a level lies on it, how it is written, and what a person types means. Pure. */
import { LEAST_GAIN_DB, MOST_GAIN_DB } from '../../protocol/sound.js';

/** Places on the way from the lower end to the upper: fine where it matters, around 0 dB. */
const TAPER: readonly (readonly [place: number, db: number])[] = [[0, LEAST_GAIN_DB], [0.1, -40], [0.25, -25], [0.5, -10], [0.75, 0], [1, MOST_GAIN_DB]];

const clamp = (db: number): number => Math.min(MOST_GAIN_DB, Math.max(LEAST_GAIN_DB, db));
/** A tenth of a dB is finer than anybody hears. */
const round = (db: number): number => Math.round(db * 10) / 10 || 0;

/** 0..1 → dB. */
export function dbAt(place: number): number {
  const at = Math.min(1, Math.max(0, place));
  const above = Math.max(1, TAPER.findIndex(([p]) => p >= at));
  const [[p0, d0], [p1, d1]] = [TAPER[above - 1]!, TAPER[above]!];
  return round(d0 + ((d1 - d0) * (at - p0)) / (p1 - p0));
}

/** dB → 0..1. */
export function placeOf(db: number): number {
  const wanted = clamp(db);
  const above = Math.max(1, TAPER.findIndex(([, d]) => d >= wanted));
  const [[p0, d0], [p1, d1]] = [TAPER[above - 1]!, TAPER[above]!];
  return p0 + ((p1 - p0) * (wanted - d0)) / (d1 - d0);
}

/** By half a dB and the like, on a grid of those steps. */
export function stepped(db: number, by: number): number {
  const size = Math.abs(by);
  const grid = by > 0 ? Math.floor(round(db / size) + 1e-9) : Math.ceil(round(db / size) - 1e-9);
  return round(clamp((grid + Math.sign(by)) * size));
}

/** `−6.5 dB`, `+3.0 dB`, `0.0 dB`; the lower end is `−∞ dB`. */
export function dbText(db: number): string {
  if (db <= LEAST_GAIN_DB) return '−∞ dB';
  return `${db > 0 ? '+' : db < 0 ? '−' : ''}${Math.abs(db).toFixed(1)} dB`;
}

/** What a person typed; null: that is no level. */
export function readDb(text: string): number | null {
  const plain = text.trim().toLowerCase().replace(/\s*db$/, '').replace('−', '-').replace(',', '.').trim();
  if (/^-?(∞|inf|infinity|off)$/.test(plain)) return LEAST_GAIN_DB;
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? round(clamp(Number(plain))) : null;
}
