import { reshape } from '@tensorflow/tfjs-core'
import type { Layer } from './layer'

/** [batch, ...shape] to [batch, product of shape]. */
export function flatten(inputShape: readonly number[]): Layer {
  const size = inputShape.reduce((product, side) => product * side, 1)
  return {
    kind: 'flatten',
    parameters: [],
    outputShape: [size],
    initialise: () => [],
    forward: (x) => ({
      y: reshape(x, [x.shape[0]!, size]),
      backward: (dy, wantInput) => ({ dw: [], dx: wantInput ? reshape(dy, x.shape) : undefined }),
      tangent: (xt) => ({
        yt: xt && reshape(xt, [x.shape[0]!, size]),
        backward: (_dy, dyt, wantInput) => ({
          dwt: [],
          dxt: wantInput && dyt ? reshape(dyt, x.shape) : undefined
        })
      })
    })
  }
}
