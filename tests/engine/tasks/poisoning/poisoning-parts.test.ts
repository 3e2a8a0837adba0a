import { describe, expect, test } from 'vitest'
import { attackGoal, goalScore, goalTrials } from '@engine/tasks/poisoning/attack-goal'
import { poisoningSettings } from '@engine/tasks/poisoning/settings'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { startingPoints } from '@engine/tasks/poisoning/starting-points'
import { rateInterval } from '@shared/numerics/rate-interval'
import { poisoningSpec } from '@shared/domain/task-spec'
import type { PoisoningSpec } from '@shared/domain/task-spec'
import { scorePoisons } from '@main/runs/worker/score-poisons'

const CLASSES = ['zero', 'one', 'two']
const spec = (more: Record<string, unknown>): PoisoningSpec =>
  poisoningSpec.parse({ task: 'poisoning', train: 't', validation: 'v', ...more })

describe('the goal of an attack', () => {
  test.for([
    [{ attack: 'targeted' }, /--from-class/],
    [{ attack: 'targeted', fromClass: 'one' }, /--to-class/],
    [{ attack: 'targeted', fromClass: 'one', toClass: 'one' }, /both "one"/],
    [{ attack: 'targeted', fromClass: 'nine', toClass: 'one' }, /"nine" is no class/],
    [{ attack: 'untargeted', toClass: 'one' }, /belongs to a targeted/]
  ] as const)('%j is refused', ([given, sentence]) => {
    expect(() => attackGoal(spec(given), CLASSES)).toThrow(sentence)
  })

  test('targeted: successes among the attacked class, accuracy among the others', () => {
    const goal = attackGoal(spec({ attack: 'targeted', fromClass: 'two', toClass: 'one' }), CLASSES)
    const labels = [2, 2, 2, 2, 0, 1, 0]
    // Three 2s taken for 1, one right; of the others two right.
    const score = goalScore(goal, labels, [1, 1, 1, 2, 0, 1, 2])
    expect(score).toEqual({ accuracy: 3 / 7, success: 3 / 4, other: 2 / 3 })
    expect(goalTrials(goal, labels)).toEqual({ accuracy: 7, success: 4, other: 3 })
  })

  test('a set without the other classes has no accuracy there', () => {
    const goal = { kind: 'targeted', from: 2, to: 1 } as const
    expect(goalScore(goal, [2, 2], [1, 2])).toEqual({ accuracy: 0.5, success: 0.5 })
  })
})

describe('starting points', () => {
  const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3)
  const train = new ResidentExamples({
    count: 30,
    shape: [2],
    classNames: CLASSES,
    labels,
    readRows: (rows) => Float32Array.from({ length: rows.length * 2 }, (_, i) => rows[i >> 1]! / 30)
  })

  test('untargeted: different training examples, every label wrong', () => {
    const { rows, labels: given, features } = startingPoints({ kind: 'untargeted' }, train, 20, 3)
    expect(new Set(rows).size).toBe(20)
    given.forEach((label, i) => expect(label).not.toBe(labels[rows[i]!]))
    expect(new Set(given).size).toBe(3)
    expect(features[7 * 2]).toBeCloseTo(rows[7]! / 30)
  })

  test('targeted: half of each class, labelled as the other', () => {
    const { rows, labels: given } = startingPoints({ kind: 'targeted', from: 2, to: 1 }, train, 10, 0)
    const pairs = Array.from(rows, (row, i) => `${labels[row]} as ${given[i]}`)
    expect(pairs.filter((pair) => pair === '2 as 1')).toHaveLength(5)
    expect(pairs.filter((pair) => pair === '1 as 2')).toHaveLength(5)
  })

  test('a smaller number is the beginning of a larger one; another seed is another choice', () => {
    const of = (count: number, seed: number): number[] =>
      Array.from(startingPoints({ kind: 'untargeted' }, train, count, seed).rows)
    expect(of(20, 1).slice(0, 8)).toEqual(of(8, 1))
    expect(of(20, 2)).not.toEqual(of(20, 1))
  })
})

describe('intervals', () => {
  test('alike victims: the interval of the examples (Wilson)', () => {
    const { rate, low, high } = rateInterval([0.5, 0.5, 0.5], 100)
    expect(rate).toBe(0.5)
    // Wilson's interval of 50 in 100, as R's binom::binom.wilson gives it.
    expect(low).toBeCloseTo(0.4038, 4)
    expect(high).toBeCloseTo(0.5962, 4)
  })

  test('victims that differ: the interval of the trainings (Student), within 0..1', () => {
    const { rate, low, high } = rateInterval([0.2, 0.3, 0.4], 1e9)
    expect(rate).toBeCloseTo(0.3)
    // 0.1 / sqrt 3 * t(0.975, 2) = 0.24841
    expect(low).toBeCloseTo(0.3 - 0.24841, 4)
    expect(high).toBeCloseTo(0.3 + 0.24841, 4)
    expect(rateInterval([0, 0.5], 10).low).toBe(0)
  })
})

describe('settings', () => {
  test('60 of 1,000 unless said otherwise; a curve ends at its largest budget', () => {
    expect(poisoningSettings(spec({}), { train: 1000 })).toMatchObject({ count: 60, budgets: [60] })
    const curve = poisoningSettings(spec({ budgets: [40, 10, 20, 20] }), { train: 1000 })
    expect(curve).toMatchObject({ count: 40, budgets: [10, 20, 40] })
    expect(poisoningSettings(spec({ budgets: [10], count: 30 }), { train: 9 }).budgets).toEqual([10, 30])
  })

  test('what a spec says is taken', () => {
    const { solver, upperSteps } = poisoningSettings(spec({ gamma: 3, lrUpper: 0.5, upperSteps: 7 }), {
      train: 100
    })
    expect(upperSteps).toBe(7)
    expect(solver).toMatchObject({ gamma: 3, lrUpper: 0.5, lambda: 30, horizon: 7 })
  })
})

test('a defence is scored by the poisons caught and the clean examples taken along', () => {
  const flagged = Uint8Array.from([0, 1, 0, 0, 1, 1])
  const score = Float32Array.from([0.9, 0.3, 0.8, 0.7, 0.1, 0.2])
  expect(scorePoisons(Int32Array.from([4, 5]), flagged, score)).toEqual({
    poisons: 2,
    caught: 2,
    recall: 1,
    cleanFlagged: 1,
    cleanShare: 1 / 4,
    auroc: 1
  })
  expect(scorePoisons(Int32Array.from([0, 5]), flagged, score)).toMatchObject({ caught: 1, auroc: 3 / 8 })
})
