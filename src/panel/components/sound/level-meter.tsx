/**
 * A meter of two channels with peak hold, and its own scale: the figures of the fader beside it are of another one. Twenty levels a second go past the
 * components, straight to its bars.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Draw } from '../../lib/level-board.js';
import { FLOOR_DB, MeterHold, part } from '../../lib/meter.js';
import { levelBoard } from '../../store/session.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';

/** How often a screen reader can find another figure. */
const SPOKEN_EVERY_MS = 1000;
/** Without a level for so long, none comes. */
const ENDED_MS = 200;
/** dBFS that are written beside it: as far apart as words of ten pixels need where the meter is lowest, on a phone. */
const MARKS = [0, -6, -12, -18, -24, -36, -48, FLOOR_DB];
const SILENCE = { id: '', peak: [-100, -100], rms: [-100, -100] };

/** @param clipDb from here on it is too much, which `clipWord` says until it is acknowledged */
export function LevelMeter({ id, label, clipDb, clipWord }: { id: string; label: string; clipDb: number; clipWord: string }) {
  const root = useRef<HTMLDivElement>(null);
  const holds = useRef<MeterHold[]>([]);
  const [clipped, setClipped] = useState(false);

  useEffect(() => {
    holds.current = [new MeterHold(clipDb), new MeterHold(clipDb)];
    const bars = [...root.current!.querySelectorAll<HTMLElement>('.channel')].map((channel) => [...channel.children] as HTMLElement[]);
    let spokenMs = -Infinity;
    let ended: ReturnType<typeof setTimeout> | undefined;
    const draw: Draw = ({ peak: peaks, rms: loud }) => {
      clearTimeout(ended);
      const nowMs = performance.now();
      holds.current.forEach((hold, channel) => {
        hold.take(peaks[channel] ?? FLOOR_DB, loud[channel] ?? FLOOR_DB, nowMs);
        const [peak, rms, line] = bars[channel]!;
        peak!.style.transform = `scaleY(${part(hold.peak)})`;
        rms!.style.clipPath = `inset(${(1 - part(hold.rms)) * 100}% 0 0 0)`;
        line!.style.bottom = `${part(hold.hold) * 100}%`;
        if (hold.clipped) setClipped(true);
      });
      // One that is closed sends none any more: its bars fall all the same.
      if (holds.current.some(({ hold }) => hold > FLOOR_DB)) ended = setTimeout(() => draw(SILENCE), ENDED_MS);
      if (nowMs - spokenMs < SPOKEN_EVERY_MS) return;
      spokenMs = nowMs;
      const db = Math.round(Math.max(...holds.current.map(({ peak }) => peak)));
      root.current?.setAttribute('aria-valuenow', String(db));
      root.current?.setAttribute('aria-valuetext', db <= FLOOR_DB ? texts.sound.silent : `${String(db).replace('-', '−')} dB`);
    };
    const stop = levelBoard.show(id, draw);
    return () => {
      clearTimeout(ended);
      stop();
    };
  }, [id, clipDb]);

  const acknowledge = () => {
    for (const hold of holds.current) hold.clipped = false;
    setClipped(false);
  };
  return (
    <div class={`level-meter ${connection.value === 'lost' ? 'past' : ''}`}>
      <button type="button" class={`clip ${clipped ? 'on' : ''}`} disabled={!clipped} onClick={acknowledge} aria-label={clipped ? texts.sound.acknowledge(clipWord, label) : texts.sound.noClip(clipWord, label)} title={clipped ? texts.sound.clipTitle : undefined}>{clipWord}</button>
      <div class="bars" ref={root} role="meter" aria-label={label} aria-valuemin={FLOOR_DB} aria-valuemax={0} aria-valuenow={FLOOR_DB} aria-valuetext={texts.sound.silent}>
        {[0, 1].map((channel) => <div key={channel} class="channel"><i class="peak" /><i class="rms" /><i class="hold" /></div>)}
        <p class="dbfs" aria-hidden="true">
          {MARKS.map((db) => <span key={db} style={{ bottom: `${part(db) * 100}%` }}>{String(db).replace('-', '−')}</span>)}
          <b>{texts.sound.dbfs}</b>
        </p>
      </div>
    </div>
  );
}
