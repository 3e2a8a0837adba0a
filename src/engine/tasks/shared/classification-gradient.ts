import { add, mean, mul } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { ForwardMode } from '../../layers/layer'
import { CrossEntropy } from '../../models/cross-entropy'
import type { Network } from '../../models/network'
import type { LabelledBatch } from './resident-examples'

/**
 * Mean cross-entropy and its gradient on one batch, each computed when it is first asked for.
 * Tensors belong to the caller's tidy scope, and are to be asked for in it.
 */
export function classificationGradient(
  network: Network,
  v: Tensor1D,
  batch: LabelledBatch,
  mode: Partial<ForwardMode> = {}
): { readonly value: Scalar; readonly gradient: Tensor1D } {
  const pass = network.forward(v, batch.x, { ...mode, training: mode.training ?? false })
  const logits = batch.mask ? add<Tensor2D>(pass.output, batch.mask) : pass.output
  const loss = new CrossEntropy(logits, batch.targets)
  let value: Scalar | undefined
  let gradient: Tensor1D | undefined
  return {
    get value(): Scalar {
      return (value ??= mean(loss.losses) as Scalar)
    },
    get gradient(): Tensor1D {
      const share = 1 / batch.x.shape[0]!
      return (gradient ??= pass.backward(mul(loss.residual, share)).flat as Tensor1D)
    }
  }
}
