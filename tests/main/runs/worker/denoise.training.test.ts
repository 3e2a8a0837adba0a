import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { report as reportSchema } from '@shared/domain/report'
import type { Report } from '@shared/domain/report'
import { bilevel, temporaryFolder, until } from '@support/command'
import { isComplete } from '@support/complete'
import { recordedRuns, runningProcess } from '@support/recorded-runs'
import { writtenReport } from '@support/written-report'

const dir = temporaryFolder()
const workspace = ['--workspace', path.join(dir, 'workspace')]
const noisy = path.join(dir, 'noisy')

function denoise(out: string, ...more: string[]): string[] {
  return denoiseOf(noisy, out, ...more)
}

function denoiseOf(train: string, out: string, ...more: string[]): string[] {
  return [
    'denoise',
    '--train',
    train,
    '--trusted',
    'sample-digits#train[0:200]',
    '--test',
    'sample-digits#test',
    '--out',
    path.join(dir, out),
    '--json',
    ...workspace,
    ...more
  ]
}

const place = path.join(dir, 'workspace')
/** What is compared with another run, not with the truth: a part of the data. */
const part = (out: string, ...more: string[]): string[] => denoiseOf(`${noisy}[0:300]`, out, ...more)
/** Without the opinion of others on the labels: weights are learned from nothing, and classifiers are retrained. */
const ALONE = ['--epochs', '8', '--cross-validation', '0', '--pretrain-epochs', '10']
/** Retraining takes what there is of time. The networks' kernels are held against each other in tests/engine/backends and models. */
const FEW = ['--model', 'logistic', '--trusted', 'sample-digits#train[0:60]']
/** Long enough to be killed on the way. */
const LONG = [...FEW, '--epochs', '60']

describe('denoising from the command line', () => {
  beforeAll(async () => {
    const made = await bilevel([
      'corrupt',
      'sample-digits#train[200:1200]',
      '--noise',
      '0.4',
      '--out',
      noisy,
      '--seed',
      '1',
      ...workspace
    ])
    expect(made.stderr).toBe('')
    expect(made.code).toBe(0)
  })

  test('finds the wrong labels and writes what the contract names', async () => {
    const { code, stdout } = await bilevel(denoise('first'))
    expect(code).toBe(0)
    const first = writtenReport(path.join(dir, 'first'), stdout)
    expect(first).toMatchObject({ schema: 1, task: 'denoising', method: 'penalty', stopped: 'epochs' })
    expect(first.data).toMatchObject({ train: 1000, trusted: 200, wrongLabels: 400 })
    const metrics = first.metrics as {
      detection: { auroc: number; f1: number }
      kept: number
      flagged: number
    }
    expect(metrics.detection.auroc).toBeGreaterThan(0.95)
    expect(metrics.detection.f1).toBeGreaterThan(0.9)
    expect(metrics.kept + metrics.flagged).toBe(1000)
    const out = path.join(dir, 'first')
    expect(readdirSync(out).sort()).toEqual(
      [
        'bilevel-classifier.bin',
        'cleaned',
        'issues.csv',
        'metrics.ndjson',
        'model.json',
        'report.json',
        'spec.yaml',
        'weights.bin',
        'weights.npy'
      ].sort()
    )
    const [head, ...lines] = readFileSync(path.join(out, 'issues.csv'), 'utf8').trim().split('\n')
    expect(head).toMatch(/^index,given_label,predicted_label,is_label_issue,label_score/)
    expect(head).toMatch(/true_label$/)
    expect(lines).toHaveLength(1000)
    expect(lines.filter((line) => line.split(',')[3] === 'True')).toHaveLength(metrics.flagged)
    const events = readFileSync(path.join(out, 'metrics.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string })
    expect(events.filter(({ type }) => type === 'metric').length).toBeGreaterThan(20)
    const cleaned = await bilevel(['datasets', 'show', path.join(out, 'cleaned'), '--json', ...workspace])
    expect(JSON.parse(cleaned.stdout)).toMatchObject({ count: metrics.kept })
  })

  test('another seed gives other numbers', async () => {
    const little = '--epochs 1 --cross-validation 2 --model logistic --backend wasm'.split(' ')
    const issues: string[] = []
    for (const seed of ['0', '5']) {
      const out = `seed-${seed}`
      expect((await bilevel(denoiseOf(`${noisy}[0:150]`, out, ...little, '--seed', seed))).code).toBe(0)
      issues.push(readFileSync(path.join(dir, out, 'issues.csv'), 'utf8'))
    }
    expect(issues[1]).not.toBe(issues[0])
  })

  test('WebAssembly gives results within noise of native', async () => {
    const compared = async (out: string, ...how: string[]): Promise<Report> => {
      const few = isComplete ? [] : FEW
      const { code, stdout } = await bilevel(denoiseOf(`${noisy}[0:100]`, out, ...ALONE, ...few, ...how))
      expect(code).toBe(0)
      return reportSchema.parse(JSON.parse(stdout))
    }
    const fastest = await compared('fastest')
    const wasm = await compared('wasm', '--backend', 'wasm')
    expect(wasm.backend.name).toBe('wasm')
    const auroc = (report: Report): number =>
      (report.metrics as { detection: { auroc: number } }).detection.auroc
    expect(Math.abs(auroc(wasm) - auroc(fastest))).toBeLessThan(0.01)
  })

  test('time up: exit 0 and the best so far, marked', async () => {
    const { code, stdout } = await bilevel(part('short', '--epochs', '100000', '--max-seconds', '2'))
    expect(code).toBe(0)
    expect(reportSchema.parse(JSON.parse(stdout)).stopped).toBe('time')
  })

  test('Ctrl-C: exit 130 and a valid report, marked cancelled', async () => {
    const metrics = path.join(dir, 'cancelled', 'metrics.ndjson')
    const { code, stdout } = await bilevel(part('cancelled', '--epochs', '100000'), {
      during: (interrupt) =>
        void until(() => existsSync(metrics) && readFileSync(metrics).length > 5000).then(() =>
          interrupt('SIGINT')
        )
    })
    expect(code).toBe(130)
    expect(reportSchema.parse(JSON.parse(stdout)).stopped).toBe('cancelled')
    expect(recordedRuns(place)[0]).toMatchObject({ state: 'cancelled', failure: null })
  })

  test('run again from its spec.yaml, its process ended by kill -9: failed with the reason, others untouched, resumed from the checkpoint', async () => {
    expect((await bilevel(denoiseOf(`${noisy}[0:150]`, 'quick', ...LONG))).code).toBe(0)
    const spec = path.join(dir, 'quick', 'spec.yaml')
    expect(parse(readFileSync(spec, 'utf8'))).toMatchObject({ task: 'denoising', seed: 0 })
    const again = ['run', spec, '--out', path.join(dir, 'killed'), '--json', ...workspace]
    const metrics = path.join(dir, 'killed', 'metrics.ndjson')
    const { code, stderr } = await bilevel(again, {
      during: () =>
        void until(() => existsSync(metrics) && readFileSync(metrics).length > 5000).then(() => {
          process.kill(runningProcess(place), 'SIGKILL')
        })
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/SIGKILL/)
    const [killed, ...others] = recordedRuns(place)
    expect(killed).toMatchObject({ state: 'failed', resumable: true })
    expect(killed!.failure!.sentence).toMatch(/SIGKILL/)
    expect(others.some(({ state }) => state === 'done')).toBe(true)
    expect(existsSync(path.join(dir, 'killed', 'report.json'))).toBe(false)
    const resumed = await bilevel(['runs', 'resume', killed!.id, '--json', ...workspace])
    expect(resumed.code).toBe(0)
    // The same as a run that was never stopped.
    expect(readFileSync(path.join(dir, 'killed', 'issues.csv'), 'utf8')).toBe(
      readFileSync(path.join(dir, 'quick', 'issues.csv'), 'utf8')
    )
  })

  test('a run that diverges ends with a result that says so and what to change', async () => {
    const { code, stdout } = await bilevel(
      denoiseOf(
        `${noisy}[0:100]`,
        'diverged',
        ...FEW,
        ...'--lr-lower 1e30 --epochs 3 --backend wasm'.split(' ')
      )
    )
    expect(code).toBe(0)
    const report = reportSchema.parse(JSON.parse(stdout))
    expect(report.stopped).toBe('diverged')
    expect(report.advice.join(' ')).toMatch(/--lr-lower/)
  })
})
