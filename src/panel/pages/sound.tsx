/** The sound mixer: a strip for each source, one for the program, and what is listened to here. */
import { useEffect } from 'preact/hooks';
import { Listening } from '../components/sound/listening.js';
import { ProgramStrip, SourceStrip } from '../components/sound/strip.js';
import { listen, showAll, soundSources, strips } from '../store/sound.js';
import { texts } from '../texts.js';
import '../styles/sound.css';

const t = texts.sound;

export function SoundPage() {
  useEffect(listen, []);
  const hidden = soundSources.value.length - strips.value.length;
  return (
    <section class="card mixer" aria-labelledby="mixer-title">
      <div class="card-head">
        <h2 id="mixer-title">{t.mixer}</h2>
        <Listening />
      </div>
      <div class="mixer-body">
        {strips.value.length === 0
          ? <p class="empty">{t.empty}</p>
          : <ul class="strips" aria-label={t.sources} tabIndex={0}>{strips.value.map((source) => <SourceStrip key={source.id} source={source} />)}</ul>}
        <ProgramStrip />
      </div>
      {(hidden > 0 || showAll.value) && (
        <button type="button" class="plain" aria-pressed={showAll.value} onClick={() => { showAll.value = !showAll.value; }}>{showAll.value ? t.hideClosed : t.showClosed(hidden)}</button>
      )}
      <p class="hint">{t.hint}</p>
    </section>
  );
}
