/** The colours of the panel, as the style sheet has them: each pair that is used can be read in both themes (WCAG 2.2, 1.4.3 and 1.4.11). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../src/panel/styles/', import.meta.url);
const base = readFileSync(new URL('base.css', folder), 'utf8');

type Rgb = readonly [number, number, number];

/** The custom properties of the first rule with this selector. */
function properties(selector: string): Record<string, string> {
  const start = base.indexOf(`\n${selector} {`);
  const body = base.slice(start, base.indexOf('\n}', start));
  return Object.fromEntries([...body.matchAll(/--([a-z-]+): ([^;]+);/g)].map(([, name, value]) => [name!, value!]));
}

const dark = properties(':root');
const THEMES = { dark, light: { ...dark, ...properties(':root[data-theme=\'light\']') } };

/** @param behind what shows through, where the colour is not opaque */
function rgb(value: string | undefined, behind: Rgb = [0, 0, 0]): Rgb {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(value ?? '');
  if (hex) return [1, 2, 3].map((at) => parseInt(hex[at]!, 16)) as unknown as Rgb;
  const mixed = /^rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)\)$/.exec(value ?? '');
  if (!mixed) throw new Error(`${value} is no colour that this test can read`);
  return [0, 1, 2].map((at) => Number(mixed[at + 1]) * Number(mixed[4]) + behind[at]! * (1 - Number(mixed[4]))) as unknown as Rgb;
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [lighter, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

const GROUNDS = ['ground', 'card', 'raised', 'raised-hover', 'field'];
const PAIRS: [text: string, grounds: string[]][] = [
  ['text', [...GROUNDS, 'bad-ground', 'good-ground', 'busy-ground', 'on-air-ground', 'on-air-ground-hover']],
  ['soft', [...GROUNDS, 'on-air-ground', 'on-air-ground-hover', 'bad-ground', 'good-ground', 'busy-ground']],
  ['on-air-text', ['ground', 'card', 'raised', 'raised-hover', 'on-air-ground']],
  ['good', ['ground', 'card', 'raised', 'field', 'good-ground', 'on-air-ground']],
  ['busy', ['ground', 'card', 'raised', 'field', 'busy-ground', 'on-air-ground']],
  ['bad', ['ground', 'card', 'raised', 'field', 'bad-ground', 'on-air-ground']],
  ['placeholder', ['field']],
  ['ink', ['accent', 'accent-hover', 'on-air', 'on-air-hover', 'good-fill']],
  ['screen-text', ['screen']],
];
/** Told by the eye but not read: edges of fields, the mark of the focus, what red and green fill. */
const SHAPES: [shape: string, grounds: string[]][] = [
  ['field-line', ['card', 'field']],
  ['focus', GROUNDS],
  ['on-air', ['card']],
  ['good-fill', ['card']],
];

describe.each(Object.entries(THEMES))('the %s theme', (_, colors) => {
  const cases = (pairs: [string, string[]][]) => pairs.flatMap(([front, grounds]) => grounds.map((ground) => [front, ground] as const));

  it.each(cases(PAIRS))('reads --%s on --%s', (text, ground) => {
    expect(contrast(rgb(colors[text]), rgb(colors[ground]))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(cases(SHAPES))('tells --%s from --%s', (shape, ground) => {
    expect(contrast(rgb(colors[shape]), rgb(colors[ground]))).toBeGreaterThanOrEqual(3);
  });
  it.each(['text', 'soft', 'good', 'busy', 'bad'])('reads --%s on a plaque over any picture', (text) => {
    for (const picture of [[0, 0, 0], [255, 255, 255]] as const) {
      expect(contrast(rgb(colors[text]), rgb(colors.plaque, picture))).toBeGreaterThanOrEqual(4.5);
    }
  });
});

it('has every colour in one place', () => {
  const strays = readdirSync(folder).filter((name) => name !== 'base.css').flatMap((name) =>
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/.*(?:#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\().*/gi)].map(([line]) => `${name}: ${line}`));
  expect(strays).toEqual([]);
});

it('knows every colour that is asked for', () => {
  const asked = readdirSync(folder).flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/var\(--([a-z-]+)\)/g)].map(([, name]) => name!));
  const madeElsewhere = readdirSync(folder).flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/--([a-z-]+):/g)].map(([, name]) => name!));
  expect(asked.filter((name) => !(name in dark) && !madeElsewhere.includes(name))).toEqual([]);
});
