/** One spelling of what people read: analyse and learnt. The command is `analyze`, as REST's path is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../support/media.js';

const OTHER = /\b(learned|analyz(ed?|ing|es)|analyzer)\b/i;
/** Names of commands, paths and fields. */
const without = (text: string): string => text.replace(/`[^`]*`|(npx )?vistter analyze\b|\/analyze\b|^analyze(?= finds )/gm, '').replace(/\banalyzedAt(Ms)?\b/g, '');

export const otherwise = (text: string): string[] => text.split('\n').filter((line) => OTHER.test(without(line)));

/** What of a program is said: strings with more than a word. */
function said(source: string, name: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) && /\p{L} \p{L}/u.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true, name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  return found;
}

const below = (folder: string, pattern: RegExp): string[] => readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' }).filter((name) => pattern.test(name)).map((name) => join(folder, name));
const read = (name: string): string => readFileSync(join(repositoryRoot, name), 'utf8');

test('documents and what is said by programs have one spelling', () => {
  // What stands in a block or is generated are commands and schemas.
  const documents = ['README.md', 'CHANGELOG.md', ...below('docs', /\.md$/)].map((name) => [name, read(name).replace(/^```[\s\S]*?^```/gm, '')] as const);
  const programs = below('src', /\.tsx?$/).map((name) => [name, said(read(name), name).join('\n')] as const);
  expect([...documents, ...programs].flatMap(([name, text]) => otherwise(text).map((line) => `${name}: ${line.trim().slice(0, 120)}`))).toEqual([]);
});

test('the other spelling would be found, and names are none', () => {
  expect(otherwise('It was learned.\nAnalyzed in 3 s')).toHaveLength(2);
  expect(otherwise('`vistter analyze FILE`, vistter analyze FILE, POST /recordings/ID/analyze, analyzedAt')).toEqual([]);
});
