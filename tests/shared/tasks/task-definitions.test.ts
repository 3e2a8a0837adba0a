import { describe, expect, test } from 'vitest'
import { summariseReport } from '@main/shells/cli/report-summary'
import type { DenoisingMetrics } from '@shared/domain/denoising-metrics'
import { DATA_FIELDS } from '@shared/domain/pin'
import { parseReport } from '@shared/domain/report'
import type { ReportOf } from '@shared/domain/report'
import { taskSpec } from '@shared/domain/task-spec'
import { TASK_LIST, TASKS } from '@shared/tasks'
import { flagWords } from '@shared/tasks/denoising'

describe.for(TASK_LIST)('the definition of $task', ({ task, schema, roles, presets, command }) => {
  test('is of its schema, and names every role of data that the schema has', () => {
    expect(schema.shape.task.value).toBe(task)
    const fields = DATA_FIELDS.filter((field) => field in schema.shape)
    expect(roles.map(({ field }) => field).sort()).toEqual([...fields].sort())
    for (const { field, needed } of roles) {
      const absent = Object.fromEntries(
        roles.map((role) => [role.field, role.field === field ? undefined : 'a'])
      )
      expect(taskSpec.safeParse({ task, ...absent }).success, field).toBe(!needed)
    }
  })

  test('has presets that its schema takes, one of them balanced', () => {
    expect(presets.map(({ name }) => name)).toContain('Balanced')
    const data = Object.fromEntries(roles.map(({ field }) => [field, 'a']))
    for (const { values } of presets)
      expect(taskSpec.parse({ task, ...data, ...values })).toMatchObject(values)
  })

  test('shows its own command', () => expect(command.examples).toContain(`bilevel ${command.name} --`))
})

const around = (mean: number) => ({ mean, interval: [mean - 0.01, mean + 0.01], tasks: 100 })
const each = { unregularised: 0.5, grid: 0.4, tuned: 0.25 }
const RESULTS = {
  'few-shot': {
    accuracy: around(0.8),
    baselines: { random: around(0.5), pretrained: around(0.7) },
    gain: { overRandom: around(0.3), overPretrained: around(0.1) },
    heldBack: [],
    bestStep: 3
  },
  hyperparameters: {
    testAccuracy: each,
    validationLoss: each,
    validationAccuracy: each,
    best: 'tuned',
    strengths: { granularity: 'layer', count: 2, grid: 0.1, layers: [] }
  }
} as const

test.for([
  [
    'few-shot',
    'Few-shot learning: Penalty, conv4, 40 examples in 1 min 15 s (complete), native TensorFlow.',
    'told apart with 80.0 %'
  ],
  ['hyperparameters', 'Tuning regularisation: Penalty, logistic, 40 examples in', 'validation loss 0.25']
] as const)('the terminal tells a result of %s in sentences', ([task, title, sentence]) => {
  const data = { train: 'a', validation: 'b', test: 'c' }
  const spec = taskSpec.parse({ task, ...data })
  const report = parseReport({
    schema: 1,
    task,
    method: 'penalty',
    model: spec.model,
    seed: 0,
    stopped: 'epochs',
    backend: { name: 'native', version: '1', device: 'cpu', threads: 1 },
    data: { train: 40 },
    metrics: RESULTS[task],
    timing: { seconds: 75, upperSteps: 1, lowerSteps: 1, lowerStepsPerSecond: 1 },
    memory: { peakRssMiB: 1, peakTensorMiB: 1 },
    spec
  })
  const text = summariseReport(report, 'out')
  expect(text).toContain(title)
  expect(text).toContain(sentence)
  expect(text).not.toMatch(/[{}]/)
})

test('where a run flags nothing and knows no probabilities, it does not say that nothing is wrong', () => {
  const { sentences } = TASKS.denoising
  const metrics = { flagged: 0, kept: 97 } as DenoisingMetrics
  const said = (more: Partial<DenoisingMetrics>): string =>
    sentences({ metrics: { ...metrics, ...more }, spec: { task: 'denoising' } } as never).join(' ')
  expect(said({})).toContain('no proof that all are right')
  expect(said({ flagged: 3 })).not.toContain('no proof')
  const none = { expected: 0, low: 0, high: 4 }
  expect(said({ expected: { flagged: none, kept: none, all: none } })).not.toContain('no proof')
})

test('an interval over more than a quarter of the labels says that their number is unknown', () => {
  const { sentences } = TASKS.denoising
  const said = (high: number): string => {
    const all = { expected: 9, low: 0, high }
    const metrics = { flagged: 0, kept: 100, expected: { flagged: all, kept: all, all } }
    return sentences({ metrics, spec: { task: 'denoising' } } as never).join(' ')
  }
  expect(said(25)).not.toContain('can hardly be told')
  expect(said(26)).toContain('can hardly be told')
})

test('flags are said to look wrong where they do, and to stand out where nearly all looks right', () => {
  const of = (expectedOfFlagged: number): DenoisingMetrics['expected'] => {
    const found = { expected: expectedOfFlagged, low: 0, high: 20 }
    return { flagged: found, kept: found, all: found }
  }
  expect(flagWords({ flagged: 20, kept: 80, expected: of(15) })).toBe('of 100 labels look wrong (20.0 %)')
  expect(flagWords({ flagged: 0, kept: 80, expected: of(0) })).toBe('of 80 labels look wrong (0.0 %)')
  expect(flagWords({ flagged: 20, kept: 99_980, expected: of(0.2) })).toBe(
    'of 100,000 labels stand out most (under 0.1 %), though most likely they are right'
  )
})

test('what it says of errors made as a test tells why few are found', () => {
  const said = (planted: { planted: number; found: number }, flagged: number): string =>
    TASKS.denoising
      .sentences({
        metrics: { planted, flagged, kept: 1000 - flagged },
        spec: {}
      } as unknown as ReportOf<'denoising'>)
      .join(' ')
  expect(said({ planted: 20, found: 0 }, 2)).toMatch(
    /flag 0 of these 20 .* nearly all labels here look right/
  )
  expect(said({ planted: 20, found: 4 }, 300)).toMatch(/flag 4 of these 20 .* look beyond the flags/)
  expect(said({ planted: 20, found: 18 }, 300)).not.toMatch(/few|beyond/)
})

test('trusted labels that look wrong are named, and whether they were taken as right', () => {
  const said = (trustedWrong: DenoisingMetrics['trustedWrong']): string =>
    TASKS.denoising
      .sentences({
        metrics: { flagged: 9, kept: 91, planted: { planted: 60, found: 50 }, trustedWrong },
        spec: {}
      } as unknown as ReportOf<'denoising'>)
      .join(' ')
  expect(said(undefined)).not.toContain('trusted labels')
  const some = { of: 60, expected: 7.6, first: [54, 0], isPlain: true }
  expect(said(some)).toContain('about 8 of 60. So they were not taken as right')
  expect(said(some)).toContain('Look at examples 54, 0 of the trusted set (counted from 0) first')
  const places = [
    { dataset: 'held', row: 3 },
    { dataset: 'noisy', row: 7 },
    { dataset: 'held', row: 1 }
  ]
  expect(said({ ...some, places })).toContain('Look at examples 3, 1 of held and example 7 of noisy')
  expect(said({ ...some, isPlain: false })).toContain('They were taken as right all the same')
  // Labels that are wrong before are no test.
  expect(said(some)).not.toContain('As a test')
  expect(said({ ...some, isPlain: false })).toContain('As a test')
})
