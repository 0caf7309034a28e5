/** What the keys do, to be opened and read. */
import { texts } from '../../texts.js';

export function KeysHelp() {
  const { keys } = texts.timelines;
  return (
    <details class="tl-keys">
      <summary>{keys.title}</summary>
      <p class="hint" id="clips-keys">{keys.hint}</p>
      <dl>{keys.list.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
    </details>
  );
}
