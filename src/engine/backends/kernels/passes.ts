import { programOf } from './program'
import type { Op, Program, Value } from './program'

/**
 * Ops called again on the same values, left out: layers do not know what others have computed, of a convolution's
 * frequencies for example.
 * @param contentOf alike for constants that are equal though made one by one: shapes, axes, factors
 */
export function withoutRepetitions(
  { inputs, ops, results }: Program,
  contentOf: (value: Value) => Value | string
): Program {
  const same = new Map<Value, Value>()
  const firstOf = (value: Value): Value => same.get(value) ?? value
  const met = new Map<string, Op>()
  const kept = ops.flatMap((op) => {
    const read = op.inputs.map(firstOf)
    const call = JSON.stringify([op.name, op.attributes, read.map(contentOf)])
    const before = op.name.startsWith('Random') ? undefined : met.get(call)
    if (!before) {
      met.set(call, op)
      return [{ ...op, inputs: read }]
    }
    op.outputs.forEach((value, i) => same.set(value, before.outputs[i]!))
    return []
  })
  return programOf(inputs, kept, results.map(firstOf))
}

/** Without the ops that no result needs. */
export function withoutDeadCode({ inputs, ops, results }: Program): Program {
  const needed = new Set(results)
  const kept = ops.toReversed().filter((op) => {
    const isNeeded = op.outputs.some((value) => needed.has(value))
    if (isNeeded) for (const value of op.inputs) needed.add(value)
    return isNeeded
  })
  return programOf(inputs, kept.toReversed(), results)
}

/** For each op the values made by ops, and no result, that nothing after it reads. */
export function lastReads({ ops, results }: Program): Value[][] {
  const made = new Set(ops.flatMap(({ outputs }) => outputs))
  const last = new Map<Value, number>()
  ops.forEach(({ inputs, outputs }, i) => {
    for (const value of [...inputs, ...outputs]) if (made.has(value)) last.set(value, i)
  })
  for (const value of results) last.delete(value)
  const spent = ops.map((): Value[] => [])
  for (const [value, i] of last) spent[i]!.push(value)
  return spent
}

/** The roots and all that ops make of them. */
export function dependentOn(roots: readonly Value[], ops: readonly Op[]): ReadonlySet<Value> {
  const found = new Set(roots)
  for (const { inputs, outputs } of ops) {
    if (inputs.some((value) => found.has(value))) for (const value of outputs) found.add(value)
  }
  return found
}

/** What a descent called, once through: its direction at v, then its conclusion there. */
export interface Trace {
  /** Of the batch. */
  readonly inputs: readonly Value[]
  readonly v: Value
  readonly direction: Value
  readonly ops: readonly Op[]
  /** How many of the ops were called before the conclusion. */
  readonly concludesAt: number
  readonly results: readonly Value[]
  readonly contentOf: (value: Value) => Value | string
}

/**
 * A trace by how often its parts must run: what depends on v at each step, what depends on the batch alone once a
 * batch, the rest never again.
 */
export interface Stages {
  /** From the batch's inputs to `shared`. */
  readonly preparation: Program
  /** From v and `shared` to the direction. */
  readonly direction: Program
  /** From v, the direction and `shared` to the results. */
  readonly conclusion: Program
  /** What changes with the batch and is read later, inputs included. */
  readonly shared: readonly Value[]
}

/** @returns undefined where the direction ignores v or a part reads what another has made of v */
export function stagesOf(trace: Trace): Stages | undefined {
  const { inputs, v, ops, concludesAt, contentOf } = trace
  const [stepValues, batchValues] = [dependentOn([v], ops), dependentOn(inputs, ops)]
  const changesByStep = (op: Op): boolean => op.inputs.some((value) => stepValues.has(value))
  const changesByBatch = (op: Op): boolean => op.inputs.some((value) => batchValues.has(value))
  const part = (given: readonly Value[], called: readonly Op[], results: readonly Value[]): Program =>
    withoutDeadCode(withoutRepetitions(programOf(given, called.filter(changesByStep), results), contentOf))

  const direction = part([v], ops.slice(0, concludesAt), [trace.direction])
  const conclusion = part([v, trace.direction], ops.slice(concludesAt), trace.results)
  const stands = (program: Program): boolean => {
    const made = new Set(program.ops.flatMap(({ outputs }) => outputs))
    return (
      program.results.every((value) => made.has(value)) &&
      !program.constants.some((value) => stepValues.has(value))
    )
  }
  if (!stands(direction) || !stands(conclusion)) return undefined
  const read = new Set([...direction.constants, ...conclusion.constants])
  const shared = [...read].filter((value) => batchValues.has(value))
  const called = ops.filter((op) => changesByBatch(op) && !changesByStep(op))
  const given = ({ inputs: own, ops: kept, results }: Program): Program =>
    programOf([...own, ...shared], kept, results)
  return {
    preparation: withoutDeadCode(programOf(inputs, called, shared)),
    direction: given(direction),
    conclusion: given(conclusion),
    shared
  }
}
