import { concat1d, mul, reshape, slice1d, square, sum, tile, zeros } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { Network } from '../../models/network'

/** One strength a layer; one an input feature (and one a layer above the first); one a weight. */
export type Granularity = 'layer' | 'feature' | 'weight'

/** Strengths that lie side by side: each belongs to `columns` neighbouring weights of one kernel. */
export interface StrengthBlock {
  /** The kernel, e.g. `output/kernel`. */
  readonly name: string
  /** First weight in the flat parameters. */
  readonly offset: number
  /** Number of strengths. */
  readonly rows: number
  /** Weights that share a strength. */
  readonly columns: number
  /** First strength. */
  readonly start: number
}

/**
 * The L2 penalty sum_l s_l ||v_l||² / 2 with strengths s_l of groups of weights. Biases are left free, as is
 * usual: a constant offset needs no shrinking.
 */
export class Regulariser {
  readonly blocks: readonly StrengthBlock[]
  /** Number of strengths. */
  readonly count: number
  readonly #size: number

  constructor(network: Network, granularity: Granularity) {
    const kernels = network.layout.entries.filter(({ name }) => !name.endsWith('/bias'))
    let start = 0
    this.blocks = kernels.map(({ name, offset, size, shape }, i) => {
      const rows = rowsOf(granularity, shape, size, i === 0)
      const block = { name, offset, rows, columns: size / rows, start }
      start += rows
      return block
    })
    this.count = start
    this.#size = network.layout.size
  }

  /** Strength of every parameter, [parameters], from one a group, [count]; zero for biases. */
  spread(strengths: Tensor1D): Tensor1D {
    const parts: Tensor1D[] = []
    let end = 0
    for (const { offset, rows, columns, start } of this.blocks) {
      if (offset > end) parts.push(zeros([offset - end]))
      const own = reshape(slice1d(strengths, start, rows), [rows, 1])
      parts.push(reshape(columns === 1 ? own : tile(own, [1, columns]), [rows * columns]))
      end = offset + rows * columns
    }
    if (this.#size > end) parts.push(zeros([this.#size - end]))
    return parts.length === 1 ? parts[0]! : concat1d(parts)
  }

  /** Sums over each group, [count], of values that belong to parameters, [parameters]. */
  gather(values: Tensor1D): Tensor1D {
    const parts = this.blocks.map(({ offset, rows, columns }) => {
      const own = reshape(slice1d(values, offset, rows * columns), [rows, columns])
      return sum(own, 1) as Tensor1D
    })
    return parts.length === 1 ? parts[0]! : concat1d(parts)
  }

  /** sum_l s_l ||v_l||² / 2 @param spread strength of every parameter, [parameters] */
  value(spread: Tensor1D, v: Tensor1D): Scalar {
    return mul(0.5, sum(mul(spread, square(v)))) as Scalar
  }
}

/** Kernels are [inputs, units] or [height, width, channels, filters]; only the former has a row a feature. */
function rowsOf(
  granularity: Granularity,
  shape: readonly number[],
  size: number,
  firstKernel: boolean
): number {
  if (granularity === 'weight') return size
  return granularity === 'feature' && firstKernel && shape.length === 2 ? shape[0]! : 1
}
