import { add } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { biasGradient, matrixProduct } from '../tensors/kernels'
import { initialKernel, zeros } from './initialisers'
import type { KernelInitialiser } from './initialisers'
import type { Layer, LayerPass } from './layer'
import { sumOf } from './sum'

/** Fully connected: y = x W + b with x [batch, inputs], W [inputs, units], b [units]. */
export function dense(
  name: string,
  inputs: number,
  units: number,
  options: { bias?: boolean; initialiser?: KernelInitialiser } = {}
): Layer {
  const { bias = true, initialiser = 'glorot' } = options
  const kernel = { name: `${name}/kernel`, shape: [inputs, units] }
  return {
    kind: 'dense',
    parameters: bias ? [kernel, { name: `${name}/bias`, shape: [units] }] : [kernel],
    outputShape: [units],
    initialise: (random) => {
      const values = initialKernel(initialiser, random, inputs * units, inputs, units)
      return bias ? [values, zeros(units)] : [values]
    },
    forward: (x, weights) => denseForward(x as Tensor2D, weights as Tensor2D[], bias)
  }
}

function denseForward(x: Tensor2D, weights: readonly Tensor[], bias: boolean): LayerPass {
  const w = weights[0] as Tensor2D
  const product = matrixProduct(x, w)
  return {
    y: bias ? add(product, weights[1]!) : product,
    backward: (dy, wantInput, wantWeights = true) => ({
      dw: wantWeights ? [matrixProduct(x, dy as Tensor2D, true), ...(bias ? [biasGradient(dy)] : [])] : [],
      dx: wantInput ? matrixProduct(dy as Tensor2D, w, false, true) : undefined
    }),
    tangent: (xt, [wt, bt]) => ({
      // The bias tangent broadcasts over the batch; a kernel's direction is never absent where a bias's is not.
      yt: sumOf(xt && matrixProduct(xt as Tensor2D, w), wt && matrixProduct(x, wt as Tensor2D), bt),
      backward: (dy, dyt, wantInput) => {
        const dwt = sumOf(
          xt && matrixProduct(xt as Tensor2D, dy as Tensor2D, true),
          dyt && matrixProduct(x, dyt as Tensor2D, true)
        )
        return {
          dwt: bias ? [dwt, dyt && biasGradient(dyt)] : [dwt],
          dxt: wantInput
            ? sumOf(
                dyt && matrixProduct(dyt as Tensor2D, w, false, true),
                wt && matrixProduct(dy as Tensor2D, wt as Tensor2D, false, true)
              )
            : undefined
        }
      }
    })
  }
}
