import { matMul, tensor2d, transpose } from '@tensorflow/tfjs-core'
import type { FusedKernel } from './fused-kernel'

/**
 * a b. Inputs a, b of rank 2; attributes transposeA, transposeB. tfjs takes TensorFlow's op for stacks of
 * matrices, which is two to four times slower than this one where a side is short (784 x 10).
 */
export const matrixProduct: FusedKernel = {
  name: 'BilevelMatrixProduct',
  // WebAssembly has a fast product of matrices as they lie, and a slow one where either is to be transposed.
  composed: ({ a, b }, { transposeA, transposeB }) => {
    const left = transposeA === true ? transpose(a!) : a!
    if (transposeB !== true) return [matMul(left, b!)]
    // a b' = (b a')': the smaller matrices are turned.
    const result = left.shape[0]! * b!.shape[0]!
    return b!.size > left.size + result
      ? [transpose(matMul(b!, transpose(left)))]
      : [matMul(left, transpose(b!))]
  },
  // TensorFlow infers the type, and takes for false what is not named: naming costs half a microsecond each.
  native: (ops, { a, b }, { transposeA, transposeB }) => {
    const transposed = [transposeA === true && 'transpose_a', transposeB === true && 'transpose_b']
    const attributes = transposed.flatMap((name) => (name ? [ops.flag(name, true)] : []))
    return ops.run('MatMul', attributes, [a!, b!])
  },
  sample: () => ({
    inputs: { a: tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), b: tensor2d([1, -1, 2, 0, 3, 1], [2, 3]) },
    attributes: { transposeA: true, transposeB: true }
  })
}
