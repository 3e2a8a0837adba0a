import { describe, expect, test } from 'vitest'
import { budgetSeries, defenceWords, signedPoints, trialWords } from '@renderer/features/runs/poisoning-words'
import { cleanLabelVerdict } from '@shared/tasks/clean-label'
import { measuredDamage, poisoningVerdict } from '@shared/tasks/poisoning'
import type { CleanLabelMetrics } from '@shared/domain/clean-label-metrics'
import type { Damage, PoisoningMetrics } from '@shared/domain/poisoning-metrics'
import { poisoningSpec } from '@shared/domain/task-spec'

const estimate = (rate: number, half: number) => ({
  rate,
  low: rate - half,
  high: rate + half,
  seeds: [rate]
})

function damage(clean: number, labelFlip: number, poisoned: number, half: number): Damage {
  return {
    on: 'test',
    testAccuracy: { clean, labelFlip, poisoned },
    intervals: {
      testAccuracy: {
        clean: estimate(clean, half),
        labelFlip: estimate(labelFlip, half),
        poisoned: estimate(poisoned, half)
      }
    }
  }
}

const unmeasured: Damage = {
  on: 'test',
  testAccuracy: { clean: null, labelFlip: null, poisoned: null },
  intervals: { testAccuracy: { clean: null, labelFlip: null, poisoned: null } }
}

function metricsOf(found: Damage, more: Partial<PoisoningMetrics> = {}): PoisoningMetrics {
  return {
    attack: 'untargeted',
    count: 30,
    share: 0.06,
    validation: unmeasured,
    ...found,
    ...more
  } as PoisoningMetrics
}

const spec = poisoningSpec.parse({ task: 'poisoning', train: 'a', validation: 'b' })

describe('the verdict on an attack', () => {
  test('says what was lost, and that it is more than label flips do where intervals are apart', () => {
    const words = poisoningVerdict(metricsOf(damage(0.826, 0.806, 0.738, 0.02)), spec)
    expect(words).toEqual([
      'With 30 poisons added (6.0 % of the training examples), a retrained classifier goes from 82.6 % to 73.8 % test accuracy: 8.8 points lost.',
      'The same examples with flipped labels alone: 80.6 %, 2.0 points lost.',
      'The 95 % intervals of the two do not meet: optimising the poisons did more than wrong labels alone.'
    ])
  })

  test('claims nothing where intervals meet, and owns up to a gain', () => {
    expect(poisoningVerdict(metricsOf(damage(0.826, 0.806, 0.8, 0.02)), spec).at(-1)).toContain('chance')
    expect(poisoningVerdict(metricsOf(damage(0.8, 0.8, 0.81, 0.02)), spec)[0]).toContain('1.0 points gained')
    expect([-0.088, 0.01, 0].map(signedPoints)).toEqual(['−8.8', '+1.0', '+0.0'])
  })

  test('is of validation where nothing was tested', () => {
    const validation = { ...damage(0.9, 0.85, 0.7, 0.01), on: 'validation' as const }
    const metrics = metricsOf(unmeasured, { validation })
    expect(measuredDamage(metrics)).toBe(validation)
    expect(poisoningVerdict(metrics, spec)[0]).toContain('70.0 % validation accuracy')
  })

  test('of a targeted attack is the share misread; more is more damage', () => {
    const rates = { clean: 0.06, labelFlip: 0.11, poisoned: 0.53 }
    const found: Damage = {
      ...damage(0.8, 0.8, 0.8, 0.01),
      successRate: rates,
      otherAccuracy: { clean: 0.84, labelFlip: 0.84, poisoned: 0.83 },
      intervals: {
        successRate: { clean: null, labelFlip: estimate(0.11, 0.05), poisoned: estimate(0.53, 0.05) }
      }
    }
    const targeted = { ...spec, attack: 'targeted' as const, fromClass: '8', toClass: '3' }
    const words = poisoningVerdict(metricsOf(found, { attack: 'targeted' }), targeted)
    expect(words[0]).toContain('takes 53.0 % of “8” for “3”; without them it is 6.0 %')
    expect(words[2]).toBe('Accuracy on the other classes goes from 84.0 % to 83.0 %.')
    expect(words.at(-1)).toContain('did more than wrong labels alone')
  })
})

describe('the budget curve', () => {
  test('begins at the clean set and goes by count, whatever the order of the report', () => {
    const at = (count: number, poisoned: number) => ({
      ...damage(0.9, 0.88, poisoned, 0.01),
      count,
      share: count / 500
    })
    const metrics = metricsOf(damage(0.9, 0.88, 0.7, 0.01), { budgetCurve: [at(30, 0.7), at(5, 0.85)] })
    const [poisoned, flips] = budgetSeries(metrics)
    expect(poisoned!.points.map(({ x, value }) => [x, value])).toEqual([
      [0, 0.9],
      [5, 0.85],
      [30, 0.7]
    ])
    expect(poisoned!.points[2]!.low).toBeCloseTo(0.69)
    expect(flips!.points.at(-1)!.value).toBe(0.88)
    expect(budgetSeries(metricsOf(damage(0.9, 0.88, 0.7, 0.01)))).toEqual([])
  })
})

test('a defence is what it caught and what it cost', () => {
  const defence = {
    poisons: 30,
    caught: 24,
    recall: 0.8,
    cleanFlagged: 1,
    cleanShare: 0.002,
    auroc: 0.9,
    victimAfter: damage(0.9, 0.9, 0.82, 0.01)
  }
  expect(defenceWords(defence, 'testAccuracy', 0.738)).toEqual([
    'Denoising flagged 24 of 30 poisons (80.0 %), and with them 1 clean example (0.2 % of the clean ones).',
    'Trained on what is left, a classifier has 82.0 % accuracy, instead of 73.8 %.'
  ])
  expect(defenceWords(defence, 'testAccuracy', null)).toHaveLength(1)
})

describe('clean-label results', () => {
  const metrics = {
    successes: 3,
    targets: 6,
    netSuccesses: 2,
    netInterval: [0.1, 0.7],
    poisonsPerTarget: 1,
    perturbation: { linf: { mean: 0.0627, max: 0.1 }, l2: { mean: 1.234, max: 2 } },
    duplicate: { successes: 1, rate: 1 / 6 }
  } as unknown as CleanLabelMetrics

  test('leave out what an unchanged copy does too', () => {
    expect(cleanLabelVerdict(metrics)[1]).toContain('do the same for 1, which leaves 2 to the poisons')
    const none = { ...metrics, duplicate: { successes: 0, rate: 0 } }
    expect(cleanLabelVerdict(none)[1]).toContain('for none')
    const missed = { ...none, successes: 0, netSuccesses: 0 }
    expect(cleanLabelVerdict(missed)[1]).toMatch(/^Unchanged copies of the bases hit none either/)
  })

  test('call no label true of a poison that became its target', () => {
    expect(cleanLabelVerdict({ ...metrics, becameTarget: 0 })[2]).toContain('labels of the poisons are true')
    expect(cleanLabelVerdict({ ...metrics, becameTarget: 1 })[2]).toContain('those of their bases')
  })

  test('a trial counts as hit only where the duplicate misses, and a poison that became the target is named', () => {
    const trial = { poisonClass: 'dog', success: true, duplicateSuccess: false, becameTarget: true }
    const of = (more: object) => trialWords({ ...trial, ...more } as CleanLabelMetrics['trials'][number])
    expect(of({})).toEqual({ text: 'hit: read as dog; the poison became the target', hit: true })
    expect(of({ duplicateSuccess: true }).hit).toBe(false)
    expect(of({ success: false, becameTarget: false })).toEqual({
      text: 'missed: not read as dog',
      hit: false
    })
  })
})
