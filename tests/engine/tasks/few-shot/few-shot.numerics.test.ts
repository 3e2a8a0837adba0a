import {
  add,
  div,
  matMul,
  memory,
  mul,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy
} from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { APPROXIMATE_GRADIENT, SIGMA } from '@engine/bilevel/methods/approximate-gradient'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import type { Solver } from '@engine/bilevel/solver'
import { buildConv4 } from '@engine/models/conv4'
import { episodeTargets } from '@engine/tasks/few-shot/episodes'
import { FewShotProblem } from '@engine/tasks/few-shot/problem'
import type { FewShotBatch } from '@engine/tasks/few-shot/problem'
import { fewShotSettings } from '@engine/tasks/few-shot/settings'
import { HeadCoordinates } from '@engine/tasks/few-shot/head-coordinates'
import { LinearHeads, fitHeads } from '@engine/numerics/linear-heads'
import { RotatedPictures } from '@engine/tasks/few-shot/rotated-pictures'
import { Random } from '@shared/numerics/random'
import { fewShotSpec } from '@shared/domain/task-spec'

const [TASKS, WAYS, SHOTS, QUERIES, SIDE] = [2, 3, 1, 2, 8]

/** tanh: finite differences through ReLU kinks would be no test. Max pooling has kinks only at ties. */
function setting({ headL2 = 0.3, featureLength = 1.7, filters = 3 } = {}): {
  problem: FewShotProblem
  batch: FewShotBatch
  u: Float32Array
  v: Float32Array
} {
  const random = new Random(4)
  const network = buildConv4({ shape: [SIDE, SIDE, 1], filters, activation: 'tanh' })
  const u = network.initialise(random)
  const size = { tasks: TASKS, ways: WAYS, headL2, featureLength }
  const problem = new FewShotProblem(network, u, size)
  const pictures = (count: number) =>
    tensor(
      Float32Array.from({ length: count * SIDE * SIDE }, () => random.normal()),
      [count, SIDE, SIDE, 1]
    )
  const targets = (each: number) => tensor2d(episodeTargets(TASKS, WAYS, each), [TASKS * WAYS * each, WAYS])
  const batch = {
    support: pictures(TASKS * WAYS * SHOTS),
    query: pictures(TASKS * WAYS * QUERIES),
    supportTargets: targets(SHOTS),
    queryTargets: targets(QUERIES),
    maskSeed: 0
  }
  const v = Float32Array.from({ length: problem.lowerSize }, () => random.normal())
  return { problem, batch, u, v }
}

describe('few-shot learning: derivatives', () => {
  beforeAll(async () => {
    await selectBackend('auto')
  })

  test('gradients and both products agree with central differences', () => {
    const { problem, batch, u, v } = setting()
    expect(problem.lowerSize).toBe(TASKS * 4 * WAYS)
    const random = new Random(9)
    const direction = (size: number): Float32Array =>
      Float32Array.from({ length: size }, () => random.normal())
    const p = direction(problem.lowerSize)
    const evaluate = (uAt: Float32Array, vAt: Float32Array) =>
      tidy(() => {
        const point = { u: tensor1d(uAt), v: tensor1d(vAt) }
        const upper = problem.upper(point, batch, { upperGradient: true })
        const lower = problem.lower(point, batch)
        const product = lower.product(tensor1d(p), { hessian: true, mixed: true })
        return {
          f: upper.value.dataSync()[0]!,
          fLower: Float32Array.from(upper.lowerGradient.dataSync()),
          fUpper: Float32Array.from(upper.upperGradient!.dataSync()),
          g: lower.value.dataSync()[0]!,
          gLower: Float32Array.from(lower.gradient.dataSync()),
          gUpper: Float32Array.from(lower.upperGradient()!.dataSync()),
          s: product.tangent.dataSync()[0]!,
          hessian: Float32Array.from(product.hessian!.dataSync()),
          mixed: Float32Array.from(product.mixed!.dataSync())
        }
      })
    const here = evaluate(u, v)
    const inner = (a: Float32Array, b: Float32Array): number =>
      a.reduce((total, value, i) => total + value * b[i]!, 0)
    const moved = (values: Float32Array, along: Float32Array, by: number): Float32Array =>
      values.map((value, i) => value + by * along[i]!)
    expect(here.s).toBeCloseTo(inner(here.gLower, p), 4)

    const STEP = 1e-3
    for (let trial = 0; trial < 4; trial++) {
      const [du, dv] = [direction(u.length).map((value) => value / 4), direction(v.length)]
      const [vUp, vDown] = [STEP, -STEP].map((by) => evaluate(u, moved(v, dv, by)))
      const inV = (name: 'f' | 'g' | 's'): number => (vUp![name] - vDown![name]) / (2 * STEP)
      expect(inner(here.fLower, dv)).toBeCloseTo(inV('f'), 2)
      expect(inner(here.gLower, dv)).toBeCloseTo(inV('g'), 2)
      expect(inner(here.hessian, dv)).toBeCloseTo(inV('s'), 2)
      const [uUp, uDown] = [STEP, -STEP].map((by) => evaluate(moved(u, du, by), v))
      const inU = (name: 'f' | 'g' | 's'): number => (uUp![name] - uDown![name]) / (2 * STEP)
      expect(inner(here.fUpper, du)).toBeCloseTo(inU('f'), 2)
      expect(inner(here.gUpper, du)).toBeCloseTo(inU('g'), 2)
      expect(inner(here.mixed, du)).toBeCloseTo(inU('s'), 2)
    }
  })

  test('features computed once for all lower steps change nothing', () => {
    const { problem, batch, u, v } = setting()
    const evaluate = () =>
      tidy(() => {
        const point = { u: tensor1d(u), v: tensor1d(v) }
        const upper = problem.upper(point, batch, { upperGradient: false })
        const product = problem.lower(point, batch).product(tensor1d(v), { hessian: true, mixed: true })
        return [upper.lowerGradient, product.hessian!, product.mixed!].map((t) => Array.from(t.dataSync()))
      })
    const before = evaluate()
    problem.prepare(u, batch)
    batch.coordinates!.dispose()
    batch.coordinates = undefined
    const after = evaluate()
    problem.release(batch)
    after.forEach((values, i) => values.forEach((value, j) => expect(value).toBeCloseTo(before[i]![j]!, 4)))
  })

  test('heads begin at the minimum of g', () => {
    const { problem, batch, u } = setting()
    const v = problem.prepare(u, batch)
    const gradient = tidy(() =>
      Array.from(problem.lower({ u: tensor1d(u), v: tensor1d(v) }, batch).gradient.dataSync())
    )
    problem.release(batch)
    expect(Math.hypot(...gradient)).toBeLessThan(1e-3)
  })

  test('coordinates of the heads: the same losses and products, by the chain rule', () => {
    const { problem, batch, u, v: w } = setting()
    const random = new Random(12)
    const p = w.map(() => random.normal())
    problem.prepare(u, batch)
    const coordinates = batch.coordinates!
    const shape: [number, number, number] = [TASKS, problem.lowerSize / TASKS / WAYS, WAYS]
    const times = (values: Float32Array): Float32Array =>
      tidy(() => Float32Array.from(coordinates.times(tensor3d(values, shape)).dataSync()))
    const at = (v: Float32Array, direction: Float32Array) =>
      tidy(() => {
        const point = { u: tensor1d(u), v: tensor1d(v) }
        const upper = problem.upper(point, batch, { upperGradient: true })
        const lower = problem.lower(point, batch)
        const product = lower.product(tensor1d(direction), { hessian: true, mixed: true })
        const read = (t: { dataSync(): ArrayLike<number> }): Float32Array => Float32Array.from(t.dataSync())
        return {
          alike: [upper.value, upper.upperGradient!, lower.value, product.tangent, product.mixed!].map(read),
          gradients: [upper.lowerGradient, lower.gradient, product.hessian!].map(read)
        }
      })
    const heads = tidy(() => Float32Array.from(coordinates.heads(tensor3d(w, shape)).dataSync()))
    const inCoordinates = at(w, p)
    batch.coordinates = undefined
    const plain = at(heads, times(p))
    const expected = [...plain.alike, ...plain.gradients.map(times)]
    const found = [...inCoordinates.alike, ...inCoordinates.gradients]
    found.forEach((values, i) => values.forEach((x, j) => expect(x).toBeCloseTo(expected[i]![j]!, 3)))
    coordinates.dispose()
    problem.release(batch)
  })

  test('coordinates of the heads undo the curvature they were made for', () => {
    const random = new Random(5)
    const [tasks, examples, width, ways, l2] = [2, 4, 6, 3, 0.02]
    const normal = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.normal())
    tidy(() => {
      const phi = tensor3d(normal(tasks * examples * width), [tasks, examples, width])
      const x = tensor3d(normal(tasks * width * ways), [tasks, width, ways])
      const coordinates = new HeadCoordinates(phi, x, l2)
      // H D D x = x with H = (0.1 phi' phi / examples + l2) / tasks.
      const twice = coordinates.times(coordinates.times(x))
      const fit = mul(matMul(phi, matMul(phi, twice), true), 0.1 / examples)
      const found = Array.from(div(add(fit, mul(twice, l2)), tasks).dataSync())
      x.dataSync().forEach((value, i) => expect(found[i]).toBeCloseTo(value, 3))
    })
  })

  test('Penalty finds the hypergradient of heads that are hardly regularised', () => {
    const { problem, batch, u } = setting({ headL2: 0.01, featureLength: 4.5, filters: 24 })
    const gradientOf = (solver: Solver<FewShotBatch>): Float32Array => {
      solver.setLower(problem.prepare(u, batch))
      expect(solver.step(batch).ok).toBe(true)
      problem.release(batch)
      // Adam's first moment after one step is a tenth of the gradient.
      const first = solver.save().arrays['upperAdamFirst'] as Float32Array
      solver.dispose()
      return first
    }
    const { solver } = fewShotSettings(fewShotSpec.parse({ task: 'few-shot', train: 'a', test: 'b' }), 1000)
    const linear = { linearSolver: 'cg', linearSteps: 200, lrLinear: 0, sigma: SIGMA } as const
    const exact = gradientOf(
      solverOf(problem, APPROXIMATE_GRADIENT, { ...solver, ...linear, lowerSteps: 1, lrLower: 1e-9 })
    )
    const found = gradientOf(solverOf(problem, PENALTY, solver))
    const inner = (a: Float32Array, b: Float32Array): number =>
      a.reduce((total, value, i) => total + value * b[i]!, 0)
    const cosine = inner(exact, found) / Math.sqrt(inner(exact, exact) * inner(found, found))
    expect(cosine).toBeGreaterThan(0.98)
  })

  test('heads of many tasks are those of each task alone', () => {
    const random = new Random(2)
    const values = Float32Array.from({ length: 2 * 6 * 4 }, () => random.normal())
    const both = fitHeads(tensor3d(values, [2, 6, 4]), tensor2d(episodeTargets(2, 3, 2), [12, 3]), 0.1, 200)
    const second = fitHeads(
      tensor3d(values.slice(24), [1, 6, 4]),
      tensor2d(episodeTargets(1, 3, 2), [6, 3]),
      0.1,
      200
    )
    const [all, own] = [both.dataSync().slice(12), second.dataSync()]
    own.forEach((value, i) => expect(value).toBeCloseTo(all[i]!, 4))
    const value = tidy(
      () =>
        new LinearHeads(
          tensor3d(values, [2, 6, 4]),
          both,
          tensor2d(episodeTargets(2, 3, 2), [12, 3])
        ).value.dataSync()[0]!
    )
    expect(value).toBeLessThan(Math.log(3))
    both.dispose()
    second.dispose()
  })

  test('no tensor is left behind by steps of a solver', () => {
    const { problem, batch } = setting()
    const solver = solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, lowerSteps: 3 })
    const step = (): void => {
      solver.setLower(problem.prepare(solver.upper, batch))
      expect(solver.step(batch).ok).toBe(true)
      problem.release(batch)
    }
    step()
    const { numTensors } = memory()
    for (let i = 0; i < 5; i++) step()
    expect(memory().numTensors).toBe(numTensors)
    solver.dispose()
  })
})

describe('pictures turned by quarters', () => {
  const source = {
    count: 2,
    shape: [2, 2, 1],
    classNames: ['a', 'b'],
    labels: Int32Array.from([1, 0]),
    readRows: (rows: ArrayLike<number>) =>
      Float32Array.from(Array.from(rows).flatMap((row) => (row === 0 ? [0, 0.25, 0.5, 0.75] : [1, 1, 0, 0])))
  }

  test('turn counter-clockwise and are classes of their own', () => {
    const rotated = new RotatedPictures(source, Int32Array.from([0, 1]), 4, false)
    expect(rotated.count).toBe(8)
    expect(Array.from(rotated.labels)).toEqual([1, 0, 3, 2, 5, 4, 7, 6])
    expect(Array.from(rotated.readRows([2]))).toEqual([0.25, 0.75, 0, 0.5])
    expect(Array.from(rotated.readRows([4]))).toEqual([0.75, 0.5, 0.25, 0])
    expect(rotated.sourceRow(5)).toBe(1)
  })

  test('ink on white is inverted', () => {
    const rotated = new RotatedPictures(source, Int32Array.from([1]), 1, true)
    expect(Array.from(rotated.readRows([0]))).toEqual([0, 0, 1, 1])
  })
})
