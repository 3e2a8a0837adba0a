import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  add,
  fill,
  memory,
  mul,
  reshape,
  scalar,
  tensor,
  tensor1d,
  tidy,
  transpose
} from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { relu, sigmoid, tanh } from '@engine/layers/activation'
import { bias } from '@engine/layers/bias'
import { conv2d } from '@engine/layers/conv2d'
import { dense } from '@engine/layers/dense'
import { dropout } from '@engine/layers/dropout'
import { flatten } from '@engine/layers/flatten'
import { maxPool } from '@engine/layers/max-pool'
import { buildModel } from '@engine/models/classifier'
import { CrossEntropy } from '@engine/models/cross-entropy'
import { oneHot } from '@engine/models/one-hot'
import { Network } from '@engine/models/network'
import { ImportanceProblem } from '@engine/tasks/denoising/importance-problem'
import type { ImportanceBatch } from '@engine/tasks/denoising/importance-problem'
import { Random } from '@shared/numerics/random'
import { LcgStream } from './lcg-stream'

const digest = z.object({
  size: z.number(),
  norm: z.number(),
  stride: z.number(),
  samples: z.array(z.number())
})
const reference = z.record(
  z.string(),
  z.object({
    seed: z.number(),
    f: z.number(),
    g: z.number(),
    s: z.number(),
    gradient: digest,
    hessian: digest,
    direction: digest,
    mixed: z.array(z.number()),
    inputMixed: digest
  })
)
type Digest = z.infer<typeof digest>

const GAMMA = 1.5
const LAMBDA = 0.7
const NU = 1e-3
const BATCH = 5

/** The networks of make-reference.py, dropout left out; the engine pools before bias and activation. */
const NETWORKS: Record<string, () => Network> = {
  logistic: () => buildModel('logistic', { shape: [6, 5, 1], classes: 4 }),
  'mlp-relu': () => buildModel('mlp', { shape: [6, 5, 1], classes: 4, hiddenSizes: [7, 5] }),
  'mlp-sigmoid': () =>
    new Network('mlp', [6, 5, 1], [flatten([6, 5, 1]), dense('a', 30, 7), sigmoid([7]), dense('b', 7, 4)]),
  'tanh-cnn': () =>
    new Network(
      'cnn',
      [7, 6, 2],
      [
        conv2d('c', [7, 6, 2], 4, 3, 'same'),
        maxPool([7, 6, 4]),
        bias('c', [3, 3, 4]),
        tanh([3, 3, 4]),
        flatten([3, 3, 4]),
        dense('d', 36, 3)
      ]
    ),
  cnn: () => {
    const uninterrupted = buildModel('cnn', { shape: [28, 28, 1], classes: 10 })
    return new Network(
      'cnn',
      uninterrupted.inputShape,
      uninterrupted.layers.filter(({ kind }) => kind !== 'dropout')
    )
  }
}

/** Largest deviation of a flat vector from its reference, relative to the reference's largest entry. */
function deviation(values: Float32Array, expected: Digest): number {
  expect(values.length).toBe(expected.size)
  const norm = Math.sqrt(values.reduce((total, value) => total + value * value, 0))
  const largest = Math.max(...expected.samples.map(Math.abs))
  const entries = expected.samples.map((value, i) => Math.abs(value - values[i * expected.stride]!) / largest)
  return Math.max(Math.abs(norm - expected.norm) / expected.norm, ...entries)
}

/** One specification for every backend: derivatives, solver, leaks. */
export async function describeNumerics(backend: 'native' | 'wasm'): Promise<void> {
  const findings = await diagnoseBackends()
  const absent =
    backend === 'native' && !findings.some(({ name, available }) => name.startsWith('native') && available)
  const why = absent ? ' (skipped: native TensorFlow is not provisioned here)' : ''
  describe.skipIf(absent)(`numerics on ${backend}${why}`, () => {
    const references = reference.parse(
      JSON.parse(readFileSync(path.join(import.meta.dirname, '../fixtures/numerics/reference.json'), 'utf8'))
    )

    beforeAll(async () => {
      const { info } = await selectBackend(backend)
      expect(info.name).toBe(backend)
    })

    for (const name of Object.keys(NETWORKS)) {
      test(`${name}: gradient, Hessian-vector and mixed products agree with float64 double back-propagation`, () => {
        const expected = references[name]!
        const network = NETWORKS[name]!()
        const stream = new LcgStream(expected.seed)
        const v = network.layout.entries.map(({ shape }) => {
          const fanIn = shape.length > 1 ? shape.slice(0, -1).reduce((a, b) => a * b, 1) : 16
          const scale = 2 / Math.sqrt(fanIn)
          return stream.take(shape.reduce((a, b) => a * b, 1)).map((value) => value * scale)
        })
        const size = network.inputShape.reduce((a, b) => a * b, 1)
        const x = stream.take(BATCH * size)
        const trusted = stream.take(BATCH * size)
        const u = stream.take(BATCH).map((value) => value * 2)
        const flat = Float32Array.from(v.flatMap((part) => [...part]))
        const targets = oneHot(
          [0, 1, 2, 3, 4].map((i) => i % network.outputSize),
          network.outputSize
        )
        const shape = [BATCH, ...network.inputShape]
        const batch: ImportanceBatch = {
          rows: Int32Array.from([0, 1, 2, 3, 4]),
          train: { x: tensor(x, shape), targets },
          trusted: { x: tensor(trusted, shape), targets },
          masks: []
        }
        const problem = new ImportanceProblem(network, new Float32Array(BATCH).fill(0.5), flat)
        const point = { u: tensor1d(u), v: tensor1d(flat) }
        const result = tidy(() => {
          const upper = problem.upper(point, batch)
          const lower = problem.lower(point, batch)
          const p = add(mul(lower.gradient, GAMMA), NU) as Tensor1D
          const product = lower.product(p, { hessian: true, mixed: true })
          const direction = add(add(upper.lowerGradient, mul(lower.gradient, LAMBDA)), product.hessian!)
          return {
            f: upper.value.dataSync()[0]!,
            g: lower.value.dataSync()[0]!,
            s: product.tangent.dataSync()[0]!,
            gradient: Float32Array.from(lower.gradient.dataSync()),
            hessian: Float32Array.from(product.hessian!.dataSync()),
            direction: Float32Array.from(direction.dataSync()),
            // Whether nothing or much is gained by what is made once for all steps.
            joint: [0, 1000].map((steps) => {
              const nu = fill([flat.length], NU) as Tensor1D
              const weights = { nu, gamma: scalar(GAMMA), lambda: scalar(LAMBDA), steps }
              const program = problem.penaltyProgram(point.u, batch, weights)
              const [rows, columns] = program.transposed ?? [1, flat.length]
              const turn = (vector: Tensor1D, shape: [number, number]): Tensor1D =>
                reshape(transpose(reshape(vector, shape)), [-1])
              const at = turn(point.v, [rows, columns])
              const { along, ...numbers } = program.upper(at)
              return {
                direction: Float32Array.from(turn(program.direction(at), [columns, rows]).dataSync()),
                mixed: Float32Array.from(along.dataSync()),
                f: numbers.f.dataSync()[0]!,
                g: numbers.g.dataSync()[0]!,
                gradNormG: numbers.gradNormG.dataSync()[0]!,
                multiplierTerm: numbers.multiplierTerm.dataSync()[0]!
              }
            }),
            mixed: Float32Array.from(product.mixed!.dataSync())
          }
        })
        expect(result.f).toBeCloseTo(expected.f, 4)
        expect(result.g).toBeCloseTo(expected.g, 4)
        expect(Math.abs(result.s - expected.s) / Math.abs(expected.s)).toBeLessThan(1e-4)
        expect(deviation(result.gradient, expected.gradient)).toBeLessThan(1e-4)
        expect(deviation(result.hessian, expected.hessian)).toBeLessThan(1e-4)
        expect(deviation(result.direction, expected.direction)).toBeLessThan(1e-4)
        const largest = Math.max(...expected.mixed.map(Math.abs))
        const gradNormG = expected.gradient.norm
        const multiplierTerm = NU * result.gradient.reduce((sum, slope) => sum + slope, 0)
        for (const joint of result.joint) {
          expect(deviation(joint.direction, expected.direction)).toBeLessThan(1e-4)
          expect(joint.f).toBeCloseTo(expected.f, 4)
          expect(joint.g).toBeCloseTo(expected.g, 4)
          expect(Math.abs(joint.gradNormG - gradNormG) / gradNormG).toBeLessThan(1e-4)
          // A sum of terms of either sign: against what it could be at most.
          const most = NU * gradNormG * Math.sqrt(flat.length)
          expect(Math.abs(joint.multiplierTerm - multiplierTerm) / most).toBeLessThan(1e-4)
        }
        for (const mixed of [result.mixed, ...result.joint.map((joint) => joint.mixed)]) {
          expected.mixed.forEach((value, i) =>
            expect(Math.abs(value - mixed[i]!) / largest).toBeLessThan(1e-4)
          )
        }
      })

      test(`${name}: the mixed product with the input agrees too`, () => {
        const expected = references[name]!
        const network = NETWORKS[name]!()
        const stream = new LcgStream(expected.seed)
        const parts = network.layout.entries.map(({ shape }) => {
          const fanIn = shape.length > 1 ? shape.slice(0, -1).reduce((a, b) => a * b, 1) : 16
          return stream.take(shape.reduce((a, b) => a * b, 1)).map((value) => value * (2 / Math.sqrt(fanIn)))
        })
        const size = network.inputShape.reduce((a, b) => a * b, 1)
        const x = stream.take(BATCH * size)
        stream.take(BATCH * size)
        const weights = stream.take(BATCH).map((value) => (Math.tanh(value * 2) + 1) / 2)
        const total = weights.reduce((a, b) => a + b, 0)
        const mixed = tidy(() => {
          const v = tensor1d(Float32Array.from(parts.flatMap((part) => [...part])))
          const targets = oneHot(
            [0, 1, 2, 3, 4].map((i) => i % network.outputSize),
            network.outputSize
          )
          const pass = network.forward(v, tensor(x, [BATCH, ...network.inputShape]))
          const loss = new CrossEntropy(pass.output, targets)
          const shares = tensor(
            weights.map((w) => w / total),
            [BATCH, 1]
          )
          const backward = pass.backward(loss.gradient(shares), true)
          const p = add(mul(backward.flat, GAMMA), NU) as Tensor1D
          const tangent = pass.tangent(p)
          const gradient = tangent.backward(backward, loss.gradientTangent(shares, tangent.output!), true)
          return Float32Array.from(gradient.input!.dataSync())
        })
        expect(deviation(mixed, expected.inputMixed)).toBeLessThan(1e-4)
      })
    }

    test('dropout keeps the expected value, is the identity when scoring, and repeats by its seed', () => {
      const layer = dropout(0.25, [1000])
      const x = tensor(new Float32Array(4000).fill(1), [4, 1000])
      const train = (seed: number): Float32Array =>
        tidy(() =>
          Float32Array.from(layer.forward(x, [], { training: true, nextSeed: () => seed }).y.dataSync())
        )
      const first = train(7)
      const kept = first.filter((value) => value > 0)
      expect(kept.length / 4000).toBeGreaterThan(0.7)
      expect(kept.length / 4000).toBeLessThan(0.8)
      kept.forEach((value) => expect(value).toBeCloseTo(1 / 0.75, 5))
      expect(train(7)).toEqual(first)
      expect(train(8)).not.toEqual(first)
      expect(layer.forward(x, [], { training: false }).y).toBe(x)
      x.dispose()
    })

    test('ReLU is flat at zero and below', () => {
      const layer = relu([3])
      const slope = tidy(() => {
        const pass = layer.forward(tensor([[-1, 0, 2]]), [], { training: false })
        return Array.from(pass.backward(tensor([[5, 5, 5]]), true).dx!.dataSync())
      })
      expect(slope).toEqual([0, 0, 5])
    })

    test('max-pool gives a tie to one winner only', () => {
      const layer = maxPool([2, 2, 1])
      const dx = tidy(() => {
        const pass = layer.forward(tensor([3, 3, 3, 3], [1, 2, 2, 1]), [], { training: false })
        return Array.from(pass.backward(tensor([1], [1, 1, 1, 1]), true).dx!.dataSync())
      })
      expect(dx.reduce((a, b) => a + b, 0)).toBe(1)
    })

    for (const name of ['logistic', 'mlp', 'cnn']) {
      const steps = name === 'cnn' ? 6 : 100
      test(`no tensor is left behind by ${steps} Penalty steps (${name})`, () => {
        const { problem, batch } = smallProblem(name)
        const solver = solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, lowerSteps: 2 })
        solver.step(batch)
        const { numTensors, numBytes } = memory()
        for (let i = 0; i < steps; i++) expect(solver.step(batch).ok).toBe(true)
        expect(memory().numTensors).toBe(numTensors)
        expect(memory().numBytes).toBe(numBytes)
        solver.dispose()
      })
    }

    test('a restored solver continues exactly as one that never stopped', () => {
      const { problem, batch } = smallProblem('mlp')
      const settings = { ...PENALTY_DEFAULTS, lowerSteps: 3, epsilon0: 100 }
      const uninterrupted = solverOf(problem, PENALTY, settings)
      for (let i = 0; i < 6; i++) uninterrupted.step(batch)
      const first = solverOf(problem, PENALTY, settings)
      for (let i = 0; i < 3; i++) first.step(batch)
      const second = solverOf(problem, PENALTY, settings)
      second.restore(first.save())
      for (let i = 0; i < 3; i++) second.step(batch)
      expect(second.lower()).toEqual(uninterrupted.lower())
      expect(second.upper).toEqual(uninterrupted.upper)
      for (const solver of [uninterrupted, first, second]) solver.dispose()
    })
  })
}

function smallProblem(name: string): { problem: ImportanceProblem; batch: ImportanceBatch } {
  const shape = name === 'cnn' ? [12, 12, 1] : [4, 4, 1]
  const network = buildModel(name, { shape, classes: 3, hiddenSizes: [6] })
  const random = new Random(5)
  const size = shape.reduce((a, b) => a * b, 1)
  const features = (): Float32Array => Float32Array.from({ length: 8 * size }, () => random.uniform())
  const targets = oneHot([0, 1, 2, 0, 1, 2, 0, 1], 3)
  const batch = {
    rows: Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7]),
    train: { x: tensor(features(), [8, ...shape]), targets },
    trusted: { x: tensor(features(), [8, ...shape]), targets },
    masks: network.dropoutMasks(8, 11)
  }
  const problem = new ImportanceProblem(network, new Float32Array(8).fill(0.5), network.initialise(random))
  return { problem, batch }
}
