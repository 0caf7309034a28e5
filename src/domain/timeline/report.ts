/** Collects what is wrong with a timeline: all of it is counted, so much of it is kept. */
import type { TimelineProblem, TimelineProblemCode, TimelineReport } from '../../protocol/timeline.js';

const MAX_PROBLEMS = 200;

/** What a message calls by its id. */
export type Named = TimelineProblem['names'][number];

/** That of a source, scene, overlay or timeline, of which a message says the id alone. */
export const byId = (id: string): Named => ({ said: id, id });

export class Report {
  private readonly kept = { error: [] as TimelineProblem[], warning: [] as TimelineProblem[] };
  private readonly counts = { error: 0, warning: 0 };

  error(path: string, code: TimelineProblemCode, message: string, ...names: Named[]): void {
    this.add({ path, code, severity: 'error', message, names });
  }

  warning(path: string, code: TimelineProblemCode, message: string, ...names: Named[]): void {
    this.add({ path, code, severity: 'warning', message, names });
  }

  /** Errors first: they are not crowded out by warnings. */
  result(): TimelineReport {
    return { problems: [...this.kept.error, ...this.kept.warning].slice(0, MAX_PROBLEMS), errors: this.counts.error, warnings: this.counts.warning };
  }

  private add(problem: TimelineProblem): void {
    this.counts[problem.severity]++;
    const kept = this.kept[problem.severity];
    if (kept.length < MAX_PROBLEMS) kept.push(problem);
  }
}
