/** Highlights: what was found in each recording, to be looked at, trimmed, decided and exported. */
import { useEffect } from 'preact/hooks';
import { Clips } from '../components/highlights/clips.js';
import { HighlightList } from '../components/highlights/highlight-list.js';
import { Metadata } from '../components/highlights/metadata.js';
import { ModelCard } from '../components/highlights/model-card.js';
import { Player } from '../components/highlights/player.js';
import { RecordingList } from '../components/highlights/recording-list.js';
import { Standing } from '../components/highlights/standing.js';
import { analysis, followHighlights, problem, recordingId } from '../store/highlights.js';
import { snapshot } from '../store/state.js';
import { texts } from '../texts.js';
import '../styles/highlights.css';

const t = texts.highlights;

export function HighlightsPage() {
  useEffect(followHighlights, []);
  const id = recordingId.value;
  return (
    <>
      <h2 class="unseen">{texts.pages.highlights}</h2>
      <RecordingList />
      {id !== null ? <div class="column"><One key={id} id={id} /></div> : snapshot.value?.recordings.length ? <div class="column"><p class="card empty">{t.chooseOne}</p></div> : null}
      <ModelCard />
    </>
  );
}

function One({ id }: { id: string }) {
  const found = analysis.value;
  if (!found || found.recordingId !== id) return <p class="card empty" role="status">{problem.value ?? texts.page.loading}</p>;
  const hasResult = found.durationMs !== null;
  return (
    <>
      <Standing found={found} />
      {hasResult && (
        <>
          <Player id={id} found={found} />
          <HighlightList id={id} found={found} />
          <Clips id={id} found={found} />
          <Metadata id={id} found={found} />
        </>
      )}
    </>
  );
}
