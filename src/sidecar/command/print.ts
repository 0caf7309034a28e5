/** What a person reads of an analysis: a line that moves while it runs, and the findings. Pure. */
import type { AnalyzedFile } from '../../protocol/highlights.js';
import type { ModelsFile } from '../../protocol/models.js';
import { chapterTime } from '../../protocol/chapter-time.js';

const BAR = 24;

/** A bar, how far it is, what is being done, and how long is left once that can be said. @param share 0 to 1 */
export function progressLine(what: string, share: number, tookMs: number): string {
  const full = Math.round(share * BAR);
  const leftMs = share > 0.02 && share < 1 ? (tookMs / share) * (1 - share) : null;
  const left = leftMs === null ? '' : `, ${Math.max(1, Math.round(leftMs / 1000))} s left`;
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(Math.round(share * 100)).padStart(3)} %  ${what}${left}`;
}

export function findings({ file, durationMs, tookMs, peakRssBytes, highlights, chapters, metadata, notes }: AnalyzedFile): string {
  const lines = [
    `${file}: ${lengthOf(durationMs)} long, analysed in ${(tookMs / 1000).toFixed(1)} s with ${Math.round(peakRssBytes / 1e6)} MB`,
    '', highlights.length === 0 ? 'No highlight stands out. --chat and --moments tell of more; --preset classic lists the best there is.' : 'Highlights',
    ...highlights.map(({ startMs, endMs, score, reasons }) => `  ${chapterTime(startMs).padStart(8)} – ${chapterTime(endMs).padEnd(8)}  ${score.toFixed(2)}  ${reasons.join(', ')}`),
    ...(chapters.length === 0 ? [] : ['', 'Chapters', ...chapters.map(({ startMs, title }) => `  ${chapterTime(startMs).padStart(8)}  ${title}`)]),
    '', 'Title', `  ${metadata.title}`, '', 'Description', ...metadata.description.split('\n').map((line) => `  ${line}`.trimEnd()),
    ...(metadata.tags.length === 0 ? [] : ['', 'Tags', `  ${metadata.tags.join(', ')}`]),
    ...(metadata.hashtags.length === 0 ? [] : ['', 'Hashtags', `  ${metadata.hashtags.join(' ')}`]),
    ...(notes.length === 0 ? [] : ['', 'Notes', ...notes.map((note) => `  ${note}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A minute and more as on a clock; less in seconds: 0:00 would be nothing at all. */
const lengthOf = (ms: number): string => (ms >= 60_000 ? chapterTime(ms) : `${(ms / 1000).toFixed(1)} s`);

/** What was learnt, the one in use with a star; and how to let go where a person holds one. */
export function modelLines(models: ModelsFile['models'], held: boolean): string {
  const lines = models.map(({ id, kind, rows, active, why }) => `${active ? '*' : ' '} ${id}  ${kind}, ${rows === 1 ? 'one decision' : `${rows} decisions`}. ${why}`);
  if (lines.length === 0) lines.push('Nothing has been learnt yet: highlights are ranked by the heuristic.');
  if (held) lines.push('What ranks was chosen by a person: what is learnt does not go into use by itself. "vistter models newest" lets go.');
  return `${lines.join('\n')}\n`;
}
