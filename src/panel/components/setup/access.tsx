/** Who may come in, and how to leave. */
import { leave } from '../../store/actions.js';
import { texts } from '../../texts.js';
import { Card } from '../parts.js';

const t = texts.setup.access;

export function Access() {
  return (
    <Card id="access" title={t.title}>
      <div class="fields">
        <p>{t.token} <code>{texts.login.command}</code> {t.shows}</p>
        <p class="hint">{t.change}</p>
        <p class="hint">{t.session}</p>
        <button type="button" onClick={() => void leave()}>{t.logOut}</button>
      </div>
    </Card>
  );
}
