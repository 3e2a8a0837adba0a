import { badInput } from '../../shared/domain/failure'
import { relu, tanh } from '../layers/activation'
import { bias } from '../layers/bias'
import { conv2d } from '../layers/conv2d'
import { dense } from '../layers/dense'
import { dropout } from '../layers/dropout'
import { flatten } from '../layers/flatten'
import type { Layer } from '../layers/layer'
import { maxPool } from '../layers/max-pool'
import { Network } from './network'

const BLOCKS = 4

export interface Conv4Options {
  /** [height, width, channels] */
  readonly shape: readonly number[]
  readonly filters: number
  /** Rate after each block; 0 for none. */
  readonly dropout?: number
  /** tanh where derivatives are compared with finite differences. */
  readonly activation?: 'relu' | 'tanh'
}

/**
 * The representation of the few-shot literature and of the paper (Vinyals et al. 2016): four blocks of a 3x3
 * convolution, pooling, bias and ReLU; 28x28 pixels become as many features as there are filters. There is no
 * batch normalisation: its statistics would couple the examples of a task.
 * @throws Failure bad-input for examples that are no images
 */
export function buildConv4(options: Conv4Options): Network {
  return new Network('conv4', options.shape, conv4Layers(options))
}

/** The same layers with a linear classifier on top; the first parameters are the representation's. */
export function buildConv4Classifier(options: Conv4Options, classes: number): Network {
  const layers = conv4Layers(options)
  const features = layers.at(-1)!.outputShape[0]!
  return new Network('conv4-classifier', options.shape, [...layers, dense('output', features, classes)])
}

function conv4Layers({ shape, filters, dropout: rate = 0, activation = 'relu' }: Conv4Options): Layer[] {
  if (shape.length !== 3) {
    throw badInput(
      `The model "conv4" needs images, and the examples have the shape [${shape.join(', ')}].`,
      'Take image data (image folders, CIFAR, IDX or NPZ of images).'
    )
  }
  const layers: Layer[] = []
  let sides = shape as readonly [number, number, number]
  const advance = (layer: Layer): void => {
    layers.push(layer)
    sides = layer.outputShape as readonly [number, number, number]
  }
  for (let block = 1; block <= BLOCKS; block++) {
    advance(conv2d(`conv_${block}`, sides, filters, 3, 'same'))
    // Bias and ReLU commute with taking a maximum; tanh does too, being monotonic.
    if (Math.min(sides[0], sides[1]) > 1) advance(maxPool(sides))
    advance(bias(`conv_${block}`, sides))
    advance(activation === 'relu' ? relu(sides) : tanh(sides))
    if (rate > 0) advance(dropout(rate, sides))
  }
  layers.push(flatten(sides))
  return layers
}
