import { engine } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Recordings } from './recordings'

/**
 * Single kernels, called by name so that no tape is recorded. Those named Bilevel... are registered by
 * src/engine/backends/kernels, which says what each computes; here only the calls.
 */
function run(name: string, inputs: Record<string, Tensor>, attributes: NamedAttrMap = {}): Tensor {
  return engine().runKernel(name, inputs, attributes) as Tensor
}

function runAll(name: string, inputs: Record<string, Tensor>, attributes: NamedAttrMap = {}): Tensor[] {
  return engine().runKernel(name, inputs, attributes) as unknown as Tensor[]
}

/** a b, with either transposed first. */
export function matrixProduct(a: Tensor2D, b: Tensor2D, transposeA = false, transposeB = false): Tensor2D {
  return run('BilevelMatrixProduct', { a, b }, { transposeA, transposeB }) as Tensor2D
}

/** x [batch, height, width, channels] with a kernel [size, size, channels, filters], stride 1. */
export function convolution(x: Tensor4D, filter: Tensor4D, pad: 'same' | 'valid'): Tensor4D {
  return run('BilevelConvolution', { x, filter }, { pad }) as Tensor4D
}

/** dL/dkernel [size, size, channels, filters] of a stride-1 convolution. */
export function convolutionKernelGradient(
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: [number, number, number, number],
  pad: 'same' | 'valid'
): Tensor4D {
  return run('BilevelConvolutionKernelGradient', { x, dy }, { pad, filterShape }) as Tensor4D
}

/** dL/dx [batch, height, width, channels] of a stride-1 convolution. */
export function convolutionInputGradient(
  inputShape: [number, number, number, number],
  dy: Tensor4D,
  filter: Tensor4D,
  pad: 'same' | 'valid'
): Tensor {
  return run('BilevelConvolutionInputGradient', { dy, filter }, { pad, inputShape })
}

/** dL/db [channels] of y = x + b: dy summed over all axes but the last. */
export function biasGradient(dy: Tensor): Tensor {
  return run('BilevelBiasGradient', { dy })
}

/** t where y > 0, else 0: the derivative of ReLU told by its output. */
export function reluGradient(t: Tensor, y: Tensor): Tensor {
  return run('BilevelReluGradient', { dy: t, y })
}

/** t (1 - y²): the derivative of tanh told by its output. */
export function tanhGradient(t: Tensor, y: Tensor): Tensor {
  return run('BilevelTanhGradient', { dy: t, y })
}

/** t y (1 - y): the derivative of the sigmoid told by its output. */
export function sigmoidGradient(t: Tensor, y: Tensor): Tensor {
  return run('BilevelSigmoidGradient', { dy: t, y })
}

/** Losses [batch] of logits against targets, both [batch, classes], and softmax(logits) - targets. */
export function softmaxCrossEntropy(
  logits: Tensor2D,
  targets: Tensor2D
): { losses: Tensor1D; residual: Tensor2D } {
  const [losses, residual] = runAll('BilevelSoftmaxCrossEntropy', { logits, targets })
  return { losses: losses as Tensor1D, residual: residual as Tensor2D }
}

/** A mask of 0 and 1 / (1 - rate), repeatable by its seed. */
export function dropoutMask(shape: readonly number[], rate: number, seed: number): Tensor {
  return run('BilevelDropoutMask', {}, { shape: [...shape], rate, seed })
}

/** One step's learning rate and epsilon of Adam, bias corrections folded in. */
export interface AdamStepSize {
  readonly rate: number
  readonly epsilon: number
}

export interface AdamDecay {
  readonly beta1: number
  readonly beta2: number
}

/** The steps on v of one batch. What does not depend on v is made when they are begun, once for all. */
export interface StepProgram {
  /**
   * [rows, columns] of the matrix that v is, where its parts see the transposed one: Adam steps each entry by
   * itself, so the steps are taken in that order.
   */
  readonly transposed?: readonly [number, number]
  /** The direction of a step, [size]. */
  direction(v: Tensor1D): Tensor1D
}

/** All that is done with one batch. */
export interface DescentProgram extends StepProgram {
  /** Values (float32) at the v that the steps have reached. @param last the direction of the last step */
  conclusion?(v: Tensor1D, last: Tensor1D): Tensor[]
}

/** A program that is met again and again with other values. */
export interface Recurrence {
  readonly name: string
  /** Always in the same order. Of whatever else the program reads nothing changes from one time to the next. */
  readonly inputs: readonly Tensor[]
  readonly recordings: Recordings
}

/**
 * Adam steps on v along the directions of a program, one for each of `sizes`, and the program's conclusion.
 * @param begin called in a tidy scope, and its parts too, but not each time where their kernels can be repeated:
 * nothing is read back in them, and between the steps nothing but v changes of what they read
 * @returns v and the moments after the last step, and that step's direction
 */
export function adamDescent(
  start: { readonly v: Tensor1D; readonly first: Tensor1D; readonly second: Tensor1D },
  begin: () => DescentProgram,
  sizes: readonly AdamStepSize[],
  { beta1, beta2 }: AdamDecay,
  recurrence?: Recurrence
): { v: Tensor1D; first: Tensor1D; second: Tensor1D; last: Tensor1D; concluded: Tensor[] } {
  // tfjs types attributes as plain values, yet hands them on untouched.
  const attributes = { begin, sizes, beta1, beta2, recurrence } as unknown as NamedAttrMap
  const [v, first, second, last, ...concluded] = runAll('BilevelAdamDescent', { ...start }, attributes)
  return {
    v: v as Tensor1D,
    first: first as Tensor1D,
    second: second as Tensor1D,
    last: last as Tensor1D,
    concluded
  }
}
