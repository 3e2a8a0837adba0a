import { Tensor, zeros } from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { FlatLayout } from '../tensors/flat-layout'
import type { ForwardMode, Layer, LayerPass, TangentPass } from '../layers/layer'
import type { Random } from '../../shared/numerics/random'

/**
 * Layers in sequence, with all parameters in one flat vector. The four maps of a layer (see layers/layer.ts)
 * compose to the four maps of the network; a pass remembers what the next map needs, so the forward pass of a
 * loss is computed once for its value, its gradient and any number of Hessian-vector products.
 *
 * Every tensor made here belongs to the caller's tidy scope. Without layers it is the identity.
 */
export class Network {
  readonly layout: FlatLayout
  readonly outputSize: number
  readonly hasDropout: boolean
  readonly #offsets: readonly number[]

  constructor(
    readonly name: string,
    readonly inputShape: readonly number[],
    readonly layers: readonly Layer[]
  ) {
    this.layout = new FlatLayout(layers.flatMap((layer) => layer.parameters))
    this.outputSize = (layers.at(-1)?.outputShape ?? inputShape).reduce((product, side) => product * side, 1)
    this.hasDropout = layers.some((layer) => layer.kind === 'dropout')
    let offset = 0
    this.#offsets = layers.map((layer) => {
      const start = offset
      offset += layer.parameters.length
      return start
    })
  }

  /** Initial parameters as one flat vector, length layout.size. */
  initialise(random: Random): Float32Array {
    const flat = new Float32Array(this.layout.size)
    let offset = 0
    for (const values of this.layers.flatMap((layer) => layer.initialise(random))) {
      flat.set(values, offset)
      offset += values.length
    }
    return flat
  }

  /**
   * @param parameters as one flat vector [layout.size], or apart as layout.split gives them
   * @param x batch of examples, [batch, ...inputShape]
   */
  forward(
    parameters: Tensor1D | readonly Tensor[],
    x: Tensor,
    mode: ForwardMode = { training: false }
  ): NetworkPass {
    const weights = parameters instanceof Tensor ? this.layout.split(parameters) : parameters
    const passes: LayerPass[] = []
    let y = x
    this.layers.forEach((layer, i) => {
      const pass = layer.forward(y, this.partsOf(weights, i), mode)
      passes.push(pass)
      y = pass.y
    })
    return new NetworkPass(this, passes, y as Tensor2D)
  }

  /**
   * The masks of dropout for a batch, one for each layer that has one: the same as a forward pass draws with the
   * seeds `seed`, `seed + 1`, ...
   */
  dropoutMasks(count: number, seed: number): Tensor[] {
    return this.layers
      .flatMap((layer) => (layer.drawMask ? [layer] : []))
      .map((layer, i) => layer.drawMask!(count, seed + i))
  }

  /** The slice of a list of parameter tensors that belongs to one layer. */
  partsOf<T>(parts: readonly T[], layer: number): readonly T[] {
    const start = this.#offsets[layer]!
    return parts.slice(start, start + this.layers[layer]!.parameters.length)
  }

  /** The lowest layer with parameters: below it no gradient is needed unless the input itself is wanted. */
  get firstTrainable(): number {
    return this.layers.findIndex((layer) => layer.parameters.length > 0)
  }
}

/** To be asked for in the scope in which it was made. */
export interface NetworkGradient {
  /** One a parameter, each in its shape. */
  readonly parts: readonly Tensor[]
  /** [layout.size]; joined when it is first asked for */
  readonly flat: Tensor1D
  /** Gradient of the input, only where asked for. */
  readonly input?: Tensor
}

export class NetworkPass {
  constructor(
    private readonly network: Network,
    private readonly passes: readonly LayerPass[],
    /** Logits, [batch, classes]. */
    readonly output: Tensor2D
  ) {}

  /** @param dOutput gradient of a scalar with respect to the logits, [batch, classes] */
  backward(dOutput: Tensor, wantInput = false): NetworkBackward {
    const { layers, firstTrainable, layout } = this.network
    const deltas: Tensor[] = new Array<Tensor>(layers.length)
    const gradients: Tensor[][] = new Array<Tensor[]>(layers.length)
    let dy: Tensor | undefined = dOutput
    for (let i = layers.length - 1; i >= 0; i--) {
      if (dy === undefined) break
      deltas[i] = dy
      const { dx, dw }: { dx?: Tensor; dw: readonly Tensor[] } = this.passes[i]!.backward(
        dy,
        wantInput || i > firstTrainable
      )
      gradients[i] = [...dw]
      dy = dx
    }
    const parts = gradients.flatMap((ofLayer) => ofLayer ?? [])
    return new Gradient(layout, parts, wantInput ? dy : undefined, deltas)
  }

  /** Gradient of the input alone, for a network whose weights are fixed. @param dOutput as in {@link backward} */
  inputGradient(dOutput: Tensor): Tensor {
    return this.passes.reduceRight((dy, pass) => pass.backward(dy, true, false).dx!, dOutput)
  }

  /**
   * Directional derivative of the logits along `direction` ([layout.size], or apart as layout.split gives it) and,
   * if given, an input tangent.
   */
  tangent(direction: Tensor1D | readonly Tensor[] | undefined, inputTangent?: Tensor): NetworkTangent {
    const { layers, layout } = this.network
    const directions = direction instanceof Tensor ? layout.split(direction) : direction
    const passes: TangentPass[] = []
    let yt = inputTangent
    layers.forEach((_, i) => {
      const parts = directions ? this.network.partsOf<Tensor | undefined>(directions, i) : []
      const pass = this.passes[i]!.tangent(yt, parts)
      passes.push(pass)
      yt = pass.yt
    })
    return new NetworkTangent(this.network, passes, yt as Tensor2D | undefined)
  }
}

export interface NetworkBackward extends NetworkGradient {
  /** What each layer's backward received; needed to differentiate it once more. */
  readonly deltas: readonly Tensor[]
}

class Gradient implements NetworkBackward {
  #flat: Tensor1D | undefined

  constructor(
    private readonly layout: FlatLayout,
    readonly parts: readonly Tensor[],
    readonly input: Tensor | undefined,
    readonly deltas: readonly Tensor[] = []
  ) {}

  get flat(): Tensor1D {
    return (this.#flat ??= this.layout.join(this.parts))
  }
}

export class NetworkTangent {
  constructor(
    private readonly network: Network,
    private readonly tangents: readonly TangentPass[],
    /** Directional derivative of the logits; undefined when the direction is zero. */
    readonly output: Tensor2D | undefined
  ) {}

  /**
   * Derivative along the tangent of the gradient that `backward` gave: the Hessian-vector product where the
   * loss's own gradient was `dOutput`.
   * @param primal what NetworkPass.backward returned
   * @param dOutputTangent derivative of its dOutput along the tangent
   */
  backward(primal: NetworkBackward, dOutputTangent: Tensor | undefined, wantInput = false): NetworkGradient {
    const { layers, firstTrainable, layout } = this.network
    const gradients: (Tensor | undefined)[][] = new Array<(Tensor | undefined)[]>(layers.length)
    let dyt = dOutputTangent
    for (let i = layers.length - 1; i >= 0; i--) {
      const dy = primal.deltas[i]
      if (dy === undefined) break
      const part = this.tangents[i]!.backward(dy, dyt, wantInput || i > firstTrainable)
      gradients[i] = [...part.dwt]
      dyt = part.dxt
    }
    const parts = gradients.flatMap((layer) => layer ?? []).map((part, i) => part ?? this.#zeros(i))
    return new Gradient(layout, parts, wantInput ? dyt : undefined)
  }

  #zeros(parameter: number): Tensor {
    return zeros([...this.network.layout.entries[parameter]!.shape])
  }
}
