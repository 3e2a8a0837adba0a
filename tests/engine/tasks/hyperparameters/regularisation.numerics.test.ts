import { memory, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { buildModel } from '@engine/models/classifier'
import { oneHot } from '@engine/models/one-hot'
import { RegularisationProblem } from '@engine/tasks/hyperparameters/problem'
import type { RegularisationBatch } from '@engine/tasks/hyperparameters/problem'
import { Regulariser } from '@engine/tasks/hyperparameters/regulariser'
import type { Granularity } from '@engine/tasks/hyperparameters/regulariser'
import { Random } from '@shared/numerics/random'

const STEP = 1e-2

/** Smooth throughout: finite differences through ReLU kinks would be no test. */
const network = buildModel('mlp', { shape: [5], classes: 3, hiddenSizes: [4], activation: 'sigmoid' })

function setting(granularity: Granularity): {
  problem: RegularisationProblem
  batch: RegularisationBatch
  u: Float32Array
  v: Float32Array
  p: Float32Array
} {
  const random = new Random(3)
  const normal = (count: number, scale = 1): Float32Array =>
    Float32Array.from({ length: count }, () => scale * random.normal())
  const regulariser = new Regulariser(network, granularity)
  const examples = (): RegularisationBatch['train'] => ({
    x: tensor(normal(30), [6, 5]),
    targets: oneHot([0, 1, 2, 0, 1, 2], 3)
  })
  const v = normal(network.layout.size)
  const strengths = new Float32Array(regulariser.count).fill(0.1)
  return {
    problem: new RegularisationProblem(network, regulariser, strengths, v),
    batch: { train: examples(), validation: examples(), masks: [] },
    u: normal(regulariser.count, 0.5),
    v,
    p: normal(network.layout.size)
  }
}

describe('tuning of L2 strengths: derivatives against central differences', () => {
  beforeAll(async () => {
    await selectBackend('auto')
  })

  test.each([
    ['layer', 2],
    ['feature', 6],
    ['weight', 32]
  ] as const)('one strength a %s', (granularity, count) => {
    const { problem, batch, u, v, p } = setting(granularity)
    expect(problem.upperSize).toBe(count)
    const at = (uAt: Float32Array, vAt: Float32Array) =>
      tidy(() => {
        const lower = problem.lower({ u: tensor1d(uAt), v: tensor1d(vAt) }, batch)
        const product = lower.product(tensor1d(p), { hessian: true, mixed: true })
        return {
          g: lower.value.dataSync()[0]!,
          s: product.tangent.dataSync()[0]!,
          gradient: Float32Array.from(lower.gradient.dataSync()),
          upperGradient: Float32Array.from(lower.upperGradient()!.dataSync()),
          hessian: Float32Array.from(product.hessian!.dataSync()),
          mixed: Float32Array.from(product.mixed!.dataSync())
        }
      })
    const moved = (values: Float32Array, i: number, by: number): Float32Array =>
      values.map((value, j) => (j === i ? value + by : value))
    const here = at(u, v)

    // s = <grad g, p>, and H p is how grad g changes along p.
    expect(here.s).toBeCloseTo(
      here.gradient.reduce((total, value, i) => total + value * p[i]!, 0),
      4
    )
    const forth = at(
      u,
      v.map((value, i) => value + STEP * p[i]!)
    )
    const back = at(
      u,
      v.map((value, i) => value - STEP * p[i]!)
    )
    here.hessian.forEach((value, i) =>
      expect(value).toBeCloseTo((forth.gradient[i]! - back.gradient[i]!) / (2 * STEP), 2)
    )
    expect(here.s).toBeCloseTo((forth.g - back.g) / (2 * STEP), 2)

    // With respect to u: of g, and of s.
    for (let i = 0; i < count; i++) {
      const [up, down] = [at(moved(u, i, STEP), v), at(moved(u, i, -STEP), v)]
      expect(here.upperGradient[i]).toBeCloseTo((up.g - down.g) / (2 * STEP), 2)
      expect(here.mixed[i]).toBeCloseTo((up.s - down.s) / (2 * STEP), 2)
    }
  })

  test('no tensor is left behind by Penalty steps', () => {
    const { problem, batch } = setting('weight')
    const solver = solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, lowerSteps: 2 })
    solver.step(batch)
    const { numTensors } = memory()
    for (let i = 0; i < 10; i++) expect(solver.step(batch).ok).toBe(true)
    expect(memory().numTensors).toBe(numTensors)
    solver.dispose()
  })
})
