import type { StopReason } from '../../shared/domain/report'
import type { HyperparametersSpec } from '../../shared/domain/task-spec'
import { badInput } from '../../shared/domain/failure'
import { Random } from '../../shared/domain/random'
import { buildModel } from '../models/classifier'
import type { Network } from '../models/network'
import { BatchOrder } from './batch-order'
import type { BatchOrderState } from './batch-order'
import { isFromPhase, runBilevelLoop } from './bilevel-loop'
import type { BatchStream } from './bilevel-loop'
import { buildSolver } from './build-solver'
import { scoreClassifier } from './classifier-training'
import type { RowsOf } from './classifier-training'
import { hyperparameterSettings } from './hyperparameter-settings'
import { HyperparameterProgress } from './hyperparameter-progress'
import { RegularisationProblem } from './regularisation-problem'
import type { RegularisationBatch } from './regularisation-problem'
import { trainRegularised } from './regularised-training'
import { Regulariser } from './regulariser'
import type { StrengthBlock } from './regulariser'
import { ResidentExamples, disposeBatch } from './resident-examples'
import type { Checkpoint, ExampleSource, TaskRun } from './task-run'

export interface HyperparameterSources {
  readonly train: ExampleSource
  readonly validation: ExampleSource
  readonly test?: ExampleSource
}

/** How a classifier trained from scratch did; accuracies are fractions. */
export interface TrainedScore {
  readonly validationLoss: number
  readonly validationAccuracy: number
  readonly testAccuracy: number | null
}

export type Contender = 'unregularised' | 'grid' | 'tuned'

export interface HyperparameterResult {
  readonly stopped: StopReason
  readonly upperSteps: number
  readonly lowerSteps: number
  readonly solverSeconds: number
  /** Absent where the run was ended before. */
  readonly scores: Partial<Record<Contender, TrainedScore>>
  /** Every shared strength tried, with the validation loss of the classifier trained with it. */
  readonly grid: readonly { strength: number; validationLoss: number }[]
  readonly gridStrength: number | null
  /** One a group. */
  readonly strengths: Float32Array
  readonly blocks: readonly StrengthBlock[]
  /** The contender with the lowest validation loss, and its classifier. */
  readonly best: Contender | null
  readonly network: Network
  readonly parameters: Float32Array
  readonly advice: readonly string[]
}

/** @throws Failure bad-input naming what does not fit */
export function checkHyperparameters(sources: HyperparameterSources, spec: HyperparametersSpec): void {
  for (const [role, source] of Object.entries(sources) as [string, ExampleSource | undefined][]) {
    if (source && source.count === 0) throw badInput(`--${role} holds no examples.`, 'Name other data.')
  }
  const { shape, classNames } = sources.train
  buildModel(spec.model, { shape, classes: classNames.length, hiddenSizes: spec.hiddenSizes })
}

const PHASE = 'tuning'

/**
 * Hyperparameter tuning as a bilevel problem: the upper variables are logarithms of L2 strengths, judged by
 * validation loss at the parameters that training with them reaches. Beside it no regularisation and the best of
 * a grid of shared strengths; all three are classifiers trained from scratch by one recipe.
 * @throws Failure bad-input; RunPaused after a checkpoint
 */
export async function runHyperparameters(
  sources: HyperparameterSources,
  spec: HyperparametersSpec,
  run: TaskRun
): Promise<HyperparameterResult> {
  checkHyperparameters(sources, spec)
  const all = (source: ExampleSource): RowsOf => {
    const rows = Int32Array.from({ length: source.count }, (_, i) => i)
    return { examples: new ResidentExamples(source), rows }
  }
  const train = all(sources.train)
  const validation = all(sources.validation)
  const test = sources.test && all(sources.test)
  const { shape, classNames } = sources.train
  const network = buildModel(spec.model, {
    shape,
    classes: classNames.length,
    hiddenSizes: spec.hiddenSizes
  })
  const regulariser = new Regulariser(network, spec.granularity)
  const settings = hyperparameterSettings(spec, {
    train: train.rows.length,
    validation: validation.rows.length
  })
  const progress = new HyperparameterProgress(run, settings)
  const fit = (strengths: Float32Array): Promise<Float32Array | undefined> =>
    trainRegularised(network, train, regulariser, strengths, settings.training, spec.seed, progress.watch())
  const shared = (strength: number): Float32Array => new Float32Array(regulariser.count).fill(strength)
  const scoreOf = (parameters: Float32Array): TrainedScore => {
    const { loss, accuracy } = scoreClassifier(network, parameters, validation)
    const testAccuracy = test ? scoreClassifier(network, parameters, test).accuracy : null
    return { validationLoss: loss, validationAccuracy: accuracy, testAccuracy }
  }

  const found = new Contenders()
  if (isFromPhase(run.restored, PHASE)) found.restore(run.restored)
  else {
    progress.enter('grid')
    found.add('unregularised', await fit(shared(0)), scoreOf)
    for (const strength of settings.grid) {
      const parameters = await fit(shared(strength))
      if (!parameters) break
      found.addToGrid(strength, parameters, scoreOf)
    }
  }

  // The strengths start where the grid search found its best; v where training with it ended.
  const start = shared(spec.initialStrength ?? found.gridStrength ?? settings.grid[0]!)
  const first = found.parameters('grid') ?? network.initialise(Random.derive(spec.seed, 'initial parameters'))
  const solver = buildSolver(
    spec.method,
    new RegularisationProblem(network, regulariser, start, first),
    settings.solver,
    spec
  )
  progress.enter('tuning')
  const outcome = await runBilevelLoop(
    {
      solver,
      batches: new RegularisationBatches(train, validation, settings, spec.seed),
      upperSteps: settings.upperSteps,
      phase: PHASE,
      checkpointEvery: Math.max(1, Math.ceil(settings.upperSteps / 20)),
      beside: () => found.save(),
      onStep: (report, step) => progress.step(report, step, solver.upper)
    },
    run
  ).finally(() => solver.dispose())
  const strengths = solver.upper.map(Math.exp)
  progress.enter('retraining')
  if (outcome.stopped !== 'diverged') found.add('tuned', await fit(strengths), scoreOf)

  const best = found.best
  return {
    stopped: outcome.stopped,
    upperSteps: outcome.upperSteps,
    lowerSteps: outcome.upperSteps * settings.solver.lowerSteps,
    solverSeconds: outcome.solverSeconds,
    scores: found.scores,
    grid: found.grid,
    gridStrength: found.gridStrength ?? null,
    strengths,
    blocks: regulariser.blocks,
    best: best ?? null,
    network,
    parameters: (best && found.parameters(best)) ?? first,
    advice: [
      ...(outcome.divergence ? [`${outcome.divergence.sentence} ${outcome.divergence.remedy}`] : []),
      ...adviceOf(found, regulariser.count, validation.rows.length)
    ]
  }
}

/** What has been trained so far. */
class Contenders {
  readonly scores: Partial<Record<Contender, TrainedScore>> = {}
  readonly grid: { strength: number; validationLoss: number }[] = []
  gridStrength: number | undefined
  readonly #parameters = new Map<Contender, Float32Array>()

  parameters(name: Contender): Float32Array | undefined {
    return this.#parameters.get(name)
  }

  add(
    name: Contender,
    parameters: Float32Array | undefined,
    scoreOf: (parameters: Float32Array) => TrainedScore
  ): void {
    if (!parameters) return
    this.scores[name] = scoreOf(parameters)
    this.#parameters.set(name, parameters)
  }

  addToGrid(
    strength: number,
    parameters: Float32Array,
    scoreOf: (parameters: Float32Array) => TrainedScore
  ): void {
    const score = scoreOf(parameters)
    this.grid.push({ strength, validationLoss: score.validationLoss })
    if (this.scores.grid && this.scores.grid.validationLoss <= score.validationLoss) return
    this.scores.grid = score
    this.gridStrength = strength
    this.#parameters.set('grid', parameters)
  }

  /** Lowest validation loss. */
  get best(): Contender | undefined {
    const names = Object.keys(this.scores) as Contender[]
    return names.sort((a, b) => this.scores[a]!.validationLoss - this.scores[b]!.validationLoss)[0]
  }

  save(): Checkpoint {
    const { scores, grid, gridStrength } = this
    const arrays = Object.fromEntries(
      [...this.#parameters].map(([name, values]) => [`${name}Parameters`, values])
    )
    return { json: { scores, grid, gridStrength: gridStrength ?? null }, arrays }
  }

  restore({ json, arrays }: Checkpoint): void {
    Object.assign(this.scores, json['scores'])
    this.grid.push(...(json['grid'] as { strength: number; validationLoss: number }[]))
    this.gridStrength = (json['gridStrength'] as number | null) ?? undefined
    for (const name of ['unregularised', 'grid'] as const) {
      const values = arrays[`${name}Parameters`]
      if (values instanceof Float32Array) this.#parameters.set(name, values)
    }
  }
}

class RegularisationBatches implements BatchStream<RegularisationBatch> {
  readonly #train: RowsOf
  readonly #validation: RowsOf
  readonly #order: BatchOrder
  readonly #validationOrder: BatchOrder
  #masks: Random

  constructor(
    train: RowsOf,
    validation: RowsOf,
    sizes: { batchSize: number; validationBatchSize: number },
    seed: number
  ) {
    this.#train = train
    this.#validation = validation
    this.#order = new BatchOrder(train.rows.length, sizes.batchSize, Random.derive(seed, 'tuning batches'))
    this.#validationOrder = new BatchOrder(
      validation.rows.length,
      sizes.validationBatchSize,
      Random.derive(seed, 'validation batches')
    )
    this.#masks = Random.derive(seed, 'tuning dropout')
  }

  next(): RegularisationBatch {
    return {
      train: this.#train.examples.batch(this.#order.next()),
      validation: this.#validation.examples.batch(this.#validationOrder.next()),
      maskSeed: this.#masks.below(2 ** 30)
    }
  }

  release(batch: RegularisationBatch): void {
    disposeBatch(batch.train)
    disposeBatch(batch.validation)
  }

  save(): unknown {
    return { train: this.#order.save(), validation: this.#validationOrder.save(), masks: this.#masks.state }
  }

  restore(saved: unknown): void {
    const state = saved as {
      train: BatchOrderState
      validation: BatchOrderState
      masks: Random['state']
    }
    this.#order.restore(state.train)
    this.#validationOrder.restore(state.validation)
    this.#masks = new Random(state.masks)
  }
}

function adviceOf({ scores, best }: Contenders, strengths: number, validation: number): string[] {
  const advice: string[] = []
  const { grid, tuned } = scores
  if (tuned && grid && best !== 'tuned') {
    advice.push(
      `The tuned strengths did not beat ${best === 'grid' ? 'one shared strength' : 'no regularisation'} in validation loss: model.json is that classifier.`
    )
  }
  if (strengths > validation) {
    advice.push(
      `There are more strengths (${strengths}) than validation examples (${validation}): the validation loss flatters the result, only the test accuracy counts.`
    )
  }
  if (best && best !== 'unregularised' && scores.unregularised && scores[best]) {
    const gain = scores.unregularised.validationLoss - scores[best].validationLoss
    if (gain < 0.01) advice.push('Regularisation makes hardly any difference on these data.')
  }
  return advice
}
