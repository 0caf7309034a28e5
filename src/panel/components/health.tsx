/** Says in a sentence what is wrong with the server itself, above everything else. */
import { away, connection, snapshot, status } from '../store/state.js';

const WITHOUT: Record<string, string> = {
  ingest: 'Cameras are taken in again as soon as it is back; the program shows their fallbacks.',
  engine: 'The program is interrupted; destinations stay connected.',
  egress: 'Destinations, recording and preview come back by themselves.',
  sidecar: 'Recordings are finished as soon as it is back; nothing on air is affected.',
};

export function Health() {
  const sentences = connection.value === 'lost'
    ? ['The studio cannot be reached. What is on air goes on without it; this page connects again by itself.']
    : snapshot.value === null ? [] : away.value.map((role) => `The ${role} process does not answer and is being started again. ${WITHOUT[role] ?? ''}`);
  const encoder = status.value?.encoder;
  if (connection.value === 'open' && encoder?.state === 'failed') sentences.push(`The encoder cannot start: ${encoder.error?.message ?? 'it says no reason.'}`);
  return (
    <div role="alert" class="health">
      {sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}
    </div>
  );
}
