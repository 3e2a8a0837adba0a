import { add } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/** Sum of the terms that are not zero; undefined when all are. */
export function sumOf(...terms: (Tensor | undefined)[]): Tensor | undefined {
  const present = terms.filter((term) => term !== undefined)
  return present.length === 0 ? undefined : present.reduce((total, term) => add(total, term))
}
