import type { HyperparametersSpec } from '../../../shared/domain/task-spec'
import { badInput } from '../../../shared/domain/failure'
import { Random } from '../../../shared/numerics/random'
import { buildModel } from '../../models/classifier'
import type { Network } from '../../models/network'
import { everySteps, isFromPhase, runBilevelLoop } from '../shared/bilevel-loop'
import { buildSolver } from '../../bilevel/methods'
import { scoreClassifier } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { hyperparameterSettings } from './settings'
import { HyperparameterProgress } from './progress'
import { RegularisationBatches } from './batches'
import { RegularisationProblem } from './problem'
import { trainRegularised } from './regularised-training'
import { Regulariser } from './regulariser'
import type { StrengthBlock } from './regulariser'
import { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource, Solved, TaskRun } from '../shared/task-run'
import { Contenders } from './contenders'
import type { Contender, GridPoint, TrainedClassifier, TrainedScore, TuningCheck } from './contenders'

export interface HyperparameterSources {
  readonly train: ExampleSource
  readonly validation: ExampleSource
  readonly test?: ExampleSource
}

export interface HyperparameterResult extends Solved {
  /** Absent where the run was ended before. */
  readonly scores: Partial<Record<Contender, TrainedScore>>
  /** Every shared strength tried, with the validation loss of the classifier trained with it. */
  readonly grid: readonly GridPoint[]
  readonly gridStrength: number | null
  /** Strengths tried on the way; step 0 is where the tuning started. */
  readonly checks: readonly TuningCheck[]
  /** Upper steps after which the kept strengths were reached; null where none have been tried. */
  readonly bestStep: number | null
  /** The kept ones: those that did best on validation, retrained from scratch. One a group. */
  readonly strengths: Float32Array
  readonly blocks: readonly StrengthBlock[]
  /** The contender with the lowest validation loss, and its classifier. */
  readonly best: Contender | null
  readonly network: Network
  readonly parameters: Float32Array
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
 * a grid of shared strengths; all three are classifiers trained from scratch by one recipe, and so are those that
 * judge the strengths reached on the way.
 * @throws Failure bad-input; RunPaused after a checkpoint
 */
export async function trainHyperparameters(
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
    validation: validation.rows.length,
    features: shape.reduce((product, side) => product * side, 1)
  })
  const progress = new HyperparameterProgress(run, settings)
  const found = new Contenders()
  const shared = (strength: number): Float32Array => new Float32Array(regulariser.count).fill(strength)
  /** Undefined where the run was ended before. */
  const trained = async (strengths: Float32Array): Promise<TrainedClassifier | undefined> => {
    const { training } = settings
    const watch = progress.watch()
    const parameters = await trainRegularised(
      network,
      train,
      regulariser,
      strengths,
      training,
      spec.seed,
      watch
    )
    if (!parameters) return undefined
    const { loss, accuracy } = scoreClassifier(network, parameters, validation)
    return { parameters, validationLoss: loss, validationAccuracy: accuracy }
  }
  const judge = async (step: number, strengths: Float32Array): Promise<void> => {
    const classifier = await trained(strengths)
    if (!classifier) return
    found.tried(step, strengths, classifier)
    progress.check(step, classifier.validationLoss)
  }

  // 1. No regularisation, and a grid of shared strengths.
  const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
  if (restored) found.restore(restored)
  else {
    progress.enter('grid')
    const plain = await trained(shared(0))
    if (plain) found.add('unregularised', plain)
    for (const strength of settings.grid) {
      const classifier = await trained(shared(strength))
      if (!classifier) break
      found.addToGrid(strength, classifier)
    }
  }

  // 2. The strengths start where the grid search found its best; v where training with it ended.
  progress.enter('tuning')
  const start = shared(spec.initialStrength ?? found.gridStrength ?? settings.grid[0]!)
  const ofGrid = found.classifier('grid')
  if (!restored && ofGrid) found.tried(0, shared(found.gridStrength!), ofGrid)
  if (!restored && spec.initialStrength) await judge(0, start)
  const first =
    (spec.initialStrength ? undefined : ofGrid?.parameters) ??
    found.classifier('tuned')?.parameters ??
    network.initialise(Random.derive(spec.seed, 'initial parameters'))
  const solver = buildSolver(
    spec.method,
    new RegularisationProblem(network, regulariser, start, first),
    settings.solver,
    spec
  )
  const reached = (): Float32Array => solver.upper.map(Math.exp)
  const outcome = await runBilevelLoop(
    {
      solver,
      batches: new RegularisationBatches(train, validation, settings, spec.seed),
      upperSteps: settings.upperSteps,
      phase: PHASE,
      isCheck: everySteps(settings.checkEvery, settings.upperSteps),
      beside: () => found.save(),
      onStep: (report, step) => progress.step(report, step, solver.upper),
      onCheck: (step) => judge(step, reached())
    },
    run,
    restored
  ).finally(() => solver.dispose())
  // Ended between two checks: what has been reached since may be the best.
  const { upperSteps, stopped } = outcome
  const isJudged = upperSteps === 0 || found.checks.at(-1)?.step === upperSteps
  if (!isJudged && stopped !== 'diverged') await judge(upperSteps, reached())

  // 3. Test examples see only what has been kept.
  const scores = found.scores((parameters) =>
    test ? scoreClassifier(network, parameters, test).accuracy : null
  )
  const { best } = found
  return {
    stopped,
    upperSteps,
    lowerSteps: upperSteps * settings.solver.lowerSteps,
    solverSeconds: outcome.solverSeconds,
    scores,
    grid: found.grid,
    gridStrength: found.gridStrength ?? null,
    checks: found.checks,
    bestStep: found.bestStep ?? null,
    strengths: found.strengths ?? start,
    blocks: regulariser.blocks,
    best: best ?? null,
    network,
    parameters: (best && found.classifier(best)?.parameters) ?? first,
    advice: [
      ...(outcome.divergence ? [`${outcome.divergence.sentence} ${outcome.divergence.remedy}`] : []),
      ...found.advice(regulariser.count, validation.rows.length)
    ]
  }
}
