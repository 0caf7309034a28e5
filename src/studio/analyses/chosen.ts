/** Title, description and tags that people put in the place of those that are suggested. Pure. */
import type { Choices, ChosenMetadata, MetadataPatch } from '../../protocol/analysis.js';
import type { VideoMetadata } from '../../protocol/highlights.js';
import { sameJson } from '../../runtime/same-json.js';

const FIELDS = ['title', 'description', 'tags', 'hashtags'] as const;

export const withChosen = ({ title, description, tags, hashtags }: VideoMetadata, chosen: ChosenMetadata | null): VideoMetadata => ({
  title: chosen?.title ?? title, description: chosen?.description ?? description, tags: chosen?.tags ?? tags, hashtags: chosen?.hashtags ?? hashtags,
});

/** null: nothing is chosen any more. What is chosen once more as it was stays the choice of who chose it first. */
export function chosenAfter(before: ChosenMetadata | null, change: MetadataPatch, by: string, atMs: number): ChosenMetadata | null {
  const { by: _, atMs: __, choices: ___, ...was } = before ?? { by: '', atMs: 0, choices: {} };
  const fields = Object.fromEntries(Object.entries({ ...was, ...change }).filter(([, value]) => value !== null && value !== undefined));
  if (Object.keys(fields).length === 0) return null;
  const earlier = before ? choicesOf(before) : {};
  const choices = Object.fromEntries(FIELDS.filter((field) => field in fields).map((field) => {
    const kept = before && earlier[field] && sameJson(fields[field], before[field]) ? earlier[field] : null;
    return [field, kept ?? { by, atMs }];
  }));
  return { ...fields, by, atMs, choices };
}

/** Of each field that is chosen. */
export function choicesOf(chosen: ChosenMetadata): Choices {
  const { by, atMs, choices } = chosen;
  return Object.fromEntries(FIELDS.filter((field) => chosen[field] !== undefined).map((field) => [field, choices[field] ?? { by, atMs }]));
}
