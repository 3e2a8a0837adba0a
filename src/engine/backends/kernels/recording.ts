import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { Binding, Handle, NativeOps, OpAttribute } from './native-ops'

/** An op as it was called. */
interface RecordedOp {
  readonly name: string
  readonly attributes: OpAttribute[]
  readonly inputs: readonly Handle[]
  readonly outputs: readonly Handle[]
}

/** An op as it is called again: some inputs are handles that stay, the others are renewed from slots. */
interface ReplayedOp {
  readonly name: string
  readonly attributes: OpAttribute[]
  /** Complete but for `renewed`. */
  readonly inputs: Handle[]
  readonly renewed: readonly { readonly input: number; readonly slot: number }[]
  readonly outputSlots: readonly number[]
  /** Slots that no later op reads. */
  readonly spent: readonly number[]
}

const ARGUMENT_SLOT = 0

/**
 * A function of one tensor, recorded as the TensorFlow ops that one call of it ran, to be run again for other
 * values. Naming a kernel to tfjs costs several times what TensorFlow takes to start it; a replay hands the same
 * ops to TensorFlow directly, so its results are those of a call to the bit. What does not depend on the argument
 * is not computed again, and a value is freed where it was last read.
 *
 * Whatever else the function reads must exist and stay as it is until `dispose`.
 */
export class Recording {
  readonly #ops: NativeOps
  readonly #replayed: readonly ReplayedOp[]
  readonly #resultSlot: number
  readonly #slots: Handle[] = []
  /** Values that tfjs has let go of and a replay still reads. */
  readonly #owned: readonly Handle[]

  private constructor(
    ops: NativeOps,
    { replayed, resultSlot }: { replayed: readonly ReplayedOp[]; resultSlot: number },
    owned: readonly Handle[]
  ) {
    this.#ops = ops
    this.#replayed = replayed
    this.#resultSlot = resultSlot
    this.#owned = owned
  }

  /**
   * Call `compute` once and record it.
   * @returns its result, and no recording where it cannot be repeated: where it read values back, or where its
   * result does not depend on the argument
   */
  static of(
    ops: NativeOps,
    compute: (argument: Tensor1D) => Tensor1D,
    argument: Tensor1D
  ): { result: Tensor1D; recording?: Recording } {
    const [input] = ops.handles([argument])
    const calls = new Calls(input!)
    let result: Tensor1D
    try {
      result = ops.through(
        (binding) => calls.watched(binding),
        () => tidy(() => compute(argument))
      )
    } catch (error) {
      ops.delete(calls.released)
      throw error
    }
    const [output] = ops.handles([result])
    const { dependent } = calls
    const repeatable = !calls.readBack && dependent.some(({ outputs }) => outputs.includes(output!))
    const live = repeatable ? leadingTo(output!, dependent) : []
    const read = new Set(live.flatMap(({ inputs }) => inputs))
    const owned = calls.released.filter((handle) => read.has(handle))
    const kept = new Set(owned)
    ops.delete(calls.released.filter((handle) => !kept.has(handle)))
    if (!repeatable) return { result }
    return { result, recording: new Recording(ops, inSlots(live, input!, output!), owned) }
  }

  /** The function's value at another argument; the caller deletes both. */
  replay(argument: Handle): Handle {
    const slots = this.#slots
    slots[ARGUMENT_SLOT] = argument
    for (const { name, attributes, inputs, renewed, outputSlots, spent } of this.#replayed) {
      for (const { input, slot } of renewed) inputs[input] = slots[slot]!
      const outputs = this.#ops.execute(name, attributes, inputs, outputSlots.length)
      for (let i = 0; i < outputSlots.length; i++) slots[outputSlots[i]!] = outputs[i]!.id
      for (const slot of spent) this.#ops.deleteOne(slots[slot]!)
    }
    return slots[this.#resultSlot]!
  }

  dispose(): void {
    this.#ops.delete(this.#owned)
  }
}

/** What a computation asks of the addon. */
class Calls {
  /** The ops that depend on the argument, in their order. */
  readonly dependent: RecordedOp[] = []
  /**
   * Handles that tfjs has deleted and that do not depend on the argument: a replay may need them, so the deletion
   * is put off. The others are made anew by every replay.
   */
  readonly released: Handle[] = []
  readBack = false
  readonly #varying: Set<Handle>

  constructor(argument: Handle) {
    this.#varying = new Set([argument])
  }

  watched(binding: Binding): Binding {
    const varying = this.#varying
    const executeOp: Binding['executeOp'] = (name, attributes, inputs, count) => {
      const outputs = binding.executeOp(name, attributes, inputs, count)
      if (inputs.some((handle) => varying.has(handle))) {
        const made = outputs.map(({ id }) => id)
        for (const handle of made) varying.add(handle)
        this.dependent.push({ name, attributes, inputs: [...inputs], outputs: made })
      }
      return outputs
    }
    const deleteTensor = (handle: Handle): void => {
      if (varying.has(handle)) binding.deleteTensor(handle)
      else this.released.push(handle)
    }
    const tensorDataSync = (handle: Handle): unknown => {
      this.readBack = true
      return binding.tensorDataSync(handle)
    }
    // The addon's properties are read-only: shadowed, not assigned.
    return Object.create(binding, {
      executeOp: { value: executeOp },
      deleteTensor: { value: deleteTensor },
      tensorDataSync: { value: tensorDataSync }
    }) as Binding
  }
}

/** The ops whose outputs the result needs, in their order. */
function leadingTo(result: Handle, ops: readonly RecordedOp[]): RecordedOp[] {
  const needed = new Set([result])
  return ops
    .toReversed()
    .filter(({ inputs, outputs }) => {
      const isNeeded = outputs.some((handle) => needed.has(handle))
      if (isNeeded) for (const handle of inputs) needed.add(handle)
      return isNeeded
    })
    .toReversed()
}

function inSlots(
  ops: readonly RecordedOp[],
  input: Handle,
  result: Handle
): { replayed: ReplayedOp[]; resultSlot: number } {
  const slots = new Map([[input, ARGUMENT_SLOT]])
  /** The op that reads a slot last, or fills it where none reads it. */
  const lastUse = new Map<number, number>()
  ops.forEach(({ inputs, outputs }, i) => {
    for (const handle of outputs) slots.set(handle, slots.size)
    for (const handle of [...inputs, ...outputs]) {
      const slot = slots.get(handle)
      if (slot !== undefined) lastUse.set(slot, i)
    }
  })
  const resultSlot = slots.get(result)!
  lastUse.delete(ARGUMENT_SLOT)
  lastUse.delete(resultSlot)
  const spent = ops.map((): number[] => [])
  for (const [slot, op] of lastUse) spent[op]!.push(slot)
  const replayed = ops.map(({ name, attributes, inputs, outputs }, i) => ({
    name,
    attributes,
    inputs: [...inputs],
    renewed: inputs.flatMap((handle, input) => {
      const slot = slots.get(handle)
      return slot === undefined ? [] : [{ input, slot }]
    }),
    outputSlots: outputs.map((handle) => slots.get(handle)!),
    spent: spent[i]!
  }))
  return { replayed, resultSlot }
}
