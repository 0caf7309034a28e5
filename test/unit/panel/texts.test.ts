/** Every text of the panel stands in texts.ts: what a component shows, or names for a screen reader, is never written where it is shown. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/media.js';

const folder = join(repositoryRoot, 'src/panel');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !['texts.ts', 'vite.config.ts'].includes(name) && !name.endsWith('.d.ts'));

/** Attributes that a person reads or hears; those of our own components among them. */
const READ = new Set(['aria-label', 'aria-valuetext', 'aria-description', 'aria-roledescription', 'title', 'placeholder', 'alt', 'label', 'hint', 'question', 'yes', 'submitLabel', 'ariaLabel', 'detail', 'word']);

const isWord = (text: string): boolean => /\p{L}{2}/u.test(text);
/** Begins like a sentence and goes on like one. */
const isSentence = (text: string): boolean => /^\p{Lu}[\p{L}’']* \p{L}{2}/u.test(text.trim());

/** The literals among what an expression may come to: not what it compares with, nor what it hands to a function. */
function outcomes(node: ts.Node): ts.Node[] {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return [node];
  if (ts.isParenthesizedExpression(node) || ts.isJsxExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) return node.expression ? outcomes(node.expression) : [];
  if (ts.isConditionalExpression(node)) return [...outcomes(node.whenTrue), ...outcomes(node.whenFalse)];
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(outcomes);
  if (ts.isBinaryExpression(node)) {
    const kind = node.operatorToken.kind;
    if ([ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(kind)) return [...outcomes(node.left), ...outcomes(node.right)];
    if (kind === ts.SyntaxKind.PlusToken) return [...outcomes(node.left), ...outcomes(node.right)];
  }
  return [];
}

/** The fixed part of a literal. */
function textOf(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' ');
  return '';
}

/** Texts that stand in a file and are shown. */
export function strays(source: string, name: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true, name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found: string[] = [];
  const note = (node: ts.Node, text: string) => found.push(`${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${text.trim()}`);
  const visit = (node: ts.Node, isThrown: boolean): void => {
    if (ts.isJsxText(node) && isWord(node.text)) note(node, node.text);
    if (ts.isJsxAttribute(node) && READ.has(node.name.getText()) && node.initializer) {
      for (const one of outcomes(node.initializer)) if (isWord(textOf(one))) note(one, textOf(one));
    } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      for (const one of outcomes(node)) if (isWord(textOf(one))) note(one, textOf(one));
    } else if (!isThrown && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && isSentence(textOf(node))) {
      note(node, textOf(node));
    }
    // What is thrown for programmers is not translated.
    const throws = isThrown || (ts.isNewExpression(node) && /^(Type|Range)?Error$/.test(node.expression.getText()));
    ts.forEachChild(node, (child) => visit(child, throws));
  };
  visit(file, false);
  return [...new Set(found)];
}

describe('texts of the panel', () => {
  it.each(files)('%s shows none of its own', (name) => {
    expect(strays(readFileSync(join(folder, name), 'utf8'), name)).toEqual([]);
  });

  it('would be found in each way to show one', () => {
    const found = (jsx: string) => strays(`const a = ${jsx};`, 'a.tsx').length;
    expect([
      '<p>Hello</p>', '<p>{on ? "Hello" : x}</p>', '<p>{`Hello ${x}`}</p>', '<p>{on && "Hello"}</p>', '<i aria-label="Hello" />', '<i title={x ?? "Hello"} />', '<Field label={`Hello ${x}`} />',
      'notify("x", "Something went wrong")',
    ].map(found)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect([
      '<p class="hello there">{texts.a} · {x}</p>', '<p>{x === "live" ? texts.a : texts.b}</p>', '<i aria-label={texts.a("live")} role="status" />', '<p>{format(x, "Hello")}</p>',
      'new Error("A patch is missing")',
    ].map(found)).toEqual([0, 0, 0, 0, 0]);
  });
});
