/** Dark, light, or as the system has it: one press goes on to the next. */
import { chooseTheme, themeChoice, THEMES } from '../store/theme.js';
import { texts } from '../texts.js';
import { Icon } from './icons.js';

export function ThemeButton() {
  const now = themeChoice.value;
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]!;
  const said = texts.shell.themeButton(texts.shell.themes[now], texts.shell.themes[next]);
  return (
    <button type="button" class="plain icon" aria-label={said} title={said} onClick={() => chooseTheme(next)}>
      <Icon name={now} />
    </button>
  );
}
