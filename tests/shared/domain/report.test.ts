import { expect, test } from 'vitest'
import { parseReport } from '@shared/domain/report'

const spec = { task: 'hyperparameters', train: 'a', validation: 'b' }
const each = { unregularised: 0.5, grid: null, tuned: 0.25 }
const metrics = {
  testAccuracy: each,
  validationLoss: each,
  validationAccuracy: each,
  best: 'tuned',
  strengths: { granularity: 'layer', count: 1, grid: null, layers: [] }
}
const file = (change: Record<string, unknown>): Record<string, unknown> => ({
  schema: 1,
  task: 'hyperparameters',
  method: 'penalty',
  model: 'mlp',
  seed: 0,
  stopped: 'epochs',
  backend: { name: 'native', version: '1', device: 'cpu', threads: 1 },
  data: {},
  metrics,
  timing: { seconds: 1, upperSteps: 1, lowerSteps: 1, lowerStepsPerSecond: 1 },
  memory: { peakRssMiB: 1, peakTensorMiB: 1 },
  spec,
  ...change
})

test('a report tells its metrics by its task; what an earlier one did not say is filled in', () => {
  const report = parseReport(file({}))
  if (report.task !== 'hyperparameters') throw new Error(report.task)
  expect(report.metrics).toMatchObject({ validationLoss: { tuned: 0.25 }, checks: [], bestStep: null })
  expect(report.advice).toEqual([])
})

test.for([{ accuracy: 0.9 }, {}])(
  'metrics that this version does not write are kept as they are: %o',
  (unreadable) => {
    const report = parseReport(file({ metrics: unreadable }))
    expect(report).toMatchObject({ task: 'other-version', spec: { task: 'hyperparameters' } })
    expect(report.metrics).toEqual(unreadable)
  }
)

test('a file that is no report is refused', () => {
  for (const value of [null, 7, {}, file({ schema: 2 })]) expect(() => parseReport(value)).toThrow()
})

test('clean-label metrics and those of added points are not taken for each other', () => {
  const attack = { task: 'poisoning', attack: 'clean-label', train: 'a', validation: 'b' }
  const report = parseReport(file({ task: 'poisoning', spec: attack, metrics: { attack: 'untargeted' } }))
  expect(report.task).toBe('other-version')
})
