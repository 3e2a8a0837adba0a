import type { Binding, Handle } from './native-ops'
import type { Op } from './program'

/** Values of at most as many entries are known by their entries. */
const SMALL = 8

/** Notes the ops that are called while it watches. */
export class Tracer {
  readonly ops: Op[] = []
  /**
   * Handles that tfjs has let go of and that a repetition may need, so their deletion is put off. Those that depend on
   * v are made again by each: they are deleted at once, or a trace would hold all of a step's memory.
   */
  readonly released: Handle[] = []
  readBack = false
  readonly #ofStep = new Set<Handle>()
  readonly #met = new Set<Handle>()
  readonly #contents = new Map<Handle, string>()
  #watches = true

  /** These change with v. */
  vary(handles: readonly Handle[]): void {
    for (const handle of handles) this.#ofStep.add(handle)
  }

  /** Alike for small values (shapes, axes, factors) that were made one by one and are the same. */
  readonly contentOf = (handle: Handle): Handle | string => this.#contents.get(handle) ?? handle

  /** Run something that is no part of the program. */
  aside<T>(run: () => T): T {
    this.#watches = false
    try {
      return run()
    } finally {
      this.#watches = true
    }
  }

  watched(binding: Binding): Binding {
    const executeOp: Binding['executeOp'] = (name, attributes, inputs, count) => {
      const outputs = binding.executeOp(name, attributes, inputs, count)
      if (this.#watches) {
        const made = outputs.map(({ id }) => id)
        const shapes = outputs.map(({ shape }) => shape)
        this.#note({ name, attributes, inputs: [...inputs], outputs: made, shapes })
      }
      return outputs
    }
    const deleteTensor = (handle: Handle): void => {
      if (this.#met.has(handle) && !this.#ofStep.has(handle)) this.released.push(handle)
      else binding.deleteTensor(handle)
    }
    const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
      const handle = binding.createTensor(shape, dtype, values)
      if (values.length <= SMALL) this.#contents.set(handle, `${dtype}: ${shape.join('x')}: ${values.join()}`)
      return handle
    }
    const tensorDataSync = (handle: Handle): unknown => {
      this.readBack ||= this.#watches
      return binding.tensorDataSync(handle)
    }
    // The addon's properties are read-only: shadowed, not assigned.
    return Object.create(binding, {
      executeOp: { value: executeOp },
      deleteTensor: { value: deleteTensor },
      createTensor: { value: createTensor },
      tensorDataSync: { value: tensorDataSync }
    }) as Binding
  }

  #note(op: Op): void {
    for (const handle of [...op.inputs, ...op.outputs]) this.#met.add(handle)
    if (op.inputs.some((handle) => this.#ofStep.has(handle))) this.vary(op.outputs)
    this.ops.push(op)
  }
}
