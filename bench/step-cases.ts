import { buildModel } from '@engine/models/classifier'
import { Network } from '@engine/models/network'
import type { Layer } from '@engine/layers/layer'
import { Random } from '@shared/numerics/random'

/** One network and batch on which a Penalty step is timed. */
export interface StepCase {
  readonly name: string
  readonly model: 'logistic' | 'mlp' | 'cnn' | 'cifar-cnn'
  readonly shape: readonly number[]
  readonly batch: number
  /** Dropout draws other numbers in every engine: with it there is no common answer to check. */
  readonly dropout: boolean
}

export const CLASSES = 10

const digits = { shape: [28, 28, 1], batch: 200, dropout: false }

export const STEP_CASES: readonly StepCase[] = [
  { name: 'logistic 784-10', model: 'logistic', ...digits },
  { name: 'mlp 784-300-10', model: 'mlp', ...digits },
  { name: 'MNIST CNN', model: 'cnn', ...digits },
  { name: 'MNIST CNN with dropout', model: 'cnn', ...digits, dropout: true },
  { name: 'CIFAR CNN', model: 'cifar-cnn', shape: [32, 32, 3], batch: 64, dropout: false }
]

/**
 * T: lower steps on one batch. What is done once for all of them is shared out among them: a time is the mean of
 * as many steps, for everyone.
 */
export function lowerStepsOf({ model }: StepCase): number {
  return model.endsWith('cnn') ? 3 : 20
}

/**
 * Lower steps after which answers are compared: the fewest that the product compiles as one, else one. Adam divides
 * the smallest entries by themselves, and a ReLU has a kink, so that later rounding tells more than errors do.
 */
export function checkedStepsOf({ model }: StepCase): number {
  return model.endsWith('cnn') ? 1 : 4
}

export const SETTINGS = { gamma: 1, lambda: 1, nu: 1e-4, lrLower: 1e-3, lrUpper: 0.05 }

/** Layers as a peer reads them: a convolution or dense layer with its bias, then what follows it. */
export interface PeerLayer {
  readonly kind: string
  readonly padding?: 'same' | 'valid'
  readonly rate?: number
}

export function networkOf({ model, shape, dropout }: StepCase): Network {
  const network = buildModel(model, { shape, classes: CLASSES })
  return dropout
    ? network
    : new Network(
        network.name,
        shape,
        network.layers.filter(({ kind }) => kind !== 'dropout')
      )
}

/**
 * The network as its authors write it: bias with the convolution, ReLU before the pool. (The product pools
 * first: the same function.)
 */
export function peerLayers(network: Network): PeerLayer[] {
  const layers: PeerLayer[] = []
  let pool: PeerLayer | undefined
  let input = network.inputShape
  for (const layer of network.layers) {
    if (layer.kind === 'max-pool') pool = { kind: 'max-pool' }
    else if (layer.kind === 'conv2d') layers.push({ kind: 'conv2d', padding: paddingOf(layer, input) })
    else if (layer.kind === 'dropout') layers.push({ kind: 'dropout', rate: rateOf(layer) })
    else if (layer.kind !== 'bias') layers.push({ kind: layer.kind })
    if (layer.kind === 'relu' && pool) {
      layers.push(pool)
      pool = undefined
    }
    input = layer.outputShape
  }
  return layers
}

function paddingOf(layer: Layer, input: readonly number[]): 'same' | 'valid' {
  return layer.outputShape[0] === input[0] ? 'same' : 'valid'
}

/** The paper's rates: a quarter after a block of convolutions, a half after a dense layer. */
function rateOf(layer: Layer): number {
  return layer.outputShape.length === 3 ? 0.25 : 0.5
}

export interface StepData {
  readonly parameters: Float32Array
  /** Features of the doubtful and of the trusted batch, and the importance variables u. */
  readonly train: Float32Array
  readonly trusted: Float32Array
  readonly u: Float32Array
}

/** The same numbers for everyone, from a fixed seed. */
export function dataOf(stepCase: StepCase, network: Network): StepData {
  const random = new Random(7)
  const size = stepCase.batch * stepCase.shape.reduce((product, side) => product * side, 1)
  const uniform = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.uniform())
  return {
    parameters: network.initialise(random).map((value) => value + 0.01 * random.normal()),
    train: uniform(size),
    trusted: uniform(size),
    u: uniform(stepCase.batch).map((value) => value - 0.5)
  }
}

/**
 * Floating-point operations of one lower step in convolutions and matrix products, counted from the shapes:
 * each such layer does 3 products for f (forward, kernel, input), 3 for g, 2 for the tangent and 4 for its
 * backward pass; the first layer, whose input needs no gradient and has no tangent, 2 + 2 + 1 + 1.
 */
export function lowerStepFlops(network: Network, batch: number): number {
  let flops = 0
  let first = true
  for (const layer of network.layers) {
    const kernel = layer.parameters.find(({ shape }) => shape.length > 1)
    if (!kernel) continue
    const places = layer.outputShape.length === 3 ? layer.outputShape[0]! * layer.outputShape[1]! : 1
    const product = 2 * batch * places * kernel.shape.reduce((size, side) => size * side, 1)
    flops += product * (first ? 6 : 12)
    first = false
  }
  return flops
}
