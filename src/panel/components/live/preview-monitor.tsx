/** The monitor of preview: what is armed, as it would be on program. */
import { connection, findTarget, onPreview } from '../../store/state.js';
import { arm } from '../../store/switching.js';
import { texts } from '../../texts.js';
import { TilePicture } from '../tile.js';
import { PREVIEW_TILE } from '../../../protocol/tile.js';

const words = texts.live.preview;
const PICTURE_WIDTH = 640;
const PICTURES_PER_SECOND = 10;

export function PreviewMonitor() {
  const target = findTarget(onPreview.value);
  const isLost = connection.value === 'lost';
  return (
    <section class="monitor preview" aria-labelledby="preview-title" id="preview">
      <div class="monitor-head">
        <h2 id="preview-title">{words.title}</h2>
        <p class={`now ${isLost ? 'past' : ''}`} data-testid="on-preview">{target ? <><span class="now-word">{words.armed}</span><strong>{target.name}</strong></> : words.nothing}</p>
        {target && <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => void arm(null)}>{words.clear}</button>}
      </div>
      <div class="screen">
        {target ? <TilePicture id={PREVIEW_TILE} width={PICTURE_WIDTH} fps={PICTURES_PER_SECOND} class="picture" label={words.picture} /> : <p class="over">{words.hint}</p>}
      </div>
    </section>
  );
}
