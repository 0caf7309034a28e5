/** Says in a sentence what is wrong with the server itself, above everything else. */
import { away, connection, framesDropped, snapshot, status } from '../store/state.js';

const WITHOUT: Record<string, string> = {
  ingest: 'Cameras are taken in again as soon as it is back; the program shows their fallbacks.',
  engine: 'The program is interrupted; destinations stay connected.',
  egress: 'Destinations, recording and preview come back by themselves.',
  sidecar: 'Recordings are finished as soon as it is back; nothing on air is affected.',
};

export function Health() {
  const sentences = connection.value === 'lost'
    ? ['The studio cannot be reached. What was on air may go on without it; this page connects again by itself.']
    : snapshot.value === null ? [] : away.value.map((role) => `The ${role} process does not answer and is being started again. ${WITHOUT[role] ?? ''}`);
  if (connection.value === 'open') sentences.push(...encoderTrouble());
  return (
    <div role="alert" class="health">
      {sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}
    </div>
  );
}

function encoderTrouble(): string[] {
  const encoder = status.value?.encoder;
  if (encoder?.state === 'failed') return [`The encoder cannot start: ${encoder.error?.message ?? 'it says no reason.'}`];
  if (encoder?.error) return [encoder.error.message];
  if (framesDropped.value === 0) return [];
  return [
    `The encoder is too slow for this machine: ${framesDropped.value} frames dropped in the last 10 seconds. `
    + 'Choose a faster preset, fewer frames a second or a smaller picture: presets/encoder/weak-machine-720p30.json is all three.',
  ];
}
