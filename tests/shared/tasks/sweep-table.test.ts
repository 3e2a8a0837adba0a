import { expect, test } from 'vitest'
import type { Report } from '@shared/domain/report'
import { denoisingSpec } from '@shared/domain/task-spec'
import { meanWords, pointWords, sweepRecords, sweepTableOf } from '@shared/tasks/sweep-table'
import type { SweptRun } from '@shared/tasks/sweep-table'

const AXES = [
  { field: 'method', values: ['penalty', 'gd'] },
  { field: 'seed', values: [0, 1, 2] }
]

function run(method: 'penalty' | 'gd', seed: number, accuracy?: number, seconds = 10): SweptRun {
  const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', method, seed })
  const report = {
    task: 'denoising',
    metrics: { testAccuracy: { trustedOnly: null, noisy: null, bilevel: accuracy, cleaned: null } },
    timing: { seconds, upperSteps: 1, lowerSteps: 1, lowerStepsPerSecond: 1 },
    spec
  } as unknown as Report
  const ended = accuracy !== undefined
  return {
    id: `${method}${seed}`,
    state: ended ? 'done' : 'queued',
    spec,
    report: ended ? report : undefined
  }
}

const RUNS = [
  run('penalty', 0, 0.8),
  run('penalty', 1, 0.9),
  run('penalty', 2, 0.7),
  run('gd', 0, 0.75),
  run('gd', 1),
  run('gd', 2)
]

test('mean, deviation of the sample and best over the seeds; the better mean leads', () => {
  const { fields, measures, rows } = sweepTableOf(AXES, RUNS)
  expect(fields).toEqual(['method'])
  expect(measures.map(({ name }) => name)).toEqual(["test accuracy, the run's own classifier", 'seconds'])
  const [penalty, gd] = rows.map(({ cells }) => cells[0])
  expect(penalty).toMatchObject({ count: 3, best: 0.9, leads: true })
  expect(penalty?.mean).toBeCloseTo(0.8, 12)
  expect(penalty?.deviation).toBeCloseTo(0.1, 12)
  expect(gd).toEqual({ count: 1, mean: 0.75, deviation: null, best: 0.75, leads: false })
  expect(meanWords(measures[0]!, penalty ?? null)).toBe('80.0 % ± 10.0')
  expect(meanWords(measures[0]!, null)).toBe('–')
})

test('as records of a CSV file, numbers in full', () => {
  const records = sweepRecords(sweepTableOf(AXES, RUNS))
  expect(records[0]?.slice(0, 4)).toEqual([
    'method',
    'runs',
    'done',
    "test accuracy, the run's own classifier: mean"
  ])
  expect(records[2]).toEqual(['gd', '3', '1', '0.75', '', '0.75', '10', '', '10'])
})

test('where less is better, the least is the best', () => {
  const { rows, measures } = sweepTableOf(AXES, [
    run('penalty', 0, 0.5, 4),
    run('penalty', 1, 0.5, 8),
    run('gd', 0, 0.5, 9)
  ])
  const column = measures.findIndex(({ name }) => name === 'seconds')
  expect(rows[0]?.cells[column]).toMatchObject({ mean: 6, best: 4, leads: true })
})

test('a point in words', () => {
  expect(pointWords({ method: 'gd', batchSize: 50, hiddenSizes: [50, 20] })).toBe(
    'GD, batch size 50, hidden sizes 50, 20'
  )
})
