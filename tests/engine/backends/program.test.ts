import { describe, expect, test } from 'vitest'
import {
  dependentOn,
  lastReads,
  stagesOf,
  withoutDeadCode,
  withoutRepetitions
} from '@engine/backends/kernels/passes'
import type { Trace } from '@engine/backends/kernels/passes'
import { printed, programOf } from '@engine/backends/kernels/program'
import type { Op, Value } from '@engine/backends/kernels/program'

/** `3 = Add 1 2` */
function op(line: string, shape: readonly number[] = []): Op {
  const [made, call] = line.split(' = ') as [string, string]
  const [name, ...read] = call.split(' ') as [string, ...string[]]
  const outputs = made.split(' ').map(Number)
  return { name, attributes: [], inputs: read.map(Number), outputs, shapes: outputs.map(() => shape) }
}

const ops = (...lines: string[]): Op[] => lines.map((line) => op(line))
const itself = (value: Value): Value => value

test('a program prints itself', () => {
  const product = {
    ...op('3 = MatMul 1 9', [2, 10]),
    attributes: [{ name: 'transpose_a', type: 1, value: true }]
  }
  expect(printed(programOf([1], [product, op('4 5 = Split 3')], [5]))).toBe(
    '(1) with 9\n  3:2x10 = MatMul(1, 9) transpose_a=true\n  4:scalar, 5:scalar = Split(3)\n  -> 5'
  )
})

test('constants are what is read and neither given nor made', () => {
  expect(programOf([1], ops('3 = Add 1 2', '4 = Mul 3 8', '5 = Mul 4 2'), [5]).constants).toEqual([2, 8])
})

describe('repetitions', () => {
  test('are left out, with what follows from them', () => {
    const program = programOf(
      [1, 2],
      ops('3 = Add 1 2', '4 = Add 1 2', '5 = Exp 3', '6 = Exp 4', '7 = Mul 5 6'),
      [6, 7]
    )
    const { ops: kept, results } = withoutRepetitions(program, itself)
    expect(kept).toEqual(ops('3 = Add 1 2', '5 = Exp 3', '7 = Mul 5 5'))
    expect(results).toEqual([5, 7])
  })

  test('are told by attributes, by order, and by the content of constants', () => {
    const other = { ...op('4 = Add 1 2'), attributes: [{ name: 'T', type: 1, value: 3 }] }
    const program = programOf([1, 2], [op('3 = Add 1 2'), other, op('5 = Add 2 1')], [3, 4, 5])
    expect(withoutRepetitions(program, itself).ops).toHaveLength(3)
    const axes = programOf([1], ops('3 = Sum 1 8', '4 = Sum 1 9'), [3, 4])
    expect(withoutRepetitions(axes, itself).ops).toHaveLength(2)
    expect(withoutRepetitions(axes, (value) => (value >= 8 ? 'axis 0' : value)).results).toEqual([3, 3])
  })

  test('of random numbers are none', () => {
    const program = programOf([], ops('3 = RandomUniform 1', '4 = RandomUniform 1'), [3, 4])
    expect(withoutRepetitions(program, itself)).toEqual(program)
  })
})

test('dead code is left out, and a constant that it alone read', () => {
  const program = programOf([1], ops('2 = Exp 1', '3 = Log 2', '4 = Mul 2 9', '5 = Neg 3'), [3])
  const { ops: kept, constants } = withoutDeadCode(program)
  expect(kept).toEqual(ops('2 = Exp 1', '3 = Log 2'))
  expect(constants).toEqual([])
  expect(withoutDeadCode(programOf([1], ops('2 3 = Split 1'), [3])).ops).toHaveLength(1)
})

test('a value ends where it was last read: never an input, a constant or a result', () => {
  const program = programOf([1], ops('2 = Exp 1', '3 4 = Split 2', '5 = Add 3 9', '6 = Mul 5 3'), [6])
  expect(lastReads(program)).toEqual([[], [2, 4], [], [3, 5]])
  expect(lastReads({ ...program, results: [5, 6] })).toEqual([[], [2, 4], [], [3]])
})

test('what depends on a value, by way of any number of ops', () => {
  expect([...dependentOn([1], ops('3 = Exp 2', '4 = Add 3 1', '5 = Neg 4', '6 = Neg 3'))]).toEqual([1, 4, 5])
})

describe('the stages of a trace', () => {
  /** X is 1, v is 2; 8 and 9 are constants. */
  const trace: Trace = {
    inputs: [1],
    v: 2,
    ops: ops(
      '3 = Square 8', // once for all
      '4 = MatMul 1 3', // once a batch
      '5 = Neg 4', // once a batch, for the conclusion
      '6 = Mul 2 4',
      '7 = Add 6 1',
      '20 = Exp 7', // nobody reads it
      '10 = Mul 2 5',
      '11 = Add 10 7',
      '12 = Neg 1' // nobody reads it
    ),
    direction: 7,
    concludesAt: 6,
    results: [11],
    contentOf: itself
  }

  test('are run once a batch, once a step, and at the end', () => {
    const { preparation, direction, conclusion, shared } = stagesOf(trace)!
    expect(shared.toSorted((a, b) => a - b)).toEqual([1, 4, 5])
    expect(printed(preparation)).toBe(
      `(1) with 3\n  4:scalar = MatMul(1, 3)\n  5:scalar = Neg(4)\n  -> ${shared.join(', ')}`
    )
    expect(direction).toEqual(programOf([2, ...shared], ops('6 = Mul 2 4', '7 = Add 6 1'), [7]))
    expect(conclusion).toEqual(programOf([2, 7, ...shared], ops('10 = Mul 2 5', '11 = Add 10 7'), [11]))
  })

  test('are none where the direction ignores v, or is v', () => {
    expect(stagesOf({ ...trace, direction: 4 })).toBeUndefined()
    expect(stagesOf({ ...trace, direction: 2 })).toBeUndefined()
  })

  test('are none where the conclusion reads what the direction made on its way', () => {
    expect(stagesOf({ ...trace, ops: [...trace.ops, op('13 = Neg 6')], results: [13] })).toBeUndefined()
  })

  test('of one batch alone: nothing is shared, what does not change is constant', () => {
    const { preparation, direction, shared } = stagesOf({
      ...trace,
      inputs: [],
      concludesAt: 9,
      results: []
    })!
    expect([preparation.ops, shared]).toEqual([[], []])
    expect(direction.constants).toEqual([4, 1])
  })
})
