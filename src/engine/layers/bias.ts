import { add, broadcastTo } from '@tensorflow/tfjs-core'
import { biasGradient } from '../tensors/kernels'
import type { Layer } from './layer'
import { zeros } from './initialisers'

/** y = x + b, b one value a channel (last axis). */
export function bias(name: string, inputShape: readonly number[]): Layer {
  const channels = inputShape.at(-1)!
  return {
    kind: 'bias',
    parameters: [{ name: `${name}/bias`, shape: [channels] }],
    outputShape: inputShape,
    initialise: () => [zeros(channels)],
    forward: (x, [b]) => ({
      y: add(x, b!),
      backward: (dy, wantInput, wantWeights = true) => ({
        dw: wantWeights ? [biasGradient(dy)] : [],
        dx: wantInput ? dy : undefined
      }),
      tangent: (xt, [bt]) => ({
        yt: xt && bt ? add(xt, bt) : (xt ?? (bt && broadcastTo(bt, x.shape))),
        backward: (_dy, dyt, wantInput) => ({
          dwt: [dyt && biasGradient(dyt)],
          dxt: wantInput ? dyt : undefined
        })
      })
    })
  }
}
