import { Random } from '../../shared/numerics/random'
import type { TermKind } from '../../shared/numerics/term-rows'
import type { LogisticModels } from '../numerics/logistic-regression'
import { fitSparse, sparseProbabilities } from '../numerics/sparse-logistic'
import { pickRows, sparseCount, weighedTerms } from '../numerics/sparse-rows'
import type { SparseRows } from '../numerics/sparse-rows'
import { ofOwnFold, stratifiedFolds } from './labelled-rows'
import type { EvidenceRows } from './labelled-rows'
import { leastLoss, trialRows } from './strength-trial'

const FOLDS = 5
/** Inverse strengths of the penalty that are tried, and rows at most that choose one. */
const STRENGTHS = [0.1, 0.5, 2, 10]
const TRIAL_ROWS = 2000
const TRIAL_ITERATIONS = 10
const ITERATIONS = 25
/** Products of one pass over the texts with all models; texts and classes that need more go without. */
const MOST_PRODUCTS = 2e7
/** Coefficients of all models: of more terms the rarest are left out. */
const MOST_COEFFICIENTS = 1 << 21
/** Texts that tell how many terms one has. */
const LOOKED_AT = 200

/** What texts are asked by. */
export const TERM_KINDS = ['words', 'pieces'] as const satisfies readonly TermKind[]

/** Products of one pass over all texts, each kind of terms with its models, as far as they are asked; an estimate from some. */
export function productsAsked(
  terms: NonNullable<EvidenceRows['terms']>,
  count: number,
  classes: number
): number {
  return TERM_KINDS.map((kind) => productsOf(terms, kind, count, classes))
    .filter((products) => products <= MOST_PRODUCTS)
    .reduce((total, products) => total + products, 0)
}

function productsOf(
  terms: NonNullable<EvidenceRows['terms']>,
  kind: TermKind,
  count: number,
  classes: number
): number {
  const looked = Math.min(count, LOOKED_AT)
  const rows = Int32Array.from({ length: looked }, (_, i) => Math.floor((i * count) / looked))
  return (terms(kind, rows).ids.length / looked) * count * FOLDS * classes
}

/** Terms of the texts, and models of them that go without a fold each. */
export interface TextEvidence {
  /** Of models that have not seen the row, row-major [rows, classes]. */
  readonly probabilities: Float32Array
  readonly terms: SparseRows
  readonly c: number
  readonly folds: LogisticModels
}

/** An earlier pass, and how much each row counts now. */
type Before = Omit<TextEvidence, 'probabilities'> & { readonly weights: Float32Array }

/**
 * Class probabilities by multinomial logistic regression on all terms of the texts, each row's by a model trained on the
 * other folds. Undefined where rows have no texts, where the features hold all terms already, and where this would take
 * too long.
 */
export function textEvidence(
  rows: EvidenceRows,
  kind: TermKind,
  seed: number,
  before?: Before
): TextEvidence | undefined {
  const terms = before?.terms ?? termsOf(rows, kind)
  if (!terms) return undefined
  const { labels, classes } = rows
  const count = labels.length
  const order = Random.derive(seed, 'text folds').permutation(count)
  const folds = Math.min(FOLDS, count)
  const fold = stratifiedFolds(labels, folds, order)
  const weights = before?.weights
  const c = before?.c ?? chosenStrength(rows, terms, fold, order)
  const problems = Array.from({ length: folds }, (_, f) => ({
    weights: Float32Array.from(fold, (own, row) => (own === f ? 0 : (weights?.[row] ?? 1))),
    c
  }))
  const models = fitSparse({ rows: terms, labels, classes }, problems, before?.folds, ITERATIONS)
  const shares = sparseProbabilities(terms, models, classes)
  const probabilities = ofOwnFold(shares, fold, folds, classes)
  return { probabilities, terms, c, folds: models }
}

function termsOf({ terms, labels, classes, width }: EvidenceRows, kind: TermKind): SparseRows | undefined {
  if (!terms) return undefined
  const count = labels.length
  if (productsOf(terms, kind, count, classes) > MOST_PRODUCTS) return undefined
  const all = terms(kind, Int32Array.from(labels.keys()))
  const weighed = weighedTerms(all, Math.floor(MOST_COEFFICIENTS / (FOLDS * classes)))
  return kind === 'words' && weighed.width <= width ? undefined : weighed
}

/** The strength with the least loss on a fold of some rows. */
function chosenStrength(all: EvidenceRows, terms: SparseRows, fold: Int32Array, order: Int32Array): number {
  const trial = trialRows(all, fold, order, TRIAL_ROWS)
  const { labels, classes } = trial
  const rows = pickRows(terms, trial.picked)
  const weights = Float32Array.from(trial.held, (own) => 1 - own)
  // Fewer rows want the same penalty a row.
  const share = sparseCount(terms) / trial.picked.length
  const problems = STRENGTHS.map((c) => ({ weights, c: c * share }))
  const models = fitSparse({ rows, labels, classes }, problems, undefined, TRIAL_ITERATIONS)
  return STRENGTHS[leastLoss(sparseProbabilities(rows, models, classes), trial, STRENGTHS.length)]!
}
