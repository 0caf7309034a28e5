/** One channel of the mixer: a source, or the program. */
import type { Source } from '../../../protocol/resources.js';
import { MOST_SOUND_DELAY_MS, PROGRAM_SOUND } from '../../../protocol/sound.js';
import { dbText, readDb } from '../../lib/fader.js';
import { saidOfSource } from '../../lib/words.js';
import { audioOf, hearsProgram, isHeard, move, setMode, soloed, toggleProgram, toggleSolo } from '../../store/sound.js';
import { connection, silentSources, sourceStatus } from '../../store/state.js';
import { texts } from '../../texts.js';
import { State } from '../parts.js';
import { Fader } from './fader.js';
import { LevelMeter } from './level-meter.js';
import { Typed } from './typed.js';

const t = texts.sound;
/** A sample at full scale, less what codecs make of it; and where the program's limiter begins. */
const CLIP_DB = -0.1;
const LIMIT_DB = -0.95;

/** Whole ms, as far as it can be held back; null: that is none. */
function readDelay(typed: string): number | null {
  const plain = typed.trim().replace(/\s*ms$/i, '');
  return /^\d{1,4}$/.test(plain) ? Math.min(MOST_SOUND_DELAY_MS, Number(plain)) : null;
}

export function SourceStrip({ source }: { source: Source }) {
  const { id, name } = source;
  const audio = audioOf(id);
  const status = sourceStatus.value.get(id);
  const said = status && saidOfSource(source.kind, status, false, silentSources.value.has(id));
  const isOff = connection.value !== 'open';
  const heard = isHeard(id);
  const isSolo = soloed.value.has(id);
  const isAlways = audio.mode === 'always';
  return (
    <li class={`channel-strip ${heard ? 'on' : ''}`} aria-label={name} data-strip={id}>
      <div class="strip-head">
        <span class="name" title={name}>{name}</span>
        {heard ? <span class="tally">{audio.muted ? t.onAirMuted : t.onAir}</span> : said ? <State said={said} title={said.hint} /> : <span class="state quiet">{t.notKnown}</span>}
      </div>
      <Desk id={id} name={name} clipDb={CLIP_DB} clipWord={t.clip} />
      <div class="strip-buttons">
        <button type="button" class={`mute ${audio.muted ? 'on' : ''}`} aria-pressed={audio.muted} aria-label={t.muteOf(name)} disabled={isOff} onClick={() => move(id, { muted: !audio.muted })}>{audio.muted ? t.muted : t.mute}</button>
        <button type="button" class={`solo ${isSolo ? 'on' : ''}`} aria-pressed={isSolo} aria-label={t.soloOf(name)} title={t.soloTitle} disabled={isOff} onClick={() => toggleSolo(id)}>{t.solo}</button>
      </div>
      <button type="button" class={`always ${isAlways ? 'on' : ''}`} aria-pressed={isAlways} aria-label={t.alwaysOf(isAlways ? t.always : t.follow, name)} title={t.alwaysTitle} disabled={isOff} onClick={() => void setMode(id, isAlways ? 'follow' : 'always')}>{isAlways ? t.always : t.follow}</button>
      <label class="delay"><span aria-hidden="true">{t.delay}</span>
        <Typed label={t.delayOf(name)} text={`${Math.round(audio.delayMs)} ms`} disabled={isOff} inputMode="numeric" read={readDelay} onTyped={(delayMs) => move(id, { delayMs })} />
      </label>
    </li>
  );
}

export function ProgramStrip() {
  const audio = audioOf(PROGRAM_SOUND);
  const isOff = connection.value !== 'open';
  return (
    <section class="channel-strip master" aria-label={t.program} data-strip={PROGRAM_SOUND}>
      <div class="strip-head">
        <span class="name">{t.program}</span>
        {audio.muted ? <span class="state bad">{t.programMuted}</span> : <span class="state quiet">{t.programHint}</span>}
      </div>
      <Desk id={PROGRAM_SOUND} name={t.program} clipDb={LIMIT_DB} clipWord={t.limit} />
      <div class="strip-buttons">
        <button type="button" class={`mute ${audio.muted ? 'on' : ''}`} aria-pressed={audio.muted} aria-label={t.muteOf(t.program)} disabled={isOff} onClick={() => move(PROGRAM_SOUND, { muted: !audio.muted })}>{audio.muted ? t.muted : t.mute}</button>
        <button type="button" class={`solo ${hearsProgram.value ? 'on' : ''}`} aria-pressed={hearsProgram.value} aria-label={t.hearOf(t.program)} title={t.hearTitle} disabled={isOff} onClick={toggleProgram}>{t.hear}</button>
      </div>
    </section>
  );
}

function Desk({ id, name, clipDb, clipWord }: { id: string; name: string; clipDb: number; clipWord: string }) {
  const { gainDb } = audioOf(id);
  const isOff = connection.value !== 'open';
  const to = (db: number) => move(id, { gainDb: db });
  return (
    <>
      <div class="fader-desk">
        <Fader label={t.faderOf(name)} db={gainDb} disabled={isOff} onMove={to} />
        <LevelMeter id={id} label={t.levelOf(name)} clipDb={clipDb} clipWord={clipWord} />
      </div>
      <Typed label={t.gainOf(name)} text={dbText(gainDb)} disabled={isOff} read={readDb} onTyped={to} />
    </>
  );
}
