import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { report as reportSchema } from '@shared/domain/report'
import { Random } from '@shared/numerics/random'
import { bilevel, temporaryFolder, until } from '@support/command'
import { isComplete } from '@support/complete'
import { writtenReport } from '@support/written-report'

const dir = temporaryFolder()
const workspace = ['--workspace', path.join(dir, 'workspace')]

type Each = Record<'unregularised' | 'grid' | 'tuned', number>
interface Metrics {
  testAccuracy: Each
  validationLoss: Each
  best: string
  bestStep: number | null
  checks: { step: number; validationLoss: number }[]
  strengths: { count: number; grid: number; layers: { least: number; largest: number }[] }
}

/** Two of 30 features tell the class; the others are noise, which few examples invite to learn. */
function noisyTable(name: string, count: number, seed: number): string {
  const random = new Random(seed)
  const columns = Array.from({ length: 30 }, (_, i) => `x${i}`)
  const rows = Array.from({ length: count }, () => {
    const x = columns.map(() => random.normal())
    return [...x.map((value) => value.toFixed(4)), x[0]! + x[1]! > 0 ? 'yes' : 'no'].join(',')
  })
  const file = path.join(dir, `${name}.csv`)
  writeFileSync(file, `${[...columns, 'label'].join(',')}\n${rows.join('\n')}\n`)
  return file
}

const data = [
  '--train',
  noisyTable('train', 60, 1),
  '--validation',
  noisyTable('validation', 300, 2),
  '--test',
  noisyTable('test', 2000, 3),
  '--label-column',
  'label'
]

function tune(out: string, ...more: string[]): string[] {
  return ['hyperparameters', ...data, '--out', path.join(dir, out), '--json', ...workspace, ...more]
}

describe('hyperparameter tuning from the command line', () => {
  test('a strength a feature beats one for all where most features are noise, and tells noise apart', async () => {
    const { code, stdout, stderr } = await bilevel(tune('feature', '--granularity', 'feature'))
    expect(stderr).not.toMatch(/defect/)
    expect(code).toBe(0)
    const metrics = writtenReport(path.join(dir, 'feature'), stdout).metrics as unknown as Metrics
    expect(metrics.validationLoss.grid).toBeLessThan(metrics.validationLoss.unregularised)
    expect(metrics.validationLoss.tuned).toBeLessThan(metrics.validationLoss.grid)
    expect(metrics.testAccuracy.tuned).toBeGreaterThan(metrics.testAccuracy.unregularised + 0.05)
    expect(metrics.testAccuracy.tuned).toBeGreaterThan(metrics.testAccuracy.grid)
    expect(metrics.best).toBe('tuned')
    const rows = readFileSync(path.join(dir, 'feature', 'strengths.csv'), 'utf8')
      .trim()
      .split('\n')
    expect(rows).toHaveLength(31)
    const strengths = rows.slice(1).map((row) => Number(row.split(',')[4]))
    const noise = strengths.slice(2).sort((a, b) => a - b)
    expect(Math.max(strengths[0]!, strengths[1]!)).toBeLessThan(noise[Math.floor(noise.length / 2)]!)
    for (const file of ['model.json', 'weights.bin', 'strengths.json', 'spec.yaml']) {
      expect(existsSync(path.join(dir, 'feature', file))).toBe(true)
    }
    const events = readFileSync(path.join(dir, 'feature', 'metrics.ndjson'), 'utf8')
      .trim()
      .split('\n')
    expect(events.filter((line) => line.includes('"metric"')).length).toBeGreaterThan(100)
  })

  test('one strength a layer is not worse than the best of the grid', async () => {
    const { code, stdout } = await bilevel(tune('layer'))
    expect(code).toBe(0)
    const metrics = reportSchema.parse(JSON.parse(stdout)).metrics as unknown as Metrics
    expect(metrics.strengths.count).toBe(1)
    expect(metrics.validationLoss.tuned).toBeLessThan(metrics.validationLoss.unregularised)
    expect(metrics.validationLoss.tuned).toBeLessThanOrEqual(metrics.validationLoss.grid)
  })

  test('a network, one strength a feature: retrained classifiers judge, and the best strengths are kept', async () => {
    const { code, stdout } = await bilevel(
      tune('network', '--granularity', 'feature', '--model', 'mlp', '--hidden-sizes', '16')
    )
    expect(code).toBe(0)
    const metrics = reportSchema.parse(JSON.parse(stdout)).metrics as unknown as Metrics
    const { checks, bestStep, validationLoss } = metrics
    expect(checks.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40])
    expect(checks[0]!.validationLoss).toBe(validationLoss.grid)
    expect(validationLoss.tuned).toBe(Math.min(...checks.map((check) => check.validationLoss)))
    expect(checks.find(({ step }) => step === bestStep)!.validationLoss).toBe(validationLoss.tuned)
    expect(validationLoss.tuned).toBeLessThan(0.95 * validationLoss.grid)
    expect(metrics.testAccuracy.tuned).toBeGreaterThan(metrics.testAccuracy.grid)
  })

  test('steps that lead astray: the start is kept, and the report says so', async () => {
    const { code, stdout } = await bilevel(tune('astray', '--lr-upper', '4', '--upper-steps', '8'))
    expect(code).toBe(0)
    const report = reportSchema.parse(JSON.parse(stdout))
    const { checks, bestStep, validationLoss, best, strengths } = report.metrics as unknown as Metrics
    expect(Math.max(...checks.map((check) => check.validationLoss))).toBeGreaterThan(validationLoss.grid)
    expect(bestStep).toBe(0)
    expect(best).toBe('grid')
    expect(validationLoss.tuned).toBe(validationLoss.grid)
    expect(strengths.layers[0]!.least).toBeCloseTo(strengths.grid, 6)
    expect(report.advice!.join(' ')).toMatch(/those the tuning started from/)
  })

  // Otherwise denoising ends in these ways.
  test.runIf(isComplete)('time up: exit 0 and a classifier with the strengths so far', async () => {
    const { code, stdout } = await bilevel(tune('short', '--upper-steps', '1000000', '--max-seconds', '4'))
    expect(code).toBe(0)
    const report = reportSchema.parse(JSON.parse(stdout))
    expect(report.stopped).toBe('time')
    const { tuned } = (report.metrics as unknown as Metrics).testAccuracy
    // Where other work leaves no time for a step, nothing is tuned yet.
    if (report.timing.upperSteps > 0) expect(tuned).toBeGreaterThan(0.5)
    else expect(tuned).toBeNull()
  })

  test.runIf(isComplete)('Ctrl-C: exit 130 and a valid report', async () => {
    const metrics = path.join(dir, 'cancelled', 'metrics.ndjson')
    const { code, stdout } = await bilevel(tune('cancelled', '--upper-steps', '1000000'), {
      during: (interrupt) =>
        void until(() => existsSync(metrics) && readFileSync(metrics).length > 5000).then(() =>
          interrupt('SIGINT')
        )
    })
    expect(code).toBe(130)
    expect(reportSchema.parse(JSON.parse(stdout)).stopped).toBe('cancelled')
  })

  test('data of another shape: exit 2 and one line', async () => {
    const { code, stderr } = await bilevel([
      'hyperparameters',
      '--train',
      'sample-digits#train[0:100]',
      '--validation',
      data[3]!,
      '--label-column',
      'label',
      '--out',
      path.join(dir, 'bad'),
      ...workspace
    ])
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/validation/)
  })
})
