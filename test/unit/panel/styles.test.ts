/**
 * The style files have one name space, and those of a page come when it is first shown: what two of them say of the same class would hold
 * or not by the pages that were looked at before.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../src/panel/styles/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const pages = [...readFileSync(new URL('../../../src/panel/lib/pages.ts', import.meta.url), 'utf8').matchAll(/'([a-z]+)'/g)].map(([, name]) => name!);
/** Words that every part may use; what they look like is said there alone. */
const SHARED = ['base.css', 'controls.css', 'layout.css', 'lists.css'];

interface File {
  name: string;
  text: string;
}

/** Each selector of a file; those of a list one by one. */
function selectors(text: string): string[] {
  const rules = text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{};]+)\{/g);
  return [...rules].map(([, head]) => head!.trim()).filter((head) => head !== '' && !head.startsWith('@') && !/^(from|to|[\d.]+%)$/.test(head))
    .flatMap((head) => head.split(/,(?![^(]*\))/)).map((selector) => selector.trim());
}

const classes = (selector: string): string[] => [...selector.matchAll(/\.([A-Za-z_][\w-]*)/g)].map(([, name]) => name!);
/** What a selector begins with, without what it asks of others. */
const root = (selector: string): string => selector.replace(/:(not|has|is|where)\([^)]*\)/g, '').split(/\s*[\s>+~]\s*/)[0]!;

/** The class that a selector is about without standing below another: `.studio.health` is the page, and no class of two files. */
function bare(selector: string): string | undefined {
  if (root(selector).includes('#')) return undefined;
  const [first, second] = classes(root(selector));
  return first === 'studio' && second !== undefined && [...pages, 'lost'].includes(second) ? `studio ${second}` : first;
}

/** What two files say of one class. */
export function collisions(files: readonly File[]): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { name, text } of files) {
    for (const selector of selectors(text)) {
      const own = bare(selector);
      if (own !== undefined && own !== 'studio lost') owners.set(own, (owners.get(own) ?? new Set()).add(name));
    }
  }
  const twice = [...owners].filter(([, names]) => names.size > 1).map(([own, names]) => `.${own} has rules in ${[...names].join(' and ')}`);
  const leaks = files.flatMap(({ name, text }) => [...new Set(selectors(text).flatMap(classes))].flatMap((used) =>
    [...(owners.get(used) ?? [])].filter((owner) => owner !== name && !SHARED.includes(owner)).map((owner) => `.${used} of ${owner} reaches into ${name}`)));
  return [...twice, ...leaks];
}

describe('the style files', () => {
  const files = readdirSync(folder).filter((name) => name !== 'index.css').map((name): File => ({ name, text: read(name) }));

  it('have no class in common but what is meant for all', () => {
    expect(collisions(files)).toEqual([]);
  });

  it('of single pages say nothing of bare elements', () => {
    const always = read('index.css');
    const ofPages = files.filter(({ name }) => !always.includes(`./${name}`));
    expect(ofPages.map(({ name }) => name)).toContain('sound.css');
    expect(ofPages.flatMap(({ name, text }) => selectors(text).filter((selector) => !/[.#]/.test(root(selector))).map((selector) => `${name}: ${selector}`))).toEqual([]);
  });

  it('would be found out', () => {
    const a = { name: 'a.css', text: '.box { color: red; }\n@media (max-width: 9px) { .row.wrap { gap: 0; } }' };
    expect(collisions([a, { name: 'b.css', text: '.page .other { color: red; }' }])).toEqual([]);
    expect(collisions([a, { name: 'b.css', text: '.plain, .box.on > i { color: red; }' }])).toEqual(['.box has rules in a.css and b.css', '.box of b.css reaches into a.css', '.box of a.css reaches into b.css']);
    // What is bare in one and scoped in the other: the first reaches into the second.
    expect(collisions([a, { name: 'b.css', text: '.page .box { color: red; }' }])).toEqual(['.box of a.css reaches into b.css']);
    expect(collisions([{ name: 'layout.css', text: '.row { gap: 0; }' }, { name: 'b.css', text: '.page .row { color: red; }' }])).toEqual([]);
    expect(collisions([{ name: 'a.css', text: '.studio.media { gap: 0; }' }, { name: 'b.css', text: '.studio.health .row { gap: 0; }' }])).toEqual([]);
  });
});
