/** What people decide about highlights: accepted or rejected, within which bounds, by whom and when; and what learning is told of it. */
import { LONGEST_HIGHLIGHT_MS, SHORTEST_HIGHLIGHT_MS, type DecisionInput } from '../../protocol/analysis.js';
import { MOST_LEARNED, type AnalysisFile, type FoundHighlight, type HighlightDecision } from '../../protocol/highlights.js';
import type { InputFile } from '../../protocol/analysis-steps.js';
import { ServerError } from '../../runtime/errors.js';
import { actor } from '../actor.js';
import type { AnalysisFolder } from '../analyses/folder.js';
import type { StoredDecision } from '../store/decision-table.js';
import { unstored } from '../store/fault.js';
import type { Store } from '../store/store.js';
import { invalidField } from '../validate.js';

/** Rows are read and written on so many at a time. */
const PAGE = 500;

export interface DecisionsOptions {
  store: Pick<Store, 'putDecision' | 'deleteDecision' | 'decisions' | 'countDecisions' | 'decisionTexts'>;
  folder: AnalysisFolder;
  wallMs(): number;
}

export class Decisions {
  /** Since the start of the studio. */
  readonly counts = { accepted: 0, rejected: 0, withdrawn: 0 };
  #file: InputFile | undefined;
  #changes = 0;

  constructor(private readonly options: DecisionsOptions) {}

  /** Of a recording, by the highlight's id. */
  async of(recordingId: string): Promise<Map<string, StoredDecision>> {
    return new Map((await this.options.store.decisions(recordingId)).map((one) => [one.highlightId, one]));
  }

  /** @param file what was found @throws ServerError NOT_FOUND, VALIDATION, DISK_FULL */
  async decide(file: AnalysisFile, highlightId: string, input: DecisionInput): Promise<void> {
    const found = file.highlights.find(({ id }) => id === highlightId);
    const earlier = (await this.of(file.recordingId)).get(highlightId);
    const row = found ? rowOf(file, found) : earlier && { ...earlier, startMs: earlier.foundStartMs, endMs: earlier.foundEndMs };
    if (!row) throw new ServerError('NOT_FOUND', `There is no highlight ${highlightId} in this recording.`);
    const bounds = boundsOf(row, input, file.durationMs);
    await this.#write(() => this.options.store.putDecision({ ...row, ...bounds, verdict: input.verdict, by: actor() ?? 'the studio', atMs: this.options.wallMs() }));
    this.counts[input.verdict] += 1;
  }

  /** As if nobody had decided. @throws ServerError DISK_FULL */
  async withdraw(recordingId: string, highlightId: string): Promise<void> {
    await this.#write(() => this.options.store.deleteDecision(recordingId, highlightId));
    this.counts.withdrawn += 1;
  }

  /** What is learnt from, in a file that a step can read; written when it has changed. */
  async file(): Promise<InputFile> {
    if (this.#file) return this.#file;
    const changes = this.#changes;
    const file = await this.options.folder.writeInput(null, 'decisions.json', this.#texts());
    if (changes === this.#changes) this.#file = file;
    return file;
  }

  async *#texts(): AsyncGenerator<string> {
    const all = await this.options.store.countDecisions();
    const first = Math.max(0, all - MOST_LEARNED);
    yield `{"of":${all},"rows":[`;
    for (let from = first; from < all; from += PAGE) {
      const rows = await this.options.store.decisionTexts(from, Math.min(PAGE, all - from));
      if (rows.length > 0) yield `${from === first ? '' : ','}\n${rows.join(',\n')}`;
    }
    yield '\n]}\n';
  }

  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw unstored(cause, 'The decision', 'Nothing was changed.');
    } finally {
      this.#changes += 1;
      this.#file = undefined;
    }
  }
}

export const toDecision = ({ highlightId, verdict, startMs, endMs, by, atMs }: StoredDecision): HighlightDecision => ({ highlightId, verdict, startMs, endMs, by, atMs });

type Row = Omit<StoredDecision, 'verdict' | 'by' | 'atMs'>;

function rowOf({ recordingId }: AnalysisFile, { id, startMs, endMs, score, kind, vector, found = { startMs, endMs } }: FoundHighlight): Row {
  return { stream: recordingId, highlightId: id, startMs, endMs, foundStartMs: found.startMs, foundEndMs: found.endMs, score, kind, vector };
}

/** Of an accepted one those that were shown, unless it was trimmed; of a rejected one those that were found. @throws ServerError VALIDATION */
function boundsOf(shown: Row, { verdict, startMs = shown.startMs, endMs = shown.endMs }: DecisionInput, durationMs: number): { startMs: number; endMs: number } {
  if (verdict === 'rejected') return { startMs: shown.foundStartMs, endMs: shown.foundEndMs };
  if (endMs > durationMs) throw invalidField('endMs', `The recording is ${durationMs} ms long.`);
  const lengthMs = endMs - startMs;
  if (lengthMs < SHORTEST_HIGHLIGHT_MS || lengthMs > LONGEST_HIGHLIGHT_MS) throw invalidField('endMs', 'A highlight lasts from half a second to 30 minutes.');
  return { startMs, endMs };
}
