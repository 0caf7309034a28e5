/** How the panel looks in this browser, and its first steps again. */
import { chooseTheme, themeChoice, THEMES } from '../../store/theme.js';
import { showFirstSteps } from '../../store/first-steps.js';
import { texts } from '../../texts.js';
import { Card, Field } from '../parts.js';
import { Choice } from './settings-form.js';

const t = texts.setup.appearance;

export function Appearance() {
  return (
    <Card id="appearance" title={t.title}>
      <div class="fields">
        <Field label={t.theme} hint={t.themeHint}>
          {(field) => <Choice described={field} name="theme" value={themeChoice.value} options={THEMES.map((one) => [one, t.themes[one]] as const)} onChange={chooseTheme} />}
        </Field>
        <p class="hint">{t.firstStepsHint}</p>
        <a class="button" href="#/live" onClick={() => showFirstSteps(true)}>{t.firstSteps}</a>
      </div>
    </Card>
  );
}
