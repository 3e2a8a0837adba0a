import { describe, expect, test } from 'vitest'
import { chartGroups } from '@renderer/features/runs/chart-groups'
import { distance, syntheticRows, syntheticSeries } from '@renderer/features/runs/synthetic-table'
import type { SyntheticMethodMetrics } from '@shared/domain/synthetic-metrics'

const metrics = (mean: number, diverged = false): SyntheticMethodMetrics => ({
  error: { mean, std: 0, max: mean },
  optimisticError: mean,
  upperSteps: 100,
  seconds: 1,
  secondsPerStep: 0.01,
  tensorBytes: 1024,
  diverged
})

describe('methods on a problem with a known solution', () => {
  test('come in their usual order; the nearest that did not diverge is marked', () => {
    const rows = syntheticRows({ gd: metrics(0.01, true), rmd: metrics(0.2), penalty: metrics(0.05) })
    expect(rows.map(({ name, nearest }) => [name, nearest])).toEqual([
      ['Penalty', true],
      ['RMD', false],
      ['GD', false]
    ])
    expect(syntheticRows({ gd: metrics(1) })[0]!.nearest).toBe(false)
  })

  test('are drawn over steps or over their own seconds', () => {
    const points = [{ step: 10, seconds: 0.5, mean: 2, std: 0, max: 2 }]
    const curves = [
      { problem: 'sum', method: 'penalty', points },
      { problem: 'difference', method: 'gd', points }
    ]
    expect(syntheticSeries(curves, 'sum', 'steps')).toEqual([
      { name: 'Penalty', method: 'penalty', points: [[10, 2]] }
    ])
    expect(syntheticSeries(curves, 'sum', 'seconds')[0]!.points).toEqual([[0.5, 2]])
  })

  test('distances are short over many decades', () => {
    expect([1.246, 0.0182, 0.00084, 12345, 0, Infinity].map(distance)).toEqual([
      '1.25',
      '0.0182',
      '8.4e-4',
      '1.2e+4',
      '0',
      '∞'
    ])
  })

  test('while they race there is a chart a problem, and none that jumps from method to method', () => {
    const point = [[1, 1]] as const
    const groups = chartGroups({
      f: point,
      'extra.distance': point,
      'extra.distance sum penalty': point,
      'extra.distance sum gd': point,
      'extra.distance difference gd': point
    })
    expect(groups.map(({ title, lines }) => [title, lines.length])).toEqual([
      ['Distance to the solution: sum', 2],
      ['Distance to the solution: difference', 1]
    ])
  })
})
