import type { Detection, DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { buildModel } from '../../models/classifier'
import type { Network } from '../../models/network'
import { buildSolver } from '../../bilevel/methods'
import { argMaxRows, predictProbabilities, trainClassifier } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { crossValidatedProbabilities } from './confidence'
import { gatherEvidence, ofEach } from './evidence'
import type { DenoisingEvidence } from './evidence'
import { checkDenoising, correctedLabels, startOf } from './inputs'
import type { DenoisingSources } from './inputs'
import { denoisingSettings } from './settings'
import type { DenoisingSettings } from './settings'
import { detectionOf } from './detection'
import { DenoisingProgress } from './progress'
import { learnImportance } from './importance-learning'
import { ImportanceProblem } from './importance-problem'
import { initialWeights } from './initial-weights'
import { believeLabels, cutForFlags, takesEvidence } from './label-evidence'
import type { LabelEvidence } from './label-evidence'
import { FEWEST_TO_CHOOSE, recommend } from './recommendation'
import { ResidentExamples } from '../shared/resident-examples'
import { constantColumns, featureScale, standardised, withoutScale } from '../shared/standardised-features'
import type { FeatureScale } from '../shared/standardised-features'
import type { Solved, TaskRun } from '../shared/task-run'
import { WeightHistory } from './weight-history'
import { cutByShare } from './threshold'
import { Random } from '../../../shared/numerics/random'

export interface DenoisingResult extends Solved {
  readonly metrics: DenoisingMetrics
  readonly evidence: DenoisingEvidence
  /** Class that the classifiers of the run, taken together, predict; one an example. */
  readonly predicted: Int32Array
  /** 1 where the label is believed to be wrong. */
  readonly flagged: Uint8Array
  /** Labels the run used: as given, or as a review corrected them. */
  readonly labels: Int32Array
  /** Weights after each epoch, row-major [epochs recorded, train.count]. */
  readonly trajectory: readonly Float32Array[]
  /** The recommended classifier: network and parameters, which take features as they are. */
  readonly network: Network
  readonly parameters: Float32Array
  /** The run's own classifier: where another run can go on; it takes a table's features standardised. */
  readonly lower: Float32Array
}

/**
 * Data denoising by importance learning (paper, "Data denoising"): pretrain on the trusted examples, learn an
 * importance weight for each doubtful one, combine it with what classifiers say, flag
 * those whose
 * combined score falls under a cut that follows the share of suspects and whose label the classifiers
 * contradict, and retrain from scratch on what is kept.
 * @throws Failure bad-input when the sets do not fit together; RunPaused after a checkpoint
 */
export async function trainDenoising(
  sources: DenoisingSources,
  spec: DenoisingSpec,
  run: TaskRun
): Promise<DenoisingResult> {
  checkDenoising(sources, spec)
  const corrected = correctedLabels(sources.train, spec)
  const scale = featureScale(sources.train)
  const train = new ResidentExamples(standardised(sources.train, scale), corrected)
  const trustedSet = new ResidentExamples(standardised(sources.trusted, scale))
  const test = sources.test && new ResidentExamples(standardised(sources.test, scale))
  const classes = sources.train.classNames.length
  const network = buildModel(spec.model, {
    shape: sources.train.shape,
    classes,
    hiddenSizes: spec.hiddenSizes
  })
  const dropped = new Set(spec.dropped ?? [])
  const vouched = new Set(Object.keys(spec.corrections ?? {}).map(Number))
  const start = startOf(sources, network)
  const settings = denoisingSettings(spec, { train: train.count, trusted: trustedSet.count })
  const progress = new DenoisingProgress(run, settings, { train: train.count, trusted: trustedSet.count })

  const order = Random.derive(spec.seed, 'held-back trusted examples').permutation(trustedSet.count)
  const heldCount = Math.floor(settings.heldBack * trustedSet.count)
  const heldBack: RowsOf = { examples: trustedSet, rows: order.slice(0, heldCount) }
  const trusted: RowsOf = { examples: trustedSet, rows: order.slice(heldCount) }
  const allTrusted: RowsOf = { examples: trustedSet, rows: order }
  const everything = rowsWhere(train.count, () => true)

  // 1. The trusted-only classifier starts v and tells where to start the weights.
  progress.enter('pretraining')
  const restored = run.restored?.arrays['pretrained']
  const pretrained =
    restored instanceof Float32Array
      ? restored
      : await trainClassifier(network, [trusted], settings.pretrain, spec.seed, progress.watch())
  const trustedProbabilities = predictProbabilities(network, pretrained, {
    examples: train,
    rows: everything
  })

  // 2. Learn the weights.
  progress.enter('learning')
  const problem = new ImportanceProblem(
    network,
    initialWeights(trustedProbabilities, train.labels, { dropped, vouched, earlier: start?.weights }),
    start?.lower ?? pretrained
  )
  const solver = buildSolver(spec.method, problem, settings.solver, spec)
  const history = new WeightHistory(
    train.count,
    settings.epochs,
    run.restored?.arrays['weightHistory'] as Float32Array | undefined
  )
  const truth = sources.train.truth
  const wrong = truth && Uint8Array.from(train.labels, (label, i) => Number(label !== truth[i]))
  const learned = await learnImportance(
    {
      network,
      train,
      trusted,
      heldBack,
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      trustedBatchSize: settings.trustedBatchSize,
      seed: spec.seed
    },
    solver,
    run,
    {
      beside: () => ({ json: {}, arrays: { pretrained, weightHistory: history.values } }),
      onStep: (report, step, epoch) => progress.step(report, step, epoch),
      onEpoch: (epoch, weights, lower, held) => {
        history.push(weights)
        progress.epoch(epoch, weights, held, wrong, () =>
          argMaxRows(predictProbabilities(network, lower, { examples: train, rows: everything }), classes)
        )
      }
    }
  ).finally(() => solver.dispose())

  // 3. What each kind of evidence says of each label.
  const probabilities = predictProbabilities(network, learned.lower, { examples: train, rows: everything })
  const stopEarly = learned.stopped === 'cancelled' || learned.stopped === 'time'
  const isAsked = settings.folds > 1 && !stopEarly
  const gathered =
    isAsked && takesEvidence(train)
      ? await gather(train, heldCount < FEWEST_TO_CHOOSE ? allTrusted : trusted, run, spec.seed, progress)
      : undefined
  const crossValidated =
    gathered?.crossValidated ??
    (isAsked ? await crossValidate(network, train, trusted, settings, spec.seed, progress) : undefined)
  const opinions = [probabilities, trustedProbabilities, ...(crossValidated ? [crossValidated] : [])]
  const ofKinds = await gatherEvidence({
    labels: train.labels,
    weights: learned.weights,
    probabilities: { own: probabilities, trusted: trustedProbabilities, crossValidated }
  })
  // Tables and features are ranked by the probability that a label is right, pictures by all kinds as one.
  const evidence = gathered ? { ...ofKinds, combined: gathered.right } : ofKinds
  const together = gathered ? gathered.likeliest : argMaxRows(sumOf(opinions), classes)
  const contradicted = (row: number): boolean => !!gathered || together[row] !== train.labels[row]
  const threshold =
    spec.threshold ??
    (gathered ? cutForFlags(evidence.combined, gathered.flags) : cutByShare(evidence.combined, contradicted))
  const suspicious = (row: number): boolean =>
    spec.threshold === undefined
      ? evidence.combined[row]! < threshold && contradicted(row)
      : evidence.weight[row]! < threshold
  const flagged = Uint8Array.from(train.labels, (_, row) =>
    Number(dropped.has(row) || (!vouched.has(row) && suspicious(row)))
  )
  const predicted = together.map((label, row) =>
    gathered && flagged[row] ? gathered.alternative[row]! : label
  )
  const kept: RowsOf = { examples: train, rows: rowsWhere(train.count, (i) => flagged[i] === 0) }

  // 4. Compare classifiers, on the held-back examples for the choice and on the test set for the report.
  progress.enter('comparing')
  const fit = (parts: readonly RowsOf[]): Promise<Float32Array> => {
    const count = parts.reduce((total, part) => total + part.rows.length, 0)
    return trainClassifier(network, parts, settings.final(count), spec.seed, progress.watch())
  }
  const asGiven: RowsOf = { examples: train, rows: everything }
  const choice = await recommend({
    network,
    heldBack,
    test: test && { examples: test, rows: rowsWhere(test.count, () => true) },
    bilevel: learned.lower,
    trustedOnly: { choosing: pretrained, final: () => fit([allTrusted]) },
    cleaned: { choosing: () => fit([kept, trusted]), final: () => fit([kept, allTrusted]) },
    noisy: { choosing: () => fit([asGiven, trusted]), final: () => fit([asGiven, allTrusted]) },
    cancelled: learned.stopped === 'cancelled',
    short: learned.stopped === 'time'
  })
  const scored = (scores: Float32Array): Detection | undefined => wrong && detectionOf(scores, flagged, wrong)
  return {
    stopped: learned.stopped,
    metrics: {
      testAccuracy: choice.testAccuracy,
      kept: kept.rows.length,
      flagged: train.count - kept.rows.length,
      threshold,
      bestEpoch: learned.bestEpoch,
      recommendation: choice.recommendation,
      heldBackAccuracy: choice.heldBackAccuracy,
      detection: scored(evidence.weight),
      evidence: wrong && ofEach(evidence, (scores) => scored(scores)!)
    },
    advice: [
      ...constantAdvice(scale),
      ...(learned.divergence ? [`${learned.divergence.sentence} ${learned.divergence.remedy}`] : []),
      ...(spec.method === 'gd'
        ? [
            'GD ignores how the classifier depends on the weights, so the weights stayed where they started: take another method to learn them.'
          ]
        : []),
      ...choice.advice,
      ...(heldCount < 20
        ? [
            'There are too few trusted examples to hold any back: the last epoch is the result. Mark at least 100.'
          ]
        : [])
    ],
    upperSteps: learned.upperSteps,
    lowerSteps: learned.upperSteps * settings.solver.lowerSteps,
    solverSeconds: learned.solverSeconds,
    evidence,
    predicted,
    flagged,
    labels: train.labels,
    trajectory: history.rows(),
    network,
    parameters: withoutScale(network, choice.parameters, scale),
    lower: learned.lower
  }
}

async function gather(
  train: ResidentExamples,
  trusted: RowsOf,
  run: TaskRun,
  seed: number,
  progress: DenoisingProgress
): Promise<LabelEvidence> {
  progress.enter('cross-validating')
  return believeLabels(train, trusted, seed, () => run.poll())
}

/** Class probabilities of classifiers that have not seen the example, row-major [train.count, classes]. */
async function crossValidate(
  network: Network,
  train: ResidentExamples,
  trusted: RowsOf,
  { folds, final }: DenoisingSettings,
  seed: number,
  progress: DenoisingProgress
): Promise<Float32Array> {
  progress.enter('cross-validating')
  const recipe = final(Math.round((train.count * (folds - 1)) / folds) + trusted.rows.length)
  // Fewer passes than for a final classifier: wrong labels are learned last (Arpit et al. 2017).
  const short = { ...recipe, epochs: Math.max(5, Math.ceil(recipe.epochs / 3)) }
  return crossValidatedProbabilities(network, train, trusted, short, folds, seed, progress.watch())
}

function constantAdvice(scale: FeatureScale | undefined): string[] {
  const constant = scale ? constantColumns(scale) : 0
  if (constant === 0) return []
  const columns = constant === 1 ? '1 column holds' : `${constant} columns hold`
  return [`${columns} the same value in every example and ${constant === 1 ? 'is' : 'are'} left out.`]
}

/** Entry by entry. */
function sumOf(parts: readonly Float32Array[]): Float32Array {
  return parts[0]!.map((_, i) => parts.reduce((total, part) => total + part[i]!, 0))
}

function rowsWhere(count: number, wanted: (row: number) => boolean): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i).filter(wanted)
}
