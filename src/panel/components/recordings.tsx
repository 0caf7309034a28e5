/** The newest recordings, to be downloaded when they are finished; and how one is told of. */
import type { Recording } from '../../protocol/resources.js';
import { addressOf } from '../lib/highlights/address.js';
import { dateAndMinute } from '../lib/when.js';
import { duration, size, type Said } from '../lib/words.js';
import { recordings } from '../store/state.js';
import { texts } from '../texts.js';
import { Card, State } from './parts.js';

const t = texts.media.recordings;
export const RECORDING_STATES: Record<Recording['state'], Said> = {
  recording: { word: t.states.recording, tone: 'bad' },
  finishing: { word: t.states.finishing, tone: 'busy' },
  ready: { word: t.states.ready, tone: 'good' },
  failed: { word: t.states.failed, tone: 'bad' },
};
const SHOWN = 8;

export const whenOf = ({ startedAt }: Recording): string => dateAndMinute(new Date(startedAt));
export const fileOf = ({ id }: Recording): string => `/api/v1/recordings/${encodeURIComponent(id)}/file`;

export function Recordings() {
  if (recordings.value.length === 0) return null;
  return (
    <Card id="recordings" title={t.title}>
      <ul class="list">
        {recordings.value.slice(0, SHOWN).map((recording) => (
          <li key={recording.id}>
            <div class="row"><About recording={recording} />{recording.state === 'ready' ? <><a class="button small" href={addressOf(recording.id)} title={texts.highlights.open(whenOf(recording))}>{texts.pages.highlights}</a><Download recording={recording} /></> : <State said={RECORDING_STATES[recording.state]} />}</div>
            {recording.error && <p class="sentence bad">{recording.error.message}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function About({ recording }: { recording: Recording }) {
  const { durationMs, bytes } = recording;
  return (
    <span class="grow">
      <strong>{whenOf(recording)}</strong>
      <span class="sub">{[durationMs === null ? '' : duration(durationMs), bytes === null ? '' : size(bytes)].filter(Boolean).join(' · ')}</span>
    </span>
  );
}

export const Download = ({ recording }: { recording: Recording }) => (
  <a class="button small" href={fileOf(recording)} download aria-label={t.downloadOf(whenOf(recording))}>{t.download}</a>
);
