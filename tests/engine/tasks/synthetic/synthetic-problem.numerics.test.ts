import { memory, reshape, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { SyntheticYardstick } from '@engine/tasks/synthetic/error'
import { SyntheticProblem } from '@engine/tasks/synthetic/problem'
import { trainSynthetic } from '@engine/tasks/synthetic/train'
import { RunPaused } from '@engine/tasks/shared/task-run'
import type { Checkpoint, TaskRun } from '@engine/tasks/shared/task-run'
import { Random } from '@shared/numerics/random'
import { SYNTHETIC_PROBLEMS, syntheticSpec } from '@shared/domain/task-spec'
import type { SyntheticProblemName } from '@shared/domain/task-spec'

const [TRIALS, DIMENSION] = [3, 6]
const SIZE = TRIALS * 2 * DIMENSION
const make = (name: SyntheticProblemName): SyntheticProblem =>
  new SyntheticProblem(name, { trials: TRIALS, dimension: DIMENSION, condition: 5, seed: 4 })

beforeAll(async () => {
  await selectBackend('wasm')
})

/** A function of u and v, read on the host. */
function at(
  u: readonly number[],
  v: readonly number[],
  read: (u: Tensor1D, v: Tensor1D) => Tensor1D
): number[] {
  return tidy(() => Array.from(read(tensor1d([...u]), tensor1d([...v])).dataSync()))
}

describe.each(SYNTHETIC_PROBLEMS)('%s', (name) => {
  const random = new Random(1)
  const draw = (): number[] => Array.from({ length: SIZE }, () => 0.5 * random.normal())
  const [u, v, p] = [draw(), draw(), draw()]
  /** Central difference along `direction`; f and g are quadratic, so it is exact but for rounding. */
  const slope = (value: (t: number) => number): number => (value(0.5) - value(-0.5)) / 1
  const along = (point: readonly number[], direction: readonly number[], t: number): number[] =>
    point.map((x, i) => x + t * direction[i]!)
  const dotted = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((total, value, i) => total + value * b[i]!, 0)

  test('gradients and products agree with differences of the values', () => {
    const problem = make(name)
    const f = (a: readonly number[], b: readonly number[]): number =>
      at(a, b, (u, v) => reshape(problem.upper({ u, v }).value, [1]))[0]!
    const g = (a: readonly number[], b: readonly number[]): number =>
      at(a, b, (u, v) => reshape(problem.lower({ u, v }).value, [1]))[0]!
    const gradient = (which: 'f' | 'g', side: 'u' | 'v'): number[] =>
      at(u, v, (u, v) => {
        if (which === 'f') {
          const { lowerGradient, upperGradient } = problem.upper({ u, v })
          return side === 'u' ? upperGradient! : lowerGradient
        }
        const lower = problem.lower({ u, v })
        return side === 'u' ? lower.upperGradient()! : lower.gradient
      })
    expect(dotted(gradient('f', 'u'), p)).toBeCloseTo(
      slope((t) => f(along(u, p, t), v)),
      3
    )
    expect(dotted(gradient('f', 'v'), p)).toBeCloseTo(
      slope((t) => f(u, along(v, p, t))),
      3
    )
    expect(dotted(gradient('g', 'u'), p)).toBeCloseTo(
      slope((t) => g(along(u, p, t), v)),
      3
    )
    expect(dotted(gradient('g', 'v'), p)).toBeCloseTo(
      slope((t) => g(u, along(v, p, t))),
      3
    )
    const product = (part: 'hessian' | 'mixed'): number[] =>
      at(u, v, (u, v) => problem.lower({ u, v }).product(tensor1d(p), { hessian: true, mixed: true })[part]!)
    const tangent = (a: readonly number[], b: readonly number[]): number =>
      at(a, b, (u, v) => reshape(problem.lower({ u, v }).product(tensor1d(p), {}).tangent, [1]))[0]!
    expect(tangent(u, v)).toBeCloseTo(dotted(gradient('g', 'v'), p), 3)
    expect(dotted(product('hessian'), p)).toBeCloseTo(
      slope((t) => tangent(u, along(v, p, t))),
      3
    )
    expect(dotted(product('mixed'), p)).toBeCloseTo(
      slope((t) => tangent(along(u, p, t), v)),
      3
    )
    problem.dispose()
  })

  test('the solution that the yardstick measures from has no slope: g is at its least, and F there', () => {
    const problem = make(name)
    const sum = name.startsWith('sum')
    // Within the rows of A: P 1/2 for the sums, 0 for the differences.
    const solution = new Array<number>(SIZE).fill(sum ? 0.5 : 0)
    const rows = problem.rowSpace && DIMENSION / 2
    const best = rows
      ? solution.map((_, i) => {
          const block = Math.floor(i / DIMENSION)
          let total = 0
          for (let k = 0; k < rows; k++) {
            const from = (block * rows + k) * DIMENSION
            let component = 0
            for (let j = 0; j < DIMENSION; j++) {
              component += problem.rowSpace![from + j]! * solution[block * DIMENSION + j]!
            }
            total += component * problem.rowSpace![from + (i % DIMENSION)]!
          }
          return total
        })
      : solution
    const yardstick = new SyntheticYardstick(name, DIMENSION, problem.rowSpace)
    const { published, optimistic } = yardstick.errors(Float32Array.from(best), Float32Array.from(best))
    for (const error of [...published, ...optimistic]) expect(error).toBeLessThan(1e-5)
    expect(at(best, best, (u, v) => reshape(problem.lower({ u, v }).value, [1]))[0]).toBeCloseTo(0, 5)
    // Among all lower minimisers v(u) = best + sign (u - best): f has no slope along (d, sign d).
    const sign = sum ? -1 : 1
    const f = (t: number): number =>
      at(along(best, p, t), along(best, p, sign * t), (u, v) =>
        reshape(problem.upper({ u, v }).value, [1])
      )[0]!
    expect(f(0.5) - f(-0.5)).toBeCloseTo(0, 3)
    expect(f(0.5)).toBeGreaterThan(f(0))
    problem.dispose()
  })

  test('a step away from the solution is measured as long as it is, trial by trial', () => {
    const problem = make(name)
    const centre = name.startsWith('sum') ? 0.5 : 0
    const yardstick = new SyntheticYardstick(name, DIMENSION, problem.rowSpace)
    const [upper, lower] = [new Float32Array(SIZE).fill(centre), new Float32Array(SIZE).fill(centre)]
    // Along a row of A of the second trial's first block, where the projection keeps all of it.
    const block = 2
    for (let i = 0; i < DIMENSION; i++) {
      const unit = problem.rowSpace?.[((block * DIMENSION) / 2) * DIMENSION + i] ?? Number(i === 0)
      upper[block * DIMENSION + i]! += 3 * unit
      lower[block * DIMENSION + i]! += 4 * unit
    }
    const { published } = yardstick.errors(upper, lower)
    expect(Array.from(published, (error) => Number(error.toFixed(4)))).toEqual([0, 5, 0])
    problem.dispose()
  })

  test('trials start apart, in the box, the same for the same seed; nothing leaks', () => {
    const before = memory().numTensors
    const [first, again] = [make(name), make(name)]
    expect(first.initialUpper()).toEqual(again.initialUpper())
    expect(first.initialUpper().every((value) => Math.abs(value) <= 5)).toBe(true)
    expect(new Set(first.initialUpper()).size).toBeGreaterThan(SIZE - 2)
    first.dispose()
    again.dispose()
    expect(memory().numTensors).toBe(before)
  })
})

test('a race of methods that is paused within each of them ends as one that never stopped', async () => {
  const spec = syntheticSpec.parse({
    task: 'synthetic',
    problem: 'difference',
    methods: ['approx-grad', 'penalty', 'rmd'],
    trials: 2,
    dimension: 3,
    upperSteps: 6
  })
  const distances = (result: Awaited<ReturnType<typeof trainSynthetic>>): unknown =>
    result.curves.map(({ method, points }) => [method, points.map(({ step, mean }) => [step, mean])])
  const undisturbed = await trainSynthetic(spec, watched(Infinity))
  for (const polls of [2, 8, 15]) {
    const paused = watched(polls)
    await expect(trainSynthetic(spec, paused)).rejects.toThrow(RunPaused)
    const ended = await trainSynthetic(spec, watched(Infinity, paused.saved))
    expect(distances(ended)).toEqual(distances(undisturbed))
  }
})

/** Asks for a pause when it has been asked so often what it wants. */
function watched(polls: number, restored?: Checkpoint): TaskRun & { saved?: Checkpoint } {
  let asked = 0
  return {
    emit: () => undefined,
    poll: () => Promise.resolve(++asked > polls ? 'pause' : 'continue'),
    seconds: () => 0,
    restored,
    saveCheckpoint(checkpoint) {
      this.saved = structuredClone(checkpoint)
      return Promise.resolve()
    }
  } as TaskRun & { saved?: Checkpoint }
}
