import { tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/**
 * Labels as rows of 0 and 1, [labels, classes], float32. Made on the host: WebAssembly's own kernel writes
 * integers whatever type is asked for.
 */
export function oneHot(labels: ArrayLike<number>, classes: number): Tensor2D {
  const values = new Float32Array(labels.length * classes)
  for (let i = 0; i < labels.length; i++) values[i * classes + labels[i]!] = 1
  return tensor2d(values, [labels.length, classes])
}
