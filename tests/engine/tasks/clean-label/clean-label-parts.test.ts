import { describe, expect, test } from 'vitest'
import { minimiseBlocks } from '@engine/numerics/block-lbfgs'
import { perturbationSet, perturbationSizes, quantisePoisons } from '@engine/tasks/shared/perturbation'
import { Random } from '@shared/numerics/random'

describe('L-BFGS on several problems at once', () => {
  // sum_i c_i (x_i - m_i)² / 2 with curvatures over four orders of magnitude
  const size = 6
  const curvature = Float64Array.from({ length: size }, (_, i) => 10 ** ((4 * i) / (size - 1) - 2))
  const minima = [0.5, -3, 40].map((m) => Float64Array.from({ length: size }, (_, i) => m + i))

  const objective = (x: Float32Array): { values: Float64Array; gradient: Float32Array } => {
    const values = new Float64Array(minima.length)
    const gradient = new Float32Array(x.length)
    x.forEach((value, at) => {
      const k = Math.floor(at / size)
      const gap = value - minima[k]![at % size]!
      values[k]! += (curvature[at % size]! * gap * gap) / 2
      gradient[at] = curvature[at % size]! * gap
    })
    return { values, gradient }
  }

  test('finds each minimum, and one problem does not disturb another', () => {
    const start = new Float32Array(minima.length * size)
    // The second problem begins where it ends.
    start.set(minima[1]!, size)
    const { x, values, largestGradient } = minimiseBlocks(objective, start, minima.length, {
      iterations: 200,
      tolerance: 1e-5
    })
    minima.forEach((minimum, k) => {
      minimum.forEach((value, i) => expect(x[k * size + i]).toBeCloseTo(value, 2))
      expect(largestGradient[k]).toBeLessThan(1e-4)
      expect(values[k]).toBeLessThan(1e-4)
    })
    expect(Array.from(x.subarray(size, 2 * size))).toEqual(Array.from(minima[1]!, Math.fround))
  })

  test('ends where the budget ends, no worse than it began', () => {
    const start = new Float32Array(minima.length * size)
    const before = objective(start).values
    const { values, iterations } = minimiseBlocks(objective, start, minima.length, {
      iterations: 2,
      tolerance: 0
    })
    expect(iterations).toBe(2)
    values.forEach((value, k) => expect(value).toBeLessThanOrEqual(before[k]!))
  })

  test('a first step far too long still shrinks until it helps', () => {
    // The gradient at 0 is 1, so that the first trial is -1, where the minimum is at -1e-6.
    const objective = (x: Float32Array) => ({
      values: [x[0]! + 5e5 * x[0]! ** 2],
      gradient: Float32Array.of(1 + 1e6 * x[0]!)
    })
    const { x } = minimiseBlocks(objective, new Float32Array(1), 1, { iterations: 20, tolerance: 1e-3 })
    expect(x[0]).toBeCloseTo(-1e-6, 8)
  })
})

describe('bounds of a perturbation', () => {
  const size = 48
  const random = new Random(3)
  const bases = Float32Array.from({ length: 4 * size }, () => random.below(256) / 255)
  const wild = (): Float32Array => bases.map((base) => base + random.normal())

  test('a projected image is within box, Linf ball and L2 ball, and a feasible one stays', () => {
    const bound = { linf: 0.1, l2: 0.4 }
    const project = perturbationSet(bases, size, bound)
    const images = wild()
    project(images)
    const once = images.slice()
    project(images)
    images.forEach((value, i) => {
      expect(value).toBeCloseTo(once[i]!, 6)
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
      expect(Math.abs(value - bases[i]!)).toBeLessThanOrEqual(0.1 + 1e-6)
    })
    for (const { l2 } of perturbationSizes(images, bases, size)) expect(l2).toBeLessThanOrEqual(0.4 + 1e-6)
  })

  test.each([
    ['a bound on a level', { linf: 16 / 255 }, 16],
    ['a bound between levels', { linf: 0.0314 }, 8],
    ['a bound below one level', { linf: 0.003 }, 0],
    ['L2', { linf: 16 / 255, l2: 0.15 }, 16]
  ])('bytes keep %s', (_, bound: { linf: number; l2?: number }, levels) => {
    const images = wild()
    perturbationSet(bases, size, bound)(images)
    const stored = quantisePoisons(images, bases, size, bound)
    stored.forEach((value, i) => {
      const level = Math.round(value * 255)
      expect(Math.abs(value * 255 - level)).toBeLessThan(1e-4)
      expect(Math.abs(level - Math.round(bases[i]! * 255))).toBeLessThanOrEqual(levels)
    })
    if (bound.l2 === undefined) return
    for (const { l2 } of perturbationSizes(stored, bases, size)) expect(l2).toBeLessThanOrEqual(bound.l2)
  })

  test('without a bound a poison may become any image', () => {
    const target = Float32Array.from(bases, (base) => 1 - base)
    const images = target.slice()
    perturbationSet(bases, size, {})(images)
    expect(images).toEqual(target)
    const stored = quantisePoisons(images, bases, size, {})
    stored.forEach((value, i) => expect(value).toBeCloseTo(target[i]!, 6))
  })
})
