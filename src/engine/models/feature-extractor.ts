import { badInput } from '../../shared/domain/failure'
import { relu } from '../layers/activation'
import { bias } from '../layers/bias'
import { conv2d } from '../layers/conv2d'
import { dense } from '../layers/dense'
import { dropout } from '../layers/dropout'
import { flatten } from '../layers/flatten'
import type { Layer } from '../layers/layer'
import { maxPool } from '../layers/max-pool'
import { Network } from './network'

/** Width of the representation, as in the reference experiments on CIFAR. */
const FEATURES = 256

/** Filters of the blocks: 3x3 convolution, 2x2 pool, bias, ReLU. */
const BLOCKS = [32, 64, 96]

/**
 * A small network whose last hidden layer is a representation. `trunk` ends there; `whole` is the same layers
 * with dropout and a linear classifier on top, for training: the first trunk.layout.size parameters of `whole`
 * are the trunk's.
 */
export interface FeatureExtractor {
  readonly trunk: Network
  readonly classifier: Network
}

/** @throws Failure bad-input for examples that are no images */
export function buildFeatureExtractor(shape: readonly number[], classes: number): FeatureExtractor {
  const layers = [...representation(shape, FEATURES), relu([FEATURES])]
  return {
    trunk: new Network('features', shape, layers),
    classifier: new Network('feature-classifier', shape, [
      ...layers,
      dropout(0.5, [FEATURES]),
      dense('output', FEATURES, classes)
    ])
  }
}

/**
 * The same layers with a linear output of any width, to learn features that were computed elsewhere.
 * @throws Failure bad-input for examples that are no images
 */
export function buildFeatureStudent(shape: readonly number[], width: number): Network {
  return new Network('feature-student', shape, representation(shape, width))
}

function representation(shape: readonly number[], width: number): Layer[] {
  if (shape.length !== 3) {
    throw badInput(
      `A feature extractor needs images, and the examples have the shape [${shape.join(', ')}].`,
      'Take image data (image folders, CIFAR, IDX or NPZ of images).'
    )
  }
  const layers: Layer[] = []
  let sides = shape as readonly [number, number, number]
  const advance = (layer: Layer): void => {
    layers.push(layer)
    sides = layer.outputShape as readonly [number, number, number]
  }
  BLOCKS.forEach((filters, i) => {
    const name = `conv_${i + 1}`
    advance(conv2d(name, sides, filters, 3, 'same'))
    if (Math.min(sides[0], sides[1]) > 1) advance(maxPool(sides))
    advance(bias(name, sides))
    advance(relu(sides))
  })
  layers.push(flatten(sides))
  layers.push(dense('features', sides[0] * sides[1] * sides[2], width, { initialiser: 'he' }))
  return layers
}
