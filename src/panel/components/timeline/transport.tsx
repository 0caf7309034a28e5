/**
 * Playing the open timeline: where it stands on air, and what is done to it there. It is as high whatever plays, begins or ends: the lanes stand below it, and a
 * hand may be on them.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { MIN_REGION_MS } from '../../../protocol/playback.js';
import { timecode } from '../../lib/timeline/time.js';
import { transition } from '../../store/actions.js';
import { connection, onProgramName, snapshot, targets } from '../../store/state.js';
import { isFolder, openId, shown } from '../../store/timeline.js';
import { arm, comeBack, disarm, goRound, pause, play, question, seek, stop, takeOver } from '../../store/timeline-play.js';
import { airPlace, asking, cursorMs, following, isCovered, isOnProgram, played, region, round } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { Confirm, State } from '../parts.js';

const t = texts.timelines;

export function Transport() {
  const isOn = isOnProgram.value;
  const status = played.value;
  const disabled = connection.value !== 'open';
  const isArmed = snapshot.value?.armed === openId.value;
  const document = shown.value;
  // A folder's clips come and go by themselves, and an end or a filler is something to play.
  const isEmpty = document !== null && !isFolder.value && document.durationMs === null && document.filler === null && document.tracks.every(({ clips }) => clips.length === 0);
  const hint = isEmpty ? t.nothingToPlay : undefined;
  return (
    <div class="tl-transport" role="group" aria-label={t.transport}>
      <AirState hint={isOn ? undefined : hint} disabled={disabled} />
      <div class="row wrap">
        {isOn && status?.state === 'playing'
          ? <button type="button" disabled={disabled} onClick={() => void pause(false)}>{t.pause}</button>
          : <button type="button" class="danger" title={hint} disabled={disabled || !document || (isEmpty && !isOn)} onClick={() => void play()}>{isOn ? t.goOn : t.play}</button>}
        {isOn
          ? <button type="button" disabled={disabled || status?.state !== 'playing'} onClick={() => void pause(true)} title={t.pauseLiveHint}>{t.pauseLive}</button>
          : <button type="button" title={hint} disabled={disabled || isEmpty} onClick={() => void play(cursorMs.value)}>{t.playFromCursor}</button>}
        <button type="button" disabled={disabled} onClick={() => seek(cursorMs.value, timecode(cursorMs.value))}>{t.seekToCursor}</button>
        {isOn
          ? <button type="button" disabled={disabled} onClick={() => { question.value = { text: t.askStop, yes: t.stop, act: () => void stop() }; }}>{t.stop}</button>
          : <button type="button" title={hint} disabled={disabled || (isEmpty && !isArmed)} aria-pressed={isArmed} onClick={() => void (isArmed ? disarm() : arm())}>{isArmed ? t.disarm : t.arm}</button>}
        <label class="tl-check"><input type="checkbox" checked={following.value} onChange={(event) => { following.value = event.currentTarget.checked; }} />{t.follow}</label>
        <label class="tl-check"><input type="checkbox" checked={asking.value} onChange={(event) => { asking.value = event.currentTarget.checked; }} />{t.ask}</label>
      </div>
      {question.value && <Confirm question={question.value.text} yes={question.value.yes} onAnswer={(yes) => { const { act } = question.value!; question.value = null; if (yes) act(); }} />}
    </div>
  );
}

/** Where it stands on air, and what ends what stands in its way there. One line that is always there. */
function AirState({ hint, disabled }: { hint: string | undefined; disabled: boolean }) {
  const status = played.value;
  if (!status || status.state === 'stopped') {
    return (
      <div class="tl-air-state">
        <span class="state quiet"><i aria-hidden="true" />{onProgramName.value === undefined ? t.notOnProgram : t.otherOnProgram(onProgramName.value)}</span>
        {hint !== undefined && <span class="hint" role="status">{hint}</span>}
      </div>
    );
  }
  const covered = isCovered.value;
  return (
    <div class="tl-air-state">
      {isOnProgram.value && !covered ? <span class="tally">{t.onProgram}</span> : covered ? <span class="tl-mark covered">{t.covered}</span> : null}
      <State said={{ word: t.states[status.state], tone: status.state === 'playing' ? 'good' : status.state === 'preparing' ? 'busy' : 'quiet' }} />
      <Position />
      {status.lap > 0 && <span class="quiet-word">{t.lap(status.lap + 1)}</span>}
      {status.failedClips > 0 && <span class="state bad"><i aria-hidden="true" />{t.failedClips(status.failedClips)}</span>}
      {status.lateClips > 0 && <span class="state busy"><i aria-hidden="true" />{t.lateClips(status.lateClips)}</span>}
      {status.overridden && (
        <>
          <button type="button" class="small primary" disabled={disabled} onClick={() => void comeBack('now')}>{t.release}</button>
          <button type="button" class="small" disabled={disabled} onClick={() => void comeBack('left')}>{t.releaseLeft}</button>
        </>
      )}
      {isOnProgram.value && <TakeOver />}
      {isOnProgram.value && <Round disabled={disabled || covered} />}
    </div>
  );
}

/** Goes on by itself, ten times a second. */
function Position() {
  const text = useRef<HTMLSpanElement>(null);
  // Ends with the text, not after the next paint.
  useLayoutEffect(() => {
    const say = () => { text.current!.textContent = timecode(airPlace() ?? 0).slice(0, -2); };
    say();
    const timer = setInterval(say, 100);
    return () => clearInterval(timer);
  }, []);
  return <span class="figure" ref={text} aria-label={t.position} />;
}

/** The region that is marked, to be gone round on air; and the one that is. */
function Round({ disabled }: { disabled: boolean }) {
  const marked = region.value;
  const now = round.value;
  if (!marked && !now) return null;
  const tooShort = marked !== null && marked.toMs - marked.fromMs < MIN_REGION_MS;
  const isSame = marked !== null && now !== null && Math.abs(marked.fromMs - now.fromMs) < 50 && Math.abs(marked.toMs - now.toMs) < 50;
  return (
    <span class="row wrap" role="group" aria-label={t.round}>
      {now && <span class="state good"><i aria-hidden="true" />{t.goesRound(timecode(now.fromMs), timecode(now.toMs))}</span>}
      {marked && !isSame && <button type="button" class="small" title={tooShort ? t.regionTooShort : t.goRoundHint} disabled={disabled || tooShort} onClick={() => goRound(marked)}>{t.goRound}</button>}
      {now && <button type="button" class="small" disabled={disabled} onClick={() => goRound(null)}>{t.goOnPast}</button>}
    </span>
  );
}

function TakeOver() {
  const [chosen, setChosen] = useState('');
  const target = targets.value.find(({ id }) => id === chosen);
  const { kind, durationMs } = transition.value;
  return (
    <span class="row tl-choice">
      <select aria-label={t.takeOverWhat} value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
        <option value="">{t.takeOverWhat}</option>
        {targets.value.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
      </select>
      <button
        type="button" class="small" disabled={!target || connection.value !== 'open'} title={t.takeOverHint(t.transitions[kind], kind === 'cut' ? 0 : durationMs)}
        onClick={() => { if (target && !('timelineId' in target.key)) void takeOver(target.key, target.name); }}
      >{t.takeOver}</button>
    </span>
  );
}
