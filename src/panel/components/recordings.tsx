/** The newest recordings, to be downloaded when they are finished. */
import type { Recording } from '../../protocol/resources.js';
import { duration, size, type Said } from '../lib/words.js';
import { snapshot } from '../store/state.js';
import { Card, State } from './parts.js';

const STATES: Record<Recording['state'], Said> = {
  recording: { word: 'Recording', tone: 'bad' },
  finishing: { word: 'Finishing', tone: 'busy' },
  ready: { word: 'Ready', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
};
const SHOWN = 8;

export function Recordings() {
  const recordings = snapshot.value?.recordings ?? [];
  if (recordings.length === 0) return null;
  return (
    <Card id="recordings" title="Recordings">
      <ul class="list">
        {recordings.slice(0, SHOWN).map((recording) => (
          <li key={recording.id}>
            <div class="row">
              <span class="grow">
                <strong>{new Date(recording.startedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}</strong>
                <span class="sub">{[recording.durationMs === null ? '' : duration(recording.durationMs), recording.bytes === null ? '' : size(recording.bytes)].filter(Boolean).join(' · ')}</span>
              </span>
              {recording.state === 'ready'
                ? <a class="button small" href={`/api/v1/recordings/${encodeURIComponent(recording.id)}/file`} download>Download</a>
                : <State said={STATES[recording.state]} />}
            </div>
            {recording.error && <p class="sentence bad">{recording.error.message}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
