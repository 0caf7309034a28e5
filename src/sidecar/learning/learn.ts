/** From what people decided to a model, which ranks only where it has shown on streams left out that it does so better than the heuristic. */
import type { DecisionRow } from '../../protocol/highlights.js';
import { binRows } from './bins.js';
import { isTrim, lessonsOf } from './bounds.js';
import { fitAll, type Ranking } from './fit.js';
import type { Estimate } from './measure.js';
import { MODEL_FORMAT, modelId, type FeatureSchema, type Model } from './model.js';
import { hashOfRows, lastWords, toTrainingRows } from './rows.js';
import { OWN_BLEND_FROM, TREES_FROM, trial, type Trial } from './trial.js';

/** With fewer the heuristic ranks. */
export const DECISIONS_NEEDED = 30;
/** So many standard errors tell what is accepted from chance at all, and that it goes by features: a model that looks better than an unlucky heuristic is none. */
const BEYOND_CHANCE = 2;
/**
 * And so many, together, tell that decisions go by what the heuristic does not know and that more pairs are right: more below 50 decisions, as the little that
 * is learnt then gains little; and then more with each, as whoever decides at random is tried anew with it, and a taste shows itself more clearly, as the
 * root of their number.
 */
const proofNeeded = (decisions: number): number => (decisions < OWN_BLEND_FROM ? 5 : Math.min(5.5, 4 * (decisions / OWN_BLEND_FROM) ** (1 / 4)));
/** Trees tell what no line through the features does; from then on it is proof as well that the learnt scores have so many errors beside the heuristic's. */
const TREES_BEYOND = 4;

export interface LearnInput {
  decisions: readonly DecisionRow[];
  /** How many there are, where these are only the newest. */
  of?: number;
  /** Of the decisions' vectors. */
  schema: FeatureSchema;
  createdAtMs: number;
  /** In use so far. */
  parentId: string | null;
}

/** Deterministic, and the same for the same decisions in any order. */
export function learn({ decisions, of, schema, createdAtMs, parentId }: LearnInput): Model {
  const width = schema.names.length;
  const sorted = lastWords(decisions, width);
  const rows = toTrainingRows(sorted, width);
  const enough = rows.count >= DECISIONS_NEEDED;
  // Bins come from values alone, never from what was decided.
  const binned = rows.count >= TREES_FROM ? binRows(rows) : null;
  const tried = enough ? trial(rows, binned) : null;
  const refusal = enough ? (tried === null ? oneSided(rows.starts.length - 1) : refuse(tried, rows.count)) : tooFew(rows.count);
  let ranking: Ranking | null = null;
  if (tried && refusal === null) ranking = { ...fitAll(rows, binned, [tried.choice])[0]!, blend: tried.choice.blend };
  const model = {
    kind: ranking === null ? 'heuristic' as const : ranking.trees.length > 0 ? 'trees' as const : 'linear' as const,
    schema, ranking, bounds: lessonsOf(sorted),
    rows: { count: rows.count, streams: rows.starts.length - 1, accepted: rows.label.reduce((sum, one) => sum + one, 0), trims: sorted.filter(isTrim).length, of: of ?? rows.count, hash: hashOfRows(sorted) },
  };
  return { format: MODEL_FORMAT, id: modelId(model), parentId, createdAtMs, ...model, metrics: tried && metricsOf(tried), verdict: `${refusal ?? use(tried!)}${of !== undefined && of > decisions.length ? newestOnly(decisions.length, of) : ''}` };
}

function metricsOf({ choice: { pull, trees, blend }, ...figures }: Trial): Model['metrics'] {
  return { ...figures, choice: { pull, trees, blend } };
}

/** Null where it ranks better beyond noise. */
function refuse({ learned, heuristic, gain, beside, evidence, streams }: Trial, decisions: number): string | null {
  if (learned.mean - 0.5 < BEYOND_CHANCE * learned.error) {
    return `The heuristic ranks: what was accepted cannot be told from chance so far. On ${streams} recordings left out, the learnt order had ${percent(learned)} of pairs right; half of them is chance.`;
  }
  const ahead = gain.mean > 0 ? gain.mean / gain.error : 0;
  const needed = Math.max(BEYOND_CHANCE, proofNeeded(decisions) - ahead);
  const byTrees = decisions >= TREES_FROM && beside.mean >= TREES_BEYOND * beside.error;
  if (ahead === 0 || (evidence < needed && !byTrees)) {
    return `The heuristic ranks: what was learnt does not rank better beyond noise. On ${streams} recordings left out, it had ${percent(learned)} of pairs right, the heuristic ${percent(heuristic)}; the difference is ${points(gain)}. That decisions go by more than the heuristic shows by ${evidence.toFixed(1)} errors, and ${needed.toFixed(1)} are needed beside that difference.`;
  }
  return null;
}

function use({ learned, heuristic, choice, streams, ndcg }: Trial): string {
  const how = choice.trees ? 'trees' : 'a linear model';
  return `It ranks, by ${how} at ${Math.round(choice.blend * 100)} % beside the heuristic: on ${streams} recordings left out it had ${percent(learned)} of pairs in the order that people decided, the heuristic ${percent(heuristic)} (NDCG@10 ${ndcg.learned.toFixed(2)} and ${ndcg.heuristic.toFixed(2)}).`;
}

const newestOnly = (count: number, of: number): string => ` It knows the newest ${count} of ${of} decisions.`;

const tooFew = (count: number): string => `The heuristic ranks: ${count} ${count === 1 ? 'highlight has' : 'highlights have'} been decided, and ${DECISIONS_NEEDED} are needed to learn from.`;

const oneSided = (streams: number): string => `The heuristic ranks: of ${streams} ${streams === 1 ? 'recording' : 'recordings'} fewer than two have both accepted and rejected highlights, so nothing that is learnt can be tried on a recording that it does not know.`;

const percent = ({ mean, error }: Estimate): string => `${Math.round(mean * 100)} ± ${Math.round(error * 100)} %`;
const points = ({ mean, error }: Estimate): string => `${(mean * 100).toFixed(1)} ± ${(error * 100).toFixed(1)} points`;
