/** While nothing is over the program and nothing is wrong with it: that this is so, and how it goes, in the line that is kept for what there is to tell. */
import { bitrate } from '../../lib/words.js';
import { connection, status } from '../../store/state.js';
import { texts } from '../../texts.js';

const words = texts.live;

/** Hidden by the styles as soon as anything is told. Its figures are those of the card of figures, which a screen reader finds there. */
export function Calm() {
  const now = connection.value === 'lost' ? null : status.value;
  if (!now) return <p class="calm">{texts.shell.notKnown}</p>;
  return (
    <p class="calm">
      <span class="state good"><i aria-hidden="true" />{words.calm}</span>
      {now.program && <span class="figure" aria-hidden="true">{words.figures.fps(now.program.fps.toFixed(1))}</span>}
      {now.encoder && <span class="figure" aria-hidden="true">{bitrate(now.encoder.kbps)}</span>}
    </p>
  );
}
