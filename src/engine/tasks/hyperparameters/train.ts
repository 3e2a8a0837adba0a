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
import { RetrainedClassifiers } from './retrained-classifiers'
import type { TuningInputs } from './retrained-classifiers'
import { Regulariser } from './regulariser'
import type { StrengthBlock } from './regulariser'
import { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource, Solved, TaskRun } from '../shared/task-run'
import type { Contender, Contenders, GridPoint, TrainedScore, TuningCheck } from './contenders'

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
  networkOf(sources, spec)
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
  const train = allRows(sources.train)
  const validation = allRows(sources.validation)
  const test = sources.test && allRows(sources.test)
  const network = networkOf(sources, spec)
  const regulariser = new Regulariser(network, spec.granularity)
  const settings = hyperparameterSettings(spec, {
    train: train.rows.length,
    validation: validation.rows.length,
    features: sources.train.shape.reduce((product, side) => product * side, 1)
  })
  const progress = new HyperparameterProgress(run, settings)
  const { seed } = spec
  const about = { network, regulariser, train, validation, settings, seed, progress }
  const retrained = new RetrainedClassifiers(about)
  try {
    return await tuned(about, retrained, spec, run, test)
  } finally {
    retrained.dispose()
  }
}

async function tuned(
  { network, regulariser, train, validation, settings, seed, progress }: TuningInputs,
  retrained: RetrainedClassifiers,
  spec: HyperparametersSpec,
  run: TaskRun,
  test: RowsOf | undefined
): Promise<HyperparameterResult> {
  const { found } = retrained

  // 1. No regularisation, and a grid of shared strengths.
  const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
  if (restored) found.restore(restored)
  else await retrained.searchGrid()

  // 2. The strengths are tuned.
  progress.enter('tuning')
  const start = retrained.shared(spec.initialStrength ?? found.gridStrength ?? settings.grid[0]!)
  if (!restored) await judgeStart(retrained, spec, start)
  const first =
    startingParameters(found, spec) ?? network.initialise(Random.derive(seed, 'initial parameters'))
  const problem = new RegularisationProblem(network, regulariser, start, first)
  const solver = buildSolver(spec.method, problem, settings.solver, spec)
  const reached = (): Float32Array => solver.upper.map(Math.exp)
  const outcome = await runBilevelLoop(
    {
      solver,
      batches: new RegularisationBatches(network, train, validation, settings, seed),
      upperSteps: settings.upperSteps,
      phase: PHASE,
      isCheck: everySteps(settings.checkEvery, settings.upperSteps),
      beside: () => found.save(),
      onStep: (report, step) => progress.step(report, step, solver.upper),
      onCheck: (step) => retrained.judge(step, reached())
    },
    run,
    restored
  ).finally(() => solver.dispose())
  // Ended between two checks: what has been reached since may be the best.
  const { upperSteps, stopped } = outcome
  const isJudged = upperSteps === 0 || found.checks.at(-1)?.step === upperSteps
  if (!isJudged && stopped !== 'diverged') await retrained.judge(upperSteps, reached())

  // 3. Test examples see only what has been kept.
  return {
    stopped,
    upperSteps,
    lowerSteps: upperSteps * settings.solver.lowerSteps,
    solverSeconds: outcome.solverSeconds,
    scores: found.scores((parameters) => (test ? scoreClassifier(network, parameters, test).accuracy : null)),
    ...keptBy(found, start, first),
    blocks: regulariser.blocks,
    network,
    advice: [
      ...(outcome.divergence ? [`${outcome.divergence.sentence} ${outcome.divergence.remedy}`] : []),
      ...found.advice(regulariser.count, validation.rows.length)
    ]
  }
}

function allRows(source: ExampleSource): RowsOf {
  const rows = Int32Array.from({ length: source.count }, (_, i) => i)
  return { examples: new ResidentExamples(source), rows }
}

function networkOf({ train }: HyperparameterSources, spec: HyperparametersSpec): Network {
  const { shape, classNames } = train
  return buildModel(spec.model, { shape, classes: classNames.length, hiddenSizes: spec.hiddenSizes })
}

/** The strengths start where the grid search found its best, or where the spec says. */
async function judgeStart(
  retrained: RetrainedClassifiers,
  { initialStrength }: HyperparametersSpec,
  start: Float32Array
): Promise<void> {
  const { found } = retrained
  const ofGrid = found.classifier('grid')
  if (ofGrid) found.tried(0, retrained.shared(found.gridStrength!), ofGrid)
  if (initialStrength) await retrained.judge(0, start)
}

/** v starts where training with the strengths ended, where there has been one. */
function startingParameters(
  found: Contenders,
  { initialStrength }: HyperparametersSpec
): Float32Array | undefined {
  const ofGrid = initialStrength ? undefined : found.classifier('grid')
  return (ofGrid ?? found.classifier('tuned'))?.parameters
}

/** What a run ends with, which may have been ended before anything was tried. */
function keptBy(
  found: Contenders,
  start: Float32Array,
  first: Float32Array
): Pick<
  HyperparameterResult,
  'grid' | 'gridStrength' | 'checks' | 'bestStep' | 'strengths' | 'best' | 'parameters'
> {
  const { grid, gridStrength, checks, bestStep, strengths, best } = found
  return {
    grid,
    gridStrength: gridStrength ?? null,
    checks,
    bestStep: bestStep ?? null,
    strengths: strengths ?? start,
    best: best ?? null,
    parameters: (best && found.classifier(best)?.parameters) ?? first
  }
}
