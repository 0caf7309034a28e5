/** The style sheet's colours for what is painted on a canvas: read again when the theme changes. */
const NAMES = ['ground', 'card', 'raised', 'line', 'field', 'text', 'soft', 'on-air', 'on-air-text', 'ink', 'good', 'busy', 'bad', 'accent', 'focus', 'field-line', 'good-fill'] as const;
export type Colours = Record<(typeof NAMES)[number], string>;

let read: { of: string; colours: Colours } | undefined;

export function colours(): Colours {
  // As the style sheet has it now: the choice may be a moment ahead of it.
  const of = document.documentElement.dataset.theme ?? '';
  if (read?.of !== of) {
    const style = getComputedStyle(document.documentElement);
    read = { of, colours: Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours };
  }
  return read.colours;
}
