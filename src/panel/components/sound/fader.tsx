/** A fader: moved by finger, mouse or keys, from where it is; twice pressed it goes to 0 dB. */
import { useRef } from 'preact/hooks';
import { LEAST_GAIN_DB, MOST_GAIN_DB } from '../../../protocol/sound.js';
import { dbAt, dbText, placeOf, stepped } from '../../lib/fader.js';

const STEP_DB = 0.5;
const BIG_STEP_DB = 3;
/** With the shift key, the same way of the hand moves it less. */
const FINE = 0.2;
const TWICE_MS = 350;
/** A hand that presses does not keep still. */
const STILL_PX = 4;
const MARKS = [12, 6, 0, -5, -10, -20, -30, -40];

const KEYS: Readonly<Record<string, (db: number) => number>> = {
  ArrowUp: (db) => stepped(db, STEP_DB), ArrowRight: (db) => stepped(db, STEP_DB),
  ArrowDown: (db) => stepped(db, -STEP_DB), ArrowLeft: (db) => stepped(db, -STEP_DB),
  PageUp: (db) => stepped(db, BIG_STEP_DB), PageDown: (db) => stepped(db, -BIG_STEP_DB),
  Home: () => LEAST_GAIN_DB, End: () => MOST_GAIN_DB,
};

export function Fader({ label, db, disabled, onMove }: { label: string; db: number; disabled: boolean; onMove(db: number): void }) {
  const track = useRef<HTMLDivElement>(null);
  /** Under the finger: where that is, and where the fader was, finer than its dB. */
  const hand = useRef<{ y: number; place: number; way: number } | null>(null);
  const pressedMs = useRef(-Infinity);

  const down = (event: PointerEvent) => {
    if (disabled || event.button !== 0) return;
    event.preventDefault();
    track.current?.focus({ preventScroll: true });
    track.current?.setPointerCapture(event.pointerId);
    hand.current = { y: event.clientY, place: placeOf(db), way: 0 };
  };
  const drag = (event: PointerEvent) => {
    const at = hand.current;
    if (!at || !track.current) return;
    const way = (at.y - event.clientY) / track.current.clientHeight;
    at.way += Math.abs(at.y - event.clientY);
    at.y = event.clientY;
    if (way === 0 || at.way < STILL_PX) return;
    at.place = Math.min(1, Math.max(0, at.place + way * (event.shiftKey ? FINE : 1)));
    onMove(dbAt(at.place));
  };
  const up = (event: PointerEvent) => {
    const at = hand.current;
    hand.current = null;
    if (!at || at.way >= STILL_PX) return;
    if (event.timeStamp - pressedMs.current < TWICE_MS) onMove(0);
    pressedMs.current = event.timeStamp;
  };
  const key = (event: KeyboardEvent) => {
    const to = KEYS[event.key];
    if (!to || disabled || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    onMove(to(db));
  };

  return (
    <div
      ref={track} class="fader" role="slider" tabIndex={disabled ? -1 : 0} aria-label={label} aria-orientation="vertical" aria-disabled={disabled}
      aria-valuemin={LEAST_GAIN_DB} aria-valuemax={MOST_GAIN_DB} aria-valuenow={db} aria-valuetext={dbText(db)}
      onPointerDown={down} onPointerMove={drag} onPointerUp={up} onPointerCancel={() => { hand.current = null; }} onKeyDown={key}
    >
      {MARKS.map((mark) => <span key={mark} class={`mark ${mark === 0 ? 'zero' : ''}`} style={{ bottom: `${placeOf(mark) * 100}%` }} aria-hidden="true">{mark > 0 ? `+${mark}` : String(mark).replace('-', '−')}</span>)}
      <i class="slot" aria-hidden="true" />
      <i class="thumb" style={{ bottom: `${placeOf(db) * 100}%` }} aria-hidden="true" />
    </div>
  );
}
