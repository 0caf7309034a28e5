/** Light or dark: as chosen in this browser, or as its system has it. `public/first.js` does the same before the first picture of the page. */
import { computed, effect, signal } from '@preact/signals';
import { keptAs } from './kept.js';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEMES)[number];

const NAME = 'theme';

export const themeChoice = keptAs<ThemeChoice>(NAME, choiceOf, (choice) => (choice === 'system' ? null : choice));
const systemIsLight = signal(false);

/** What is shown. Whoever paints a canvas with the style sheet's colours paints anew when it changes. */
export const theme = computed<'light' | 'dark'>(() => (themeChoice.value === 'system' ? (systemIsLight.value ? 'light' : 'dark') : themeChoice.value));

export const chooseTheme = (next: ThemeChoice): void => { themeChoice.value = next; };

/** Follows the choice, in this window and in others of this browser, and the system's setting. */
export function followTheme(): void {
  const light = matchMedia('(prefers-color-scheme: light)');
  systemIsLight.value = light.matches;
  light.addEventListener('change', () => { systemIsLight.value = light.matches; });
  addEventListener('storage', (event) => { if (event.key === `vistter.${NAME}`) themeChoice.value = choiceOf(event.newValue); });
  effect(() => {
    const root = document.documentElement;
    root.dataset.theme = theme.value;
    const ground = getComputedStyle(root).getPropertyValue('--card').trim();
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground);
  });
}

function choiceOf(text: string | null): ThemeChoice {
  return THEMES.find((one) => one === text) ?? 'system';
}
