import { engine } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'

/**
 * Max pooling over size x size windows that do not overlap, with the winners remembered: the forward pass
 * decides which input of each window won, and tangents and gradients are picked from or given to that one
 * only. (Equality with the maximum alone would count a tie several times; flat image regions tie exactly.)
 */
export interface PooledPass {
  readonly y: Tensor
  /** The winners' values of a tensor shaped like x; shaped like y. */
  pick(t: Tensor): Tensor
  /** A tensor shaped like y, laid on the winners; shaped like x, zero elsewhere. */
  spread(dy: Tensor): Tensor
}

/**
 * @param x [batch, height, width, channels]; rows and columns beyond a multiple of `size` take no part
 */
export function maxPoolWithWinners(x: Tensor4D, size: number): PooledPass {
  const attributes = { size }
  const [y, winners] = engine().runKernel('BilevelMaxPoolWinners', { x }, attributes) as unknown as Tensor[]
  const remembered = { x, winners: winners! }
  return {
    y: y!,
    pick: (t) => engine().runKernel('BilevelMaxPoolPick', { t, ...remembered }, attributes) as Tensor,
    spread: (dy) => engine().runKernel('BilevelMaxPoolSpread', { dy, ...remembered }, attributes) as Tensor
  }
}
