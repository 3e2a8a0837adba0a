import type { Handle, NativeOps, OpAttribute } from './native-ops'
import { lastReads } from './passes'
import type { Program } from './program'

interface Call {
  readonly name: string
  readonly attributes: OpAttribute[]
  /** Constants, and places that `renewed` fills. */
  readonly inputs: Handle[]
  readonly renewed: readonly { readonly input: number; readonly slot: number }[]
  readonly outputs: readonly number[]
  /** Slots that nothing reads after this. */
  readonly spent: readonly number[]
}

/**
 * Runs a program op by op. Naming a kernel to tfjs costs several times what TensorFlow takes to start it; here the same
 * ops are handed to TensorFlow directly, so results are those of the calls that were traced, to the bit. A value is freed
 * where it was last read.
 */
export class Interpreter {
  readonly #ops: NativeOps
  readonly #calls: readonly Call[]
  readonly #results: readonly number[]
  readonly #slots: Handle[] = []

  constructor(ops: NativeOps, program: Program) {
    this.#ops = ops
    const slotOf = new Map(program.inputs.map((value, slot) => [value, slot]))
    let free = program.inputs.length
    for (const value of program.ops.flatMap(({ outputs }) => outputs)) slotOf.set(value, free++)
    const slot = (value: number): number => slotOf.get(value)!
    const spent = lastReads(program)
    this.#calls = program.ops.map(({ name, attributes, inputs, outputs }, i) => ({
      name,
      attributes,
      inputs: [...inputs],
      renewed: inputs.flatMap((value, input) => (slotOf.has(value) ? [{ input, slot: slot(value) }] : [])),
      outputs: outputs.map(slot),
      spent: spent[i]!.map(slot)
    }))
    this.#results = program.results.map(slot)
  }

  /** @param given a handle for each input; they stay the caller's, as the results become @returns the results */
  run(given: readonly Handle[]): Handle[] {
    const slots = this.#slots
    for (let i = 0; i < given.length; i++) slots[i] = given[i]!
    for (const { name, attributes, inputs, renewed, outputs, spent } of this.#calls) {
      for (const { input, slot } of renewed) inputs[input] = slots[slot]!
      const made = this.#ops.execute(name, attributes, inputs, outputs.length)
      for (let i = 0; i < outputs.length; i++) slots[outputs[i]!] = made[i]!.id
      for (const slot of spent) this.#ops.deleteOne(slots[slot]!)
    }
    return this.#results.map((slot) => slots[slot]!)
  }
}
