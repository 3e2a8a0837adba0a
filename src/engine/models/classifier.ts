import { badInput } from '../../shared/domain/failure'
import { MODELS } from '../../shared/domain/task-spec'
import { relu, sigmoid } from '../layers/activation'
import { bias } from '../layers/bias'
import { conv2d } from '../layers/conv2d'
import type { Padding } from '../layers/conv2d'
import { dense } from '../layers/dense'
import { dropout } from '../layers/dropout'
import { flatten } from '../layers/flatten'
import type { Layer } from '../layers/layer'
import { maxPool } from '../layers/max-pool'
import { Network } from './network'

export type ModelName = (typeof MODELS)[number]

export interface ModelOptions {
  /** Shape of one example: [height, width, channels] or [features]. */
  readonly shape: readonly number[]
  readonly classes: number
  readonly hiddenSizes?: readonly number[]
  /** Activation of mlp's hidden layers. */
  readonly activation?: 'relu' | 'sigmoid'
  /** logistic without bias, as in the paper's poisoning experiments. */
  readonly bias?: boolean
}

/** Build a classifier by name. @throws Failure bad-input for an unknown name or a shape it cannot take */
export function buildModel(name: string, options: ModelOptions): Network {
  const builder = BUILDERS[name as ModelName]
  if (!builder) {
    throw badInput(`There is no model "${name}".`, `Take one of ${MODELS.join(', ')}.`)
  }
  return builder(options)
}

const BUILDERS: Record<ModelName, (options: ModelOptions) => Network> = {
  logistic: (options) =>
    new Network('logistic', options.shape, [
      flatten(options.shape),
      dense('output', sizeOf(options.shape), options.classes, {
        bias: options.bias ?? true,
        initialiser: 'zeros'
      })
    ]),
  mlp: multilayerPerceptron,
  cnn: (options) =>
    convolutional('cnn', options, { blocks: [[64], [128]], kernel: 5, padding: 'valid', dense: [512, 256] }),
  'cifar-cnn': (options) =>
    convolutional('cifar-cnn', options, {
      blocks: [
        [48, 48],
        [96, 96],
        [192, 192]
      ],
      kernel: 3,
      padding: 'same',
      dense: [512, 256]
    }),
  'svhn-cnn': (options) =>
    convolutional('svhn-cnn', options, {
      blocks: [
        [32, 32],
        [64, 64],
        [128, 128]
      ],
      kernel: 3,
      padding: 'same',
      dense: [512]
    })
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

/** 784-300-10 by default (the later literature's common network); any hidden sizes. */
function multilayerPerceptron(options: ModelOptions): Network {
  const { shape, classes, hiddenSizes = [300], activation = 'relu' } = options
  const layers: Layer[] = [flatten(shape)]
  let inputs = sizeOf(shape)
  hiddenSizes.forEach((units, i) => {
    const initialiser = activation === 'relu' ? 'he' : 'glorot'
    layers.push(dense(`hidden_${i + 1}`, inputs, units, { initialiser }))
    layers.push(activation === 'relu' ? relu([units]) : sigmoid([units]))
    inputs = units
  })
  layers.push(dense('output', inputs, classes))
  return new Network('mlp', shape, layers)
}

interface ConvolutionalPlan {
  /** Filters of the convolutions of each block; each block ends in a 2x2 pool and dropout. */
  readonly blocks: readonly (readonly number[])[]
  readonly kernel: number
  readonly padding: Padding
  readonly dense: readonly number[]
}

/**
 * The paper's image networks (Mehra and Hamm 2021, appendix): blocks of convolutions with ReLU, 2x2 max-pool
 * and dropout 0.25, then dense layers with dropout 0.5. A convolution too large for what is left of a small
 * image is padded ("same") and a side of 1 is no longer pooled, so the network scales to 8x8 digits.
 */
function convolutional(name: string, options: ModelOptions, plan: ConvolutionalPlan): Network {
  if (options.shape.length !== 3) {
    throw badInput(
      `The model "${name}" needs images, and the examples have the shape [${options.shape.join(', ')}].`,
      'Take logistic or mlp for tables.'
    )
  }
  let shape = options.shape as readonly [number, number, number]
  const layers: Layer[] = []
  const advance = (layer: Layer): void => {
    layers.push(layer)
    if (layer.outputShape.length === 3) shape = layer.outputShape as readonly [number, number, number]
  }
  plan.blocks.forEach((filters, block) => {
    filters.forEach((count, i) => {
      const label = `conv_${block + 1}_${i + 1}`
      // "valid" only where at least a 4x4 map is left; small images keep their size instead.
      const fits = Math.min(shape[0], shape[1]) - plan.kernel + 1 >= 4
      advance(conv2d(label, shape, count, plan.kernel, fits ? plan.padding : 'same'))
      // ReLU and bias commute with taking a maximum: pool first, on four times as few elements after it.
      if (i === filters.length - 1 && Math.min(shape[0], shape[1]) > 1) advance(maxPool(shape))
      advance(bias(label, shape))
      advance(relu(shape))
    })
    advance(dropout(0.25, shape))
  })
  layers.push(flatten(shape))
  let inputs = sizeOf(shape)
  plan.dense.forEach((units, i) => {
    layers.push(
      dense(`dense_${i + 1}`, inputs, units, { initialiser: 'he' }),
      relu([units]),
      dropout(0.5, [units])
    )
    inputs = units
  })
  layers.push(dense('output', inputs, options.classes))
  return new Network(name, options.shape, layers)
}
