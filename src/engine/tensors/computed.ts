import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/**
 * Values of what is computed, and nothing left behind. Values must not be returned through tidy itself: it looks for
 * tensors in whatever it returns, entry by entry, a microsecond each.
 */
export function computed(compute: () => Tensor): Float32Array {
  const result = tidy(compute)
  const values = result.dataSync<'float32'>()
  result.dispose()
  return values
}

/** The same of several. */
export function computedTogether(compute: () => Tensor[]): Float32Array[] {
  const results = tidy(compute)
  const values = results.map((result) => result.dataSync<'float32'>())
  for (const result of results) result.dispose()
  return values
}
