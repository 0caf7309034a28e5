/** All recordings, each with how far its analysis is. */
import type { Recording } from '../../../protocol/resources.js';
import type { AnalysisState } from '../../../protocol/analysis.js';
import { addressOf } from '../../lib/highlights/address.js';
import type { Said } from '../../lib/words.js';
import { recordingId, summaryOf } from '../../store/highlights.js';
import { snapshot } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, State } from '../parts.js';
import { About, RECORDING_STATES, whenOf } from '../recordings.js';

const t = texts.highlights;
const STATES: Record<AnalysisState, Said> = {
  none: { word: t.states.none, tone: 'quiet' }, waiting: { word: t.states.waiting, tone: 'busy' }, working: { word: t.states.working, tone: 'busy' },
  ready: { word: t.states.ready, tone: 'good' }, failed: { word: t.states.failed, tone: 'bad' },
};

export function RecordingList() {
  const recordings = snapshot.value?.recordings ?? [];
  return (
    <Card id="analysed" title={t.recordings}>
      {recordings.length === 0 && <p class="empty">{t.noRecordings}</p>}
      <ul class="list analysed">
        {recordings.map((recording) => (
          <li key={recording.id} data-recording={recording.id} class={recording.id === recordingId.value ? 'chosen' : ''}>
            {summaryOf(recording.id)
              ? <a href={addressOf(recording.id)} aria-current={recording.id === recordingId.value ? 'true' : undefined} title={t.open(whenOf(recording))}><About recording={recording} /></a>
              : <About recording={recording} />}
            <StateOf recording={recording} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function StateOf({ recording }: { recording: Recording }) {
  const summary = summaryOf(recording.id);
  if (recording.state !== 'ready' || !summary) return <State said={RECORDING_STATES[recording.state]} />;
  return <State said={STATES[summary.state]} detail={summary.state === 'working' ? t.percent(summary.progress) : undefined} title={summary.error?.message} />;
}
