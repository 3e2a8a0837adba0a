import { add, mul, sub } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { Levels } from './levels'
import type { UpperDirection } from './measurement'
import { deviceNorm } from './norm'

/**
 * grad_u f(u, v) + weight (grad_u g(u, v) - grad_u g(u, w)): the slope of f + weight (g - min g) in u, where w is
 * near the lower minimiser and v near that of f + weight g.
 * @param follower w, [lowerSize]
 */
export function gapDirection<B>(
  levels: Levels<B>,
  u: Tensor1D,
  follower: Tensor1D,
  weight: number,
  batch: B
): UpperDirection<'gap'> {
  const { problem } = levels
  const upper = problem.upper(levels.point(u), batch, { upperGradient: true })
  const lower = problem.lower(levels.point(u), batch)
  const best = problem.lower({ u, v: follower }, batch)
  const [atLower, atBest] = [lower.upperGradient(), best.upperGradient()]
  const indirect = atLower && atBest ? (mul(sub(atLower, atBest), weight) as Tensor1D) : undefined
  const along =
    upper.upperGradient && indirect
      ? (add(upper.upperGradient, indirect) as Tensor1D)
      : (upper.upperGradient ?? indirect)
  return {
    along,
    f: upper.value,
    g: lower.value,
    gradNormG: deviceNorm(lower.gradient),
    more: { gap: sub(lower.value, best.value) as Scalar }
  }
}
