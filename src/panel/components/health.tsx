/** Says in a sentence what is wrong with the server itself, above everything else. */
import { useEffect } from 'preact/hooks';
import { texts } from '../texts.js';
import { away, connection, framesDropped, snapshot, status } from '../store/state.js';

const WITHOUT: Record<string, string> = {
  ingest: 'Cameras are taken in again as soon as it is back; the program shows their fallbacks.',
  engine: 'The program is interrupted; destinations stay connected.',
  egress: 'Destinations, recording and preview come back by themselves.',
  sidecar: 'Recordings are finished as soon as it is back; nothing on air is affected.',
};

export function Health() {
  const isLost = connection.value === 'lost';
  useEffect(() => (isLost ? showLost() : undefined), [isLost]);
  const sentences = isLost
    ? [texts.people.lost]
    : snapshot.value === null ? [] : away.value.map((role) => `The ${role} process does not answer and is being started again. ${WITHOUT[role] ?? ''}`);
  if (connection.value === 'open') sentences.push(...encoderTrouble());
  return (
    <div role="alert" class="health">
      {sentences.map((sentence) => <p key={sentence} class={isLost ? 'lost' : ''}>{sentence}</p>)}
    </div>
  );
}

/** In the page's title and colour, for who looks elsewhere; and nothing on the page can be pressed. @returns the undo */
function showLost(): () => void {
  const focused = document.activeElement;
  const main = document.querySelector('main.studio');
  const prefix = `${texts.people.lostTitle} · `;
  document.title = `${prefix}${document.title}`;
  document.documentElement.dataset.connection = 'lost';
  main?.toggleAttribute('inert', true);
  return () => {
    document.title = document.title.replace(prefix, '');
    delete document.documentElement.dataset.connection;
    main?.toggleAttribute('inert', false);
    // Whoever was writing goes on where it was.
    if (focused instanceof HTMLElement && document.activeElement === document.body) focused.focus();
  };
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
