import { pricesOf } from '../../../shared/domain/prices'
import { sigmoid } from '../../evidence/log-odds'
import { LabelBeliefs } from '../../evidence/wrong-labels'
import { RunPaused } from '../shared/task-run'
import type { Checkpoint } from '../shared/task-run'
import { crossValidatedProbabilities } from './confidence'
import type { FoldsDone } from './confidence'
import { flagCount } from './label-evidence'
import type { LabelEvidence } from './label-evidence'
import { networkRecipe, rowsOfFold } from './network-folds'
import type { PreparedRun } from './prepared-run'

/** A network that is asked alone says nothing of how many labels are wrong, nor of a linear classifier's penalty. */
export type RunEvidence = Omit<LabelEvidence, 'c' | 'expected' | 'crossValidated'> &
  Partial<Pick<LabelEvidence, 'c' | 'expected' | 'crossValidated'>>

const PHASE = 'judging'

/**
 * What a convolutional network says of labels that it has not seen. Time that is up does not end it, as all evidence:
 * flags of networks that were hardly trained would be no result. Undefined where the run was cancelled meanwhile.
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
  let isCancelled = false
  await crossValidatedProbabilities(
    network,
    train,
    trusted,
    networkRecipe(settings.final(rowsOfFold(train.count, folds) + trusted.rows.length)),
    folds,
    spec.seed,
    {
      done,
      onEpoch: async (_epoch, _lower, examples) => {
        progress.passed(examples)
        const signal = await run.poll()
        if (signal === 'pause') throw new RunPaused()
        isCancelled = signal === 'cancel'
        return !isCancelled
      },
      onFold: async (soFar) => {
        if (isCancelled) return
        done = soFar
        const { json, arrays } = checkpointOfFolds(soFar)
        await run.saveCheckpoint({ json: { ...json, phase: PHASE }, arrays })
      }
    }
  )
  return isCancelled ? undefined : done
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
    right: Float32Array.from(all, ({ logOdds }) => sigmoid(-logOdds)),
    likeliest: Int32Array.from(all, ({ likeliest }) => likeliest),
    alternative: Int32Array.from(all, ({ alternative }) => alternative),
    crossValidated,
    trustedOnly,
    trustedC: undefined,
    flags: flagCount(wrong, beliefs.anyWrong, pricesOf(spec)),
    planted: undefined
  }
}
