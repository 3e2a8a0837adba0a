import type { SyntheticMetrics } from '../../../shared/domain/synthetic-metrics'
import { table } from './table'

/** Mean distance to the solution, a row a problem and a column a method. */
export function syntheticLines(metrics: SyntheticMetrics): string[] {
  const problems = Object.entries(metrics.problems)
  const methods = [...new Set(problems.flatMap(([, byMethod]) => Object.keys(byMethod)))]
  const cells = (pick: (of: SyntheticMetrics['problems'][string][string]) => string): string[][] =>
    problems.map(([problem, byMethod]) => [
      problem,
      ...methods.map((method) => {
        const found = byMethod[method]
        if (!found) return '-'
        return found.diverged ? 'diverged' : pick(found)
      })
    ])
  return [
    'Distance to the solution, mean over the trials',
    table(
      ['', ...methods],
      cells(({ error }) => short(error.mean))
    ),
    '',
    'Milliseconds a step on u',
    table(
      ['', ...methods],
      cells(({ secondsPerStep }) => short(1000 * secondsPerStep))
    ),
    ''
  ]
}

function short(value: number): string {
  return value !== 0 && value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2)))
}
