import type { Handle, NativeOps, OpAttribute } from './native-ops'
import type { RecordedOp, Recorder } from './recorder'

/** An op as it is called again: some inputs are handles that stay, the others are renewed from slots. */
export interface RepeatedOp {
  readonly name: string
  readonly attributes: OpAttribute[]
  /** Complete but for `renewed`. */
  readonly inputs: Handle[]
  readonly renewed: readonly { readonly input: number; readonly slot: number }[]
  readonly outputSlots: readonly number[]
  readonly shapes: RecordedOp['shapes']
  /** Slots that no later op reads. */
  readonly spent: readonly number[]
}

/** A part of a program: some arguments, and the ops that lead from them to its results. */
export interface Part {
  readonly ops: readonly RepeatedOp[]
  readonly argumentSlots: readonly number[]
  readonly resultSlots: readonly number[]
}

/** All that a complete recording repeats. */
export interface Parts {
  /** The batch's inputs when it was recorded. */
  readonly inputs: readonly Handle[]
  readonly preparation: Part
  readonly direction: Part
  readonly conclusion: Conclusion
}

export interface Conclusion extends Part {
  readonly shapes: readonly (readonly number[])[]
}

/**
 * A program as the TensorFlow ops that one run of it called, to be run again on other values. Naming a kernel to
 * tfjs costs several times what TensorFlow takes to start it; a repetition hands the same ops to TensorFlow
 * directly, so its results are those of a call to the bit. What depends on nothing that changes is not computed
 * again, what depends on the batch alone once a batch, and a value is freed where it was last read.
 */
export class Recording {
  readonly #ops: NativeOps
  readonly #recorder: Recorder
  readonly #slotOf = new Map<Handle, number>()
  readonly #slots: Handle[] = []
  readonly #direction: Part
  #conclusion: Conclusion | undefined
  #preparation: Part | undefined
  /** Handles that no repetition makes and tfjs has let go of. */
  #owned: readonly Handle[] = []

  private constructor(ops: NativeOps, recorder: Recorder, direction: Part) {
    this.#ops = ops
    this.#recorder = recorder
    this.#direction = direction
  }

  /**
   * What the recorder heard of a direction, for the rest of its batch.
   * @returns undefined where it cannot be repeated: where values were read back, or the result ignores v
   */
  static of(ops: NativeOps, recorder: Recorder, v: Handle, result: Handle): Recording | undefined {
    const slotOf = new Map<Handle, number>()
    const direction = partOf(recorder, withoutRepetitions(recorder), slotOf, [v], [result])
    if (!direction || recorder.readBack) return undefined
    const recording = new Recording(ops, recorder, direction)
    for (const [handle, slot] of slotOf) {
      recording.#slotOf.set(handle, slot)
      recording.#slots[slot] = handle
    }
    return recording
  }

  /**
   * What the recorder heard of the conclusion: with it the recording is complete, for other batches too.
   * @returns whether it can be repeated
   */
  complete(
    at: readonly Handle[],
    results: readonly Handle[],
    shapes: readonly (readonly number[])[]
  ): boolean {
    const recorder = this.#recorder
    const conclusion = partOf(recorder, withoutRepetitions(recorder), this.#slotOf, at, results)
    if (!conclusion || recorder.readBack) return false
    this.#conclusion = { ...conclusion, shapes }
    const held = [...this.#slotOf.keys()].filter(
      (handle) => recorder.changesWithBatches(handle) && !recorder.inputs.includes(handle)
    )
    this.#preparation = partOf(
      recorder,
      { ops: recorder.batchOps, same: new Map() },
      this.#slotOf,
      recorder.inputs,
      held
    )
    return this.#preparation !== undefined
  }

  /** It has been listened to: what a repetition reads stays, the rest of what tfjs has let go of is deleted. */
  settle(): void {
    const { released } = this.#recorder
    const { preparation, direction, conclusion } = this.parts
    const read = new Set<Handle>()
    for (const { inputs, renewed } of [preparation, direction, conclusion].flatMap(({ ops }) => ops)) {
      const changing = new Set(renewed.map(({ input }) => input))
      inputs.forEach((handle, i) => changing.has(i) || read.add(handle))
    }
    this.#owned = released.filter((handle) => read.has(handle))
    this.#ops.delete(released.filter((handle) => !read.has(handle)))
  }

  get parts(): Parts {
    const [preparation, direction, conclusion] = [this.#preparation!, this.#direction, this.#conclusion!]
    return { inputs: this.#recorder.inputs, preparation, direction, conclusion }
  }

  /** A new batch. @param inputs in the order of the recorder's */
  begin(inputs: readonly Handle[]): void {
    this.#run(this.#preparation!, inputs)
  }

  /** The direction at another v; the caller deletes both. */
  direction(v: Handle): Handle {
    return this.#run(this.#direction, [v])[0]!
  }

  /** The conclusion's values, with their shapes; the caller deletes all. */
  conclude(at: readonly Handle[]): { handle: Handle; shape: readonly number[] }[] {
    const { shapes } = this.#conclusion!
    return this.#run(this.#conclusion!, at).map((handle, i) => ({ handle, shape: shapes[i]! }))
  }

  /** The batch has ended: what was made for it alone is deleted. */
  end(): void {
    for (const slot of this.#preparation!.resultSlots) this.#ops.deleteOne(this.#slots[slot]!)
  }

  dispose(): void {
    this.#ops.delete(this.#owned)
  }

  #run({ ops, argumentSlots, resultSlots }: Part, given: readonly Handle[]): Handle[] {
    const slots = this.#slots
    argumentSlots.forEach((slot, i) => (slots[slot] = given[i]!))
    for (const { name, attributes, inputs, renewed, outputSlots, spent } of ops) {
      for (const { input, slot } of renewed) inputs[input] = slots[slot]!
      const outputs = this.#ops.execute(name, attributes, inputs, outputSlots.length)
      for (let i = 0; i < outputSlots.length; i++) slots[outputSlots[i]!] = outputs[i]!.id
      for (const slot of spent) this.#ops.deleteOne(slots[slot]!)
    }
    return resultSlots.map((slot) => slots[slot]!)
  }
}

/**
 * The ops that lead from the arguments to the results, with a slot for each value that changes.
 * @returns undefined where a result is none of these ops', or something is read that changes with v and was made
 * elsewhere
 */
function partOf(
  recorder: Recorder,
  { ops: called, same }: Called,
  slotOf: Map<Handle, number>,
  given: readonly Handle[],
  results: readonly Handle[]
): Part | undefined {
  const wanted = results.map((handle) => same.get(handle) ?? handle)
  const ops = leadingTo(wanted, called)
  const made = new Set(ops.flatMap(({ outputs }) => outputs))
  if (!wanted.every((handle) => made.has(handle))) return undefined
  const known = new Set([...given, ...made])
  const isUnknown = (handle: Handle): boolean => recorder.changesWithSteps(handle) && !known.has(handle)
  if (ops.some(({ inputs }) => inputs.some(isUnknown))) return undefined

  const slot = (handle: Handle): number => {
    if (!slotOf.has(handle)) slotOf.set(handle, slotOf.size)
    return slotOf.get(handle)!
  }
  const changes = (handle: Handle): boolean => known.has(handle) || recorder.changesWithBatches(handle)
  const lastUse = new Map<Handle, number>()
  ops.forEach(({ inputs, outputs }, i) => {
    for (const handle of [...inputs, ...outputs]) if (made.has(handle)) lastUse.set(handle, i)
  })
  for (const handle of wanted) lastUse.delete(handle)
  const spent = ops.map((): number[] => [])
  for (const [handle, op] of lastUse) spent[op]!.push(slot(handle))
  return {
    ops: ops.map(({ name, attributes, inputs, outputs, shapes }, i) => ({
      name,
      attributes,
      inputs: [...inputs],
      renewed: inputs.flatMap((handle, input) => (changes(handle) ? [{ input, slot: slot(handle) }] : [])),
      outputSlots: outputs.map(slot),
      shapes,
      spent: spent[i]!
    })),
    argumentSlots: given.map(slot),
    resultSlots: wanted.map(slot)
  }
}

interface Called {
  readonly ops: readonly RecordedOp[]
  /** Outputs of ops that are left out, and whose they are the same as. */
  readonly same: ReadonlyMap<Handle, Handle>
}

/**
 * Ops called again on the same values, left out: layers do not know what others have computed, of a convolution's
 * frequencies for example.
 */
function withoutRepetitions(recorder: Recorder): Called {
  const same = new Map<Handle, Handle>()
  const first = new Map<string, RecordedOp>()
  const ops = recorder.takeStepOps().flatMap((op) => {
    const inputs = op.inputs.map((handle) => same.get(handle) ?? handle)
    const call = JSON.stringify([op.name, op.attributes, inputs.map((each) => recorder.valueOf(each))])
    const before = first.get(call)
    if (!before || op.name.startsWith('Random')) {
      first.set(call, op)
      return [{ ...op, inputs }]
    }
    op.outputs.forEach((handle, i) => same.set(handle, before.outputs[i]!))
    return []
  })
  return { ops, same }
}

/** The ops whose outputs the results need, in their order. */
function leadingTo(results: readonly Handle[], ops: readonly RecordedOp[]): RecordedOp[] {
  const needed = new Set(results)
  return ops
    .toReversed()
    .filter(({ inputs, outputs }) => {
      const isNeeded = outputs.some((handle) => needed.has(handle))
      if (isNeeded) for (const handle of inputs) needed.add(handle)
      return isNeeded
    })
    .toReversed()
}
