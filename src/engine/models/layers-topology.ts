import type { Layer } from '../layers/layer'
import type { Network } from './network'

/** A Keras layer as tfjs's layers format writes it. */
interface KerasLayer {
  readonly class_name: string
  readonly config: Record<string, unknown>
}

/**
 * The network as a tfjs layers model, with its weights listed in the order of the flat vector. A convolution
 * and the bias layer after it become one Conv2D: between them only a pool may stand, and adding a constant a
 * channel commutes with taking a maximum. Dropout is left out, since it does nothing when predicting.
 * @param output whether a softmax follows; a feature extractor's output stays as it is
 */
export function layersModelTopology(
  network: Network,
  output: 'probabilities' | 'as it is' = 'probabilities'
): {
  topology: Record<string, unknown>
  weights: { name: string; shape: number[]; dtype: 'float32' }[]
} {
  const layers: KerasLayer[] = []
  let shape = network.inputShape
  for (const layer of network.layers) {
    const written = kerasLayer(layer, shape, layers.length)
    if (written) layers.push(written)
    shape = layer.outputShape
  }
  if (output === 'probabilities') {
    layers.push({ class_name: 'Activation', config: { name: 'probabilities', activation: 'softmax' } })
  }
  layers[0]!.config['batch_input_shape'] = [null, ...network.inputShape]
  return {
    topology: {
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      model_config: { class_name: 'Sequential', config: { name: network.name, layers } }
    },
    weights: network.layout.entries.map(({ name, shape: parameterShape }) => ({
      name,
      shape: [...parameterShape],
      dtype: 'float32'
    }))
  }
}

function kerasLayer(layer: Layer, input: readonly number[], index: number): KerasLayer | undefined {
  const name = `${layer.kind.replaceAll('-', '_')}_${index}`
  const [first, second] = layer.parameters
  switch (layer.kind) {
    case 'flatten':
      // Keras flattens nothing that is flat already.
      return input.length === 1 ? undefined : { class_name: 'Flatten', config: { name } }
    case 'dense':
      return {
        class_name: 'Dense',
        config: {
          name: scopeOf(first!.name),
          units: first!.shape[1],
          activation: 'linear',
          use_bias: second !== undefined
        }
      }
    case 'conv2d': {
      const [height, width, , filters] = first!.shape
      const padding = layer.outputShape[0] === input[0] ? 'same' : 'valid'
      const config = { filters, kernel_size: [height, width], strides: [1, 1], padding, activation: 'linear' }
      return { class_name: 'Conv2D', config: { name: scopeOf(first!.name), ...config, use_bias: true } }
    }
    case 'max-pool': {
      const size = Math.floor(input[0]! / layer.outputShape[0]!)
      const config = { pool_size: [size, size], strides: [size, size], padding: 'valid' }
      return { class_name: 'MaxPooling2D', config: { name, ...config } }
    }
    case 'relu':
    case 'tanh':
    case 'sigmoid':
      return { class_name: 'Activation', config: { name, activation: layer.kind } }
    case 'bias':
    case 'dropout':
      return undefined
    default:
      throw new Error(`The layer "${layer.kind}" has no form in tfjs's layers format.`)
  }
}

function scopeOf(parameterName: string): string {
  return parameterName.slice(0, parameterName.lastIndexOf('/'))
}
