/** What went wrong just now, each to be put away by hand or by itself. */
import { dismiss } from '../store/actions.js';
import { notices } from '../store/state.js';
import { texts } from '../texts.js';
import { Icon } from './icons.js';

export function Notices() {
  return (
    <div class="notices" role="alert" aria-live="assertive">
      {notices.value.map(({ id, tone, text }) => (
        <div key={id} class={`notice ${tone}`}>
          <p>{text}</p>
          <button type="button" class="plain" aria-label={texts.shell.dismiss} onClick={() => dismiss(id)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}
