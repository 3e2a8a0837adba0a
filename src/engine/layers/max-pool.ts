import type { Tensor4D } from '@tensorflow/tfjs-core'
import { maxPoolWithWinners } from '../tensors/pooling'
import type { Layer } from './layer'

/** Max pooling, size x size windows, stride size, padding valid. */
export function maxPool(inputShape: readonly [number, number, number], size = 2): Layer {
  const [height, width, channels] = inputShape
  return {
    kind: 'max-pool',
    parameters: [],
    outputShape: [Math.floor(height / size), Math.floor(width / size), channels],
    initialise: () => [],
    forward: (x) => {
      const pool = maxPoolWithWinners(x as Tensor4D, size)
      return {
        y: pool.y,
        backward: (dy, wantInput) => ({ dw: [], dx: wantInput ? pool.spread(dy) : undefined }),
        tangent: (xt) => ({
          yt: xt && pool.pick(xt),
          backward: (_dy, dyt, wantInput) => ({
            dwt: [],
            dxt: wantInput && dyt ? pool.spread(dyt) : undefined
          })
        })
      }
    }
  }
}
