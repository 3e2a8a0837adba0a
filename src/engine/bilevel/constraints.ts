import type { InequalityConstraints } from './problem'

/**
 * Sets that u may be held to. A projection moves u to the nearest point of its set, in place, and leaves a point
 * of the set where it is; a problem names one as its `project`, and every solver applies it after each step on u.
 */
export type Projection = (upper: Float32Array) => void

/** least <= u_i <= most */
export function box(least: number, most: number): Projection {
  return (upper) => {
    for (let i = 0; i < upper.length; i++) upper[i] = Math.min(Math.max(upper[i]!, least), most)
  }
}

/** ||u - centre||_inf <= radius */
export function linfBall(centre: ArrayLike<number>, radius: number): Projection {
  return (upper) => {
    for (let i = 0; i < upper.length; i++) {
      upper[i] = Math.min(Math.max(upper[i]!, centre[i]! - radius), centre[i]! + radius)
    }
  }
}

/** ||u - centre||_2 <= radius */
export function l2Ball(centre: ArrayLike<number>, radius: number): Projection {
  return (upper) => {
    let total = 0
    for (let i = 0; i < upper.length; i++) total += (upper[i]! - centre[i]!) ** 2
    const distance = Math.sqrt(total)
    if (distance <= radius) return
    for (let i = 0; i < upper.length; i++) {
      upper[i] = centre[i]! + (radius / distance) * (upper[i]! - centre[i]!)
    }
  }
}

/**
 * u_i >= 0, sum u_i = total: u_i becomes max(0, u_i - theta) with the one theta that makes the sum right, found
 * by sorting (Duchi et al. 2008, "Efficient projections onto the l1-ball", figure 1).
 */
export function simplex(total = 1): Projection {
  return (upper) => {
    const descending = Float64Array.from(upper).sort().reverse()
    let sum = 0
    let theta = 0
    for (let i = 0; i < descending.length; i++) {
      sum += descending[i]!
      const candidate = (sum - total) / (i + 1)
      if (descending[i]! <= candidate) break
      theta = candidate
    }
    for (let i = 0; i < upper.length; i++) upper[i] = Math.max(0, upper[i]! - theta)
  }
}

/**
 * The same kind of set for every block of `size` entries, e.g. a ball around each image.
 * @param of the projection of block number `block`
 */
export function eachBlock(size: number, of: (block: number) => Projection): Projection {
  const projections: Projection[] = []
  return (upper) => {
    for (let block = 0; block * size < upper.length; block++) {
      const project = (projections[block] ??= of(block))
      project(upper.subarray(block * size, (block + 1) * size))
    }
  }
}

/**
 * One projection after the other. The result lies in all sets, though it is not always the nearest such point,
 * where each projection keeps the sets before it, as clipping to a box that holds the centre keeps a ball.
 */
export function inTurn(...projections: readonly Projection[]): Projection {
  return (upper) => projections.forEach((project) => project(upper))
}

/**
 * matrix u <= bound, as inequality constraints for Penalty.
 * @param matrix rows of length u.length
 */
export function linearInequalities(
  matrix: readonly ArrayLike<number>[],
  bound: readonly number[]
): InequalityConstraints {
  return {
    count: matrix.length,
    values: (upper) =>
      Float64Array.from(matrix, (row, k) =>
        upper.reduce((total, value, i) => total + row[i]! * value, -bound[k]!)
      ),
    addTransposedJacobian: (_upper, y, into) => {
      matrix.forEach((row, k) => {
        for (let i = 0; i < into.length; i++) into[i] = into[i]! + row[i]! * y[k]!
      })
    }
  }
}
