/** All recordings: to be played here, downloaded and deleted. */
import { useState } from 'preact/hooks';
import { addressOf } from '../../lib/highlights/address.js';
import { deleteRecording } from '../../store/media.js';
import { recordings } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, ConfirmButton, State } from '../parts.js';
import { About, Download, fileOf, RECORDING_STATES, whenOf } from '../recordings.js';

const t = texts.media.recordings;
const MORE = 20;

export function AllRecordings() {
  const [count, setCount] = useState(MORE);
  const [playing, setPlaying] = useState<string | null>(null);
  return (
    <Card id="recordings" title={t.title}>
      {recordings.value.length === 0 && <p class="empty">{t.none}</p>}
      <ul class="list">
        {recordings.value.slice(0, count).map((recording) => (
          <li key={recording.id} data-recording={recording.id}>
            <div class="row wrap">
              <About recording={recording} />
              <State said={RECORDING_STATES[recording.state]} />
              {recording.state === 'ready' && (
                <button type="button" class="small" aria-expanded={playing === recording.id} aria-label={playing === recording.id ? t.stop : t.playOf(whenOf(recording))} onClick={() => setPlaying(playing === recording.id ? null : recording.id)}>
                  {playing === recording.id ? t.stop : t.play}
                </button>
              )}
              {recording.state === 'ready' && <a class="button small" href={addressOf(recording.id)} title={texts.highlights.open(whenOf(recording))}>{texts.pages.highlights}</a>}
              {recording.state === 'ready' && <Download recording={recording} />}
              {recording.state !== 'recording' && (
                <ConfirmButton label={t.delete} class="plain" ariaLabel={t.deleteOf(whenOf(recording))} question={t.deleteQuestion(whenOf(recording))} yes={t.delete} onYes={() => void deleteRecording(recording.id)} />
              )}
            </div>
            {recording.error && <p class="sentence bad">{recording.error.message}</p>}
            {playing === recording.id && <video class="recording-player" controls autoplay playsInline src={fileOf(recording)} aria-label={t.player(whenOf(recording))} />}
          </li>
        ))}
      </ul>
      {recordings.value.length > count && <button type="button" onClick={() => setCount(count + MORE)}>{t.more}</button>}
    </Card>
  );
}
