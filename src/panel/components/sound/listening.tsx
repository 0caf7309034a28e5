/** What is heard in this browser, and how loud. Nothing of it touches the program. */
import { clearSolo, hearsProgram, listens, setVolume, soloed, soundSources, stopListening, volume } from '../../store/sound.js';
import { texts } from '../../texts.js';

const t = texts.sound;

export function Listening() {
  const names = soundSources.value.filter(({ id }) => soloed.value.has(id)).map(({ name }) => name);
  return (
    <div class="row listening">
      <p role="status">{names.length > 0 ? t.listensTo(names.join(', ')) : hearsProgram.value ? t.listensTo(t.program) : t.listensToNothing}</p>
      <label class="row"><span>{t.volume}</span>
        <input type="range" min="0" max="1" step="0.01" value={volume.value} onInput={(event) => setVolume(Number(event.currentTarget.value))} />
      </label>
      {soloed.value.size > 0 && hearsProgram.value && <button type="button" onClick={clearSolo}>{t.backToProgram}</button>}
      <button type="button" disabled={!listens.value} onClick={stopListening}>{t.stopListening}</button>
    </div>
  );
}
