import { pricesOf } from '../../../shared/domain/prices'
import { sigmoid } from '../../evidence/log-odds'
import { LabelBeliefs } from '../../evidence/wrong-labels'
import { RunPaused } from '../shared/task-run'
import type { Checkpoint, TimeLimit } from '../shared/task-run'
import { trainClassifier } from '../shared/classifier-training'
import type { TrainingRecipe } from '../shared/classifier-training'
import { crossValidatedProbabilities } from './confidence'
import type { FoldsDone } from './confidence'
import { flagCount } from './label-evidence'
import type { LabelEvidence } from './label-evidence'
import { networkRecipe, rowsOfFold } from './network-folds'
import type { PreparedRun } from './prepared-run'
import { budgetOf, JUDGING_SHARE, partOf } from './time-budget'

/** A network that is asked alone says nothing of how many labels are wrong, nor of a linear classifier's penalty. */
export type RunEvidence = Omit<LabelEvidence, 'c' | 'expected' | 'crossValidated'> &
  Partial<Pick<LabelEvidence, 'c' | 'expected' | 'crossValidated'>>

const PHASE = 'judging'
/**
 * Of the passes that it is to make, in how many it learns enough to be asked: where time does not suffice for those,
 * flags of networks that were hardly trained would be no result.
 */
const FEWEST_OF_PASSES = 0.4

/**
 * What a convolutional network says of labels that it has not seen, in fewer passes where time is short. Undefined where
 * it is too short, or the run was cancelled meanwhile.
 * @throws RunPaused with the folds that are done in the checkpoint: they take most of the run
 */
export async function askNetwork({
  network,
  train,
  trusted,
  settings,
  spec,
  run,
  progress
}: Pick<PreparedRun, 'network' | 'train' | 'trusted' | 'settings' | 'spec' | 'run' | 'progress'>): Promise<
  FoldsDone | undefined
> {
  const { folds } = settings
  let done = run.restored && foldsOf(run.restored)
  progress.enter('judging', (done?.folds ?? 0) / folds)
  if (done?.folds === folds) return done
  const count = rowsOfFold(train.count, folds) + trusted.rows.length
  const recipe = networkRecipe(settings.final(count))
  const budget = budgetOf(run.limit, JUDGING_SHARE)
  const left = folds - (done?.folds ?? 0)
  const rows = left * (recipe.epochs * count + (AS_LONG_AS_LEARNED * train.count) / folds)
  const forecast = progress.shareInTime(rows, budget)
  // A machine that has other things to do is slower than was forecast.
  const share =
    run.limit && forecast >= FEWEST_OF_PASSES
      ? Math.min(
          1,
          budget.left() / (rows * (await secondsOfExample({ network, train, recipe, limit: run.limit })))
        )
      : forecast
  if (share < FEWEST_OF_PASSES) return undefined
  let isEnded = false
  let passes = 0
  let ofFold = partOf(budget, 1 / left)
  const isCut = (): boolean => {
    if (ofFold.left() > 0) return false
    isEnded ||= passes < FEWEST_OF_PASSES * recipe.epochs
    return true
  }
  await crossValidatedProbabilities(
    network,
    train,
    trusted,
    { ...recipe, epochs: Math.round(share * recipe.epochs) },
    folds,
    spec.seed,
    {
      done,
      onEpoch: async (_epoch, _lower, examples) => {
        progress.passed(examples)
        passes++
        const signal = await run.poll()
        if (signal === 'pause') throw new RunPaused()
        isEnded = signal === 'cancel'
        return !isEnded && !isCut()
      },
      isOver: isCut,
      onFold: async (soFar) => {
        if (isEnded) return false
        done = soFar
        passes = 0
        ofFold = partOf(budget, 1 / Math.max(1, folds - soFar.folds))
        const { json, arrays } = checkpointOfFolds(soFar)
        await run.saveCheckpoint({ json: { ...json, phase: PHASE }, arrays })
        return true
      }
    }
  )
  return isEnded ? undefined : done
}

/** Steps whose time tells that of all, and those before, in which much is done for the first time. */
const TRIED = 4
const WARMING = 2
/** Examples that are predicted in the time that one is learned from. */
const AS_LONG_AS_LEARNED = 1 / 3

/** How long learning from one takes here and now. */
async function secondsOfExample({
  network,
  train,
  recipe,
  limit
}: Pick<PreparedRun, 'network' | 'train'> & {
  readonly recipe: TrainingRecipe
  readonly limit: TimeLimit
}): Promise<number> {
  const rows = Int32Array.from({ length: train.count }, (_, row) => row)
  let steps = 0
  let begun = limit.secondsLeft()
  const isOver = (): boolean => {
    steps++
    if (steps === WARMING) begun = limit.secondsLeft()
    return steps >= WARMING + TRIED
  }
  await trainClassifier(network, [{ examples: train, rows }], recipe, 0, {
    isOver,
    onEpoch: () => Promise.resolve(!isOver())
  })
  return (begun - limit.secondsLeft()) / (TRIED * Math.min(recipe.batchSize, train.count))
}

/** What of a checkpoint they are. */
export function checkpointOfFolds({ folds, probabilities, lower }: FoldsDone): Checkpoint {
  return { json: { networkFolds: folds }, arrays: { networkOpinion: probabilities, networkLower: lower } }
}

function foldsOf({ json, arrays }: Checkpoint): FoldsDone | undefined {
  const { networkFolds: folds } = json
  const { networkOpinion: probabilities, networkLower: lower } = arrays
  const isThere =
    typeof folds === 'number' && probabilities instanceof Float32Array && lower instanceof Float32Array
  return isThere ? { folds, probabilities, lower } : undefined
}

/**
 * Its opinion, where there is one, and that of the trusted examples alone as one probability a label.
 * @param trustedOnly row-major [examples, classes]
 */
export function networkEvidence(
  { train, spec }: Pick<PreparedRun, 'train' | 'spec'>,
  crossValidated: Float32Array | undefined,
  trustedOnly: Float32Array
): RunEvidence {
  const { labels, classes, count } = train
  const beliefs = new LabelBeliefs(
    [...(crossValidated ? [crossValidated] : []), trustedOnly],
    labels,
    classes,
    count,
    spec.seed
  )
  const all = Array.from({ length: count }, (_, row) => beliefs.of(row))
  const wrong = Float64Array.from(all, ({ logOdds }) => sigmoid(logOdds))
  return {
    isCut: crossValidated === undefined,
    right: Float32Array.from(all, ({ logOdds }) => sigmoid(-logOdds)),
    likeliest: Int32Array.from(all, ({ likeliest }) => likeliest),
    alternative: Int32Array.from(all, ({ alternative }) => alternative),
    crossValidated,
    trustedOnly,
    trustedC: undefined,
    flags: flagCount(wrong, beliefs.anyWrong, pricesOf(spec)),
    planted: undefined,
    trustedWrong: undefined
  }
}
