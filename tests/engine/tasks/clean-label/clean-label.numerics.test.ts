import { memory, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { tanh } from '@engine/layers/activation'
import { dense } from '@engine/layers/dense'
import { flatten } from '@engine/layers/flatten'
import { Network } from '@engine/models/network'
import { oneHot } from '@engine/models/one-hot'
import { CleanLabelProblem } from '@engine/tasks/clean-label/problem'
import { FeatureSpace } from '@engine/tasks/clean-label/feature-space'
import { predictEach, trainVictims } from '@engine/tasks/clean-label/feature-victims'
import { Random } from '@shared/numerics/random'

/**
 * The objective of clean-label poisoning against a float64 transcription of its formulas that shares no code with
 * it, differentiated by central differences. The representation is smooth (tanh), so that these mean something.
 */
const SHAPE = [2, 2, 1]
const PIXELS = 4
const FEATURES = 3
const WIDTH = FEATURES + 1
const CLASSES = 3
const TARGETS = 2
const POISONS = 2
const TRAIN = 7
const BETA = 0.3
const NEAR = 0.8
const DISTANCE = 1.7
const L2 = 0.05

const random = new Random(11)
const normals = (count: number, scale = 1): Float32Array =>
  Float32Array.from({ length: count }, () => scale * random.normal())

const network = new Network('smooth', SHAPE, [flatten(SHAPE), dense('a', PIXELS, FEATURES), tanh([FEATURES])])
const parameters = normals(network.layout.size, 0.7)
const bases = Float32Array.from({ length: TARGETS * POISONS * PIXELS }, () => random.uniform())
const trainFeatures = normals(TRAIN * WIDTH)
const trainLabels = Int32Array.from({ length: TRAIN }, (_, i) => i % CLASSES)
const targetFeatures = normals(TARGETS * WIDTH)
const poisonLabels = Int32Array.from([2, 0])
const u = bases.map((value) => value + 0.1 * random.normal())
const v = normals(TARGETS * WIDTH * CLASSES, 0.5)
const direction = normals(v.length, 0.5)

type Vector = ArrayLike<number>

/** Features of image number `image`, with the constant. */
function phi(pixels: Vector, image: number): number[] {
  const outputs = Array.from({ length: FEATURES }, (_, j) => {
    let total = parameters[PIXELS * FEATURES + j]!
    for (let i = 0; i < PIXELS; i++) total += pixels[image * PIXELS + i]! * parameters[i * FEATURES + j]!
    return Math.tanh(total)
  })
  return [...outputs, 1]
}

function crossEntropy(features: Vector, heads: Vector, k: number, label: number): number {
  const logits = Array.from({ length: CLASSES }, (_, c) => {
    let total = 0
    for (let i = 0; i < WIDTH; i++) total += features[i]! * heads[(k * WIDTH + i) * CLASSES + c]!
    return total
  })
  return Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[label]!
}

function squared(values: Vector): number {
  return Array.from(values).reduce((sum, value) => sum + value * value, 0)
}

function upperLoss(pixels: Vector, heads: Vector): number {
  let total = 0
  for (let k = 0; k < TARGETS; k++) {
    const target = targetFeatures.subarray(k * WIDTH, (k + 1) * WIDTH)
    total += crossEntropy(target, heads, k, poisonLabels[k]!)
    for (let j = k * POISONS; j < (k + 1) * POISONS; j++) {
      const gap = phi(pixels, j).map((value, i) => value - target[i]!)
      const change = Array.from(
        { length: PIXELS },
        (_, i) => pixels[j * PIXELS + i]! - bases[j * PIXELS + i]!
      )
      total += (NEAR / DISTANCE / POISONS) * squared(gap) + (BETA / POISONS) * squared(change)
    }
  }
  return total
}

function lowerLoss(pixels: Vector, heads: Vector): number {
  let total = L2 * squared(heads)
  for (let k = 0; k < TARGETS; k++) {
    for (let i = 0; i < TRAIN; i++) {
      const features = trainFeatures.subarray(i * WIDTH, (i + 1) * WIDTH)
      total += crossEntropy(features, heads, k, trainLabels[i]!) / (TRAIN + POISONS)
    }
    for (let j = k * POISONS; j < (k + 1) * POISONS; j++) {
      total += crossEntropy(phi(pixels, j), heads, k, poisonLabels[k]!) / (TRAIN + POISONS)
    }
  }
  return total
}

/** Central differences of a function of a vector. */
function gradientOf(f: (at: Float64Array) => number, at: Vector, step: number): number[] {
  return Array.from({ length: at.length }, (_, i) => {
    const moved = (by: number): number => {
      const point = Float64Array.from(at)
      point[i] = point[i]! + by
      return f(point)
    }
    return (moved(step) - moved(-step)) / (2 * step)
  })
}

function along(start: Vector, by: number): Float64Array {
  return Float64Array.from(direction, (value, i) => start[i]! + by * value)
}

/** <grad_v g, p> at (pixels, heads). */
function slope(pixels: Vector, heads: Vector): number {
  const step = 1e-4
  return (lowerLoss(pixels, along(heads, step)) - lowerLoss(pixels, along(heads, -step))) / (2 * step)
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 2e-4): void {
  const largest = Math.max(...expected.map(Math.abs))
  expect(largest).toBeGreaterThan(1e-4)
  expect(actual.length).toBe(expected.length)
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value) / largest).toBeLessThan(tolerance))
}

describe('clean-label objective', () => {
  let problem: CleanLabelProblem
  let space: FeatureSpace
  beforeAll(async () => {
    await selectBackend('auto')
    space = new FeatureSpace(network, parameters)
    problem = new CleanLabelProblem(
      {
        space,
        classes: CLASSES,
        targetFeatures,
        poisonLabels,
        bases,
        poisons: POISONS,
        bound: { linf: 0.2 },
        settings: { beta: BETA, featureWeight: NEAR, featureDistance: DISTANCE, l2: L2, trainCount: TRAIN }
      },
      v
    )
  })

  const evaluate = (): {
    upper: { value: number; u: Float32Array; v: Float32Array }
    lower: Record<'gradient' | 'upperGradient' | 'hessian' | 'mixed', Float32Array> & {
      value: number
      tangent: number
    }
  } =>
    tidy(() => {
      const point = { u: tensor1d(u), v: tensor1d(v) }
      const batch = {
        features: tensor(trainFeatures, [TRAIN, WIDTH]) as Tensor2D,
        targets: oneHot(trainLabels, CLASSES)
      }
      const upper = problem.upper(point, batch, { upperGradient: true })
      const lower = problem.lower(point, batch)
      const product = lower.product(tensor1d(direction), { hessian: true, mixed: true })
      const read = (t: Tensor1D | undefined): Float32Array => Float32Array.from(t!.dataSync())
      return {
        upper: {
          value: upper.value.dataSync()[0]!,
          u: read(upper.upperGradient),
          v: read(upper.lowerGradient)
        },
        lower: {
          value: lower.value.dataSync()[0]!,
          gradient: read(lower.gradient),
          upperGradient: read(lower.upperGradient()),
          tangent: product.tangent.dataSync()[0]!,
          hessian: read(product.hessian),
          mixed: read(product.mixed)
        }
      }
    })

  test('f and both its gradients', () => {
    const { upper } = evaluate()
    expect(upper.value).toBeCloseTo(upperLoss(u, v), 4)
    expectClose(
      upper.u,
      gradientOf((at) => upperLoss(at, v), u, 1e-5)
    )
    expectClose(
      upper.v,
      gradientOf((at) => upperLoss(u, at), v, 1e-5)
    )
  })

  test('g, both its gradients and both products with its second derivatives', () => {
    const { lower } = evaluate()
    expect(lower.value).toBeCloseTo(lowerLoss(u, v), 4)
    expectClose(
      lower.gradient,
      gradientOf((at) => lowerLoss(u, at), v, 1e-5)
    )
    expectClose(
      lower.upperGradient,
      gradientOf((at) => lowerLoss(at, v), u, 1e-5)
    )
    expect(lower.tangent).toBeCloseTo(slope(u, v), 4)
    expectClose(
      lower.hessian,
      gradientOf((at) => slope(u, at), v, 1e-4)
    )
    expectClose(
      lower.mixed,
      gradientOf((at) => slope(at, v), u, 1e-4)
    )
  })

  test('a batch of half the training data weighs as much as all of it', () => {
    const twice = Float32Array.from([...trainFeatures, ...trainFeatures])
    const values = [trainFeatures, twice].map((features) =>
      tidy(() => {
        const rows = features.length / WIDTH
        const batch = {
          features: tensor(features, [rows, WIDTH]) as Tensor2D,
          targets: oneHot(
            Int32Array.from({ length: rows }, (_, i) => trainLabels[i % TRAIN]!),
            CLASSES
          )
        }
        return problem.lower({ u: tensor1d(u), v: tensor1d(v) }, batch).value.dataSync()[0]!
      })
    )
    expect(values[0]).toBeCloseTo(values[1]!, 5)
  })

  test('evaluations leave no tensors behind', () => {
    evaluate()
    const before = memory().numTensors
    for (let i = 0; i < 3; i++) evaluate()
    expect(memory().numTensors).toBe(before)
  })

  test('victims reach a stationary point of the same g', () => {
    const images = Array.from({ length: TARGETS * POISONS }, (_, i) => phi(u, i)).flat()
    const own = Float32Array.from(images)
    const labels = Int32Array.from(
      { length: TARGETS * POISONS },
      (_, i) => poisonLabels[Math.floor(i / POISONS)]!
    )
    const { heads } = trainVictims(
      { features: trainFeatures, labels: trainLabels, width: WIDTH, classes: CLASSES },
      { victims: TARGETS, features: own, labels },
      { l2: L2, iterations: 300 }
    )
    const gradient = gradientOf((at) => lowerLoss(u, at), heads, 1e-5)
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-4)
    expect(predictEach(heads, own, TARGETS, WIDTH)).toHaveLength(TARGETS * POISONS)
  })

  test('a victim without some rows is the victim of the others', () => {
    const train = (features: Float32Array, labels: Int32Array, without?: Int32Array[]): Float32Array =>
      trainVictims(
        { features, labels, width: WIDTH, classes: CLASSES },
        { victims: 1, features: new Float32Array(0), labels: new Int32Array(0), without },
        { l2: L2, iterations: 300 }
      ).heads
    const removed = train(trainFeatures, trainLabels, [Int32Array.from([0])])
    const absent = train(trainFeatures.slice(WIDTH), trainLabels.slice(1))
    removed.forEach((value, i) => expect(value).toBeCloseTo(absent[i]!, 3))
  })
})
