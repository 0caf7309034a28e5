/** What the studio says is wrong with a file, with its places in words. Pure. */
import { texts } from '../../texts.js';

const t = texts.timelines;

export interface FileProblem {
  /** `Track 1, clip 4, “startMs”`; empty: the file as a whole. */
  where: string;
  what: string;
}

/** Where these are wrong it is no such file, and all else that is wrong follows from that. */
const FIRST = ['kind', 'version'];

/**
 * @param message the studio's sentence, for what is not about a place
 * @param details its list of `{path, message}`, where it gives one
 */
export function fileProblems(message: string, details: unknown): FileProblem[] {
  const issues = Array.isArray(details) ? details.filter(isIssue) : [];
  if (issues.length === 0) return [{ where: '', what: message }];
  const first = issues.filter(({ path }) => FIRST.includes(path));
  return (first.length > 0 ? first : issues).map(({ path, message: what }) => ({ where: first.length > 0 ? '' : placeInWords(path), what }));
}

function isIssue(value: unknown): value is { path: string; message: string } {
  const { path, message } = (value ?? {}) as { path?: unknown; message?: unknown };
  return typeof path === 'string' && typeof message === 'string';
}

/** `timeline.tracks.0.clips.3.startMs` → `Track 1, clip 4, “startMs”`. */
export function placeInWords(path: string): string {
  const names = path.split('.').filter((name) => name !== '');
  const words: string[] = [];
  for (let i = 0; i < names.length; i++) {
    const [name, next] = [names[i]!, names[i + 1]];
    const place = t.places[name];
    if (place && next !== undefined && /^\d+$/.test(next)) {
      words.push(place(Number(next) + 1));
      i += 1;
    } else if (i > 0 || name !== 'timeline') words.push(t.fieldOf(name));
  }
  const text = words.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
