import {
  add,
  concat,
  concat1d,
  mul,
  ones,
  reshape,
  slice1d,
  sqrt,
  square,
  sum,
  transpose
} from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { flattened } from '../tensors/flat-layout'
import { matrixProduct } from '../tensors/kernels'
import type { StepProgram } from '../tensors/kernels'
import type { ForwardMode } from '../layers/layer'
import { CrossEntropy } from './cross-entropy'
import { Network } from './network'
import type { NetworkBackward, NetworkGradient, NetworkPass, NetworkTangent } from './network'

/** A sum of cross-entropies, each weighed: sum_i c_i l_i(v). */
export interface WeightedLoss {
  /** [batch, ...inputShape] */
  readonly x: Tensor
  /** [batch, classes], rows sum to 1 */
  readonly targets: Tensor2D
  /** Added to the logits of f, [1, classes]. */
  readonly mask?: Tensor2D
  /** c, [batch, 1], or one for all. */
  readonly coefficients: Tensor | number
  /** Made anew for each pass: dropout draws the same masks each time. */
  readonly mode: () => ForwardMode
}

export interface PenaltyWeights {
  /** [lowerSize] */
  readonly nu: Tensor1D
  readonly gamma: Scalar
  readonly lambda: Scalar
  /** How many times the direction will be asked for: what pays once for all is weighed against it. */
  readonly steps: number
}

/** Steps along grad_v [f + lambda g + <grad_v g, p>] with p = nu + gamma grad_v g held constant. */
export interface CrossEntropyProgram extends StepProgram {
  upper(v: Tensor1D): CrossEntropyUpper
}

export interface CrossEntropyUpper {
  /** l_i of f and of g, [batch] each */
  readonly lossesOfF: Tensor1D
  readonly lossesOfG: Tensor1D
  /** Derivatives of g's l_i along p, [batch] */
  readonly tangents: Tensor1D
  /** ||grad_v g|| */
  readonly gradNormG: Scalar
  /** nu . grad_v g */
  readonly multiplierTerm: Scalar
}

/**
 * Penalty's evaluations for f and g sums of cross-entropies of one network. Backward passes are linear in what they
 * are given, so lambda grad_v g comes out of the Hessian-vector product's own backward pass.
 *
 * What is made here belongs to the caller's tidy scope, what a call makes to the scope of the call.
 */
export function penaltyProgram(
  network: Network,
  f: WeightedLoss,
  g: WeightedLoss,
  penalty: PenaltyWeights
): CrossEntropyProgram {
  const first = network.layers.findIndex(({ kind }) => kind !== 'flatten')
  if (network.layers[first]?.kind === 'dense') return throughFirstDense(network, first, f, g, penalty)
  const { layout } = network
  const nu = layout.split(penalty.nu)
  const passOf = (weights: readonly Tensor[], loss: WeightedLoss): NetworkPass =>
    network.forward(weights, loss.x, loss.mode())
  return {
    direction: (v) => {
      const weights = layout.split(v)
      const ofG = primal(passOf(weights, g), g)
      const tangent = ofG.pass.tangent(along(nu, penalty.gamma, ofG.backward.parts))
      const product = curved(ofG, g, penalty, tangent)
      const ofF = primal(passOf(weights, f), f)
      return layout.join(sums(ofF.backward.parts, product.parts))
    },
    upper: (v) => {
      const weights = layout.split(v)
      const ofG = primal(passOf(weights, g), g)
      const { parts } = ofG.backward
      const tangent = ofG.pass.tangent(along(nu, penalty.gamma, parts))
      return {
        ...losses(passOf(weights, f), f, ofG, tangent),
        gradNormG: sqrt(total(parts.map((part) => sum(square(part))))),
        multiplierTerm: total(parts.map((part, i) => sum(mul(part, nu[i]!))))
      }
    }
  }
}

function total(numbers: readonly Tensor[]): Scalar {
  return numbers.reduce((a, b) => add(a, b)) as Scalar
}

function losses(
  passOfF: NetworkPass,
  f: WeightedLoss,
  ofG: Primal,
  tangent: NetworkTangent
): Pick<CrossEntropyUpper, 'lossesOfF' | 'lossesOfG' | 'tangents'> {
  return {
    lossesOfF: lossOf(passOfF, f).losses,
    lossesOfG: ofG.loss.losses,
    tangents: ofG.loss.tangent(tangent.output!)
  }
}

/** p = nu + gamma grad_v g, parameter by parameter: joined to one vector, it would only be split again. */
function along(nu: readonly Tensor[], gamma: Scalar, gradient: readonly Tensor[]): Tensor[] {
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

function lossOf({ output }: NetworkPass, { targets, mask }: WeightedLoss): CrossEntropy {
  return new CrossEntropy(mask ? add<Tensor2D>(output, mask) : output, targets)
}

function primal(pass: NetworkPass, weighted: WeightedLoss, wantInput = false): Primal {
  const loss = lossOf(pass, weighted)
  const dOutput = loss.gradient(weighted.coefficients)
  return { pass, loss, dOutput, backward: pass.backward(dOutput, wantInput) }
}

/** H p + lambda grad g, and the same of the input where it is asked for. @param tangent along p */
function curved(
  { loss, dOutput, backward }: Primal,
  { coefficients }: WeightedLoss,
  { lambda }: PenaltyWeights,
  tangent: NetworkTangent,
  wantInput = false
): NetworkGradient {
  const bent = add(mul(dOutput, lambda), loss.gradientTangent(coefficients, tangent.output!))
  return tangent.backward(backward, bent, wantInput)
}

/**
 * The same where the first layer is dense: its input X does not change from step to step. With D the gradient of
 * g at the layer's output, the tangent of that output is X p = X nu + gamma (X X') D, where X nu and the small
 * X X' are made once; and what is told of the layer's gradient X'D, its norm and its product with nu, are
 * <D, (X X') D> and <X nu, D>.
 */
function throughFirstDense(
  network: Network,
  first: number,
  f: WeightedLoss,
  g: WeightedLoss,
  penalty: PenaltyWeights
): CrossEntropyProgram {
  const { shape, rest, columns } = splitFirstLayer(network, first)
  const size = shape[0] * shape[1]
  const isAll = rest.layout.size === 0
  const matrixOf = (flat: Tensor1D): Tensor2D => reshape(isAll ? flat : slice1d(flat, 0, size), shape)
  const restOf = (flat: Tensor1D): Tensor[] =>
    isAll ? [] : rest.layout.split(slice1d(flat, size, rest.layout.size))
  const [xOfF, xOfG] = [columns(f.x), columns(g.x)]
  const layer = firstLayer(xOfG, matrixOf(penalty.nu), penalty)
  const restNu = restOf(penalty.nu)
  const x = isAll ? undefined : concat([xOfF, xOfG])
  const transposed = isAll && shape[1] <= FEW_UNITS && penalty.steps >= STEPS_THAT_PAY_FOR_TURNING
  const output = (features: Tensor2D, v: Tensor1D): Tensor2D =>
    transposed
      ? transpose(matrixProduct(reshape(v, [shape[1], shape[0]]), features, false, true))
      : matrixProduct(features, matrixOf(v))
  const gradientOfAll = (features: Tensor2D, delta: Tensor2D): Tensor2D =>
    transposed ? matrixProduct(delta, features, true) : matrixProduct(features, delta, true)
  const passOf = (v: Tensor1D, loss: WeightedLoss, features: Tensor2D): NetworkPass =>
    rest.forward(restOf(v), output(features, v), loss.mode())
  const tangentOf = ({ pass, backward }: Primal, inputTangent: Tensor2D): NetworkTangent =>
    pass.tangent(along(restNu, penalty.gamma, backward.parts), inputTangent)
  return {
    ...(transposed && { transposed: shape }),
    direction: (v) => {
      const ofG = primal(passOf(v, g, xOfG), g, true)
      const product = curved(ofG, g, penalty, tangentOf(ofG, layer.tangent(inputOf(ofG))), true)
      const ofF = primal(passOf(v, f, xOfF), f, true)
      const [deltaOfF, deltaOfG] = [inputOf(ofF), product.input as Tensor2D]
      if (!x) {
        // A product this small is one thread's work; of twice the rows TensorFlow makes two threads' and is slower.
        return flattened(add(gradientOfAll(xOfF, deltaOfF), gradientOfAll(xOfG, deltaOfG)))
      }
      const gradient = matrixProduct(x, concat([deltaOfF, deltaOfG]), true)
      const ofRest = sums(ofF.backward.parts, product.parts)
      return concat1d([gradient, ...ofRest].map(flattened))
    },
    upper: (v) => {
      const ofG = primal(passOf(v, g, xOfG), g, true)
      const { parts } = ofG.backward
      const { tangent, square: ofFirst, alongNu } = layer.along(inputOf(ofG))
      return {
        ...losses(passOf(v, f, xOfF), f, ofG, tangentOf(ofG, tangent)),
        gradNormG: sqrt(total([ofFirst, ...parts.map((part) => sum(square(part)))])),
        multiplierTerm: total([alongNu, ...parts.map((part, i) => sum(mul(part, restNu[i]!)))])
      }
    }
  }
}

/**
 * A product with a narrow matrix takes TensorFlow 77 µs where the transposed product takes 46 (200 x 785 x 10), so
 * a network that is one such matrix is stepped transposed. With more units there is no difference.
 */
const FEW_UNITS = 16
const STEPS_THAT_PAY_FOR_TURNING = 8

function inputOf({ backward }: Primal): Tensor2D {
  return backward.input as Tensor2D
}

/**
 * A network as a matrix that its features are multiplied with, and what follows. Kernel and bias lie one after the
 * other: together they are the matrix for features with a column of ones.
 */
function splitFirstLayer(
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

/** The first layer at a D. */
interface FirstLayer {
  /** X (nu + gamma X'D), [batch, units] */
  tangent(delta: Tensor2D): Tensor2D
  /** The same with ||X'D||² and <nu, X'D>. */
  along(delta: Tensor2D): { tangent: Tensor2D; square: Scalar; alongNu: Scalar }
}

/** Through X X' where that is less work for all the steps. */
function firstLayer(x: Tensor2D, nu: Tensor2D, { gamma, steps }: PenaltyWeights): FirstLayer {
  const [batch, inputs] = x.shape
  const units = nu.shape[1]
  const saved = steps * units * (2 * inputs - batch)
  if (saved <= inputs * batch) {
    const along = (gradient: Tensor2D): Tensor2D => matrixProduct(x, add(nu, mul(gradient, gamma)))
    return {
      tangent: (delta) => along(matrixProduct(x, delta, true)),
      along: (delta) => {
        const gradient = matrixProduct(x, delta, true)
        return { tangent: along(gradient), square: sum(square(gradient)), alongNu: sum(mul(nu, gradient)) }
      }
    }
  }
  const xNu = matrixProduct(x, nu)
  const products = matrixProduct(x, x, false, true)
  const scaled = mul(products, gamma) as Tensor2D
  return {
    tangent: (delta) => add(xNu, matrixProduct(scaled, delta)),
    along: (delta) => {
      const transposed = matrixProduct(products, delta)
      return {
        tangent: add(xNu, mul(transposed, gamma)),
        square: sum(mul(delta, transposed)),
        alongNu: sum(mul(xNu, delta))
      }
    }
  }
}
