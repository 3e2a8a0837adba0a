import { mul, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { Network } from '../../models/network'
import type { Recordings } from '../../tensors/recordings'
import { joinedRows } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { trainFromScratch } from '../shared/scratch-training'
import type { Regulariser } from './regulariser'

/** Training to the end: strengths only mean something where the training does not stop early itself. */
export interface RegularisedRecipe {
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
}

/** Steps between two looks at what is wanted of the run. */
const LOOK_EVERY = 100

/**
 * Train from scratch on cross-entropy plus the L2 penalty.
 * @param strengths one a group, [regulariser.count]
 * @param recordings of the trainings before, which differ in strengths alone
 * @param goOn asked now and then; a false answer gives the training up
 * @returns parameters, [network.layout.size]; undefined where it was given up
 */
export async function trainRegularised(
  network: Network,
  part: RowsOf,
  regulariser: Regulariser,
  strengths: Float32Array,
  recipe: RegularisedRecipe,
  seed: number,
  recordings: Recordings,
  goOn: (fraction: number) => Promise<boolean>
): Promise<Float32Array | undefined> {
  if (!(await goOn(0))) return undefined
  const spread = tidy(() => regulariser.spread(tensor1d(strengths)))
  try {
    const { parameters, isFinished } = await trainFromScratch(
      network,
      joinedRows([part]),
      {
        ...recipe,
        seed,
        recordings,
        stepsAtOnce: LOOK_EVERY,
        penalty: { gradient: (v) => mul(spread, v) as Tensor1D, inputs: [spread] }
      },
      (step) => (step % LOOK_EVERY === 0 && step < recipe.steps ? goOn(step / recipe.steps) : undefined)
    )
    return isFinished ? parameters : undefined
  } finally {
    spread.dispose()
  }
}
