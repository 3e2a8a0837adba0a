import type { OpAttribute } from './native-ops'

/** A value of a program by its number: while it is traced, TensorFlow's handle. */
export type Value = number

/** An op as it is called. */
export interface Op {
  readonly name: string
  readonly attributes: OpAttribute[]
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  /** Of the outputs. */
  readonly shapes: readonly (readonly number[])[]
}

/** Ops that lead from inputs to results, each of which is an op's output or an input. */
export interface Program {
  readonly inputs: readonly Value[]
  /** What ops read that is neither an input nor made by one: the same each time. */
  readonly constants: readonly Value[]
  readonly ops: readonly Op[]
  readonly results: readonly Value[]
}

export function programOf(inputs: readonly Value[], ops: readonly Op[], results: readonly Value[]): Program {
  const known = new Set([...inputs, ...ops.flatMap(({ outputs }) => outputs)])
  const constants = new Set(ops.flatMap((op) => op.inputs).filter((value) => !known.has(value)))
  return { inputs, constants: [...constants], ops, results }
}

/** One line an op: `5:200x10 = MatMul(1, 4) transpose_a=true`. */
export function printed({ inputs, constants, ops, results }: Program): string {
  const held = constants.length > 0 ? ` with ${constants.join(', ')}` : ''
  const lines = ops.map(({ name, attributes, inputs: read, outputs, shapes }) => {
    const made = outputs.map((value, i) => `${value}:${shapes[i]!.join('x') || 'scalar'}`)
    const settings = attributes.map((each) => ` ${each.name}=${JSON.stringify(each.value)}`)
    return `  ${made.join(', ')} = ${name}(${read.join(', ')})${settings.join('')}`
  })
  return [`(${inputs.join(', ')})${held}`, ...lines, `  -> ${results.join(', ')}`].join('\n')
}
