/**
 * What is over the program: the emergency picture, at one press and without a question, an insert with what is left of it, and
 * whatever was put over a timeline.
 */
import { duration } from '../lib/words.js';
import { beginEmergency, release, stopInsert } from '../store/actions.js';
import { connection, emergencyName, overriddenName, settings, status } from '../store/state.js';
import { texts } from '../texts.js';
import { TwoWords } from './parts.js';

const words = texts.live.over;

/** Red all the time it is on, with the way out beside it. */
export function EmergencyButton() {
  const isOn = emergencyName.value !== null;
  const cannot = connection.value !== 'open';
  return (
    <button
      type="button" class={`emergency-button ${isOn ? 'danger' : 'emergency'}`} disabled={cannot} title={isOn ? undefined : words.emergencyTitle}
      onClick={() => void (isOn ? release('emergency') : beginEmergency())}
    ><TwoWords first={words.emergency} second={words.releaseEmergency} isSecond={isOn} /></button>
  );
}

/** What viewers see instead of the program, or in it. */
export function OverProgram() {
  const emergency = emergencyName.value;
  const insert = status.value?.insert;
  const covered = overriddenName.value;
  const fps = settings.value?.video.fps ?? 0;
  if (connection.value === 'lost') return null;
  return (
    <>
      {emergency !== null && (
        <p class="strip emergency-on" role="alert"><strong>{words.emergency}</strong> <span class="grow" title={words.emergencyOn(emergency)}>{words.emergencyOn(emergency)}</span></p>
      )}
      {covered !== null && emergency === null && (
        <p class="strip">
          <span class="grow"><strong>{covered}</strong> {words.goesOn}</span>
          <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void release('timeline')}>{words.release}</button>
        </p>
      )}
      {insert && (
        <p class="strip">
          <span class="tally">{words.insert}</span>
          <span class="grow"><strong>{insert.name}</strong>{fps > 0 && <span class="figure"> {words.left(duration(((insert.frames - insert.aired) * 1000) / fps + 999))}</span>}</span>
          <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void stopInsert()}>{words.stop}</button>
        </p>
      )}
    </>
  );
}
