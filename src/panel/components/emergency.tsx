/**
 * What is over the program: the emergency picture, at one press and without a question, an insert with what is left of it, and
 * whatever was put over a timeline.
 */
import { duration } from '../lib/words.js';
import { beginEmergency, release, stopInsert } from '../store/actions.js';
import { connection, emergencyName, overriddenName, snapshot, status } from '../store/state.js';

/** Red all the time it is on, with the way out beside it. */
export function EmergencyButton() {
  const isOn = (snapshot.value?.emergency ?? null) !== null;
  const cannot = connection.value !== 'open';
  if (isOn) return <button type="button" class="danger small" disabled={cannot} onClick={() => void release('emergency')}>Release emergency</button>;
  return (
    <button type="button" class="emergency small" disabled={cannot} title="Puts the emergency picture over everything at once" onClick={() => void beginEmergency()}>Emergency</button>
  );
}

/** Lines above the picture: what viewers see instead of the program, or in it. */
export function OverProgram() {
  const emergency = emergencyName.value;
  const insert = status.value?.insert;
  const covered = overriddenName.value;
  const fps = snapshot.value?.settings.video.fps ?? 0;
  if (connection.value === 'lost') return null;
  return (
    <>
      {emergency !== null && (
        <p class="strip emergency-on" role="alert"><strong>Emergency</strong> <span class="grow">{emergency} is over everything. Nothing else can be put on program until it is released.</span></p>
      )}
      {covered !== null && emergency === null && (
        <p class="strip">
          <span class="grow"><strong>{covered}</strong> goes on beneath and comes back with the release, where it would be by then.</span>
          <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void release('timeline')}>Release</button>
        </p>
      )}
      {insert && (
        <p class="strip">
          <span class="tally">Insert</span>
          <span class="grow"><strong>{insert.name}</strong>{fps > 0 && <span class="figure"> {duration(((insert.frames - insert.aired) * 1000) / fps + 999)} left</span>}</span>
          <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void stopInsert()}>Stop</button>
        </p>
      )}
    </>
  );
}
