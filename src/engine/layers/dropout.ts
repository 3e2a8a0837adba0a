import { mul } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { dropoutMask } from '../tensors/kernels'
import type { ForwardMode, Layer } from './layer'

/** Training with masks drawn before (Network.dropoutMasks), for one pass. */
export function withMasks(masks: readonly Tensor[]): ForwardMode {
  let next = 0
  return { training: true, nextMask: () => masks[next++]! }
}

/**
 * Inverted dropout (Srivastava et al. 2014): while training, each value is zero with probability `rate` and
 * otherwise divided by 1 - rate; when scoring, the identity. One mask serves a pass and its tangents.
 */
export function dropout(rate: number, shape: readonly number[]): Layer {
  return {
    kind: 'dropout',
    parameters: [],
    outputShape: shape,
    initialise: () => [],
    ...(rate === 0
      ? {}
      : { drawMask: (count: number, seed: number) => dropoutMask([count, ...shape], rate, seed) }),
    forward: (x, _weights, mode) => {
      if (!mode.training || rate === 0) {
        return {
          y: x,
          backward: (dy, wantInput) => ({ dw: [], dx: wantInput ? dy : undefined }),
          tangent: (xt) => ({
            yt: xt,
            backward: (_dy, dyt, wantInput) => ({ dwt: [], dxt: wantInput ? dyt : undefined })
          })
        }
      }
      const mask = mode.nextMask?.() ?? (mode.nextSeed && dropoutMask(x.shape, rate, mode.nextSeed()))
      if (!mask) throw new Error('Dropout in training needs masks or a source of seeds.')
      return {
        y: mul(x, mask),
        backward: (dy, wantInput) => ({ dw: [], dx: wantInput ? mul(dy, mask) : undefined }),
        tangent: (xt) => ({
          yt: xt && mul(xt, mask),
          backward: (_dy, dyt, wantInput) => ({ dwt: [], dxt: wantInput && dyt ? mul(dyt, mask) : undefined })
        })
      }
    }
  }
}
