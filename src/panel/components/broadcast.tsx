/** Going live, recording, and what is going on now. */
import { useState } from 'preact/hooks';
import { BROADCAST_STATES, NONE_LIVE, NOT_KNOWN, STARTING_LIMIT_MS, duration } from '../lib/words.js';
import { startBroadcast, startRecording, stopBroadcast, stopRecording } from '../store/actions.js';
import { broadcast, connection, destinations, status } from '../store/state.js';
import { texts } from '../texts.js';
import { ConfirmButton } from './parts.js';

const words = texts.live.broadcast;

export function Broadcast() {
  const [busy, setBusy] = useState(false);
  const state = broadcast.value?.state ?? status.value?.state ?? 'standby';
  const said = state === 'starting' && (status.value?.uptimeMs ?? 0) > STARTING_LIMIT_MS ? NONE_LIVE : BROADCAST_STATES[state];
  const recording = status.value?.recording;
  const isRecording = (broadcast.value?.recordingId ?? null) !== null;
  const isLost = connection.value === 'lost';
  const enabled = destinations.value.filter((destination) => destination.enabled).length;
  const reason = enabled > 0 || isLost ? '' : destinations.value.length > 0 ? words.enableFirst : words.addFirst;
  const chosen = status.value?.destinations.filter(({ state }) => state !== 'idle') ?? [];
  const live = chosen.filter(({ state }) => state === 'live').length;
  const cannot = busy || connection.value !== 'open';
  const during = (work: () => Promise<unknown>) => async () => {
    setBusy(true);
    await work();
    setBusy(false);
  };

  return (
    <div class="broadcast" role="group" aria-label={words.title}>
      <p class={`on-air ${isLost ? 'unknown' : state}`} role="status">
        <i aria-hidden="true" />
        <strong>{isLost ? NOT_KNOWN.word : state === 'live' ? words.live : said.word}</strong>
        {!isLost && state !== 'standby' && <span class="figure"> {duration(status.value?.uptimeMs ?? 0)}</span>}
        {!isLost && state === 'live' && live < chosen.length && <span class="figure"> {words.someLive(live, chosen.length)}</span>}
      </p>
      {state === 'standby'
        ? (
          <>
            {reason && <span class="reason" id="go-live-reason">{reason}</span>}
            <button
              type="button" class="primary go" disabled={cannot || enabled === 0} onClick={() => void during(startBroadcast)()}
              {...(reason ? { 'aria-describedby': 'go-live-reason' } : { title: words.goesTo(enabled) })}
            >{words.goLive}</button>
          </>
        )
        : (
          <ConfirmButton
            label={words.end} class="danger go" yes={words.end} disabled={cannot || state === 'stopping'}
            question={words.endQuestion} onYes={() => void during(stopBroadcast)()}
          />
        )}
      {isRecording
        ? (
          <button type="button" class="recording" disabled={cannot} onClick={() => void during(stopRecording)()}>
            <i aria-hidden="true" />{words.stopRecording} {!isLost && <span class="figure">{duration(recording?.durationMs ?? 0)}</span>}
          </button>
        )
        : <button type="button" disabled={cannot} onClick={() => void during(startRecording)()}><i class="record-dot" aria-hidden="true" />{words.record}</button>}
    </div>
  );
}
