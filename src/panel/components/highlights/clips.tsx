/** Exports: which form clips are to have, how far they are, and their files. */
import { useState } from 'preact/hooks';
import type { Analysis, ClipStatus } from '../../../protocol/analysis.js';
import { clockTime } from '../../lib/timeline/time.js';
import { size, type Said } from '../../lib/words.js';
import { clipOf, deleteClip, exportClips, takeAll } from '../../store/highlights.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, ConfirmButton, Field, State } from '../parts.js';

const t = texts.highlights.clips;
const STATES: Record<ClipStatus['state'], Said> = {
  waiting: { word: t.states.waiting, tone: 'quiet' }, working: { word: t.states.working, tone: 'busy' }, ready: { word: t.states.ready, tone: 'good' }, failed: { word: t.states.failed, tone: 'bad' },
};

export function Clips({ id, found }: { id: string; found: Analysis }) {
  const [shape, setShape] = useState<ClipStatus['shape']>('wide');
  const [captions, setCaptions] = useState(false);
  const accepted = found.highlights.filter(({ decision }) => decision?.verdict === 'accepted').length;
  return (
    <Card id="clips" title={t.title}>
      <form class="row wrap hl-export" onSubmit={(event) => { event.preventDefault(); void exportClips(id, { shape, captions: captions && found.transcript }); }}>
        <Field label={t.shape}>
          {(field) => (
            <select {...field} value={shape} onChange={(event) => setShape(event.currentTarget.value as typeof shape)}>
              {(['wide', 'vertical'] as const).map((one) => <option key={one} value={one}>{t.shapes[one]}</option>)}
            </select>
          )}
        </Field>
        <label class="row tick"><input type="checkbox" checked={captions && found.transcript} disabled={!found.transcript} onChange={(event) => setCaptions(event.currentTarget.checked)} />{t.captions}</label>
        <button type="submit" class="primary" disabled={accepted === 0 || connection.value !== 'open'}>{t.export(accepted)}</button>
      </form>
      {!found.transcript && <p class="sentence">{t.noTranscript}</p>}
      {accepted === 0 && <p class="sentence">{t.acceptFirst}</p>}
      {found.clips.length > 0 && <ul class="list">{found.clips.map((clip) => <Item key={clip.id} id={id} clip={clip} />)}</ul>}
      <TakeAll id={id} clips={found.clips} />
    </Card>
  );
}

/** All at once: half of it would look like all. */
function TakeAll({ id, clips }: { id: string; clips: readonly ClipStatus[] }) {
  const isBusy = clips.some(({ state }) => state === 'waiting' || state === 'working');
  return (
    <div class="row wrap hl-all">
      <p class="grow hint" id="take-all-hint">{isBusy ? t.allLater : t.allHint}</p>
      <button type="button" disabled={isBusy || connection.value !== 'open'} aria-describedby="take-all-hint" onClick={() => void takeAll(id)}>{t.all}</button>
    </div>
  );
}

function Item({ id, clip }: { id: string; clip: ClipStatus }) {
  const name = t.name(clockTime(clip.startMs), clockTime(clip.endMs), t.shapes[clip.shape], clip.captions);
  return (
    <li data-clip={clip.id} data-state={clip.state}>
      <div class="row wrap">
        <span class="grow"><strong class="figure">{name}</strong><span class="sub">{[clip.cut === null ? '' : t.cuts[clip.cut], clip.bytes === null ? '' : size(clip.bytes)].filter(Boolean).join(' · ')}</span></span>
        <State said={STATES[clip.state]} />
        {clip.state === 'ready' && <a class="button small" href={clipOf(id, clip.id)} download aria-label={t.downloadOf(name)}>{t.download}</a>}
        <ConfirmButton label={t.delete} class="plain" ariaLabel={t.deleteOf(name)} question={t.deleteQuestion(name)} yes={t.delete} onYes={() => void deleteClip(id, clip.id)} />
      </div>
      {clip.state === 'working' && <progress value={clip.progress > 0 ? clip.progress : undefined} max={1} aria-label={t.progressOf(name)} />}
      {clip.error && <p class="sentence bad">{clip.error.message}</p>}
    </li>
  );
}
