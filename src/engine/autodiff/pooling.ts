import {
  cast,
  concat,
  equal,
  logicalAnd,
  logicalNot,
  logicalOr,
  pad,
  maximum,
  mul,
  add,
  reshape,
  slice
} from '@tensorflow/tfjs-core'
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
  const [batch, height, width, channels] = x.shape
  const rows = Math.floor(height / size)
  const columns = Math.floor(width / size)
  const parts = (t: Tensor): Tensor[] => windowParts(t as Tensor4D, size, rows, columns)
  const values = parts(x)
  const y = values.reduce((best, part) => maximum(best, part))
  let taken: Tensor | undefined
  const winners = values.map((part) => {
    const best = equal(part, y)
    const won = taken ? logicalAnd(best, logicalNot(taken)) : best
    taken = taken ? logicalOr(taken, best) : best
    return cast(won, 'float32')
  })
  return {
    y,
    pick: (t) =>
      parts(t)
        .map((part, i) => mul(part, winners[i]!))
        .reduce((total, part) => add(total, part)),
    spread: (dy) => {
      const given = winners.map((winner) => mul(dy, winner))
      const strips = Array.from({ length: size }, (_, i) => {
        const across = given.slice(i * size, (i + 1) * size)
        return concat(
          across.map((part) => reshape(part, [batch * rows, 1, columns, 1, channels])),
          3
        )
      })
      const whole = reshape(concat(strips, 1), [batch, rows * size, columns * size, channels]) as Tensor4D
      return pad(whole, [
        [0, 0],
        [0, height - rows * size],
        [0, width - columns * size],
        [0, 0]
      ])
    }
  }
}

/** The size² interleaved parts of x, each [batch, rows, columns, channels], in window order. */
function windowParts(x: Tensor4D, size: number, rows: number, columns: number): Tensor[] {
  const [batch, height, width, channels] = x.shape
  const whole =
    height === rows * size && width === columns * size
      ? x
      : slice(x, [0, 0, 0, 0], [batch, rows * size, columns * size, channels])
  const windows = reshape(whole, [batch * rows, size, columns, size, channels])
  const parts: Tensor[] = []
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const part = slice(windows, [0, i, 0, j, 0], [batch * rows, 1, columns, 1, channels])
      parts.push(reshape(part, [batch, rows, columns, channels]))
    }
  }
  return parts
}
