import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { report as reportSchema } from '@shared/domain/report'
import { syntheticMetrics } from '@shared/domain/synthetic-metrics'
import type { SyntheticMetrics } from '@shared/domain/synthetic-metrics'
import { bilevel, temporaryFolder, until } from '@support/command'
import { bilevelHere } from '@support/command-here'
import { isComplete } from '@support/complete'
import { recordedRuns, runningProcess } from '@support/recorded-runs'
import { writtenReport } from '@support/written-report'

const dir = temporaryFolder()
const place = path.join(dir, 'workspace')
const workspace = ['--workspace', place]

function synthetic(out: string, ...more: string[]): string[] {
  return ['synthetic', '--out', path.join(dir, out), '--json', ...workspace, ...more]
}

function metricsOf(stdout: string): SyntheticMetrics {
  return syntheticMetrics.parse(reportSchema.parse(JSON.parse(stdout)).metrics)
}

/** Enough to part the methods: with twice as many Penalty comes three times as near. */
const SHORT = [
  '--problem',
  'difference-singular',
  '--trials',
  '2',
  '--dimension',
  '4',
  '--upper-steps',
  '2000'
]

describe('the synthetic problems from the command line', () => {
  test('Penalty chooses the solution where the lower minimiser is not unique; GD, RMD, ApproxGrad do not', async () => {
    // RMD, which takes as long as all others, goes the way of GD.
    const methods = ['penalty', 'gd', ...(isComplete ? ['rmd'] : []), 'approx-grad']
    const { code, stdout } = await bilevel(synthetic('race', ...SHORT, '--methods', methods.join()))
    expect(code).toBe(0)
    const report = writtenReport(path.join(dir, 'race'), stdout)
    expect(report).toMatchObject({ task: 'synthetic', stopped: 'epochs', backend: { name: 'wasm' } })
    const of = syntheticMetrics.parse(report.metrics).problems['difference-singular']!
    expect(of['penalty']!.error.mean).toBeLessThan(0.5)
    for (const method of methods.slice(1)) {
      expect(of[method]!.error.mean).toBeGreaterThan(10 * of['penalty']!.error.mean)
      expect(of[method]!.upperSteps).toBe(2000)
    }
    const out = path.join(dir, 'race')
    expect(readdirSync(out).sort()).toEqual(
      ['errors.csv', 'metrics.ndjson', 'picture.svg', 'report.json', 'spec.yaml'].sort()
    )
    const lines = readFileSync(path.join(out, 'errors.csv'), 'utf8').trim().split('\n')
    expect(lines[0]).toBe('problem,method,lower_steps,step,seconds,mean,std,max')
    const last = lines
      .filter((line) => line.startsWith('difference-singular,penalty,'))
      .at(-1)!
      .split(',')
    expect(Number(last[3])).toBe(2000)
    expect(Number(last[5])).toBe(of['penalty']!.error.mean)
    const picture = readFileSync(path.join(out, 'picture.svg'), 'utf8')
    // A curve a method, over steps and over seconds.
    expect(picture.match(/<polyline /g)).toHaveLength(2 * methods.length)
    expect(picture).not.toMatch(/NaN|undefined/)
    const events = readFileSync(path.join(out, 'metrics.ndjson'), 'utf8')
    expect(events).toMatch(/"distance difference-singular penalty":/)
  })

  // Otherwise denoising says it for all tasks; the same seed twice: below, killed and not.
  test.runIf(isComplete)('another seed gives other numbers', async () => {
    const few = [...SHORT.slice(0, -1), '30', '--methods', 'penalty,rmd']
    const results = []
    for (const seed of ['0', '1']) {
      const { stdout } = await bilevel(synthetic(`seed-${seed}`, ...few, '--seed', seed))
      const of = metricsOf(stdout).problems['difference-singular']!
      results.push([of['penalty']!.error, of['rmd']!.error])
    }
    expect(results[1]).not.toEqual(results[0])
  })

  test.runIf(isComplete)('time up: exit 0 and what there is so far, marked', async () => {
    const { code, stdout } = await bilevel(
      synthetic('short', '--problem', 'sum', '--upper-steps', '1000000', '--max-seconds', '1')
    )
    expect(code).toBe(0)
    expect(reportSchema.parse(JSON.parse(stdout)).stopped).toBe('time')
    const { penalty } = metricsOf(stdout).problems['sum']!
    expect(penalty!.upperSteps).toBeGreaterThan(0)
    expect(penalty!.upperSteps).toBeLessThan(1000000)
  })

  test('killed and resumed: the same curves as a run that was never stopped', async () => {
    const args = [...SHORT.slice(0, -1), '300', '--methods', 'gd,value-function']
    const metrics = path.join(dir, 'killed', 'metrics.ndjson')
    const events = (): string => (existsSync(metrics) ? readFileSync(metrics, 'utf8') : '')
    const { code } = await bilevel(synthetic('killed', ...args), {
      during: () =>
        void until(() => /"step":1\d\d,.*value-function/.test(events())).then(() =>
          process.kill(runningProcess(place), 'SIGKILL')
        )
    })
    expect(code).toBe(1)
    const killed = recordedRuns(place).find(({ state }) => state === 'failed')!
    expect(killed.resumable).toBe(true)
    expect((await bilevel(['runs', 'resume', killed.id, '--json', ...workspace])).code).toBe(0)
    await bilevel(synthetic('whole', ...args))
    const curves = (out: string): string[] =>
      readFileSync(path.join(dir, out, 'errors.csv'), 'utf8')
        .split('\n')
        .map((line) =>
          line
            .split(',')
            .filter((_, i) => i !== 4)
            .join()
        )
    expect(curves('killed')).toEqual(curves('whole'))
  })

  test('prints a table that a person reads', async () => {
    const { code, stdout } = await bilevel(
      synthetic('read', ...SHORT.slice(0, -1), '20', '--methods', 'penalty,gd').filter(
        (arg) => arg !== '--json'
      )
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\s+penalty\s+gd$/m)
    expect(stdout).toMatch(/^difference-singular\s+[\d.]+\s+[\d.]+$/m)
  })

  test.each([
    [['--problem', 'simple'], /--problem/],
    [['--methods', 'penalty,magic'], /--methods/],
    [['--dimension', '1'], /--dimension/]
  ])('bad usage names the option: %j', async (more, named) => {
    const { code, stderr } = await bilevelHere(synthetic('bad', ...more))
    expect(code).toBe(2)
    expect(stderr).toMatch(named)
    expect(existsSync(path.join(dir, 'bad'))).toBe(false)
  })
})
