import { keep, mean, mul, square, sub, sum, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import { DeviceAdam } from '../../bilevel/adam'
import type { Network } from '../../models/network'
import { BatchOrder } from '../shared/batch-order'
import type { TrainingRecipe, TrainingWatch } from '../shared/classifier-training'
import type { ResidentExamples } from '../shared/resident-examples'

/**
 * Train a network to give known features of images (least squares): features computed elsewhere come without a
 * way back to the pixels, and the student supplies one. Adam, the learning rate along a half cosine.
 * @param features row-major [examples.count, network.outputSize]
 * @returns parameters, [layout.size]
 */
export async function trainStudent(
  network: Network,
  examples: ResidentExamples,
  features: Float32Array,
  recipe: TrainingRecipe,
  seed: number,
  watch: TrainingWatch = {}
): Promise<Float32Array> {
  const width = network.outputSize
  const order = new BatchOrder(examples.count, recipe.batchSize, Random.derive(seed, 'training order'))
  let v = keep(tensor1d(network.initialise(Random.derive(seed, 'initial parameters'))))
  const adam = new DeviceAdam(network.layout.size)
  const total = recipe.epochs * order.batchesPerEpoch
  try {
    for (let step = 0; step < total; step++) {
      const rows = order.next()
      const gradient = tidy(() => {
        const wanted = Float32Array.from({ length: rows.length * width }, (_, i) => {
          return features[rows[Math.floor(i / width)]! * width + (i % width)]!
        })
        const pass = network.forward(v, examples.features(rows))
        const gap = sub(pass.output, tensor(wanted, [rows.length, width]))
        return pass.backward(mul(gap, 2 / wanted.length)).flat
      })
      v = adam.step(v, gradient, recipe.learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / total)))
      gradient.dispose()
      const endOfEpoch = (step + 1) % order.batchesPerEpoch === 0
      if (endOfEpoch && watch.onEpoch) {
        const host = (): Float32Array => Float32Array.from(v.dataSync())
        if (!(await watch.onEpoch((step + 1) / order.batchesPerEpoch, host, examples.count))) break
      }
    }
    return Float32Array.from(v.dataSync())
  } finally {
    v.dispose()
    adam.dispose()
  }
}

/** Share of the features' variance that predictions explain: 1 is perfect, 0 no better than the mean. */
export function explainedVariance(predicted: Float32Array, wanted: Float32Array, width: number): number {
  return tidy(() => {
    const truth = tensor(wanted, [wanted.length / width, width])
    const residual = sum(square(sub(truth, tensor(predicted, truth.shape)))).dataSync()[0]!
    const spread = sum(square(sub(truth, mean(truth, 0)))).dataSync()[0]!
    return 1 - residual / Math.max(spread, 1e-12)
  })
}
