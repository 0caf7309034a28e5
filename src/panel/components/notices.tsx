/** What went wrong just now, each to be put away by hand or by itself. */
import { dismiss } from '../store/actions.js';
import { notices } from '../store/state.js';

export function Notices() {
  return (
    <div class="notices" role="alert" aria-live="assertive">
      {notices.value.map(({ id, tone, text }) => (
        <div key={id} class={`notice ${tone}`}>
          <p>{text}</p>
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(id)}>×</button>
        </div>
      ))}
    </div>
  );
}
