import { concat1d, reshape, slice1d, zeros } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'

/**
 * A parameter tree kept as one flat vector. Solvers, optimisers and checkpoints see one Tensor1D (a dozen
 * kernels an Adam step instead of a dozen a parameter); layers see the named parts.
 */
export interface ParameterSpec {
  /** Path in the tree, e.g. `dense_1/kernel`. */
  readonly name: string
  readonly shape: readonly number[]
}

export interface FlatEntry extends ParameterSpec {
  readonly offset: number
  readonly size: number
}

export class FlatLayout {
  readonly entries: readonly FlatEntry[]
  /** Length of the flat vector. */
  readonly size: number

  constructor(specs: readonly ParameterSpec[]) {
    let offset = 0
    this.entries = specs.map(({ name, shape }) => {
      const size = shape.reduce((product, side) => product * side, 1)
      const entry = { name, shape, offset, size }
      offset += size
      return entry
    })
    this.size = offset
  }

  /** The parts of `flat` (shape [size]) in tree order, each in its own shape. */
  split(flat: Tensor1D): Tensor[] {
    return this.entries.map(({ offset, size, shape }) => {
      const part = this.entries.length === 1 ? flat : slice1d(flat, offset, size)
      // Every kernel call costs ten microseconds, a reshape too.
      return shape.length === 1 ? part : reshape(part, [...shape])
    })
  }

  /** The inverse of {@link split}: shape [size]. */
  join(parts: readonly Tensor[]): Tensor1D {
    if (parts.length !== this.entries.length) {
      throw new RangeError(`A layout of ${this.entries.length} parameters cannot join ${parts.length} parts.`)
    }
    const flat = parts.map(flattened)
    if (flat.length === 0) return zeros([0])
    return flat.length === 1 ? flat[0]! : concat1d(flat)
  }

  /** The parts of a host copy of the flat vector, as views. */
  views(flat: Float32Array): Map<string, Float32Array> {
    return new Map(this.entries.map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]))
  }
}

/** [size] of any shape; as it is where it has one axis already. */
export function flattened(part: Tensor): Tensor1D {
  return (part.rank === 1 ? part : reshape(part, [part.size])) as Tensor1D
}
