import { expect, test } from 'vitest'
import { planRun } from '@main/runs/worker/task-table'
import type { Selections } from '@main/runs/worker/task-table'
import { taskSpec } from '@shared/domain/task-spec'
import { termRows } from '@shared/numerics/term-rows'

const COUNT = 1000

/** Examples of which only sizes count. */
function sized(shape: number[], more: object = {}): Selections[string] {
  const classNames = Array.from({ length: 10 }, (_, k) => String(k))
  return {
    reference: 'a',
    count: COUNT,
    shape,
    classNames,
    isPoisoned: false,
    ...more
  } as unknown as Selections[string]
}

function forecast(spec: object, selections: Selections): number {
  return planRun(selections, taskSpec.parse(spec)).seconds!
}

const digits = sized([28, 28, 1])
const separate = { train: 'a', validation: 'b' }

test.each([
  // As measured in docs/performance.md and docs/experiments.md, some beside other work.
  ['poisoning', { task: 'poisoning', ...separate }, 80],
  ['tuning', { task: 'hyperparameters', ...separate }, 78],
  ['tuning an mlp', { task: 'hyperparameters', ...separate, model: 'mlp' }, 127],
  ['few-shot learning', { task: 'few-shot', train: 'a', test: 'b', ways: 5, shots: 1 }, 405]
])('%s: the forecast before any such run holds in its range', (_, spec, took) => {
  const seconds = forecast(spec, { train: digits, validation: digits, test: digits })
  expect(took).toBeGreaterThan(0.5 * seconds)
  expect(took).toBeLessThan(2.5 * seconds)
})

test.each([
  ['quick look', 64, { model: 'logistic', epochs: 15 }, 15],
  ['convolutional', 24, { model: 'cnn' }, 33]
])('few photographs by pixels, %s: as measured beside other work', (_, side, how, took) => {
  const photographs = {
    train: sized([side, side, 3], { count: 97 }),
    trusted: sized([side, side, 3], { count: 55 })
  }
  const seconds = forecast({ task: 'denoising', train: 'a', trusted: 'b', ...how }, photographs)
  expect(took).toBeGreaterThan(0.5 * seconds)
  expect(took).toBeLessThan(2 * seconds)
})

test('more work takes longer: steps, a defence, victims, budgets, targets, filters', () => {
  const data = { train: digits, validation: digits, test: digits }
  const attack = { task: 'poisoning', ...separate }
  const least = forecast(attack, data)
  for (const more of [{ upperSteps: 800 }, { defend: true }, { victims: ['mlp'] }, { budgets: [10, 20, 60] }])
    expect(forecast({ ...attack, ...more }, data)).toBeGreaterThan(1.2 * least)
  const clean = { ...attack, attack: 'clean-label' }
  expect(forecast({ ...clean, targets: 100 }, data)).toBeGreaterThan(1.2 * forecast(clean, data))
  const tasks = { task: 'few-shot', train: 'a', test: 'b' }
  expect(forecast({ ...tasks, filters: 64 }, data)).toBeGreaterThan(1.5 * forecast(tasks, data))
})

test('texts whose terms are opinions on labels take longer, and those of too many classes for that do not', () => {
  const readTerms = (rows: ArrayLike<number>) =>
    termRows(Array.from(rows, () => Array.from({ length: 90 }, (_, i) => i)))
  const spec = { task: 'denoising', train: 'a', trusted: false }
  const of = (more: object): number => forecast(spec, { train: sized([500], more) })
  // 90 terms of 1,000 texts, 10 classes, 5 folds: 4.5 million products, of words and of pieces.
  expect(of({ readTerms }) - of({})).toBeCloseTo(9, 5)
  const classNames = Array.from({ length: 77 }, (_, k) => String(k))
  expect(of({ readTerms, classNames })).toBe(of({ classNames }))
})
