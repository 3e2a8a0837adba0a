import { memory, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { sigmoid } from '@engine/layers/activation'
import { dense } from '@engine/layers/dense'
import { flatten } from '@engine/layers/flatten'
import { buildModel } from '@engine/models/classifier'
import { Network } from '@engine/models/network'
import { oneHot } from '@engine/models/one-hot'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { PoisoningProblem } from '@engine/tasks/poisoning/problem'
import type { PoisoningBatch } from '@engine/tasks/poisoning/problem'
import { Random } from '@shared/numerics/random'

const SHAPE = [3, 2, 1]
const SIZE = 6
const CLASSES = 3
const HIDDEN = 4
const TRAIN = 7
const POISONS = 2
const L2 = 0.03

/** Networks that have no kinks, so that differences are a reference. */
const NETWORKS: Record<string, () => Network> = {
  logistic: () => buildModel('logistic', { shape: SHAPE, classes: CLASSES, bias: false }),
  sigmoid: () =>
    new Network('mlp', SHAPE, [
      flatten(SHAPE),
      dense('a', SIZE, HIDDEN),
      sigmoid([HIDDEN]),
      dense('b', HIDDEN, CLASSES)
    ])
}

/** The same two networks and g in float64, written without the engine. */
function logits64(name: string, v: Float64Array, x: ArrayLike<number>): number[] {
  const layer = (input: ArrayLike<number>, units: number, from: number, withBias: boolean): number[] =>
    Array.from({ length: units }, (_, k) => {
      let total = withBias ? v[from + input.length * units + k]! : 0
      for (let i = 0; i < input.length; i++) total += input[i]! * v[from + i * units + k]!
      return total
    })
  if (name === 'logistic') return layer(x, CLASSES, 0, false)
  const hidden = layer(x, HIDDEN, 0, true).map((value) => 1 / (1 + Math.exp(-value)))
  return layer(hidden, CLASSES, SIZE * HIDDEN + HIDDEN, true)
}

interface Data {
  readonly x: Float32Array
  readonly labels: Int32Array
  readonly poisonLabels: Int32Array
}

function meanLoss64(name: string, v: Float64Array, x: ArrayLike<number>, labels: Int32Array): number {
  let total = 0
  labels.forEach((label, row) => {
    const z = logits64(name, v, Array.from(x).slice(row * SIZE, (row + 1) * SIZE))
    total += Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[label]!
  })
  return total / labels.length
}

/** g of the poisoning problem: a mean over train and poisons together, plus l2 ||v||². */
function g64(name: string, u: Float64Array, v: Float64Array, data: Data): number {
  const clean = meanLoss64(name, v, data.x, data.labels) * TRAIN
  const poisons = meanLoss64(name, v, u, data.poisonLabels) * POISONS
  return (clean + poisons) / (TRAIN + POISONS) + L2 * v.reduce((total, value) => total + value * value, 0)
}

function along(a: Float64Array, b: ArrayLike<number>, t: number): Float64Array {
  return a.map((value, i) => value + t * b[i]!)
}

/** Central differences of a function at each entry. */
function differences(at: Float64Array, h: number, value: (x: Float64Array) => number): number[] {
  return Array.from(at, (_, i) => {
    const unit = new Float64Array(at.length)
    unit[i] = 1
    return (value(along(at, unit, h)) - value(along(at, unit, -h))) / (2 * h)
  })
}

function expectNear(values: ArrayLike<number>, expected: readonly number[], tolerance = 2e-4): void {
  expect(values.length).toBe(expected.length)
  const largest = Math.max(...expected.map(Math.abs))
  expected.forEach((value, i) => expect(Math.abs(values[i]! - value) / largest).toBeLessThan(tolerance))
}

function set(random: Random, rows: number): { x: Float32Array; labels: Int32Array } {
  return {
    x: Float32Array.from({ length: rows * SIZE }, () => random.uniform()),
    labels: Int32Array.from({ length: rows }, () => random.below(CLASSES))
  }
}

function built(name: string, direction: 1 | -1, spareWeight = 0) {
  const random = new Random(11)
  const network = NETWORKS[name]!()
  const [train, validation, spared] = [set(random, TRAIN), set(random, 5), set(random, 4)]
  const start = Float32Array.from({ length: POISONS * SIZE }, () => random.uniform())
  const poisonLabels = Int32Array.from([1, 2])
  const v = Float32Array.from({ length: network.layout.size }, () => random.normal())
  const p = Float32Array.from({ length: network.layout.size }, () => random.normal())
  const problem = new PoisoningProblem({
    network,
    trainCount: TRAIN,
    start,
    targets: oneHot(poisonLabels, CLASSES),
    initialLower: v,
    l2: L2,
    direction,
    spareWeight
  })
  const batchOf = ({ x, labels }: { x: Float32Array; labels: Int32Array }) => ({
    x: tensor(x, [labels.length, ...SHAPE]),
    targets: oneHot(labels, CLASSES)
  })
  const batch: PoisoningBatch = {
    train: batchOf(train),
    validation: batchOf(validation),
    spared: batchOf(spared)
  }
  return { problem, batch, start, v, p, data: { ...train, poisonLabels }, validation, spared }
}

describe('poisoning by added points', () => {
  beforeAll(async () => {
    await selectBackend('auto')
  })

  for (const name of Object.keys(NETWORKS)) {
    test(`${name}: g, its gradient, Hessian-vector and mixed product with the pixels agree with float64 differences`, () => {
      const { problem, batch, start, v, p, data } = built(name, 1)
      const found = tidy(() => {
        const lower = problem.lower({ u: tensor1d(start), v: tensor1d(v) }, batch)
        const product = lower.product(tensor1d(p), { hessian: true, mixed: true })
        return {
          value: lower.value.dataSync()[0]!,
          gradient: lower.gradient.dataSync(),
          upperGradient: lower.upperGradient()!.dataSync(),
          s: product.tangent.dataSync()[0]!,
          hessian: product.hessian!.dataSync(),
          mixed: product.mixed!.dataSync()
        }
      })
      const [u64, v64] = [Float64Array.from(start), Float64Array.from(v)]
      const h = 1e-4
      const s = (u: Float64Array, at: Float64Array): number =>
        (g64(name, u, along(at, p, h), data) - g64(name, u, along(at, p, -h), data)) / (2 * h)
      expect(found.value).toBeCloseTo(g64(name, u64, v64, data), 4)
      expectNear(
        found.gradient,
        differences(v64, h, (at) => g64(name, u64, at, data))
      )
      expectNear(
        found.upperGradient,
        differences(u64, h, (u) => g64(name, u, v64, data))
      )
      expect(found.s).toBeCloseTo(s(u64, v64), 3)
      expectNear(
        found.hessian,
        differences(v64, h, (at) => s(u64, at))
      )
      expectNear(
        found.mixed,
        differences(u64, h, (u) => s(u, v64))
      )
    })
  }

  test('f is minus the validation loss when untargeted, and spares the other classes when targeted', () => {
    for (const [direction, weight] of [
      [1, 0],
      [-1, 0],
      [-1, 2]
    ] as const) {
      const { problem, batch, start, v, validation, spared } = built('sigmoid', direction, weight)
      const f = (at: Float64Array): number =>
        -direction * meanLoss64('sigmoid', at, validation.x, validation.labels) +
        weight * meanLoss64('sigmoid', at, spared.x, spared.labels)
      const { value, gradient } = tidy(() => {
        const upper = problem.upper({ u: tensor1d(start), v: tensor1d(v) }, batch)
        return { value: upper.value.dataSync()[0]!, gradient: upper.lowerGradient.dataSync() }
      })
      expect(value).toBeCloseTo(f(Float64Array.from(v)), 4)
      expectNear(gradient, differences(Float64Array.from(v), 1e-4, f))
    }
  })

  test('Penalty keeps the poisons within the box and leaves no tensor behind', () => {
    const { problem, batch } = built('logistic', 1)
    const solver = solverOf(problem, PENALTY, {
      ...PENALTY_DEFAULTS,
      lowerSteps: 5,
      gamma: 10,
      lambda: 100,
      epsilon0: 1,
      nu: 0
    })
    solver.step(batch)
    const { numTensors } = memory()
    for (let i = 0; i < 60; i++) expect(solver.step(batch).ok).toBe(true)
    expect(memory().numTensors).toBe(numTensors)
    expect(Math.min(...solver.upper)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...solver.upper)).toBeLessThanOrEqual(1)
    solver.dispose()
  })
})
