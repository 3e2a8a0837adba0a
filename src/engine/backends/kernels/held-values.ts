import { COMPILED_OPS } from './compiled-ops'
import { FLOAT, INT32 } from './graph-messages'
import type { Handle, NativeOps } from './native-ops'
import type { Op, Program } from './program'

export interface Integers {
  readonly int32: readonly number[]
  readonly shape: readonly number[]
}

export interface HeldFloats {
  readonly name: string
  readonly shape: readonly number[]
}

/** Values that no repetition changes: whole numbers (shapes, axes) are written down, others are handed in. */
export class HeldValues {
  readonly #floats = new Map<Handle, HeldFloats>()
  readonly #integers = new Map<Handle, Integers>()

  private constructor() {}

  /** @returns undefined where there is one of another type, or an op that is not compiled */
  static of(ops: NativeOps, programs: readonly Program[]): HeldValues | undefined {
    if (!programs.every((program) => program.ops.every((op) => compiles(ops, op)))) return undefined
    const held = new HeldValues()
    for (const handle of new Set(programs.flatMap(({ constants }) => constants))) {
      const { dtype, shape } = ops.about(handle)
      if (dtype === FLOAT) held.#floats.set(handle, { name: `held${held.#floats.size}`, shape })
      else if (dtype === INT32) held.#integers.set(handle, { int32: ops.integersOf(handle), shape })
      else return undefined
    }
    return held
  }

  get handles(): Handle[] {
    return [...this.#floats.keys()]
  }

  get names(): string[] {
    return [...this.#floats.values()].map(({ name }) => name)
  }

  floats(handle: Handle): HeldFloats | undefined {
    return this.#floats.get(handle)
  }

  integers(handle: Handle): Integers {
    return this.#integers.get(handle)!
  }
}

function compiles(ops: NativeOps, { name, attributes }: Op): boolean {
  const known = COMPILED_OPS[name]
  if (!known) return false
  const types = known.types ?? ['T']
  return attributes.every((attribute) => {
    const encoded = ops.encoded(attribute)
    return !types.includes(attribute.name) || ('type' in encoded && encoded.type === FLOAT)
  })
}
