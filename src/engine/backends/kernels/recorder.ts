import type { Binding, Handle, OpAttribute } from './native-ops'

/** An op as it was called. */
export interface RecordedOp {
  readonly name: string
  readonly attributes: OpAttribute[]
  readonly inputs: readonly Handle[]
  readonly outputs: readonly Handle[]
  /** Of the outputs. */
  readonly shapes: readonly (readonly number[])[]
}

/** Values of at most as many entries are told apart by their entries. */
const SMALL = 8

/**
 * What a program asks of the addon, told apart by how often it must be asked again: what depends on v at each
 * step, what depends on the other inputs once a batch, the rest never.
 */
export class Recorder {
  /** Ops that depend on the inputs and not on v. */
  readonly batchOps: RecordedOp[] = []
  /**
   * Handles that tfjs has let go of and that a repetition may need, so their deletion is put off. Those that
   * depend on v are made anew by each.
   */
  readonly released: Handle[] = []
  readBack = false
  #ofStep: RecordedOp[] = []
  readonly #batchHandles: Set<Handle>
  readonly #ofStepHandles = new Set<Handle>()
  readonly #met = new Set<Handle>()
  readonly #contents = new Map<Handle, string>()
  #listening = true

  /** @param inputs handles of what changes from batch to batch */
  constructor(readonly inputs: readonly Handle[]) {
    this.#batchHandles = new Set(inputs)
  }

  /** These change with v: the argument of what is called next. */
  vary(handles: readonly Handle[]): void {
    for (const handle of handles) this.#ofStepHandles.add(handle)
  }

  changesWithSteps(handle: Handle): boolean {
    return this.#ofStepHandles.has(handle)
  }

  changesWithBatches(handle: Handle): boolean {
    return this.#batchHandles.has(handle)
  }

  /** Alike for small values (shapes, axes, factors) that were made anew and are the same. */
  valueOf(handle: Handle): Handle | string {
    return this.#contents.get(handle) ?? handle
  }

  /** The ops that depend on v since this was last asked. */
  takeStepOps(): RecordedOp[] {
    const taken = this.#ofStep
    this.#ofStep = []
    return taken
  }

  /** Run something that is no part of the program. */
  aside<T>(run: () => T): T {
    this.#listening = false
    try {
      return run()
    } finally {
      this.#listening = true
    }
  }

  watched(binding: Binding): Binding {
    const executeOp: Binding['executeOp'] = (name, attributes, inputs, count) => {
      const outputs = binding.executeOp(name, attributes, inputs, count)
      if (this.#listening) {
        const made = outputs.map(({ id }) => id)
        const shapes = outputs.map(({ shape }) => shape)
        this.#note({ name, attributes, inputs: [...inputs], outputs: made, shapes })
      }
      return outputs
    }
    const deleteTensor = (handle: Handle): void => {
      if (this.#met.has(handle) && !this.#ofStepHandles.has(handle)) this.released.push(handle)
      else binding.deleteTensor(handle)
    }
    const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
      const handle = binding.createTensor(shape, dtype, values)
      if (values.length <= SMALL) this.#contents.set(handle, `${dtype}: ${shape.join('x')}: ${values.join()}`)
      return handle
    }
    const tensorDataSync = (handle: Handle): unknown => {
      this.readBack ||= this.#listening
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

  #note(op: RecordedOp): void {
    for (const handle of op.inputs) this.#met.add(handle)
    for (const handle of op.outputs) this.#met.add(handle)
    const among = (handles: ReadonlySet<Handle>): boolean => op.inputs.some((handle) => handles.has(handle))
    if (among(this.#ofStepHandles)) {
      for (const handle of op.outputs) this.#ofStepHandles.add(handle)
      this.#ofStep.push(op)
    } else if (among(this.#batchHandles)) {
      for (const handle of op.outputs) this.#batchHandles.add(handle)
      this.batchOps.push(op)
    }
  }
}
