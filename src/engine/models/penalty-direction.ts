import { add, concat, concat1d, mul, ones, reshape, slice1d } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { flattened } from '../autodiff/flat-layout'
import { matrixProduct } from '../autodiff/kernels'
import type { ForwardMode } from '../layers/layer'
import { CrossEntropy } from './cross-entropy'
import { Network } from './network'
import type { NetworkBackward, NetworkGradient, NetworkPass } from './network'

/** A sum of cross-entropies, each weighed: sum_i c_i l_i(v). */
export interface WeightedLoss {
  /** [batch, ...inputShape] */
  readonly x: Tensor
  /** [batch, classes], rows sum to 1 */
  readonly targets: Tensor2D
  /** c, [batch, 1], or one for all. */
  readonly coefficients: Tensor | number
  /** Made anew for each pass: dropout draws the same masks each time. */
  readonly mode: () => ForwardMode
}

export interface PenaltyWeights {
  /** [lowerSize] */
  readonly nu: Tensor1D
  readonly gamma: number
  readonly lambda: number
  /** How many times the direction will be asked for: what pays once for all is weighed against it. */
  readonly steps: number
}

/**
 * grad_v [f + lambda g + <grad_v g, p>] with p = nu + gamma grad_v g held constant, for f and g sums of
 * cross-entropies of one network. Backward passes are linear in what they are given, so lambda grad_v g comes
 * out of the Hessian-vector product's own backward pass.
 *
 * What is made here belongs to the caller's tidy scope, what a call makes to the scope of the call.
 */
export function penaltyDirection(
  network: Network,
  f: WeightedLoss,
  g: WeightedLoss,
  penalty: PenaltyWeights
): (v: Tensor1D) => Tensor1D {
  const first = network.layers.findIndex(({ kind }) => kind !== 'flatten')
  if (network.layers[first]?.kind === 'dense') return throughFirstDense(network, first, f, g, penalty)
  const { layout } = network
  const nu = layout.split(penalty.nu)
  return (v) => {
    const weights = layout.split(v)
    const ofG = primal(network.forward(weights, g.x, g.mode()), g)
    const product = curved(ofG, g, penalty, along(nu, penalty.gamma, ofG.backward.parts))
    const ofF = primal(network.forward(weights, f.x, f.mode()), f)
    return layout.join(sums(ofF.backward.parts, product.parts))
  }
}

/** p = nu + gamma grad_v g, parameter by parameter: joined to one vector, it would only be split again. */
function along(nu: readonly Tensor[], gamma: number, gradient: readonly Tensor[]): Tensor[] {
  return nu.map((part, i) => add(part, mul(gradient[i]!, gamma)))
}

function sums(a: readonly Tensor[], b: readonly Tensor[]): Tensor[] {
  return a.map((part, i) => add(part, b[i]!))
}

interface Primal {
  readonly pass: NetworkPass
  readonly loss: CrossEntropy
  readonly dOutput: Tensor2D
  readonly backward: NetworkBackward
}

function primal(pass: NetworkPass, { targets, coefficients }: WeightedLoss, wantInput = false): Primal {
  const loss = new CrossEntropy(pass.output, targets)
  const dOutput = loss.gradient(coefficients)
  return { pass, loss, dOutput, backward: pass.backward(dOutput, wantInput) }
}

/** H p + lambda grad g, and the same of the input where its tangent is given. */
function curved(
  { pass, loss, dOutput, backward }: Primal,
  { coefficients }: WeightedLoss,
  { lambda }: PenaltyWeights,
  p: readonly Tensor[],
  inputTangent?: Tensor
): NetworkGradient {
  const tangent = pass.tangent(p, inputTangent)
  const bent = add(mul(dOutput, lambda), loss.gradientTangent(coefficients, tangent.output!))
  return tangent.backward(backward, bent, inputTangent !== undefined)
}

/**
 * The same where the first layer is dense: its input X does not change from step to step. With D the gradient of
 * g at the layer's output, the tangent of that output is X p = X nu + gamma (X X') D, where X nu and the small
 * X X' are made once.
 */
function throughFirstDense(
  network: Network,
  first: number,
  f: WeightedLoss,
  g: WeightedLoss,
  penalty: PenaltyWeights
): (v: Tensor1D) => Tensor1D {
  const { shape, rest, columns } = apart(network, first)
  const size = shape[0] * shape[1]
  const isAll = rest.layout.size === 0
  const matrixOf = (flat: Tensor1D): Tensor2D => reshape(isAll ? flat : slice1d(flat, 0, size), shape)
  const restOf = (flat: Tensor1D): Tensor1D => slice1d(flat, size, rest.layout.size)
  const [xOfF, xOfG] = [columns(f.x), columns(g.x)]
  const outputTangent = firstTangent(xOfG, matrixOf(penalty.nu), penalty)
  const restNu = isAll ? [] : rest.layout.split(restOf(penalty.nu))
  const x = isAll ? undefined : concat([xOfF, xOfG])
  return (v) => {
    const matrix = matrixOf(v)
    const weights = isAll ? [] : rest.layout.split(restOf(v))
    const passOf = (loss: WeightedLoss, features: Tensor2D): Primal =>
      primal(rest.forward(weights, matrixProduct(features, matrix), loss.mode()), loss, true)
    const ofG = passOf(g, xOfG)
    const p = along(restNu, penalty.gamma, ofG.backward.parts)
    const product = curved(ofG, g, penalty, p, outputTangent(ofG.backward.input as Tensor2D))
    const ofF = passOf(f, xOfF)
    const [deltaOfF, deltaOfG] = [ofF.backward.input, product.input] as [Tensor2D, Tensor2D]
    if (!x) {
      // A product this small is one thread's work; of twice the rows TensorFlow makes two threads' and is slower.
      const gradient = add(matrixProduct(xOfF, deltaOfF, true), matrixProduct(xOfG, deltaOfG, true))
      return flattened(gradient)
    }
    const gradient = matrixProduct(x, concat([deltaOfF, deltaOfG]), true)
    const ofRest = sums(ofF.backward.parts, product.parts)
    return concat1d([gradient, ...ofRest].map(flattened))
  }
}

/**
 * A network as a matrix that its features are multiplied with, and what follows. Kernel and bias lie one after the
 * other: together they are the matrix for features with a column of ones.
 */
function apart(
  network: Network,
  first: number
): { shape: [number, number]; rest: Network; columns: (features: Tensor) => Tensor2D } {
  const [kernel, ...biases] = network.layers[first]!.parameters
  const [inputs, units] = kernel!.shape as [number, number]
  return {
    shape: [inputs + biases.length, units],
    rest: new Network(network.name, [units], network.layers.slice(first + 1)),
    columns: (features) => {
      const count = features.shape[0]!
      const flat = reshape(features, [count, inputs]) as Tensor2D
      return biases.length === 0 ? flat : concat([flat, ones([count, 1])], 1)
    }
  }
}

/** D -> X (nu + gamma X'D), through X X' where that is less work for all the steps. */
function firstTangent(
  x: Tensor2D,
  nu: Tensor2D,
  { gamma, steps }: PenaltyWeights
): (delta: Tensor2D) => Tensor2D {
  const [batch, inputs] = x.shape
  const units = nu.shape[1]
  const saved = steps * units * (2 * inputs - batch)
  if (saved <= inputs * batch) {
    return (delta) => matrixProduct(x, add(nu, mul(matrixProduct(x, delta, true), gamma)) as Tensor2D)
  }
  const alongNu = matrixProduct(x, nu)
  const products = mul(matrixProduct(x, x, false, true), gamma) as Tensor2D
  return (delta) => add(alongNu, matrixProduct(products, delta)) as Tensor2D
}
